// The flows of a saga, one test each: an order in a whole shop where, as a rule, no fault strikes.
// The tests end with the books: balances, stocks, coupons, the payment, the gateway; every property
// holds.
#include <gtest/gtest.h>

#include "sagasim/testing.h"

namespace sagasim::domain {
namespace {

using faults::Kind;
using sim::milliseconds;
using sim::seconds;

class Saga : public Story {
 protected:
  void TearDown() override { EXPECT_EQ(broken(), Ids{}) << complaints(); }

  // Nothing is left of the order: what it took has been given back, and no money was kept.
  void expect_clean(std::string_view order) {
    EXPECT_EQ(status(order), "CANCELED");
    EXPECT_EQ(kept(order), 0);
    EXPECT_EQ(balance("u1"), 10'000);
    EXPECT_EQ(stock("p1"), 10);
    EXPECT_EQ(stock("p2"), 10);
    EXPECT_EQ(holder("k1"), "-");
  }
};

// F0
TEST_F(Saga, AnOrderWithEnoughOfEverythingCompletes) {
  order("c1.1").of("p1", 2).of("p2", 1).with("k1");
  run();
  EXPECT_EQ(answer("c1.1"), "accepted");
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(payment("c1.1"), "COMPLETED");
  EXPECT_EQ(kept("c1.1"), 2'250);
  EXPECT_EQ(balance("u1"), 10'000 - 2'250);
  EXPECT_EQ(stock("p1"), 8);
  EXPECT_EQ(stock("p2"), 9);
  EXPECT_EQ(holder("k1"), "c1.1");
}

// F1
TEST_F(Saga, AnOrderThatTheBalanceDoesNotCoverIsCanceledClean) {
  give("u1", 1'799);
  order("c1.1").of("p1", 2).with("k1");
  run();
  EXPECT_EQ(status("c1.1"), "CANCELED");
  EXPECT_EQ(reason("c1.1"), Reason::kStepFailed);
  EXPECT_EQ(payment("c1.1"), "none");
  EXPECT_EQ(balance("u1"), 1'799);
  EXPECT_EQ(stock("p1"), 10);
  EXPECT_EQ(holder("k1"), "-");
}

TEST_F(Saga, ABalanceThatJustCoversTheOrderIsEnough) {
  give("u1", 1'800);
  order("c1.1").of("p1", 2).with("k1");
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(balance("u1"), 0);
}

TEST_F(Saga, AnOrderWithSomebodyElsesCouponIsCanceledClean) {
  order("c1.1").of("p1", 2).with("k2");
  run();
  expect_clean("c1.1");
  EXPECT_EQ(reason("c1.1"), Reason::kStepFailed);
  EXPECT_EQ(holder("k2"), "-");
  EXPECT_EQ(events(EventType::kCouponUseFailed), 1u);
}

TEST_F(Saga, AnOrderThatIsShortOfOneLineTakesNoStockForAny) {
  stock_up("p2", 0);
  order("c1.1").of("p1", 2).of("p2", 1).with("k1");
  run();
  EXPECT_EQ(status("c1.1"), "CANCELED");
  EXPECT_EQ(payment("c1.1"), "none");
  EXPECT_EQ(balance("u1"), 10'000);
  EXPECT_EQ(stock("p1"), 10);
  EXPECT_EQ(stock("p2"), 0);
  EXPECT_EQ(holder("k1"), "-");
}

// F2
TEST_F(Saga, AnOrderThatFailsEverywhereIsCanceledCleanAndOnce) {
  give("u1", 100);
  stock_up("p1", 1);
  order("c1.1").of("p1", 2).with("k2");
  run();
  EXPECT_EQ(status("c1.1"), "CANCELED");
  EXPECT_EQ(events(EventType::kOrderFailed), 1u);
  EXPECT_EQ(balance("u1"), 100);
  EXPECT_EQ(stock("p1"), 1);
  EXPECT_EQ(holder("k2"), "-");
}

// F3
TEST_F(Saga, ADeclinedPaymentUndoesAllThreeSteps) {
  options.decline_percent = 100;
  order("c1.1").of("p1", 2).of("p2", 1).with("k1");
  run();
  expect_clean("c1.1");
  EXPECT_EQ(reason("c1.1"), Reason::kDeclined);
  EXPECT_EQ(payment("c1.1"), "FAILED");
  EXPECT_EQ(captures("c1.1"), 0u);
  EXPECT_EQ(events(EventType::kPayFailed), 1u);
}

// F4
TEST_F(Saga, APaymentWhoseAnswerIsLostIsAskedForAgainAndCapturedOnce) {
  fault(Kind::kReplyLost, "payment/charge-job(c1.1)/request:charge(c1.1)");
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(payment("c1.1"), "COMPLETED");
  EXPECT_EQ(captures("c1.1"), 1u);
  EXPECT_EQ(kept("c1.1"), 2'000);
}

TEST_F(Saga, APaymentThatTheGatewayCannotTakeNowIsNeitherFailedNorForgotten) {
  outage("gateway", milliseconds(0), seconds(40));
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(captures("c1.1"), 1u);
  EXPECT_GT(entered("c1.1", OrderPhase::kDone), sim::kStart + seconds(40));
}

TEST_F(Saga, AnOrderCanceledWhileItCollectsItsStepsIsNeverPaid) {
  order("c1.1").of("p1", 2).with("k1");
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  cancel("c1.2", "c1.1").at(entered("c1.1", OrderPhase::kCollecting));
  run();
  EXPECT_EQ(answer("c1.2"), "accepted");
  expect_clean("c1.1");
  EXPECT_EQ(reason("c1.1"), Reason::kUserCanceled);
  EXPECT_EQ(payment("c1.1"), "none");
}

// F5
TEST_F(Saga, AnOrderCanceledWhileItIsPaidIsPaidBack) {
  order("c1.1").of("p1", 2).with("k1");
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  cancel("c1.2", "c1.1").at(entered("c1.1", OrderPhase::kPayWait));
  run();
  EXPECT_EQ(answer("c1.2"), "requested");
  expect_clean("c1.1");
  EXPECT_EQ(reason("c1.1"), Reason::kPaymentCanceled);
  EXPECT_EQ(payment("c1.1"), "CANCELED");
  EXPECT_EQ(captures("c1.1"), 1u);
}

TEST_F(Saga, ACancellationOfADeclinedOrderHasNothingToPayBack) {
  options.decline_percent = 100;
  order("c1.1").of("p1", 2).with("k1");
  run();
  cancel("c1.2", "c1.1").at(entered("c1.1", OrderPhase::kPayWait));
  run();
  EXPECT_EQ(answer("c1.2"), "requested");
  expect_clean("c1.1");
  EXPECT_EQ(reason("c1.1"), Reason::kDeclined);
  EXPECT_EQ(payment("c1.1"), "FAILED");
}

TEST_F(Saga, ACompletedOrderCannotBeCanceled) {
  order("c1.1").of("p1", 2);
  run();
  cancel("c1.2", "c1.1").at(entered("c1.1", OrderPhase::kDone));
  run();
  EXPECT_EQ(answer("c1.2"), "rejected");
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(balance("u1"), 8'000);
}

// F6
TEST_F(Saga, AParticipantThatIsTooSlowFindsATombstone) {
  policy.saga_timeout = seconds(1);
  fault(Kind::kDelay, "coupon/coupon:OrderCreated(c1.1,1)/delivery(c1.1)", seconds(4));
  order("c1.1").of("p1", 2).with("k1");
  run();
  expect_clean("c1.1");
  EXPECT_EQ(reason("c1.1"), Reason::kTimeout);
  EXPECT_EQ(events(EventType::kCouponUsed), 0u);
  EXPECT_EQ(events(EventType::kCouponUseFailed), 1u);
}

// F7
TEST_F(Saga, ASuccessThatComesAfterTheOrderFailedIsUndone) {
  policy.saga_timeout = seconds(1);
  fault(Kind::kDelay, "coupon/relay:CouponUsed(c1.1,1)/append:CouponUsed(c1.1)", seconds(3));
  order("c1.1").of("p1", 2).with("k1");
  run();
  expect_clean("c1.1");
  EXPECT_EQ(reason("c1.1"), Reason::kTimeout);
  EXPECT_EQ(events(EventType::kCouponUsed), 1u);
}

// F8
TEST_F(Saga, AnOrderThatIsAnnouncedTwiceTakesEverythingOnce) {
  for (const char* group : {"balance/balance", "coupon/coupon", "product/stock"}) {
    fault(Kind::kDuplicate, std::string(group) + ":OrderCreated(c1.1,1)/delivery(c1.1)");
  }
  order("c1.1").of("p1", 2).with("k1");
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(balance("u1"), 8'200);
  EXPECT_EQ(stock("p1"), 8);
}

TEST_F(Saga, AnOrderThatIsAnnouncedAgainAfterItCompletedTakesNothing) {
  fault(Kind::kDuplicate, "balance/balance:OrderCreated(c1.1,1)/delivery(c1.1)", seconds(20));
  fault(Kind::kDuplicate, "product/stock:OrderCreated(c1.1,1)/delivery(c1.1)", seconds(20));
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(balance("u1"), 8'000);
  EXPECT_EQ(stock("p1"), 8);
}

TEST_F(Saga, AnOrderThatIsAnnouncedAgainAfterItWasUndoneTakesNothing) {
  options.decline_percent = 100;
  for (const char* group : {"balance/balance", "coupon/coupon", "product/stock"}) {
    fault(Kind::kDuplicate, std::string(group) + ":OrderCreated(c1.1,1)/delivery(c1.1)",
          seconds(20));
  }
  order("c1.1").of("p1", 2).with("k1");
  run();
  expect_clean("c1.1");
}

// F9
TEST_F(Saga, StepsThatAreReportedTwiceAtOnceAreDecidedOnce) {
  for (const char* outcome : {"BalanceUsed", "CouponUsed", "StockDeducted"}) {
    fault(Kind::kDuplicate, "order/order:" + std::string(outcome) + "(c1.1,1)/delivery(c1.1)");
  }
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(events(EventType::kPaymentWaited), 1u);
}

// F10
TEST_F(Saga, APaymentThatIsAskedForTwiceIsCapturedOnce) {
  fault(Kind::kReplyLost, "order/relay:PaymentWaited(c1.1,1)/append:PaymentWaited(c1.1)");
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(events(EventType::kPaymentWaited), 2u);
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(captures("c1.1"), 1u);
}

// F11
TEST_F(Saga, APaymentThatIsReportedTwiceCompletesTheOrderOnce) {
  fault(Kind::kDuplicate, "order/order:PaymentPaid(c1.1,1)/delivery(c1.1)", seconds(5));
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(events(EventType::kOrderCompleted), 1u);
  EXPECT_EQ(events(EventType::kOrderCompleteFailed), 0u);
}

// F12
TEST_F(Saga, AFailureThatIsReportedTwiceIsUndoneOnce) {
  options.decline_percent = 100;
  fault(Kind::kDuplicate, "product/stock:OrderFailed(c1.1,1)/delivery(c1.1)", seconds(5));
  fault(Kind::kDuplicate, "balance/balance:OrderFailed(c1.1,1)/delivery(c1.1)");
  order("c1.1").of("p1", 2).with("k1");
  run();
  expect_clean("c1.1");
}

// F13
TEST_F(Saga, ARefundWaitsForItsDatabaseAndIsMadeInTheEnd) {
  options.decline_percent = 100;
  order("c1.1").of("p1", 2).with("k1");
  run();
  const sim::Duration failed = entered("c1.1", OrderPhase::kFailed) - sim::kStart;
  outage("balance-db", failed, failed + seconds(40));
  run();
  expect_clean("c1.1");
}

// Once its steps are taken, an order does not feel that those who took them are away, nor does it
// wait for anybody who only hears of it.
TEST_F(Saga, AnOrderGoesOnWhileThoseItNeedsNoMoreAreDown) {
  order("c1.1").of("p1", 2).with("k1");
  run();
  const sim::Duration waits = entered("c1.1", OrderPhase::kPayWait) - sim::kStart;
  const sim::Instant done = entered("c1.1", OrderPhase::kDone);
  for (const char* role : {"user-db", "balance-db", "coupon-db", "product-db", "data-platform"}) {
    outage(role, waits, waits + seconds(600));
  }
  run();
  EXPECT_EQ(entered("c1.1", OrderPhase::kDone), done);
  EXPECT_EQ(platform_records("c1.1"), 1u);
}

// F14
TEST_F(Saga, AFailureThatOvertakesItsOrderLeavesATombstone) {
  fault(Kind::kDelay, "balance/balance:OrderCreated(c1.1,1)/delivery(c1.1)", seconds(4));
  order("c1.1").of("p1", 2).with("k1");
  cancel("c1.2", "c1.1").at(seconds(1));
  run();
  EXPECT_EQ(answer("c1.2"), "accepted");
  expect_clean("c1.1");
  EXPECT_EQ(events(EventType::kBalanceUsed), 0u);
  EXPECT_EQ(events(EventType::kBalanceUseFailed), 1u);
}

// F15: whenever the cancellation comes, the order completes whole or leaves nothing behind.
TEST_F(Saga, AnOrderCanceledAtAnyMomentCompletesOrIsCanceledClean) {
  order("c1.1").of("p1", 2).of("p2", 1).with("k1");
  run();
  const sim::Instant done = entered("c1.1", OrderPhase::kDone);
  Telling cancellation = cancel("c1.2", "c1.1");
  Ids seen;
  for (sim::Instant at = sim::kStart; at < done + milliseconds(20); at += milliseconds(5)) {
    cancellation.at(at);
    run();
    EXPECT_EQ(broken(), Ids{}) << complaints();
    seen.insert(answer("c1.2") + " " + status("c1.1"));
    if (status("c1.1") == "COMPLETED") {
      EXPECT_EQ(kept("c1.1"), 2'250);
      EXPECT_EQ(balance("u1"), 7'750);
    } else {
      expect_clean("c1.1");
    }
  }
  EXPECT_EQ(seen, Ids({"accepted CANCELED", "requested CANCELED", "rejected COMPLETED"}));
}

// F16
TEST_F(Saga, ACustomerWhoAsksAgainWithTheSameKeyHasOneOrder) {
  fault(faults::Kind::kReplyLost, "client/command(c1.1)/call:create-order(c1.1)");
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(answer("c1.1"), "accepted");
  EXPECT_EQ(events(EventType::kOrderCreated), 1u);
  EXPECT_EQ(balance("u1"), 8'000);
  EXPECT_EQ(stock("p1"), 8);
}

TEST_F(Saga, ARequestThatArrivesTwiceAtOnceMakesOneOrder) {
  fault(faults::Kind::kDuplicate, "client/command(c1.1)/call:create-order(c1.1)");
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(answer("c1.1"), "accepted");
  EXPECT_EQ(events(EventType::kOrderCreated), 1u);
  EXPECT_EQ(balance("u1"), 8'000);
  EXPECT_EQ(captures("c1.1"), 1u);
}

// F17; crash_everywhere_test.cc has every service die at every step.
TEST_F(Saga, AServiceThatDiesUponItsCommitHasTakenTheOrder) {
  fault(Kind::kCrashUnseen, "order/create-order:command(c1.1)/commit(c1.1)", seconds(2));
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(answer("c1.1"), "accepted");
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(events(EventType::kOrderCreated), 1u);
}

// F20
TEST_F(Saga, ChargesPaymentsAndRefundsOfOneUserAddUp) {
  stock_up("p2", 0);
  order("c1.1").of("p1", 2);
  charge("c1.2", 5'000);
  order("c1.3").of("p1", 1).of("p2", 1);  // short of p2: refunded
  charge("c1.4", 700).at(milliseconds(40));
  order("c1.5").of("p1", 3).at(milliseconds(20));
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(status("c1.3"), "CANCELED");
  EXPECT_EQ(status("c1.5"), "COMPLETED");
  EXPECT_EQ(balance("u1"), 10'000 + 5'700 - 5'000);
  EXPECT_EQ(stock("p1"), 5);
}

TEST_F(Saga, AChargeBeyondTheCapIsRejectedAndARefundIsNot) {
  give("u1", kBalanceCap);
  options.decline_percent = 100;
  order("c1.1").of("p1", 2);
  charge("c1.2", 1).at(milliseconds(5));
  run();
  EXPECT_EQ(answer("c1.2"), "rejected");
  EXPECT_EQ(status("c1.1"), "CANCELED");
  EXPECT_EQ(balance("u1"), kBalanceCap);
}

// F21
TEST_F(Saga, OfTwoOrdersWithOneCouponExactlyOneCompletesWithIt) {
  order("c1.1").of("p1", 2).with("k1");
  order("c1.2").of("p1", 2).with("k1");
  run();
  EXPECT_EQ(answer("c1.1"), "accepted");
  EXPECT_EQ(answer("c1.2"), "accepted");
  const std::string winner = holder("k1");
  const std::string loser = winner == "c1.1" ? "c1.2" : "c1.1";
  EXPECT_EQ(status(winner), "COMPLETED");
  EXPECT_EQ(status(loser), "CANCELED");
  EXPECT_EQ(balance("u1"), 10'000 - 1'800);
  EXPECT_EQ(stock("p1"), 8);
}

// F22
TEST_F(Saga, ACompletionThatIsReportedTwiceIsCountedOnceEverywhere) {
  fault(Kind::kDuplicate, "product/rank:OrderCompleted(c1.1,1)/delivery(c1.1)", seconds(3));
  fault(Kind::kDuplicate, "message/message:OrderCompleted(c1.1,1)/delivery(c1.1)", seconds(3));
  order("c1.1").of("p1", 2).of("p2", 1);
  run();
  EXPECT_EQ(sold("p1", 0), 2);
  EXPECT_EQ(sold("p2", 0), 1);
  EXPECT_EQ(platform_records("c1.1"), 1u);
}

TEST_F(Saga, ACompletionWhoseReportsAreLostIsCountedOnceEverywhere) {
  fault(Kind::kReplyLost, "order/relay:OrderCompleted(c1.1,1)/append:OrderCompleted(c1.1)");
  fault(Kind::kReplyLost, "message/message:OrderCompleted(c1.1,1)/request:record(c1.1)");
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(sold("p1", 0), 2);
  EXPECT_EQ(platform_records("c1.1"), 1u);
}

// F23
TEST_F(Saga, AnOrderKeepsThePriceThatItWasPlacedAt) {
  order("c1.1").of("p1", 2);
  run();
  manage("m1.1", CommandKind::kReprice, "p1", 3'000).at(entered("c1.1", OrderPhase::kCollecting));
  order("c2.1").of("p1", 1).at(seconds(5));
  run();
  EXPECT_EQ(answer("m1.1"), "accepted");
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(kept("c1.1"), 2'000);
  EXPECT_EQ(kept("c2.1"), 3'000);
}

TEST_F(Saga, AnOrderGoesOnWhenItsProductIsNoLongerSold) {
  order("c1.1").of("p1", 2);
  run();
  manage("m1.1", CommandKind::kStopSelling, "p1").at(entered("c1.1", OrderPhase::kCollecting));
  order("c2.1").of("p1", 1).at(seconds(5));
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(answer("c2.1"), "rejected");
  EXPECT_EQ(status("c2.1"), "none");
}

TEST_F(Saga, ACouponThatEndsBeforeItIsUsedCancelsTheOrder) {
  fault(Kind::kDelay, "coupon/coupon:OrderCreated(c1.1,1)/delivery(c1.1)", seconds(3));
  order("c1.1").of("p1", 2).with("k1");
  manage_coupon("m1.1", CommandKind::kExpireCoupon, "k1").at(seconds(1));
  run();
  EXPECT_EQ(answer("m1.1"), "accepted");
  EXPECT_EQ(answer("c1.1"), "accepted");
  expect_clean("c1.1");
  EXPECT_EQ(reason("c1.1"), Reason::kStepFailed);
}

TEST_F(Saga, ACouponThatEndsAfterItWasUsedStaysUsed) {
  order("c1.1").of("p1", 2).with("k1");
  run();
  manage_coupon("m1.1", CommandKind::kExpireCoupon, "k1").at(entered("c1.1", OrderPhase::kPayWait));
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(kept("c1.1"), 1'800);
  EXPECT_EQ(holder("k1"), "c1.1");
}

// F24
TEST_F(Saga, AnOrderThatCostsNothingCompletesWithoutTheGateway) {
  order("c1.1").of("p1", 2).with("k3");
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(payment("c1.1"), "COMPLETED");
  EXPECT_EQ(captures("c1.1"), 0u);
  EXPECT_EQ(balance("u1"), 10'000);
  EXPECT_EQ(stock("p1"), 8);
  EXPECT_EQ(holder("k3"), "c1.1");
}

TEST_F(Saga, AnOrderThatCostsNothingIsCanceledWithoutTheGatewayToo) {
  order("c1.1").of("p1", 2).with("k3");
  run();
  cancel("c1.2", "c1.1").at(entered("c1.1", OrderPhase::kPayWait));
  run();
  EXPECT_EQ(answer("c1.2"), "requested");
  expect_clean("c1.1");
  EXPECT_EQ(payment("c1.1"), "CANCELED");
  EXPECT_EQ(holder("k3"), "-");
}

TEST_F(Saga, AnOrderThatCollectsForTooLongIsCanceledClean) {
  policy.saga_timeout = milliseconds(1);
  order("c1.1").of("p1", 2).with("k1");
  run();
  expect_clean("c1.1");
  EXPECT_EQ(reason("c1.1"), Reason::kTimeout);
  EXPECT_EQ(payment("c1.1"), "none");
}

TEST_F(Saga, AnOrderWithinItsTimeKnowsNothingOfTheTimeout) {
  policy.saga_timeout = sim::seconds(30);
  order("c1.1").of("p1", 2).with("k1");
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
}

}  // namespace
}  // namespace sagasim::domain
