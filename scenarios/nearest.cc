#include "scenarios/nearest.h"

#include <algorithm>
#include <map>

namespace sagasim::scenarios {
namespace {

constexpr std::string_view::size_type kLongestWord = 64;  // The distance takes time in its square.
constexpr std::string_view::size_type kLongestQuote = 80;
constexpr std::vector<std::string>::size_type kOffers = 3;
constexpr std::vector<std::string>::size_type kLongestList = 21;  // where there are offers
constexpr int kFar = 1'000;

std::string folded(std::string_view word) {
  std::string result(word.substr(0, kLongestWord));
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    } else if (c == '-') {
      c = '_';
    }
  }
  return result;
}

// How many letters must be replaced, left out, added or swapped with their neighbour.
int distance(const std::string& a, const std::string& b) {
  using Row = std::vector<int>;
  Row before_last(b.size() + 1);
  Row last(b.size() + 1);
  Row row(b.size() + 1);
  for (Row::size_type j = 0; j <= b.size(); ++j) {
    last[j] = static_cast<int>(j);
  }
  for (Row::size_type i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (Row::size_type j = 1; j <= b.size(); ++j) {
      const int replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

int farness(const std::string& word, const std::string& name) {
  if (word.size() >= 3 && name.starts_with(word)) {
    return 0;
  }
  const int found = distance(word, name);
  const int allowed = word.size() <= 3 ? 1 : static_cast<int>(word.size() / 3) + 1;
  return found <= allowed ? found : kFar;
}

}  // namespace

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names) {
  std::multimap<int, std::string> found;  // Equally far names stay in their order.
  const std::string wanted = folded(word);
  for (const std::string& name : names) {
    const int far = farness(wanted, folded(name));
    if (far < kFar) {
      found.emplace(far, name);
    }
  }
  std::vector<std::string> result;
  for (const auto& [far, name] : found) {
    if (result.size() < kOffers) {
      result.push_back(name);
    }
  }
  return result;
}

std::string unknown_name(std::string_view what, std::string_view word,
                         const std::vector<std::string>& names) {
  std::string text = "unknown ";
  text += what;
  text += ' ' + quote(word);
  const std::vector<std::string> offers = nearest(word, names);
  for (std::vector<std::string>::size_type i = 0; i < offers.size(); ++i) {
    text += (i == 0 ? ", did you mean " : " or ") + quote(offers[i]);
  }
  if (!offers.empty()) {
    text += '?';
    if (names.size() > kLongestList) {
      return text;
    }
  }
  text += " (expected one of ";
  for (std::vector<std::string>::size_type i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return text + ')';
}

std::string_view clipped(std::string_view text, std::string_view::size_type bytes) {
  if (text.size() <= bytes) {
    return text;
  }
  // In UTF-8 the bytes within a character are those that begin with the bits 10.
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0u) == 0x80u) {
    --bytes;
  }
  return text.substr(0, bytes);
}

std::string quote(std::string_view text) {
  const bool too_long = text.size() > kLongestQuote;
  text = clipped(text, kLongestQuote);
  std::string result = "\"";
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    result += is_control ? '?' : c;
  }
  return result + (too_long ? "…\"" : "\"");
}

}  // namespace sagasim::scenarios
