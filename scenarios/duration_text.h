// Durations as people write them: a number with a unit, such as "250 ms", "1.5 s" or "30 d".
//
// Exact both ways: a text that is no whole number of nanoseconds is refused, and what is written is
// read back as the same duration.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/time.h"

namespace sagasim::scenarios {

inline constexpr const char* kDurationUnits = "ns, us, ms, s, min, h, d";

// Nothing if `text` is no duration, is negative, does not fit, or is finer than a nanosecond.
std::optional<sim::Duration> parse_duration(std::string_view text);

// In the unit that reads best. Requires: not negative.
std::string to_text(sim::Duration duration);
std::string to_text(sim::Instant instant);

}  // namespace sagasim::scenarios
