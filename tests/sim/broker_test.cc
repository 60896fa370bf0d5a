#include "sim/broker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/scenarios/causal_trace.h"
#include "tests/sim/strike_one.h"
#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Toy;

constexpr Subject kAbout('c', 1);

// Appends three records about each of four things.
Task<> publish(Toy* toy, Context context) {
  for (std::int64_t i = 1; i <= 3; ++i) {
    for (std::uint32_t about = 1; about <= 4; ++about) {
      auto append = toy->broker.append(context, toy->draft(Subject('c', about), i));
      const Outcome outcome = co_await append;
      toy->saw(outcome);
    }
  }
}

Task<Handled> take_a_second(Toy*, Context context, Delivery) {
  auto nap = context.sleep(seconds(1), "work");
  co_await nap;
  co_return Handled::kDone;
}

Task<Handled> refuse_once(Toy*, Context context, Delivery) {
  co_return context.invocation().attempt == 1 ? Handled::kRetry : Handled::kDone;
}

// The offsets handled in each partition, in order of time.
std::map<std::uint32_t, std::vector<std::uint64_t>> offsets(const Toy& toy) {
  std::map<std::uint32_t, std::vector<std::uint64_t>> result;
  for (const Toy::Handling& handling : toy.consumed) {
    result[handling.partition].push_back(handling.offset);
  }
  return result;
}

std::vector<std::uint64_t> up_to(std::size_t size) {
  std::vector<std::uint64_t> result;
  for (std::uint64_t i = 0; i < size; ++i) {
    result.push_back(i);
  }
  return result;
}

TEST(Broker, KeepsOrderInsideAPartitionAndWorksOnPartitionsBesideOneAnother) {
  Toy toy(publish, {.partitions = 2});
  toy.on_record = take_a_second;
  EXPECT_TRUE(toy.run());
  const auto& partitions = toy.broker.topics()[0].partitions;
  for (std::uint32_t i = 0; i < 2; ++i) {
    EXPECT_FALSE(partitions[i].empty());
    EXPECT_EQ(offsets(toy)[i], up_to(partitions[i].size()));
  }
  EXPECT_LT(toy.consumed.back().at, kStart + seconds(12));
  EXPECT_EQ(toy.broker.lag(), 0u);
}

TEST(Broker, PutsRecordsOfOneSubjectIntoOnePartition) {
  Toy toy(publish, {.partitions = 3});
  toy.run();
  std::map<std::uint64_t, std::uint32_t> place;
  for (const auto& log : toy.broker.topics()[0].partitions) {
    for (const Record& record : log) {
      const auto known = place.emplace(record.subject.bits(), record.partition).first;
      EXPECT_EQ(known->second, record.partition);
    }
  }
  EXPECT_EQ(place.size(), 4u);
}

TEST(Broker, HandsARecordOverAgainBeforeTheNextWhenItsConsumerAsksForThat) {
  Toy toy(publish);
  toy.on_record = refuse_once;
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.consumed.size(), 24u);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(toy.consumed[2 * i].offset, i);
    EXPECT_EQ(toy.consumed[2 * i + 1].offset, i);
  }
}

