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

// The plan without its `index`th fault, and what that fault is known by as a cause.
struct Removal {
  faults::Plan plan;
  std::uint64_t cause = 0;
  std::string what;
};

Removal removal_of(const faults::Plan& plan, std::size_t index) {
  Removal removal{plan, 0, ""};
  const auto place = static_cast<std::ptrdiff_t>(index);
  if (index < plan.operations.size()) {
    removal.cause = plan.operations[index].identity;
    removal.what = plan.operations[index].operation;
    removal.plan.operations.erase(removal.plan.operations.begin() + place);
  } else {
    const auto window = place - static_cast<std::ptrdiff_t>(plan.operations.size());
    const faults::WindowFault& fault = plan.windows[static_cast<std::size_t>(window)];
    removal.cause = faults::identity_of(fault);
    removal.what = std::string(faults::info_of(fault.kind).id) + " of " + fault.target;
    removal.plan.windows.erase(removal.plan.windows.begin() + window);
  }
  return removal;
}

// How much of the runs compared lay outside the causal futures of what was removed.
struct Coverage {
  std::size_t compared = 0;
  std::size_t untouched = 0;
  std::size_t operations = 0;
};

void compare(const Failing& run, const CausalTrace& with, std::size_t index, Coverage& coverage) {
  const Removal removal = removal_of(run.plan, index);
  CausalTrace without;
  run.system->run({.seed = run.seed, .plan = &removal.plan, .tracer = &without});
  for (const auto& [id, one] : with.entries()) {
    const auto found = without.entries().find(id);
    if (found != without.entries().end() && id != removal.cause) {
      ASSERT_EQ(one.effect.digest(), found->second.effect.digest()) << one.name;
    }
  }
  const auto future = causal_future(with, without, {removal.cause});
  const std::string difference = unexplained(with, without, future);
  ASSERT_EQ(difference, "") << "seed " << run.seed << " of " << run.system->architecture()
                            << " without " << removal.what;
  ++coverage.compared;
  coverage.operations += with.entries().size();
  for (const auto& [id, entry] : with.entries()) {
    coverage.untouched += future.contains(id) ? 0 : 1;
  }
}

TEST(Causality, RemovingAFaultChangesOnlyWhatItCaused) {
  Coverage coverage;
  for (const Failing& run : failing_runs(200)) {
    CausalTrace with;
    run.system->run({.seed = run.seed, .plan = &run.plan, .tracer = &with});
    // One operation's fault and one window of each.
    const std::size_t operations = run.plan.operations.size();
    const std::size_t windows = run.plan.windows.size();
    if (operations != 0) {
      ASSERT_NO_FATAL_FAILURE(compare(run, with, run.seed * 7 % operations, coverage));
    }
    if (windows != 0) {
      ASSERT_NO_FATAL_FAILURE(compare(run, with, operations + run.seed * 7 % windows, coverage));
    }
  }
  EXPECT_GE(coverage.compared, 350u);
  // The rule must not hold because everything counts as caused.
  EXPECT_GT(coverage.untouched * 5, coverage.operations) << "most of a run is untouched";
}

// --- what did not come is a cause too ---

std::uint64_t id_of(const CausalTrace& trace, const std::string& name) {
  for (const auto& [id, entry] : trace.entries()) {
    if (entry.name == name) {
      return id;
    }
  }
  ADD_FAILURE() << "no operation " << name;
  return 0;
}

TEST(Causality, ATimeoutHasTheLossOfWhatItWaitedForAmongItsCauses) {
  const std::string lost = "order/create-order:command(c1.1)/call:get-user(u1)";
  faults::Plan plan;
  plan.operations.push_back({lost, 0, faults::effect_of(faults::Kind::kDrop, {})});
  CausalTrace trace;
  make_shop(load("checkout-one-order"))->run({.seed = 1, .plan = &plan, .tracer = &trace});
  const auto future = causal_future(trace, trace, {id_of(trace, lost)});
  EXPECT_TRUE(future.contains(id_of(trace, "client/command(c1.1)/call:create-order(c1.1)#2")))
      << "the customer asked again because nothing came back";
}

// The order was given up because one answer was kept back and another was lost again and again:
// both are causes, as either alone would have done.
TEST(Causality, ASagaTimeoutHasAllThatItWaitedForAmongItsCauses) {
  const std::string held = "order/order:BalanceUsed(c1.1,1)/delivery(c1.1)";
  faults::Plan plan;
  faults::OperationFault hold{held, 0, faults::effect_of(faults::Kind::kHold, sim::seconds(25)),
                              "order/saga-timeout(c1.1)/commit(c1.1)"};
  plan.operations.push_back(hold);
  faults::WindowFault isolation;
  isolation.kind = faults::Kind::kIsolation;
  isolation.target = "coupon";
  isolation.until = sim::kStart + sim::seconds(20);
  isolation.after = "coupon/coupon:OrderCreated(c1.1,1)/commit(c1.1)";
  plan.windows.push_back(isolation);
  CausalTrace trace;
  make_shop(load("checkout-one-order"))->run({.seed = 1, .plan = &plan, .tracer = &trace});
  const std::uint64_t failed =
      id_of(trace, "order/relay:OrderFailed(c1.1,1)/append:OrderFailed(c1.1)");
  EXPECT_TRUE(causal_future(trace, trace, {id_of(trace, held)}).contains(failed));
  EXPECT_TRUE(causal_future(trace, trace, {faults::identity_of(isolation)}).contains(failed));
}

// One fault of each run leaves many edges untried, so some runs lose each of theirs.
TEST(Causality, RemovingEachFaultOfSixtyPlansChangesOnlyWhatItCaused) {
  Coverage coverage;
  for (const Failing& run : failing_runs(60)) {
    CausalTrace with;
    run.system->run({.seed = run.seed, .plan = &run.plan, .tracer = &with});
    for (std::size_t i = 0; i < run.plan.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(compare(run, with, i, coverage));
    }
  }
  EXPECT_GE(coverage.compared, 1'000u);
  EXPECT_GT(coverage.untouched * 5, coverage.operations);
}

// The whole of it, for whoever changes the kernel: each fault of each plan.
TEST(CausalitySlow, RemovingEachFaultOfAThousandPlansChangesOnlyWhatItCaused) {
  Coverage coverage;
  for (const Failing& run : failing_runs(1'000)) {
    CausalTrace with;
    run.system->run({.seed = run.seed, .plan = &run.plan, .tracer = &with});
    for (std::size_t i = 0; i < run.plan.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(compare(run, with, i, coverage));
    }
  }
  EXPECT_GE(coverage.compared, 10'000u);
  EXPECT_GT(coverage.untouched * 5, coverage.operations);
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
