// How records get into the log: acknowledgements, followers, and what a producer's library does.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/strike_one.h"
#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Toy;

constexpr Subject kAbout('c', 1);
constexpr Latency kASecond{seconds(1), seconds(1)};

Task<> append_one(Toy* toy, Context context) {
  auto append = toy->broker.append(context, toy->draft(kAbout, 1));
  const Outcome outcome = co_await append;
  toy->saw(outcome);
}

Task<> send_three(Toy* toy, Context context) {
  for (std::int64_t i = 1; i <= 3; ++i) {
    toy->broker.send(context, toy->draft(kAbout, i));
  }
  co_return;
}

// A toy that has begun, with `script` under way.
struct Begun : Toy {
  Begun(const toy::ToyOptions& options, toy::Script script, Interceptor* interceptor = nullptr)
      : Toy(toy::no_script, options) {
    run(Duration{});
    world.set_interceptor(interceptor);
    start(script, Subject('t', 1));
  }
  std::vector<std::uint32_t> versions() const {
    std::vector<std::uint32_t> result;
    for (const Record& record : broker.topics()[0].partitions[0]) {
      result.push_back(record.version);
    }
    return result;
  }
  void fail_over() {
    bus.crash(seconds(1), 1);
    bus.intervene({Intervention::Kind::kFailOver, "", {}, 1});
  }
};

using Versions = std::vector<std::uint32_t>;

TEST(Acks, OfNobodyMeansThatNobodyHearsOfALoss) {
  StrikeOne lost(OperationKind::kAppend, "noted", {.kind = Effect::Kind::kDrop});
  Begun toy({.broker = {.acks = Acks::kNone}}, append_one, &lost);
  EXPECT_EQ(toy.seen.at(0).outcome, Outcome::kOk);
  EXPECT_TRUE(toy.run());
  EXPECT_TRUE(lost.struck());
  EXPECT_EQ(toy.versions(), Versions{});
}

TEST(Acks, OfTheLeaderAreLostWithItUnlessAFollowerHasTheRecord) {
  for (const bool in_time : {false, true}) {
    Begun toy({.broker = {.acks = Acks::kLeader, .replication = kASecond}}, append_one);
    toy.run(milliseconds(500));
    EXPECT_EQ(toy.seen.at(0).outcome, Outcome::kOk);
    toy.run(in_time ? milliseconds(1'500) : milliseconds(500));
    toy.fail_over();
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.versions(), in_time ? Versions{1} : Versions{});
    EXPECT_EQ(toy.consumed.size(), in_time ? 1u : 0u);
  }
}

TEST(Acks, OfAllComeWhenTheFollowersHaveTheRecordAndAreKept) {
  Begun toy({.broker = {.replication = kASecond}}, append_one);
  toy.run(milliseconds(999));
  EXPECT_TRUE(toy.seen.empty());
  toy.run(milliseconds(1'100));
  EXPECT_EQ(toy.seen.at(0).outcome, Outcome::kOk);
  toy.fail_over();
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.versions(), Versions{1});
}

TEST(Acks, OfAllDoNotComeForWhatIsLostWithTheLeader) {
  Begun toy({.broker = {.replication = kASecond}}, append_one);
  toy.run(milliseconds(500));
  EXPECT_EQ(toy.versions(), Versions{1});
  toy.fail_over();
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.versions(), Versions{});
  EXPECT_EQ(toy.seen.at(0).outcome, Outcome::kUnknown);
}

TEST(Followers, AreAllThatConsumersAreShown) {
  Begun toy({.broker = {.replication = kASecond}}, append_one);
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.consumed.size(), 1u);
  EXPECT_GE(toy.consumed[0].at, kStart + seconds(1));
}

TEST(Followers, HaveRecordsInTheOrderOfTheLog) {
  Begun toy({.broker = {.replication = {milliseconds(1), seconds(2)}}}, send_three);
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.consumed.size(), 3u);
  for (std::uint64_t offset = 0; offset < 3; ++offset) {
    EXPECT_EQ(toy.consumed[offset].offset, offset);
  }
}

// The first of three takes longer than the others.
Versions sent_with_a_slow_first(const BrokerOptions& broker, Duration delay) {
  StrikeOne slow(OperationKind::kAppend, "noted",
                 {.kind = Effect::Kind::kDelay, .duration = delay});
  Begun toy({.broker = broker}, send_three, &slow);
  EXPECT_TRUE(toy.run());
  EXPECT_TRUE(slow.struck());
  return toy.versions();
}

TEST(Producer, KeepsTheOrderInWhichItSentIfItIsIdempotent) {
  EXPECT_EQ(sent_with_a_slow_first({}, milliseconds(50)).back(), 1u);
  EXPECT_EQ(sent_with_a_slow_first({.idempotent_producers = true}, milliseconds(50)),
            (Versions{1, 2, 3}));
}

TEST(Producer, GivesUpWhatTakesTooLongAndGoesOnWithWhatComesAfterIt) {
  const Versions order = sent_with_a_slow_first({.idempotent_producers = true}, seconds(20));
  EXPECT_EQ(order, (Versions{2, 3}));
}

