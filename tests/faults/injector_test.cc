#include "faults/injector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "tests/faults/struck.h"
#include "tests/sim/bustle.h"

namespace sagasim::faults {
namespace {

constexpr sim::Instant kHealAt = sim::kStart + sim::seconds(20);

// A toy has few operations, so chance needs a heavy hand.
Profile rough() {
  Profile profile = *find_profile("swarm");
  for (const KindInfo& info : kCatalog) {
    profile.rates[static_cast<unsigned>(info.kind)] *= info.window ? 1 : 4;
  }
  profile.delay_max = sim::seconds(15);
  return profile;
}

// All at once, the breakers too, every kind of window at least once.
Profile everything_and_breakers() {
  Profile profile = *find_profile("everything");
  for (const KindInfo& info : kCatalog) {
    std::uint32_t& rate = profile.rates[static_cast<unsigned>(info.kind)];
    rate = info.window ? std::max(rate, 1u) : 4 * rate;
  }
  return profile;
}

// What struck in `seeds` runs, each of which was the same again under its recorded plan.
std::map<Kind, std::uint64_t> replayed(const Profile& profile, std::uint64_t seeds) {
  std::map<Kind, std::uint64_t> seen;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    RandomInjector random(profile, seed, kHealAt);
    sim::toy::Bustle first(seed);
    random.install(first.toy.world, targets_of(first.toy));
    EXPECT_TRUE(first.run()) << "seed " << seed << " does not come to rest";

    PlanInjector plan(random.recorded());
    sim::toy::Bustle second(seed);
    plan.install(second.toy.world, targets_of(second.toy));
    EXPECT_TRUE(second.run());
    EXPECT_EQ(second.fingerprint(), first.fingerprint()) << "seed " << seed;
    EXPECT_TRUE(plan.not_applied().empty()) << "seed " << seed;
    EXPECT_EQ(plan.counts(), random.counts()) << "seed " << seed;
    EXPECT_EQ(plan.met_nothing(), random.met_nothing()) << "seed " << seed;
    for (const KindInfo& info : kCatalog) {
      // A toy has nobody who asks for the date, say: there some windows meet nothing.
      const auto kind = static_cast<unsigned>(info.kind);
      seen[info.kind] += random.counts()[kind] + random.met_nothing()[kind];
    }
  }
  return seen;
}

// Whether dead letters are there when an operator would have them again is chance.
bool needs_dead_letters(Kind kind) { return kind == Kind::kRedrive; }

TEST(RandomInjector, IsReplayedByItsRecordedPlan) {
  auto seen = replayed(rough(), 500);
  for (const KindInfo& info : kCatalog) {
    EXPECT_TRUE(seen[info.kind] != 0 || info.breaker || needs_dead_letters(info.kind))
        << info.id << " never struck";
  }
}

TEST(RandomInjector, IsReplayedWithEverythingAtOnce) {
  auto seen = replayed(everything_and_breakers(), 200);
  for (const KindInfo& info : kCatalog) {
    EXPECT_TRUE(seen[info.kind] != 0 || needs_dead_letters(info.kind)) << info.id;
  }
}

TEST(RandomInjector, LosesNoRecordAndComesToRestAfterHeal) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomInjector random(rough(), seed, kHealAt);
    sim::toy::Bustle bustle(seed);
    random.install(bustle.toy.world, targets_of(bustle.toy));
    ASSERT_TRUE(bustle.run()) << "seed " << seed;
    EXPECT_TRUE(bustle.toy.database.at_rest()) << "seed " << seed;
    for (const auto& node : bustle.toy.world.nodes()) {
      EXPECT_TRUE(node->up() && node->available() && !node->paused()) << "seed " << seed;
    }
  }
}

// Asks again about each operation, once the run is over and in the opposite order.
class Listener final : public sim::Interceptor {
 public:
  explicit Listener(sim::Interceptor& asked) : asked_(asked) {}
  sim::Effect decide(const sim::Operation& operation) override {
    const sim::Effect effect = asked_.decide(operation);
    operations.emplace_back(operation, effect);
    return effect;
  }
  std::vector<std::pair<sim::Operation, sim::Effect>> operations;

