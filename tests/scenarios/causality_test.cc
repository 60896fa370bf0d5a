// The two rules that minimising and explaining rest on, checked on failing runs. Leave one fault or
// one command out, run again, and
//   (a) every operation that is in both runs has the same fate under chance;
//   (b) whatever the change did not cause, in either run, is the same to the nanosecond.

#include <gtest/gtest.h>

#include "domain/commands.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "scenarios/workload.h"
#include "tests/scenarios/causal_trace.h"

namespace sagasim::scenarios {
namespace {

struct Failing {
  std::unique_ptr<System> system;
  Scenario scenario;
  std::uint64_t seed;
  faults::Plan plan;
};

// `count` failing runs of the weakened shops, in turn.
std::vector<Failing> failing_runs(std::size_t count) {
  const std::vector<std::vector<std::string>> weakenings = {
      {"architecture.publish=after_commit"},
      {"architecture.consume=none", "architecture.natural_keys=off"},
      {"architecture.tombstones=off"},
      {"architecture.retries=park"}};
  std::vector<Failing> found;
  for (const auto& settings : weakenings) {
    const Scenario scenario = load("checkout", settings);
    std::size_t mine = 0;
    for (std::uint64_t seed = 1; mine * weakenings.size() < count; ++seed) {
      auto system = make_shop(scenario);
      RunResult result = system->run({.seed = seed, .record = true});
      if (result.failed()) {
        found.push_back({std::move(system), scenario, seed, std::move(result.plan)});
        ++mine;
      }
    }
  }
  return found;
}

TEST(Causality, RemovingAFaultChangesOnlyWhatItCaused) {
  std::size_t compared = 0;
  std::size_t untouched = 0;
  std::size_t operations = 0;
  for (const Failing& run : failing_runs(200)) {
    CausalTrace with;
    run.system->run({.seed = run.seed, .plan = &run.plan, .tracer = &with});
    const std::size_t size = run.plan.operations.size() + run.plan.windows.size();
    if (size == 0) {
      continue;
    }
    const std::size_t which = static_cast<std::size_t>(run.seed) * 7 % size;
    faults::Plan plan = run.plan;
    std::uint64_t change = 0;
    std::string what;
    if (which < plan.operations.size()) {
      change = plan.operations[which].identity;
      what = plan.operations[which].operation;
      plan.operations.erase(plan.operations.begin() + static_cast<std::ptrdiff_t>(which));
    } else {
      const std::size_t window = which - plan.operations.size();
      change = faults::identity_of(plan.windows[window]);
      what = "window on " + plan.windows[window].target;
      plan.windows.erase(plan.windows.begin() + static_cast<std::ptrdiff_t>(window));
    }
    CausalTrace without;
    run.system->run({.seed = run.seed, .plan = &plan, .tracer = &without});
    for (const auto& [id, one] : with.entries()) {
      const auto found = without.entries().find(id);
      if (found != without.entries().end() && id != change) {
        ASSERT_EQ(one.effect.digest(), found->second.effect.digest()) << one.name;
      }
    }
    const auto future = causal_future(with, without, {change});
    const std::string difference = unexplained(with, without, future);
    ASSERT_EQ(difference, "") << "seed " << run.seed << " of " << run.system->architecture()
                              << " without " << what;
    ++compared;
    operations += with.entries().size();
    for (const auto& [id, entry] : with.entries()) {
      untouched += future.contains(id) ? 0 : 1;
    }
  }
  EXPECT_GE(compared, 195u);
  // The rule must not hold because everything counts as caused.
  EXPECT_GT(untouched * 4, operations) << "most of a run is untouched by one fault";
}

TEST(Causality, RemovingACommandChangesOnlyWhatItCaused) {
  std::size_t compared = 0;
  std::size_t untouched = 0;
  std::size_t operations = 0;
  for (const Failing& run : failing_runs(200)) {
    const domain::Workload workload = generate_workload(run.scenario, run.seed);
    std::vector<sim::Subject> orders;
    for (const domain::Command& command : workload.commands) {
      if (command.kind == domain::CommandKind::kCreateOrder) {
        orders.push_back(command.name);
      }
    }
    const sim::Subject removed = orders[run.seed * 5 % orders.size()];
    CausalTrace with;
    run.system->run({.seed = run.seed, .tracer = &with});
    CausalTrace without;
    run.system->run({.seed = run.seed, .without = {removed}, .tracer = &without});
    std::vector<std::uint64_t> change;
    for (const auto& [id, entry] : with.entries()) {
      if (entry.by_client && entry.subject == removed) {
        change.push_back(id);
      }
    }
    const auto future = causal_future(with, without, change);
    const std::string difference = unexplained(with, without, future);
    ASSERT_EQ(difference, "") << "seed " << run.seed << " of " << run.system->architecture()
                              << " without " << sim::to_text(removed);
    ++compared;
    operations += with.entries().size();
    for (const auto& [id, entry] : with.entries()) {
      untouched += future.contains(id) ? 0 : 1;
    }
  }
  EXPECT_GE(compared, 200u);
  EXPECT_GT(untouched * 4, operations) << "most of a run is untouched by one order";
}

// Rule (a): chance decides by identity alone. Only the end of the faults may cut an effect short,
// so what began within reach of it is compared by kind.
TEST(Causality, AnOperationHasTheSameFateWhateverElseHappens) {
  std::size_t struck = 0;
  for (const Failing& run : failing_runs(200)) {
    const domain::Workload workload = generate_workload(run.scenario, run.seed);
    const sim::Subject removed = workload.commands[run.seed % workload.commands.size()].name;
    CausalTrace with;
    run.system->run({.seed = run.seed, .tracer = &with});
    CausalTrace without;
    run.system->run({.seed = run.seed, .without = {removed}, .tracer = &without});
    const sim::Instant near_the_end =
        sim::kStart + run.scenario.horizon.heal_at - run.scenario.faults.delay_max;
    for (const auto& [id, one] : with.entries()) {
      const auto found = without.entries().find(id);
      if (found == without.entries().end() || one.at >= near_the_end ||
          found->second.at >= near_the_end) {
        continue;
      }
      ASSERT_EQ(one.effect.digest(), found->second.effect.digest()) << one.name;
      struck += one.effect.none() ? 0 : 1;
    }
  }
  EXPECT_GT(struck, 100u);
}

}  // namespace
}  // namespace sagasim::scenarios
