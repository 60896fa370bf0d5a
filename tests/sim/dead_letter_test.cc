// What a consumer group does with a record that it keeps failing on.
#include <gtest/gtest.h>

#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Toy;
using toy::ToyOptions;

constexpr Subject kBad('c', 1);
constexpr Subject kGood('c', 2);

// One record that its consumer will fail on, and then two that are sound.
Task<> publish(Toy* toy, Context context) {
  for (const Subject about : {kBad, kGood, kGood}) {
    const auto value = static_cast<std::int64_t>(toy->seen.size()) + 1;
    auto append = toy->broker.append(context, toy->draft(about, value));
    const Outcome outcome = co_await append;
    toy->saw(outcome);
  }
}

Task<Handled> fail_on_the_bad(Toy*, Context context, Delivery delivery) {
  auto nap = context.sleep(milliseconds(10), "work");
  co_await nap;
  co_return delivery.record->subject == kBad ? Handled::kRetry : Handled::kDone;
}

// Understands the bad one the fifth time it sees it.
Task<Handled> learn(Toy*, Context context, Delivery delivery) {
  const bool knows = delivery.record->subject != kBad || context.invocation().attempt > 4;
  auto nap = context.sleep(milliseconds(10), "work");
  co_await nap;
  co_return knows ? Handled::kDone : Handled::kRetry;
}

ToyOptions giving_up(Exhausted how) {
  ToyOptions options;
  options.broker.exhausted = how;
  return options;
}

std::size_t tries(const Toy& toy, std::uint64_t offset) {
  std::size_t count = 0;
  for (const Toy::Handling& handling : toy.consumed) {
    count += handling.offset == offset ? 1u : 0u;
  }
  return count;
}

class Parked final : public Observer {
 public:
  void on_parked(const Record& record, Name group) override {
    ++count;
    offset = record.offset;
    EXPECT_EQ(group, Name("readers"));
  }
  void on_handled(const Record&, const Invocation&) override { ++handled; }
  int count = 0;
  int handled = 0;
  std::uint64_t offset = 0;
};

TEST(DeadLetter, UnlessToldOtherwiseAGroupNeverGivesUp) {
  Toy toy(publish);
  toy.on_record = fail_on_the_bad;
  EXPECT_FALSE(toy.run());
  EXPECT_GT(tries(toy, 0), 50u);
  EXPECT_EQ(tries(toy, 1), 0u);
  EXPECT_EQ(toy.broker.lag(), 3u);
  EXPECT_TRUE(toy.broker.dead_letters().empty());
}

TEST(DeadLetter, AfterFourAttemptsARecordIsParkedAndThePartitionGoesOn) {
  Parked parked;
  Toy toy(publish, giving_up(Exhausted::kPark));
  toy.world.add_observer(parked);
  toy.on_record = fail_on_the_bad;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(tries(toy, 0), 4u);
  EXPECT_EQ(tries(toy, 1), 1u);
  EXPECT_EQ(tries(toy, 2), 1u);
  EXPECT_EQ(toy.broker.lag(), 0u);
  EXPECT_EQ(parked.count, 1);
  EXPECT_EQ(parked.handled, 2);
  const auto letters = toy.broker.dead_letters();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0]->group, Name("readers"));
  EXPECT_EQ(letters[0]->record.subject, kBad);
  EXPECT_EQ(letters[0]->record.payload.as<toy::Note>().about, kBad);
  EXPECT_EQ(letters[0]->attempts, 4u);
  EXPECT_GT(letters[0]->at, letters[0]->record.appended);
  EXPECT_TRUE(letters[0]->parked);
  EXPECT_TRUE(toy.broker.skipped().empty());
}

TEST(DeadLetter, ASkippedRecordIsGone) {
  Parked parked;
  Toy toy(publish, giving_up(Exhausted::kSkip));
  toy.world.add_observer(parked);
  toy.on_record = fail_on_the_bad;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(tries(toy, 0), 4u);
  EXPECT_EQ(tries(toy, 2), 1u);
  EXPECT_EQ(toy.broker.lag(), 0u);
  EXPECT_EQ(parked.count, 0);
  EXPECT_TRUE(toy.broker.dead_letters().empty());
  ASSERT_EQ(toy.broker.skipped().size(), 1u);
  EXPECT_EQ(toy.broker.skipped()[0]->attempts, 4u);
  EXPECT_FALSE(toy.broker.redrive("readers", 0));
}

