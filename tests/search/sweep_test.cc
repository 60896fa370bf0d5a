#include "search/sweep.h"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <stdexcept>

#include "tests/search/fake_system.h"

namespace sagasim::search {
namespace {

using fake::FakeSystem;

// Everything that must not depend on threads, in one comparable text.
std::string text_of(const SweepResult& result) {
  std::string text = std::to_string(result.runs) + " " + std::to_string(result.failed) + " " +
                     std::to_string(result.inconclusive) + " " + std::to_string(result.operations) +
                     " " + std::to_string(result.digest) + " " +
                     std::to_string(result.virtual_time.count()) + " " +
                     std::to_string(result.coverage.seen) + "\n";
  for (const Cause& cause : result.causes) {
    text += cause.signature + " " + std::to_string(cause.count) + " " +
            std::to_string(cause.first_seed) + " " + cause.property + " " + cause.message + "\n";
  }
  for (const auto& [property, count] : result.properties) {
    text += property + " " + std::to_string(count) + "\n";
  }
  for (const std::uint64_t count : result.faults) {
    text += std::to_string(count) + " ";
  }
  for (const auto& [group, counts] : result.tallies) {
    for (const auto& [name, count] : counts) {
      text += group + "." + name + " " + std::to_string(count) + "\n";
    }
  }
  return text;
}

TEST(Sweep, RunsEverySeedOnce) {
  FakeSystem system;
  std::mutex mutex;
  std::multiset<std::uint64_t> seeds;
  system.before_run = [&](std::uint64_t seed) {
    const std::lock_guard lock(mutex);
    seeds.insert(seed);
  };
  const SweepResult result = sweep(system, {.from = 10, .seeds = 300, .jobs = 3});
  EXPECT_EQ(result.runs, 300u);
  EXPECT_EQ(seeds.size(), 300u);
  EXPECT_EQ(*seeds.begin(), 10u);
  EXPECT_EQ(*seeds.rbegin(), 309u);
  EXPECT_EQ(std::set<std::uint64_t>(seeds.begin(), seeds.end()).size(), 300u);
}

TEST(Sweep, GroupsFailuresIntoCausesInTheOrderOfTheirFirstSeeds) {
  const SweepResult result = sweep(FakeSystem(), {.seeds = 100});
  EXPECT_EQ(result.failed, 10u);
  EXPECT_EQ(result.first_seed, 7u);
  ASSERT_EQ(result.causes.size(), 2u);
  EXPECT_EQ(result.causes[0].signature, "SUM-1/sum");
  EXPECT_EQ(result.causes[0].count, 5u);
  EXPECT_EQ(result.causes[0].first_seed, 7u);
  EXPECT_EQ(result.causes[1].signature, "END-1/thing");
  EXPECT_EQ(result.causes[1].first_seed, 17u);
  EXPECT_EQ(result.causes[1].message, "t1.2 of 12,000 is open");
  EXPECT_EQ(result.property_failures.at("END-1"), 10u);
  EXPECT_EQ(result.property_failures.at("SUM-1"), 5u);
}

TEST(Sweep, AddsUpWhatTheRunsCounted) {
  const SweepResult result = sweep(FakeSystem(), {.seeds = 6});
  EXPECT_EQ(result.properties.at("SUM-1"), 24u);
  EXPECT_EQ(result.properties.at("END-1"), 3u);
  EXPECT_EQ(result.tallies.at("things").at("started"), 18u);
  EXPECT_EQ(result.faults[static_cast<std::size_t>(faults::Kind::kDelay)], 6u);
  EXPECT_EQ(result.operations, 615u);
  EXPECT_EQ(result.virtual_time, sim::milliseconds(9000));
}

TEST(Sweep, IsTheSameForAnyNumberOfThreads) {
  FakeSystem system;
  system.before_run = fake::dawdle;
  const std::string alone = text_of(sweep(system, {.seeds = 400, .jobs = 1}));
  for (const unsigned jobs : {2u, 3u, 8u}) {
    EXPECT_EQ(text_of(sweep(system, {.seeds = 400, .jobs = jobs})), alone) << jobs;
  }
}

TEST(Sweep, StopsAfterTheSameFailureForAnyNumberOfThreads) {
  FakeSystem system;
  system.before_run = fake::dawdle;
  const SweepResult alone = sweep(system, {.seeds = 400, .jobs = 1, .stop_after = 3});
  EXPECT_TRUE(alone.stopped_after);
  EXPECT_EQ(alone.failed, 3u);
  EXPECT_EQ(alone.runs, 28u);  // seeds 0 to 27
  for (int repeat = 0; repeat < 5; ++repeat) {
    EXPECT_EQ(text_of(sweep(system, {.seeds = 400, .jobs = 4, .stop_after = 3})), text_of(alone));
  }
}

TEST(Sweep, DigestDependsOnSeedsAndFingerprints) {
  FakeSystem system;
  const std::uint64_t digest = sweep(system, {.seeds = 50}).digest;
  EXPECT_EQ(sweep(system, {.seeds = 50}).digest, digest);
  EXPECT_NE(sweep(system, {.seeds = 51}).digest, digest);
  EXPECT_NE(sweep(system, {.from = 1, .seeds = 50}).digest, digest);
  system.after_run = [](scenarios::RunResult& result) {
    result.fingerprint ^= result.seed == 20 ? 1 : 0;
  };
  EXPECT_NE(sweep(system, {.seeds = 50}).digest, digest);
}

TEST(Sweep, ReportsASlowSeedsPredecessorsAndSuccessorsOnceItIsDone) {
  // Far more seeds than a thread may be ahead of the slow one.
  FakeSystem system;
  system.before_run = [](std::uint64_t seed) {
    if (seed == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  };
  EXPECT_EQ(sweep(system, {.seeds = 2000, .jobs = 2}).runs, 2000u);
}

TEST(Sweep, EndsWithAnInternalErrorAtTheLowestSeedThatHasOne) {
  FakeSystem system;
  system.before_run = [](std::uint64_t seed) {
    fake::dawdle(seed);
    if (seed % 50 == 40) {
      sim::check_failed("time ran backwards", "clock.cc", 12);
    }
  };
  for (const unsigned jobs : {1u, 4u}) {
    const SweepResult result = sweep(system, {.seeds = 400, .jobs = jobs});
    ASSERT_TRUE(result.internal_error.has_value());
    EXPECT_EQ(result.internal_error->seed, 40u);
    EXPECT_EQ(result.internal_error->message, "time ran backwards (clock.cc:12)");
    EXPECT_EQ(result.runs, 40u);
  }
}

TEST(Sweep, StopFlagEndsItWithWhatIsFinished) {
  FakeSystem system;
  std::atomic<bool> stop{false};
  system.before_run = [&stop](std::uint64_t seed) {
    if (seed == 30) {
      stop.store(true);
    }
  };
  const SweepResult result = sweep(system, {.seeds = 100'000, .jobs = 2, .stop = &stop});
  EXPECT_TRUE(result.interrupted);
  EXPECT_GE(result.runs, 31u);
  EXPECT_LT(result.runs, 100u);
  // What is reported is a sweep of just so many seeds.
  SweepResult plain = sweep(system, {.seeds = result.runs});
  EXPECT_EQ(text_of(result), text_of(plain));
}

TEST(Sweep, TimeLimitEndsItWithWhatIsFinished) {
  FakeSystem system;
  std::atomic<int> clock{0};
  system.before_run = [&clock](std::uint64_t) { ++clock; };
  SweepOptions options;
  options.seeds = 0;
  options.seconds = 40;
  options.seconds_now = [&clock] { return static_cast<double>(clock.load()); };
  const SweepResult result = sweep(system, options);
  EXPECT_TRUE(result.out_of_time);
  EXPECT_FALSE(result.interrupted);
  EXPECT_EQ(result.runs, 40u);
  EXPECT_EQ(result.seconds, 40);
}

TEST(Sweep, ProgressIsToldWhileItRuns) {
  FakeSystem system;
  system.before_run = [](std::uint64_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  };
  std::vector<SweepProgress> seen;
  SweepOptions options;
  options.seeds = 80;
  options.progress = [&seen](const SweepProgress& progress) { seen.push_back(progress); };
  sweep(system, options);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.front().seeds, 80u);
  EXPECT_LE(seen.back().runs, 80u);
  // 400 ms at most ten times a second; slow machines may need longer.
  EXPECT_LT(seen.size(), 60u);
}

TEST(Sweep, CountsInconclusiveRuns) {
  FakeSystem system;
  system.inconclusive_seed = 12;
  const SweepResult result = sweep(system, {.seeds = 20});
  EXPECT_EQ(result.inconclusive, 1u);
  EXPECT_EQ(result.first_inconclusive_seed, 12u);
}

TEST(Sweep, EachSeedIsInOnePartition) {
  std::set<std::uint64_t> seeds;
  std::uint64_t runs = 0;
  for (std::uint64_t index = 1; index <= 3; ++index) {
    FakeSystem system;
    std::mutex mutex;
    system.before_run = [&](std::uint64_t seed) {
      const std::lock_guard lock(mutex);
      seeds.insert(seed);
    };
    const std::uint64_t part =
        sweep(system, {.seeds = 600, .partition = {index, 3}, .jobs = 2}).runs;
    EXPECT_GT(part, 150u);
    EXPECT_LT(part, 250u);
    runs += part;
  }
  EXPECT_EQ(runs, 600u);
  EXPECT_EQ(seeds.size(), 600u);
}

TEST(Sweep, MoreSeedsMoveNoneToAnotherPartition) {
  const Partition one{1, 4};
  std::uint64_t own = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    own += one.has(seed) ? 1U : 0U;
  }
  EXPECT_EQ(sweep(FakeSystem(), {.seeds = 100, .partition = one}).runs, own);
}

TEST(Sweep, TellsHowManyRunsMetSomethingThatNoOtherDid) {
  const SweepResult result = sweep(FakeSystem(), {.seeds = 100, .jobs = 2});
  EXPECT_EQ(result.coverage.cells, 6u);
  EXPECT_EQ(result.coverage.seen, 5u);
  EXPECT_EQ(result.coverage.runs_with_news, 1u);
  EXPECT_EQ(result.cells[5].first_seed, 23u);
  EXPECT_EQ(result.cells[3].runs, 25u);
}

// Everything that was handed out to be kept, in order.
struct Kept {
  std::vector<Stretch> stretches;
  void operator()(const std::vector<Stretch>& more) {
    stretches.insert(stretches.end(), more.begin(), more.end());
  }
};

TEST(Sweep, HandsOutEveryRunInStretchesThatLieInOneBlock) {
  Kept kept;
  SweepOptions options{.from = 1000, .seeds = 3000, .jobs = 2};
  options.keep = [&kept](const std::vector<Stretch>& more) { kept(more); };
  const SweepResult result = sweep(FakeSystem(), options);
  Figures sum;
  std::uint64_t next = 1000;
  std::uint64_t failures = 0;
  for (const Stretch& stretch : kept.stretches) {
    EXPECT_EQ(stretch.first, next);
    EXPECT_EQ(block_of(stretch.first), block_of(stretch.last));
    EXPECT_EQ(stretch.figures.runs, stretch.last - stretch.first + 1);
    EXPECT_EQ(stretch.goes_on, stretch.first != 1000 && stretch.first % kBlock != 0);
    next = stretch.last + 1;
    sum.add(stretch.figures);
    failures += stretch.failures.size();
  }
  EXPECT_EQ(next, 4000u);
  EXPECT_EQ(sum.digest, result.digest);
  EXPECT_EQ(failures, result.failed);
}

TEST(Sweep, RunsNothingThatWasDoneBeforeAndGoesOnBehindIt) {
  Kept kept;
  SweepOptions options{.seeds = 100};
  options.keep = [&kept](const std::vector<Stretch>& more) { kept(more); };
  options.is_done = [](std::uint64_t seed) { return seed >= 20 && seed < 30; };
  const SweepResult result = sweep(FakeSystem(), options);
  EXPECT_EQ(result.runs, 90u);
  ASSERT_GE(kept.stretches.size(), 2u);
  bool begins_behind = false;
  for (const Stretch& stretch : kept.stretches) {
    EXPECT_TRUE(stretch.last < 20 || stretch.first >= 30);
    begins_behind = begins_behind || (stretch.first == 30 && !stretch.goes_on);
  }
  EXPECT_TRUE(begins_behind);
}

TEST(Sweep, StopsAfterFailuresOfWhichSomeCameBefore) {
  SweepOptions options{.from = 20, .seeds = 400, .stop_after = 3};
  options.failed_before = 2;  // seeds 7 and 17
  const SweepResult result = sweep(FakeSystem(), options);
  EXPECT_TRUE(result.stopped_after);
  EXPECT_EQ(result.last, 27u);
  options.failed_before = 3;
  EXPECT_EQ(sweep(FakeSystem(), options).runs, 0u);
}

TEST(Sweep, PassesOnWhyARunCouldNotBeKept) {
  SweepOptions options{.seeds = 100'000, .jobs = 2};
  options.keep = [](const std::vector<Stretch>&) { throw std::runtime_error("the disk is full"); };
  EXPECT_THROW(sweep(FakeSystem(), options), std::runtime_error);
}

TEST(Sweep, SeedsGoRoundAtTheEndOfTheirRange) {
  const SweepResult result = sweep(FakeSystem(), {.from = UINT64_MAX, .seeds = 9});
  EXPECT_EQ(result.runs, 9u);
  EXPECT_EQ(result.first_seed, 7u);
}

}  // namespace
}  // namespace sagasim::search