TEST(Broker, DeliversFromTheCommittedOffsetAfterACrash) {
  Toy toy(publish);
  toy.on_record = take_a_second;
  toy.run(milliseconds(2'800));
  ASSERT_EQ(toy.consumed.size(), 3u);
  toy.worker_nodes[0]->crash(seconds(1), 0);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.consumed.at(3).offset, 2u);
  EXPECT_EQ(toy.consumed.size(), 13u);
  EXPECT_EQ(toy.broker.lag(), 0u);
}

TEST(Broker, HandsThePartitionsOfADeadMemberToAnother) {
  Toy toy(publish, {.workers = 2, .partitions = 2});
  toy.on_record = take_a_second;
  toy.run(milliseconds(1'500));
  toy.worker_nodes[0]->crash(seconds(500), 0);
  const std::size_t before = toy.consumed.size();
  toy.run(seconds(60));
  EXPECT_EQ(toy.broker.lag(), 0u);
  for (std::size_t i = before; i < toy.consumed.size(); ++i) {
    EXPECT_EQ(toy.consumed[i].worker, 1u);
  }
}

// Commits nothing itself; counts what the broker says.
class Verdicts final : public Tracer {
 public:
  void on_begin(const Operation&, const Effect&) override {}
  void on_complete(const Operation& operation, Outcome outcome, std::uint64_t, Instant) override {
    if (operation.kind == OperationKind::kOffsetCommit) {
      ++count[outcome];
    }
  }
  void on_cause(std::uint64_t, std::uint64_t) override {}
  std::map<Outcome, int> count;
};

TEST(Broker, FencesAZombieWhoseWorkHasGoneToAnother) {
  Verdicts verdicts;
  Toy toy(publish, {.workers = 2, .partitions = 2});
  toy.world.set_tracer(&verdicts);
  toy.on_record = take_a_second;
  toy.run(milliseconds(1'500));
  toy.worker_nodes[0]->pause(seconds(40), 0);
  toy.run(seconds(39));
  EXPECT_EQ(toy.broker.lag(), 0u);
  const std::size_t handled = toy.consumed.size();
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.consumed.size(), handled);
  EXPECT_EQ(toy.consumed.size(), 13u);
  // It has been told, as it woke, that the partition is gone, and does not even try to commit.
  EXPECT_EQ(verdicts.count, (std::map<Outcome, int>{{Outcome::kOk, 12}}));
}

TEST(Broker, RefusesTheCommitOfAMemberThatIsThrownOutMeanwhile) {
  Verdicts verdicts;
  StrikeOne slow(OperationKind::kOffsetCommit, "noted",
                 {.kind = Effect::Kind::kDelay, .duration = seconds(4)});
  Toy toy(publish,
          {.workers = 2,
           .broker = {.session_timeout = seconds(1), .heartbeat_interval = milliseconds(300)}});
  toy.world.set_tracer(&verdicts);
  toy.world.set_interceptor(&slow);
  toy.run(milliseconds(500));
  ASSERT_EQ(toy.consumed.size(), 1u);
  toy.worker_nodes[toy.consumed[0].worker]->pause(seconds(3), 0);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(verdicts.count, (std::map<Outcome, int>{{Outcome::kOk, 12}, {Outcome::kAborted, 1}}));
  EXPECT_EQ(toy.consumed.size(), 13u);
  EXPECT_EQ(toy.broker.progress()[0].committed, 12u);
}

TEST(Broker, LetsABusyMemberFinishBeforePartitionsMoveToOneThatJoins) {
  Toy toy(publish, {.workers = 2, .partitions = 2});
  toy.on_record = take_a_second;
  toy.run(milliseconds(50));
  toy.worker_nodes[1]->crash(seconds(13), 0);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.consumed.size(), 12u);
  EXPECT_EQ(toy.broker.lag(), 0u);
  std::uint32_t by_second = 0;
  for (const Toy::Handling& handling : toy.consumed) {
    by_second += handling.worker;
  }
  EXPECT_GT(by_second, 0u);
  EXPECT_LT(by_second, 12u);
}

Task<Handled> take_for_ever(Toy*, Context context, Delivery) {
  auto nap = context.sleep(seconds(500), "stuck");
  co_await nap;
  co_return Handled::kDone;
}

// Whatever held up a handler is why all others waited for their new partitions.
TEST(Broker, NamesWhatKeptABusyMemberAsACauseOfWhatWaitedForIt) {
  scenarios::CausalTrace trace;
  Toy toy(publish, {.workers = 2, .partitions = 2});
  toy.world.set_tracer(&trace);
  toy.on_record = take_for_ever;
  toy.run(seconds(20));
  toy.worker_nodes[1]->crash(seconds(1), 0);
  toy.run(seconds(200));
  std::size_t late = 0;
  for (const auto& [stuck, timer] : trace.entries()) {
    if (timer.name.find("timer:stuck") == std::string::npos || timer.at > kStart + seconds(20) ||
        timer.subject != toy.broker.topics()[0].partitions[0].front().subject) {
      continue;
    }
    const auto future = scenarios::causal_future(trace, trace, {stuck});
    for (const auto& [id, entry] : trace.entries()) {
      if (entry.name.find("/delivery") != std::string::npos && entry.at > kStart + seconds(20)) {
        ++late;
        EXPECT_TRUE(future.contains(id)) << entry.name;
      }
    }
    break;
  }
  EXPECT_GT(late, 0u);
}

// Delays the first delivery beyond the time that a consumer waits for it.
class StrikeDelivery final : public Interceptor {
 public:
  explicit StrikeDelivery(const Effect& effect) : effect_(effect) {}
  Effect decide(const Operation& operation) override {
    const bool strikes = operation.kind == OperationKind::kDelivery && !struck_;
    struck_ = struck_ || strikes;
    return strikes ? effect_ : Effect{};
  }

 private:
  const Effect effect_;
  bool struck_ = false;
};

TEST(Broker, DropsADeliveryThatArrivesAfterItWasFetchedAgain) {
  StrikeDelivery delay(Effect{.kind = Effect::Kind::kDelay, .duration = seconds(8)});
  Toy toy(publish);
  toy.world.set_interceptor(&delay);
  toy.on_record = take_a_second;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(offsets(toy)[0], up_to(12));
  EXPECT_EQ(toy.broker.lag(), 0u);
}

Task<> publish_unawaited(Toy* toy, Context context) {
  toy->broker.send(context, toy->draft(kAbout, 1));
  toy->broker.send(context, toy->draft(kAbout, 2));
  co_return;
}

TEST(Broker, SendsWhatNobodyAwaitsInOrder) {
  Toy toy(publish_unawaited);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.broker.topics()[0].partitions[0].size(), 2u);
}

TEST(Broker, NumbersTheCopiesOfOneEvent) {
  Toy toy(publish_unawaited);
  toy.run(milliseconds(100));
  toy.start(publish_unawaited, Subject('t', 1));
  EXPECT_TRUE(toy.run());
  const auto& log = toy.broker.topics()[0].partitions[0];
  ASSERT_EQ(log.size(), 4u);
  EXPECT_EQ(log[0].copy + log[1].copy, 0u);
  EXPECT_EQ(log[2].copy + log[3].copy, 2u);
}

// --- other ways to produce and to commit ---

Task<> publish_one(Toy* toy, Context context) {
  auto append = toy->broker.append(context, toy->draft(kAbout, 1));
  const Outcome outcome = co_await append;
  toy->saw(outcome);
}

TEST(Broker, DropsWhatAnIdempotentProducersLibrarySendsAgainAndNothingElse) {
  for (const bool idempotent : {false, true}) {
    StrikeOne again(OperationKind::kAppend, "noted",
                    {.kind = Effect::Kind::kDuplicate, .duration = milliseconds(1)});
    Toy toy(publish_one, {.broker = {.idempotent_producers = idempotent}});
    toy.world.set_interceptor(&again);
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.broker.topics()[0].partitions[0].size(), idempotent ? 1u : 2u);
    toy.start(publish_one, Subject('t', 1));  // the program itself sends the same once more
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.broker.topics()[0].partitions[0].size(), idempotent ? 2u : 3u);
  }
}

