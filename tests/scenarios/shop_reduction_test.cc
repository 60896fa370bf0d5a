#include "scenarios/shop_reduction.h"

#include <gtest/gtest.h>

#include <numeric>

#include "scenarios/library.h"
#include "scenarios/repro.h"
#include "scenarios/workload.h"

namespace sagasim::scenarios {
namespace {

std::shared_ptr<const Reducible> shop(std::uint64_t seed) {
  const Scenario scenario = load("checkout", {"architecture.publish=after_commit",
                                              "architecture.tombstones=off", "shop.instances=2"});
  return make_reducible(scenario, generate_workload(scenario, seed));
}

std::string text_of(const Reducible& reducible) {
  Repro repro;
  repro.scenario = scenario_of(reducible);
  repro.workload = workload_of(reducible);
  repro.expect = Expectation{Verdict::kPass, "", "", std::nullopt};
  return write_repro(repro);
}

// What is left is a file that can be read, and reading it gives the same.
void expect_valid(const Reducible& reducible, const std::string& what) {
  SCOPED_TRACE(what);
  const std::string text = text_of(reducible);
  EXPECT_EQ(write_repro(parse_repro(text, "reduced.json")), text);
}

std::size_t stage_called(const Reducible& reducible, const std::string& id) {
  const auto stages = reducible.stages();
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].id == id) {
      return i;
    }
  }
  ADD_FAILURE() << "no stage " << id;
  return 0;
}

std::vector<std::size_t> all_of(const Stage& stage) {
  std::vector<std::size_t> edits(stage.edits.size());
  std::iota(edits.begin(), edits.end(), 0);
  return edits;
}

// With every edit of that stage made.
std::shared_ptr<const Reducible> after(const Reducible& reducible, const std::string& id) {
  const std::size_t stage = stage_called(reducible, id);
  return reducible.with(stage, all_of(reducible.stages()[stage]));
}

TEST(ShopReduction, EveryEditAloneLeavesAValidRunAndChangesIt) {
  const auto start = shop(7);
  const std::string before = text_of(*start);
  const auto stages = start->stages();
  for (std::size_t i = 0; i < stages.size(); ++i) {
    for (std::size_t edit = 0; edit < stages[i].edits.size(); ++edit) {
      const auto reduced = start->with(i, {edit});
      expect_valid(*reduced, stages[i].edits[edit]);
      EXPECT_NE(text_of(*reduced), before) << stages[i].edits[edit];
    }
  }
}

TEST(ShopReduction, AllEditsOfAStageTogetherLeaveAValidRun) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    std::shared_ptr<const Reducible> reducible = shop(seed);
    const auto stages = reducible->stages();
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const Stage stage = reducible->stages()[i];
      EXPECT_EQ(stage.id, stages[i].id);
      expect_valid(*reducible->with(i, all_of(stage)), stage.id);
      // And with every second one made, from which the next stage goes on.
      std::vector<std::size_t> some;
      for (std::size_t edit = 0; edit < stage.edits.size(); edit += 2) {
        some.push_back(edit);
      }
      reducible = reducible->with(i, some);
      expect_valid(*reducible, stage.id);
    }
  }
}

TEST(ShopReduction, AnOrderTakesWithItWhatRefersToIt) {
  const auto none = after(*shop(7), "orders");
  for (const domain::Command& command : workload_of(*none).commands) {
    EXPECT_TRUE(command.order.none()) << sim::to_text(command.name);
  }
  EXPECT_EQ(none->counts().at("orders"), 0u);
  EXPECT_GT(none->counts().at("commands"), 0u);
}

TEST(ShopReduction, AnOrderKeepsALine) {
  const auto reduced = after(*shop(7), "lines");
  for (const domain::Command& command : workload_of(*reduced).commands) {
    if (command.kind == domain::CommandKind::kCreateOrder) {
      EXPECT_EQ(command.lines.size(), 1u);
    }
  }
  EXPECT_TRUE(reduced->stages()[stage_called(*reduced, "lines")].edits.empty());
}

TEST(ShopReduction, ASettledOrderHasTakenItsGoodsAndItsMoney) {
  Scenario scenario;
  domain::Workload workload;
  workload.users = {{sim::Subject('u', 1), 5'000}};
  workload.products = {{sim::Subject('p', 1), 2'000, 10}};
  domain::Command order;
  order.name = sim::Subject('c', 1, 1);
  order.user = sim::Subject('u', 1);
  order.lines.push_back({sim::Subject('p', 1), 2});
  domain::Command cancel = order;
  cancel.name = sim::Subject('c', 1, 2);
  cancel.kind = domain::CommandKind::kCancelOrder;
  cancel.order = order.name;
  workload.commands = {order, cancel};
  const auto reduced = after(*make_reducible(scenario, workload), "settled orders");
  EXPECT_TRUE(workload_of(*reduced).commands.empty());
  EXPECT_EQ(workload_of(*reduced).users[0].balance, 1'000);
  EXPECT_EQ(workload_of(*reduced).products[0].stock, 8);
}

TEST(ShopReduction, NothingUnusedIsLeftWithoutCommands) {
  auto reduced = after(*shop(7), "customers");
  reduced = after(*reduced, "unused");
  EXPECT_TRUE(workload_of(*reduced).users.empty());
  EXPECT_TRUE(workload_of(*reduced).products.empty());
  EXPECT_TRUE(workload_of(*reduced).coupons.empty());
}

TEST(ShopReduction, GuardsAreSetBackOneByOne) {
  const auto start = shop(7);
  const std::size_t stage = stage_called(*start, "guards");
  const std::vector<std::string> guards = start->stages()[stage].edits;
  EXPECT_EQ(guards,
            (std::vector<std::string>{"publish=outbox", "tombstones=on", "saga_timeout=off"}));
  EXPECT_EQ(start->with(stage, {0, 2})->system()->architecture(), "resilient, tombstones=off");
  EXPECT_EQ(start->with(stage, {0, 1, 2})->system()->architecture(), "resilient");
}

TEST(ShopReduction, CalmLatenciesAreConstant) {
  auto reduced = after(*shop(7), "tails");
  reduced = after(*reduced, "middle latencies");
  const Environment& environment = scenario_of(*reduced).environment;
  for (const sim::Latency& latency :
       {environment.call, environment.database, environment.broker, environment.gateway}) {
    EXPECT_EQ(latency.min, latency.max);
    EXPECT_EQ(latency.tail_one_in, 0u);
  }
}

TEST(ShopReduction, AShakenShopDiffersInWhatShouldNotMatterAlone) {
  const auto start = shop(7);
  const Scenario& original = scenario_of(*start);
  std::uint32_t more_partitions = 0;
  std::uint32_t more_reads = 0;
  for (std::uint32_t i = 0; i < 8; ++i) {
    const auto shaken = start->shaken(i);
    expect_valid(*shaken, "shaken");
    Scenario scenario = scenario_of(*shaken);
    EXPECT_NE(scenario.environment.call.max, original.environment.call.max);
    more_partitions += scenario.shop.partitions - original.shop.partitions;
    more_reads += scenario.environment.extra_reads - original.environment.extra_reads;
    scenario.shop.partitions = original.shop.partitions;
    scenario.environment = original.environment;
    EXPECT_EQ(text_of(*make_reducible(scenario, workload_of(*shaken))), text_of(*start));
  }
  EXPECT_EQ(more_partitions, 2u);
  EXPECT_EQ(more_reads, 2u);
}

}  // namespace
}  // namespace sagasim::scenarios
