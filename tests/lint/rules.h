// Rules: the house rules that a machine can check, each a pure function of one file, so that
// rules_test.cc can show it a planted offence and a good sample, and tree_test.cc can hold it
// against the real tree. A rule knows by the path which folders it is about.
//
// A line that breaks a rule for a good reason says so, on the line or in the comment above it:
//     // lint: allow std::sort: the keys are unique, so no tie is left to the library
// An allowance without a reason, or one that nothing needs any more, is a finding too.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/source.h"

namespace sagasim::lint {

struct Finding {
  int line = 1;
  std::string word;  // What an allowance must name.
  std::string message;
};

using Findings = std::vector<Finding>;

// The folders are layers: a file includes only its own and those below it.
Findings include_direction(const SourceFile& file);

// The kernel, the faults, the search and the reports know no name of the shop.
Findings shop_words(const SourceFile& file);

// What differs between compilers, libraries, processors or runs is not used below apps.
Findings banned_words(const SourceFile& file);

// A statement that awaits is plain: await_rule.cc says what that means and why.
Findings await_statements(const SourceFile& file);

// A .cc includes its own header first, so that every header is self-contained.
Findings own_header_first(const SourceFile& file);

// A header begins with #pragma once and has no include guard beside it.
Findings pragma_once(const SourceFile& file);

// Code is at most 100 columns wide.
Findings line_length(const SourceFile& file);

// No note to do something later stays in the code.
Findings leftovers(const SourceFile& file);

// No absolute path and no package host of the machine that somebody worked on.
Findings local_paths(const SourceFile& file);

// Allowances have a reason and are needed.
Findings allowances(const SourceFile& file);

struct Rule {
  const char* name;
  Findings (*check)(const SourceFile& file);
};

// All of the above.
std::span<const Rule> rules();

// What the rule finds in the file and no comment allows.
Findings lint(const SourceFile& file, const Rule& rule);

// The test sources that a CMake file does not list. Paths are relative to that file's folder.
std::vector<std::string> unlisted_tests(std::string_view cmake,
                                        const std::vector<std::string>& paths);

}  // namespace sagasim::lint
