// Every kind of fault, shown on a toy: what was done, what the initiator believes, and when.
#include <gtest/gtest.h>

#include "faults/injector.h"
#include "tests/sim/toy.h"

namespace sagasim::faults {
namespace {

using sim::Await;
using sim::Context;
using sim::Outcome;
using sim::seconds;
using sim::Subject;
using sim::Task;
using sim::toy::Toy;

constexpr Subject kAbout('c', 1);
constexpr const char* kAsk = "client/start(i1,1)/call:ask(c1)";
constexpr const char* kCommit = "client/start(i1,1)/commit(i1)";
constexpr const char* kSleep = "client/start(i1,1)/timer:nap(i1)";
constexpr const char* kDelivery = "worker/readers:noted(c1)/delivery(c1)";

Task<> ask(Toy* toy, Context context) {
  auto call = toy->workers.call(context, "ask", kAbout, toy->note(kAbout));
  const sim::Reply reply = co_await call;
  toy->saw(reply.outcome);
}

Task<> deposit(Toy* toy, Context context) {
  sim::Transaction transaction(toy->database, context);
  transaction.insert(toy->accounts, sim::toy::Account{kAbout, 5});
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  toy->saw(outcome);
}

Task<> nap(Toy* toy, Context context) {
  auto nap = context.sleep(seconds(1), "nap");
  co_await nap;
  toy->saw(Outcome::kOk);
}

Task<> publish(Toy* toy, Context context) {
  auto append = toy->broker.append(context, toy->draft(kAbout));
  const Outcome outcome = co_await append;
  toy->saw(outcome);
}

Task<> pay(Toy* toy, Context context) {
  auto request = toy->gateway.request(context, toy->payment(7, kAbout));
  const sim::HttpReply reply = co_await request;
  toy->saw(reply.outcome);
}

Task<> post(Toy* toy, Context context) {
  const sim::Latency latency{sim::milliseconds(1), sim::milliseconds(1)};
  toy->mailbox->send(context, "hello", kAbout, latency, toy->note(kAbout));
  co_return;
}

// A toy that runs `script` under a plan of one fault.
class Struck {
 public:
  Struck(sim::toy::Script script, Kind kind, const char* operation, sim::Duration duration = {})
      : injector_(plan_of(kind, operation, duration)), toy(script) {
    injector_.install(toy.world, {});
  }
  Struck(sim::toy::Script script, const WindowFault& window)
      : injector_(Plan{{}, {window}}), toy(script) {
    injector_.install(toy.world, {});
  }
  ~Struck() { EXPECT_TRUE(injector_.not_applied().empty()) << "the fault struck nothing"; }

 private:
  static Plan plan_of(Kind kind, const char* operation, sim::Duration duration) {
    Plan plan;
    plan.operations.push_back(OperationFault{operation, 0, effect_of(kind, duration)});
    return plan;
  }
  PlanInjector injector_;

 public:
  Toy toy;
};

TEST(Drop, LosesTheRequestAndTheCallerTimesOut) {
  Struck run(ask, Kind::kDrop, kAsk);
  run.toy.run();
  ASSERT_EQ(run.toy.seen.size(), 1u);
  EXPECT_EQ(run.toy.seen[0].outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.seen[0].at, sim::kStart + seconds(5));
  EXPECT_TRUE(run.toy.served.empty());
}

TEST(Drop, LosesAOneWayMessage) {
  Struck run(post, Kind::kDrop, "client/start(i1,1)/send:hello(c1)");
  run.toy.run();
  EXPECT_TRUE(run.toy.received.empty());
}

TEST(Drop, OfADeliveryMakesTheConsumerFetchAgain) {
  Struck run(publish, Kind::kDrop, kDelivery);
  run.toy.run(seconds(4));
  EXPECT_TRUE(run.toy.consumed.empty());
  run.toy.run();
  EXPECT_EQ(run.toy.consumed.size(), 1u);
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

TEST(Delay, PostponesTheArrivalAndTheAnswer) {
  Struck run(ask, Kind::kDelay, kAsk, seconds(2));
  run.toy.run();
  ASSERT_EQ(run.toy.served.size(), 1u);
  EXPECT_GE(run.toy.served[0], sim::kStart + seconds(2));
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kOk);
}

TEST(Delay, BeyondTheTimeoutIsExecutedAfterTheCallerGaveUp) {
  Struck run(ask, Kind::kDelay, kAsk, seconds(7));
  run.toy.run(seconds(6));
  EXPECT_TRUE(run.toy.served.empty());
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  run.toy.run();
  EXPECT_EQ(run.toy.served.size(), 1u);
  EXPECT_EQ(run.toy.seen.size(), 1u);
}

TEST(Delay, LetsATimerFireLate) {
  Struck run(nap, Kind::kDelay, kSleep, seconds(2));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).at, sim::kStart + seconds(3));
}