TEST(Broker, GetsWhatIsInFlightOutOfOrderIfNobodyWaits) {
  StrikeOne slow(OperationKind::kAppend, "noted",
                 {.kind = Effect::Kind::kDelay, .duration = milliseconds(50)});
  Toy toy(publish_unawaited);
  toy.world.set_interceptor(&slow);
  EXPECT_TRUE(toy.run());
  const auto& log = toy.broker.topics()[0].partitions[0];
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].version, 2u);
  EXPECT_EQ(log[1].version, 1u);
}

// Records handled, by offset, each as often as it was.
std::vector<std::uint64_t> handled_after_a_crash(PositionCommit commits) {
  Toy toy(publish, {.broker = {.commits = commits}});
  toy.on_record = take_a_second;
  toy.run(milliseconds(2'800));
  EXPECT_EQ(toy.consumed.size(), 3u);
  toy.worker_nodes[0]->crash(seconds(1), 0);
  EXPECT_TRUE(toy.run());
  return offsets(toy)[0];
}

TEST(Broker, LosesWhatWasBeingHandledIfThePositionIsCommittedBefore) {
  // The third record was begun and never ended, and does not come again.
  EXPECT_EQ(handled_after_a_crash(PositionCommit::kBeforeHandling), up_to(12));
  std::vector<std::uint64_t> again = up_to(12);
  again.insert(again.begin() + 2, 2);
  EXPECT_EQ(handled_after_a_crash(PositionCommit::kAfterHandling), again);
}

Task<Handled> refuse_always(Toy*, Context, Delivery) { co_return Handled::kRetry; }

TEST(Broker, DoesNotHandARecordOverAgainIfThePositionIsCommittedBefore) {
  Toy toy(publish, {.broker = {.commits = PositionCommit::kBeforeHandling}});
  toy.on_record = refuse_always;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(offsets(toy)[0], up_to(12));
}

TEST(Broker, MovesAPositionBackIfALateCommitOverwritesANewerOne) {
  StrikeOne slow(OperationKind::kOffsetCommit, "noted",
                 {.kind = Effect::Kind::kDelay, .duration = milliseconds(2'500)});
  Toy toy(publish, {.broker = {.commits = PositionCommit::kWithoutWaiting}});
  toy.world.set_interceptor(&slow);
  toy.on_record = take_a_second;
  // The commit behind the first record arrives after those behind the second and the third.
  toy.run(milliseconds(3'700));
  EXPECT_EQ(offsets(toy)[0], up_to(4));
  toy.worker_nodes[0]->crash(milliseconds(100), 0);
  EXPECT_TRUE(toy.run());
  std::vector<std::uint64_t> expected = up_to(4);
  for (std::uint64_t offset = 1; offset < 12; ++offset) {
    expected.push_back(offset);
  }
  EXPECT_EQ(offsets(toy)[0], expected);
}

// When the broker heard of a position, and of which.
class Positions final : public Tracer {
 public:
  void on_begin(const Operation&, const Effect&) override {}
  void on_cause(std::uint64_t, std::uint64_t) override {}
  void on_complete(const Operation& operation, Outcome, std::uint64_t, Instant at) override {
    if (operation.kind == OperationKind::kOffsetCommit) {
      heard.push_back(at);
    }
  }
  std::vector<Instant> heard;
};

TEST(Broker, CommitsByItselfOnceInAnIntervalAndWhenItComesBackForMore) {
  Positions positions;
  Toy toy(publish, {.broker = {.commits = PositionCommit::kAtIntervals}});
  toy.world.set_tracer(&positions);
  toy.on_record = take_a_second;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(offsets(toy)[0], up_to(12));
  for (std::size_t i = 1; i < positions.heard.size(); ++i) {
    EXPECT_GE(positions.heard[i] - positions.heard[i - 1], milliseconds(4'900));
  }
  EXPECT_GE(positions.heard.size(), 3u);
  const auto progress = toy.broker.progress();
  EXPECT_EQ(progress[0].committed, 12u) << "what is handled last is committed as well";
}

TEST(Broker, HandsOverAgainWhatWasHandledSinceTheLastAutomaticCommit) {
  // Committed behind the first record, as no interval had begun; the second and the third come
  // again.
  std::vector<std::uint64_t> expected = up_to(12);
  expected.insert(expected.begin() + 3, {1, 2});
  EXPECT_EQ(handled_after_a_crash(PositionCommit::kAtIntervals), expected);
}

// The first record takes a minute, the others a moment.
Task<Handled> slow_at_first(Toy* toy, Context context, Delivery) {
  if (toy->consumed.size() == 1) {
    auto work = context.sleep(seconds(60), "work");
    co_await work;
  }
  co_return Handled::kDone;
}

TEST(Broker, ThrowsOutAMemberThatIsTooSlowAndLetsItWorkOn) {
  Toy toy(publish, {.workers = 2, .partitions = 2, .broker = {.max_poll_interval = seconds(5)}});
  toy.on_record = slow_at_first;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.broker.lag(), 0u);
  // The first record was handled by two members: who was too slow, and who took over.
  const auto& first = toy.consumed.front();
  const auto by_another =
      std::find_if(toy.consumed.begin() + 1, toy.consumed.end(), [&](const Toy::Handling& each) {
        return each.partition == first.partition && each.offset == first.offset;
      });
  ASSERT_NE(by_another, toy.consumed.end());
  EXPECT_NE(by_another->worker, first.worker);
  EXPECT_LT(by_another->at, first.at + seconds(20));
}

// One member, which takes a minute for its first record and is cut off after four seconds of it.
struct CutOff : Toy {
  CutOff()
      : Toy(publish_one, {.broker = {.session_timeout = seconds(20),
                                     .heartbeat_interval = seconds(1),
                                     .max_poll_interval = seconds(5)}}) {
    on_record = slow_at_first;
    run(seconds(4));
    world.cut(*worker_nodes[0], bus, 1);
  }
  bool is_member() const { return broker.progress()[0].owner != nullptr; }
  void wait_until(Duration time) {
    world.schedule_fault(kStart + time, 1, [] {});
    run(time);
  }
};

TEST(Broker, HearsThatAMemberIsTooSlowOnceItHearsItAtAll) {
  for (const bool heals : {true, false}) {
    CutOff toy;
    toy.wait_until(seconds(8));
    EXPECT_TRUE(toy.is_member()) << "its session lasts";
    if (heals) {
      toy.world.heal(*toy.worker_nodes[0], toy.bus);
    }
    toy.wait_until(milliseconds(9'500));
    EXPECT_EQ(toy.is_member(), !heals);
    toy.wait_until(seconds(30));
    EXPECT_FALSE(toy.is_member());
    toy.world.heal(*toy.worker_nodes[0], toy.bus);
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.broker.lag(), 0u);
  }
}

// --- retry topics ---

Task<Handled> refuse_the_first_twice(Toy*, Context context, Delivery delivery) {
  const bool refuses = delivery.record->offset == 0 && context.invocation().attempt <= 2;
  co_return refuses ? Handled::kRetry : Handled::kDone;
}

TEST(RetryTopic, LetsThePartitionGoOnAndGetsOutOfOrder) {
  Toy toy(publish, {.broker = {.exhausted = Exhausted::kRetryLater}});
  toy.on_record = refuse_the_first_twice;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.broker.lag(), 0u);
  EXPECT_TRUE(toy.broker.dead_letters().empty());
  const std::vector<std::uint64_t> order = offsets(toy)[0];
  ASSERT_EQ(order.size(), 14u);
  EXPECT_EQ(std::count(order.begin(), order.end(), 0u), 3);
  EXPECT_EQ(order[1], 1u);
  EXPECT_GE(toy.consumed.back().at, kStart + seconds(2));
}

TEST(RetryTopic, ParksWhatFailsTooOften) {
  Toy toy(publish, {.broker = {.exhausted = Exhausted::kRetryLater, .attempts = 3}});
  toy.on_record = refuse_always;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.consumed.size(), 36u);
  ASSERT_EQ(toy.broker.dead_letters().size(), 12u);
  for (const DeadLetter* letter : toy.broker.dead_letters()) {
    EXPECT_TRUE(letter->parked);
    EXPECT_EQ(letter->attempts, 3u);
  }
}

TEST(RetryTopic, ForgetsNothingThatIsSetAsideWhenItsConsumerDies) {
  Toy toy(publish, {.broker = {.exhausted = Exhausted::kRetryLater, .retry_delay = seconds(5)}});
  toy.on_record = refuse_the_first_twice;
  toy.run(seconds(2));
  toy.worker_nodes[0]->crash(seconds(1), 0);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.broker.lag(), 0u);
  const std::vector<std::uint64_t> order = offsets(toy)[0];
  EXPECT_EQ(std::count(order.begin(), order.end(), 0u), 3);
}

}  // namespace
}  // namespace sagasim::sim
