// Every combination of a few faults over one order: what the reference protocol stands, and what
// each weaker one does not.

#include <gtest/gtest.h>

#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "search/certify.h"

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
