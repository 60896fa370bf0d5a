// Other ways to say what a fault does, taken from a short run made by hand.
#include "search/anchors.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/search/fake_reducible.h"
#include "tests/search/story.h"

namespace sagasim::search {
namespace {

using fake::fault_on;
using faults::Kind;
using sim::Operation;
using sim::OperationKind;
using sim::Outcome;

std::string name_of(const Operation& operation) { return sim::to_text(operation); }

// A run of a few calls, each with its begin, its length and its outcome.
class Calls {
 public:
  Operation call(std::uint32_t ordinal, std::int64_t at_ms, std::int64_t length_ms,
                 Outcome outcome = Outcome::kOk, const std::string& sentence = "it is asked") {
    return note(story_.call(ordinal, at_ms), length_ms, outcome, sentence);
  }
  Operation other(OperationKind kind, const char* detail, std::int64_t at_ms) {
    Operation operation = story_.call(1, at_ms);
    operation.kind = kind;
    operation.detail = detail;
    operation.id = *sim::identity_of(sim::to_text(operation));
    return note(operation, 3, Outcome::kOk, "");
  }

  Told told;

 private:
  Operation note(const Operation& operation, std::int64_t length_ms, Outcome outcome,
                 const std::string& sentence) {
    told.recording.on_begin(operation, {});
    told.recording.on_complete(operation, outcome, 0, operation.at + sim::milliseconds(length_ms));
    told.sentences.push_back(sentence);
    return operation;
  }

