#include "tests/scenarios/guarantees.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "scenarios/files.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"

namespace sagasim::scenarios {
namespace {

// Between them they have something to judge for every property but OUT-3, which is about runs in
// which nothing goes wrong.
constexpr const char* kScenarios[] = {"checkout", "marketplace"};

// How often each property broke in `seeds` runs under a breaker.
std::map<std::string, int> broken_under(const Guarantee& guarantee, std::uint64_t seeds,
                                        const char* scenario) {
  const auto system =
      make_shop(load(scenario, {std::string("faults.profile=") + guarantee.profile}));
  std::map<std::string, int> broken;
  std::uint64_t struck = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const RunResult result = system->run({.seed = seed});
    struck += result.faults[static_cast<unsigned>(guarantee.breaker)];
    std::map<std::string, int> here;
    for (const Violation& violation : result.violations) {
      here[violation.property] = 1;
    }
    for (const auto& [property, one] : here) {
      broken[property] += one;
    }
  }
  EXPECT_GT(struck, 0u) << guarantee.profile;
  return broken;
}

void expect_only_what_may_break(const Guarantee& guarantee,
                                const std::map<std::string, int>& broken) {
  EXPECT_FALSE(broken.empty()) << "nothing notices " << guarantee.profile;
  for (const auto& [property, count] : broken) {
    EXPECT_TRUE(guarantee.allows(property)) << property << " must hold under " << guarantee.profile
                                            << " and broke " << count << " times";
  }
}

TEST(Guarantees, EveryBreakerHasItsRow) {
  std::map<faults::Kind, int> rows;
  for (const Guarantee& guarantee : guarantees()) {
    ++rows[guarantee.breaker];
    EXPECT_NE(faults::find_profile(guarantee.profile), nullptr) << guarantee.profile;
  }
  for (const faults::KindInfo& info : faults::kCatalog) {
    EXPECT_EQ(rows[info.kind], info.breaker ? 1 : 0) << info.id;
  }
}

TEST(Guarantees, ABreakerBreaksOnlyWhatItMay) {
  for (const Guarantee& guarantee : guarantees()) {
    // Some strike seldom where it hurts.
    const bool rare = guarantee.may_break.size() <= 8;
    for (const char* scenario : kScenarios) {
      expect_only_what_may_break(guarantee, broken_under(guarantee, rare ? 400 : 100, scenario));
    }
  }
}

TEST(GuaranteesSlow, ABreakerBreaksAllThatTheTableSays) {
  for (const Guarantee& guarantee : guarantees()) {
    std::map<std::string, int> broken;
    for (const char* scenario : kScenarios) {
      broken.merge(broken_under(guarantee, 10'000, scenario));
    }
    const auto unseen = [&](const std::string& property) { return !broken.contains(property); };
    const auto& table = guarantee.may_break;
    if (std::any_of(table.begin(), table.end(), unseen)) {
      broken.merge(broken_under(guarantee, 10'000, "rush"));  // what takes a coincidence
    }
    expect_only_what_may_break(guarantee, broken);
    for (const std::string& property : table) {
      EXPECT_FALSE(unseen(property)) << property << " is said to break under " << guarantee.profile;
    }
  }
}

// The page shows the table; whoever changes one sees here what the other should be.
TEST(Guarantees, ThePageShowsTheTable) {
  std::string expected = "| property |";
  std::string line = "| --- |";
  for (const Guarantee& guarantee : guarantees()) {
    expected += std::string(" ") + faults::info_of(guarantee.breaker).id + " |";
    line += " --- |";
  }
  expected += "\n" + line + "\n";
  for (const PropertyInfo& property : make_shop(load("checkout"))->properties()) {
    expected += "| " + property.id + " |";
    for (const Guarantee& guarantee : guarantees()) {
      expected += guarantee.allows(property.id) ? " may break |" : " holds |";
    }
    expected += "\n";
  }
  for (const Guarantee& guarantee : guarantees()) {
    expected += std::string("\n**") + faults::info_of(guarantee.breaker).id +
                "**: " + faults::info_of(guarantee.breaker).description + " " + guarantee.why +
                "\n";
  }
  const std::string page = read_file(SAGASIM_SOURCE_DIR "/docs/guarantees.md");
  EXPECT_NE(page.find(expected), std::string::npos) << "docs/guarantees.md should contain\n"
                                                    << expected;
}

}  // namespace
}  // namespace sagasim::scenarios
