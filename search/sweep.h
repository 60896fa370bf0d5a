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

#include "scenarios/system.h"
#include "search/figures.h"
#include "sim/hash.h"

namespace sagasim::search {

// One of `count` shares of all seeds, dealt by their hashes: more seeds move none to another share.
struct Partition {
  std::uint64_t index = 1;  // 1..count
  std::uint64_t count = 1;

  bool has(std::uint64_t seed) const { return count <= 1 || sim::mix(seed) % count == index - 1; }
  friend bool operator==(const Partition&, const Partition&) = default;
};

// Seeds lie in blocks. What is kept of a sweep is kept by block, so that two sweeps of the same
// seeds, begun anywhere, mostly keep the same things.
inline constexpr std::uint64_t kBlock = 1024;
constexpr std::uint64_t block_of(std::uint64_t seed) { return seed / kBlock; }

// Runs one after the other: all seeds of the partition from the first to the last one, which lie in
// one block.
struct Stretch {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool goes_on = false;  // right where the one before it ended
  Figures figures;
  std::vector<FailedRun> failures;
};

// How far a sweep is.
struct SweepProgress {
  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
  std::uint64_t skipped = 0;  // seeds of another partition, or done before
  std::uint64_t seeds = 0;    // how many were asked for; 0: as many as the time allows
  double seconds = 0;         // since the start
  double seconds_limit = 0;   // 0: none
};

struct SweepOptions {
  std::uint64_t from = 0;        // the first seed
  std::uint64_t seeds = 2000;    // how many, one after the other; 0: until `seconds` are over
  Partition partition{};         // of those, the ones that are run
  double seconds = 0;            // no run begins later than this; 0: no limit
  unsigned jobs = 1;             // threads, at least 1
  std::uint64_t stop_after = 0;  // ends with the seed of this many-th failure; 0: never
  const std::atomic<bool>* stop = nullptr;  // no run begins once it is true
  // The wall clock, from anywhere. Null: rates are 0 and `seconds` is no limit.
  std::function<double()> seconds_now{};
  // Called on the caller's thread, at most ten times a second.
  std::function<void(const SweepProgress&)> progress{};

  // What was done before: seeds that need not be run, and how many runs of those failed. Called by
  // one thread at a time.
  std::function<bool(std::uint64_t seed)> is_done{};
  std::uint64_t failed_before = 0;
  // Called on the caller's thread, now and then and at the end, with every run that has finished
  // since the last time; meanwhile the others go on. What it throws ends the sweep and is passed
  // on.
  std::function<void(const std::vector<Stretch>&)> keep{};
};

// An error of the simulator itself, in one run.
struct InternalError {
  std::uint64_t seed = 0;
  std::string message;
};

struct SweepResult : Figures {
  std::uint64_t from = 0;     // the runs are of the seeds from here to `last`,
  std::uint64_t last = 0;     // meaningful iff there were any,
  Partition partition{};      // as far as they are in this
  std::vector<Cause> causes;  // in the order of their first seeds
  Coverage coverage;
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
