// Failing runs of the shop, minimised and explained: small, as files, and in words.

#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/library.h"
#include "scenarios/repro.h"
#include "scenarios/shop_reduction.h"
#include "scenarios/shop_system.h"
#include "scenarios/workload.h"
#include "search/explain.h"
#include "search/minimize.h"
#include "search/recording.h"

namespace sagasim::scenarios {
namespace {

// The first failing run of the weakened checkout.
search::Case first_failure(const std::vector<std::string>& settings) {
  const Scenario scenario = load("checkout", settings);
  const auto system = make_shop(scenario);
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    const RunResult result = system->run({.seed = seed, .record = true});
    if (result.failed()) {
      return {make_reducible(scenario, generate_workload(scenario, seed)), seed, result.plan};
    }
  }
  ADD_FAILURE() << "no seed fails";
  return {make_reducible(scenario, {}), 0, {}};
}

class Weakened : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Weakened, ShopComesDownToAFewFaultsAndOrders) {
  search::MinimizeOptions options;
  options.jobs = 2;
  const search::MinimizeResult result = search::minimize(first_failure(GetParam()), options);
  EXPECT_TRUE(result.minimal);
  EXPECT_FALSE(result.internal_error.has_value());
  EXPECT_EQ(result.after.result.signature(), result.before.result.signature());
  EXPECT_LE(result.after.what.plan.size(), 3u);
  EXPECT_LE(result.after.what.setup->counts().at("orders"), 3u);
  // What most of the variations show is no accident of one schedule.
  EXPECT_GE(result.sturdiness, search::kShakes / 2);

  Repro repro;
  repro.scenario = scenario_of(*result.after.what.setup);
  repro.seed = result.after.what.seed;
  repro.workload = workload_of(*result.after.what.setup);
  repro.plan = result.after.what.plan;
  repro.expect.emplace();
  repro.expect->property = result.after.result.violations.front().property;
  const Repro read = parse_repro(write_repro(repro), "min.json");
  const RunResult again =
      make_shop(read.scenario, read.workload)->run({.seed = read.seed, .plan = &read.plan});
  EXPECT_EQ(again.fingerprint, result.after.result.fingerprint);
  EXPECT_EQ(again.signature(), result.after.result.signature());
}

INSTANTIATE_TEST_SUITE_P(
    Shop, Weakened,
    testing::Values(std::vector<std::string>{"architecture.publish=after_commit"},
                    std::vector<std::string>{"architecture.publish=before_commit"},
                    std::vector<std::string>{"architecture.publish=direct"},
                    std::vector<std::string>{"architecture.consume=none",
                                             "architecture.natural_keys=off"},
                    std::vector<std::string>{"architecture.consume=inbox_outside",
                                             "architecture.natural_keys=off"},
                    std::vector<std::string>{"architecture.consume=marked_first"},
                    std::vector<std::string>{"architecture.tombstones=off"}));

TEST(ExplainShop, TellsTheStoryWithItsAmountsAndItsRemedy) {
  search::MinimizeOptions options;
  options.jobs = 2;
  const search::Case smallest =
      search::minimize(first_failure({"architecture.publish=after_commit"}), options).after.what;
  const search::Explanation told = search::explain(smallest, {.jobs = 2});
  ASSERT_FALSE(told.faults.empty());
  for (const search::FaultRole& role : told.faults) {
    EXPECT_TRUE(role.necessary);
  }
  const auto says = [&](search::ChainStep::Kind kind, const std::string& words) {
    return std::any_of(told.chain.begin(), told.chain.end(), [&](const auto& step) {
      return step.kind == kind && step.sentence.find(words) != std::string::npos;
    });
  };
  EXPECT_TRUE(says(search::ChainStep::Kind::kEvent, " KRW: order c"));
  EXPECT_TRUE(says(search::ChainStep::Kind::kFault, ""));
  EXPECT_LE(told.chain.size(), 24u);
  ASSERT_EQ(told.remedies.size(), 1u);
  EXPECT_EQ(told.remedies[0].changes, std::vector<std::string>{"publish=outbox"});
}

TEST(ExplainShop, TwoGuardsThatMaskEachOtherAreTwoRemedies) {
  const search::Explanation told = search::explain(
      first_failure({"architecture.consume=none", "architecture.natural_keys=off"}), {.jobs = 2});
  ASSERT_EQ(told.remedies.size(), 2u);
  EXPECT_EQ(told.remedies[0].changes, std::vector<std::string>{"consume=inbox"});
  EXPECT_EQ(told.remedies[1].changes, std::vector<std::string>{"natural_keys=on"});
}

TEST(Reseed, LeavesThePastAndDrawsAnotherFuture) {
  const auto system = make_shop(load("calm"));
  search::Recording one;
  system->run({.seed = 3, .tracer = &one});
  const sim::Instant at = one.operations()[one.operations().size() / 2].operation.at;
  search::Recording other;
  system->run({.seed = 3, .reseed = Reseed{at, 12345}, .tracer = &other});
  bool differs = false;
  for (std::size_t i = 0; i < one.operations().size() && i < other.operations().size(); ++i) {
    const auto& a = one.operations()[i];
    const auto& b = other.operations()[i];
    if (a.operation.at < at) {
      ASSERT_EQ(a.operation.id, b.operation.id);
      ASSERT_EQ(a.operation.at, b.operation.at);
    }
    differs = differs || a.operation.at != b.operation.at;
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace sagasim::scenarios
