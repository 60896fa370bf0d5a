// Every combination of a few faults over one order: what the reference protocol stands, and what
// each weaker one does not.

#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "search/certify.h"
#include "search/tree_walk.h"

namespace sagasim::scenarios {
namespace {

using search::CertifyOptions;
using search::CertifyResult;

constexpr const char* kOneCharge[] = {"workload.orders=0", "workload.charges=1"};

std::vector<std::string> cut_down(std::vector<std::string> settings = {}) {
  settings.insert(settings.end(), std::begin(kOneCharge), std::end(kOneCharge));
  return settings;
}

CertifyResult certify(const std::vector<std::string>& settings, CertifyOptions options) {
  options.jobs = 2;
  return search::certify(*make_shop(load("checkout-one-order", settings)), options);
}

TEST(CertifyShop, TheReferenceProtocolStandsEverySingleFault) {
  const CertifyResult result = certify({}, {.max_faults = 1});
  EXPECT_TRUE(result.complete);
  EXPECT_FALSE(result.counterexample);
  EXPECT_EQ(result.counts.inconclusive, 0u);
  EXPECT_GT(result.counts.combinations, 1'000u);
}

// Pruned or not: the same combinations break the same properties.
TEST(CertifyShop, AgreesWithBruteForce) {
  const std::vector<std::vector<std::string>> policies = {
      {}, {"architecture.publish=after_commit"}, {"architecture.consume=marked_first"}};
  for (const auto& policy : policies) {
    const CertifyResult pruned = certify(policy, {.max_faults = 1, .all = true});
    const CertifyResult brute =
        certify(policy, {.max_faults = 1, .brute_force = true, .all = true});
    EXPECT_EQ(pruned.counts.outcomes, brute.counts.outcomes);
    EXPECT_EQ(pruned.counts.combinations, brute.counts.combinations);
    EXPECT_GT(pruned.counts.pruned, 0u);
  }
}

TEST(CertifyShop, AgreesWithBruteForceOnPairsOfFaultsOverOneCharge) {
  const CertifyResult pruned = certify(cut_down(), {.max_faults = 2, .all = true});
  const CertifyResult brute =
      certify(cut_down(), {.max_faults = 2, .brute_force = true, .all = true});
  EXPECT_TRUE(pruned.complete);
  EXPECT_EQ(pruned.counts.outcomes, brute.counts.outcomes);
  EXPECT_EQ(pruned.counts.combinations, brute.counts.combinations);
  EXPECT_GT(pruned.counts.pruned, 0u);
}

// Behind one death in the middle of a saga, while others work: one of them dies before the other
// death that the first stands for, and stands itself for a death after that.
TEST(CertifyShop, AgreesWithBruteForceBehindACrashAmongSteps) {
  const auto system = make_shop(load("checkout-one-order", {"architecture.publish=after_commit"}));
  const CertifyOptions options{.max_faults = 2, .all = true};
  const CertifyOptions forced{.max_faults = 2, .brute_force = true, .all = true};
  const search::TreeMenu menu(*system, options);
  const auto goes_on = [](std::uint64_t) { return true; };
  search::TreeWalk pruned(*system, options, menu, goes_on);
  search::TreeWalk brute(*system, forced, menu, goes_on);
  ASSERT_TRUE(pruned.live_without_faults());
  ASSERT_TRUE(brute.live_without_faults());
  const std::vector<search::Pick> picks = pruned.branches();
  const auto first = std::find_if(picks.begin(), picks.end(), [&](const search::Pick& one) {
    return one.stands_for && std::any_of(picks.begin(), picks.end(), [&](const auto& other) {
             return one.place < other.place && other.place < *one.stands_for &&
                    other.stands_for > one.stands_for;
           });
  });
  ASSERT_NE(first, picks.end());
  search::Pick seen = *first;
  seen.stands_for.reset();
  search::Pick before = seen;  // the crash that it stands for
  before.place = *first->stands_for;
  before.operation = brute.operations()[before.place].operation;
  before.effect.phase = sim::Phase::kBefore;
  search::CertifyCounts both = brute.walk(seen, 2).counts;
  const search::CertifyCounts other = brute.walk(before, 2).counts;
  both.combinations += other.combinations;
  for (const auto& [signature, count] : other.outcomes) {
    both.outcomes[signature] += count;
  }
  const search::CertifyCounts counts = pruned.walk(*first, 2).counts;
  EXPECT_EQ(counts.outcomes, both.outcomes);
  EXPECT_EQ(counts.combinations, both.combinations);
  EXPECT_LT(counts.runs, both.combinations);
}

class WeakProtocol : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(WeakProtocol, HasACounterexampleOfAtMostTwoFaults) {
  const CertifyResult result = certify(GetParam(), {.max_faults = 2});
  ASSERT_TRUE(result.counterexample);
  const faults::Plan& plan = result.counterexample->plan;
  EXPECT_LE(plan.size(), 2u);
  // It is a run like any other.
  const auto system = make_shop(load("checkout-one-order", GetParam()));
  const RunResult again = system->run({.seed = 0, .plan = &plan});
  EXPECT_EQ(again.signature(), result.counterexample->judgement.signature);
  EXPECT_EQ(again.fingerprint, result.counterexample->judgement.fingerprint);
  EXPECT_EQ(again.operations, result.counterexample->judgement.operations);
  EXPECT_TRUE(again.not_applied.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Shop, WeakProtocol,
    testing::Values(std::vector<std::string>{"architecture.publish=after_commit"},
                    std::vector<std::string>{"architecture.publish=before_commit"},
                    std::vector<std::string>{"architecture.publish=direct"},
                    std::vector<std::string>{"architecture.consume=marked_first"},
                    std::vector<std::string>{"architecture.consume=inbox_outside",
                                             "architecture.natural_keys=off"},
                    std::vector<std::string>{"architecture.consume=none",
                                             "architecture.natural_keys=off"},
                    std::vector<std::string>{"architecture.tombstones=off"},
                    std::vector<std::string>{"architecture.retries=park"},
                    std::vector<std::string>{"architecture.retries=skip"}));

// The tree stands on this: a run in pieces is the run.
TEST(Universe, LivedInPiecesIsTheSameRun) {
  struct Nothing : sim::Interceptor {
    sim::Effect decide(const sim::Operation&) override { return {}; }
  };
  const auto system = make_shop(load("checkout-two-orders", {"faults.profile=calm"}));
  for (const std::uint64_t piece : {1u, 7u, 100u}) {
    const RunResult whole = system->run({.seed = 5});
    Nothing nothing;
    const auto universe = system->universe(5, nothing);
    std::uint64_t steps = 0;
    while (!universe->live(steps)) {
      EXPECT_EQ(universe->steps(), steps);
      steps += piece;
    }
    const Judgement judgement = universe->judge(0);
    EXPECT_EQ(judgement.fingerprint, whole.fingerprint) << piece;
    EXPECT_EQ(judgement.operations, whole.operations);
    EXPECT_EQ(judgement.signature, whole.signature());
    EXPECT_EQ(judgement.verdict, whole.verdict);
  }
}

}  // namespace
}  // namespace sagasim::scenarios
