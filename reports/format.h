// Format: numbers, times and lists as people read them. The same text everywhere, whatever the
// locale.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/time.h"

namespace sagasim::reports {

// How a terminal is written to. Colour is never the only sign of anything.
struct Style {
  bool color = false;
  std::size_t width = 100;  // lists are wrapped here; command lines never are
};

enum class Paint : std::uint8_t { kGood, kBad, kUnsure, kStrong, kFaint };
// `text` in that colour, or as it is.
std::string paint(const Style& style, Paint paint, std::string_view text);

std::string grouped(std::uint64_t number);         // 1234567 is "1,234,567"
std::string rounded(double number, int decimals);  // decimals: 0..6; "-" if it is no number
std::string plural(std::uint64_t count, std::string_view noun);  // "1 run", "2,000 runs"
// The same for a noun that is known as many: "orders".
std::string counted(std::uint64_t count, std::string_view nouns);

// "2.5 s", "12 ms", "850 us": in the unit in which it is at least 1, to three decimals.
std::string text_of(sim::Duration duration);
// Since the universe began, always in seconds: "12.345 s".
std::string text_of(sim::Instant at);
double seconds_of(sim::Duration duration);
double seconds_of(sim::Instant at);  // since the universe began

// One word of a POSIX shell; left alone where that is safe.
std::string shell_quoted(std::string_view word);

// The items side by side, `indent` blanks before every line but the first, broken at `width`.
std::string wrapped(const std::vector<std::string>& items, std::string_view separator,
                    std::size_t indent, std::size_t width);

// With blanks behind it up to `width`; each of its characters takes one column.
std::string padded(const std::string& text, std::size_t width);

// Without control characters and bytes that are no UTF-8: safe to print, whatever a file held.
std::string printable(std::string_view text);

}  // namespace sagasim::reports
