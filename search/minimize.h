// Minimise: from a failing run to the smallest one that fails in the same way, so that what is left
// in it is what the failure needs.
//
// Typed simplifications, large ones first: faults and windows, then whatever the system can do
// without, then its guards one by one towards the reference, then rounder and calmer values. A
// simplification stays iff the run still has the same signature; the passes repeat until none is
// left that does. That is a local minimum: no single step makes the run smaller.
//
// It means something because identities are names: what is taken away leaves all else with its
// draws and its fate.
//
// The answer is the same for any number of threads. Candidates stand in a fixed order, and the
// first in that order that works is taken, whichever was tried first. Only a budget in seconds and
// an interrupt depend on the machine.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faults/plan.h"
#include "scenarios/system.h"

namespace sagasim::search {

// A run that can be made again: with `setup->system()`, this seed and this plan.
struct Case {
  // Shared with every case that differs in its seed or plan alone; never changed.
  std::shared_ptr<const scenarios::Reducible> setup;
  std::uint64_t seed = 0;
  faults::Plan plan;
};
scenarios::RunResult run(const Case& what);

// How many variations of latencies a minimised run is tried under, see Reducible::shaken().
inline constexpr std::uint32_t kShakes = 8;
// Under how many of them it fails with this signature.
std::uint32_t sturdiness(const Case& what, const std::string& signature);

struct MinimizeProgress {
  std::uint64_t runs = 0;
  std::uint64_t runs_limit = 0;  // 0: none
  std::size_t faults = 0;        // of the smallest so far
  std::map<std::string, std::uint64_t> counts;
  std::string pass;  // what is being tried, e.g. "orders"
  double seconds = 0;
  double seconds_limit = 0;  // 0: none
};

struct MinimizeOptions {
  // No run begins later than this, but for the kShakes that tell how sturdy the result is; 0: no
  // limit.
  double seconds = 0;
  std::uint64_t runs = 0;                   // as many runs at most, those too; 0: no limit
  bool keep_guards = false;                 // those that are off stay off
  unsigned jobs = 1;                        // threads, at least 1
  const std::atomic<bool>* stop = nullptr;  // no run begins once it is true
  // The wall clock, from anywhere. Null: `seconds` is no limit.
  std::function<double()> seconds_now{};
  // Called on the caller's thread, at most ten times a second.
  std::function<void(const MinimizeProgress&)> progress{};
};

// A run and what it gave.
struct Found {
  Case what;
  scenarios::RunResult result;
};

struct MinimizeResult {
  Found before;
  Found after;
  // Runs met on the way that fail in another way: the smallest of each signature, in the order in
  // which the signatures were met.
  std::vector<Found> others;
  std::uint64_t runs = 0;
  std::uint32_t sturdiness = 0;  // of `after`, out of `shakes`
  std::uint32_t shakes = 0;      // kShakes; 0: there were not so many runs left
  bool minimal = false;          // no single step makes it smaller
  bool interrupted = false;      // `stop` came before that
  bool out_of_budget = false;    // time or runs were over before that
  // What a candidate threw: a defect of the simulator. The candidate counts as one that works not.
  std::optional<std::string> internal_error;
  double seconds = 0;
};

// Makes `start` smaller. If it does not fail, `after` is `before`, after one run. What the first
// run throws is passed on.
MinimizeResult minimize(const Case& start, const MinimizeOptions& options);

}  // namespace sagasim::search
