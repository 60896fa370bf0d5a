// History: a campaign against the one before it. Which causes are new, which still go on, and which
// are resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "search/store.h"

namespace sagasim::search {

struct History {
  std::set<std::string> before;  // signatures of its causes
  // Causes of it that are not met any more: neither by the seeds that showed them then, all of
  // which were run, nor by any other.
  std::vector<Cause> resolved;
  std::vector<Cause> undecided;    // not met either, but not all of those seeds were run
  std::uint64_t known_seeds = 0;   // that failed in earlier campaigns
  std::uint64_t known_runs = 0;    // of those, how many were run, before all others
  std::uint64_t known_failed = 0;  // of those, how many still fail

  bool is_new(const std::string& signature) const { return before.count(signature) == 0; }
};

// Nothing if there is no campaign before. Adds to `result` the causes that only known seeds show:
// those are no part of its runs, because they were chosen.
std::optional<History> history_of(Store& store, SweepResult& result);

// The seeds to run first in the campaign after this one: the lowest ones of each cause, those that
// were known to this one among them.
std::vector<KnownSeed> seeds_to_remember(Store& store);

}  // namespace sagasim::search
