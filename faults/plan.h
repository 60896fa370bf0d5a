// Plan: everything that goes wrong in one run, by name. What chance writes, a person edits and a
// test pins; a run under a plan repeats the run that it was recorded from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/operation.h"
#include "sim/time.h"

namespace sagasim::faults {

// A fault that strikes one operation.
struct OperationFault {
  std::string operation;       // its name, see sim::to_text(Operation)
  std::uint64_t identity = 0;  // what the name stands for
  sim::Effect effect;
};

// A fault that lasts for a while. `from` < `until`.
struct WindowFault {
  enum class Kind : std::uint8_t {
    kPartition,        // nothing passes between `target` and `peer`
    kOneWayPartition,  // nothing passes from `target` to `peer`
    kOutage,           // `target` is up and refuses every request
  };
  Kind kind = Kind::kOutage;
  std::string target;  // a role, e.g. "payment" or "payment-db"
  std::string peer;    // for partitions
  sim::Instant from{};
  sim::Instant until{};
};

struct Plan {
  std::vector<OperationFault> operations;  // in the order in which they struck, or as written
  std::vector<WindowFault> windows;
  std::size_t size() const { return operations.size() + windows.size(); }
};

// Every kind of fault, for counters, lists and files. A crash counts under its phase and side.
enum class Kind : std::uint8_t {
  kDrop,
  kDelay,
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
  kPartition,
  kOneWayPartition,
  kOutage,
};
inline constexpr int kKinds = 17;

struct KindInfo {
  Kind kind;
  const char* id;           // in files and on the command line, e.g. "reply-lost"
  const char* description;  // one sentence
  bool window;
  bool timed = false;  // an operation's fault of this kind has a duration
};

// One line per kind, in the order of the enum.
extern const KindInfo kCatalog[kKinds];
const KindInfo* find_kind(std::string_view id);  // null if there is none
Kind kind_of(const sim::Effect& effect);         // Requires: not none
Kind kind_of(const WindowFault& window);
// The effect that an operation fault of this kind has; `duration` counts only where the kind is
// timed. Requires: not a window kind.
sim::Effect effect_of(Kind kind, sim::Duration duration);
// Whether the kernel lets a fault of this kind change anything about operations of that kind: a
// lost reply means nothing to a one-way message. Window kinds strike no operation.
bool can_strike(Kind kind, sim::OperationKind operation);

// The name of a window as a cause and in ties: a hash of all that it says, so that it is the same
// in the run that drew the window and in every run that replays it.
std::uint64_t identity_of(const WindowFault& window);

}  // namespace sagasim::faults
