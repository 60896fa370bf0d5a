// Source: what the lint rules see of a file. The rules look at words, not at a syntax tree, so
// what is no code (comments, the insides of literals) is blanked first; lines stay where they are.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sagasim::lint {

struct SourceFile {
  std::string path;  // Relative to the top of the checkout: "sim/network.cc".
  std::string text;
};

// The first folder of a path: "sim"; empty for a file at the top.
std::string_view folder_of(std::string_view path);

bool is_header(std::string_view path);
bool is_cpp(std::string_view path);

// The text with every comment blanked, newlines kept.
std::string without_comments(std::string_view text);

// Likewise, and the insides of string and character literals blanked too.
std::string code_only(std::string_view text);

std::vector<std::string_view> lines_of(std::string_view text);

struct Token {
  std::string text;
  int line = 1;
  bool is_word = false;  // An identifier, keyword or number.
};

using Tokens = std::vector<Token>;

// The tokens of the code, without comments and preprocessor lines; a literal is one token "".
Tokens tokens_of(std::string_view text);

struct Include {
  std::string path;
  bool is_quoted = false;  // "sim/time.h" rather than <vector>.
  int line = 1;
};

std::vector<Include> includes_of(std::string_view text);

}  // namespace sagasim::lint
