// The rule about statements that await. g++ 12 destroys a closure or an aggregate twice, or takes
// the wrong branch, when it is made in a statement that awaits or awaited in a condition, and the
// compilers disagree on the order of the other effects there. No compiler warns. So such a
// statement is plain: names, moved names, literals, calls; made above, awaited below.
//
// Flagged, in a statement with co_await:
//   - an await in the head of if, while, do, for or switch;
//   - a brace, a closure, or ?:;
//   - a second effect in the argument list of an await, or a second await that is not its operand;
//   - an await in the arguments of a MACRO, which may hide any of these;
//   - names unpacked straight from an await: auto [a, b] = co_await …;
// and a coroutine that is a closure with captures, since the closure dies before its frame does.
//
// It reads tokens, not types: it cannot see an aggregate made with parentheses, and it flags
// braces on a real class, which would be harmless.

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include "tests/lint/rules.h"

namespace sagasim::lint {
namespace {

constexpr const char* kClosure = "<closure>";  // Stands for a whole closure in its statement.

bool is_any_of(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// The index after the bracket that closes the one at `open`, or the end.
std::size_t after_group(const Tokens& tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (is_any_of(tokens[i].text, {"(", "[", "{"})) ++depth;
    if (is_any_of(tokens[i].text, {")", "]", "}"}) && --depth == 0) return i + 1;
  }
  return tokens.size();
}

bool awaits(const Token& token) { return token.text == "co_await"; }

bool is_macro(const Token& token) {
  return token.is_word && token.text.size() > 2 &&
         std::all_of(token.text.begin(), token.text.end(), [](unsigned char c) {
           return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_';
         });
}

// Calls that only name or convert a value.
bool is_harmless_call(const Token& callee) {
  return is_any_of(callee.text, {"move", "forward", "as_const", "ref", "cref", "get", "size",
                                 "value", "sizeof", "static_cast", "decltype", "min", "max"});
}

bool has_effect(const Tokens& tokens, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    const std::string& text = tokens[i].text;
    if (awaits(tokens[i]) || is_any_of(text, {"++", "--", "=", "+=", "-=", "*=", "/=", "%=", "&=",
                                              "|=", "^=", "new", "delete"})) {
      return true;
    }
    const bool is_call = text == "(" && i > begin && tokens[i - 1].is_word;
    if (is_call && !is_harmless_call(tokens[i - 1])) return true;
  }
  return false;
}

class AwaitReader {
 public:
  explicit AwaitReader(const std::string& text) : tokens_(tokens_of(text)) {}

  Findings run() {
    while (at_ < tokens_.size()) read_block(false);
    return std::move(findings_);
  }

 private:
  enum class Brace { kBlock, kClosure, kValue };

  // Reads statements up to the brace that closes the block, and past it.
  void read_block(bool captures) {
    Tokens statement;
    int depth = 0;  // Of parentheses, square brackets and the braces of values.
    while (at_ < tokens_.size()) {
      const Token& token = tokens_[at_];
      const std::string& text = token.text;
      if (captures && token.is_word && text.starts_with("co_")) {
        flag(token, "a coroutine must not be a closure with captures: the frame outlives it");
        captures = false;
      }
      if (text == "{") {
        const Brace brace = kind_of_brace();
        ++at_;
        if (brace == Brace::kClosure) {
          const bool with_captures = take_closure_head(statement, depth);
          statement.push_back({kClosure, token.line, false});
          read_block(with_captures);
          continue;
        }
        if (brace == Brace::kBlock) {
          finish(statement);
          read_block(false);
          depth = 0;
          continue;
        }
        ++depth;
        statement.push_back(token);
        continue;
      }
      ++at_;
      if (text == "}" && depth == 0) {
        finish(statement);
        return;
      }
      if (is_any_of(text, {"(", "["})) ++depth;
      if (is_any_of(text, {")", "]", "}"}) && depth > 0) --depth;
      if (text == ";" && depth == 0) {
        finish(statement);
      } else {
        statement.push_back(token);
      }
    }
    finish(statement);
  }

