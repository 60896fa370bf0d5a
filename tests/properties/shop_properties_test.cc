// What the resilient shop promises, for any workload and any plan of faults. A case that fails is
// shrunk, written as a reproduction file, and its rerun line is part of the failure's text.

#include "tests/properties/generators.h"

namespace sagasim {
namespace {

using scenarios::RunResult;
using scenarios::Verdict;

// Runs one generated case and lets `holds` judge it; on failure the text says how to see it again.
template <class Holds>
void check(const scenarios::Scenario& scenario, const domain::Workload& workload,
           const std::vector<Blow>& blows, Holds&& holds) {
  const auto system = scenarios::make_shop(scenario, workload);
  const faults::Plan plan = plan_of(*system, blows);
  const RunResult result = system->run({.seed = 1, .plan = &plan});
  const bool good = holds(result);
  if (!good) {
    RC_LOG(rerun_line(scenario, workload, plan, result));
    for (const auto& violation : result.violations) {
      RC_LOG(violation.property + ": " + violation.message);
    }
  }
  RC_ASSERT(good);
}

// True iff none of the properties whose id begins with one of `families` was violated.
bool unbroken(const RunResult& result, const std::vector<std::string>& families) {
  for (const auto& violation : result.violations) {
    for (const std::string& family : families) {
      if (violation.property.rfind(family, 0) == 0) {
        return false;
      }
    }
  }
  return true;
}

RC_GTEST_PROP(Consistency, BooksBalanceWhateverBreaks, ()) {
  const auto commands = *wishes();
  const auto faults = *blows();
  check(property_scenario(), workload_of(commands), faults, [](const RunResult& result) {
    return unbroken(result, {"MON", "PAY", "STK", "CPN", "ORD", "OUT"});
  });
}

RC_GTEST_PROP(Idempotency, NoEventTakesEffectTwice, ()) {
  const auto commands = *wishes();
  const auto faults = *blows();
  check(property_scenario({"shop.instances=2"}), workload_of(commands), faults,
        [](const RunResult& result) { return unbroken(result, {"IDM", "EVT"}); });
}

RC_GTEST_PROP(Compensation, AFailedOrderLeavesNothingBehind, ()) {
  const auto commands = *wishes();
  const auto faults = *blows();
  check(property_scenario({"environment.decline_percent=60"}), workload_of(commands), faults,
        [](const RunResult& result) { return unbroken(result, {"CMP", "ORP"}); });
}

RC_GTEST_PROP(Liveness, EverythingComesToItsEnd, ()) {
  const auto commands = *wishes();
  const auto faults = *blows();
  check(property_scenario(), workload_of(commands), faults,
        [](const RunResult& result) { return result.verdict == Verdict::kPass; });
}

RC_GTEST_PROP(Determinism, APlanHasOneFingerprint, ()) {
  const auto commands = *wishes();
  const auto faults = *blows();
  const auto scenario = property_scenario();
  const auto workload = workload_of(commands);
  const auto system = scenarios::make_shop(scenario, workload);
  const faults::Plan plan = plan_of(*system, faults);
  const RunResult one = system->run({.seed = 1, .plan = &plan});
  const RunResult two = system->run({.seed = 1, .plan = &plan});
  RC_ASSERT(one.fingerprint == two.fingerprint);
}

RC_GTEST_PROP(Determinism, ARandomRunIsItsRecordedPlan, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto system = scenarios::make_shop(scenarios::load("checkout", {"workload.orders=8"}));
  const RunResult random = system->run({.seed = seed, .record = true});
  const RunResult replayed = system->run({.seed = seed, .plan = &random.plan});
  RC_ASSERT(random.fingerprint == replayed.fingerprint);
  RC_ASSERT(replayed.not_applied.empty());
}

// The suite can fail: the same generators find what a shop without its guards does wrong.
TEST(Power, TheGeneratorsBreakAShopWithoutItsGuards) {
  struct Weakening {
    std::vector<std::string> settings;
    std::vector<std::string> families;
  };
  const std::vector<Weakening> weakenings = {
      {{"architecture.publish=after_commit"}, {"LIV", "EVT", "MON", "STK"}},
      {{"architecture.consume=none", "architecture.natural_keys=off"}, {"IDM", "MON", "STK"}},
      {{"architecture.tombstones=off"}, {"CMP", "ORP", "MON", "STK"}}};
  for (const Weakening& weakening : weakenings) {
    const auto scenario = property_scenario(weakening.settings);
    bool found = false;
    const rc::Random random(7);
    auto generator = random;
    for (int size = 0; size < 3000 && !found; ++size) {
      const auto commands = wishes()(generator.split(), 5 + size % 30).value();
      const auto faults = blows()(generator.split(), 5 + size % 60).value();
      const auto system = scenarios::make_shop(scenario, workload_of(commands));
      const faults::Plan plan = plan_of(*system, faults);
      found = !unbroken(system->run({.seed = 1, .plan = &plan}), weakening.families);
    }
    EXPECT_TRUE(found) << weakening.settings.front();
  }
}

}  // namespace
}  // namespace sagasim
