#include "sim/name.h"

#include <charconv>

namespace sagasim::sim {
namespace {

constexpr std::uint32_t kMaxNumber = (1u << 28) - 1;

// Reads a number from the front of `text`; leading zeros are refused so that a text has one form.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || text.front() == '0' || number > kMaxNumber) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::string_view::size_type>(end - text.data()));
  return number;
}

}  // namespace

std::string to_text(Subject subject) {
  if (subject.none()) {
    return "-";
  }
  std::string text(1, subject.letter());
  text += std::to_string(subject.major());
  if (subject.minor() != 0) {
    text += '.';
    text += std::to_string(subject.minor());
  }
  return text;
}

std::optional<Subject> parse_subject(std::string_view text) {
  if (text == "-") {
    return Subject{};
  }
  if (text.size() < 2) {
    return std::nullopt;
  }
  const char letter = text.front();
  const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
  text.remove_prefix(1);
  const auto major = take_number(text);
  if (!is_letter || !major) {
    return std::nullopt;
  }
  if (text.empty()) {
    return Subject(letter, *major);
  }
  if (text.front() != '.' || text.size() < 2) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const auto minor = take_number(text);
  if (!minor || !text.empty()) {
    return std::nullopt;
  }
  return Subject(letter, *major, *minor);
}

}  // namespace sagasim::sim
