// Runs of whole scenarios that do not come to rest: how they end, and what their results say.
#include <gtest/gtest.h>

#include <set>

#include "scenarios/library.h"
#include "scenarios/shop_system.h"

namespace sagasim::scenarios {
namespace {

using faults::Kind;
using sim::seconds;
using Settings = std::vector<std::string>;

// A few orders, enough of everything, and no fault but those of a plan.
Scenario quiet(const Settings& settings = {}) {
  Settings all = {"workload.orders=4", "shop.users=2"};
  all.insert(all.end(), settings.begin(), settings.end());
  Scenario scenario = load("calm", all);
  scenario.explicit_plan = true;
  return scenario;
}

faults::OperationFault fault(const std::string& operation, Kind kind, sim::Duration duration = {}) {
  return {operation, *sim::identity_of(operation), faults::effect_of(kind, duration)};
}

faults::WindowFault outage(const std::string& target, sim::Duration from, sim::Duration until) {
  faults::WindowFault window;
  window.kind = faults::Kind::kOutage;
  window.target = target;
  window.from = sim::kStart + from;
  window.until = sim::kStart + until;
  return window;
}

std::set<std::string> reasons(const RunResult& result) {
  std::set<std::string> all;
  for (const StuckSubject& stuck : result.stuck) {
    all.insert(stuck.reason);
  }
  return all;
}

TEST(Stuck, ARunThatHoldsHasNothingStuck) {
  const RunResult result = make_shop(quiet())->run({.seed = 1});
  EXPECT_EQ(result.verdict, Verdict::kPass);
  EXPECT_TRUE(result.stuck.empty());
}

TEST(Stuck, ADatabaseThatIsAwayForAWhileParksWhatItWasNeededFor) {
  Scenario scenario = quiet({"architecture.retries=park"});
  scenario.plan.windows = {outage("coupon-db", {}, seconds(50))};
  const RunResult result = make_shop(scenario)->run({.seed = 1});
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(reasons(result), std::set<std::string>{"parked"});
  EXPECT_EQ(result.signature(), "DLQ-1/event/parked");
  scenario.properties = {"LIV-1"};
  EXPECT_EQ(make_shop(scenario)->run({.seed = 1}).signature(), "LIV-1/order/parked");
  scenario.architecture.policy.retries = domain::Retries::kForever;
  scenario.properties.clear();
  EXPECT_EQ(make_shop(scenario)->run({.seed = 1}).verdict, Verdict::kPass);
}

TEST(Stuck, ANodeThatStaysAwayLeavesTheRunUndecidedButSaysWhichItIs) {
  Scenario scenario = quiet();
  const std::string commit = "product/stock:OrderCreated(c1.1,1)/commit(c1.1)";
  scenario.plan.operations = {fault(commit, Kind::kCrashBefore, seconds(7200))};
  const RunResult result = make_shop(scenario)->run({.seed = 1});
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_TRUE(result.not_applied.empty());
  ASSERT_FALSE(result.stuck.empty());
  EXPECT_EQ(reasons(result), std::set<std::string>{"node-down"});
  EXPECT_EQ(result.stuck[0].message,
            "product/stock:OrderCreated(c1.1,1) waits for product, which is down to the end of the "
            "run");
}

TEST(Stuck, ANodeThatIsAwayJustWhenTheRunIsCutOffIsNoReason) {
  Scenario scenario = quiet();
  scenario.plan.windows = {outage("coupon-db", {}, seconds(3000))};
  scenario.horizon.heal_at = seconds(10);
  scenario.horizon.limit = seconds(400);
  const RunResult result = make_shop(scenario)->run({.seed = 1});
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_GT(result.tallies.at("orders").at("open"), 0u);
  EXPECT_TRUE(result.stuck.empty());
  scenario.horizon.limit = seconds(2000);
  const RunResult later = make_shop(scenario)->run({.seed = 1});
  EXPECT_EQ(reasons(later), std::set<std::string>{"node-down"});
  scenario.horizon.limit = seconds(3600);
  EXPECT_EQ(make_shop(scenario)->run({.seed = 1}).verdict, Verdict::kPass) << "it only was slow";
}

TEST(Stuck, ALinkThatIsCutToTheEndLeavesTheRunUndecidedAndSaysWhichItIs) {
  Scenario scenario = quiet();
  faults::WindowFault partition = outage("payment", {}, seconds(7200));
  partition.kind = Kind::kPartition;
  partition.peer = "payment-db";
  scenario.plan.windows = {partition};
  const RunResult result = make_shop(scenario)->run({.seed = 1});
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  ASSERT_EQ(reasons(result), std::set<std::string>{"node-down"});
  EXPECT_TRUE(result.stuck[0].message.ends_with(
      "waits for payment-db, which is cut off from payment to the end of the run"))
      << result.stuck[0].message;
}

TEST(Stuck, WhoeverIsCutOffFromTheBrokerIsNamed) {
  Scenario scenario = quiet({"shop.instances=2"});
  faults::WindowFault isolation = outage("coupon", {}, seconds(7200));
  isolation.kind = Kind::kIsolation;
  scenario.plan.windows = {isolation};
  const RunResult result = make_shop(scenario)->run({.seed = 1});
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  ASSERT_EQ(reasons(result), std::set<std::string>{"node-down"});
  EXPECT_TRUE(result.stuck[0].message.ends_with(
      "waits for broker, which is cut off from coupon#1 to the end of the run"))
      << result.stuck[0].message;
}

TEST(Stuck, AnEventThatDiesWithItsProcessIsLost) {
  Scenario scenario = quiet({"architecture.publish=after_commit", "architecture.saga_timeout=off"});
  const std::string commit = "balance/balance:OrderCreated(c1.1,1)/commit(c1.1)";
  scenario.plan.operations = {fault(commit, Kind::kCrashUnseen, seconds(1))};
  const RunResult result = make_shop(scenario)->run({.seed = 1});
  EXPECT_TRUE(result.not_applied.empty());
  ASSERT_EQ(reasons(result), std::set<std::string>{"lost"});
  EXPECT_EQ(result.stuck[0].message, "its BalanceUsed never reached the log");
}

// What the broker lost, nobody acknowledged.
TEST(Stuck, ARecordThatTheBrokerLostIsToldAsThat) {
  for (const Kind breaker : {Kind::kAcks1, Kind::kUncleanElection}) {
    Scenario scenario = quiet({"architecture.saga_timeout=off"});
    faults::WindowFault loss;
    loss.kind = breaker;
    loss.by = seconds(1);
    loss.after = "order/relay:OrderCreated(c1.1,1)/append:OrderCreated(c1.1)";
    // So that nobody reads it before.
    for (const char* group : {"balance/balance", "coupon/coupon", "product/stock"}) {
      scenario.plan.operations.push_back(fault(
          std::string(group) + ":OrderCreated(c1.1,1)/delivery(c1.1)", Kind::kDelay, seconds(3)));
    }
    scenario.plan.windows = {loss};
    const RunResult result = make_shop(scenario)->run({.seed = 1});
    EXPECT_TRUE(result.not_applied.empty());
    ASSERT_EQ(reasons(result), std::set<std::string>{"lost"});
    EXPECT_EQ(
        result.stuck[0].message.find("the broker lost its OrderCreated before consumer group "), 0u)
        << result.stuck[0].message;
    EXPECT_EQ(result.stuck[0].message.find("acknowledged"), std::string::npos);
  }
}

TEST(Stuck, SoIsOneThatExpiredUnread) {
  Scenario scenario = quiet({"architecture.saga_timeout=off"});
  faults::WindowFault expiry;
  expiry.kind = Kind::kShortRetention;
  expiry.by = sim::milliseconds(50);
  expiry.from = sim::kStart + seconds(40);
  scenario.plan.windows = {outage("coupon", {}, seconds(60)), expiry};
  scenario.plan.windows[0].kind = Kind::kIsolation;
  const RunResult result = make_shop(scenario)->run({.seed = 1});
  ASSERT_EQ(reasons(result), std::set<std::string>{"lost"});
  EXPECT_EQ(result.stuck[0].message,
            "the broker lost its OrderCreated before consumer group coupon had dealt with it");
}

// Announced before it is committed, and never committed: nobody can deal with the answers to it.
Scenario blocked() {
  Scenario scenario =
      quiet({"architecture.publish=direct", "environment.client_attempts=1", "shop.partitions=1"});
  const std::string commit = "order/create-order:command(c1.1)/commit(c1.1)";
  scenario.plan.operations = {fault(commit, Kind::kFail)};
  scenario.properties = {"LIV-1", "LIV-2"};
  return scenario;
}

TEST(Stuck, ALoopEndsTheRunLongBeforeItsLimit) {
  const RunResult result = make_shop(blocked())->run({.seed = 1});
  EXPECT_TRUE(result.not_applied.empty());
  EXPECT_EQ(result.verdict, Verdict::kFail);
  EXPECT_EQ(result.signature(), "LIV-1/order/retry-loop");
  EXPECT_EQ(reasons(result), std::set<std::string>{"retry-loop"});
  EXPECT_LT(result.virtual_time, seconds(1800));
  ASSERT_FALSE(result.stuck.empty());
  EXPECT_TRUE(result.violations[0].message.ends_with(result.stuck[0].message))
      << result.violations[0].message;
}

TEST(Stuck, ItsEndIsAsRepeatableAsAnyOther) {
  const auto system = make_shop(blocked());
  const RunResult once = system->run({.seed = 1});
  const RunResult again = system->run({.seed = 1});
  EXPECT_EQ(once.fingerprint, again.fingerprint);
  EXPECT_EQ(once.operations, again.operations);
  EXPECT_EQ(once.stuck[0].message, again.stuck[0].message);
}

TEST(Stuck, WithoutTheTimeToTellTheRunIsUndecided) {
  Scenario scenario = blocked();
  scenario.horizon.limit = seconds(300);
  const RunResult result = make_shop(scenario)->run({.seed = 1});
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_TRUE(result.stuck.empty());
}

}  // namespace
}  // namespace sagasim::scenarios
