// Keyed randomness: every draw is a hash of (seed, identity, question). There is no stream, so a
// new draw anywhere shifts no other, and removing an operation leaves all others' draws as they
// were.
//
// Integers only. `Random` is a value; copies draw the same.
#pragma once

#include <cstdint>

#include "sim/check.h"
#include "sim/hash.h"
#include "sim/name.h"
#include "sim/time.h"

namespace sagasim::sim {

// A probability as a fraction. {1, 20} is one in twenty; the default never happens.
struct Ratio {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;
};

// The draw is uniform over 2^64; `value` in [0, bound). Multiply-shift, so no division; the bias of
// at most bound / 2^64 is far below what any campaign could see. Requires: bound > 0.
constexpr std::uint64_t below(std::uint64_t draw, std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(static_cast<Wide>(draw) * bound >> 64);
}

class Random {
 public:
  constexpr explicit Random(std::uint64_t seed) : key_(mix(seed)) {}

  constexpr std::uint64_t draw(std::uint64_t identity, Name question) const {
    return mix(mix(key_ ^ identity) ^ question.hash());
  }

  // Uniform in [low, high], both ends included. Requires: low <= high.
  constexpr std::uint64_t between(std::uint64_t identity, Name question, std::uint64_t low,
                                  std::uint64_t high) const {
    SAGASIM_CHECK(low <= high, "empty range");
    return low + below(draw(identity, question), high - low + 1);
  }

  // True with the probability `ratio`.
  constexpr bool chance(std::uint64_t identity, Name question, Ratio ratio) const {
    return below(draw(identity, question), ratio.denominator) < ratio.numerator;
  }

 private:
  std::uint64_t key_;
};

// How long something takes. Mostly uniform in [min, max]; one time in `tail_one_in` the result is
// stretched by a power of two between 2 and 64, each half as likely as the one before: a heavy tail
// with integers alone. 0 means no tail.
struct Latency {
  Duration min{};
  Duration max{};
  std::uint32_t tail_one_in = 0;

  // Pure: the same draw gives the same duration. Requires: min <= max.
  constexpr Duration at(std::uint64_t draw) const {
    const std::uint64_t span = static_cast<std::uint64_t>((max - min).count()) + 1;
    auto value = min.count() + static_cast<std::int64_t>(below(draw, span));
    if (tail_one_in != 0) {
      const std::uint64_t second = mix(draw);
      if (below(second, tail_one_in) == 0) {
        std::uint64_t coins = mix(second);
        int shift = 1;
        while (shift < 6 && (coins & 1) != 0) {
          coins >>= 1;
          ++shift;
        }
        value <<= shift;
      }
    }
    return Duration{value};
  }
};

}  // namespace sagasim::sim
