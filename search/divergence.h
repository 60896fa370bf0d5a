// Divergence: the first operation where two runs that should be one and the same are not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/system.h"
#include "search/recording.h"
#include "sim/time.h"

namespace sagasim::search {

struct Divergence {
  std::uint64_t position = 0;  // how many operations were equal before it
  sim::Instant at{};           // virtual time, the earlier of the two
  std::string first;           // what the first run did there, in words; empty: it had ended
  std::string second;
  std::string what;  // "operation", "time", "effect", "outcome" or "end"
};

// Compares two recordings, operation by operation. Nothing if they are equal as far as they go.
std::optional<Divergence> first_divergence(const Recording& first, const Recording& second);

// Runs `request` twice under recordings (its tracer is replaced) and compares those.
std::optional<Divergence> find_divergence(const scenarios::System& system,
                                          const scenarios::RunRequest& request);

}  // namespace sagasim::search
