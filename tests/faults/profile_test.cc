#include "faults/profile.h"

#include <algorithm>
#include <map>

#include "tests/faults/struck.h"
#include "tests/sim/bustle.h"

namespace sagasim::faults {
namespace {

constexpr sim::Instant kHealAt = sim::kStart + seconds(20);

std::uint32_t rate(const Profile& profile, Kind kind) {
  return profile.rates[static_cast<unsigned>(kind)];
}

bool is_pace(Kind kind) {
  return kind == Kind::kShortLatencies || kind == Kind::kHeavyTails || kind == Kind::kPriorities;
}

TEST(Profiles, AreFoundByName) {
  for (int i = 0; i < kProfileCount; ++i) {
    EXPECT_EQ(find_profile(kProfiles[i].name), &kProfiles[i]);
  }
  EXPECT_EQ(find_profile("no such profile"), nullptr);
}

TEST(Profiles, InjectWhatTheySayAndNothingElse) {
  for (int i = 0; i < kProfileCount; ++i) {
    const Profile& profile = kProfiles[i];
    std::uint64_t struck = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      RandomInjector random(profile, seed, kHealAt);
      sim::toy::Bustle bustle(seed);
      random.install(bustle.toy.world, targets_of(bustle.toy));
      bustle.run();
      for (const KindInfo& info : kCatalog) {
        const std::uint64_t count = random.counts()[static_cast<unsigned>(info.kind)];
        EXPECT_TRUE(count == 0 || rate(profile, info.kind) != 0) << profile.name << ' ' << info.id;
        struck += count;
      }
    }
    EXPECT_EQ(struck == 0, profile.name == "calm") << profile.name;
  }
}

TEST(Profiles, HaveABreakerOnlyIfItIsTheirOwn) {
  std::map<Kind, int> profiles;
  for (int i = 0; i < kProfileCount; ++i) {
    int breakers = 0;
    for (const KindInfo& info : kCatalog) {
      const bool breaks = info.breaker && rate(kProfiles[i], info.kind) != 0;
      breakers += breaks ? 1 : 0;
      profiles[info.kind] += breaks ? 1 : 0;
    }
    const std::string description = kProfiles[i].description;
    EXPECT_EQ(breakers, description.starts_with("Breaker:") ? 1 : 0) << kProfiles[i].name;
  }
  for (const KindInfo& info : kCatalog) {
    EXPECT_EQ(profiles[info.kind], info.breaker ? 1 : 0) << info.id;
  }
}

TEST(Profiles, OfEverythingHaveEveryKindButTheBreakers) {
  for (const char* name : {"swarm", "everything"}) {
    for (const KindInfo& info : kCatalog) {
      EXPECT_NE(rate(*find_profile(name), info.kind) != 0, info.breaker) << name << ' ' << info.id;
    }
  }
}

// --- what a swarm draws ---

TEST(Swarm, SwitchesEachKindOnAboutHalfTheTimeAtARateOfItsOwn) {
  const Profile& swarm = *find_profile("swarm");
  std::map<Kind, int> on;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    const Profile profile = drawn(swarm, seed);
    for (const KindInfo& info : kCatalog) {
      on[info.kind] += rate(profile, info.kind) != 0 ? 1 : 0;
      EXPECT_LE(rate(profile, info.kind), rate(swarm, info.kind) * (info.window ? 1 : 3));
    }
  }
  for (const KindInfo& info : kCatalog) {
    // A window that may happen once happens in half of the runs that have it switched on.
    EXPECT_GT(on[info.kind], info.breaker ? -1 : info.window ? 150 : 300) << info.id;
    EXPECT_LT(on[info.kind], info.breaker ? 1 : 600) << info.id;
  }
}

TEST(Swarm, PacesARunInOneWayAtMost) {
  std::map<Kind, int> seeds;
  int unpaced = 0;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    const Profile profile = drawn(*find_profile("swarm"), seed);
    int paces = 0;
    for (const KindInfo& info : kCatalog) {
      const bool paced = is_pace(info.kind) && rate(profile, info.kind) != 0;
      paces += paced ? 1 : 0;
      seeds[info.kind] += paced ? 1 : 0;
    }
    EXPECT_LE(paces, 1) << "seed " << seed;
    unpaced += paces == 0 ? 1 : 0;
  }
  EXPECT_GT(unpaced, 150);
  for (const Kind kind : {Kind::kShortLatencies, Kind::kHeavyTails, Kind::kPriorities}) {
    EXPECT_GT(seeds[kind], 150) << info_of(kind).id;
  }
}

TEST(Swarm, LeavesOtherProfilesAsTheyAre) {
  const Profile& lossy = *find_profile("lossy");
  EXPECT_EQ(drawn(lossy, 7).rates, lossy.rates);
}

}  // namespace
}  // namespace sagasim::faults