TEST(DeadLetter, OutlivesItsConsumersAndIsPartOfWhatIsDurable) {
  Toy toy(publish, giving_up(Exhausted::kPark));
  toy.on_record = fail_on_the_bad;
  toy.run();
  const std::uint64_t before = toy.broker.digest();
  toy.worker_nodes[0]->crash(seconds(1), 0);
  toy.bus.crash(seconds(1), 0);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.broker.dead_letters().size(), 1u);
  EXPECT_EQ(toy.broker.digest(), before);

  Toy other(publish, giving_up(Exhausted::kPark));
  other.run();
  EXPECT_NE(other.broker.digest(), before);
}

// Loses the acknowledgement of the first commit of a position.
class LoseAcknowledgement final : public Interceptor {
 public:
  Effect decide(const Operation& operation) override {
    const bool strikes = operation.kind == OperationKind::kOffsetCommit && !struck_;
    struck_ = struck_ || strikes;
    return strikes ? Effect{.kind = Effect::Kind::kReplyLost} : Effect{};
  }

 private:
  bool struck_ = false;
};

TEST(DeadLetter, IsParkedOnceThoughItsConsumerDoesNotHearOfIt) {
  LoseAcknowledgement fault;
  Parked parked;
  Toy toy(publish, giving_up(Exhausted::kPark));
  toy.world.set_interceptor(&fault);
  toy.world.add_observer(parked);
  toy.on_record = fail_on_the_bad;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(parked.count, 1);
  EXPECT_EQ(toy.broker.dead_letters().size(), 1u);
  EXPECT_EQ(tries(toy, 0), 4u);
}

// --- handed over again ---

TEST(DeadLetter, HandedOverAgainIsDealtWithUnderTheNextNumber) {
  Toy toy(publish, giving_up(Exhausted::kPark));
  toy.on_record = learn;
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.broker.dead_letters().size(), 1u);
  EXPECT_TRUE(toy.broker.redrive("readers", 0));
  EXPECT_EQ(toy.broker.lag(), 1u);
  ASSERT_EQ(toy.broker.dead_letters().size(), 1u);
  EXPECT_FALSE(toy.broker.dead_letters()[0]->parked);
  EXPECT_TRUE(toy.run(seconds(1200)));
  EXPECT_TRUE(toy.broker.dead_letters().empty());
  EXPECT_EQ(toy.broker.lag(), 0u);
  EXPECT_EQ(tries(toy, 0), 5u);
  EXPECT_FALSE(toy.broker.redrive("readers", 0)) << "there is nothing left";
}

TEST(DeadLetter, ThatFailsAgainIsParkedAgainAfterAsManyAttempts) {
  Parked parked;
  Toy toy(publish, giving_up(Exhausted::kPark));
  toy.world.add_observer(parked);
  toy.on_record = fail_on_the_bad;
  toy.run();
  for (std::uint32_t round = 2; round <= 3; ++round) {
    EXPECT_TRUE(toy.broker.redrive("readers", 0));
    EXPECT_TRUE(toy.run(seconds(600 * round)));
    ASSERT_EQ(toy.broker.dead_letters().size(), 1u);
    EXPECT_EQ(toy.broker.dead_letters()[0]->attempts, 4 * round);
    EXPECT_EQ(tries(toy, 0), 4 * round);
    EXPECT_EQ(parked.count, static_cast<int>(round));
    EXPECT_EQ(toy.broker.lag(), 0u);
  }
}

Task<> publish_one_more(Toy* toy, Context context) {
  auto append = toy->broker.append(context, toy->draft(kGood, 9));
  co_await append;
}

TEST(DeadLetter, HandedOverAgainHoldsUpNobody) {
  Toy toy(publish, giving_up(Exhausted::kPark));
  toy.on_record = fail_on_the_bad;
  toy.run();
  toy.broker.redrive("readers", 0);
  toy.start(publish_one_more, Subject('t', 1));
  toy.run(toy.world.now() - kStart + milliseconds(40));
  EXPECT_EQ(tries(toy, 3), 1u);
  EXPECT_LT(tries(toy, 0), 8u);
  EXPECT_TRUE(toy.run(seconds(1200)));
  EXPECT_EQ(toy.broker.dead_letters().size(), 1u);
}

