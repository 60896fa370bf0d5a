// The product's own figures: whole universes of the shop, as a sweep runs them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sagasim::bench {

struct CheckoutResult {
  std::uint64_t runs = 0;
  std::uint64_t orders = 0;      // accepted by the shop
  std::uint64_t operations = 0;  // of the runs, without what is done to judge them
  std::uint64_t digest = 0;      // of all fingerprints, in order
  double cpu_seconds = 0;        // loading the scenario not included
};

enum class Watched : std::uint8_t {
  kJudged,    // by every property, as in a sweep
  kRecorded,  // and every operation and every cause is recorded, as for a trace
};

// Runs the seeds from `from` on, one after the other. `settings` as on the command line. Throws
// scenarios::BadInput.
CheckoutResult checkout(const std::string& scenario, const std::vector<std::string>& settings,
                        std::uint64_t from, std::uint64_t runs, Watched watched);

// The most memory that this process ever had, in bytes.
std::uint64_t peak_memory();

}  // namespace sagasim::bench
