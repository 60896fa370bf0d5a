#include "search/minimize.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <stdexcept>

#include "sim/hash.h"
#include "tests/search/fake_reducible.h"
#include "tests/search/fake_system.h"

namespace sagasim::search {
namespace {

using fake::fault_on;
using fake::find_fault;
using fake::operation_name;
using fake::Toy;
using fake::toy_of;
using scenarios::RunRequest;

Toy toy_with(int parts) {
  Toy toy;
  toy.parts.resize(static_cast<std::size_t>(parts));
  std::iota(toy.parts.begin(), toy.parts.end(), 1);
  return toy;
}

// Faults on the operations 1, 2, … of one piece of work.
faults::Plan plan_with(std::uint32_t faults) {
  faults::Plan plan;
  for (std::uint32_t i = 1; i <= faults; ++i) {
    plan.operations.push_back(fault_on(operation_name(1, i)));
  }
  return plan;
}

// Fails with parts 3 and 17, fault 4 and the outage of "shelf"; in another way with part 8 alone.
std::string picky(const Toy& toy, const RunRequest& request) {
  const bool outage = std::any_of(request.plan->windows.begin(), request.plan->windows.end(),
                                  [](const auto& window) { return window.target == "shelf"; });
  if (toy.has(3) && toy.has(17) && outage && find_fault(request, operation_name(1, 4)) != nullptr) {
    return "SUM-1/sum";
  }
  return toy.has(8) ? "END-1/thing" : "";
}

Case picky_case() {
  faults::Plan plan = plan_with(9);
  plan.windows = {fake::outage_of("desk", sim::seconds(1), sim::seconds(2)),
                  fake::outage_of("shelf", sim::milliseconds(1234), sim::milliseconds(5678))};
  return fake::case_of(toy_with(20), plan, picky);
}

TEST(Minimize, LeavesExactlyWhatTheFailureNeeds) {
  const MinimizeResult result = minimize(picky_case(), {});
  EXPECT_TRUE(result.minimal);
  EXPECT_EQ(result.after.result.signature(), "SUM-1/sum");
  EXPECT_EQ(toy_of(result.after.what).parts, (std::vector<int>{3, 17}));
  ASSERT_EQ(result.after.what.plan.operations.size(), 1u);
  EXPECT_EQ(result.after.what.plan.operations[0].operation, operation_name(1, 4));
  ASSERT_EQ(result.after.what.plan.windows.size(), 1u);
  EXPECT_EQ(result.after.what.plan.windows[0].target, "shelf");
  EXPECT_EQ(result.before.what.plan.size(), 11u);
}

TEST(Minimize, KeepsWhatFailsInAnotherWay) {
  const MinimizeResult result = minimize(picky_case(), {});
  ASSERT_EQ(result.others.size(), 1u);
  EXPECT_EQ(result.others[0].result.signature(), "END-1/thing");
  EXPECT_TRUE(toy_of(result.others[0].what).has(8));
  EXPECT_EQ(run(result.others[0].what).signature(), "END-1/thing");
}

TEST(Minimize, IsTheSameForAnyNumberOfThreads) {
  const auto told = [](unsigned jobs) {
    Case what = picky_case();
    std::atomic<std::uint64_t> calls{0};
    what = fake::case_of(toy_with(20), what.plan, [&calls](const Toy& toy, const RunRequest& r) {
      fake::dawdle(calls.fetch_add(1));
      return picky(toy, r);
    });
    MinimizeOptions options;
    options.jobs = jobs;
    const MinimizeResult result = minimize(what, options);
    std::string text = std::to_string(result.runs) + ";";
    for (const Found* found : {&result.after, &result.others.at(0)}) {
      for (const int part : toy_of(found->what).parts) {
        text += std::to_string(part) + ",";
      }
      for (const auto& fault : found->what.plan.operations) {
        text += fault.operation + ",";
      }
      for (const auto& window : found->what.plan.windows) {
        text += std::to_string(sim::ticks(window.from)) + "-" +
                std::to_string(sim::ticks(window.until)) + ",";
      }
    }
    return text;
  };
  const std::string alone = told(1);
  for (const unsigned jobs : {2u, 3u, 8u}) {
    EXPECT_EQ(told(jobs), alone) << jobs;
  }
}

TEST(Minimize, EndsWithItsRunsAndKeepsTheBestSoFar) {
  MinimizeOptions options;
  options.runs = 12;
  options.jobs = 3;
  const MinimizeResult result = minimize(picky_case(), options);
  EXPECT_TRUE(result.out_of_budget);
  EXPECT_FALSE(result.minimal);
  EXPECT_LE(result.runs, 12u);
  EXPECT_EQ(run(result.after.what).signature(), "SUM-1/sum");
}

// Whatever it does with them: none is made that is not counted, and none more than there may be.
TEST(Minimize, MakesAsManyRunsAsItMayAndCountsThemAll) {
  for (std::uint64_t most = 1; most < 250; ++most) {
    std::uint64_t made = 0;
    MinimizeOptions options;
    options.runs = most;
    Case what = picky_case();
    what = fake::case_of(toy_with(20), what.plan, [&](const Toy& toy, const RunRequest& request) {
      ++made;
      return picky(toy, request);
    });
    const MinimizeResult result = minimize(what, options);
    EXPECT_LE(made, most);
    EXPECT_EQ(result.runs, made) << most;
    EXPECT_EQ(result.shakes, most > kShakes ? kShakes : 0) << most;
    EXPECT_TRUE(result.minimal || result.out_of_budget) << most;
  }
}

TEST(Minimize, EndsWithItsTime) {
  double now = 0;
  MinimizeOptions options;
  options.seconds = 10;
  options.seconds_now = [&now] { return now += 1; };
  const MinimizeResult result = minimize(picky_case(), options);
  EXPECT_TRUE(result.out_of_budget);
  EXPECT_FALSE(result.interrupted);
  EXPECT_EQ(run(result.after.what).signature(), "SUM-1/sum");
}

TEST(Minimize, EndsWhenItIsToldTo) {
  std::atomic<bool> stop{false};
  std::atomic<int> calls{0};
  MinimizeOptions options;
  options.stop = &stop;
  const Case what =
      fake::case_of(toy_with(20), picky_case().plan, [&](const Toy& toy, const RunRequest& r) {
        stop = ++calls > 15;
        return picky(toy, r);
      });
  const MinimizeResult result = minimize(what, options);
  EXPECT_TRUE(result.interrupted);
  EXPECT_FALSE(result.out_of_budget);
  EXPECT_FALSE(result.minimal);
  EXPECT_EQ(run(result.after.what).signature(), "SUM-1/sum");
}

TEST(Minimize, LeavesARunThatPassesAsItIs) {
  const MinimizeResult result = minimize(
      fake::case_of(toy_with(5), {}, [](const Toy&, const RunRequest&) { return ""; }), {});
  EXPECT_EQ(result.runs, 1u);
  EXPECT_FALSE(result.after.result.failed());
  EXPECT_EQ(toy_of(result.after.what).parts.size(), 5u);
}

TEST(Minimize, GoesOnAfterADefectOfTheSimulatorAndTellsIt) {
  const Case what = fake::case_of(toy_with(6), {}, [](const Toy& toy, const RunRequest&) {
    if (!toy.has(2)) {
      throw std::runtime_error("no part 2");
    }
    return "SUM-1/sum";
  });
  const MinimizeResult result = minimize(what, {});
  EXPECT_EQ(result.internal_error, "no part 2");
  EXPECT_EQ(toy_of(result.after.what).parts, std::vector<int>{2});
}

TEST(Minimize, TakesAwayWhatCanOnlyGoTogether) {
  // Four parts of which any three are worse than all and than two.
  const Case what = fake::case_of(toy_with(4), {}, [](const Toy& toy, const RunRequest&) {
    return toy.parts.size() == 3 || !toy.has(2) ? "" : "SUM-1/sum";
  });
  EXPECT_EQ(toy_of(minimize(what, {}).after.what).parts, std::vector<int>{2});
}

TEST(Minimize, SetsBackEveryGuardThatDoesNotMatter) {
  Toy toy;
  toy.weak = {"lock", "log", "limit"};
  const Case what = fake::case_of(
      toy, {}, [](const Toy& t, const RunRequest&) { return t.lacks("log") ? "SUM-1/sum" : ""; });
  EXPECT_EQ(toy_of(minimize(what, {}).after.what).weak, std::vector<std::string>{"log"});
  MinimizeOptions options;
  options.keep_guards = true;
  EXPECT_EQ(toy_of(minimize(what, options).after.what).weak, toy.weak);
}

TEST(Minimize, MakesDurationsRoundButNotTooShort) {
  faults::Plan plan;
  plan.operations = {
      fault_on(operation_name(1, 1), faults::Kind::kDelay, sim::milliseconds(17'238))};
  const Case what = fake::case_of({}, plan, [](const Toy&, const RunRequest& request) {
    const auto* fault = find_fault(request, operation_name(1, 1));
    return fault != nullptr && fault->effect.duration >= sim::seconds(3) ? "SUM-1/sum" : "";
  });
  const MinimizeResult result = minimize(what, {});
  EXPECT_EQ(result.after.what.plan.operations.at(0).effect.duration, sim::seconds(5));
  EXPECT_EQ(result.sturdiness, kShakes);
}

TEST(Minimize, PrefersTheDurationThatStandsOtherLatencies) {
  faults::Plan plan;
  plan.operations = {
      fault_on(operation_name(1, 1), faults::Kind::kDelay, sim::milliseconds(3'001))};
  const Case what = fake::case_of({}, plan, [](const Toy& toy, const RunRequest& request) {
    const auto* fault = find_fault(request, operation_name(1, 1));
    const sim::Duration needed = sim::seconds(3) + sim::seconds(1) * toy.shake;
    return fault != nullptr && fault->effect.duration >= needed ? "SUM-1/sum" : "";
  });
  const MinimizeResult result = minimize(what, {});
  EXPECT_EQ(result.after.what.plan.operations.at(0).effect.duration, sim::seconds(20));
  EXPECT_EQ(result.sturdiness, kShakes);
}

TEST(Minimize, KeepsAValueThatOtherLatenciesNeed) {
  Toy toy;
  toy.size = 64;
  const Case what = fake::case_of(toy, {}, [](const Toy& t, const RunRequest&) {
    return t.size >= (t.shake > 4 ? 16 : 1) ? "SUM-1/sum" : "";
  });
  EXPECT_EQ(toy_of(minimize(what, {}).after.what).size, 16);
}

TEST(Minimize, MakesWindowsBeginAndLastRoundTimes) {
  const MinimizeResult result = minimize(picky_case(), {});
  EXPECT_EQ(result.after.what.plan.windows.at(0).from, sim::kStart);
  EXPECT_EQ(result.after.what.plan.windows.at(0).until, sim::kStart + sim::seconds(1));
}

TEST(Minimize, GathersTheFaultsOnOneSubject) {
  faults::Plan plan;
  plan.operations = {fault_on(operation_name(3, 1)), fault_on(operation_name(9, 2))};
  const Case what = fake::case_of({}, plan, [](const Toy&, const RunRequest& request) {
    const bool one = find_fault(request, operation_name(3, 1)) != nullptr ||
                     find_fault(request, operation_name(9, 1)) != nullptr;
    return one && find_fault(request, operation_name(9, 2)) != nullptr ? "SUM-1/sum" : "";
  });
  const faults::Plan after = minimize(what, {}).after.what.plan;
  ASSERT_EQ(after.operations.size(), 2u);
  EXPECT_EQ(after.operations[0].operation, operation_name(9, 1));
  EXPECT_EQ(after.operations[0].identity, *sim::identity_of(operation_name(9, 1)));
}

}  // namespace
}  // namespace sagasim::search
