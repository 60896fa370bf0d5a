#include "reports/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/reports/samples.h"

namespace sagasim::reports {
namespace {

using Json = nlohmann::json;

template <class Report>
Json json_of(const Report& report) {
  std::ostringstream out;
  write_json(out, report);
  return Json::parse(out.str());
}

void expect_keys(const Json& json, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
}

TEST(Json, ARunHasTheKeysOfTheContract) {
  RunReport report = fake::run_report(7);
  report.result.tallies["events_by_type"] = {{"Started", 3}};
  const Json json = json_of(report);
  expect_keys(json, {"scenario", "architecture", "seed", "fingerprint", "verdict", "violations",
                     "operations", "events_by_type", "faults", "virtual_seconds", "wall_seconds"});
  EXPECT_EQ(json["seed"], "7");
  EXPECT_EQ(json["fingerprint"], search::fingerprint_text(sim::mix(7)));
  EXPECT_EQ(json["verdict"], "fail");
  ASSERT_EQ(json["violations"].size(), 2u);
  expect_keys(json["violations"][0], {"property", "message", "at", "order"});
  EXPECT_EQ(json["violations"][0]["order"], "s1");
  EXPECT_EQ(json["violations"][0]["at"], 0.5);
  EXPECT_EQ(json["things"]["started"], 3);
  EXPECT_EQ(json["faults"].size(), static_cast<std::size_t>(faults::kKinds));
  EXPECT_EQ(json["virtual_seconds"], 1.5);
}

TEST(Json, ARunSaysWhatIsStuckAndWhy) {
  RunReport report = fake::run_report(7);
  EXPECT_TRUE(json_of(report)["stuck"].empty());
  report.result.stuck = {{sim::Subject('t', 1, 2), "lost", "its Ended never reached the log"}};
  const Json json = json_of(report);
  ASSERT_EQ(json["stuck"].size(), 1u);
  EXPECT_EQ(json["stuck"][0]["order"], "t1.2");
  EXPECT_EQ(json["stuck"][0]["reason"], "lost");
  EXPECT_EQ(json["stuck"][0]["message"], "its Ended never reached the log");
}

TEST(Json, ASweepHasTheKeysOfTheContract) {
  const Json json = json_of(fake::sweep_report(40));
  expect_keys(json, {"scenario", "architecture", "runs", "failed", "first_seed", "failures",
                     "properties", "faults", "coverage", "runs_per_second", "things_per_second",
                     "operations_per_second", "jobs"});
  expect_keys(json["failures"][0], {"cause", "property", "count", "first_seed", "repro"});
  expect_keys(json["coverage"], {"cells", "seen", "unseen_probability", "failure_rate_bound_95"});
  EXPECT_EQ(json["first_seed"], "7");
  EXPECT_EQ(json["failures"][1]["cause"], "END-1/thing");
  EXPECT_EQ(json["failures"][1]["repro"], "out/repro.json");
  EXPECT_EQ(json["runs_per_second"], 20.0);
  EXPECT_EQ(json["things_per_second"], 60.0);
}

TEST(Json, ASweepWithoutFailuresHasNoFirstSeed) {
  const Json json = json_of(fake::sweep_report(5));
  EXPECT_TRUE(json["first_seed"].is_null());
  EXPECT_TRUE(json["failures"].empty());
  EXPECT_EQ(json["verdict"], "pass");
}

TEST(Json, AReplaySaysWhatDiffers) {
  RunReport report = fake::run_report(8);
  report.is_replay = true;
  EXPECT_EQ(json_of(report)["reproduced"], true);
  report.differences = {{"fingerprint", "1", "2"}};
  report.divergence = search::Divergence{4, sim::kStart + sim::seconds(1), "a", "", "operation"};
  const Json json = json_of(report);
  EXPECT_EQ(json["reproduced"], false);
  EXPECT_EQ(json["differences"][0]["what"], "fingerprint");
  EXPECT_EQ(json["divergence"]["operation"], 5);
}

TEST(Json, TalliesReplaceNoOtherKey) {
  RunReport report = fake::run_report(8);
  report.result.tallies["seed"] = {{"x", 1}};
  EXPECT_EQ(json_of(report)["seed"], "8");
}

TEST(Json, BytesThatAreNoTextDoNotStopIt) {
  RunReport report = fake::run_report(7);
  report.result.violations[0].message = "\xff\xfe";
  EXPECT_EQ(json_of(report)["verdict"], "fail");
}

}  // namespace
}  // namespace sagasim::reports
