#include "reports/summary.h"

#include <gtest/gtest.h>

#include "tests/reports/samples.h"

namespace sagasim::reports {
namespace {

using fake::Story;

// A run that failed at 500 ms about t1.2 under so many delays.
Failure failure_with(std::size_t faults, const search::Recording* recording, Story& story) {
  scenarios::RunResult result;
  result.verdict = scenarios::Verdict::kFail;
  result.violations.push_back(
      {"END-1", "open", "thing", sim::kStart + sim::milliseconds(500), sim::Subject('t', 1, 2)});
  for (std::uint32_t i = 1; i <= faults; ++i) {
    const sim::Operation operation = story.call(i, 10 * i);
    sim::Effect effect;
    effect.kind = sim::Effect::Kind::kDelay;
    effect.duration = sim::milliseconds(i);
    result.plan.operations.push_back({sim::to_text(operation), operation.id, effect});
  }
  return failure_of(target_of(fake::FakeSystem()), result, recording);
}

TEST(Failure, ShowsAtMostTwelveFaultsAndCountsTheRest) {
  Story story;
  const Failure failure = failure_with(20, nullptr, story);
  EXPECT_EQ(failure.plan.size(), kPlanLines);
  EXPECT_EQ(failure.plan_left_out, 8u);
  EXPECT_FALSE(failure.plan.front().at.has_value());
}

TEST(Failure, PrefersFaultsBeforeTheViolation) {
  Story story;
  search::Recording recording;
  for (std::uint32_t i = 1; i <= 20; ++i) {
    // The first ten strike after it, the others before.
    Story::play(recording, story.call(i, i <= 10 ? 1000 + i : i));
  }
  const Failure failure = failure_with(20, &recording, story);
  EXPECT_EQ(failure.plan.front().at, sim::kStart + sim::milliseconds(11));
  EXPECT_EQ(failure.plan[9].at, sim::kStart + sim::milliseconds(20));
  EXPECT_EQ(failure.plan[10].at, sim::kStart + sim::milliseconds(1001));
}

TEST(Failure, PrefersFaultsOfTheSubjectAndDoesNotTakeALongerNameForIt) {
  scenarios::RunResult result;
  result.violations.push_back(
      {"END-1", "open", "thing", sim::kStart + sim::milliseconds(500), sim::Subject('t', 1, 2)});
  for (int i = 0; i < 12; ++i) {
    result.plan.operations.push_back({"front/desk(t1.20)/timer:nap(t1.20)", 1, {}});
  }
  result.plan.operations.push_back({"front/desk(t1.2,3)/timer:nap(t9)", 2, {}});
  const Failure failure = failure_of({}, result, nullptr);
  EXPECT_EQ(failure.plan.back().operation, "front/desk(t1.2,3)/timer:nap(t9)");
}

TEST(Effects, AreToldInPlainWords) {
  sim::Effect effect = Story::crash();
  EXPECT_EQ(text_of(effect, "front", "back"),
            "front crashes before it sees the answer, back after 2 s");
  effect.side = sim::Side::kReceiver;
  effect.phase = sim::Phase::kBefore;
  EXPECT_EQ(text_of(effect, "front", "back"), "back crashes before it is executed, back after 2 s");
  for (int kind = 0; kind < faults::kKinds; ++kind) {
    const faults::KindInfo& info = faults::kCatalog[kind];
    if (!info.window) {
      const sim::Effect each = faults::effect_of(info.kind, sim::milliseconds(5));
      EXPECT_FALSE(text_of(each, "front", "back").empty()) << info.id;
    }
  }
}

TEST(Outlook, RuleOfThreeWhereNothingFailed) {
  search::SweepResult result;
  result.runs = 3000;
  EXPECT_DOUBLE_EQ(*outlook_of(result).failure_rate_bound_95, 0.001);
  result.runs = 2;
  EXPECT_DOUBLE_EQ(*outlook_of(result).failure_rate_bound_95, 1.0);
}

TEST(Outlook, BoundLiesAboveTheShareThatFailed) {
  search::SweepResult result;
  result.runs = 100;
  result.failed = 10;
  EXPECT_GT(*outlook_of(result).failure_rate_bound_95, 0.10);
  EXPECT_LT(*outlook_of(result).failure_rate_bound_95, 0.20);
}

TEST(Outlook, SaysNothingWhereFailuresDecidedWhenToStop) {
  search::SweepResult result;
  result.runs = 100;
  result.failed = 1;
  result.stopped_after = true;
  EXPECT_FALSE(outlook_of(result).failure_rate_bound_95.has_value());
  EXPECT_FALSE(outlook_of(result).unseen_probability.has_value());
}

TEST(Outlook, UnseenCellsAreAsLikelyAsThoseSeenOnce) {
  search::SweepResult result;
  result.runs = 200;
  result.coverage.runs_with_news = 4;
  EXPECT_DOUBLE_EQ(*outlook_of(result).unseen_probability, 0.02);
}

}  // namespace
}  // namespace sagasim::reports