 private:
  sim::Interceptor& asked_;
};

TEST(RandomInjector, DecidesByIdentityAlone) {
  RandomInjector first(rough(), 5, kHealAt);
  Listener listener(first);
  sim::toy::Bustle bustle(5);
  first.install(bustle.toy.world, targets_of(bustle.toy));
  bustle.toy.world.set_interceptor(&listener);
  bustle.run();
  RandomInjector second(rough(), 5, kHealAt);
  Toy other;
  second.install(other.world, targets_of(other));
  for (auto i = listener.operations.rbegin(); i != listener.operations.rend(); ++i) {
    EXPECT_EQ(second.decide(i->first).digest(), i->second.digest()) << to_text(i->first);
  }
}

TEST(RandomInjector, StrikesNothingWithoutRates) {
  sim::toy::Bustle undisturbed(3);
  undisturbed.run();
  RandomInjector calm(*find_profile("calm"), 3, kHealAt);
  sim::toy::Bustle bustle(3);
  calm.install(bustle.toy.world, targets_of(bustle.toy));
  bustle.run();
  EXPECT_EQ(bustle.fingerprint(), undisturbed.fingerprint());
  EXPECT_EQ(calm.recorded().size(), 0u);
}

TEST(RandomInjector, StrikesEverythingAtARateOfAMillion) {
  Profile profile;
  profile.rates[static_cast<unsigned>(Kind::kDelay)] = 1'000'000;
  RandomInjector random(profile, 1, sim::kStart + sim::seconds(10'000));
  sim::toy::Bustle bustle(1);
  random.install(bustle.toy.world, {});
  bustle.run(sim::seconds(100));
  EXPECT_EQ(random.counts()[static_cast<unsigned>(Kind::kDelay)], bustle.toy.world.operations());
}

TEST(RandomInjector, StrikesNoOperationAfterHealAndAllThatItDoesEndsByThen) {
  const sim::Instant heal_at = sim::kStart + sim::seconds(12);
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomInjector random(rough(), seed, heal_at);
    Listener listener(random);
    sim::toy::Bustle bustle(seed);
    random.install(bustle.toy.world, targets_of(bustle.toy));
    bustle.toy.world.set_interceptor(&listener);
    bustle.run();
    for (const auto& [operation, effect] : listener.operations) {
      if (!effect.none()) {
        EXPECT_LT(operation.at, heal_at);
        EXPECT_LE(operation.at + effect.duration, heal_at);
      }
    }
  }
}

// Chance draws nothing but windows of one kind, many of them.
Profile only(Kind kind, std::uint32_t windows) {
  Profile profile;
  profile.rates[static_cast<unsigned>(kind)] = windows;
  return profile;
}

// A message takes as long as without any fault.
bool is_paced_as_configured(sim::World& world, sim::Node& initiator, sim::Node& receiver) {
  const sim::Latency latency{milliseconds(1), milliseconds(9)};
  bool configured = true;
  for (std::uint64_t id = 1; id <= 20; ++id) {
    sim::Operation operation;
    operation.id = id;
    operation.initiator = &initiator;
    operation.receiver = &receiver;
    configured = configured && world.latency(latency, operation, "request") ==
                                   latency.at(world.random().draw(id, "request"));
  }
  return configured;
}

void expect_healed(Toy& toy) {
  for (const auto& node : toy.world.nodes()) {
    EXPECT_TRUE(node->up() && node->available() && !node->paused());
    EXPECT_EQ(node->clock(), toy.world.now());
    EXPECT_EQ(node->limited_workers(), nullptr);
    for (const auto& other : toy.world.nodes()) {
      EXPECT_TRUE(toy.world.connected(*node, *other));
      EXPECT_TRUE(is_paced_as_configured(toy.world, *node, *other));
    }
  }
}

class EveryWindow : public testing::TestWithParam<int> {};

TEST_P(EveryWindow, ThatChanceDrawsEndsByTheTimeOfHealing) {
  const auto kind = static_cast<Kind>(GetParam());
  for (std::int64_t heal_at_ms : {12'000, 7'003, 700, 3}) {
    const sim::Instant heal_at = sim::kStart + milliseconds(heal_at_ms);
    RandomInjector random(only(kind, 8), 1, heal_at);
    sim::toy::Bustle bustle(1);
    random.install(bustle.toy.world, targets_of(bustle.toy));
    bustle.toy.world.schedule_fault(heal_at + sim::nanoseconds(1), 1,
                                    [&] { expect_healed(bustle.toy); });
    bustle.run();
    for (const WindowFault& fault : random.recorded().windows) {
      EXPECT_LT(fault.from, heal_at);
      EXPECT_LE(fault.until, heal_at);
      EXPECT_TRUE(info_of(kind).moment || fault.from < fault.until);
    }
  }
}

TEST_P(EveryWindow, HasAnAmountAsTheCatalogueSays) {
  const KindInfo& info = info_of(static_cast<Kind>(GetParam()));
  bool negative = false;
  bool positive = false;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RandomInjector random(only(info.kind, 8), seed, sim::kStart + seconds(60));
    Toy toy;
    random.install(toy.world, targets_of(toy));
    toy.run();
    for (const WindowFault& fault : random.recorded().windows) {
      negative = negative || fault.by < sim::Duration{};
      positive = positive || fault.by > sim::Duration{};
      const sim::Duration size = fault.by < sim::Duration{} ? -fault.by : fault.by;
      EXPECT_GE(size, info.by.low);
      EXPECT_LE(size, info.by.high);
      EXPECT_EQ(size % milliseconds(1), sim::Duration{});
    }
  }
  EXPECT_EQ(negative, info.by.either_sign);
  EXPECT_EQ(positive, info.by.meaning != nullptr);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryWindow, testing::Range(kOperationKindsOfFault, kKinds),
                         [](const auto& param) {
                           std::string name = kCatalog[param.param].id;
                           std::erase(name, '-');
                           return name;
                         });

