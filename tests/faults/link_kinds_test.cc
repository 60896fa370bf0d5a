// Every kind of fault that lasts for a while and is about the way that messages take, shown on a
// toy.
#include <algorithm>
#include <set>

#include "tests/faults/struck.h"

namespace sagasim::faults {
namespace {

constexpr sim::Duration kAlways = seconds(1'000);

WindowFault between(Kind kind, const char* target, const char* peer) {
  WindowFault fault = window(kind, target, {}, seconds(3));
  fault.peer = peer;
  return fault;
}

TEST(Partition, LetsNothingPassUntilItEnds) {
  Struck run(ask_twice, between(Kind::kPartition, "client", "worker"));
  run.toy.run();
  ASSERT_EQ(run.toy.seen.size(), 2u);
  EXPECT_EQ(run.toy.seen[0].outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.seen[1].outcome, Outcome::kOk);
  EXPECT_EQ(run.toy.served.size(), 1u);
}

TEST(Partition, MeansTheSameWithItsSidesExchanged) {
  Struck run(ask_twice, between(Kind::kPartition, "worker", "client"));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.served.size(), 1u);
}

TEST(OneWayPartition, TowardsTheReceiverLosesRequests) {
  Struck run(ask_twice, between(Kind::kOneWayPartition, "client", "worker"));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.served.size(), 1u);
}

TEST(OneWayPartition, TowardsTheInitiatorLosesAnswers) {
  Struck run(ask_twice, between(Kind::kOneWayPartition, "worker", "client"));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.seen.at(1).outcome, Outcome::kOk);
  EXPECT_EQ(run.toy.served.size(), 2u);
}

TEST(Isolation, CutsARoleOffFromEverybodyUntilItEnds) {
  Struck run(ask_twice, window(Kind::kIsolation, "worker", {}, seconds(3)), {.workers = 2});
  const sim::World& world = run.toy.world;
  run.toy.run(seconds(1));
  for (const sim::Node* other : {&run.toy.client, &run.toy.store, &run.toy.bus, &run.toy.bank}) {
    EXPECT_FALSE(world.connected(*run.toy.worker_nodes[0], *other));
    EXPECT_FALSE(world.connected(*other, *run.toy.worker_nodes[1]));
  }
  EXPECT_TRUE(world.connected(*run.toy.worker_nodes[0], *run.toy.worker_nodes[1]));
  EXPECT_TRUE(world.connected(run.toy.client, run.toy.store));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.seen.at(1).outcome, Outcome::kOk);
}

TEST(Isolation, OfAConsumerHandsItsPartitionToTheOther) {
  Struck run(publish, window(Kind::kIsolation, "worker#1", {}, seconds(30)), {.workers = 2});
  run.toy.run(seconds(6));
  EXPECT_TRUE(run.toy.consumed.empty());
  run.toy.run(seconds(29));
  ASSERT_EQ(run.toy.consumed.size(), 1u);
  EXPECT_EQ(run.toy.consumed[0].worker, 1u);
}

// --- how long messages take ---

Task<> ask_often(Toy* toy, Context context) {
  for (int i = 0; i < 64; ++i) {
    auto one = ask(toy, context);
    co_await std::move(one);
  }
}

// How long each of the calls of ask_often() took.
std::vector<sim::Duration> times(Toy& toy) {
  toy.run();
  std::vector<sim::Duration> result;
  sim::Instant before = sim::kStart;
  for (const Toy::Seen& seen : toy.seen) {
    result.push_back(seen.at - before);
    before = seen.at;
  }
  return result;
}

std::vector<sim::Duration> times_without_a_fault() {
  Toy toy(ask_often);
  return times(toy);
}

TEST(Slowness, AddsToEveryMessageUntilItEnds) {
  Struck run(ask_often, window(Kind::kSlowness, "worker", {}, seconds(5), milliseconds(500)));
  const auto calm = times_without_a_fault();
  const auto slow = times(run.toy);
  EXPECT_GT(slow.at(0), calm.at(0));
  EXPECT_LE(slow.at(0), calm.at(0) + 2 * milliseconds(500));
  EXPECT_GT(*std::max_element(slow.begin(), slow.end()), milliseconds(400));
  EXPECT_EQ(slow.at(63), calm.at(63));
}

TEST(Slowness, OfAnotherRoleChangesNothing) {
  Struck run(ask_often, window(Kind::kSlowness, "bank", {}, seconds(5), milliseconds(500)));
  EXPECT_EQ(times(run.toy), times_without_a_fault());
}

TEST(ShortLatencies, MakeEveryMessageTakeItsShortestTime) {
  Struck run(ask_often, window(Kind::kShortLatencies, "", {}, kAlways));
  const auto calm = times_without_a_fault();
  EXPECT_GT(*std::max_element(calm.begin(), calm.end()), milliseconds(4));
  EXPECT_EQ(times(run.toy), std::vector<sim::Duration>(64, milliseconds(2)));
}

TEST(HeavyTails, StretchAFewMessagesALot) {
  Struck run(ask_often, window(Kind::kHeavyTails, "", {}, kAlways));
  const auto calm = times_without_a_fault();
  const auto heavy = times(run.toy);
  unsigned stretched = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_GE(heavy[i], calm[i]);
    stretched += heavy[i] > calm[i] ? 1u : 0u;
    EXPECT_TRUE(heavy[i] == calm[i] || heavy[i] >= 16 * milliseconds(1));
  }
  EXPECT_GT(stretched, 3u);  // two messages a call, one in eight
  EXPECT_LT(stretched, 32u);
}

// How many times as long all calls take while the work that they belong to has a rank.
std::int64_t rank_in(const WindowFault& priorities) {
  Struck run(ask_often, priorities);
  const auto calm = times_without_a_fault();
  const auto ranked = times(run.toy);
  const std::int64_t rank = ranked.at(0) / calm.at(0);
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_EQ(ranked[i], rank * calm[i]);
  }
  return rank;
}

TEST(Priorities, StretchAllMessagesOfAPieceOfWorkAndDealRanksAnewInTheNextWindow) {
  std::set<std::int64_t> ranks;
  for (int i = 0; i < 12; ++i) {
    ranks.insert(rank_in(window(Kind::kPriorities, "", {}, kAlways + seconds(i))));
  }
  for (const std::int64_t rank : ranks) {
    EXPECT_TRUE(rank >= 1 && rank <= 128 && (rank & (rank - 1)) == 0) << rank;
  }
  EXPECT_GT(ranks.size(), 3u);
}

}  // namespace
}  // namespace sagasim::faults
