// Time: virtual time is a 64-bit count of nanoseconds since the universe began.
//
// There is no ambient clock: an Instant comes from the Scheduler, a wall clock from a Node. The tag
// clock has no now() on purpose, so that asking "what time is it?" without a universe cannot
// compile.
#pragma once

#include <chrono>
#include <cstdint>

namespace sagasim::sim {

using Duration = std::chrono::duration<std::int64_t, std::nano>;

struct VirtualClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<VirtualClock, Duration>;
  static constexpr bool is_steady = true;
};

using Instant = VirtualClock::time_point;

inline constexpr Instant kStart{};
inline constexpr Instant kNever{Duration::max()};

constexpr Duration nanoseconds(std::int64_t n) { return Duration{n}; }
constexpr Duration microseconds(std::int64_t n) { return Duration{n * 1'000}; }
constexpr Duration milliseconds(std::int64_t n) { return Duration{n * 1'000'000}; }
constexpr Duration seconds(std::int64_t n) { return Duration{n * 1'000'000'000}; }

// The instant as a plain number of nanoseconds, for hashing and for output.
constexpr std::uint64_t ticks(Instant at) {
  return static_cast<std::uint64_t>(at.time_since_epoch().count());
}

}  // namespace sagasim::sim
