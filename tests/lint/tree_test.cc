// The rules against this checkout: one test per rule, so that ctest names the one that is broken.

#include "tests/lint/tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/lint/rules.h"

namespace sagasim::lint {
namespace {

class Tree : public testing::TestWithParam<Rule> {};

TEST_P(Tree, Keeps) {
  for (const SourceFile& file : source_tree()) {
    for (const Finding& finding : lint(file, GetParam())) {
      ADD_FAILURE() << file.path << ":" << finding.line << ": " << finding.message
                    << "\n  to allow it: // lint: allow " << finding.word << ": REASON";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Checkout, Tree, testing::ValuesIn(rules().begin(), rules().end()),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(Tree, IsRead) {
  const std::vector<SourceFile> files = source_tree();
  const auto has = [&files](const char* path) {
    return std::any_of(files.begin(), files.end(),
                       [path](const SourceFile& file) { return file.path == path; });
  };
  EXPECT_TRUE(has("CMakeLists.txt"));
  EXPECT_TRUE(has("run"));
  EXPECT_TRUE(has("tests/lint/tree.cc"));
}

TEST(Tree, BuildsEveryTest) {
  std::string cmake;
  std::vector<std::string> tests;
  for (const SourceFile& file : source_tree()) {
    if (file.path == "tests/CMakeLists.txt") cmake = file.text;
    const bool is_test = file.path.starts_with("tests/") && file.path.ends_with("_test.cc");
    if (is_test) tests.push_back(file.path.substr(std::string("tests/").size()));
  }
  ASSERT_FALSE(tests.empty());
  EXPECT_EQ(unlisted_tests(cmake, tests), std::vector<std::string>()) << "in tests/CMakeLists.txt";
}

}  // namespace
}  // namespace sagasim::lint
