// Every kind of fault that strikes one operation, shown on a toy.
#include "tests/faults/struck.h"

namespace sagasim::faults {
namespace {

TEST(Drop, LosesTheRequestAndTheCallerTimesOut) {
  Struck run(ask, Kind::kDrop, kAsk);
  run.toy.run();
  ASSERT_EQ(run.toy.seen.size(), 1u);
  EXPECT_EQ(run.toy.seen[0].outcome, Outcome::kUnknown);
  EXPECT_EQ(run.toy.seen[0].at, sim::kStart + seconds(5));
  EXPECT_TRUE(run.toy.served.empty());
}

TEST(Drop, LosesAOneWayMessage) {
  Struck run(post, Kind::kDrop, kPost);
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
  Struck run(nap, Kind::kDelay, kNap, seconds(2));
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
  Struck run(post, Kind::kDuplicate, kPost, seconds(1));
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
  Struck run(nap, Kind::kPause, kNap, seconds(3));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).at, sim::kStart + seconds(3));
}

// --- hold: until an operation named elsewhere has ended ---

constexpr const char* kRest = "client/script(n1)/timer:rest(n1)";

Task<> rest(Toy*, Context context) {
  auto rest = context.sleep(seconds(3), "rest");
  co_await rest;
}

Plan hold(const char* operation, const char* until, sim::Duration limit) {
  return strike(Kind::kHold, operation, limit, until);
}

TEST(Hold, LetsARequestArriveOnceTheNamedOperationHasEnded) {
  Struck run(ask, hold(kAsk, kRest, seconds(20)));
  run.at({}, rest, Subject('n', 1));
  run.toy.run(milliseconds(2'999));
  EXPECT_TRUE(run.toy.served.empty());
  run.toy.run(milliseconds(3'001));
  EXPECT_EQ(run.toy.served.size(), 1u);
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kOk);
}

TEST(Hold, EndsAtItsLimitIfThatNeverEnds) {
  Struck run(ask, hold(kAsk, kRest, seconds(2)));
  run.toy.run(milliseconds(1'999));
  EXPECT_TRUE(run.toy.served.empty());
  run.toy.run();
  EXPECT_EQ(run.toy.served.at(0), sim::kStart + seconds(2));
}

TEST(Hold, LetsItsInitiatorGiveUpMeanwhile) {
  Struck run(ask, hold(kAsk, kRest, seconds(60)));
  run.at(seconds(6), rest, Subject('n', 1));
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_TRUE(run.toy.served.empty());
  run.toy.run();
  EXPECT_EQ(run.toy.served.at(0), sim::kStart + seconds(9));
  EXPECT_EQ(run.toy.seen.size(), 1u);
}

TEST(Hold, LetsATimerFireOnceTheNamedOperationHasEnded) {
  Struck run(nap, hold(kNap, kRest, seconds(20)));
  run.at({}, rest, Subject('n', 1));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).at, sim::kStart + seconds(3));
}

TEST(Hold, NeverLetsATimerFireEarly) {
  Struck run(rest, hold("client/start(i1,1)/timer:rest(i1)", "client/script(n1)/timer:nap(n1)",
                        seconds(20)));
  run.at({}, nap, Subject('n', 1));
  run.toy.run();
  EXPECT_EQ(run.toy.world.now(), sim::kStart + seconds(3));
}

TEST(Hold, ByAMessageEndsWithItsArrival) {
  Struck run(nap, hold(kNap, "client/script(n1)/send:hello(c1)", seconds(20)));
  run.at(seconds(2), post, Subject('n', 1));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).at, sim::kStart + milliseconds(2'001));
}

Task<> nap_and_ask(Toy* toy, Context context) {
  auto first = nap(toy, context);
  co_await std::move(first);
  auto second = ask(toy, context);
  co_await std::move(second);
}

TEST(Hold, IsNoneIfTheNamedOperationHasEndedAlready) {
  Struck run(nap_and_ask, hold(kAsk, kNap, seconds(4)));
  run.toy.run();
  EXPECT_LT(run.toy.served.at(0), sim::kStart + milliseconds(1'005));
}

}  // namespace
}  // namespace sagasim::faults
