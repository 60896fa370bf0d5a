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
constexpr Operations kStruck[kOperationKindsOfFault] = {
    set_of({kSend, kCall, kDelivery}),                                     // drop
    kAll,                                                                  // delay
    kAll & ~bit(kSend),                                                    // hold
    set_of({kSend, kCall, kAppend, kDelivery, kRequest, kCommand}),        // duplicate
    kAnswered,                                                             // fail
    kAnswered,                                                             // reply-lost
    kAnswered,                                                             // not-done
    set_of({kCall, kCommit, kAppend, kOffsetCommit, kRequest, kCommand}),  // late
    kAll,                                                                  // crash-before
    kTold,                                                                 // crash-unseen
    kTold,                                                                 // crash-seen
    kRemote,                                                               // receiver-crash-before
    kRemote,                                                               // receiver-crash-unseen
    kRemote,                                                               // receiver-crash-seen
    kAll,                                                                  // pause
};

// Helpers of the catalogue, so that a line says what is particular about its kind.
constexpr KindInfo plain(Kind kind, const char* id, const char* description) {
  return {kind, id, description, false, false, false, false, Target::kNone, {}};
}
constexpr KindInfo timed(Kind kind, const char* id, const char* description) {
  return {kind, id, description, false, false, true, false, Target::kNone, {}};
}
constexpr KindInfo window(Kind kind, const char* id, const char* description, Target target,
                          Amount by = {}) {
  return {kind, id, description, true, false, false, false, target, by};
}
constexpr KindInfo moment(Kind kind, const char* id, const char* description, Target target,
                          Amount by = {}) {
  return {kind, id, description, true, true, false, false, target, by};
}
constexpr KindInfo breaker(KindInfo info) {
  info.breaker = true;
  return info;
}

constexpr sim::Duration ms(std::int64_t n) { return sim::milliseconds(n); }

}  // namespace