TEST(Duplicate, IsHandledTwiceAndAnsweredOnce) {
  Struck run(ask, Kind::kDuplicate, kAsk, seconds(1));
  run.toy.run();
  ASSERT_EQ(run.toy.served.size(), 2u);
  EXPECT_GE(run.toy.served[1] - run.toy.served[0], seconds(1));
  EXPECT_EQ(run.toy.seen.size(), 1u);
}

TEST(Duplicate, PutsARecordIntoTheLogTwice) {
  Struck run(publish, Kind::kDuplicate, "client/start(i1,1)/append:noted(c1)", seconds(1));
  run.toy.run();
  EXPECT_EQ(run.toy.broker.topics()[0].partitions[0].size(), 2u);
  EXPECT_EQ(run.toy.consumed.size(), 2u);
}

TEST(Duplicate, OfADeliveryIsOneRecordHandledTwice) {
  Struck run(publish, Kind::kDuplicate, kDelivery, seconds(1));
  run.toy.run();
  EXPECT_EQ(run.toy.broker.topics()[0].partitions[0].size(), 1u);
  EXPECT_EQ(run.toy.consumed.size(), 2u);
}

TEST(Duplicate, OfARequestMeetsTheIdempotencyKey) {
  Struck run(pay, Kind::kDuplicate, "client/start(i1,1)/request:pay(c1)", seconds(1));
  run.toy.run();
  EXPECT_EQ(run.toy.charged, 1);
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kOk);
}

TEST(Duplicate, OfAOneWayMessageArrivesTwice) {
  Struck run(post, Kind::kDuplicate, "client/start(i1,1)/send:hello(c1)", seconds(1));
  run.toy.run();
  ASSERT_EQ(run.toy.received.size(), 2u);
  EXPECT_EQ(run.toy.received[1] - run.toy.received[0], seconds(1));
}

TEST(Fail, IsRefusedAndNotDone) {
  Struck run(ask, Kind::kFail, kAsk);
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kRefused);
  EXPECT_TRUE(run.toy.served.empty());
}

TEST(Fail, OfACommitIsAnAbort) {
  Struck run(deposit, Kind::kFail, kCommit);
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kAborted);
  EXPECT_EQ(run.toy.amount(kAbout), 0);
  EXPECT_TRUE(run.toy.database.at_rest());
}

TEST(ReplyLost, IsDoneButUnknown) {
  Struck run(deposit, Kind::kReplyLost, kCommit);
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.amount(kAbout), 5);
}

TEST(NotDone, IsNotDoneAndUnknown) {
  Struck run(deposit, Kind::kNotDone, kCommit);
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.amount(kAbout), 0);
}

TEST(Late, IsDoneAfterTheInitiatorGaveUp) {
  Struck run(deposit, Kind::kLate, kCommit, seconds(2));
  run.toy.run(seconds(6));
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.amount(kAbout), 0);
  run.toy.run(seconds(7));
  EXPECT_EQ(run.toy.amount(kAbout), 5);
}

TEST(Late, OffsetCommitIsRepeatedMeanwhile) {
  Struck run(publish, Kind::kLate, "worker/readers:noted(c1)/offset-commit:noted(c1)", seconds(2));
  run.toy.run();
  EXPECT_EQ(run.toy.consumed.size(), 1u);
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

TEST(CrashBefore, NothingIsIssuedAndTheInitiatorStartsAgain) {
  Struck run(deposit, Kind::kCrashBefore, kCommit, seconds(3));
  run.toy.run(seconds(2));
  EXPECT_FALSE(run.toy.client.up());
  EXPECT_EQ(run.toy.amount(kAbout), 0);
  run.toy.run();
  ASSERT_EQ(run.toy.seen.size(), 1u);
  EXPECT_EQ(run.toy.seen[0].incarnation, 2u);
  EXPECT_EQ(run.toy.seen[0].outcome, Outcome::kOk);
}

TEST(CrashUnseen, IsDoneAndNeverSeen) {
  Struck run(deposit, Kind::kCrashUnseen, kCommit, seconds(3));
  run.toy.run(seconds(2));
  EXPECT_EQ(run.toy.amount(kAbout), 5);
  EXPECT_TRUE(run.toy.seen.empty());
  EXPECT_FALSE(run.toy.client.up());
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).incarnation, 2u);
}

TEST(CrashSeen, IsDoneAndSeenAndNoMore) {
  Struck run(deposit, Kind::kCrashSeen, kCommit, seconds(3));
  run.toy.run(seconds(2));
  EXPECT_EQ(run.toy.amount(kAbout), 5);
  EXPECT_EQ(run.toy.seen.size(), 1u);
  EXPECT_FALSE(run.toy.client.up());
  run.toy.run();
  EXPECT_EQ(run.toy.client.incarnation(), 2u);
}

