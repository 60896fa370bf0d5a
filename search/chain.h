// Chain: how one thing led to another until something was violated, as steps that have words. Found
// by walking the recorded causes back, from the end and from the faults that it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/plan.h"
#include "scenarios/system.h"
#include "search/recording.h"
#include "sim/time.h"

namespace sagasim::search {

// A fault, and what the run comes to without it.
struct FaultRole {
  std::size_t index = 0;           // into the plan's operations, or their number plus the window's
  std::optional<sim::Instant> at;  // when it struck; nothing: it did not
  bool necessary = false;          // without it the run does not fail like this
  std::string without;             // the signature then; empty: all properties held
};

struct ChainStep {
  enum class Kind : std::uint8_t { kEvent, kFault, kViolation };
  Kind kind = Kind::kEvent;
  sim::Instant at{};
  std::string sentence;     // of an event or of the violation
  std::string operation;    // its name, empty for a window and for the violation
  std::size_t fault = 0;    // of a fault: FaultRole::index
  std::uint32_t times = 1;  // how often the same came to pass
  sim::Instant last{};      // the last time
};

// A failing run, and what is known of it. Everything outlives it.
struct Telling {
  const Recording& recording;
  const std::vector<std::string>& sentences;  // one for each operation; empty: it has no words
  const scenarios::RunResult& result;
  const faults::Plan& plan;
  const std::vector<FaultRole>& faults;
  sim::Subject victim;  // see story_subject()

  const scenarios::Violation& violation() const { return result.violations.front(); }
  bool about_victim(const RecordedOperation& each) const;
  // The necessary fault that struck the operation: FaultRole::index.
  std::optional<std::size_t> fault_on(std::uint64_t identity) const;
};

struct Chain {
  std::vector<ChainStep> steps;        // the violation is the last
  std::vector<sim::Subject> subjects;  // of the work that is told, each once
};
Chain chain_of(const Telling& telling);

}  // namespace sagasim::search