TEST(DeadLetter, HandedOverAgainWaitsForAMember) {
  Toy toy(publish, giving_up(Exhausted::kPark));
  toy.on_record = learn;
  toy.run();
  toy.worker_nodes[0]->crash(seconds(60), 0);
  toy.run(toy.world.now() - kStart + seconds(30));
  EXPECT_TRUE(toy.broker.redrive("readers", 0));
  toy.run(toy.world.now() - kStart + seconds(20));
  EXPECT_EQ(tries(toy, 0), 4u);
  EXPECT_EQ(toy.broker.lag(), 1u);
  EXPECT_TRUE(toy.run(seconds(1200)));
  EXPECT_EQ(tries(toy, 0), 5u);
  EXPECT_TRUE(toy.broker.dead_letters().empty());
}

TEST(DeadLetter, WhoseConsumerDiesGoesToAnother) {
  ToyOptions options = giving_up(Exhausted::kPark);
  options.workers = 2;
  Toy toy(publish, options);
  toy.on_record = learn;
  toy.run();
  toy.broker.redrive("readers", 0);
  Duration until = toy.world.now() - kStart;
  while (tries(toy, 0) == 4u) {
    until += milliseconds(1);
    toy.run(until);
  }
  const std::uint32_t worker = toy.consumed.back().worker;
  toy.worker_nodes[worker]->crash(seconds(400), 0);
  EXPECT_TRUE(toy.run(seconds(1200)));
  EXPECT_EQ(tries(toy, 0), 6u);
  EXPECT_NE(toy.consumed.back().worker, worker);
  EXPECT_TRUE(toy.broker.dead_letters().empty());
}

TEST(DeadLetter, AGroupThatIsNotThereHasNone) {
  Toy toy;
  EXPECT_FALSE(toy.broker.redrive("nobody", 0));
}

// --- malformed records ---

Task<> publish_around_a_malformed_one(Toy* toy, Context context) {
  auto before = toy->broker.append(context, toy->draft(kGood, 1));
  co_await before;
  toy->broker.append_corrupt("noted", 7);
  auto after = toy->broker.append(context, toy->draft(kGood, 2));
  co_await after;
}

TEST(DeadLetter, AMalformedRecordNeverReachesTheProcessAndIsAlwaysParked) {
  for (const Exhausted how : {Exhausted::kRetryForever, Exhausted::kPark, Exhausted::kSkip}) {
    Toy toy(publish_around_a_malformed_one, giving_up(how));
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(tries(toy, 0), 1u);
    EXPECT_EQ(tries(toy, 1), 0u);
    EXPECT_EQ(tries(toy, 2), 1u);
    EXPECT_EQ(toy.broker.lag(), 0u);
    ASSERT_EQ(toy.broker.dead_letters().size(), 1u);
    const DeadLetter& letter = *toy.broker.dead_letters()[0];
    EXPECT_TRUE(letter.record.corrupt);
    EXPECT_EQ(letter.record.subject, Subject('x', 1));
    EXPECT_EQ(letter.record.version, 1u);
    EXPECT_EQ(letter.attempts, 4u);
    EXPECT_TRUE(toy.broker.skipped().empty());
  }
}

TEST(DeadLetter, AMalformedRecordHandedOverAgainIsParkedAgain) {
  Toy toy(publish_around_a_malformed_one);
  toy.run();
  EXPECT_TRUE(toy.broker.redrive("readers", 0));
  EXPECT_TRUE(toy.run(seconds(1200)));
  ASSERT_EQ(toy.broker.dead_letters().size(), 1u);
  EXPECT_EQ(toy.broker.dead_letters()[0]->attempts, 8u);
}

TEST(DeadLetter, MalformedRecordsAreNumberedByTopic) {
  Toy toy;
  EXPECT_TRUE(toy.broker.append_corrupt("noted", 1));
  EXPECT_TRUE(toy.broker.append_corrupt("noted", 1));
  EXPECT_FALSE(toy.broker.append_corrupt("unheard-of", 1));
  const auto& log = toy.broker.topics()[0].partitions[0];
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].subject, Subject('x', 1));
  EXPECT_EQ(log[1].subject, Subject('x', 2));
  EXPECT_NE(log[0].event_id, log[1].event_id);
}

}  // namespace
}  // namespace sagasim::sim
