#include "search/certify.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/search/fake_system.h"
#include "tests/search/fake_universe.h"

namespace sagasim::search {
namespace {

using fake::ToyStory;
using fake::ToyTree;

std::string holds(const ToyStory&) { return ""; }

std::string name_of(std::uint32_t attempt, std::uint32_t ordinal) {
  return sim::to_text(fake::step_of_work(attempt, ordinal));
}

bool struck(const ToyStory& story, const std::string& name, sim::Effect::Kind kind) {
  for (const auto& [operation, effect] : story.struck) {
    if (operation == name && effect.kind == kind) {
      return true;
    }
  }
  return false;
}

// It breaks if the process dies between the first operation and the second, and what it does to
// recover is refused.
std::string fragile(const ToyStory& story) {
  const bool refused = struck(story, name_of(2, 1), sim::Effect::Kind::kFail);
  return story.died_after == 1u && refused ? "SUM-1/sum" : "";
}

CertifyOptions up_to(std::uint32_t faults, unsigned jobs = 1) {
  CertifyOptions options;
  options.max_faults = faults;
  options.jobs = jobs;
  return options;
}

CertifyResult forced(const ToyTree& tree, CertifyOptions options) {
  options.brute_force = true;
  options.all = true;
  return certify(tree, options);
}

std::string told(const CertifyResult& result) {
  std::string text = std::to_string(result.counts.combinations) + ";" +
                     std::to_string(result.counts.runs) + ";" +
                     std::to_string(result.counts.pruned) + ";";
  for (const auto& [signature, count] : result.counts.outcomes) {
    text += signature + "=" + std::to_string(count) + ";";
  }
  if (result.counterexample) {
    for (const faults::OperationFault& fault : result.counterexample->plan.operations) {
      text += fault.operation + " " + std::to_string(fault.effect.digest()) + ";";
    }
  }
  return text;
}

// The menu of a statement has 17 entries: 1 refusal, which brings a further attempt; 6 deaths of
// the initiator, which bring its recovery and end the rest; 10 that change nothing.
//
// One fault: 3 · 17 = 51 sets. Two: behind the first at operation i come the 3 - i others, and the
// further attempt, or else the recovery alone: (10 · 3 + (3 + 3) + 6 · 3) · 17 = 918.
TEST(Certify, TriesEverySetOfFaultsOnce) {
  const ToyTree tree(3, holds);
  const CertifyResult one = forced(tree, up_to(1));
  EXPECT_EQ(one.counts.combinations, 1u + 51u);
  const CertifyResult two = forced(tree, up_to(2));
  EXPECT_EQ(two.counts.combinations, 1u + 51u + 918u);
  EXPECT_EQ(two.counts.runs, two.counts.combinations);
  EXPECT_EQ(two.counts.outcomes.at(""), two.counts.combinations);
  EXPECT_EQ(two.operations, 3u);
  EXPECT_EQ(two.counts.operations_max, 5u);  // two were refused
  EXPECT_TRUE(two.complete);
}

// Two places where a death after one operation is one before the next, each for two durations: 4
// sets of one fault, and 17 more behind each of those. Behind one of the 11 faults at the first
// operation that let the rest go on there is one such place: 22 sets.
TEST(Certify, TriesNoOtherFaultsThanItIsTold) {
  const ToyTree tree(3, fragile);
  CertifyOptions options = up_to(2);
  options.tries = [](sim::OperationKind, faults::Kind kind) { return kind == faults::Kind::kFail; };
  const CertifyResult refusals = certify(tree, options);
  EXPECT_FALSE(refusals.counterexample.has_value());
  EXPECT_EQ(refusals.counts.combinations, 1u + 3u + 6u);
  options.tries = [](sim::OperationKind, faults::Kind kind) {
    return kind >= faults::Kind::kFail && kind <= faults::Kind::kReceiverCrashSeen;
  };
  options.all = true;
  const CertifyResult most = certify(tree, options);
  EXPECT_GT(most.counts.pruned, 0u);
  EXPECT_EQ(most.counts.outcomes, forced(tree, options).counts.outcomes);
  EXPECT_LT(most.counts.combinations, forced(tree, up_to(2)).counts.combinations);
  EXPECT_GT(most.counts.outcomes.at("SUM-1/sum"), 0u);
}

TEST(Certify, CountsWhatItPrunes) {
  const CertifyResult result = certify(ToyTree(3, holds), up_to(2));
  EXPECT_EQ(result.counts.combinations, 970u);
  EXPECT_EQ(result.counts.pruned, 4u + 4u * 17u + 22u);
  EXPECT_EQ(result.counts.runs, 970u - 94u);
}

TEST(Certify, FindsWithPruningWhatBruteForceFinds) {
  for (const std::uint32_t faults : {1u, 2u, 3u}) {
    const ToyTree tree(4, fragile);
    CertifyOptions options = up_to(faults);
    options.all = true;
    const CertifyResult pruned = certify(tree, options);
    const CertifyResult brute = forced(tree, options);
    EXPECT_EQ(pruned.counts.outcomes, brute.counts.outcomes) << faults;
    EXPECT_EQ(pruned.counts.combinations, brute.counts.combinations) << faults;
    EXPECT_LT(pruned.counts.runs, brute.counts.runs) << faults;
    EXPECT_EQ(brute.counts.pruned, 0u);
  }
}

// Two processes take turns, so that between a death and the other one that it stands for the second
// process can die. It is dead before that other death, but one that it stands for is not.
TEST(Certify, CountsWhatBruteForceCountsWhereProcessesTakeTurns) {
  const ToyTree tree(
      2, [](const ToyStory& story) { return story.deaths > 1 ? "SUM-1/sum" : fragile(story); }, 2);
  for (const std::uint32_t faults : {2u, 3u}) {
    CertifyOptions options = up_to(faults);
    options.all = true;
    const CertifyResult pruned = certify(tree, options);
    const CertifyResult brute = forced(tree, options);
    EXPECT_EQ(pruned.counts.outcomes, brute.counts.outcomes) << faults;
    EXPECT_EQ(pruned.counts.combinations, brute.counts.combinations) << faults;
    EXPECT_LT(pruned.counts.runs, brute.counts.runs) << faults;
  }
}

// What the comparison is for: here a death before one operation counts as one after the operation
// before the one before.
TEST(Certify, IsCaughtByBruteForceIfItPrunesTooMuch) {
  const ToyTree tree(4, fragile);
  CertifyOptions options = up_to(2);
  options.all = true;
  options.same = [](const std::vector<ListedOperation>& list, std::size_t next) {
    const auto learnt = same_crash(list, next);
    return learnt ? same_crash(list, *learnt) : learnt;
  };
  EXPECT_NE(certify(tree, options).counts.outcomes, forced(tree, options).counts.outcomes);
}

TEST(Certify, EndsWithTheSmallestCounterexample) {
  const CertifyResult result = certify(ToyTree(4, fragile), up_to(3));
  ASSERT_TRUE(result.counterexample);
  EXPECT_EQ(result.counterexample->judgement.signature, "SUM-1/sum");
  const auto& faults = result.counterexample->plan.operations;
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].operation, name_of(1, 1));
  EXPECT_TRUE(faults[0].effect.crashes(sim::Side::kInitiator, sim::Phase::kSeen));
  EXPECT_EQ(faults[1].operation, name_of(2, 1));
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.size, 1u);
}

