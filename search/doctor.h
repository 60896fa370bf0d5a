// Doctor: whether a seed means the same whatever is around its run, and if it does not, the first
// operation in which two runs of it part.
//
// What must not matter is made different on purpose: what memory held before and in which order it
// is handed out, other threads at work, whether anybody records. A mistake that depends on none of
// these, such as the order of a hash table that is the same in every run, is the same in every run:
// builds by other compilers and libraries show it (tests/matrix/run).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/system.h"
#include "search/divergence.h"

namespace sagasim::search {

// What is different around a run.
struct Circumstance {
  std::string name;  // "beside other threads"
  bool recorded = true;
  // Calls `run` once, and passes on what it throws.
  std::function<void(const std::function<void()>& run)> around;
};

// Once more, unrecorded, in memory that others have used, and beside `threads` others which run
// other seeds of `system`. The system outlives them.
std::vector<Circumstance> circumstances(const scenarios::System& system, unsigned threads);

// Leaves memory of many sizes behind that is filled and will be handed out again in another order
// than before; `number` chooses both. The stack below the caller is filled likewise.
void soil_memory(std::uint32_t number);

// Two runs of one request that are not the same run.
struct Symptom {
  std::uint64_t seed = 0;
  std::string circumstance;    // in which it was another one than at first
  std::uint64_t expected = 0;  // fingerprint at first
  std::uint64_t actual = 0;
  // Where they part; nothing if they were not both recorded, or differ in nothing that was done.
  std::optional<Divergence> divergence;
};

// Runs the request as it is (its tracer is replaced), and once more in each circumstance, until one
// makes a difference of which it is known where; failing that, the first that makes one at all.
// Passes on what a run throws.
std::optional<Symptom> examine(const scenarios::System& system,
                               const scenarios::RunRequest& request,
                               const std::vector<Circumstance>& circumstances);

}  // namespace sagasim::search
