// Why an order goes no further: one story for each reason, and what the retries policy is worth.
#include <gtest/gtest.h>

#include "sagasim/testing.h"

namespace sagasim::domain {
namespace {

using faults::Kind;
using sim::milliseconds;
using sim::seconds;

class StuckTest : public Story {
 protected:
  StuckTest() { order("c1.1").of("p1", 2); }
};

// --- lost ---

TEST_F(StuckTest, AnOrderIsLostWithAnEventThatDiedWithItsProcess) {
  policy.publish = Publish::kAfterCommit;
  fault(Kind::kCrashUnseen, "balance/balance:OrderCreated(c1.1,1)/commit(c1.1)", seconds(1));
  run();
  EXPECT_EQ(stuck("c1.1"), "lost: its BalanceUsed never reached the log");
  EXPECT_EQ(kind("c1.1"), "order/lost");
  EXPECT_NE(complaints().find("LIV-1: order c1.1 over 2,000 KRW is stuck in phase COLLECTING, "
                              "lost: its BalanceUsed never reached the log"),
            std::string::npos)
      << complaints();
}

TEST_F(StuckTest, AnOrderIsLostFromTheStartIfItsFirstEventIs) {
  policy.publish = Publish::kAfterCommit;
  fault(Kind::kCrashUnseen, "order/create-order:command(c1.1)/commit(c1.1)", seconds(1));
  run();
  EXPECT_EQ(stuck("c1.1"), "lost: its OrderCreated never reached the log");
}

TEST_F(StuckTest, AnOrderIsLostWithAnEventThatWasTakenForDone) {
  policy.consume = Consume::kMarkedFirst;
  fault(Kind::kCrashSeen, "balance/balance:OrderCreated(c1.1,1)/commit(c1.1)", seconds(1));
  run();
  EXPECT_EQ(stuck("c1.1"),
            "lost: consumer group balance acknowledged its OrderCreated without effect");
}

TEST_F(StuckTest, AnOrderIsLostWithThePaymentThatNobodyHearsOf) {
  policy.publish = Publish::kAfterCommit;
  fault(Kind::kCrashUnseen, "payment/charge-job(c1.1)/commit(c1.1)", seconds(1));
  run();
  EXPECT_EQ(stuck("c1.1"), "lost: its PaymentPaid never reached the log");
}

// --- parked, and what else giving up does ---

TEST_F(StuckTest, AnEventThatItsConsumerKeepsFailingOnIsParked) {
  policy.retries = Retries::kPark;
  outage("balance-db", {}, seconds(30));
  run();
  EXPECT_EQ(stuck("c1.1"),
            "parked: its OrderCreated is a dead letter of consumer group balance, given up after 4 "
            "attempts");
  EXPECT_EQ(kind("c1.1"), "order/parked");
  EXPECT_TRUE(broken().contains("DLQ-1")) << complaints();
  EXPECT_FALSE(broken().contains("LIV-2")) << "a parked record is dealt with";
}

TEST_F(StuckTest, AnEventThatWasDroppedIsNamedAsSuch) {
  policy.retries = Retries::kSkip;
  outage("balance-db", {}, seconds(30));
  run();
  EXPECT_EQ(stuck("c1.1"),
            "lost: consumer group balance dropped its OrderCreated after 4 attempts");
  EXPECT_TRUE(broken().contains("DLQ-1")) << complaints();
}

TEST_F(StuckTest, TriedForEverAnEventOutlastsTheOutage) {
  outage("balance-db", {}, seconds(30));
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(stuck("c1.1"), "open: no");
  EXPECT_EQ(broken(), Ids{}) << complaints();
}

TEST_F(StuckTest, AParkedCompensationLeavesTheOrderClosedAndItsMoneyTaken) {
  policy.retries = Retries::kPark;
  options.decline_percent = 100;
  fault(Kind::kReplyLost, "payment/charge-job(c1.1)/request:charge(c1.1)");
  outage("balance-db", seconds(1), seconds(60));
  run();
  EXPECT_EQ(status("c1.1"), "CANCELED");
  EXPECT_EQ(stuck("c1.1"), "open: no");
  EXPECT_TRUE(broken().contains("DLQ-1")) << complaints();
}

// --- node-down ---

TEST_F(StuckTest, AnOrderWaitsForAServiceThatDoesNotComeBack) {
  fault(Kind::kCrashBefore, "product/stock:OrderCreated(c1.1,1)/commit(c1.1)", seconds(7200));
  run_out_of_time();
  EXPECT_EQ(stuck("c1.1"),
            "node-down: product/stock:OrderCreated(c1.1,1) waits for product, which is down to the "
            "end of the run");
}

TEST_F(StuckTest, AnOrderWaitsForADatabaseThatDoesNotComeBack) {
  fault(Kind::kReceiverCrashBefore, "coupon/coupon:OrderCreated(c1.1,1)/commit(c1.1)",
        seconds(7200));
  run_out_of_time();
  EXPECT_EQ(stuck("c1.1"),
            "node-down: coupon/coupon:OrderCreated(c1.1,1) waits for coupon-db, which is down to "
            "the end of the run");
}

TEST_F(StuckTest, SoDoesOneWhoseEventsComeBehindThoseOfTheFirst) {
  options.partitions = 1;
  order("c2.1").of("p1", 1).at(seconds(1));
  fault(Kind::kReceiverCrashBefore, "coupon/coupon:OrderCreated(c1.1,1)/commit(c1.1)",
        seconds(7200));
  run_out_of_time();
  EXPECT_EQ(stuck("c2.1"),
            "node-down: coupon/coupon:OrderCreated(c2.1,1) waits for coupon-db, which is down to "
            "the end of the run");
}

TEST_F(StuckTest, AnOrderWaitsForTheRelayOfAServiceThatDoesNotComeBack) {
  fault(Kind::kCrashUnseen, "balance/balance:OrderCreated(c1.1,1)/commit(c1.1)", seconds(7200));
  run_out_of_time();
  EXPECT_EQ(stuck("c1.1").substr(0, 10), "node-down:") << stuck("c1.1");
}

TEST_F(StuckTest, AServiceThatComesBackLateKeepsNobodyForEver) {
  fault(Kind::kCrashBefore, "product/stock:OrderCreated(c1.1,1)/commit(c1.1)", seconds(3000));
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(broken(), Ids{}) << complaints();
}

// --- retry-loop ---

// Published in the middle of its transaction, an order that is never created is announced all the
// same; the answers to that can never be dealt with, and hold up everything behind them.
class RetryLoopTest : public Story {
 protected:
  RetryLoopTest() {
    policy.publish = Publish::kDirect;
    options.client.attempts = 1;
    options.partitions = 1;
    order("c2.1").of("p1", 1);
    fault(Kind::kFail, "order/create-order:command(c2.1)/commit(c2.1)");
    order("c1.1").of("p1", 2).at(seconds(5));
  }
};

TEST_F(RetryLoopTest, AnOrderWaitsBehindARecordThatCanNeverBeDealtWith) {
  run_until_stuck();
  EXPECT_EQ(status("c2.1"), "none");
  EXPECT_EQ(status("c1.1"), "CREATED");
  EXPECT_EQ(kind("c1.1"), "order/retry-loop");
  const std::string why = stuck("c1.1");
  EXPECT_EQ(why.find("retry-loop: its "), 0u) << why;
  EXPECT_NE(why.find("Used(c2.1,1) was tried "), std::string::npos) << why;
  EXPECT_NE(why.find(" waits in consumer group order behind "), std::string::npos) << why;
  EXPECT_NE(why.find(", each time without an error and without getting any further"),
            std::string::npos)
      << why;
}

TEST_F(RetryLoopTest, ParkingTheRecordLetsTheOthersThrough) {
  policy.retries = Retries::kPark;
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_TRUE(broken().contains("DLQ-1")) << complaints();
}

}  // namespace
}  // namespace sagasim::domain
