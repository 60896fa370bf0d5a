#include "faults/injector.h"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

#include "tests/sim/bustle.h"

namespace sagasim::faults {
namespace {

constexpr sim::Instant kHealAt = sim::kStart + sim::seconds(20);

InjectorTargets targets_of(const sim::toy::Toy& toy) {
  InjectorTargets targets;
  targets.services = toy.worker_nodes;
  targets.customers = {&toy.client};
  targets.databases = {&toy.store};
  targets.brokers = {&toy.bus};
  targets.externals = {&toy.bank};
  targets.groups = {"readers"};
  targets.topics = {"noted"};
  return targets;
}

// A toy has few operations, so chance needs a heavy hand.
Profile rough() {
  Profile profile = *find_profile("swarm");
  for (const KindInfo& info : kCatalog) {
    profile.rates[static_cast<unsigned>(info.kind)] *= info.window ? 1 : 4;
  }
  profile.delay_max = sim::seconds(15);
  return profile;
}

TEST(RandomInjector, IsReplayedByItsRecordedPlan) {
  std::map<Kind, std::uint64_t> seen;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    RandomInjector random(rough(), seed, kHealAt);
    sim::toy::Bustle first(seed);
    random.install(first.toy.world, targets_of(first.toy));
    ASSERT_TRUE(first.run()) << "seed " << seed << " does not come to rest";

    PlanInjector plan(random.recorded());
    sim::toy::Bustle second(seed);
    plan.install(second.toy.world, {});
    ASSERT_TRUE(second.run());
    ASSERT_EQ(second.fingerprint(), first.fingerprint()) << "seed " << seed;
    EXPECT_TRUE(plan.not_applied().empty()) << "seed " << seed;
    EXPECT_EQ(plan.counts(), random.counts()) << "seed " << seed;
    for (const KindInfo& info : kCatalog) {
      seen[info.kind] += random.counts()[static_cast<unsigned>(info.kind)];
    }
  }
  for (const KindInfo& info : kCatalog) {
    EXPECT_GT(seen[info.kind], 0u) << info.id << " never struck";
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
  sim::toy::Bustle bustle(5, &listener);
  bustle.run();
  RandomInjector second(rough(), 5, kHealAt);
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

TEST(RandomInjector, StrikesNothingAfterHealAndEverythingEndsByThen) {
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
    for (const WindowFault& window : random.recorded().windows) {
      EXPECT_LT(window.from, window.until);
      EXPECT_LE(window.until, heal_at);
    }
  }
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

TEST(RandomInjector, DrawsAnOutageOfExternalServicesOnlyWhereTheProfileSaysSo) {
  RandomInjector random(*find_profile("gateway_down"), 1, kHealAt);
  sim::toy::Bustle bustle(1);
  random.install(bustle.toy.world, targets_of(bustle.toy));
  const Plan plan = random.recorded();
  ASSERT_FALSE(plan.windows.empty());
  for (const WindowFault& window : plan.windows) {
    EXPECT_EQ(window.target, "bank");
  }
}

Plan plan_of(const char* operation, Kind kind) {
  Plan plan;
  plan.operations.push_back(OperationFault{operation, 0, effect_of(kind, sim::seconds(1))});
  return plan;
}

std::vector<std::uint32_t> not_applied(const Plan& plan) {
  PlanInjector injector(plan);
  sim::toy::Bustle bustle(1);
  injector.install(bustle.toy.world, {});
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

TEST(PlanInjector, ReportsAWindowAtARoleThatDoesNotExist) {
  Plan plan = plan_of("client/start(i1,1)/timer:nap(i1)", Kind::kDelay);
  const sim::Instant end = sim::kStart + sim::seconds(1);
  plan.windows.push_back({Kind::kOutage, "bank", "", sim::kStart, end});
  plan.windows.push_back({Kind::kOutage, "bunk", "", sim::kStart, end});
  plan.windows.push_back({Kind::kPartition, "bank", "bank", sim::kStart, end});
  EXPECT_EQ(not_applied(plan), (std::vector<std::uint32_t>{2, 3}));
}

TEST(PlanInjector, RefusesWhatNobodyCanMean) {
  EXPECT_THROW(PlanInjector(plan_of("drop the call", Kind::kDrop)), std::invalid_argument);
  Plan twice = plan_of("client/start(i1,1)/timer:nap(i1)", Kind::kDelay);
  twice.operations.push_back(twice.operations.front());
  EXPECT_THROW(PlanInjector{twice}, std::invalid_argument);
  Plan backwards;
  backwards.windows.push_back({Kind::kOutage, "bank", "",
                               sim::kStart + sim::seconds(2), sim::kStart + sim::seconds(1)});
  EXPECT_THROW(PlanInjector{backwards}, std::invalid_argument);
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
  replay.install(second.toy.world, {});
  second.run();
  EXPECT_EQ(second.fingerprint(), first.fingerprint());
}

TEST(Profiles, AreFoundByName) {
  for (int i = 0; i < kProfileCount; ++i) {
    EXPECT_EQ(find_profile(kProfiles[i].name), &kProfiles[i]);
  }
  EXPECT_EQ(find_profile("no such profile"), nullptr);
}

TEST(Profiles, SwarmSwitchesEachKindOnAboutHalfTheTime) {
  const Profile& swarm = *find_profile("swarm");
  std::array<int, kKinds> on{};
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    const Profile profile = drawn(swarm, seed);
    for (unsigned kind = 0; kind < kKinds; ++kind) {
      on[kind] += profile.rates[kind] != 0 ? 1 : 0;
      EXPECT_LE(profile.rates[kind], swarm.rates[kind] * 3);
    }
  }
  for (unsigned kind = 0; kind < kKinds; ++kind) {
    EXPECT_GT(on[kind], 300) << kCatalog[kind].id;
    EXPECT_LT(on[kind], 600) << kCatalog[kind].id;
  }
}

}  // namespace
}  // namespace sagasim::faults
