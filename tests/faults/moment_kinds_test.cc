// Every kind of fault that happens at a moment, shown on a toy.
#include <algorithm>
#include <set>

#include "tests/faults/struck.h"

namespace sagasim::faults {
namespace {

TEST(Midnight, ChangesTheDateAtThatMoment) {
  Struck run(nap, moment(Kind::kMidnight, "", milliseconds(500)));
  run.toy.run();
  const sim::World& world = run.toy.world;
  EXPECT_EQ(world.day(sim::kStart), 0u);
  EXPECT_EQ(world.day(sim::kStart + milliseconds(499)), 0u);
  EXPECT_EQ(world.day(sim::kStart + milliseconds(500)), 1u);
  EXPECT_EQ(world.day(sim::kStart + seconds(86'400)), 1u);
  EXPECT_EQ(world.day(sim::kStart + seconds(86'401)), 2u);
}

TEST(Midnight, IsADayAwayWithoutIt) {
  const Toy toy;
  EXPECT_EQ(toy.world.day(sim::kStart + seconds(86'399)), 0u);
  EXPECT_EQ(toy.world.day(sim::kStart + seconds(86'400)), 1u);
}

// What a process takes for the date when its clock shows a second before the universe's midnight.
class Dated final : public sim::Process {
 public:
  explicit Dated(std::uint32_t& day) : day_(day) {}
  Task<> start(Context context) override {
    day_ = context.day(sim::kStart + seconds(86'399));
    co_return;
  }

 private:
  std::uint32_t& day_;
};

std::uint32_t day_in_zone(sim::Duration ahead) {
  std::uint32_t day = 99;
  sim::World world(1);
  sim::Node& node =
      world.add_node("dated", 0, [&](sim::Node&) { return std::make_unique<Dated>(day); });
  node.set_zone(ahead);
  world.boot();
  world.shut_down();
  return day;
}

TEST(Midnight, ComesEarlierToACalendarInTheEast) {
  EXPECT_EQ(day_in_zone({}), 0u);
  EXPECT_EQ(day_in_zone(seconds(1)), 1u);
  EXPECT_EQ(day_in_zone(seconds(9 * 3'600)), 1u);
  EXPECT_EQ(day_in_zone(seconds(-3'600)), 0u);
}

// --- operators and the broker ---

std::vector<std::uint64_t> offsets(const std::vector<Toy::Handling>& consumed) {
  std::vector<std::uint64_t> result;
  for (const Toy::Handling& handling : consumed) {
    result.push_back(handling.offset);
  }
  return result;
}

TEST(OffsetReset, DeliversAgainWhatWasAppendedInThatTime) {
  Struck run(publish, moment(Kind::kOffsetReset, "readers", seconds(12), seconds(5)));
  run.at(seconds(10), publish);
  run.at(seconds(11), publish);
  run.toy.run(milliseconds(11'999));
  EXPECT_EQ(offsets(run.toy.consumed), (std::vector<std::uint64_t>{0, 1, 2}));
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(offsets(run.toy.consumed), (std::vector<std::uint64_t>{0, 1, 2, 1, 2}));
}

Task<sim::Handled> not_before_twenty_seconds(Toy*, Context context, sim::Delivery) {
  const bool early = context.clock() < sim::kStart + seconds(20);
  co_return early ? sim::Handled::kRetry : sim::Handled::kDone;
}

TEST(OffsetReset, NeverSkipsWhatWasNotRead) {
  Struck run(publish, moment(Kind::kOffsetReset, "readers", seconds(12), milliseconds(1)));
  run.toy.on_record = not_before_twenty_seconds;
  EXPECT_TRUE(run.toy.run());
  EXPECT_GE(run.toy.consumed.back().at, sim::kStart + seconds(20));
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

TEST(OffsetReset, StopsAtWhatHasExpired) {
  const Plan plan{{},
                  {moment(Kind::kShortRetention, "", seconds(11), seconds(5)),
                   moment(Kind::kOffsetReset, "readers", seconds(12), seconds(60))}};
  Struck run(publish, plan);
  run.at(seconds(10), publish);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(offsets(run.toy.consumed), (std::vector<std::uint64_t>{0, 1, 1}));
}

Task<> publish_about_many(Toy* toy, Context context) {
  for (std::uint32_t i = 1; i <= 20; ++i) {
    auto append = toy->broker.append(context, toy->draft(Subject('c', i)));
    co_await append;
  }
}

TEST(ExpandPartitions, MovesKeysToTheNewPartitionAndItsRecordsAreRead) {
  Struck run(publish_about_many, moment(Kind::kExpandPartitions, "noted", seconds(5)));
  run.toy.run(seconds(4));
  EXPECT_EQ(run.toy.broker.topics()[0].partitions.size(), 1u);
  run.at(seconds(6), publish_about_many);
  EXPECT_TRUE(run.toy.run());
  const auto& partitions = run.toy.broker.topics()[0].partitions;
  ASSERT_EQ(partitions.size(), 2u);
  EXPECT_GT(partitions[0].size(), 20u);
  EXPECT_GT(partitions[1].size(), 0u);
  EXPECT_EQ(partitions[0].size() + partitions[1].size(), 40u);
  EXPECT_EQ(run.toy.consumed.size(), 40u);
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

TEST(ExpandPartitions, GivesTheNewPartitionToOneOfTheMembers) {
  Struck run(publish_about_many, moment(Kind::kExpandPartitions, "noted", {}), {.workers = 2});
  run.at(seconds(5), publish_about_many);
  EXPECT_TRUE(run.toy.run());
  for (const Toy::Handling& handling : run.toy.consumed) {
    EXPECT_EQ(handling.worker, handling.partition);
  }
}

TEST(CorruptRecord, IsTriedParkedAndDoesNotStandInTheWay) {
  Struck run(publish, moment(Kind::kCorruptRecord, "noted", seconds(5)));
  run.at(seconds(6), publish);
  EXPECT_TRUE(run.toy.run());
  ASSERT_EQ(run.toy.broker.dead_letters().size(), 1u);
  EXPECT_TRUE(run.toy.broker.dead_letters()[0]->record.corrupt);
  EXPECT_EQ(offsets(run.toy.consumed), (std::vector<std::uint64_t>{0, 2})) << "not the process's";
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

TEST(Redrive, HandsDeadLettersOverAgain) {
  const Plan plan{{},
                  {moment(Kind::kCorruptRecord, "noted", seconds(5)),
                   moment(Kind::kRedrive, "readers", seconds(60))}};
  Struck run(publish, plan);
  run.toy.run(seconds(59));
  ASSERT_EQ(run.toy.broker.dead_letters().size(), 1u);
  const std::uint32_t attempts = run.toy.broker.dead_letters()[0]->attempts;
  EXPECT_TRUE(run.toy.run());
  ASSERT_EQ(run.toy.broker.dead_letters().size(), 1u) << "it has not become readable";
  EXPECT_GT(run.toy.broker.dead_letters()[0]->attempts, attempts);
}

// --- jobs ---

TEST(RunJobsAgain, RunsAJobBesideItself) {
  // The first run of the job takes a second longer than it should.
  constexpr const char* kRest = "worker/sweep(j1)/timer:rest(j1)";
  Plan plan = strike(Kind::kDelay, kRest, seconds(1));
  plan.windows.push_back(moment(Kind::kRunJobsAgain, "worker", milliseconds(500)));
  Struck run(nap, plan);
  run.toy.jobs.seed(sim::toy::Job{Subject('j', 1)});
  run.toy.run(milliseconds(499));
  EXPECT_EQ(run.toy.worked.size(), 1u);
  run.toy.run(milliseconds(1'000));
  EXPECT_EQ(run.toy.worked, (std::vector<Subject>{Subject('j', 1), Subject('j', 1)}));
  EXPECT_TRUE(run.toy.run());
}

// --- a cache ---

constexpr sim::CacheKey kCount{"count", kAbout};

Task<> count(Toy* toy, Context context) {
  auto add = toy->cache.add(context, kCount, 1);
  const sim::CacheReply reply = co_await add;
  toy->saw(reply.outcome);
}

Task<> erase_the_count(Toy* toy, Context context) {
  auto erase = toy->cache.erase(context, kCount);
  co_await erase;
}

TEST(CacheFailover, LosesWhatWasWrittenLastAlthoughItWasAcknowledged) {
  Struck run(count, moment(Kind::kCacheFailover, "", seconds(5), seconds(1)));
  run.at(seconds(3), count);
  run.at(milliseconds(4'500), count);
  run.toy.run(milliseconds(4'900));
  EXPECT_EQ(run.toy.cache.peek(kCount), 3);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.cache.peek(kCount), 2);
  for (const Toy::Seen& seen : run.toy.seen) {
    EXPECT_EQ(seen.outcome, Outcome::kOk);
  }
}

TEST(CacheFailover, BringsBackWhatWasErased) {
  Struck run(count, moment(Kind::kCacheFailover, "", seconds(5), seconds(1)));
  run.at(milliseconds(4'500), erase_the_count);
  run.toy.run(milliseconds(4'900));
  EXPECT_EQ(run.toy.cache.size(), 0u);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.cache.peek(kCount), 1);
}

TEST(CacheFailover, AnswersNobodyForASecond) {
  Struck run(count, moment(Kind::kCacheFailover, "", seconds(5), seconds(1)));
  run.at(milliseconds(5'500), count);
  run.at(milliseconds(6'500), count);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.seen.at(1).outcome, Outcome::kRefused);
  EXPECT_EQ(run.toy.seen.at(2).outcome, Outcome::kOk);
}

TEST(CacheWipe, LosesEveryKeyAndAnswersOn) {
  Struck run(count, moment(Kind::kCacheWipe, "", seconds(5)));
  run.toy.run(milliseconds(4'900));
  EXPECT_EQ(run.toy.cache.size(), 1u);
  run.at(milliseconds(5'100), count);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.seen.at(1).outcome, Outcome::kOk);
  EXPECT_EQ(run.toy.cache.peek(kCount), 1);
}

}  // namespace
}  // namespace sagasim::faults
