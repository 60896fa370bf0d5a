#include <initializer_list>

#include "faults/plan.h"
#include "sim/check.h"
#include "sim/hash.h"

namespace sagasim::faults {
namespace {

using Operations = std::uint32_t;  // a set of sim::OperationKind, one bit each

constexpr Operations bit(sim::OperationKind kind) { return 1u << static_cast<unsigned>(kind); }

constexpr Operations set_of(std::initializer_list<sim::OperationKind> kinds) {
  Operations set = 0;
  for (const sim::OperationKind kind : kinds) {
    set |= bit(kind);
  }
  return set;
}

using enum sim::OperationKind;

constexpr Operations kAll = (1u << sim::kOperationKinds) - 1;
// A timer ends at home and a one-way message where it arrives: nobody hears how it went.
constexpr Operations kTold = kAll & ~bit(kSend);
constexpr Operations kRemote = kTold & ~bit(kTimer);
// A delivery stands for the answer to a long poll: lost or slow, but never refused or in doubt.
constexpr Operations kAnswered = kRemote & ~bit(kDelivery);

// In the order of Kind. What is left out is what the kernel would ignore; a second execution of a
// statement, a commit or a poll is kept away by the connection that these travel on, and one that
// only reads changes nothing when it comes too late.
constexpr Operations kStruck[kKinds] = {
    set_of({kSend, kCall, kDelivery}),                           // drop
    kAll,                                                        // delay
    set_of({kSend, kCall, kAppend, kDelivery, kRequest}),        // duplicate
    kAnswered,                                                   // fail
    kAnswered,                                                   // reply-lost
    kAnswered,                                                   // not-done
    set_of({kCall, kCommit, kAppend, kOffsetCommit, kRequest}),  // late
    kAll,                                                        // crash-before
    kTold,                                                       // crash-unseen
    kTold,                                                       // crash-seen
    kRemote,                                                     // receiver-crash-before
    kRemote,                                                     // receiver-crash-unseen
    kRemote,                                                     // receiver-crash-seen
    kAll,                                                        // pause
    0,                                                           // partition
    0,                                                           // one-way-partition
    0,                                                           // outage
};

}  // namespace

const KindInfo kCatalog[kKinds] = {
    {Kind::kDrop, "drop", "The message is lost on the way there.", false},
    {Kind::kDelay, "delay", "The message arrives, or the timer fires, that much later.", false,
     true},
    {Kind::kDuplicate, "duplicate", "The message arrives a second time, that much after the first.",
     false, true},
    {Kind::kFail, "fail", "It is refused: definitely not done, and the initiator is told so.",
     false},
    {Kind::kReplyLost, "reply-lost", "It is done, but the answer is lost.", false},
    {Kind::kNotDone, "not-done", "It is not done, and no answer says so.", false},
    {Kind::kLate, "late", "It is done that much after the initiator gave up.", false, true},
    {Kind::kCrashBefore, "crash-before",
     "The initiator dies before it issues the operation, and restarts that much later.", false,
     true},
    {Kind::kCrashUnseen, "crash-unseen",
     "The initiator dies when it is about to see the answer, and restarts that much later.", false,
     true},
    {Kind::kCrashSeen, "crash-seen",
     "The initiator dies once it has taken in the answer, and restarts that much later.", false,
     true},
    {Kind::kReceiverCrashBefore, "receiver-crash-before",
     "The receiver dies before it executes the operation, and restarts that much later.", false,
     true},
    {Kind::kReceiverCrashUnseen, "receiver-crash-unseen",
     "The receiver dies after it executed and before it answers, and restarts that much later.",
     false, true},
    {Kind::kReceiverCrashSeen, "receiver-crash-seen",
     "The receiver dies once its answer is on the way, and restarts that much later.", false, true},
    {Kind::kPause, "pause",
     "The initiating process stops for that long once it has issued the operation.", false, true},
    {Kind::kPartition, "partition", "Nothing passes between two roles for a while.", true},
    {Kind::kOneWayPartition, "one-way-partition",
     "Nothing passes from one role to another for a while, but everything the other way.", true},
    {Kind::kOutage, "outage", "A role is up but refuses every request for a while.", true},
};

const KindInfo* find_kind(std::string_view id) {
  for (const KindInfo& info : kCatalog) {
    if (id == info.id) {
      return &info;
    }
  }
  return nullptr;
}

Kind kind_of(const sim::Effect& effect) {
  const bool at_initiator = effect.side == sim::Side::kInitiator;
  switch (effect.kind) {
    case sim::Effect::Kind::kNone:
      break;
    case sim::Effect::Kind::kDrop:
      return Kind::kDrop;
    case sim::Effect::Kind::kDelay:
      return Kind::kDelay;
    case sim::Effect::Kind::kDuplicate:
      return Kind::kDuplicate;
    case sim::Effect::Kind::kFail:
      return Kind::kFail;
    case sim::Effect::Kind::kReplyLost:
      return Kind::kReplyLost;
    case sim::Effect::Kind::kNotDone:
      return Kind::kNotDone;
    case sim::Effect::Kind::kLate:
      return Kind::kLate;
    case sim::Effect::Kind::kPause:
      return Kind::kPause;
    case sim::Effect::Kind::kCrash:
      switch (effect.phase) {
        case sim::Phase::kBefore:
          return at_initiator ? Kind::kCrashBefore : Kind::kReceiverCrashBefore;
        case sim::Phase::kUnseen:
          return at_initiator ? Kind::kCrashUnseen : Kind::kReceiverCrashUnseen;
        case sim::Phase::kSeen:
          return at_initiator ? Kind::kCrashSeen : Kind::kReceiverCrashSeen;
      }
  }
  SAGASIM_CHECK(false, "no effect, no kind");
}

Kind kind_of(const WindowFault& window) {
  switch (window.kind) {
    case WindowFault::Kind::kPartition:
      return Kind::kPartition;
    case WindowFault::Kind::kOneWayPartition:
      return Kind::kOneWayPartition;
    case WindowFault::Kind::kOutage:
      return Kind::kOutage;
  }
  SAGASIM_CHECK(false, "no such kind of window");
}

sim::Effect effect_of(Kind kind, sim::Duration duration) {
  const auto plain = [](sim::Effect::Kind effect) { return sim::Effect{.kind = effect}; };
  const auto timed = [duration](sim::Effect::Kind effect) {
    return sim::Effect{.kind = effect, .duration = duration};
  };
  const auto crash = [duration](sim::Side side, sim::Phase phase) {
    return sim::Effect{
        .kind = sim::Effect::Kind::kCrash, .phase = phase, .side = side, .duration = duration};
  };
  switch (kind) {
    case Kind::kDrop:
      return plain(sim::Effect::Kind::kDrop);
    case Kind::kDelay:
      return timed(sim::Effect::Kind::kDelay);
    case Kind::kDuplicate:
      return timed(sim::Effect::Kind::kDuplicate);
    case Kind::kFail:
      return plain(sim::Effect::Kind::kFail);
    case Kind::kReplyLost:
      return plain(sim::Effect::Kind::kReplyLost);
    case Kind::kNotDone:
      return plain(sim::Effect::Kind::kNotDone);
    case Kind::kLate:
      return timed(sim::Effect::Kind::kLate);
    case Kind::kCrashBefore:
      return crash(sim::Side::kInitiator, sim::Phase::kBefore);
    case Kind::kCrashUnseen:
      return crash(sim::Side::kInitiator, sim::Phase::kUnseen);
    case Kind::kCrashSeen:
      return crash(sim::Side::kInitiator, sim::Phase::kSeen);
    case Kind::kReceiverCrashBefore:
      return crash(sim::Side::kReceiver, sim::Phase::kBefore);
    case Kind::kReceiverCrashUnseen:
      return crash(sim::Side::kReceiver, sim::Phase::kUnseen);
    case Kind::kReceiverCrashSeen:
      return crash(sim::Side::kReceiver, sim::Phase::kSeen);
    case Kind::kPause:
      return timed(sim::Effect::Kind::kPause);
    case Kind::kPartition:
    case Kind::kOneWayPartition:
    case Kind::kOutage:
      break;
  }
  SAGASIM_CHECK(false, "a window has no effect on an operation");
}

bool can_strike(Kind kind, sim::OperationKind operation) {
  return (kStruck[static_cast<unsigned>(kind)] & bit(operation)) != 0;
}

std::uint64_t identity_of(const WindowFault& window) {
  const std::uint64_t what =
      sim::combine(static_cast<std::uint64_t>(kind_of(window)) + 1, sim::hash_text(window.target));
  const std::uint64_t where = sim::combine(what, sim::hash_text(window.peer));
  return sim::combine(sim::combine(where, sim::ticks(window.from)), sim::ticks(window.until));
}

}  // namespace sagasim::faults
