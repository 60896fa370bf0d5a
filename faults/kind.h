// Kinds: every way in which a run can go wrong, each in one line of the catalogue.
//
// A kind is one of three shapes. An operation's fault strikes one named operation. A window lasts
// for a while. A moment happens at an instant. A breaker takes away a guarantee that real systems
// give and that protocols may rely on; chance injects it only where it is asked for by name.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/operation.h"
#include "sim/time.h"

namespace sagasim::faults {

enum class Kind : std::uint8_t {
  // --- of one operation; a crash counts under its phase and side ---
  kDrop,
  kDelay,
  kHold,
  kDuplicate,
  kFail,
  kReplyLost,
  kNotDone,
  kLate,
  kCrashBefore,
  kCrashUnseen,
  kCrashSeen,
  kReceiverCrashBefore,
  kReceiverCrashUnseen,
  kReceiverCrashSeen,
  kPause,
  // --- windows ---
  kPartition,
  kOneWayPartition,
  kIsolation,
  kOutage,
  kSlowness,
  kOverload,
  kClockOffset,
  kClockDrift,
  kCrashLoop,
  kPowerCut,
  kUpgrade,
  kShortLatencies,
  kHeavyTails,
  kPriorities,
  // --- moments ---
  kMidnight,
  kCorruptRecord,
  kOffsetReset,
  kRedrive,
  kExpandPartitions,
  kRunJobsAgain,
  // --- breakers ---
  kAcks1,
  kUncleanElection,
  kShortRetention,
  kDatabaseFailover,
  kDatabaseRestored,
  kKeyExpiry,
  kReplicaLag,
  kLockTimeoutStatement,
  // --- moments of a cache: behind the others, as a window's identity has its place in here ---
  kCacheFailover,
  kCacheWipe,
};
inline constexpr int kOperationKindsOfFault = static_cast<int>(Kind::kPause) + 1;
inline constexpr int kKinds = static_cast<int>(Kind::kCacheWipe) + 1;

// What a window or a moment happens to, and so what its target names.
enum class Target : std::uint8_t {
  kNone,      // everything, or the one thing of its sort
  kRole,      // every instance of a role ("payment"), or one ("payment#2")
  kPair,      // two of them: target and peer
  kServer,    // a role that answers requests and is no service: a part, or something outside
  kService,   // a role with a program
  kDatabase,  // the server of a database
  kExternal,  // a service outside the system
  kGroup,     // a consumer group
  kTopic,
  kCache,  // every cache; there is no name to give
};

// The amount that a kind takes, if it takes one, and between what chance draws it.
struct Amount {
  const char* meaning = nullptr;  // null: it takes none
  sim::Duration low{};
  sim::Duration high{};
  bool either_sign = false;
};

struct KindInfo {
  Kind kind;
  const char* id;           // in files and on the command line, e.g. "reply-lost"
  const char* description;  // one sentence
  bool window = false;      // a window or a moment, not an operation's fault
  bool moment = false;
  bool timed = false;  // an operation's fault that has a duration
  bool breaker = false;
  Target target = Target::kNone;
  Amount by{};
};

// One line per kind, in the order of the enum.
extern const KindInfo kCatalog[kKinds];
inline const KindInfo& info_of(Kind kind) { return kCatalog[static_cast<unsigned>(kind)]; }
const KindInfo* find_kind(std::string_view id);  // null if there is none

Kind kind_of(const sim::Effect& effect);  // Requires: not none
// The effect that an operation fault of this kind has; `duration` counts only where the kind is
// timed. Requires: not a window kind.
sim::Effect effect_of(Kind kind, sim::Duration duration);
// Whether the kernel lets a fault of this kind change anything about operations of that kind: a
// lost reply means nothing to a one-way message. Window kinds strike no operation.
bool can_strike(Kind kind, sim::OperationKind operation);

}  // namespace sagasim::faults
