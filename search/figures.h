// Figures: what many runs of one system add up to. Sums only, so it does not matter in what order
// runs, or figures of other runs, are added.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "faults/plan.h"
#include "scenarios/system.h"
#include "sim/name.h"
#include "sim/time.h"

namespace sagasim::search {

// A run that failed, as far as it is kept.
struct FailedRun {
  std::uint64_t seed = 0;
  std::uint64_t fingerprint = 0;
  std::string signature;  // scenarios::RunResult::signature()
  // Of the most specific violation:
  std::string property;
  std::string message;
  sim::Subject subject;
  sim::Instant at{};
};
// Requires: the run failed.
FailedRun failed_run_of(const scenarios::RunResult& run);

// Failures that look alike, told by the one with the lowest seed.
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

// How many runs met a cell of the system's coverage.
struct CellCount {
  std::uint64_t runs = 0;
  std::uint64_t first_seed = 0;  // the lowest of those that met it; meaningful iff runs > 0
};

struct Coverage {
  std::uint64_t cells = 0;
  std::uint64_t seen = 0;
  // Runs that met a cell that no other run met. Good and Turing: the next run meets something new
  // about as often as a run did.
  std::uint64_t runs_with_news = 0;
};

struct Figures {
  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
  std::uint64_t inconclusive = 0;
  std::optional<std::uint64_t> first_seed;  // the lowest that failed
  std::optional<std::uint64_t> first_inconclusive_seed;
  std::map<std::string, Cause> by_signature;
  std::map<std::string, std::uint64_t> properties;         // sums over the runs, as in RunResult
  std::map<std::string, std::uint64_t> property_failures;  // runs that violated it at all
  std::uint64_t faults[faults::kKinds] = {};
  std::uint64_t met_nothing[faults::kKinds] = {};
  std::map<std::string, std::uint64_t> left_over;  // faults of a plan: in how many runs
  std::map<std::string, std::map<std::string, std::uint64_t>> tallies;
  std::uint64_t operations = 0;
  sim::Duration virtual_time{};
  std::uint64_t digest = 0;      // over the set of (seed, fingerprint)
  std::vector<CellCount> cells;  // by number; none behind the last one that was met

  void add(const scenarios::RunResult& run);
  void add(const FailedRun& run, std::uint64_t count = 1);  // to the causes alone
  void add(const Figures& other);
};

// Of a space of that many cells.
Coverage coverage_of(const Figures& figures, std::uint64_t cells);
// In the order of their lowest seeds.
std::vector<Cause> causes_of(const Figures& figures);
// How many cells the axes span.
std::uint64_t cells_of(const std::vector<scenarios::CoverageAxis>& axes);

}  // namespace sagasim::search