TEST(ReceiverCrashBefore, NothingIsExecuted) {
  Struck run(ask, Kind::kReceiverCrashBefore, kAsk, seconds(3));
  run.toy.run(seconds(2));
  EXPECT_TRUE(run.toy.served.empty());
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_FALSE(run.toy.worker_nodes[0]->up());
  run.toy.run();
  EXPECT_EQ(run.toy.worker_nodes[0]->incarnation(), 2u);
}

TEST(ReceiverCrashUnseen, IsExecutedAndNotAnswered) {
  Struck run(deposit, Kind::kReceiverCrashUnseen, kCommit, seconds(3));
  run.toy.run(seconds(2));
  EXPECT_EQ(run.toy.amount(kAbout), 5);
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_FALSE(run.toy.store.up());
}

TEST(ReceiverCrashSeen, IsExecutedAndAnswered) {
  Struck run(deposit, Kind::kReceiverCrashSeen, kCommit, seconds(3));
  run.toy.run(seconds(2));
  EXPECT_EQ(run.toy.amount(kAbout), 5);
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kOk);
  EXPECT_FALSE(run.toy.store.up());
}

TEST(ReceiverCrash, OfAConsumerIsDeliveredAgainToItsSuccessor) {
  Struck run(publish, Kind::kReceiverCrashUnseen, kDelivery, seconds(3));
  run.toy.run();
  EXPECT_EQ(run.toy.worker_nodes[0]->incarnation(), 2u);
  EXPECT_EQ(run.toy.consumed.size(), 1u);
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

TEST(Crash, OfTheBrokerOverADeliveryLosesNothing) {
  Struck run(publish, Kind::kCrashBefore, kDelivery, seconds(3));
  run.toy.run();
  EXPECT_EQ(run.toy.bus.incarnation(), 2u);
  EXPECT_EQ(run.toy.consumed.size(), 1u);
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

TEST(Pause, StopsTheInitiatorWhileItsRequestGoesOn) {
  Struck run(deposit, Kind::kPause, kCommit, seconds(3));
  run.toy.run(seconds(2));
  EXPECT_EQ(run.toy.amount(kAbout), 5);
  EXPECT_TRUE(run.toy.seen.empty());
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).at, sim::kStart + seconds(3));
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kOk);
}

TEST(Pause, LetsItsTimersFireLate) {
  Struck run(nap, Kind::kPause, kSleep, seconds(3));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).at, sim::kStart + seconds(3));
}

WindowFault window(Kind kind, const char* target, const char* peer) {
  return WindowFault{kind, target, peer, sim::kStart, sim::kStart + seconds(3)};
}

Task<> ask_twice(Toy* toy, Context context) {
  auto first = ask(toy, context);
  co_await std::move(first);
  auto second = ask(toy, context);
  co_await std::move(second);
}

TEST(Partition, LetsNothingPassUntilItEnds) {
  Struck run(ask_twice, window(Kind::kPartition, "client", "worker"));
  run.toy.run();
  ASSERT_EQ(run.toy.seen.size(), 2u);
  EXPECT_EQ(run.toy.seen[0].outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.seen[1].outcome, Outcome::kOk);
  EXPECT_EQ(run.toy.served.size(), 1u);
}

TEST(Partition, MeansTheSameWithItsSidesExchanged) {
  Struck run(ask_twice, window(Kind::kPartition, "worker", "client"));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.served.size(), 1u);
}

TEST(OneWayPartition, TowardsTheReceiverLosesRequests) {
  Struck run(ask_twice, window(Kind::kOneWayPartition, "client", "worker"));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.served.size(), 1u);
}

TEST(OneWayPartition, TowardsTheInitiatorLosesAnswers) {
  Struck run(ask_twice, window(Kind::kOneWayPartition, "worker", "client"));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.seen.at(1).outcome, Outcome::kOk);
  EXPECT_EQ(run.toy.served.size(), 2u);
}

TEST(Outage, RefusesEveryRequestUntilItEnds) {
  Struck run(pay, window(Kind::kOutage, "bank", ""));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kRefused);
  EXPECT_EQ(run.toy.charged, 0);
  EXPECT_TRUE(run.toy.bank.available());
}

TEST(Outage, OfTheBrokerEndsWithWhatWasWaiting) {
  Struck run(nap, window(Kind::kOutage, "bus", ""));
  run.toy.run(sim::milliseconds(500));
  run.toy.start(publish, kAbout);
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kRefused);
  EXPECT_TRUE(run.toy.bus.available());
}

}  // namespace
}  // namespace sagasim::faults
