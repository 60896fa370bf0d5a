// Sweep: many seeds of one system over a pool of threads, added up. Which runs fail, and of how
// many causes.
//
// The answer is a function of the seeds that were run: the same for any number of threads,
// whichever finished first. Results are taken in the order of their seeds, and a thread that is far
// ahead waits, so memory is bounded and what an interrupted sweep reports is always the seeds from
// the first up to some last one, without a gap.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "faults/plan.h"
#include "scenarios/system.h"
#include "sim/name.h"
#include "sim/time.h"

namespace sagasim::search {

// How far a sweep is.
struct SweepProgress {
  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
  std::uint64_t seeds = 0;   // how many were asked for; 0: as many as the time allows
  double seconds = 0;        // since the start
  double seconds_limit = 0;  // 0: none
};

struct SweepOptions {
  std::uint64_t from = 0;        // the first seed
  std::uint64_t seeds = 2000;    // how many, one after the other; 0: until `seconds` are over
  double seconds = 0;            // no run begins later than this; 0: no limit
  unsigned jobs = 1;             // threads, at least 1
  std::uint64_t stop_after = 0;  // ends with the seed of this many-th failure; 0: never
  const std::atomic<bool>* stop = nullptr;  // no run begins once it is true
  // The wall clock, from anywhere. Null: rates are 0 and `seconds` is no limit.
  std::function<double()> seconds_now{};
  // Called on the caller's thread, at most ten times a second.
  std::function<void(const SweepProgress&)> progress{};
};

// Failures that look alike, by scenarios::RunResult::signature().
struct Cause {
  std::string signature;
  std::uint64_t count = 0;
  std::uint64_t first_seed = 0;  // the rest is what that run said
  std::uint64_t fingerprint = 0;
  std::string property;
  std::string message;
  sim::Subject subject;
  sim::Instant at{};
};

// An error of the simulator itself, in one run.
struct InternalError {
  std::uint64_t seed = 0;
  std::string message;
};

// Cells are pairs (kind of fault, property): seen in a run that injected the one and evaluated the
// other.
struct Coverage {
  std::uint64_t cells = 0;
  std::uint64_t seen = 0;
  std::uint64_t seen_once = 0;  // in exactly one run
};

struct SweepResult {
  std::uint64_t from = 0;
  std::uint64_t runs = 0;  // of the seeds from, from + 1, …
  std::uint64_t failed = 0;
  std::uint64_t inconclusive = 0;
  std::optional<std::uint64_t> first_seed;  // the first that failed
  std::optional<std::uint64_t> first_inconclusive_seed;
  std::vector<Cause> causes;                               // in the order of their first seeds
  std::map<std::string, std::uint64_t> properties;         // sums over the runs, as in RunResult
  std::map<std::string, std::uint64_t> property_failures;  // runs that violated it at all
  std::uint64_t faults[faults::kKinds] = {};
  std::map<std::string, std::uint64_t> left_over;  // faults of a plan: in how many runs
  std::map<std::string, std::map<std::string, std::uint64_t>> tallies;
  std::uint64_t operations = 0;
  sim::Duration virtual_time{};
  Coverage coverage;
  std::uint64_t digest = 0;                     // over the set of (seed, fingerprint)
  std::optional<InternalError> internal_error;  // the sweep ended with that seed
  bool interrupted = false;                     // `stop` came before the end
  bool out_of_time = false;                     // `seconds` did
  bool stopped_after = false;                   // `stop_after` did
  unsigned jobs = 1;
  double seconds = 0;
};

// Runs the seeds. What a run throws ends the sweep with an internal error and is never passed on.
SweepResult sweep(const scenarios::System& system, const SweepOptions& options);

}  // namespace sagasim::search
