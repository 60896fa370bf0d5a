// A run under the plan that was recorded from it is the same run, whatever chance did: fingerprint
// and all, and no entry of the plan is left over.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "faults/profile.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"

namespace sagasim::scenarios {
namespace {

void expect_replays(const std::string& scenario, const std::string& profile, std::uint64_t from,
                    std::uint64_t seeds) {
  const auto system = make_shop(load(scenario, {"faults.profile=" + profile}));
  for (std::uint64_t seed = from; seed < from + seeds; ++seed) {
    const RunResult random = system->run({.seed = seed, .record = true});
    const RunResult replayed = system->run({.seed = seed, .plan = &random.plan});
    ASSERT_EQ(random.fingerprint, replayed.fingerprint)
        << scenario << " under " << profile << ", seed " << seed;
    ASSERT_TRUE(replayed.not_applied.empty())
        << scenario << " under " << profile << ", seed " << seed;
  }
}

TEST(PlanReplay, EveryScenarioUnderEverything) {
  for (const LibraryEntry& entry : library()) {
    expect_replays(entry.name, "everything", 0, 25);
    expect_replays(entry.name, "swarm", 0, 25);
  }
}

TEST(PlanReplay, EveryProfile) {
  for (int i = 0; i < faults::kProfileCount; ++i) {
    expect_replays("checkout", faults::kProfiles[i].name, 100, 20);
  }
}

// A counter that never moves would mean a kind that chance never gets to inject.
TEST(Campaign, EveryKindStrikesInTheShop) {
  std::array<std::uint64_t, faults::kKinds> counts{};
  const auto add = [&](const std::string& profile, std::uint64_t seeds) {
    const auto system = make_shop(load("checkout", {"faults.profile=" + profile}));
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      const RunResult result = system->run({.seed = seed});
      for (unsigned kind = 0; kind < counts.size(); ++kind) {
        counts[kind] += result.faults[kind];
      }
    }
  };
  add("swarm", 400);
  for (int i = 0; i < faults::kProfileCount; ++i) {
    const faults::Profile& profile = faults::kProfiles[i];
    const bool breaks = std::any_of(
        std::begin(faults::kCatalog), std::end(faults::kCatalog), [&](const auto& info) {
          return info.breaker && profile.rates[static_cast<unsigned>(info.kind)] != 0;
        });
    if (breaks) {
      add(profile.name, 100);
    }
  }
  for (const faults::KindInfo& info : faults::kCatalog) {
    if (info.kind == faults::Kind::kCacheFailover || info.kind == faults::Kind::kCacheWipe) {
      continue;  // the shop has no cache
    }
    EXPECT_GT(counts[static_cast<unsigned>(info.kind)], 0u) << info.id;
  }
}

// Kinds that exclude each other must not do so in every run.
TEST(Campaign, EverythingHasEveryKindButTheBreakers) {
  const auto system = make_shop(load("checkout", {"faults.profile=everything"}));
  std::array<std::uint64_t, faults::kKinds> counts{};
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const RunResult result = system->run({.seed = seed});
    for (unsigned kind = 0; kind < counts.size(); ++kind) {
      counts[kind] += result.faults[kind];
    }
  }
  const faults::Profile& profile = *faults::find_profile("everything");
  for (const faults::KindInfo& info : faults::kCatalog) {
    const bool in_it = profile.rates[static_cast<unsigned>(info.kind)] != 0;
    EXPECT_NE(in_it, info.breaker) << info.id;
    const bool of_a_cache =
        info.kind == faults::Kind::kCacheFailover || info.kind == faults::Kind::kCacheWipe;
    EXPECT_EQ(counts[static_cast<unsigned>(info.kind)] != 0, in_it && !of_a_cache) << info.id;
  }
}

// No false alarm: the reference protocol under every profile but the breakers', and nothing of it
// is ever taken for stuck.
TEST(SoakSlow, ResilientHoldsUnderEveryProfile) {
  for (int i = 0; i < faults::kProfileCount; ++i) {
    const faults::Profile& profile = faults::kProfiles[i];
    if (std::string_view(profile.description).starts_with("Breaker")) {
      continue;
    }
    const auto system = make_shop(load("checkout", {"faults.profile=" + profile.name}));
    for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
      const RunResult result = system->run({.seed = seed});
      ASSERT_EQ(result.verdict, Verdict::kPass) << profile.name << ", seed " << seed;
      ASSERT_TRUE(result.stuck.empty()) << profile.name << ", seed " << seed;
    }
  }
}

TEST(PlanReplaySlow, TenThousandRunsOfEverything) {
  const std::uint64_t each = 10'000 / library().size() + 1;
  for (const LibraryEntry& entry : library()) {
    expect_replays(entry.name, "everything", 0, each);
  }
}

}  // namespace
}  // namespace sagasim::scenarios
