#include "faults/windows.h"

#include "tests/faults/struck.h"

namespace sagasim::faults {
namespace {

constexpr const char* kNever = "client/start(i1,1)/timer:nobody(i1)";

// An outage of the bank that counts its times from the end of the client's nap, at one second.
WindowFault after_the_nap(sim::Duration from, sim::Duration until) {
  WindowFault outage = window(Kind::kOutage, "bank", from, until);
  outage.after = kNap;
  return outage;
}

// When the bank was not available, in whole half seconds of the first six.
std::vector<int> dark_halves(Toy& toy) {
  std::vector<int> dark;
  for (int half = 1; half <= 12; ++half) {
    toy.world.schedule_fault(sim::kStart + half * milliseconds(500) + milliseconds(1), 1,
                             [&toy, &dark, half] {
                               if (!toy.bank.available()) {
                                 dark.push_back(half);
                               }
                             });
  }
  toy.run();
  return dark;
}

TEST(Anchor, CountsTheTimesOfAWindowFromTheEndOfAnOperation) {
  Struck run(nap, after_the_nap({}, seconds(2)));
  EXPECT_EQ(dark_halves(run.toy), (std::vector<int>{2, 3, 4, 5}));
  Struck later(nap, after_the_nap(seconds(1), seconds(2)));
  EXPECT_EQ(dark_halves(later.toy), (std::vector<int>{4, 5}));
}

TEST(Anchor, FollowsTheOperationWhenItComesLater) {
  Plan plan = strike(Kind::kDelay, kNap, seconds(2));
  plan.windows.push_back(after_the_nap({}, seconds(1)));
  Struck run(nap, plan);
  EXPECT_EQ(dark_halves(run.toy), (std::vector<int>{6, 7}));
}

TEST(Anchor, OfAMomentIsItsMoment) {
  WindowFault expiry = moment(Kind::kKeyExpiry, "bank", {});
  expiry.after = kNap;
  Struck run(nap, expiry);
  run.at({}, pay, Subject('t', 1));
  run.at(milliseconds(900), pay, Subject('t', 2));
  run.at(milliseconds(1'100), pay, Subject('t', 3));
  run.toy.run();
  EXPECT_EQ(run.toy.charged, 2);
}

TEST(Anchor, EndsAWindowIfThatIsEarlier) {
  WindowFault outage = window(Kind::kOutage, "bank", {}, seconds(4));
  outage.until_after = kNap;
  Struck run(nap, outage);
  EXPECT_EQ(dark_halves(run.toy), (std::vector<int>{1}));
  outage.until_after = kNever;
  Struck longer(nap, outage);
  EXPECT_EQ(dark_halves(longer.toy), (std::vector<int>{1, 2, 3, 4, 5, 6, 7}));
}

TEST(Anchor, EndsAPowerCutEarly) {
  WindowFault cut = window(Kind::kPowerCut, "", {}, seconds(60));
  cut.until_after = kNap;
  Struck run(nap, cut);
  run.toy.run(milliseconds(999));
  EXPECT_FALSE(run.toy.store.up());
  run.toy.run(seconds(1));
  EXPECT_TRUE(run.toy.store.up());
}

TEST(Anchor, EndsACrashLoopEarly) {
  WindowFault loop = window(Kind::kCrashLoop, "worker", {}, seconds(60), milliseconds(400));
  loop.until_after = kNap;
  Struck run(nap, loop);
  run.toy.run();
  EXPECT_EQ(run.toy.worker_nodes[0]->incarnation(), 4u);
  EXPECT_TRUE(run.toy.worker_nodes[0]->up());
}

TEST(Anchor, EndsAnUpgradeEarlyWithAllThatAreLeft) {
  WindowFault rollout = window(Kind::kUpgrade, "", {}, seconds(60));
  rollout.until_after = kNap;
  Struck run(nap, rollout, {.workers = 3});
  run.toy.run(seconds(5));
  for (const sim::Node* worker : run.toy.worker_nodes) {
    EXPECT_TRUE(worker->up());
    EXPECT_EQ(worker->version(), 2u);
  }
}

TEST(Windows, StrikeOneInstanceIfTheySaySo) {
  Struck run(nap, window(Kind::kCrashLoop, "worker#2", {}, seconds(2), seconds(1)), {.workers = 3});
  run.toy.run();
  EXPECT_EQ(run.toy.worker_nodes[0]->incarnation(), 1u);
  EXPECT_EQ(run.toy.worker_nodes[1]->incarnation(), 3u);
  EXPECT_EQ(run.toy.worker_nodes[2]->incarnation(), 1u);
}

TEST(Windows, TargetsAreRolesOrInstancesOfThem) {
  const Toy toy(sim::toy::no_script, {.workers = 3});
  EXPECT_EQ(nodes_of(toy.world, "worker").size(), 3u);
  EXPECT_EQ(nodes_of(toy.world, "worker#3"), std::vector<sim::Node*>{toy.worker_nodes[2]});
  for (const char* nobody : {"", "work", "worker#4", "worker#0", "worker#", "worker#x"}) {
    EXPECT_TRUE(nodes_of(toy.world, nobody).empty()) << nobody;
  }
}

TEST(Windows, OfOnePaceInsideAnotherGiveWayToItAgain) {
  const Plan plan{{},
                  {window(Kind::kShortLatencies, "", {}, seconds(60)),
                   window(Kind::kPriorities, "", seconds(2), seconds(3))}};
  Struck run(nap, plan);
  for (std::uint32_t i = 1; i <= 3; ++i) {
    run.at(seconds(i) + milliseconds(500), ask, Subject('t', i));
  }
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(1).at, sim::kStart + milliseconds(1'502));
  EXPECT_NE(run.toy.seen.at(2).at, sim::kStart + milliseconds(2'502));
  EXPECT_EQ(run.toy.seen.at(3).at, sim::kStart + milliseconds(3'502));
}

// --- what did not happen ---

// The first fault of `plan` that a toy with a napping client has no use for; -1 if it has for all.
int not_applied(const Plan& plan) {
  PlanInjector injector(plan);
  Toy toy(nap, {.workers = 2});
  injector.install(toy.world, targets_of(toy));
  toy.run();
  const auto unused = injector.not_applied();
  EXPECT_EQ(injector.recorded().windows.size(), plan.windows.size()) << "a plan stays whole";
  EXPECT_TRUE(toy.world.connected(*toy.worker_nodes[0], *toy.worker_nodes[1]));
  return unused.empty() ? -1 : static_cast<int>(unused.front());
}

int not_applied(const WindowFault& fault) { return not_applied(Plan{{}, {fault}}); }

TEST(NotApplied, NamesAWindowWhoseTargetDoesNotExist) {
  EXPECT_EQ(not_applied(window(Kind::kOutage, "bank", {}, seconds(1))), -1);
  EXPECT_EQ(not_applied(window(Kind::kOutage, "bunk", {}, seconds(1))), 0);
  EXPECT_EQ(not_applied(window(Kind::kIsolation, "worker#3", {}, seconds(1))), 0);
  EXPECT_EQ(not_applied(moment(Kind::kOffsetReset, "readers", {}, seconds(1))), -1);
  EXPECT_EQ(not_applied(moment(Kind::kOffsetReset, "riders", {}, seconds(1))), 0);
  EXPECT_EQ(not_applied(moment(Kind::kExpandPartitions, "noted", {})), -1);
  EXPECT_EQ(not_applied(moment(Kind::kExpandPartitions, "noticed", {})), 0);
}

TEST(NotApplied, NamesAWindowThatMeansNothingThere) {
  WindowFault between = window(Kind::kPartition, "worker", {}, seconds(1));
  between.peer = "worker";
  EXPECT_EQ(not_applied(between), 0);
  EXPECT_EQ(not_applied(moment(Kind::kRunJobsAgain, "worker", {})), 0) << "no row waits";
  EXPECT_EQ(not_applied(moment(Kind::kRunJobsAgain, "client", {})), 0);
  EXPECT_EQ(not_applied(moment(Kind::kKeyExpiry, "store", {})), 0);
  EXPECT_EQ(not_applied(window(Kind::kCrashLoop, "worker", {}, seconds(1), seconds(3))), 0);
}

TEST(NotApplied, NamesAWindowWhoseAnchorIsNeverReachedOrWhoseEndIsPast) {
  WindowFault outage = window(Kind::kOutage, "bank", {}, seconds(1));
  outage.after = kNever;
  EXPECT_EQ(not_applied(outage), 0);
  outage = window(Kind::kOutage, "bank", seconds(2), seconds(9));
  EXPECT_EQ(not_applied(outage), -1);
  outage.until_after = kNap;
  EXPECT_EQ(not_applied(outage), 0);
}

// --- what made no difference ---

struct Met {
  std::uint64_t something;
  std::uint64_t nothing;
  std::vector<std::string> left_over;
};

// Of one window in a toy whose client naps for a second and later does what the script says.
Met met(const WindowFault& fault, sim::toy::Script script = ask_twice,
        sim::Duration at = seconds(5)) {
  PlanInjector injector(Plan{{}, {fault}});
  Toy toy(nap, {.workers = 2});
  injector.install(toy.world, targets_of(toy));
  toy.world.schedule_fault(sim::kStart + at, 1, [&] { toy.start(script, Subject('t', 1)); });
  toy.run();
  const auto kind = static_cast<std::size_t>(fault.kind);
  EXPECT_TRUE(injector.not_applied().empty());
  EXPECT_EQ(injector.recorded().windows.size(), 1u) << "it is part of the run all the same";
  return {injector.counts()[kind], injector.met_nothing()[kind], injector.left_over()};
}

TEST(MetNothing, AWindowThatIsOverBeforeAnybodyCalls) {
  for (const Kind kind : {Kind::kOutage, Kind::kIsolation, Kind::kSlowness, Kind::kOverload,
                          Kind::kHeavyTails, Kind::kPriorities, Kind::kClockOffset}) {
    const std::string target = info_of(kind).target == Target::kNone ? "" : "worker";
    const sim::Duration by = info_of(kind).by.meaning == nullptr ? sim::Duration{} : seconds(1);
    const Met early = met(window(kind, target.c_str(), seconds(2), seconds(3), by));
    EXPECT_EQ(early.something, 0u) << info_of(kind).id;
    EXPECT_EQ(early.nothing, 1u) << info_of(kind).id;
    ASSERT_EQ(early.left_over.size(), 1u) << info_of(kind).id;
    EXPECT_EQ(early.left_over[0], info_of(kind).id + (target.empty() ? "" : " of " + target) +
                                      " met nothing: it made no difference");
    const Met timely = met(window(kind, target.c_str(), seconds(4), seconds(60), by));
    EXPECT_EQ(timely.something, 1u) << info_of(kind).id;
    EXPECT_EQ(timely.nothing, 0u) << info_of(kind).id;
    EXPECT_TRUE(timely.left_over.empty()) << info_of(kind).id;
  }
}

TEST(MetNothing, APartitionOfTwoThatDoNotTalk) {
  WindowFault partition = window(Kind::kPartition, "client", {}, seconds(60));
  partition.peer = "bank";
  EXPECT_EQ(met(partition).nothing, 1u);
  EXPECT_EQ(met(partition).left_over.at(0),
            "partition of client and bank met nothing: it made no difference");
  partition.peer = "worker";
  EXPECT_EQ(met(partition).something, 1u);
}

// Nothing is sent to somebody who is known to be away, and no message is lost.
TEST(MetNothing, NotIfARecordWaitsForMembersThatAreCutOff) {
  const WindowFault isolation = window(Kind::kIsolation, "worker", {}, seconds(60));
  EXPECT_EQ(met(isolation, publish, seconds(30)).something, 1u) << "their sessions have ended";
  EXPECT_EQ(met(isolation, nap).nothing, 1u);
}

TEST(MetNothing, ACrashOfAnIdleProcess) {
  EXPECT_EQ(met(window(Kind::kCrashLoop, "bank", {}, seconds(60), seconds(7))).nothing, 1u);
  EXPECT_EQ(met(window(Kind::kCrashLoop, "client", {}, seconds(2), seconds(1))).something, 1u);
}

TEST(MetNothing, ALogThatLosesNothing) {
  EXPECT_EQ(met(moment(Kind::kUncleanElection, "", seconds(2), seconds(1))).nothing, 1u);
  EXPECT_EQ(met(moment(Kind::kOffsetReset, "readers", seconds(2), seconds(1))).nothing, 1u);
  EXPECT_EQ(met(moment(Kind::kCorruptRecord, "noted", seconds(2))).something, 1u);
}

sim::Task<> remember(Toy* toy, Context context) {
  auto setting = toy->cache.set(context, {"known", kAbout}, 1);
  co_await setting;
}

TEST(MetNothing, ACacheThatHasNothingToForget) {
  const WindowFault wipe = moment(Kind::kCacheWipe, "", seconds(2));
  EXPECT_EQ(met(wipe, remember).nothing, 1u) << "what it remembers comes later";
  EXPECT_EQ(met(wipe, remember, seconds(1)).something, 1u);
  const WindowFault failover = moment(Kind::kCacheFailover, "", seconds(2), seconds(1));
  EXPECT_EQ(met(failover, remember).nothing, 1u);
  EXPECT_EQ(met(failover, remember, milliseconds(1'500)).something, 1u);
}

TEST(NotApplied, CountsWindowsAfterOperations) {
  Plan plan = strike(Kind::kDelay, kNap, seconds(1));
  plan.windows.push_back(window(Kind::kOutage, "bunk", {}, seconds(1)));
  EXPECT_EQ(not_applied(plan), 1);
  plan.windows.clear();
  plan.operations.push_back(strike(Kind::kDrop, kAsk).operations.front());
  EXPECT_EQ(not_applied(plan), 1);
}

}  // namespace
}  // namespace sagasim::faults