TEST(RandomInjector, StrikesSingleInstancesToo) {
  std::map<std::string, int> targets;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    RandomInjector random(only(Kind::kCrashLoop, 4), seed, kHealAt);
    sim::toy::Bustle bustle(seed);
    random.install(bustle.toy.world, targets_of(bustle.toy));
    bustle.run();
    for (const WindowFault& fault : random.recorded().windows) {
      ++targets[fault.target];
    }
  }
  for (const char* target : {"worker", "worker#1", "worker#2", "store", "bus", "memory"}) {
    EXPECT_GT(targets[target], 0) << target;
  }
  EXPECT_EQ(targets.size(), 6u) << "nobody crashes a client or what is outside in a loop";
}

TEST(RandomInjector, NeverStrikesADuplicate) {
  Profile profile;
  profile.rates[static_cast<unsigned>(Kind::kDuplicate)] = 1'000'000;
  RandomInjector random(profile, 1, kHealAt);
  Listener listener(random);
  sim::toy::Bustle bustle(1, &listener);
  bustle.run();
  std::uint64_t duplicates = 0;
  for (const auto& [operation, effect] : listener.operations) {
    duplicates += operation.duplicate != 0 ? 1 : 0;
    EXPECT_TRUE(operation.duplicate == 0 || effect.none());
  }
  EXPECT_GT(duplicates, 0u);
}

TEST(RandomInjector, StrikesNothingButRequestsToTheOutsideWhereTheProfileSaysSo) {
  for (const bool outside_only : {false, true}) {
    Profile profile;
    profile.rates[static_cast<unsigned>(Kind::kReplyLost)] = 200'000;
    profile.operations_outside_only = outside_only;
    RandomInjector random(profile, 1, kHealAt);
    Listener listener(random);
    sim::toy::Bustle bustle(1, &listener);
    bustle.run();
    std::uint64_t requests = 0;
    std::uint64_t others = 0;
    for (const auto& [operation, effect] : listener.operations) {
      if (!effect.none()) {
        ++(operation.kind == sim::OperationKind::kRequest ? requests : others);
      }
    }
    EXPECT_GT(requests, 0u);
    EXPECT_EQ(others == 0, outside_only);
  }
}

