#include "scenarios/locator.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "scenarios/nearest.h"

namespace sagasim::scenarios {
namespace {

using Offset = std::string_view::size_type;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kSpace = " \t\r\n";
constexpr Offset kLongestPointerKey = 80;

// Reads forwards and stops at the end whatever the text is, so a text cut short does no harm.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    if (text_.starts_with(kByteOrderMark)) {
      at_ = kByteOrderMark.size();
    }
    skip_space();
  }

  Offset at() const { return at_; }
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool accept(char c) {
    if (at_ == text_.size() || text_[at_] != c) {
      return false;
    }
    ++at_;
    return true;
  }

  void skip_space() {
    for (;;) {
      at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("//")) {
        skip_past("\n", 2);
      } else if (rest.starts_with("/*")) {
        skip_past("*/", 2);
      } else {
        return;
      }
    }
  }

  // Requires: a string stands here. Returns what it stands for.
  std::string read_string() {
    const Offset start = at_;
    skip_string();
    const std::string_view raw = text_.substr(start, at_ - start);
    const auto value = nlohmann::json::parse(raw, nullptr, false);
    return value.is_string() ? value.get<std::string>() : std::string();
  }

  void skip_value() {
    int depth = 0;
    do {
      const char c = next();
      if (c == '"') {
        skip_string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        --depth;
        ++at_;
      } else if (c == ',' || c == ':') {
        ++at_;
      } else {
        at_ = std::min(text_.find_first_of(" \t\r\n,:{}[]\"/", at_ + 1), text_.size());
      }
      if (depth > 0) {
        skip_space();
      }
    } while (depth > 0 && at_ < text_.size());
  }

 private:
  void skip_past(std::string_view end, Offset from) {
    const Offset found = text_.find(end, at_ + from);
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
  }

  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      }
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  std::string_view text_;
  Offset at_ = 0;
};

// Moves to the member `key` of the object that begins here; false if it has none. `key_at` tells
// where the key stands.
bool enter_member(Scanner& scanner, const std::string& key, bool second, Offset& key_at) {
  scanner.accept('{');
  bool wants_next = second;
  for (;;) {
    scanner.skip_space();
    if (scanner.next() != '"') {
      return false;
    }
    key_at = scanner.at();
    const bool found = scanner.read_string() == key;
    scanner.skip_space();
    scanner.accept(':');
    scanner.skip_space();
    if (found && !wants_next) {
      return true;
    }
    wants_next = wants_next && !found;
    scanner.skip_value();
    scanner.skip_space();
    if (!scanner.accept(',')) {
      return false;
    }
  }
}

bool enter_element(Scanner& scanner, const std::string& index) {
  scanner.accept('[');
  for (int i = 0;; ++i) {
    scanner.skip_space();
    if (scanner.next() == ']' || scanner.next() == '\0') {
      return false;
    }
    if (std::to_string(i) == index) {
      return true;
    }
    scanner.skip_value();
    scanner.skip_space();
    if (!scanner.accept(',')) {
      return false;
    }
  }
}

}  // namespace

Position position_at(std::string_view text, Offset offset) {
  Position position;
  Offset from = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  for (; from < std::min(offset, text.size()); ++from) {
    if (text[from] == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(text[from]) & 0xc0u) != 0x80u) {
      ++position.column;
    }
  }
  return position;
}

Offset offset_of(std::string_view text, const std::vector<std::string>& path, Part part) {
  Scanner scanner(text);
  Offset around = scanner.at();
  for (std::vector<std::string>::size_type i = 0; i < path.size(); ++i) {
    const bool is_last = i + 1 == path.size();
    Offset key_at = scanner.at();
    const bool is_object = scanner.next() == '{';
    const bool second = is_last && part == Part::kSecondKey;
    const bool found = is_object ? enter_member(scanner, path[i], second, key_at)
                                 : scanner.next() == '[' && enter_element(scanner, path[i]);
    if (!found) {
      return around;
    }
    around = scanner.at();
    if (is_object && is_last && part != Part::kValue) {
      return key_at;
    }
  }
  return around;
}

std::string to_pointer(const std::vector<std::string>& path) {
  std::string pointer;
  for (const std::string& key : path) {
    pointer += '/';
    for (const char c : clipped(key, kLongestPointerKey)) {
      if (c == '~' || c == '/') {
        pointer += c == '~' ? "~0" : "~1";
      } else {
        pointer += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
      }
    }
  }
  return pointer;
}

}  // namespace sagasim::scenarios
