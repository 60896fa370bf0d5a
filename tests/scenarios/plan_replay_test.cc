// A run under the plan that was recorded from it is the same run, whatever chance did: fingerprint
// and all, and no entry of the plan is left over.

#include <gtest/gtest.h>

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

TEST(PlanReplaySlow, TenThousandRunsOfEverything) {
  const std::uint64_t each = 10'000 / library().size() + 1;
  for (const LibraryEntry& entry : library()) {
    expect_replays(entry.name, "everything", 0, each);
  }
}

}  // namespace
}  // namespace sagasim::scenarios
