// The named architectures against whole runs: what each breaks, what it keeps, and that what keeps
// everything does so. The monolith is held against the sequential model, order by order.

#include "scenarios/architecture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "domain/model/sequential_counter.h"
#include "sagasim/testing.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "scenarios/workload.h"
#include "tests/scenarios/rows.h"

namespace sagasim::scenarios {
namespace {

using Ids = std::set<std::string>;

// What was violated in some of the first `seeds` runs.
Ids broken_in(const std::string& scenario, const std::vector<std::string>& settings,
              std::uint64_t seeds) {
  const auto system = make_shop(load(scenario, settings));
  Ids broken;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    for (const Violation& violation : system->run({.seed = seed}).violations) {
      broken.insert(violation.property);
    }
  }
  return broken;
}

void expect_breaks_and_keeps(const std::string& architecture, const Ids& breaks, const Ids& keeps) {
  const Ids broken = broken_in("checkout", {"architecture.preset=" + architecture}, 60);
  for (const std::string& id : breaks) {
    EXPECT_TRUE(broken.contains(id)) << id << " held";
  }
  for (const std::string& id : keeps) {
    EXPECT_FALSE(broken.contains(id)) << id << " is broken";
  }
}

// Where nothing goes wrong everything holds, and not because nothing was sold.
void expect_sound_in_calm(const std::string& architecture) {
  for (const char* scenario : {"calm", "checkout", "marketplace"}) {
    const auto system =
        make_shop(load(scenario, {"architecture.preset=" + architecture, "faults.profile=calm"}));
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const RunResult result = system->run({.seed = seed});
      EXPECT_EQ(result.verdict, Verdict::kPass)
          << scenario << " seed " << seed << ": " << result.signature();
      EXPECT_GT(result.tallies.at("orders").at("completed"), 0u) << scenario << " seed " << seed;
    }
  }
}

// What the report's next step has to break, and what it holds all the same.
TEST(Architectures, EventsOverABrokerBreakWhatNoGuardKeeps) {
  expect_breaks_and_keeps("events_broker",
                          {"IDM-1", "EVT-2", "CMP-1", "CMP-2", "PAY-4", "OUT-2", "DPL-1", "ORD-6"},
                          {"MON-1", "MON-2", "STK-1", "STK-2", "CPN-1", "MON-7", "ORD-5"});
}

// Without any fault and without old events coming again, its fault shows where a payment is
// declined.
TEST(Architectures, EventsOverABrokerForgetToGiveBackWhenAPaymentIsDeclined) {
  EXPECT_BREAKS(Tested("checkout", {"architecture.preset=events_broker", "faults.profile=calm"}),
                30, "CMP-1");
}

// The report as it is written: what dies with the process, and what its code does on top.
TEST(Architectures, EventsInOneProcessLoseWhatWaitsAndKeepWhatIsInRows) {
  expect_breaks_and_keeps("events_in_process",
                          {"LIV-1", "ORP-1", "MON-4", "STK-4", "CMP-1", "PAY-4", "OUT-2", "ORD-6"},
                          {"MON-1", "MON-2", "STK-1", "STK-2", "CPN-1", "MON-7", "ORD-5"});
}

// Services that call each other: sound as long as everybody lives and answers.
TEST(Architectures, CallsKeepEverythingWhereNothingFails) { expect_sound_in_calm("rest"); }

TEST(Architectures, CallsLoseWhatADyingCallerHadInMindAndKeepWhatIsInRows) {
  expect_breaks_and_keeps(
      "rest", {"LIV-1", "ORP-1", "MON-4", "STK-4", "CMP-1", "PAY-4", "OUT-2", "RNK-1"},
      {"MON-1", "MON-2", "STK-1", "STK-2", "CPN-1", "MON-7", "ORD-5", "ORD-6", "IDM-5", "PAY-5"});
}

// The balance has been used, and the one who knows that the stock comes next is gone.
TEST(Architectures, NobodyGoesOnForACallerThatDiesBetweenTwoCalls) {
  const std::string plan =
      R"plan(faults.plan=[{"fault":"crash-seen","for":"2 s",)plan"
      R"plan("operation":"order/create-order:command(c1.1)/call:use-balance(c1.1)"}])plan";
  const auto broken = [&](const char* architecture) {
    const RunResult result =
        make_shop(load("checkout-one-order", {architecture, plan}))->run({.seed = 1});
    EXPECT_TRUE(result.left_over.empty() || std::string(architecture) != "architecture=rest");
    Ids properties;
    for (const Violation& violation : result.violations) {
      properties.insert(violation.property);
    }
    return properties;
  };
  const Ids rest = broken("architecture=rest");
  EXPECT_TRUE(rest.contains("MON-4"));
  EXPECT_TRUE(rest.contains("LIV-1"));
  EXPECT_TRUE(broken("architecture=resilient").empty()) << "there is no such call";
}