  fake::Story story_;
};

Case case_with(faults::Plan plan) {
  return fake::case_of({}, std::move(plan), [](const fake::Toy&, const scenarios::RunRequest&) {
    return std::string("SUM-1/sum");
  });
}

TEST(Held, ADelayWaitsForWhatCameMeanwhileTheLastOfItFirst) {
  Calls run;
  run.call(1, 10, 3);  // before it
  const Operation late = run.call(2, 100, 2'050);
  const Operation first = run.call(3, 500, 3);
  const Operation second = run.call(4, 900, 3);
  run.call(5, 1'000, 3, Outcome::kOk, "");   // nobody would speak of it
  run.call(6, 1'100, 3, Outcome::kUnknown);  // it may never have been
  run.call(7, 5'000, 3);                     // after it
  faults::Plan plan;
  plan.operations = {fault_on(name_of(late), Kind::kDelay, sim::seconds(2))};
  const std::vector<Case> cases = held(case_with(plan), run.told, 0);
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[0].plan.operations[0].until, name_of(second));
  EXPECT_EQ(cases[0].plan.operations[0].effect.until, second.id);
  EXPECT_EQ(cases[0].plan.operations[0].effect.kind, sim::Effect::Kind::kHold);
  EXPECT_EQ(cases[0].plan.operations[0].operation, name_of(late));
  EXPECT_EQ(cases[1].plan.operations[0].until, name_of(first));
}

TEST(Held, OnlyADelayThatStruckCanWait) {
  Calls run;
  const Operation call = run.call(1, 10, 3);
  run.call(2, 11, 3);
  faults::Plan plan;
  plan.operations = {fault_on(name_of(call), Kind::kReplyLost),
                     fault_on(fake::operation_name(8, 1), Kind::kDelay, sim::seconds(2))};
  EXPECT_TRUE(held(case_with(plan), run.told, 0).empty());
  EXPECT_TRUE(held(case_with(plan), run.told, 1).empty());
}

TEST(SingledOut, ASlowWindowIsTheDelayOfWhatItSlowedDownMost) {
  Calls run;
  run.call(1, 10, 3);
  const Operation slow = run.call(2, 100, 1'800);
  run.call(3, 20'000, 9'000);  // after it
  faults::Plan plan;
  plan.windows = {fake::outage_of("shelf", {}, sim::seconds(10))};
  const std::vector<Case> cases = singled_out(case_with(plan), run.told, 0);
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_TRUE(cases[0].plan.windows.empty());
  ASSERT_EQ(cases[0].plan.operations.size(), 1u);
  EXPECT_EQ(cases[0].plan.operations[0].operation, name_of(slow));
  EXPECT_EQ(cases[0].plan.operations[0].effect.kind, sim::Effect::Kind::kDelay);
  EXPECT_EQ(cases[0].plan.operations[0].effect.duration, sim::seconds(2));
}

TEST(SingledOut, AnOutageIsWhatBecameOfOneOperation) {
  Calls run;
  const Operation refused = run.call(1, 10, 3, Outcome::kRefused);
  faults::Plan plan;
  plan.windows = {fake::outage_of("shelf", {}, sim::seconds(10))};
  const std::vector<Case> cases = singled_out(case_with(plan), run.told, 0);
  ASSERT_EQ(cases.size(), 4u);
  EXPECT_EQ(faults::kind_of(cases[0].plan.operations[0].effect), Kind::kDrop);
  EXPECT_EQ(faults::kind_of(cases[1].plan.operations[0].effect), Kind::kFail);
  EXPECT_EQ(cases[1].plan.operations[0].identity, refused.id);
}

TEST(Anchored, AWindowBeginsWithWhatCameBeforeItAtOnceOrAsMuchLater) {
  Calls run;
  run.call(1, 10, 3);
  const Operation anchor = run.call(2, 1'000, 200);
  run.call(3, 1'100, 900);  // still going on when the window begins
  faults::Plan plan;
  plan.windows = {fake::outage_of("shelf", sim::milliseconds(1'500), sim::milliseconds(3'500))};
  const std::vector<Case> cases = anchored(case_with(plan), run.told, 0);
  ASSERT_EQ(cases.size(), 4u);
  const faults::WindowFault& at_once = cases[0].plan.windows[0];
  EXPECT_EQ(at_once.after, name_of(anchor));
  EXPECT_EQ(at_once.from, sim::kStart);
  EXPECT_EQ(at_once.until, sim::kStart + sim::seconds(2));
  const faults::WindowFault& later = cases[1].plan.windows[0];
  EXPECT_EQ(later.from, sim::kStart + sim::milliseconds(300));
  EXPECT_EQ(later.until - later.from, sim::seconds(2));
  EXPECT_TRUE(anchored(cases[0], run.told, 0).empty());
}

TEST(MovedToLandmarks, AFaultOfAStatementIsOneOfTheCommitOfTheSameWork) {
  Calls run;
  const Operation read = run.other(OperationKind::kStatement, "orders", 10);
  const Operation commit = run.other(OperationKind::kCommit, "", 20);
  const Operation second = run.call(2, 30, 3);
  faults::Plan plan;
  plan.operations = {fault_on(name_of(read), Kind::kCrashBefore, sim::seconds(1))};
  const std::vector<Case> cases = moved_to_landmarks(case_with(plan), run.told, 0);
  ASSERT_EQ(cases.size(), 1u);
  EXPECT_EQ(cases[0].plan.operations[0].operation, name_of(commit));
  EXPECT_EQ(cases[0].plan.operations[0].identity, commit.id);
  EXPECT_EQ(faults::kind_of(cases[0].plan.operations[0].effect), Kind::kCrashBefore);
  // What is a landmark already stays where it is; the second of its like does not.
  plan.operations = {fault_on(name_of(commit), Kind::kCrashBefore, sim::seconds(1)),
                     fault_on(name_of(second), Kind::kCrashBefore, sim::seconds(1))};
  EXPECT_TRUE(moved_to_landmarks(case_with(plan), run.told, 0).empty());
  EXPECT_TRUE(moved_to_landmarks(case_with(plan), run.told, 1).empty());
}

TEST(Guesses, AreOneFaultOfTheWorkThatFailedInsteadOfAllOthers) {
  Calls run;
  const Operation call = run.call(1, 10, 3);
  faults::Plan plan;
  plan.windows = {fake::outage_of("shelf", {}, sim::seconds(10))};
  const std::vector<Case> cases = guesses(case_with(plan), run.told, call.invocation.subject);
  ASSERT_FALSE(cases.empty());
  for (const Case& guess : cases) {
    EXPECT_TRUE(guess.plan.windows.empty());
    ASSERT_EQ(guess.plan.operations.size(), 1u);
    EXPECT_EQ(guess.plan.operations[0].identity, call.id);
  }
  EXPECT_TRUE(guesses(case_with(plan), run.told, sim::Subject('t', 7)).empty());
}

TEST(Guesses, BeginWithWhatHasWordsAndEndWithStatementsTheLastFirst) {
  Calls run;
  const Operation statement = run.other(OperationKind::kStatement, "shelf", 5);
  const Operation first = run.call(1, 10, 3);
  const Operation second = run.call(2, 20, 3);
  const Operation append = run.other(OperationKind::kAppend, "asked", 30);
  std::vector<std::uint64_t> order;
  for (const Case& guess : guesses(case_with({}), run.told, first.invocation.subject)) {
    const std::uint64_t struck = guess.plan.operations[0].identity;
    if (std::find(order.begin(), order.end(), struck) == order.end()) {
      order.push_back(struck);
    }
  }
  EXPECT_EQ(order, (std::vector<std::uint64_t>{second.id, first.id, append.id, statement.id}));
}

}  // namespace
}  // namespace sagasim::search
