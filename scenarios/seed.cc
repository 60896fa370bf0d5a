#include "scenarios/seed.h"

#include <charconv>

#include "scenarios/bad_input.h"
#include "scenarios/nearest.h"
#include "sim/hash.h"

namespace sagasim::scenarios {
namespace {

constexpr std::string_view::size_type kHashDigits = 40;

// All of `text` as a number.
std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

// 160 bits into 64: each word is mixed in, so that none of the digits is lost.
std::optional<std::uint64_t> fold_hash(std::string_view text) {
  constexpr std::string_view::size_type kWord = 8;
  std::uint64_t folded = 0;
  for (std::string_view::size_type i = 0; i < kHashDigits; i += kWord) {
    const auto word = number(text.substr(i, kWord), 16);
    if (!word) {
      return std::nullopt;
    }
    folded = sim::combine(folded, *word);
  }
  return folded;
}

}  // namespace

std::optional<std::uint64_t> find_seed(std::string_view text) {
  if (text.size() == kHashDigits && !text.starts_with("0x")) {
    return fold_hash(text);
  }
  if (text.starts_with("0x") || text.starts_with("0X")) {
    return number(text.substr(2), 16);
  }
  return number(text, 10);
}

std::uint64_t parse_seed(std::string_view text, const std::string& place) {
  const auto seed = find_seed(text);
  if (!seed) {
    throw BadInput(
        {.file = place, .message = quote(text) + " is no seed (expected " + kSeedForms + ")"});
  }
  return *seed;
}

}  // namespace sagasim::scenarios