  // What the brace at at_ opens, judged by what stands before it.
  Brace kind_of_brace() const {
    std::size_t i = at_;  // One past the token looked at.
    if (i == 0) return Brace::kBlock;
    // Back over what may stand between a parameter list and a body.
    i = before_trailing_return(i);
    while (i > 0 && is_any_of(tokens_[i - 1].text,
                              {"const", "noexcept", "override", "final", "mutable", "&", "&&"})) {
      --i;
    }
    if (i == 0) return Brace::kBlock;
    const std::string& before = tokens_[i - 1].text;
    if (before == "]") return opens_closure(i - 1) ? Brace::kClosure : Brace::kValue;
    if (before == ")") {
      const std::size_t open = group_start(i - 1);
      // [captures](parameters) {, also [captures]<class T>(parameters) {
      std::size_t head = open;
      if (head > 0 && tokens_[head - 1].text == ">") head = angle_start(head - 1);
      const bool is_closure = head > 0 && tokens_[head - 1].text == "]" && opens_closure(head - 1);
      return is_closure ? Brace::kClosure : Brace::kBlock;
    }
    if (i != at_) return Brace::kBlock;
    if (is_any_of(before, {";", "{", "}", "else", "do", "try", ":"})) return Brace::kBlock;
    return declares_scope() ? Brace::kBlock : Brace::kValue;
  }

  // Back over `-> Task<int>` before the brace, if there is one.
  std::size_t before_trailing_return(std::size_t i) const {
    std::size_t j = i;
    while (j > 0) {
      const Token& token = tokens_[j - 1];
      if (token.text == "->" && j > 1) {
        return is_any_of(tokens_[j - 2].text, {")", "const", "noexcept", "mutable", "]"}) ? j - 1
                                                                                          : i;
      }
      const bool is_type_part =
          token.is_word || is_any_of(token.text, {"::", "<", ">", ",", "*", "&"});
      if (!is_type_part) return i;
      --j;
    }
    return i;
  }

  std::size_t group_start(std::size_t close) const {
    int depth = 0;
    for (std::size_t i = close + 1; i > 0; --i) {
      if (is_any_of(tokens_[i - 1].text, {")", "]", "}"})) ++depth;
      if (is_any_of(tokens_[i - 1].text, {"(", "[", "{"}) && --depth == 0) return i - 1;
    }
    return 0;
  }

  std::size_t angle_start(std::size_t close) const {
    int depth = 0;
    for (std::size_t i = close + 1; i > 0; --i) {
      if (tokens_[i - 1].text == ">") ++depth;
      if (tokens_[i - 1].text == "<" && --depth == 0) return i - 1;
    }
    return 0;
  }

  // Whether the square bracket that ends at `close` introduces a closure and is no index.
  bool opens_closure(std::size_t close) const {
    const std::size_t open = group_start(close);
    if (open == 0) return true;
    const Token& before = tokens_[open - 1];
    if (before.text == "[" || (open + 1 < close && tokens_[open + 1].text == "[")) return false;
    return !(is_any_of(before.text, {"]", ")"}) ||
             (before.is_word && !is_any_of(before.text, {"return", "co_return", "co_await",
                                                         "co_yield", "case", "else"})));
  }

  // Whether a brace after a word opens a class, an enum or a namespace, not a value.
  bool declares_scope() const {
    for (std::size_t i = at_; i > 0; --i) {
      const std::string& text = tokens_[i - 1].text;
      if (is_any_of(text, {";", "{", "}", "(", ")", "="})) return false;
      if (is_any_of(text, {"class", "struct", "union", "enum", "namespace", "extern", "concept"})) {
        return true;
      }
    }
    return false;
  }

  // Takes `[captures](parameters) mutable -> T` off the end of the statement, for the closure is
  // one thing in it. Says whether it captures anything.
  static bool take_closure_head(Tokens& statement, int depth) {
    (void)depth;
    int brackets = 0;
    bool captures = false;
    while (!statement.empty()) {
      const std::string text = statement.back().text;
      statement.pop_back();
      if (text == "]" && brackets == 0) {
        int nested = 1;
        while (!statement.empty() && nested > 0) {
          const std::string inner = statement.back().text;
          statement.pop_back();
          if (inner == "]") ++nested;
          if (inner == "[") --nested;
          if (nested > 0) captures = true;
        }
        break;
      }
      if (text == ")") ++brackets;
      if (text == "(") --brackets;
    }
    return captures;
  }

  void flag(const Token& token, const std::string& message) {
    findings_.push_back({token.line, "await", message});
  }

