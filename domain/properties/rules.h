// Rules, RUL-1: every change that is committed is a step of the state machines and decision tables
// of the shop, for what was there and what had been said before. rules.cc has the tables, written
// down a second time: no service shares a line with them.
//
//   order     what happened to it moves its phase; its steps are what was said of them
//   party     what happened to the order moves the party's book of it, and its goods move along
//   payment   the order's events and the gateway's answers move it
//   entries   of balances, stocks and coupons: by whom they can be made
//   boxes     a row leaves an outbox once its event is in the log, and enters an inbox with the
//             event that it tells of
//   product, campaign, coupon
//             commands of the manager and of customers move them
//
// The last are the same in every architecture. The others are those of a choreography, in which
// events move everything: where services are called, or one transaction does it all, they are not
// judged.
#pragma once

#include <vector>

#include "domain/properties/group.h"
#include "sim/operation.h"

namespace sagasim::domain {

class RuleProperties : public PropertyGroup {
 public:
  RuleProperties(GroundTruth& truth, Reporter& reporter, const Policy& policy)
      : PropertyGroup(truth, reporter),
        choreographed_(policy.transport == Transport::kBroker ||
                       policy.transport == Transport::kInProcess),
        one_at_a_time_(policy.steps == StepStore::kDatabase) {}

  // What follows is done by that work about that subject. `by`: the event that it answers, or else
  // its method or job.
  void begin(sim::Name by, sim::Subject about);
  // A row was committed, and the truth does not know it yet.
  void on_order(const OrderTruth& order, const OrderRow* before, const OrderRow& after,
                sim::Instant at);
  void on_participant(Party party, const ParticipantRow* before, const ParticipantRow& after,
                      sim::Instant at);
  void on_payment(const OrderTruth& order, const PaymentRow* before, const PaymentRow& after,
                  sim::Instant at);
  void on_entry(const BalanceEntry& entry, sim::Instant at);
  void on_entry(const StockEntry& entry, sim::Instant at);
  void on_coupon(const UserCouponRow* before, const UserCouponRow& after, sim::Instant at);
  void on_product(const ProductRow* before, const ProductRow& after, sim::Instant at);
  void on_campaign(const CampaignRow* before, const CampaignRow& after, sim::Instant at);
  void on_inbox(const InboxRow& row, sim::Instant at);
  // Its row has left an outbox.
  void on_published(const Event& event, sim::Instant at);
  // The commit is over, and the truth knows all of it.
  void settle(sim::Instant at);

 private:
  std::string by_text() const;
  std::string by_text(sim::Subject order) const;
  const char* objection(const OrderTruth& order, const OrderRow& before,
                        const OrderRow& after) const;
  void check_entry(bool allowed, const char* what, sim::Subject of, sim::Instant at);
  void touch(Party party, sim::Subject order);
  bool agrees(Party party, const OrderTruth& order);

  const bool choreographed_;
  const bool one_at_a_time_;  // the row has each step as soon as it is heard of
  sim::Name by_;
  sim::Subject about_;
  struct Touched {
    const OrderTruth* order;
    Party party;
  };
  std::vector<Touched> touched_;  // whose books or goods have changed
};

// By what the rules know a piece of work.
sim::Name cause_of(const sim::Invocation& invocation);

}  // namespace sagasim::domain