// All of an order in one transaction: whatever dies, money, goods and coupons are right. What
// follows from a completed order is told from memory, and dies with it.
TEST(Architectures, TheMonolithLosesOnlyWhatLeavesIt) {
  for (const char* scenario : {"checkout", "rush", "marketplace"}) {
    EXPECT_EQ(broken_in(scenario, {"architecture.preset=monolith"}, 40), Ids{"DPL-2"}) << scenario;
  }
}

TEST(Architectures, TheMonolithKeepsEverythingWhereNothingFails) {
  expect_sound_in_calm("monolith");
}

// One command after the other, as the counter of the model serves them, customers' and the
// manager's: each order sold or refused alike, and the same left of everything.
TEST(Architectures, TheMonolithDoesWhatTheModelDoes) {
  const Scenario scenario =
      load("marketplace", {"architecture=monolith", "faults.profile=calm", "workload.span=20 h",
                           "environment.decline_percent=0", "horizon.limit=30 h"});
  constexpr int kKinds = domain::kCommandKinds;
  int changed[kKinds] = {};
  int refused[kKinds] = {};
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    domain::Workload workload = generate_workload(scenario, seed);
    RunRequest request{.seed = seed};
    request.looks = {sim::kStart + scenario.horizon.limit};
    const RunResult result = make_shop(scenario, workload)->run(request);
    const sim::Snapshot& end = result.states.front();
    std::stable_sort(workload.commands.begin(), workload.commands.end(),
                     [](const auto& one, const auto& two) { return one.at < two.at; });
    domain::model::SequentialCounter model(workload);
    for (const domain::Command& command : workload.commands) {
      const bool serves = model.serve(command);
      ++(serves ? changed : refused)[static_cast<int>(command.kind)];
      if (command.kind == domain::CommandKind::kCreateOrder) {
        const sim::Item* order = row(end, "orders", sim::to_text(command.name));
        EXPECT_EQ(order != nullptr, serves) << sim::to_text(command.name);
        EXPECT_EQ(order != nullptr && text(*order, "status") == "COMPLETED", serves)
            << sim::to_text(command.name);
      }
    }
    const domain::model::SequentialShop& shop = model.shop();
    for (const domain::InitialUser& user : workload.users) {
      EXPECT_EQ(number(*row(end, "balances", sim::to_text(user.user)), "amount"),
                shop.balance(user.user));
      for (const domain::InitialCampaign& campaign : workload.campaigns) {
        const sim::Subject coupon = domain::coupon_of(campaign.campaign, user.user);
        const sim::Item* issued = row(end, "user_coupons", sim::to_text(coupon));
        EXPECT_EQ(issued != nullptr, model.was_issued(coupon)) << sim::to_text(coupon);
        const sim::Subject holder = shop.holder(coupon);
        EXPECT_EQ(issued == nullptr ? "" : text(*issued, "used_by"),
                  holder.none() ? "" : sim::to_text(holder));
      }
    }
    for (const domain::InitialProduct& product : workload.products) {
      const std::string name = sim::to_text(product.product);
      EXPECT_EQ(number(*row(end, "stocks", name), "quantity"), shop.stock(product.product));
      EXPECT_EQ(number(*row(end, "products", name), "price"), model.price(product.product));
      EXPECT_EQ(text(*row(end, "products", name), "status"),
                domain::to_text(model.selling(product.product)));
    }
    for (const domain::InitialCampaign& campaign : workload.campaigns) {
      const sim::Item* left = row(end, "campaigns", sim::to_text(campaign.campaign));
      EXPECT_EQ(number(*left, "quantity"), model.left(campaign.campaign));
      EXPECT_EQ(text(*left, "status"), domain::to_text(model.status(campaign.campaign)));
    }
    for (const domain::InitialCoupon& coupon : workload.coupons) {
      const sim::Subject holder = shop.holder(coupon.coupon);
      EXPECT_EQ(text(*row(end, "user_coupons", sim::to_text(coupon.coupon)), "used_by"),
                holder.none() ? "" : sim::to_text(holder));
    }
  }
  using enum domain::CommandKind;
  for (const domain::CommandKind kind :
       {kCreateOrder, kCharge, kIssueCoupon, kReprice, kStopSelling, kResumeSelling, kRestock,
        kOpenCampaign, kCancelCampaign, kExpireCoupon}) {
    EXPECT_GT(changed[static_cast<int>(kind)], 0) << domain::to_text(kind);
  }
  for (const domain::CommandKind kind : {kCreateOrder, kCharge, kIssueCoupon}) {
    EXPECT_GT(refused[static_cast<int>(kind)], 0) << domain::to_text(kind);
  }
}

}  // namespace
}  // namespace sagasim::scenarios