const KindInfo kCatalog[kKinds] = {
    plain(Kind::kDrop, "drop", "The message is lost on the way there."),
    timed(Kind::kDelay, "delay", "The message arrives, or the timer fires, that much later."),
    timed(Kind::kHold, "hold",
          "It arrives, or the timer fires, only once another operation has ended, or that much "
          "later."),
    timed(Kind::kDuplicate, "duplicate",
          "The message arrives a second time, that much after the first."),
    plain(Kind::kFail, "fail", "It is refused: definitely not done, and the initiator is told so."),
    plain(Kind::kReplyLost, "reply-lost", "It is done, but the answer is lost."),
    plain(Kind::kNotDone, "not-done", "It is not done, and no answer says so."),
    timed(Kind::kLate, "late", "It is done that much after the initiator gave up."),
    timed(Kind::kCrashBefore, "crash-before",
          "The initiator dies before it issues the operation, and restarts that much later."),
    timed(Kind::kCrashUnseen, "crash-unseen",
          "The initiator dies when it is about to see the answer, and restarts that much later."),
    timed(Kind::kCrashSeen, "crash-seen",
          "The initiator dies once it has taken in the answer, and restarts that much later."),
    timed(Kind::kReceiverCrashBefore, "receiver-crash-before",
          "The receiver dies before it executes the operation, and restarts that much later."),
    timed(
        Kind::kReceiverCrashUnseen, "receiver-crash-unseen",
        "The receiver dies after it executed and before it answers, and restarts that much later."),
    timed(Kind::kReceiverCrashSeen, "receiver-crash-seen",
          "The receiver dies once its answer is on the way, and restarts that much later."),
    timed(Kind::kPause, "pause",
          "The initiating process stops for that long once it has issued the operation."),
    // windows
    window(Kind::kPartition, "partition", "Nothing passes between two roles for a while.",
           Target::kPair),
    window(Kind::kOneWayPartition, "one-way-partition",
           "Nothing passes from one role to another for a while, but everything the other way.",
           Target::kPair),
    window(Kind::kIsolation, "isolation",
           "A role, or one instance of it, is cut off from everybody for a while.", Target::kRole),
    window(Kind::kOutage, "outage", "A role is up but refuses every request for a while.",
           Target::kServer),
    window(Kind::kSlowness, "slowness",
           "Every message to and from a role takes up to that much longer.", Target::kRole,
           {"the most that a message takes longer", ms(10), ms(3'000)}),
    window(
        Kind::kOverload, "overload",
        "Each request costs a role that much more of its time, so that they queue and are refused.",
        Target::kRole, {"how much longer each request takes", ms(1), ms(400)}),
    window(Kind::kClockOffset, "clock-offset",
           "The clock of a role is ahead by that much, or behind if it is negative, and then "
           "corrected.",
           Target::kService, {"how far the clock is ahead", ms(10), ms(60'000), true}),
    window(Kind::kClockDrift, "clock-drift",
           "The clock of a role gains that much by the end, or loses it if negative, and is then "
           "corrected.",
           Target::kService, {"how much the clock gains by the end", ms(10), ms(10'000), true}),
    window(Kind::kCrashLoop, "crash-loop",
           "A role crashes again and again, once in that much time, and is down for half of it.",
           Target::kRole, {"the time from one crash to the next", ms(500), ms(6'000)}),
    window(Kind::kPowerCut, "power-cut",
           "All services and their parts are down at once, and start together at the end.",
           Target::kNone),
    window(Kind::kUpgrade, "upgrade",
           "Instance by instance the services are restarted with a newer version; the old one "
           "cannot read what the new one writes.",
           Target::kNone),
    window(Kind::kShortLatencies, "short-latencies", "Every message takes its shortest time.",
           Target::kNone),
    window(Kind::kHeavyTails, "heavy-tails",
           "One message in eight takes 16 to 2,048 times as long.", Target::kNone),
    window(Kind::kPriorities, "priorities",
           "Each piece of work has a rank, and its messages take up to 128 times as long; the next "
           "window deals the ranks anew.",
           Target::kNone),
    // moments
    moment(Kind::kMidnight, "midnight",
           "The date changes; the universe begins that long before midnight.", Target::kNone),
    moment(Kind::kCorruptRecord, "corrupt-record", "A malformed record is added to a topic.",
           Target::kTopic),
    moment(Kind::kOffsetReset, "offset-reset",
           "An operator sets a consumer group back to what was appended in that much time before.",
           Target::kGroup, {"how far it is set back", ms(500), ms(60'000)}),
    moment(Kind::kRedrive, "redrive",
           "An operator has the dead letters of a consumer group handed to it again.",
           Target::kGroup),
    moment(Kind::kExpandPartitions, "expand-partitions",
           "An operator gives a topic one more partition, and keys move.", Target::kTopic),
    moment(Kind::kRunJobsAgain, "run-jobs-again",
           "The background jobs of a role run once more, beside themselves.", Target::kService),
    // breakers
    breaker(moment(Kind::kAcks1, "acks1",
                   "The broker fails over to a replica that lacks what was appended in that much "
                   "time before, though it was acknowledged.",
                   Target::kNone, {"how much of the logs is lost", ms(5), ms(1'000)})),
    breaker(moment(Kind::kUncleanElection, "unclean-election",
                   "The broker elects a replica that was out of sync: what was appended in that "
                   "much time before is gone.",
                   Target::kNone, {"how much of the logs is lost", ms(1'000), ms(30'000)})),
    breaker(moment(Kind::kShortRetention, "short-retention",
                   "Records older than that can no longer be read, whoever has not read them yet.",
                   Target::kNone, {"how old the oldest readable record is", ms(50), ms(10'000)})),
    breaker(moment(Kind::kDatabaseFailover, "database-failover",
                   "A database fails over to a replica that lacks what was committed in that much "
                   "time before.",
                   Target::kDatabase, {"how much of the commits is lost", ms(1), ms(1'000)})),
    breaker(moment(Kind::kDatabaseRestored, "database-restored",
                   "A database is restored from a backup that is that old.", Target::kDatabase,
                   {"how old the backup is", ms(1'000), ms(30'000)})),
    breaker(moment(Kind::kKeyExpiry, "key-expiry",
                   "A service outside the system forgets its idempotency keys.",
                   Target::kExternal)),
    breaker(window(Kind::kReplicaLag, "replica-lag",
                   "Plain reads go to a replica of the database that is that far behind.",
                   Target::kDatabase, {"how far the replica is behind", ms(10), ms(10'000)})),
    breaker(
        window(Kind::kLockTimeoutStatement, "lock-timeout-statement",
               "A statement that meets a lock fails alone, and its transaction goes on without it.",
               Target::kDatabase)),
    // moments of a cache
    moment(Kind::kCacheFailover, "cache-failover",
           "A cache fails over to a replica that lacks what was written in that much time before.",
           Target::kCache, {"how much of the writes is lost", ms(1), ms(5'000)}),
    moment(Kind::kCacheWipe, "cache-wipe", "A cache is empty from one moment to the next.",
           Target::kCache),
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
    case sim::Effect::Kind::kHold:
      return Kind::kHold;
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

sim::Effect effect_of(Kind kind, sim::Duration duration) {
  const auto simple = [](sim::Effect::Kind effect) { return sim::Effect{.kind = effect}; };
  const auto lasting = [duration](sim::Effect::Kind effect) {
    return sim::Effect{.kind = effect, .duration = duration};
  };
  const auto crash = [duration](sim::Side side, sim::Phase phase) {
    return sim::Effect{
        .kind = sim::Effect::Kind::kCrash, .phase = phase, .side = side, .duration = duration};
  };
  switch (kind) {
    case Kind::kDrop:
      return simple(sim::Effect::Kind::kDrop);
    case Kind::kDelay:
      return lasting(sim::Effect::Kind::kDelay);
    case Kind::kHold:
      return lasting(sim::Effect::Kind::kHold);
    case Kind::kDuplicate:
      return lasting(sim::Effect::Kind::kDuplicate);
    case Kind::kFail:
      return simple(sim::Effect::Kind::kFail);
    case Kind::kReplyLost:
      return simple(sim::Effect::Kind::kReplyLost);
    case Kind::kNotDone:
      return simple(sim::Effect::Kind::kNotDone);
    case Kind::kLate:
      return lasting(sim::Effect::Kind::kLate);
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
      return lasting(sim::Effect::Kind::kPause);
    default:
      break;
  }
  SAGASIM_CHECK(false, "a window has no effect on an operation");
}

bool can_strike(Kind kind, sim::OperationKind operation) {
  return !info_of(kind).window && (kStruck[static_cast<unsigned>(kind)] & bit(operation)) != 0;
}

std::string label_of(const WindowFault& window) {
  std::string text = info_of(window.kind).id;
  if (!window.target.empty()) {
    text += " of " + window.target;
  }
  if (!window.peer.empty()) {
    text += (window.kind == Kind::kOneWayPartition ? " to " : " and ") + window.peer;
  }
  return text;
}

std::uint64_t identity_of(const WindowFault& window) {
  std::uint64_t hash = static_cast<std::uint64_t>(window.kind) + 1;
  for (const std::string* text :
       {&window.target, &window.peer, &window.after, &window.until_after}) {
    hash = sim::combine(hash, sim::hash_text(*text));
  }
  hash = sim::combine(sim::combine(hash, sim::ticks(window.from)), sim::ticks(window.until));
  return sim::combine(hash, static_cast<std::uint64_t>(window.by.count()));
}

}  // namespace sagasim::faults
