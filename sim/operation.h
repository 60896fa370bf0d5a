// Operations: everything that touches the world, by name. Effects: what a fault makes of one of
// them.
//
// The identity of an operation is a hash of (role, invocation, kind, detail, subject, ordinal) and
// of nothing else, so it does not depend on the order in which things happen. It keys every draw
// and every fault; that is why removing one fault or one command leaves the others' fates as they
// were.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/name.h"
#include "sim/time.h"

namespace sagasim::sim {

class Node;

// One piece of work that a node carries out: a record handed to a consumer group, a command served,
// a row found by a watcher. `attempt` counts from 1 per (scope, trigger) and across restarts.
struct Invocation {
  Name role;                  // the service that works
  Name scope;                 // consumer group, method, watcher or script
  Name trigger;               // type of the event consumed; empty for other work
  Subject subject;            // what it is about; the correlation id of all it causes
  std::uint32_t version = 0;  // aggregate version of the event, or the number of a repeated call
  std::uint32_t copy = 0;     // 0 for the original; otherwise see Copy below
  std::uint32_t attempt = 1;

  std::uint64_t id() const { return id_of_attempt(work_id(), attempt); }
  // The same in two steps, for who asks for several attempts: first everything but the attempt.
  std::uint64_t work_id() const;
  std::uint64_t id_of_attempt(std::uint64_t work, std::uint32_t number) const {
    return combine(work, static_cast<std::uint64_t>(copy) << 32 | number);
  }
};

// Copies of one logical thing: the low half counts those that the system makes (a record sent
// again), the high half says how faults made it out of one of those (a duplicate). Neither consumes
// the other's numbers. Each step at which a fault could have duplicated is a digit to the base of
// four, so that no two ways of duplicating give one name.
enum class Repeated : std::uint8_t { kNot = 0, kAppend = 1, kDelivery = 2, kCall = 3 };
constexpr std::uint32_t resent(std::uint32_t copy) { return copy + 1; }
constexpr std::uint32_t duplicated(std::uint32_t copy, Repeated how) {
  return ((copy >> 16) * 4 + static_cast<std::uint32_t>(how)) << 16 | (copy & 0xffffu);
}

enum class OperationKind : std::uint8_t {
  kSend,          // a one-way message between nodes
  kCall,          // a request to another service, and its reply
  kStatement,     // a read or a locking read in a database
  kCommit,        // the end of a transaction, with its buffered writes
  kPoll,          // a watcher's look at the rows that it waits for
  kAppend,        // a record handed to the broker
  kDelivery,      // a record handed to a consumer
  kOffsetCommit,  // the position of a consumer group
  kRequest,       // a request to an external HTTP service
  kTimer,         // a sleep
  kCommand,       // something asked of a cache
};
inline constexpr int kOperationKinds = 11;

const char* to_text(OperationKind kind);
std::optional<OperationKind> parse_operation_kind(std::string_view text);

// Where in the life of an operation something strikes, and whom.
enum class Phase : std::uint8_t {
  kBefore,  // before it is issued (initiator) or executed (receiver)
  kUnseen,  // after it was executed, before the answer is seen (initiator) or sent (receiver)
  kSeen,    // after the answer was seen and before anything else is done, or just after it was sent
};
enum class Side : std::uint8_t { kInitiator, kReceiver };

struct Effect {
  enum class Kind : std::uint8_t {
    kNone,
    kDrop,       // the message is lost on the way there
    kDelay,      // it arrives `duration` later
    kHold,       // it arrives once the operation `until` has ended, `duration` later at most
    kDuplicate,  // it arrives a second time, `duration` after the first
    kFail,       // it is refused: definitely not done, and the initiator is told
    kReplyLost,  // done, but the answer is lost
    kNotDone,    // not done, and the answer is lost
    kLate,       // done `duration` after the initiator gave up
    kCrash,      // the process on `side` dies at `phase` and is restarted after `duration`
    kPause,      // the initiating process stops for `duration` once the operation is issued
  };

  Kind kind = Kind::kNone;
  Phase phase = Phase::kBefore;
  Side side = Side::kInitiator;
  Duration duration{};
  std::uint64_t until = 0;  // an identity, for kHold

  bool none() const { return kind == Kind::kNone; }
  bool crashes(Side at_side, Phase at_phase) const {
    return kind == Kind::kCrash && side == at_side && phase == at_phase;
  }
  std::uint64_t digest() const {
    return until ^ (static_cast<std::uint64_t>(kind) | static_cast<std::uint64_t>(phase) << 8 |
                    static_cast<std::uint64_t>(side) << 16 |
                    static_cast<std::uint64_t>(duration.count()) << 24);
  }
};

// What the initiator learns. kUnknown is the third outcome of every remote operation: it was done,
// or it was not, or it is still to come.
enum class Outcome : std::uint8_t {
  kOk,
  kRefused,  // definitely not done: nobody listened, or a fault refused it
  kAborted,  // executed and undone: a transaction that lost a conflict
  kUnknown,
};

const char* to_text(Outcome outcome);

// What is looked at again when it arrives and when it is answered comes first.
struct Operation {
  std::uint64_t id = 0;
  Instant at{};  // when it began
  Node* initiator = nullptr;
  Node* receiver = nullptr;         // null for a timer
  std::uint64_t invocation_id = 0;  // invocation.id(), kept because it is needed often
  Subject subject;
  std::uint32_t ordinal = 1;  // counts equal (kind, detail, subject) within the invocation, from 1
  std::uint32_t duplicate = 0;  // > 0: made by a duplicating fault out of the operation without it
  OperationKind kind = OperationKind::kTimer;
  Name detail;  // table, topic, method or reason
  Invocation invocation;
  std::uint64_t cause = 0;  // the operation that its initiator learnt from last
};

// The pieces of an identity, as the kernel puts them together; identity_of() uses the same ones.
constexpr std::uint64_t operation_base(std::uint64_t invocation_id, OperationKind kind,
                                       std::uint64_t detail_hash, std::uint64_t subject_bits) {
  return combine(combine(invocation_id, detail_hash + static_cast<std::uint64_t>(kind)),
                 subject_bits);
}
constexpr std::uint64_t operation_identity(std::uint64_t base, std::uint32_t ordinal,
                                           std::uint32_t duplicate) {
  return combine(base, static_cast<std::uint64_t>(duplicate) << 32 | ordinal);
}
// Its identity but for the numbers that tell equal operations apart. Requires: invocation_id is
// set.
constexpr std::uint64_t base_of(const Operation& operation) {
  return operation_base(operation.invocation_id, operation.kind, operation.detail.hash(),
                        operation.subject.bits());
}

// The `number`th copy that a fault makes of `operation`; named under it.
Operation duplicate_of(const Operation& operation, std::uint32_t number);

// The name for people and for files, e.g. `balance/balance:OrderCreated(c2.3)~2/commit(c2.3)`:
// role, scope, trigger, subject, attempt; kind, detail, subject. Values that are 1 or absent are
// left out.
std::string to_text(const Operation& operation);
std::string to_text(const Invocation& invocation);

// The identity that the name stands for, or nothing if it is not the name of an operation.
// identity_of(to_text(o)) == o.id for every operation.
std::optional<std::uint64_t> identity_of(std::string_view name);

}  // namespace sagasim::sim
