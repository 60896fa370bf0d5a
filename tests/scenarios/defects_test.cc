// What the original code does wrong: each defect as its smallest run under the architecture of the
// report, replayed here, and the page that tells of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "domain/properties/catalog.h"
#include "scenarios/files.h"
#include "scenarios/repro.h"
#include "scenarios/shop_system.h"
#include "tests/docs/page.h"

namespace sagasim::scenarios {
namespace {

constexpr const char* kFolder = "scenarios/defects";

struct Defect {
  std::string name;  // "D1-flags-forgotten"
  Repro repro;
};

std::vector<Defect> defects() {
  std::vector<Defect> defects;
  const std::filesystem::path folder = std::filesystem::path(SAGASIM_SOURCE_DIR) / kFolder;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().string();
    defects.push_back({entry.path().stem().string(), parse_repro(read_file(file), file)});
  }
  std::stable_sort(defects.begin(), defects.end(),
                   [](const Defect& a, const Defect& b) { return a.name < b.name; });
  return defects;
}

TEST(Defects, AreEight) {
  int number = 0;
  for (const Defect& defect : defects()) {
    ++number;
    EXPECT_TRUE(defect.name.starts_with("D" + std::to_string(number) + "-")) << defect.name;
    EXPECT_FALSE(defect.repro.description.empty()) << defect.name;
    EXPECT_EQ(defect.repro.scenario.architecture.policy.transport, domain::Transport::kInProcess)
        << defect.name;
  }
  EXPECT_EQ(number, 8);
}

TEST(Defects, HappenAgain) {
  for (const Defect& defect : defects()) {
    const Repro& repro = defect.repro;
    ASSERT_TRUE(repro.expect && repro.expect->fingerprint) << defect.name;
    const RunResult result =
        make_shop(repro.scenario, repro.workload)->run({.seed = repro.seed, .plan = &repro.plan});
    ASSERT_FALSE(result.violations.empty()) << defect.name;
    EXPECT_EQ(result.violations.front().property, repro.expect->property) << defect.name;
    EXPECT_EQ(result.violations.front().message, repro.expect->message) << defect.name;
    EXPECT_EQ(fingerprint_text(result.fingerprint), fingerprint_text(*repro.expect->fingerprint))
        << defect.name;
    EXPECT_TRUE(result.not_applied.empty()) << defect.name << " has faults that strike nothing";
  }
}

// The faults and the customers alone do no harm: the reference lives through the same.
TEST(Defects, DoNotHappenToTheReference) {
  for (const Defect& defect : defects()) {
    Scenario scenario = defect.repro.scenario;
    scenario.architecture = {};
    scenario.properties.clear();
    const RunResult result = make_shop(scenario, defect.repro.workload)
                                 ->run({.seed = defect.repro.seed, .plan = &defect.repro.plan});
    EXPECT_TRUE(result.violations.empty())
        << defect.name << ": " << result.violations.front().message;
  }
}

std::string sentence_of(const std::string& property) {
  for (unsigned i = 0; i < domain::kPropertyCount; ++i) {
    if (domain::kPropertyCatalog[i].id == property) {
      return domain::kPropertyCatalog[i].description;
    }
  }
  return "?";
}

TEST(DefectsPage, TellsOfEachDefect) {
  std::string expected = "\n";
  for (const Defect& defect : defects()) {
    const Expectation& expect = *defect.repro.expect;
    expected += "### " + defect.name + "\n\n" + defect.repro.description + "\n\n";
    expected += "`./run replay " + std::string(kFolder) + "/" + defect.name + ".json` violates " +
                expect.property + " (" + sentence_of(expect.property) + ")\n\n";
    expected += "> " + expect.message + "\n\n";
  }
  docs::expect_between("docs/defects.md", "<!-- defects -->\n", "<!-- end of defects -->",
                       expected);
}

}  // namespace
}  // namespace sagasim::scenarios
