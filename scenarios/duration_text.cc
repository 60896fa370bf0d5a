#include "scenarios/duration_text.h"

#include <charconv>
#include <cstdint>
#include <limits>

namespace sagasim::scenarios {
namespace {

__extension__ using Wide = unsigned __int128;

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};

// Largest first.
constexpr Unit kUnits[] = {{"d", 86'400'000'000'000},
                           {"h", 3'600'000'000'000},
                           {"min", 60'000'000'000},
                           {"s", 1'000'000'000},
                           {"ms", 1'000'000},
                           {"us", 1'000},
                           {"ns", 1}};
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr int kFractionDigitsMost = 18;

std::optional<std::uint64_t> take_digits(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::string_view::size_type>(end - text.data()));
  return value;
}

// "1.25" as 125 with a scale of 100.
struct Decimal {
  Wide digits = 0;
  std::uint64_t scale = 1;
};

std::optional<Decimal> take_decimal(std::string_view& text) {
  const auto whole = take_digits(text);
  if (!whole) {
    return std::nullopt;
  }
  Decimal decimal{*whole, 1};
  if (!text.starts_with('.')) {
    return decimal;
  }
  text.remove_prefix(1);
  int count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (++count > kFractionDigitsMost) {
      return std::nullopt;
    }
    decimal.digits = decimal.digits * 10 + static_cast<Wide>(text.front() - '0');
    decimal.scale *= 10;
    text.remove_prefix(1);
  }
  if (count == 0) {
    return std::nullopt;
  }
  return decimal;
}

std::string in_unit(std::uint64_t nanoseconds, const Unit& unit) {
  std::string text = std::to_string(nanoseconds / unit.nanoseconds);
  std::uint64_t rest = nanoseconds % unit.nanoseconds;
  if (rest != 0) {
    text += '.';
    for (std::uint64_t place = unit.nanoseconds / 10; rest != 0; place /= 10) {
      text += static_cast<char>('0' + rest / place);
      rest %= place;
    }
  }
  text += ' ';
  text += unit.name;
  return text;
}

}  // namespace

std::optional<sim::Duration> parse_duration(std::string_view text) {
  const auto decimal = take_decimal(text);
  if (!decimal) {
    return std::nullopt;
  }
  while (text.starts_with(' ')) {
    text.remove_prefix(1);
  }
  for (const Unit& unit : kUnits) {
    if (text == unit.name) {
      // At most 2^64 * 10^18 / 10^18 digits beside a unit below 2^47: checked before multiplying.
      if (decimal->digits > ~Wide{0} / unit.nanoseconds) {
        return std::nullopt;
      }
      const Wide scaled = decimal->digits * unit.nanoseconds;
      const Wide limit = static_cast<Wide>(std::numeric_limits<std::int64_t>::max());
      if (scaled % decimal->scale != 0 || scaled / decimal->scale > limit) {
        return std::nullopt;
      }
      return sim::Duration{static_cast<std::int64_t>(scaled / decimal->scale)};
    }
  }
  return std::nullopt;
}

std::string to_text(sim::Duration duration) {
  const auto nanoseconds = static_cast<std::uint64_t>(duration.count());
  if (nanoseconds == 0) {
    return "0 s";
  }
  for (const Unit& unit : kUnits) {
    // Only below a minute do fractions read well: 90 s, not 1.5 min.
    const bool exact = nanoseconds % unit.nanoseconds == 0;
    if (nanoseconds >= unit.nanoseconds && (exact || unit.nanoseconds <= kSecond)) {
      return in_unit(nanoseconds, unit);
    }
  }
  return in_unit(nanoseconds, kUnits[6]);
}

std::string to_text(sim::Instant instant) { return to_text(instant.time_since_epoch()); }

}  // namespace sagasim::scenarios
