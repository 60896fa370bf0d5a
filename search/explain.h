// Explain: why a run fails, found by running it otherwise. Which of its faults are necessary, when
// it was too late, how the one led to the other, and which guards would have prevented it.
//
// Works on any failing run, and says most about one that was minimised: where a failure has two
// sufficient causes, neither is necessary.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/system.h"
#include "search/chain.h"
#include "search/divergence.h"
#include "search/minimize.h"
#include "search/recording.h"
#include "sim/time.h"

namespace sagasim::search {

struct ExplainOptions {
  unsigned jobs = 1;                        // threads, at least 1
  std::uint32_t continuations = 32;         // other futures of one past
  std::uint64_t seeds_around = 200;         // runs of the same scenario that a remedy must hold in
  const std::atomic<bool>* stop = nullptr;  // no run begins once it is true
  // Called on the caller's thread: what is being done, and how much of the whole is, 0 to 1.
  std::function<void(const std::string& what, double share)> progress{};
};

// From here on the failure comes, whatever chance does and even if nothing else goes wrong.
struct PointOfNoReturn {
  sim::Instant at{};
  std::string operation;             // that began then, by its name; empty: from the beginning
  std::string sentence;              // what that was; may be empty
  std::optional<std::size_t> fault;  // the necessary fault that struck it: FaultRole::index
  std::uint32_t continuations = 0;   // all of which failed like this
  std::uint32_t before = 0;          // how many did with the past a little shorter
};

// Where the failing run leaves the nearest one that does not fail like this: of the runs without
// one of the necessary faults the one that goes with it furthest; if no fault is necessary, another
// future of the longest past that leaves a way out.
struct Parting {
  std::optional<std::size_t> fault;  // what the other run lacks, FaultRole::index; nothing: chance
  Divergence divergence;             // the first operation that differs
  // The first difference that somebody notices: what comes to pass, and what does instead without
  // the fault. Either may be empty: nothing.
  sim::Instant at{};
  std::string with;
  std::string without;
};

// Guards that together prevent the failure, here, under kShakes variations of latencies and in the
// seeds around, and none of which can be spared.
struct Remedy {
  std::vector<std::string> changes;
};

struct Explanation {
  scenarios::RunResult result;  // of the run itself
  std::string signature;
  Recording recording;            // of the run itself
  std::vector<FaultRole> faults;  // in the order of the plan
  std::optional<PointOfNoReturn> no_return;
  std::vector<ChainStep> chain;
  std::optional<Parting> parting;
  std::vector<std::string> guards;  // all that could be set back
  std::vector<Remedy> remedies;     // the smallest first
  std::uint64_t around = 0;         // runs of the seeds around, as the scenario is
  std::uint64_t around_failed = 0;  // of those, how many show this failure
  std::uint64_t runs = 0;
  bool interrupted = false;  // what comes after in this list is not there
};

// Requires: the run fails.
Explanation explain(const Case& what, const ExplainOptions& options);

// Whether a violation with this signature is among those of the run, first or not.
bool shows(const scenarios::RunResult& result, const std::string& signature);

}  // namespace sagasim::search
