// Minimised runs as files, after changes of the shop that have nothing to do with them: a service
// gains a read, topics gain a partition, everything is slower or faster than it was.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/files.h"
#include "scenarios/repro.h"
#include "scenarios/shop_system.h"

namespace sagasim::stories {
namespace {

using scenarios::Environment;
using scenarios::Repro;

std::vector<std::string> files() {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(SAGASIM_SOURCE_DIR "/tests/stories/repros")) {
    files.push_back(entry.path().string());
  }
  std::stable_sort(files.begin(), files.end());
  return files;
}

void scale_latencies(Environment& environment, std::int64_t percent) {
  for (sim::Latency* latency : {&environment.call, &environment.database, &environment.broker,
                                &environment.gateway, &environment.gateway_processing}) {
    latency->min = latency->min * percent / 100;
    latency->max = latency->max * percent / 100;
  }
}

struct Change {
  const char* what;
  std::function<void(scenarios::Scenario&)> make;
};
const Change kChanges[] = {
    {"nothing", [](scenarios::Scenario&) {}},
    {"another read in every handler",
     [](scenarios::Scenario& scenario) { ++scenario.environment.extra_reads; }},
    {"three more reads in every handler",
     [](scenarios::Scenario& scenario) { scenario.environment.extra_reads += 3; }},
    {"another partition of every topic",
     [](scenarios::Scenario& scenario) { ++scenario.shop.partitions; }},
    {"everything half as slow again",
     [](scenarios::Scenario& scenario) { scale_latencies(scenario.environment, 150); }},
    {"everything in two thirds of the time",
     [](scenarios::Scenario& scenario) { scale_latencies(scenario.environment, 67); }},
};

TEST(Repros, ThereAreTenAtLeast) { EXPECT_GE(files().size(), 10u); }

TEST(Repros, FailTheSameWayAfterUnrelatedChanges) {
  for (const std::string& file : files()) {
    const Repro repro = scenarios::parse_repro(scenarios::read_file(file), file);
    ASSERT_TRUE(repro.expect.has_value()) << file;
    std::string signature;
    for (const Change& change : kChanges) {
      scenarios::Scenario scenario = repro.scenario;
      change.make(scenario);
      scenarios::RunRequest request;
      request.seed = repro.seed;
      request.plan = &repro.plan;
      const auto result = scenarios::make_shop(scenario, repro.workload)->run(request);
      if (signature.empty()) {
        EXPECT_EQ(result.violations.empty() ? "" : result.violations.front().property,
                  repro.expect->property)
            << file;
        signature = result.signature();
      }
      EXPECT_EQ(result.signature(), signature) << file << " after " << change.what;
      EXPECT_TRUE(result.not_applied.empty()) << file << " after " << change.what;
    }
  }
}

}  // namespace
}  // namespace sagasim::stories
