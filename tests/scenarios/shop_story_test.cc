#include "scenarios/shop_story.h"

#include <gtest/gtest.h>

#include "domain/messages/events.h"
#include "domain/names.h"

namespace sagasim::scenarios {
namespace {

using domain::EventType;
using sim::OperationKind;
using sim::Outcome;
using sim::Subject;

const Subject kOrder('c', 3, 7);

domain::Workload workload() {
  domain::Workload result;
  result.users = {{Subject('u', 3), 50'000}};
  result.products = {{Subject('p', 1), 3'000, 5}};
  result.coupons = {{Subject('k', 2), Subject('u', 3), 1'000, sim::kNever}};
  domain::Command order;
  order.name = kOrder;
  order.user = Subject('u', 3);
  order.lines.push_back({Subject('p', 1), 2});
  order.coupon = Subject('k', 2);
  result.commands = {order};
  return result;
}

// Operations about the order, and what was said of them.
class Story {
 public:
  Story& add(OperationKind kind, sim::Name detail, sim::Name scope, sim::Name trigger,
             std::optional<Outcome> outcome = Outcome::kOk, sim::Name initiator = "x") {
    sim::Operation operation;
    operation.kind = kind;
    operation.detail = detail;
    operation.subject = kOrder;
    operation.invocation.scope = scope;
    operation.invocation.trigger = trigger;
    operation.invocation.subject = kOrder;
    operation.invocation.attempt = attempt_;
    operation.ordinal = 1;
    for (const sim::Operation& other : operations_) {
      const bool same = other.kind == kind && other.invocation.scope == scope &&
                        other.invocation.trigger == trigger && other.invocation.attempt == attempt_;
      operation.ordinal += same ? 1 : 0;
    }
    operations_.push_back(operation);
    run_.push_back({nullptr, initiator, {}, outcome});
    return *this;
  }
  Story& step(sim::Name group, EventType type, std::optional<Outcome> outcome = Outcome::kOk) {
    return add(OperationKind::kCommit, {}, group, domain::name_of(type), outcome);
  }
  // A party reaches for what it takes, in the work on that event.
  Story& reach(sim::Name table, sim::Name group, EventType type, Outcome outcome = Outcome::kOk) {
    return add(OperationKind::kStatement, table, group, domain::name_of(type), outcome);
  }
  // What comes from now on about an event is done in another attempt.
  Story& again() {
    ++attempt_;
    return *this;
  }
  Story& said(EventType type, Outcome outcome = Outcome::kOk) {
    return add(OperationKind::kAppend, domain::name_of(type), "relay", domain::name_of(type),
               outcome);
  }

  std::vector<std::string> told(const domain::Policy& policy = {}) {
    for (std::size_t i = 0; i < run_.size(); ++i) {
      run_[i].operation = &operations_[i];
    }
    return tell_story(workload(), policy, run_);
  }

 private:
  std::uint32_t attempt_ = 1;
  std::vector<sim::Operation> operations_;
  std::vector<Happening> run_;
};

TEST(ShopStory, TellsWhatACustomerWantsAndWhatItComesTo) {
  const auto told = Story()
                        .add(OperationKind::kCall, domain::method::kCreateOrder, "command", {},
                             Outcome::kUnknown, domain::role::kClient)
                        .told();
  EXPECT_EQ(told.at(0),
            "customer 3 orders 2 × p1 with coupon k2 for 5,400 KRW: order c3.7, and hears nothing");
}

using Sentences = std::vector<std::string>;

// Those that there are.
Sentences spoken(const Sentences& told) {
  Sentences kept;
  for (const std::string& sentence : told) {
    if (!sentence.empty()) {
      kept.push_back(sentence);
    }
  }
  return kept;
}

TEST(ShopStory, TellsWhatEachParticipantTakesAndGivesBack) {
  const auto told = Story()
                        .step(domain::group::kBalance, EventType::kOrderCreated)
                        .said(EventType::kBalanceUsed)
                        .reach("balances", domain::group::kBalance, EventType::kOrderFailed)
                        .step(domain::group::kBalance, EventType::kOrderFailed)
                        .step(domain::group::kStock, EventType::kOrderFailed)
                        .told();
  EXPECT_EQ(
      spoken(told),
      (Sentences{"balance takes 5,400 KRW for order c3.7", "BalanceUsed of order c3.7 is announced",
                 "balance hears that order c3.7 failed: it gives back 5,400 KRW",
                 "stock hears that order c3.7 failed: it had taken nothing yet"}));
}

TEST(ShopStory, TellsWhoKeepsWhatItTookAndWhoGivesItBackTwice) {
  const auto told = Story()
                        .step(domain::group::kBalance, EventType::kOrderCreated)
                        .step(domain::group::kStock, EventType::kOrderCreated)
                        .step(domain::group::kBalance, EventType::kOrderFailed)
                        .reach("stocks", domain::group::kStock, EventType::kOrderFailed)
                        .step(domain::group::kStock, EventType::kOrderFailed)
                        .again()
                        .reach("stocks", domain::group::kStock, EventType::kOrderFailed)
                        .step(domain::group::kStock, EventType::kOrderFailed)
                        .again()
                        .step(domain::group::kStock, EventType::kOrderFailed)
                        .told();
  EXPECT_EQ(
      spoken(told),
      (Sentences{"balance takes 5,400 KRW for order c3.7", "stock takes 2 × p1 for order c3.7",
                 "balance hears that order c3.7 failed: it keeps 5,400 KRW",
                 "stock hears that order c3.7 failed: it gives back 2 × p1",
                 "stock hears that order c3.7 failed: it gives back 2 × p1 a second time",
                 "stock hears that order c3.7 failed: it has given everything back already"}));
}

TEST(ShopStory, TheAmountOfTheDayIsNotWhatWasTaken) {
  domain::Policy policy;
  policy.compensation = domain::Compensation::kEventAmount;
  const auto told = Story()
                        .step(domain::group::kBalance, EventType::kOrderCreated)
                        .reach("balances", domain::group::kBalance, EventType::kOrderFailed)
                        .step(domain::group::kBalance, EventType::kOrderFailed)
                        .told(policy);
  EXPECT_EQ(told.back(),
            "balance hears that order c3.7 failed: it gives back what the order would cost by now");
}

TEST(ShopStory, TellsTheSuccessThatIsToldApartFromTheFailureThatIsToldInstead) {
  domain::Policy policy;
  policy.balance_use = domain::BalanceUse::kThenRecord;
  const auto told = Story()
                        .step(domain::group::kBalance, EventType::kOrderCreated)
                        .step(domain::group::kBalance, EventType::kOrderCreated, Outcome::kUnknown)
                        .step(domain::group::kBalance, EventType::kOrderCreated)
                        .said(EventType::kBalanceUseFailed)
                        .told(policy);
  EXPECT_EQ(told, (Sentences{"balance takes 5,400 KRW for order c3.7",
                             "balance has BalanceUsed of order c3.7 announced, on its own, but no "
                             "answer says whether it is done",
                             "balance has BalanceUseFailed of order c3.7 announced instead",
                             "BalanceUseFailed of order c3.7 is announced"}));
}

TEST(ShopStory, TellsWhatWasDoneApartFromTheFailureThatItIsTakenFor) {
  domain::Policy policy;
  policy.unknown_commit = domain::UnknownCommit::kFailure;
  const auto told = Story()
                        .step(domain::group::kStock, EventType::kOrderCreated, Outcome::kUnknown)
                        .step(domain::group::kStock, EventType::kOrderCreated)
                        .said(EventType::kStockDeductFailed)
                        .told(policy);
  EXPECT_EQ(told.at(0), "stock takes 2 × p1 for order c3.7, but no answer says whether it is done");
  EXPECT_EQ(told.at(1), "stock has StockDeductFailed of order c3.7 announced instead");
}

TEST(ShopStory, TellsAnEarlyAnnouncementAndLinesThatAreTakenOneByOne) {
  domain::Policy policy;
  policy.stock_deduct = domain::StockDeduct::kSayFirst;
  const auto two_steps = [](const domain::Policy& with) {
    return Story()
        .step(domain::group::kStock, EventType::kOrderCreated)
        .step(domain::group::kStock, EventType::kOrderCreated)
        .told(with);
  };
  EXPECT_EQ(two_steps(policy),
            (Sentences{"stock has StockDeducted of order c3.7 announced before it is so",
                       "stock takes 2 × p1 for order c3.7"}));
  policy = {};
  policy.stock_lines = domain::StockLines::kOneByOne;
  EXPECT_EQ(two_steps(policy), (Sentences{"stock takes one line of 2 × p1 for order c3.7",
                                          "stock has taken 2 × p1 for order c3.7"}));
}

TEST(ShopStory, TellsADecisionOnOneRequestThatIsTakenTwice) {
  const auto twice = [](const domain::Policy& policy) {
    return Story()
        .add(OperationKind::kCommit, {}, domain::method::kCreateOrder, "command", Outcome::kUnknown)
        .again()
        .add(OperationKind::kCommit, {}, domain::method::kCreateOrder, "command")
        .told(policy)
        .back();
  };
  EXPECT_EQ(twice({}), "the shop decides on order c3.7");
  domain::Policy policy;
  policy.request_keys = domain::Switch::kOff;
  EXPECT_EQ(twice(policy), "the shop decides on order c3.7 once more, as if it were another");
}

TEST(ShopStory, TellsWhatADatabaseDoesNotAnswer) {
  const auto told =
      Story()
          .reach("inbox", domain::group::kRank, EventType::kOrderCompleted, Outcome::kRefused)
          .reach("stocks", domain::group::kStock, EventType::kOrderCreated, Outcome::kAborted)
          .told();
  EXPECT_EQ(told, (Sentences{"rank cannot reach its database over OrderCompleted of order c3.7",
                             "stock has to make way for others over OrderCreated of order c3.7"}));
}

TEST(ShopStory, KnowsARefusalByWhatWasSaidOfIt) {
  const auto told = Story()
                        .step(domain::group::kBalance, EventType::kOrderCreated)
                        .said(EventType::kBalanceUseFailed, Outcome::kRefused)
                        .told();
  EXPECT_EQ(told.at(0), "balance cannot take its part in order c3.7");
  EXPECT_EQ(told.at(1),
            "BalanceUseFailed of order c3.7 cannot be announced: the broker is out of reach");
}

TEST(ShopStory, TellsWhatNobodyKnowsAndWhatIsDoneTwice) {
  const auto told = Story()
                        .step(domain::group::kStock, EventType::kOrderCreated, Outcome::kUnknown)
                        .again()
                        .step(domain::group::kStock, EventType::kOrderCreated)
                        .told();
  EXPECT_EQ(told.at(0), "stock takes 2 × p1 for order c3.7, but no answer says whether it is done");
  EXPECT_EQ(told.at(1), "stock takes 2 × p1 for order c3.7 a second time");
}

TEST(ShopStory, TellsTheInboxFromTheEffectWhereTheyCommitApart) {
  domain::Policy policy;
  policy.consume = domain::Consume::kMarkedFirst;
  const auto told = Story()
                        .step(domain::group::kCoupon, EventType::kOrderCreated)
                        .step(domain::group::kCoupon, EventType::kOrderCreated)
                        .told(policy);
  EXPECT_EQ(told.at(0), "coupon notes that it has seen OrderCreated of order c3.7");
  EXPECT_EQ(told.at(1), "coupon takes coupon k2 for order c3.7");
}

TEST(ShopStory, TellsANoteThatIsRefusedFromOneThatIsWritten) {
  domain::Policy policy;
  policy.consume = domain::Consume::kMarkedFirst;
  const auto told =
      Story().step(domain::group::kOrder, EventType::kBalanceUsed, Outcome::kRefused).told(policy);
  EXPECT_EQ(told.at(0),
            "order notes that it has seen BalanceUsed of order c3.7, in vain: it is refused, and "
            "so the event counts as dealt with");
}

// What is written down about a charge is what the gateway said, if it said anything.
TEST(ShopStory, TellsWhatTheGatewayAnsweredAndThatItDidNot) {
  const auto written = [](Outcome answer, EventType outcome, const domain::Policy& policy) {
    return Story()
        .add(OperationKind::kRequest, "charge", "charge-job", {}, answer)
        .add(OperationKind::kCommit, {}, "charge-job", {})
        .said(outcome)
        .told(policy);
  };
  EXPECT_EQ(written(Outcome::kOk, EventType::kPaymentPaid, {}).at(1),
            "payment writes down that the gateway took 5,400 KRW for order c3.7");
  EXPECT_EQ(written(Outcome::kOk, EventType::kPayFailed, {}).at(1),
            "payment writes down that the gateway declined order c3.7");
  domain::Policy policy;
  policy.gateway = domain::GatewayUse::kTimeoutAsDecline;
  const auto told = written(Outcome::kUnknown, EventType::kPayFailed, policy);
  EXPECT_EQ(told.at(0),
            "the gateway is asked to take 5,400 KRW for order c3.7, but no answer says whether it "
            "is done");
  EXPECT_EQ(told.at(1),
            "payment writes down that order c3.7 was declined, though the gateway has not "
            "answered");
}

TEST(ShopStory, LeavesOutWhatOnlyAMachineCaresFor) {
  const auto told =
      Story()
          .add(OperationKind::kStatement, "inbox", domain::group::kStock,
               domain::name_of(EventType::kOrderCreated))
          .add(OperationKind::kTimer, "backoff", "relay", {})
          .add(OperationKind::kCommit, {}, "relay", domain::name_of(EventType::kOrderCreated))
          .told();
  EXPECT_EQ(told, (std::vector<std::string>{"", "", ""}));
}

}  // namespace
}  // namespace sagasim::scenarios
