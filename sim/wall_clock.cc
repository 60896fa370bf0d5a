#include "sim/wall_clock.h"

#include <algorithm>

namespace sagasim::sim {

void WallClock::begin_offset(Duration by, std::uint64_t cause) {
  errors_.push_back(Error{Instant{}, Instant{}, by, cause});
}

void WallClock::begin_drift(Instant from, Instant until, Duration by, std::uint64_t cause) {
  errors_.push_back(Error{from, until, by, cause});
}

void WallClock::end(std::uint64_t cause) {
  std::erase_if(errors_, [cause](const Error& error) { return error.cause == cause; });
}

Instant WallClock::with_errors(Instant now) const {
  Instant reading = now;
  for (const Error& error : errors_) {
    if (error.from == error.until) {
      reading += error.by;
      continue;
    }
    // In microseconds, so that the product of two spans of years still fits.
    const std::int64_t whole = (error.until - error.from).count() / 1'000;
    const std::int64_t gone =
        std::clamp<std::int64_t>((now - error.from).count() / 1'000, 0, whole);
    __extension__ using Wide = __int128;
    const Wide gained =
        static_cast<Wide>(error.by.count()) * gone / std::max<std::int64_t>(whole, 1);
    reading += Duration{static_cast<std::int64_t>(gained)};
  }
  return reading;
}

}  // namespace sagasim::sim
