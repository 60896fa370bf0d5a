// The fingerprints that a seed has on every compiler, at every level, under every sanitizer and
// with any number of threads. The list is golden/fingerprints.txt; golden/update writes it anew.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "search/sweep.h"

namespace sagasim::scenarios {
namespace {

struct Golden {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string fingerprint;
  std::vector<std::string> settings;
};

std::vector<Golden> goldens() {
  std::ifstream file(SAGASIM_SOURCE_DIR "/tests/golden/fingerprints.txt");
  std::vector<Golden> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    std::istringstream words(line);
    Golden golden;
    words >> golden.scenario >> golden.seed >> golden.fingerprint;
    for (std::string setting; words >> setting;) {
      golden.settings.push_back(setting);
    }
    all.push_back(golden);
  }
  return all;
}

std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

TEST(Golden, EverySeedMeansTheSameHere) {
  const auto all = goldens();
  ASSERT_GE(all.size(), 200u);
  for (const Golden& golden : all) {
    const auto system = make_shop(load(golden.scenario, golden.settings));
    const RunResult result = system->run({.seed = golden.seed});
    EXPECT_EQ(hex(result.fingerprint), golden.fingerprint)
        << golden.scenario << " seed " << golden.seed;
  }
}

TEST(Golden, ARunLeavesNothingBehindForTheNext) {
  const auto system = make_shop(load("checkout", {}));
  const std::uint64_t alone = system->run({.seed = 7}).fingerprint;
  system->run({.seed = 8});
  EXPECT_EQ(system->run({.seed = 7}).fingerprint, alone);
}

TEST(Golden, OneThreadAndTwoSeeTheSameUniverses) {
  const auto system = make_shop(load("checkout", {}));
  search::SweepOptions options;
  options.seeds = 40;
  options.jobs = 1;
  const auto one = search::sweep(*system, options);
  options.jobs = 2;
  const auto two = search::sweep(*system, options);
  EXPECT_EQ(one.digest, two.digest);
  EXPECT_EQ(one.operations, two.operations);
}

}  // namespace
}  // namespace sagasim::scenarios
