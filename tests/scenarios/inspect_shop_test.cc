// The shop looked into while it runs.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "search/inspection.h"

namespace sagasim::scenarios {
namespace {

using sim::Fact;
using sim::Item;
using sim::ItemList;
using sim::Snapshot;

const ItemList* list_of(const Snapshot& state, const std::string& part, const std::string& name) {
  for (const ItemList& list : state.lists) {
    if (list.part == part && list.name == name) {
      return &list;
    }
  }
  ADD_FAILURE() << "there is no list " << part << " " << name;
  return nullptr;
}

const Fact::Value* fact_of(const Item& item, const std::string& name) {
  for (const Fact& fact : item.facts) {
    if (fact.name == name) {
      return &fact.value;
    }
  }
  return nullptr;
}

std::vector<Snapshot> states(const Scenario& scenario, std::uint64_t seed,
                             const std::vector<sim::Instant>& looks) {
  RunRequest request;
  request.seed = seed;
  request.looks = looks;
  return make_shop(scenario)->run(request).states;
}

TEST(InspectShop, LookingChangesNothing) {
  const Scenario scenario = load("checkout", {"faults.profile=everything"});
  const auto system = make_shop(scenario);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    RunRequest request;
    request.seed = seed;
    const RunResult plain = system->run(request);
    for (const std::int64_t second : {0, 3, 9, 20, 60, 61, 200, 3'599}) {
      request.looks.push_back(sim::kStart + sim::seconds(second));
    }
    const RunResult looked_at = system->run(request);
    EXPECT_EQ(looked_at.fingerprint, plain.fingerprint) << "seed " << seed;
    EXPECT_EQ(looked_at.operations, plain.operations);
    EXPECT_EQ(looked_at.virtual_time, plain.virtual_time);
    EXPECT_EQ(looked_at.violations.size(), plain.violations.size());
    ASSERT_EQ(looked_at.states.size(), request.looks.size());
    EXPECT_EQ(looked_at.states[3].at, request.looks[3]);
  }
}

TEST(InspectShop, MoneyBeginsWithTheWorkloadAndOrdersComeWithTime) {
  const auto seen = states(load("calm"), 3, {sim::kStart, sim::kStart + sim::seconds(300)});
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(list_of(seen[0], "balance", "balances")->items.size(),
            list_of(seen[1], "balance", "balances")->items.size());
  EXPECT_TRUE(list_of(seen[0], "order", "orders")->items.empty());
  EXPECT_FALSE(list_of(seen[1], "order", "orders")->items.empty());
  for (const Item& item : list_of(seen[1], "order", "orders")->items) {
    EXPECT_NE(*fact_of(item, "phase"), Fact::Value(std::string("collecting"))) << item.name;
  }
  EXPECT_TRUE(list_of(seen[1], "processes", "operations")->items.empty());
  EXPECT_FALSE(list_of(seen[1], "gateway", "decided")->items.empty());
  // At rest every group has dealt with everything.
  for (const Item& item : list_of(seen[1], "broker", "groups")->items) {
    EXPECT_EQ(*fact_of(item, "lag"), Fact::Value(std::int64_t{0})) << item.name;
    EXPECT_TRUE(item.at_rest) << item.name;
  }
}

TEST(InspectShop, ANameStandsForOneThing) {
  const auto seen =
      states(load("checkout", {"architecture.consume=none", "architecture.natural_keys=off"}), 5,
             {sim::kStart + sim::seconds(9), sim::kStart + sim::seconds(500)});
  for (const Snapshot& state : seen) {
    std::set<std::string> places;
    for (const ItemList& list : state.lists) {
      EXPECT_TRUE(places.insert(list.part + " " + list.name).second) << list.part << list.name;
      std::set<std::string> names;
      for (const Item& item : list.items) {
        EXPECT_TRUE(names.insert(item.name).second) << list.name << " " << item.name;
      }
    }
  }
}

TEST(InspectShop, HashesInRowsHaveWords) {
  const auto seen = states(load("calm"), 3, {sim::kStart + sim::seconds(300)});
  const ItemList* inbox = list_of(seen[0], "balance", "inbox");
  ASSERT_FALSE(inbox->items.empty());
  for (const Item& item : inbox->items) {
    EXPECT_EQ(item.name.find('#'), std::string::npos) << item.name;
    EXPECT_EQ(*fact_of(item, "group"), Fact::Value(std::string("balance")));
  }
}

TEST(InspectShop, ACrashedServiceIsDownInTheStateOfThatTime) {
  Scenario scenario = load("checkout");
  scenario.explicit_plan = true;
  faults::WindowFault crash;
  crash.kind = faults::Kind::kPowerCut;
  crash.from = sim::kStart + sim::seconds(5);
  crash.until = sim::kStart + sim::seconds(8);
  scenario.plan.windows.push_back(crash);
  const auto seen =
      states(scenario, 3, {sim::kStart + sim::seconds(6), sim::kStart + sim::seconds(60)});
  std::vector<std::string> said;
  for (const Snapshot& state : seen) {
    for (const Item& item : list_of(state, "processes", "nodes")->items) {
      if (item.name == "order") {
        said.push_back(std::get<std::string>(*fact_of(item, "state")));
      }
    }
  }
  EXPECT_EQ(said, (std::vector<std::string>{"down", "up"}));
}

TEST(InspectShop, ALostGuardShowsAsADifferenceBetweenTwoRuns) {
  const std::vector<sim::Instant> end = {sim::kStart + sim::seconds(600)};
  const Snapshot with = states(load("calm"), 3, end).front();
  const Snapshot without =
      states(load("calm", {"architecture.publish=after_commit"}), 3, end).front();
  EXPECT_TRUE(search::changes(with, with).empty());
  EXPECT_FALSE(search::changes(with, without).empty());
}

}  // namespace
}  // namespace sagasim::scenarios