  // Judges one whole statement, or the head of a block, and empties it.
  void finish(Tokens& statement) {
    Tokens rest = std::move(statement);
    statement.clear();
    while (!rest.empty()) {
      const std::string& first = rest.front().text;
      const auto drop = [&rest](std::size_t count) {
        rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
      };
      if (is_any_of(first, {"else", "do"})) {
        drop(1);
      } else if (is_any_of(first, {"if", "while", "for", "switch"})) {
        const std::size_t open = rest.size() > 1 && rest[1].text == "constexpr" ? 2 : 1;
        const std::size_t end = open < rest.size() ? after_group(rest, open) : rest.size();
        for (std::size_t i = open; i < end; ++i) {
          if (awaits(rest[i])) flag(rest[i], "await above the `" + first + "`, into a name");
        }
        drop(end);
      } else if (is_any_of(first, {"case", "default"})) {
        std::size_t colon = 0;
        while (colon < rest.size() && rest[colon].text != ":") ++colon;
        drop(std::min(colon + 1, rest.size()));
      } else {
        break;
      }
    }
    judge(rest);
  }

  void judge(const Tokens& statement) {
    const auto first = std::find_if(statement.begin(), statement.end(), awaits);
    if (first == statement.end()) return;
    for (const Token& token : statement) {
      if (token.text == "{") flag(token, "a brace in a statement that awaits: build it above");
      if (token.text == kClosure) flag(token, "a closure in a statement that awaits");
      if (token.text == "?") flag(token, "?: in a statement that awaits: write if and else");
    }
    judge_unpacking(statement, *first);
    judge_arguments(statement);
    judge_siblings(statement);
  }

  void judge_unpacking(const Tokens& statement, const Token& await) {
    std::size_t i = 0;
    while (i < statement.size() && is_any_of(statement[i].text, {"const", "auto", "&", "&&"})) ++i;
    if (i > 0 && i < statement.size() && statement[i].text == "[") {
      flag(await, "name the result first, then unpack it");
    }
  }

  // Every argument list that an await stands in: no other argument may have an effect.
  void judge_arguments(const Tokens& statement) {
    for (std::size_t open = 1; open < statement.size(); ++open) {
      const Token& callee = statement[open - 1];
      const bool is_call = statement[open].text == "(" && (callee.is_word || callee.text == ">");
      if (!is_call) continue;
      const std::size_t close = after_group(statement, open) - 1;
      const auto begin = statement.begin();
      const auto await = std::find_if(begin + static_cast<std::ptrdiff_t>(open),
                                      begin + static_cast<std::ptrdiff_t>(close), awaits);
      if (await == begin + static_cast<std::ptrdiff_t>(close)) continue;
      if (is_macro(callee)) flag(*await, "await above " + callee.text + ", into a name");
      int effects = 0;
      std::size_t argument = open + 1;
      int depth = 0;
      for (std::size_t i = open + 1; i <= close; ++i) {
        if (i == close || (depth == 0 && statement[i].text == ",")) {
          effects += has_effect(statement, argument, i) ? 1 : 0;
          argument = i + 1;
        }
        if (is_any_of(statement[i].text, {"(", "[", "{"})) ++depth;
        if (is_any_of(statement[i].text, {")", "]", "}"})) --depth;
      }
      if (effects > 1) {
        flag(*await, "an await beside another effect: the compilers disagree on their order");
      }
    }
  }

  // co_await f(co_await g()) is one after the other; co_await f() + co_await g() is neither.
  void judge_siblings(const Tokens& statement) {
    std::size_t operand_end = 0;
    for (std::size_t i = 0; i < statement.size(); ++i) {
      if (!awaits(statement[i])) continue;
      if (operand_end > 0 && i >= operand_end) {
        flag(statement[i], "a second await in one statement: give each its own");
        return;
      }
      if (operand_end == 0) operand_end = end_of_operand(statement, i + 1);
    }
  }

  // Past the operand of an await: names, calls, members and indices.
  static std::size_t end_of_operand(const Tokens& statement, std::size_t i) {
    while (i < statement.size()) {
      const Token& token = statement[i];
      if (is_any_of(token.text, {"(", "["})) {
        i = after_group(statement, i);
      } else if (token.is_word || is_any_of(token.text, {"::", ".", "->", "*", "&", "!", "~"})) {
        ++i;
      } else {
        break;
      }
    }
    return i;
  }

  Tokens tokens_;
  std::size_t at_ = 0;
  Findings findings_;
};

}  // namespace

Findings await_statements(const SourceFile& file) {
  if (!is_cpp(file.path)) return {};
  return AwaitReader(file.text).run();
}

}  // namespace sagasim::lint
