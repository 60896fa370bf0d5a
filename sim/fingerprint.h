// Fingerprint: one number for everything that happened in a run, in order. Two runs with the same
// fingerprint did the same; it holds times, identities, effects, outcomes and digests of rows, and
// never a text, a pointer or a trace.
#pragma once

#include <cstdint>

#include "sim/hash.h"

namespace sagasim::sim {

class Fingerprint {
 public:
  void fold(std::uint64_t value) {
    state_ = (state_ ^ value) * 0x9fb21c651e98df25u;
    state_ ^= state_ >> 29;
  }
  std::uint64_t value() const { return mix(state_); }

 private:
  std::uint64_t state_ = 0x5851f42d4c957f2du;
};

}  // namespace sagasim::sim
