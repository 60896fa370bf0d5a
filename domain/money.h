// Money: an amount of Korean won, in its smallest unit, as an integer. Arithmetic is checked: an
// amount that does not fit is an error of programming here, and a rejected input at the edge.
#pragma once

#include <compare>
#include <cstdint>

#include "sim/check.h"

namespace sagasim::domain {

using Money = std::int64_t;

// The most that a charge may bring a balance to; a refund may exceed it.
inline constexpr Money kBalanceCap = 10'000'000;

inline Money add(Money a, Money b) {
  Money sum = 0;
  SAGASIM_CHECK(!__builtin_add_overflow(a, b, &sum), "amount overflows");
  return sum;
}

inline Money multiply(Money a, std::int64_t times) {
  Money product = 0;
  SAGASIM_CHECK(!__builtin_mul_overflow(a, times, &product), "amount overflows");
  return product;
}

// What 32 bits make of the same: an amount that does not fit becomes another one.
inline Money wrapping_add(Money a, Money b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}
inline Money wrapping_multiply(Money a, std::int64_t times) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) *
                                   static_cast<std::uint32_t>(times));
}

// The discount on `gross` at `rate_bp` basis points, rounded down. Requires: 0 <= rate_bp <=
// 10,000.
inline Money discount(Money gross, std::uint32_t rate_bp) {
  __extension__ using Wide = __int128;
  return static_cast<Money>(static_cast<Wide>(gross) * rate_bp / 10'000);
}

}  // namespace sagasim::domain
