// What the fuzzers found worth keeping, and what sagasim ships, through the same mill: quickly, and
// in every run of the tests.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "scenarios/files.h"
#include "scenarios/plan_json.h"
#include "scenarios/shop_vocabulary.h"
#include "tests/fuzz/inputs.h"

namespace sagasim::fuzz {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(std::string(SAGASIM_SOURCE_DIR) + "/" + folder)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string text_of(const std::string& path) { return scenarios::read_file(path); }

class Corpus : public testing::TestWithParam<std::size_t> {
 protected:
  const Input& input() const { return inputs()[GetParam()]; }
  void expect_taken(const std::string& file) const {
    EXPECT_NO_THROW(input().take(text_of(file))) << file;
  }
};

TEST_P(Corpus, IsTaken) {
  const std::vector<std::string> files = files_in(std::string("tests/fuzz/corpus/") + input().name);
  EXPECT_FALSE(files.empty());
  for (const std::string& file : files) {
    expect_taken(file);
  }
}

// A fuzzer that begins with what is refused does not come far.
TEST(Inputs, EveryKindOfFaultIsInAPlanThatIsNotRefused) {
  for (const std::string& file : files_in("tests/fuzz/corpus/plan")) {
    const scenarios::Document document(text_of(file), file);
    EXPECT_NO_THROW(scenarios::read_plan(document, document.root(), scenarios::shop_vocabulary()));
  }
}

// Cut off anywhere, and with a byte in the middle changed.
TEST_P(Corpus, IsTakenWhenDamaged) {
  for (const std::string& file : files_in(std::string("tests/fuzz/corpus/") + input().name)) {
    const std::string text = text_of(file);
    for (std::size_t i = 1; i < 8; ++i) {
      const std::size_t place = text.size() * i / 8;
      EXPECT_NO_THROW(input().take(std::string_view(text).substr(0, place)))
          << file << " " << place;
      std::string changed = text;
      changed[place] = static_cast<char>(changed[place] ^ 5);
      EXPECT_NO_THROW(input().take(changed)) << file << " " << place;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Corpus, testing::Range<std::size_t>(0, inputs().size()),
                         [](const auto& param) { return std::string(inputs()[param.param].name); });

TEST(Inputs, WhatIsShippedIsTaken) {
  for (const char* folder : {"scenarios/library", "scenarios/lattice", "tests/stories/repros"}) {
    const bool are_scenarios = std::string_view(folder) == "scenarios/library";
    for (const std::string& file : files_in(folder)) {
      if (!file.ends_with("lattice.json")) {
        EXPECT_NO_THROW(inputs()[are_scenarios ? 0 : 2].take(text_of(file))) << file;
      }
    }
  }
}

}  // namespace
}  // namespace sagasim::fuzz
