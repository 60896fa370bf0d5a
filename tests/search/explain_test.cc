#include "search/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "tests/search/fake_reducible.h"
#include "tests/search/story.h"

namespace sagasim::search {
namespace {

using fake::fault_on;
using fake::find_fault;
using fake::operation_name;
using fake::Toy;
using scenarios::RunRequest;

using Changes = std::vector<std::vector<std::string>>;

Changes changes_of(const Explanation& explanation) {
  Changes changes;
  for (const Remedy& remedy : explanation.remedies) {
    changes.push_back(remedy.changes);
  }
  return changes;
}

Explanation explain_rule(const Toy& toy, const faults::Plan& plan, const fake::Rule& rule) {
  ExplainOptions options;
  options.jobs = 2;
  return explain(fake::case_of(toy, plan, rule), options);
}

TEST(Explain, TellsNecessaryFaultsFromOthers) {
  faults::Plan plan;
  plan.operations = {fault_on(operation_name(1, 1)), fault_on(operation_name(1, 2))};
  plan.windows = {fake::outage_of("shelf", sim::seconds(1), sim::seconds(2))};
  const Explanation told = explain_rule({}, plan, [](const Toy&, const RunRequest& request) {
    if (request.plan->windows.empty()) {
      return "END-1/thing";
    }
    return find_fault(request, operation_name(1, 2)) != nullptr ? "SUM-1/sum" : "";
  });
  ASSERT_EQ(told.faults.size(), 3u);
  EXPECT_FALSE(told.faults[0].necessary);
  EXPECT_EQ(told.faults[0].without, "SUM-1/sum");
  EXPECT_TRUE(told.faults[1].necessary);
  EXPECT_EQ(told.faults[1].without, "");
  EXPECT_TRUE(told.faults[2].necessary);
  EXPECT_EQ(told.faults[2].without, "END-1/thing");
  EXPECT_EQ(told.faults[2].at, sim::kStart + sim::seconds(1));
}

TEST(Explain, FindsTheSmallestSetsOfGuardsThatHelp) {
  Toy toy;
  toy.weak = {"lock", "log", "limit", "paint"};
  const auto guarded = [](const Toy& t) {
    return !t.lacks("lock") || (!t.lacks("log") && !t.lacks("limit"));
  };
  const Explanation told = explain_rule(
      toy, {}, [&](const Toy& t, const RunRequest&) { return guarded(t) ? "" : "SUM-1/sum"; });
  EXPECT_EQ(changes_of(told), (Changes{{"lock=on"}, {"log=on", "limit=on"}}));
  EXPECT_EQ(told.around, 200u);
  EXPECT_EQ(told.around_failed, 200u);
}

TEST(Explain, ARemedyMustHoldInTheSeedsAroundToo) {
  Toy toy;
  toy.weak = {"lock", "log"};
  const Explanation told = explain_rule(toy, {}, [](const Toy& t, const RunRequest& request) {
    // The lock helps this run (seed 5) by luck.
    const bool helped = !t.lacks("log") || (!t.lacks("lock") && request.seed != 99);
    return helped ? "" : "SUM-1/sum";
  });
  EXPECT_EQ(changes_of(told), (Changes{{"log=on"}}));
}

TEST(Explain, ARemedyMustHoldUnderOtherLatenciesToo) {
  Toy toy;
  toy.weak = {"lock", "log"};
  const Explanation told = explain_rule(toy, {}, [](const Toy& t, const RunRequest&) {
    // The lock helps this run as it is, by luck.
    const bool helped = !t.lacks("log") || (!t.lacks("lock") && t.shake != 3);
    return helped ? "" : "SUM-1/sum";
  });
  EXPECT_EQ(changes_of(told), (Changes{{"log=on"}}));
}

// A run of four calls, a second after another from 1 s on, that is bound to fail once the third has
// begun.
std::string bound_from_third(const Toy&, const RunRequest& request) {
  if (request.tracer != nullptr) {
    fake::Story story;
    for (std::uint32_t i = 1; i <= 4; ++i) {
      fake::Story::play(*request.tracer, story.call(i, 1000 * i));
    }
  }
  const bool in_time = request.reseed && request.reseed->at <= sim::kStart + sim::seconds(3);
  return in_time && request.reseed->seed % 4 != 0 ? "" : "SUM-1/sum";
}

TEST(Explain, FindsThePointOfNoReturn) {
  const Explanation told = explain_rule({}, {}, bound_from_third);
  ASSERT_TRUE(told.no_return.has_value());
  EXPECT_EQ(told.no_return->at, sim::kStart + sim::seconds(3));
  EXPECT_EQ(told.no_return->sentence, "somebody asks");
  EXPECT_EQ(told.no_return->continuations, 32u);
  EXPECT_LT(told.no_return->before, 32u);
}

TEST(Explain, SaysSoWhereTheFailureIsCertainFromTheBeginning) {
  const Explanation told = explain_rule({}, {}, [](const Toy& toy, const RunRequest& request) {
    RunRequest without = request;
    without.reseed.reset();
    return bound_from_third(toy, without);
  });
  ASSERT_TRUE(told.no_return.has_value());
  EXPECT_EQ(told.no_return->operation, "");
  EXPECT_EQ(told.no_return->before, 32u);
}

TEST(Explain, TellsWhatHappensAgainAndAgainOnce) {
  const Explanation told = explain_rule({}, {}, bound_from_third);
  // The violation is about t9, whose work is not in the recording; nothing is told of it.
  ASSERT_FALSE(told.chain.empty());
  EXPECT_EQ(told.chain.back().kind, ChainStep::Kind::kViolation);
  EXPECT_EQ(told.chain.back().sentence, "it broke");
  const auto events = std::count_if(told.chain.begin(), told.chain.end(), [](const auto& step) {
    return step.kind == ChainStep::Kind::kEvent;
  });
  EXPECT_LE(events, 1);
}

// Six calls, one every ten milliseconds; a struck one comes to no good end.
void play(const RunRequest& request) {
  if (request.tracer == nullptr) {
    return;
  }
  fake::Story story;
  for (std::uint32_t i = 1; i <= 6; ++i) {
    const sim::Operation call = story.call(i, 10 * i);
    const bool struck = find_fault(request, sim::to_text(call)) != nullptr;
    fake::Story::play(*request.tracer, call, {},
                      struck ? sim::Outcome::kUnknown : sim::Outcome::kOk);
  }
}

std::string call_name(std::uint32_t number) { return sim::to_text(fake::Story().call(number, 0)); }

TEST(Explain, PartsFromTheRunWithoutTheFaultThatGoesWithItFurthest) {
  faults::Plan plan;
  plan.operations = {fault_on(call_name(5)), fault_on(call_name(2))};
  const Explanation told = explain_rule({}, plan, [](const Toy&, const RunRequest& request) {
    play(request);
    return request.plan->size() == 2 ? "SUM-1/sum" : "";
  });
  ASSERT_TRUE(told.parting.has_value());
  EXPECT_EQ(told.parting->fault, 0u);
  EXPECT_EQ(told.parting->divergence.position, 4u);
}

TEST(Explain, WithoutANecessaryFaultPartsFromTheLastFutureThatIsNoFailure) {
  const Explanation told = explain_rule({}, {}, [](const Toy&, const RunRequest& request) {
    const bool escapes = request.reseed && request.reseed->at < sim::kStart + sim::milliseconds(40);
    RunRequest calls = request;
    faults::Plan other;
    other.operations = {fault_on(call_name(4))};
    calls.plan = escapes ? &other : request.plan;
    play(calls);
    return escapes ? "" : "SUM-1/sum";
  });
  ASSERT_TRUE(told.no_return.has_value());
  EXPECT_EQ(told.no_return->at, sim::kStart + sim::milliseconds(40));
  ASSERT_TRUE(told.parting.has_value());
  EXPECT_EQ(told.parting->fault, std::nullopt);
  EXPECT_EQ(told.parting->divergence.position, 3u);
}

// What the other run does for somebody else, or when all is over, is no part of the story.
TEST(Explain, NoticesWhatIsOfTheStoryAndInTime) {
  faults::Plan plan;
  plan.operations = {fault_on(call_name(2))};
  const Explanation told = explain_rule({}, plan, [](const Toy&, const RunRequest& request) {
    play(request);
    const bool struck = request.plan->size() == 1;
    const auto add = [&](sim::Name detail, std::uint32_t number, std::int64_t at_ms,
                         sim::Subject work) {
      fake::Story story;
      sim::Operation call = story.call(number, at_ms);
      call.detail = detail;
      call.invocation.subject = work;
      if (request.tracer != nullptr) {
        fake::Story::play(*request.tracer, call);
      }
    };
    const sim::Subject own('t', 1, 2);
    // Only the run that passes sings for another and jumps for its own work; both wait,
    // at another time; the one that fails waves when it is too late.
    if (!struck) {
      add("sing", 11, 15, sim::Subject('t', 7));
      add("jump", 12, 40, own);
      add("wait", 13, 30, own);
    } else {
      add("wait", 14, 35, own);
      add("wave", 15, 9'500, own);
    }
    return struck ? "SUM-1/sum" : "";
  });
  ASSERT_TRUE(told.parting.has_value());
  EXPECT_EQ(told.parting->at, sim::kStart + sim::milliseconds(40));
  EXPECT_EQ(told.parting->with, "");
  EXPECT_EQ(told.parting->without, "somebody jumps");
}

TEST(Explain, TheStoryHasWhatWasWaitedForToo) {
  faults::Plan plan;
  plan.operations = {fault_on(call_name(2))};
  const auto story = [&plan] {
    return explain_rule({}, plan,
                        [](const Toy&, const RunRequest& request) {
                          play(request);
                          return request.plan->size() == 1 ? "SUM-1/sum" : "";
                        })
        .chain;
  };
  const auto asked = [](const std::vector<ChainStep>& chain) {
    return chain.front().kind == ChainStep::Kind::kEvent ? chain.front().times : 0;
  };
  EXPECT_EQ(asked(story()), 1u);
  plan.operations[0].effect = faults::effect_of(faults::Kind::kHold, sim::seconds(1));
  plan.operations[0].effect.until = fake::Story().call(5, 0).id;
  plan.operations[0].until = call_name(5);
  EXPECT_EQ(asked(story()), 2u);
}

TEST(Explain, SaysSoWhereItTookOldMessagesToShow) {
  Toy toy;
  const auto rule = [](const Toy&, const RunRequest&) { return "SUM-1/sum"; };
  EXPECT_EQ(explain_rule(toy, {}, rule).chain.size(), 1u);
  toy.redelivered = sim::kStart + sim::seconds(9);  // as late as it is violated
  EXPECT_EQ(explain_rule(toy, {}, rule).chain.size(), 1u);
  toy.redelivered = sim::kStart + sim::seconds(8);
  const std::vector<ChainStep> chain = explain_rule(toy, {}, rule).chain;
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain.front().kind, ChainStep::Kind::kEvent);
  EXPECT_EQ(chain.front().at, toy.redelivered);
}

TEST(Explain, StopsWhenItIsToldTo) {
  std::atomic<bool> stop{true};
  ExplainOptions options;
  options.stop = &stop;
  Toy toy;
  toy.weak = {"lock"};
  const Explanation told = explain(
      fake::case_of(toy, {}, [](const Toy&, const RunRequest&) { return "SUM-1/sum"; }), options);
  EXPECT_TRUE(told.interrupted);
  EXPECT_EQ(told.signature, "SUM-1/sum");
  EXPECT_TRUE(told.remedies.empty());
}

TEST(Explain, IsTheSameForAnyNumberOfThreads) {
  const auto runs = [](unsigned jobs) {
    Toy toy;
    toy.weak = {"lock", "log", "limit"};
    ExplainOptions options;
    options.jobs = jobs;
    return explain(fake::case_of(toy, {},
                                 [](const Toy& t, const RunRequest& request) {
                                   return t.lacks("log") || request.seed % 50 == 7 ? "SUM-1/sum"
                                                                                   : "";
                                 }),
                   options)
        .runs;
  };
  EXPECT_EQ(runs(1), runs(4));
}

}  // namespace
}  // namespace sagasim::search