TEST(Certify, IsTheSameForAnyNumberOfThreads) {
  const ToyTree slow(4, [](const ToyStory& story) {
    fake::dawdle(story.begun.size() + story.struck.size());
    return fragile(story);
  });
  const std::string alone = told(certify(slow, up_to(2, 1)));
  for (const unsigned jobs : {2u, 5u}) {
    EXPECT_EQ(told(certify(slow, up_to(2, jobs))), alone) << jobs;
  }
}

TEST(Certify, StrikesWhatAFaultBringsAbout) {
  const CertifyResult result =
      certify(ToyTree(2,
                      [](const ToyStory& story) {
                        const bool again = struck(story, name_of(11, 1), sim::Effect::Kind::kFail);
                        return struck(story, name_of(1, 1), sim::Effect::Kind::kFail) && again
                                   ? "END-1/thing"
                                   : "";
                      }),
              up_to(2));
  ASSERT_TRUE(result.counterexample);
  EXPECT_EQ(result.counterexample->plan.operations[1].operation, name_of(11, 1));
}

// Three delays, and the first of three operations can be held for two others, the second for one.
TEST(Certify, CountsPostponementsApart) {
  CertifyOptions options = up_to(0);
  options.max_postponements = 1;
  EXPECT_EQ(certify(ToyTree(3, holds), options).counts.combinations, 1u + 3u + 3u);
  options.max_faults = 1;
  options.brute_force = true;
  const CertifyResult both = certify(ToyTree(2, holds), options);
  // 2 · 17 faults, 3 postponements; a postponement at the first of two operations and a fault at
  // the second, or the other way round, and what a fault brings about is postponed as well.
  const std::uint64_t postponed_first = 2 * 17;
  const std::uint64_t faulty_first = 10 * 1 + (1 + 1 + 1) + 6 * 1;
  const std::uint64_t faulty_last = 1 + 6;
  EXPECT_EQ(both.counts.combinations,
            1 + 2 * 17 + 3 + postponed_first + faulty_first + faulty_last);
}

TEST(Certify, SaysSoWhenTheRunWithoutFaultsFails) {
  const CertifyResult result =
      certify(ToyTree(2, [](const ToyStory&) { return "SUM-1/sum"; }), up_to(2));
  ASSERT_TRUE(result.counterexample);
  EXPECT_TRUE(result.counterexample->plan.operations.empty());
  EXPECT_EQ(result.counts.runs, 1u);
}