TEST(Producer, HasNoMoreUnderWayThanItsWindowAndSoKeepsTheOrder) {
  EXPECT_EQ(sent_with_a_slow_first({.in_flight = 1}, milliseconds(50)), (Versions{1, 2, 3}));
}

TEST(Producer, LosesWhatItKeepsBackWithTheProcess) {
  for (const bool dies : {false, true}) {
    Begun toy({.broker = {.linger = seconds(1)}}, send_three);
    toy.run(milliseconds(900));
    EXPECT_EQ(toy.versions(), Versions{});
    if (dies) {
      toy.client.crash(seconds(1), 1);
    }
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.versions().size(), dies ? 0u : 3u);
  }
}

// Each of three pieces of work appends a record and waits for it.
Task<> append_mine(Toy* toy, Context context) {
  const auto number = static_cast<std::int64_t>(context.invocation().subject.major());
  auto append = toy->broker.append(context, toy->draft(kAbout, number));
  const Outcome outcome = co_await append;
  toy->saw(outcome);
}
struct Three : Begun {
  Three(const BrokerOptions& broker, Interceptor* interceptor)
      : Begun({.broker = broker}, toy::no_script, interceptor) {
    for (std::uint32_t i = 1; i <= 3; ++i) {
      start(append_mine, Subject('t', i));
    }
  }
};

TEST(Producer, CountsInItsWindowWhatSomebodyAwaitsAsWell) {
  for (const std::uint32_t in_flight : {0u, 1u}) {
    StrikeOne slow(OperationKind::kAppend, "noted",
                   {.kind = Effect::Kind::kDelay, .duration = milliseconds(50)});
    Three toy({.in_flight = in_flight}, &slow);
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.seen.size(), 3u);
    EXPECT_EQ(toy.versions() == (Versions{1, 2, 3}), in_flight == 1);
  }
}

TEST(Producer, LetsNobodyWaitForARecordThatDiesInItsBuffer) {
  Three toy({.linger = seconds(1)}, nullptr);
  toy.client.crash(milliseconds(100), 1);
  EXPECT_TRUE(toy.run());
  EXPECT_TRUE(toy.seen.empty());
  EXPECT_EQ(toy.versions(), Versions{});
}

TEST(Producer, IsAnotherOneInItsNextIncarnation) {
  // The first record is held up, the process dies, and its successor sends the same once more.
  StrikeOne slow(OperationKind::kAppend, "noted",
                 {.kind = Effect::Kind::kDelay, .duration = seconds(3)});
  Toy toy(append_one, {.broker = {.idempotent_producers = true}});
  toy.world.set_interceptor(&slow);
  toy.run(milliseconds(500));
  toy.client.crash(milliseconds(100), 1);
  EXPECT_TRUE(toy.run());
  const auto& log = toy.broker.topics()[0].partitions[0];
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].event_id, log[1].event_id);
  EXPECT_LT(log[0].appended, kStart + seconds(1)) << "the second incarnation waits for nobody";
  EXPECT_GT(log[1].appended, kStart + seconds(2));
}

// --- batches ---

constexpr BrokerOptions kBatches{.linger = seconds(1), .batch = 3};

Effect strike(Effect::Kind kind) { return {.kind = kind, .duration = milliseconds(50)}; }

