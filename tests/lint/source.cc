#include "tests/lint/source.h"

#include <array>
#include <cctype>

namespace sagasim::lint {
namespace {

bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Walks over a text, keeping what is code and blanking what is not.
class Blanker {
 public:
  Blanker(std::string_view text, bool blank_literals)
      : text_(text), blank_literals_(blank_literals), out_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (starts_with("//")) {
        blank_until(text_.find('\n', at_));
      } else if (starts_with("/*")) {
        blank_until(end_of("*/", at_ + 2));
      } else if (text_[at_] == '"') {
        literal();
      } else if (text_[at_] == '\'' && !is_digit_separator()) {
        quoted('\'');
      } else {
        ++at_;
      }
    }
    return out_;
  }

 private:
  bool starts_with(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  std::size_t end_of(std::string_view what, std::size_t from) const {
    const std::size_t found = text_.find(what, from);
    return found == std::string_view::npos ? text_.size() : found + what.size();
  }

  bool is_digit_separator() const {
    return at_ > 0 && is_word_char(text_[at_ - 1]) && at_ + 1 < text_.size() &&
           std::isxdigit(static_cast<unsigned char>(text_[at_ + 1])) != 0 &&
           std::isdigit(static_cast<unsigned char>(first_of_word())) != 0;
  }

  // The first character of the word that ends before here: a digit iff that is a number.
  char first_of_word() const {
    std::size_t i = at_;
    while (i > 0 && (is_word_char(text_[i - 1]) || text_[i - 1] == '\'')) --i;
    return text_[i];
  }

  void literal() {
    const bool is_raw = at_ > 0 && text_[at_ - 1] == 'R' &&
                        (at_ < 2 || !is_word_char(text_[at_ - 2]) || text_[at_ - 2] == '8' ||
                         text_[at_ - 2] == 'u' || text_[at_ - 2] == 'U' || text_[at_ - 2] == 'L');
    if (!is_raw) return quoted('"');
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return quoted('"');
    const std::string close = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    const std::size_t end = end_of(close, open);
    skip_literal(end);
  }

  void quoted(char quote) {
    std::size_t i = at_ + 1;
    while (i < text_.size() && text_[i] != quote && text_[i] != '\n')
      i += text_[i] == '\\' ? 2U : 1U;
    skip_literal(i + 1 < text_.size() ? i + 1 : text_.size());
  }

  // Leaves the two quotes, so that the literal still shows as one.
  void skip_literal(std::size_t end) {
    if (blank_literals_ && end > at_ + 2) {
      ++at_;
      blank_until(end - 1);
    }
    at_ = end;
  }

  void blank_until(std::size_t end) {
    if (end > text_.size()) end = text_.size();
    for (; at_ < end; ++at_) {
      if (text_[at_] != '\n') out_[at_] = ' ';
    }
  }

  std::string_view text_;
  bool blank_literals_;
  std::string out_;
  std::size_t at_ = 0;
};

// The operators of more than one character that a rule must not mistake for two others. `>>` is
// left out: it closes template arguments more often than it shifts.
constexpr std::array<std::string_view, 19> kLongOperators = {
    "<=>", "...", "::", "->", "++", "--", "+=", "-=", "*=", "/=",
    "%=",  "&=",  "|=", "^=", "==", "!=", "&&", "||", "<<"};

std::size_t operator_length(std::string_view rest) {
  for (const std::string_view op : kLongOperators) {
    if (rest.substr(0, op.size()) == op) return op.size();
  }
  return 1;
}

}  // namespace

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool is_header(std::string_view path) { return path.ends_with(".h"); }

bool is_cpp(std::string_view path) { return is_header(path) || path.ends_with(".cc"); }

std::string without_comments(std::string_view text) { return Blanker(text, false).run(); }

std::string code_only(std::string_view text) { return Blanker(text, true).run(); }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

Tokens tokens_of(std::string_view text) {
  const std::string code = code_only(text);
  Tokens tokens;
  int line = 1;
  bool line_is_blank = true;
  for (std::size_t i = 0; i < code.size();) {
    const char c = code[i];
    if (c == '\n') {
      ++line;
      ++i;
      line_is_blank = true;
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++i;
    } else if (c == '#' && line_is_blank) {
      // A preprocessor line, with those that a backslash joins to it.
      while (i < code.size() && (code[i] != '\n' || code[i - 1] == '\\')) {
        if (code[i] == '\n') ++line;
        ++i;
      }
    } else if (c == '"' || c == '\'') {
      const int first_line = line;
      std::size_t end = code.find(c, i + 1);
      if (end == std::string::npos) end = code.size() - 1;
      for (; i <= end; ++i) line += code[i] == '\n' ? 1 : 0;
      tokens.push_back({"\"\"", first_line, false});
      line_is_blank = false;
    } else {
      const bool is_number = std::isdigit(static_cast<unsigned char>(c)) != 0;
      std::size_t end = i;
      while (end < code.size() && (is_word_char(code[end]) || (is_number && code[end] == '\'')))
        ++end;
      const bool is_word = end > i;
      if (!is_word) end = i + operator_length(std::string_view(code).substr(i));
      tokens.push_back({code.substr(i, end - i), line, is_word});
      i = end;
      line_is_blank = false;
    }
  }
  return tokens;
}

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> includes;
  const std::string code = without_comments(text);
  int number = 0;
  for (std::string_view line : lines_of(code)) {
    ++number;
    const std::size_t hash = line.find_first_not_of(" \t");
    if (hash == std::string_view::npos || line[hash] != '#') continue;
    const std::size_t word = line.find_first_not_of(" \t", hash + 1);
    if (word == std::string_view::npos || line.substr(word, 7) != "include") continue;
    const std::size_t open = line.find_first_of("<\"", word);
    if (open == std::string_view::npos) continue;
    const bool is_quoted = line[open] == '"';
    const std::size_t close = line.find(is_quoted ? '"' : '>', open + 1);
    if (close == std::string_view::npos) continue;
    includes.push_back({std::string(line.substr(open + 1, close - open - 1)), is_quoted, number});
  }
  return includes;
}

}  // namespace sagasim::lint