TEST(Certify, CountsWhatCameToNoEnd) {
  const CertifyResult result =
      certify(ToyTree(2,
                      [](const ToyStory& story) {
                        return struck(story, name_of(1, 2), sim::Effect::Kind::kFail) ? "?" : "";
                      }),
              up_to(1));
  EXPECT_EQ(result.counts.inconclusive, 1u);
  ASSERT_TRUE(result.undecided);
  EXPECT_EQ(result.undecided->plan.operations[0].operation, name_of(1, 2));
  EXPECT_FALSE(result.counterexample);
}

TEST(Certify, EndsWithItsTime) {
  double now = 0;
  CertifyOptions options = up_to(3);
  options.seconds = 20;
  options.seconds_now = [&now] { return now += 1; };
  const CertifyResult result = certify(ToyTree(4, holds), options);
  EXPECT_TRUE(result.out_of_time);
  EXPECT_FALSE(result.complete);
  EXPECT_LT(result.size, 3u);
}

TEST(Certify, EndsWhenItIsToldToAndGoesOnFromThere) {
  const std::string whole = told(certify(ToyTree(4, holds), up_to(2)));
  std::atomic<bool> stop{false};
  int runs = 0;
  const ToyTree stopping(4, [&](const ToyStory&) {
    stop = ++runs > 700;
    return "";
  });
  CertifyOptions options = up_to(2);
  options.stop = &stop;
  CertifyState state;
  options.keep = [&state](const CertifyState& now) { state = now; };
  const CertifyResult part = certify(stopping, options);
  EXPECT_TRUE(part.interrupted);
  EXPECT_FALSE(part.complete);
  EXPECT_EQ(state.size, 2u);
  EXPECT_GT(state.branches, 0u);

  CertifyOptions rest = up_to(2, 3);
  rest.resume = &state;
  const CertifyResult result = certify(ToyTree(4, holds), rest);
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(told(result), whole);
}

// Who goes on from a file must not go on behind what was found.
TEST(Certify, FindsItsCounterexampleAgainWhenItGoesOn) {
  const ToyTree broken(3, [](const ToyStory& story) -> std::string {
    return struck(story, name_of(1, 2), sim::Effect::Kind::kPause) ? "broken" : "";
  });
  CertifyOptions options = up_to(2);
  CertifyState state;
  options.keep = [&state](const CertifyState& now) { state = now; };
  const CertifyResult first = certify(broken, options);
  ASSERT_TRUE(first.counterexample.has_value());
  options.resume = &state;
  for (int again = 0; again < 3; ++again) {
    const CertifyState earlier = state;
    options.resume = &earlier;
    const CertifyResult result = certify(broken, options);
    ASSERT_TRUE(result.counterexample.has_value()) << again;
    EXPECT_EQ(told(result), told(first)) << again;
  }
}

TEST(Certify, RefusesToGoOnFromAnotherSearch) {
  CertifyState state;
  state.fingerprint = 12'345;
  CertifyOptions options = up_to(1);
  options.resume = &state;
  EXPECT_TRUE(certify(ToyTree(2, holds), options).other_search);
}

TEST(Certify, TellsADefectOfTheSimulator) {
  const ToyTree broken(3, [](const ToyStory& story) -> std::string {
    if (struck(story, name_of(1, 2), sim::Effect::Kind::kPause)) {
      throw std::runtime_error("no pause");
    }
    return "";
  });
  const CertifyResult result = certify(broken, up_to(2, 2));
  EXPECT_EQ(result.internal_error, "no pause");
  EXPECT_FALSE(result.complete);
}

// It would tell of runs that were over before they began.
TEST(Certify, NoticesAMemoryThatDoesNotHoldAllOfAUniverse) {
  struct Nowhere : Memory {
    void enter() override {}
    void leave() override {}
    void save(std::vector<std::byte>&) const override {}
    void restore(const std::vector<std::byte>&) override {}
  };
  CertifyOptions options = up_to(1);
  options.memory = [] { return std::make_unique<Nowhere>(); };
  const CertifyResult result = certify(ToyTree(3, holds), options);
  ASSERT_TRUE(result.internal_error);
  EXPECT_NE(result.internal_error->find("not in its memory"), std::string::npos);
  EXPECT_FALSE(result.complete);
}

TEST(Certify, NeedsASystemThatLivesInSteps) {
  EXPECT_TRUE(certify(fake::FakeSystem(), up_to(1)).impossible);
}

TEST(Certify, IsForSmallWorkloads) {
  EXPECT_TRUE(certify(ToyTree(kOperationsMax + 1, holds), up_to(1)).too_large);
}

}  // namespace
}  // namespace sagasim::search