TEST(RandomInjector, DrawsAnOutageOfExternalServicesOnlyWhereTheProfileSaysSo) {
  RandomInjector random(*find_profile("gateway-down"), 1, kHealAt);
  sim::toy::Bustle bustle(1);
  random.install(bustle.toy.world, targets_of(bustle.toy));
  bustle.run();
  const Plan plan = random.recorded();
  ASSERT_FALSE(plan.windows.empty());
  for (const WindowFault& window : plan.windows) {
    EXPECT_EQ(window.target, "bank");
  }
}

Plan plan_of(const char* operation, Kind kind) { return strike(kind, operation, sim::seconds(1)); }

std::vector<std::uint32_t> not_applied(const Plan& plan) {
  PlanInjector injector(plan);
  sim::toy::Bustle bustle(1);
  injector.install(bustle.toy.world, targets_of(bustle.toy));
  bustle.run();
  return injector.not_applied();
}

TEST(PlanInjector, ReportsAnOperationThatDoesNotOccur) {
  EXPECT_EQ(not_applied(plan_of("client/start(i9,1)/call:ask(c1)", Kind::kDrop)),
            std::vector<std::uint32_t>{0});
}

TEST(PlanInjector, ReportsAKindThatCannotStrikeTheOperation) {
  EXPECT_TRUE(not_applied(plan_of("client/start(i1,1)/timer:nap(i1)", Kind::kDelay)).empty());
  EXPECT_EQ(not_applied(plan_of("client/start(i1,1)/timer:nap(i1)", Kind::kDrop)),
            std::vector<std::uint32_t>{0});
}

TEST(PlanInjector, RefusesWhatNobodyCanMean) {
  EXPECT_THROW(PlanInjector(plan_of("drop the call", Kind::kDrop)), std::invalid_argument);
  EXPECT_THROW(PlanInjector(plan_of(kNap, Kind::kHold)), std::invalid_argument) << "until when?";
  Plan twice = plan_of(kNap, Kind::kDelay);
  twice.operations.push_back(twice.operations.front());
  EXPECT_THROW(PlanInjector{twice}, std::invalid_argument);
}

TEST(PlanInjector, RefusesWindowsThatNobodyCanMean) {
  WindowFault nameless = window(Kind::kOutage, "bank", {}, seconds(1));
  nameless.after = "the nap";
  WindowFault endless = window(Kind::kOutage, "bank", {}, seconds(1));
  endless.until_after = "the nap";
  for (const WindowFault& fault : {window(Kind::kOutage, "bank", seconds(2), seconds(1)),
                                   window(Kind::kOutage, "bank", seconds(1), seconds(1)),
                                   window(Kind::kOutage, "bank", -seconds(1), seconds(1)),
                                   window(Kind::kCrashLoop, "worker", {}, seconds(1)),
                                   window(Kind::kSlowness, "worker", {}, seconds(1), -seconds(1)),
                                   window(Kind::kClockOffset, "worker", {}, seconds(1)),
                                   moment(Kind::kAcks1, "", {}, -seconds(1)), nameless, endless}) {
    EXPECT_THROW(PlanInjector(Plan{{}, {fault}}), std::invalid_argument) << info_of(fault.kind).id;
  }
}

TEST(PlanInjector, FindsEachOfManyFaults) {
  RandomInjector random(rough(), 8, kHealAt);
  sim::toy::Bustle first(8);
  random.install(first.toy.world, targets_of(first.toy));
  first.run();
  Plan plan = random.recorded();
  ASSERT_GT(plan.operations.size(), 3u);
  std::reverse(plan.operations.begin(), plan.operations.end());
  PlanInjector replay(plan);
  sim::toy::Bustle second(8);
  replay.install(second.toy.world, targets_of(second.toy));
  second.run();
  EXPECT_EQ(second.fingerprint(), first.fingerprint());
}

}  // namespace
}  // namespace sagasim::faults