TEST(Batch, HasOneFate) {
  const auto log_after = [](Effect::Kind kind, std::uint32_t batch) {
    BrokerOptions options = kBatches;
    options.batch = batch;
    StrikeOne one(OperationKind::kAppend, "noted", strike(kind));
    Begun toy({.broker = options}, send_three, &one);
    EXPECT_TRUE(toy.run());
    return toy.versions();
  };
  EXPECT_EQ(log_after(Effect::Kind::kDrop, 1), (Versions{2, 3}));
  EXPECT_EQ(log_after(Effect::Kind::kDrop, 2), Versions{3});
  EXPECT_EQ(log_after(Effect::Kind::kDrop, 3), Versions{});
  EXPECT_EQ(log_after(Effect::Kind::kDuplicate, 3), (Versions{1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(log_after(Effect::Kind::kDelay, 3), (Versions{1, 2, 3}));
}

TEST(Batch, TellsEverybodyWhoAwaitsOneOfItsRecordsTheSame) {
  for (const auto kind : {Effect::Kind::kNone, Effect::Kind::kFail, Effect::Kind::kReplyLost}) {
    StrikeOne one(OperationKind::kAppend, "noted", strike(kind));
    Three toy(kBatches, &one);
    EXPECT_TRUE(toy.run());
    ASSERT_EQ(toy.seen.size(), 3u);
    for (const Toy::Seen& seen : toy.seen) {
      EXPECT_EQ(seen.outcome, kind == Effect::Kind::kNone   ? Outcome::kOk
                              : kind == Effect::Kind::kFail ? Outcome::kRefused
                                                            : Outcome::kUnknown);
    }
    EXPECT_EQ(toy.versions().size(), kind == Effect::Kind::kFail ? 0u : 3u);
  }
}

TEST(Batch, GoesWhenItIsFullOrHasLingered) {
  Begun full({.broker = kBatches}, send_three);
  full.run(milliseconds(500));
  EXPECT_EQ(full.versions(), (Versions{1, 2, 3}));
  BrokerOptions options = kBatches;
  options.batch = 4;
  Begun lingering({.broker = options}, send_three);
  lingering.run(milliseconds(900));
  EXPECT_EQ(lingering.versions(), Versions{});
  EXPECT_TRUE(lingering.run());
  EXPECT_EQ(lingering.versions(), (Versions{1, 2, 3}));
}

Task<> send_about_two(Toy* toy, Context context) {
  for (std::int64_t i = 1; i <= 6; ++i) {
    toy->broker.send(context, toy->draft(Subject('c', i % 2 == 0 ? 1 : 4), i));
  }
  co_return;
}

TEST(Batch, HoldsRecordsOfOnePartitionAlone) {
  StrikeOne lost(OperationKind::kAppend, "noted", strike(Effect::Kind::kDrop));
  Begun toy({.partitions = 2, .broker = kBatches}, send_about_two, &lost);
  EXPECT_TRUE(toy.run());
  const auto& partitions = toy.broker.topics()[0].partitions;
  EXPECT_EQ(std::max(partitions[0].size(), partitions[1].size()), 3u);
  EXPECT_EQ(partitions[0].size() + partitions[1].size(), 3u);
}

TEST(Batch, OutlivesWhoAwaitsItAndLosesNobodyOnTheWay) {
  for (int end = 100; end < 12'000; end += 700) {
    StrikeOne slow(OperationKind::kAppend, "noted", strike(Effect::Kind::kDelay));
    Three toy(kBatches, &slow);
    toy.run(microseconds(end));
    if (end % 200 == 0) {
      toy.client.crash(milliseconds(1), 1);
      EXPECT_TRUE(toy.run());
      EXPECT_EQ(toy.versions().size() % 3, 0u);
    }
    toy.world.shut_down();
  }
}

// --- where a group begins ---

TEST(Beginning, AtTheLatestRecordSkipsWhatWasThereBeforeTheGroup) {
  for (const auto begin : {BrokerOptions::Begin::kEarliest, BrokerOptions::Begin::kLatest}) {
    Toy toy(toy::no_script, {.broker = {.begin = begin}});
    toy.run(Duration{});
    toy.start(append_one, Subject('t', 1));  // its group is formed a hundred milliseconds later
    toy.run(seconds(1));
    toy.start(send_three, Subject('t', 2));
    EXPECT_TRUE(toy.run());
    const bool skips = begin == BrokerOptions::Begin::kLatest;
    EXPECT_EQ(toy.consumed.size(), skips ? 3u : 4u);
    EXPECT_EQ(toy.broker.missed().size(), skips ? 1u : 0u);
    EXPECT_EQ(toy.broker.lag(), 0u);
  }
}

TEST(Beginning, AtTheLatestRecordSkipsNothingOnceAPositionIsCommitted) {
  Begun toy({.broker = {.begin = BrokerOptions::Begin::kLatest}}, toy::no_script);
  toy.run(seconds(1));
  toy.start(append_one, Subject('t', 2));
  toy.run(seconds(2));
  toy.worker_nodes[0]->crash(seconds(30), 1);
  toy.run(seconds(3));
  toy.start(send_three, Subject('t', 3));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.consumed.size(), 4u);
}

Task<> append_about(Toy* toy, Context context) {
  const Subject about('c', context.invocation().subject.major());
  auto append = toy->broker.append(context, toy->draft(about, 1));
  co_await append;
}

// What is about the subject that moves to the new partition is not read until its group knows it.
TEST(Beginning, AtTheLatestRecordSkipsWhatANewPartitionHasUntilItIsNoticed) {
  for (const auto begin : {BrokerOptions::Begin::kEarliest, BrokerOptions::Begin::kLatest}) {
    Begun toy({.broker = {.begin = begin, .discovery = seconds(300)}}, toy::no_script);
    toy.run(seconds(1));
    toy.bus.intervene({Intervention::Kind::kExpandPartitions, "noted", {}, 1});
    for (std::uint32_t i = 1; i <= 8; ++i) {
      toy.start(append_about, Subject('t', i));
    }
    toy.run(seconds(200));
    const std::size_t moved = toy.broker.topics()[0].partitions[1].size();
    EXPECT_GT(moved, 0u);
    EXPECT_EQ(toy.consumed.size(), 8u - moved);
    EXPECT_TRUE(toy.run());
    const bool skips = begin == BrokerOptions::Begin::kLatest;
    EXPECT_EQ(toy.consumed.size(), skips ? 8u - moved : 8u);
    EXPECT_EQ(toy.broker.missed().size(), skips ? moved : 0u);
  }
}

}  // namespace
}  // namespace sagasim::sim
