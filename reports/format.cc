#include "reports/format.h"

namespace sagasim::reports {
namespace {

// How many bytes the UTF-8 sequence at the start of `text` has; 0 if it is none.
std::size_t sequence_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80                    ? 1
                             : lead >= 0xc2 && lead <= 0xdf ? 2
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) {
      return 0;
    }
  }
  if (length > 2) {
    const auto second = static_cast<unsigned char>(text[1]);
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool surrogate = lead == 0xed && second > 0x9f;
    const bool beyond = lead == 0xf4 && second > 0x8f;
    if (overlong || surrogate || beyond) {
      return 0;
    }
  }
  return length;
}

// Every byte that does not continue a UTF-8 sequence begins a column.
std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  }
  return count;
}

// `value` divided by `unit`, to three decimals at most, rounded down.
std::string decimal(std::int64_t value, std::int64_t unit, bool keep_zeros) {
  const std::int64_t thousandths = value % unit * 1000 / unit;
  std::string text = std::to_string(value / unit);
  std::string fraction = std::to_string(1000 + thousandths).substr(1);
  while (!keep_zeros && !fraction.empty() && fraction.back() == '0') {
    fraction.pop_back();
  }
  return fraction.empty() ? text : text + "." + fraction;
}

}  // namespace

std::string paint(const Style& style, Paint paint, std::string_view text) {
  if (!style.color) {
    return std::string(text);
  }
  const char* code = "1";
  switch (paint) {
    case Paint::kGood:
      code = "1;32";
      break;
    case Paint::kBad:
      code = "1;31";
      break;
    case Paint::kUnsure:
      code = "1;33";
      break;
    case Paint::kStrong:
      code = "1";
      break;
    case Paint::kFaint:
      code = "2";
      break;
  }
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

std::string grouped(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) {
      text += ',';
    }
    text += digits[i];
  }
  return text;
}

std::string rounded(double number, int decimals) {
  // Also false for what is no number.
  if (!(number >= 0 && number < 1e15)) {
    return "-";
  }
  double scale = 1;
  for (int i = 0; i < decimals; ++i) {
    scale *= 10;
  }
  const auto scaled = static_cast<std::uint64_t>(number * scale + 0.5);
  const auto unit = static_cast<std::uint64_t>(scale);
  std::string text = grouped(scaled / unit);
  if (decimals > 0) {
    const std::string fraction = std::to_string(scaled % unit);
    text += '.' + std::string(static_cast<std::size_t>(decimals) - fraction.size(), '0') + fraction;
  }
  return text;
}

std::string plural(std::uint64_t count, std::string_view noun) {
  return grouped(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string counted(std::uint64_t count, std::string_view nouns) {
  return plural(count, nouns.substr(0, nouns.size() - 1));
}

std::string text_of(sim::Duration duration) {
  const std::int64_t count = duration.count();
  if (count < 0) {
    return "-" + text_of(sim::Duration{count == INT64_MIN ? INT64_MAX : -count});
  }
  if (count == 0 || count >= 1'000'000'000) {
    return decimal(count, 1'000'000'000, false) + " s";
  }
  if (count >= 1'000'000) {
    return decimal(count, 1'000'000, false) + " ms";
  }
  if (count >= 1'000) {
    return decimal(count, 1'000, false) + " us";
  }
  return std::to_string(count) + " ns";
}

std::string text_of(sim::Instant at) {
  if (at == sim::kNever) {
    return "never";
  }
  return decimal(at.time_since_epoch().count(), 1'000'000'000, true) + " s";
}

double seconds_of(sim::Duration duration) { return static_cast<double>(duration.count()) / 1e9; }
double seconds_of(sim::Instant at) { return seconds_of(at.time_since_epoch()); }

std::string shell_quoted(std::string_view word) {
  constexpr std::string_view kSafe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:+@%";
  if (!word.empty() && word.find_first_not_of(kSafe) == std::string_view::npos) {
    return std::string(word);
  }
  std::string text = "'";
  for (const char c : word) {
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return text + "'";
}

std::string wrapped(const std::vector<std::string>& items, std::string_view separator,
                    std::size_t indent, std::size_t width) {
  std::string text;
  std::size_t column = indent;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = items[i] + (i + 1 < items.size() ? std::string(separator) : "");
    const std::size_t length = columns(item);
    if (i != 0 && column + length > width) {
      while (!text.empty() && text.back() == ' ') {
        text.pop_back();
      }
      text += '\n' + std::string(indent, ' ');
      column = indent;
    }
    text += item;
    column += length;
  }
  return text;
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(text.size() < width ? width - text.size() : 0, ' ');
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const auto lead = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      result += '?';
    } else if (length == 1 && (lead < 0x20 || lead == 0x7f)) {
      result += ' ';
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

}  // namespace sagasim::reports
