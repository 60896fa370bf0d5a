// docs/fidelity.md: a row for each behaviour, and every test that it names exists.

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/lint/tree.h"

namespace sagasim {
namespace {

std::string page() {
  for (const lint::SourceFile& file : lint::source_tree()) {
    if (file.path == "docs/fidelity.md") {
      return file.text;
    }
  }
  return "";
}

// "Suite.Case" of every case in the sources.
std::set<std::string> cases() {
  const std::regex macro(R"((?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\(\s*(\w+),\s*(\w+))");
  std::set<std::string> names;
  for (const lint::SourceFile& file : lint::source_tree()) {
    if (!file.path.starts_with("tests/") || !file.path.ends_with("_test.cc")) {
      continue;
    }
    for (std::sregex_iterator match(file.text.begin(), file.text.end(), macro), end; match != end;
         ++match) {
      names.insert((*match)[1].str() + "." + (*match)[2].str());
    }
  }
  return names;
}

TEST(Fidelity, NamesTestsThatExist) {
  const std::string text = page();
  const std::set<std::string> known = cases();
  const std::regex name(R"(`([A-Z]\w+\.[A-Z]\w+)`)");
  int named = 0;
  for (std::sregex_iterator match(text.begin(), text.end(), name), end; match != end; ++match) {
    EXPECT_TRUE(known.contains((*match)[1].str())) << "no such test: " << (*match)[1];
    ++named;
  }
  EXPECT_GT(named, 100);
}

TEST(Fidelity, HasOneRowForEachBehaviourAndEachShowsItOrSaysWhyNot) {
  const std::string text = page();
  const std::vector<std::pair<std::string, int>> families{
      {"KF", 18}, {"SE", 8}, {"OB", 7}, {"DB", 11}, {"RD", 7}, {"LK", 7}, {"HT", 8}, {"TM", 7}};
  for (const auto& [family, count] : families) {
    for (int number = 1; number <= count; ++number) {
      const std::string id = family + std::to_string(number);
      const std::string begin = "\n| " + id + " | ";
      const std::size_t at = text.find(begin);
      ASSERT_NE(at, std::string::npos) << "no row for " << id;
      EXPECT_EQ(text.find(begin, at + 1), std::string::npos) << "two rows for " << id;
      const std::string row = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
      const bool shows = std::regex_search(row, std::regex(R"(`[A-Z]\w+\.[A-Z]\w+`)"));
      const bool says_why = row.find("| left out: ") != std::string::npos;
      EXPECT_NE(shows, says_why) << row;
    }
    EXPECT_EQ(text.find("\n| " + family + std::to_string(count + 1) + " |"), std::string::npos);
  }
}

// What makes it visible is a policy, a bug or a fault that there is, or it is said that none does.
TEST(Fidelity, MakesItVisibleByWhatThereIs) {
  const std::string text = page();
  std::string known;
  for (const char* file : {"domain/policies.def", "domain/policy_catalog.cc", "scenarios/bugs.cc",
                           "faults/catalog.cc", "scenarios/scenario_json.cc"}) {
    std::stringstream content;
    content << std::ifstream(std::string(SAGASIM_SOURCE_DIR "/") + file).rdbuf();
    ASSERT_FALSE(content.str().empty()) << file;
    known += content.str();
  }
  const auto is_known = [&](const std::string& word) {
    return std::regex_search(known, std::regex("[\"( ]" + word + "[\",]"));
  };
  const std::regex row(R"(\n\| ((?:KF|SE|OB|DB|RD|LK|HT|TM)\d+) \|[^\n]*\| ([^|\n]*) \|(?=\n))");
  const std::regex word(R"(`([a-z_-]+)(?:=([a-z_]+))?`|\b([A-Z]{1,2}[0-9]{2})\b)");
  int rows = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), row), end; at != end; ++at, ++rows) {
    const std::string cell = (*at)[2];
    EXPECT_FALSE(cell.empty()) << (*at)[1];
    for (std::sregex_iterator name(cell.begin(), cell.end(), word); name != end; ++name) {
      for (int part = 1; part <= 3; ++part) {
        const std::string id = (*name)[static_cast<std::size_t>(part)];
        EXPECT_TRUE(id.empty() || is_known(id)) << (*at)[1] << " names " << id;
      }
    }
  }
  EXPECT_GT(rows, 60);
}

}  // namespace
}  // namespace sagasim
