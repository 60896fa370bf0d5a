// What customers and the manager ask of the shop beside placing orders: each command takes effect
// once, whatever becomes of its answer, and the rules of products and coupons hold.
#include <gtest/gtest.h>

#include "sagasim/testing.h"

namespace sagasim::domain {
namespace {

using faults::Kind;
using sim::milliseconds;
using sim::seconds;

class Market : public Story {
 protected:
  void TearDown() override { EXPECT_EQ(broken(), Ids{}) << complaints(); }
};

// --- keys ---

TEST_F(Market, AnOrderThatIsSentOnceMoreIsAnsweredAsBefore) {
  order("c1.1").of("p1", 2);
  repeat("c1.2", "c1.1").at(seconds(5));
  run();
  EXPECT_EQ(answer("c1.1"), "accepted");
  EXPECT_EQ(answer("c1.2"), "accepted");
  EXPECT_EQ(events(EventType::kOrderCreated), 1u);
  EXPECT_EQ(balance("u1"), 8'000);
}

TEST_F(Market, AnOrderThatWasRejectedStaysRejected) {
  hold_back("p1");
  order("c1.1").of("p1", 2);
  manage("m1.1", CommandKind::kResumeSelling, "p1").at(seconds(2));
  repeat("c1.2", "c1.1").at(seconds(5));
  order("c1.3").of("p1", 1).at(seconds(5));
  run();
  EXPECT_EQ(answer("c1.1"), "rejected");
  EXPECT_EQ(answer("c1.2"), "rejected");
  EXPECT_EQ(answer("c1.3"), "accepted");
  EXPECT_EQ(status("c1.1"), "none");
}

TEST_F(Market, ACustomerWhoGivesUpAndComesBackHasOneOrder) {
  fault(Kind::kReplyLost, "client/command(c1.1)/call:create-order(c1.1)");
  order("c1.1").of("p1", 2).only_once();
  repeat("c1.2", "c1.1").at(seconds(20));
  run();
  EXPECT_EQ(answer("c1.1"), "try-again");
  EXPECT_EQ(answer("c1.2"), "accepted");
  EXPECT_EQ(events(EventType::kOrderCreated), 1u);
  EXPECT_EQ(status("c1.1"), "COMPLETED");
}

TEST_F(Market, AnOrderThatNobodyWaitsForAnyMoreCompletesAllTheSame) {
  fault(Kind::kReplyLost, "client/command(c1.1)/call:create-order(c1.1)");
  order("c1.1").of("p1", 2).only_once();
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
}

TEST_F(Market, AKeyThatIsUsedForSomethingElseIsRefused) {
  order("c1.1").of("p1", 2);
  reuse("c1.2", "c1.1").of("p2", 5);
  run();
  EXPECT_EQ(answer("c1.1"), "accepted");
  EXPECT_EQ(answer("c1.2"), "rejected");
  EXPECT_EQ(balance("u1"), 8'000);
  EXPECT_EQ(stock("p2"), 10);
}

TEST_F(Market, WhatIsWantedAfterSomethingElseWaitsForItsAnswer) {
  outage("order", milliseconds(0), seconds(3));
  order("c1.1").of("p1", 1);
  charge("c1.2", 500).after("c1.1");
  get_balance("c1.3").after("c1.2");
  run();
  EXPECT_EQ(answer("c1.2"), "accepted");
  EXPECT_EQ(balance("u1"), 9'500);
  EXPECT_EQ(evaluated(PropertyId::kMon8), 1u);
}

// --- products ---

TEST_F(Market, WhatIsHeldBackOrStoppedCannotBeOrdered) {
  hold_back("p1");
  order("c1.1").of("p1", 1);
  manage("m1.1", CommandKind::kStopSelling, "p1");  // it was not on sale
  manage("m1.2", CommandKind::kResumeSelling, "p1").at(seconds(5));
  order("c1.2").of("p1", 1).at(seconds(10));
  manage("m1.3", CommandKind::kStopSelling, "p1").at(seconds(15));
  order("c1.3").of("p1", 1).of("p2", 1).at(seconds(20));
  run();
  EXPECT_EQ(answer("c1.1"), "rejected");
  EXPECT_EQ(answer("m1.1"), "rejected");
  EXPECT_EQ(answer("m1.2"), "accepted");
  EXPECT_EQ(answer("c1.2"), "accepted");
  EXPECT_EQ(answer("m1.3"), "accepted");
  EXPECT_EQ(answer("c1.3"), "rejected");
  EXPECT_EQ(stock("p1"), 9);
}

TEST_F(Market, AShelfThatWasFilledAnewSellsAgain) {
  stock_up("p1", 1);
  order("c1.1").of("p1", 2);
  manage("m1.1", CommandKind::kRestock, "p1", 4).at(seconds(5));
  order("c1.2").of("p1", 2).at(seconds(10));
  run();
  EXPECT_EQ(status("c1.1"), "CANCELED");
  EXPECT_EQ(status("c1.2"), "COMPLETED");
  EXPECT_EQ(stock("p1"), 3);
}

TEST_F(Market, ARestockWhoseAnswerIsLostIsBookedOnce) {
  fault(Kind::kReplyLost, "manager/command(m1.1)/call:restock(m1.1)");
  manage("m1.1", CommandKind::kRestock, "p1", 4);
  run();
  EXPECT_EQ(answer("m1.1"), "accepted");
  EXPECT_EQ(stock("p1"), 14);
}

TEST_F(Market, AnAbsurdWishOfTheManagerIsRejected) {
  manage("m1.1", CommandKind::kReprice, "p1", 0);
  manage("m1.2", CommandKind::kRestock, "p1", -1);
  manage("m1.3", CommandKind::kReprice, "p9", 100);
  run();
  EXPECT_EQ(answer("m1.1"), "rejected");
  EXPECT_EQ(answer("m1.2"), "rejected");
  EXPECT_EQ(answer("m1.3"), "rejected");
  EXPECT_EQ(stock("p1"), 10);
}

// --- coupons ---

TEST_F(Market, ACouponOfACampaignIsWorthItsRate) {
  issue("c1.1", "d1");
  order("c1.2").of("p1", 2).with("d1.1").after("c1.1");
  run();
  EXPECT_EQ(answer("c1.1"), "accepted");
  EXPECT_EQ(status("c1.2"), "COMPLETED");
  EXPECT_EQ(kept("c1.2"), 1'800);
  EXPECT_EQ(holder("d1.1"), "c1.2");
  EXPECT_EQ(left("d1"), 1);
}

TEST_F(Market, TheLastCouponGoesToOneOfThoseWhoComeAtOnce) {
  campaign("d1", 1, CampaignStatus::kPublishable);
  issue("c1.1", "d1");
  issue("c2.1", "d1");
  run();
  EXPECT_NE(answer("c1.1"), answer("c2.1"));
  EXPECT_NE(exists("d1.1"), exists("d1.2"));
  EXPECT_EQ(left("d1"), 0);
  EXPECT_EQ(state("d1"), "FINISHED");
}

TEST_F(Market, NobodyGetsTwoCouponsOfOneCampaign) {
  issue("c1.1", "d1");
  issue("c1.2", "d1");
  run();
  EXPECT_NE(answer("c1.1"), answer("c1.2"));
  EXPECT_EQ(left("d1"), 1);
}

TEST_F(Market, ACouponWhoseAnswerIsLostIsIssuedOnce) {
  fault(Kind::kReplyLost, "client/command(c1.1)/call:issue-coupon(c1.1)");
  issue("c1.1", "d1");
  run();
  EXPECT_EQ(answer("c1.1"), "accepted");
  EXPECT_EQ(left("d1"), 1);
}

TEST_F(Market, ACampaignIssuesOnlyWhileItIsOpen) {
  campaign("d1", 5, CampaignStatus::kRegistered);
  issue("c1.1", "d1");
  manage_coupon("m1.1", CommandKind::kOpenCampaign, "d1").at(seconds(2));
  issue("c1.2", "d1").at(seconds(4));
  manage_coupon("m1.2", CommandKind::kCancelCampaign, "d1").at(seconds(6));
  issue("c2.1", "d1").at(seconds(8));
  manage_coupon("m1.3", CommandKind::kOpenCampaign, "d1").at(seconds(10));
  manage_coupon("m1.4", CommandKind::kExpireCoupon, "d1").at(seconds(12));
  issue("c2.2", "d1").at(seconds(14));
  run();
  EXPECT_EQ(answer("c1.1"), "rejected");
  EXPECT_EQ(answer("c1.2"), "accepted");
  EXPECT_EQ(answer("c2.1"), "rejected");
  EXPECT_EQ(answer("m1.4"), "accepted");
  EXPECT_EQ(answer("c2.2"), "rejected");
  EXPECT_EQ(left("d1"), 4);
}

TEST_F(Market, ACouponIsWorthNothingWhileItsCampaignIsTakenBack) {
  issue("c1.1", "d1");
  manage_coupon("m1.1", CommandKind::kCancelCampaign, "d1").at(seconds(5));
  order("c1.2").of("p1", 1).with("d1.1").at(seconds(10));
  manage_coupon("m1.2", CommandKind::kOpenCampaign, "d1").at(seconds(15));
  order("c1.3").of("p1", 1).with("d1.1").at(seconds(20));
  run();
  EXPECT_EQ(answer("c1.2"), "rejected");
  EXPECT_EQ(status("c1.3"), "COMPLETED");
  EXPECT_EQ(kept("c1.3"), 900);
}

// --- the ranking ---

TEST_F(Market, ASaleCountsOnTheDayOnWhichItCompletes) {
  const sim::Duration day = seconds(24 * 3600);
  limit = 3 * day;
  order("c1.1").of("p1", 2).at(seconds(60));
  order("c1.2").of("p1", 1).at(day - milliseconds(20));  // placed before midnight
  order("c1.3").of("p2", 3).at(day + seconds(60));
  get_top("c2.1").at(day + seconds(120));
  run();
  EXPECT_EQ(sold("p1", 0), 2);
  EXPECT_EQ(sold("p1", 1), 1);
  EXPECT_EQ(sold("p2", 1), 3);
  EXPECT_EQ(evaluated(PropertyId::kRnk3), 1u);
}

TEST_F(Market, ASaleThatIsCountedTheDayAfterCountsForItsOwnDay) {
  limit = seconds(3 * 24 * 3600);
  outage("product-db", seconds(24 * 3600 - 10), seconds(24 * 3600 + 10));
  fault(Kind::kDelay, "order/relay:OrderCompleted(c1.1,1)/append:OrderCompleted(c1.1)", seconds(4));
  order("c1.1").of("p1", 2).at(seconds(24 * 3600 - 12));
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(sold("p1", 0), 2);
  EXPECT_EQ(sold("p1", 1), 0);
}

TEST_F(Market, ADayOfTheRankingBecomesHistoryWhole) {
  const sim::Duration day = seconds(24 * 3600);
  options.rank_days = 4;
  limit = 20 * day;
  order("c1.1").of("p1", 2);
  order("c1.2").of("p1", 1).at(3 * day);
  get_top("c2.1").at(3 * day + seconds(60));
  get_top("c2.2").at(5 * day);
  run();
  EXPECT_EQ(sold("p1", 0), 0);
  EXPECT_EQ(history("p1", 0), 2);
  EXPECT_EQ(history("p1", 3), 1);
  EXPECT_EQ(evaluated(PropertyId::kRnk3), 2u);
}

TEST_F(Market, ADayOfTheRankingBecomesHistoryOnceThoughTheJobDiesOverIt) {
  options.rank_days = 4;
  limit = seconds(20 * 24 * 3600);
  fault(Kind::kCrashUnseen, "product/rank-job(p1,1)/commit(p1)", seconds(5));
  order("c1.1").of("p1", 2);
  run();
  EXPECT_EQ(sold("p1", 0), 0);
  EXPECT_EQ(history("p1", 0), 2);
}

}  // namespace
}  // namespace sagasim::domain
