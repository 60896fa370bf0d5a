#include "search/replay.h"

#include <gtest/gtest.h>

#include "tests/search/fake_system.h"

namespace sagasim::search {
namespace {

using fake::FakeSystem;

scenarios::RunRequest request_for(std::uint64_t seed) {
  scenarios::RunRequest request;
  request.seed = seed;
  return request;
}

TEST(Replay, ReproducesWhatIsExpected) {
  const Expectation expectation{scenarios::Verdict::kFail, "SUM-1", sim::mix(7)};
  const ReplayResult result = replay(FakeSystem(), request_for(7), expectation);
  EXPECT_TRUE(result.reproduced());
  EXPECT_TRUE(result.result.failed());
}

TEST(Replay, NamesEveryDifferenceFromWhatIsExpected) {
  const Expectation expectation{scenarios::Verdict::kFail, "SUM-1", 5};
  const ReplayResult result = replay(FakeSystem(), request_for(8), expectation);
  ASSERT_EQ(result.differences.size(), 3u);
  EXPECT_EQ(result.differences[0].what, "verdict");
  EXPECT_EQ(result.differences[0].expected, "fail");
  EXPECT_EQ(result.differences[0].actual, "pass");
  EXPECT_EQ(result.differences[1].actual, "no violation");
  EXPECT_EQ(result.differences[2].expected, "0000000000000005");
  EXPECT_FALSE(result.divergence.has_value());
}

TEST(Replay, ExpectsNothingByDefault) {
  EXPECT_TRUE(replay(FakeSystem(), request_for(7), {}).reproduced());
  EXPECT_TRUE(replay(FakeSystem(), request_for(8), {}).reproduced());
}

TEST(Replay, FindsARunThatIsNotTheSameTwice) {
  FakeSystem system;
  int runs = 0;
  system.after_run = [&runs](scenarios::RunResult& result) {
    result.fingerprint += static_cast<std::uint64_t>(runs++);
  };
  const ReplayResult result = replay(system, request_for(8), {});
  ASSERT_EQ(result.differences.size(), 1u);
  EXPECT_EQ(result.differences[0].what, "second run");
}

TEST(Replay, NamesFaultsThatFoundNothingToStrike) {
  FakeSystem system;
  system.after_run = [](scenarios::RunResult& result) { result.not_applied = {1}; };
  faults::Plan plan;
  plan.operations.resize(2);
  plan.operations[1].operation = "a/b(t1)/timer:nap(t1)";
  scenarios::RunRequest request = request_for(8);
  request.plan = &plan;
  const ReplayResult result = replay(system, request, {std::nullopt, std::nullopt, 1});
  ASSERT_EQ(result.differences.size(), 2u);
  EXPECT_EQ(result.differences[1].what, "fault");
  EXPECT_EQ(result.differences[1].expected, "a/b(t1)/timer:nap(t1)");
}

TEST(Replay, RecordAsksForThePlan) {
  FakeSystem system;
  system.after_run = [](scenarios::RunResult& result) { result.plan.windows.resize(1); };
  EXPECT_EQ(record(system, 3).size(), 1u);
}

TEST(Replay, FingerprintsHaveSixteenDigits) {
  EXPECT_EQ(fingerprint_text(0), "0000000000000000");
  EXPECT_EQ(fingerprint_text(0xfedcba9876543210u), "fedcba9876543210");
}

}  // namespace
}  // namespace sagasim::search
