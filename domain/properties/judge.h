// Judge: hears every fact of one run, keeps the ground truth, and has the properties checked. A
// violation does not stop the run.
#pragma once

#include "domain/properties/commands.h"
#include "domain/properties/compensation.h"
#include "domain/properties/coupon.h"
#include "domain/properties/dead_letters.h"
#include "domain/properties/events.h"
#include "domain/properties/histories.h"
#include "domain/properties/liveness.h"
#include "domain/properties/money.h"
#include "domain/properties/order.h"
#include "domain/properties/payment.h"
#include "domain/properties/platform.h"
#include "domain/properties/process.h"
#include "domain/properties/progress.h"
#include "domain/properties/rank.h"
#include "domain/properties/resources.h"
#include "domain/properties/rules.h"
#include "domain/properties/serial.h"
#include "domain/properties/stock.h"
#include "domain/shop.h"
#include "sim/diagnosis.h"
#include "sim/observer.h"

namespace sagasim::domain {

// An order that is open and goes no further.
struct StuckOrder {
  sim::Subject order;
  sim::Stuck why;
};

class Judge final : public sim::Observer, public ClientObserver {
 public:
  Judge(const Workload& workload, const Policy& policy);

  // The shop that it watches; set once, before the run.
  void watch(const Shop& shop);
  // When what is to be in time; without it nothing is.
  void set_deadlines(const Deadlines& deadlines) { progress_.set_deadlines(deadlines); }

  void on_commit(const sim::Commit& commit) override;
  void on_append(const sim::Record& record) override;
  void on_delivered(const sim::Record& record, const sim::Invocation& invocation) override;
  void on_handled(const sim::Record& record, const sim::Invocation& invocation) override;
  void on_request(const sim::Node& service, const sim::HttpRequest& request) override;
  void on_exchange(const sim::Exchange& exchange) override;
  void on_answer(const CommandHistory& history, sim::Instant at) override;
  void on_read(sim::Subject order, std::uint8_t status, sim::Instant asked,
               sim::Instant at) override;
  void on_missing(sim::Subject order, sim::Instant asked, sim::Instant at) override;
  void on_balance_read(sim::Subject user, Money amount, sim::Instant asked,
                       sim::Instant at) override;
  void on_top_read(const TopReply& reply, sim::Instant asked, sim::Instant at) override;

  // What holds only in the end: call when the universe is quiescent or stuck. `faultless`: no fault
  // struck. `witness` is that of a standstill, or null.
  void at_end(sim::Instant at, bool faultless, const sim::Witness* witness = nullptr);
  // What holds only when nothing is left to happen: call after at_end(), of a quiescent universe.
  void at_rest(sim::Instant at);
  // Every order that is open now, each with its reason.
  std::vector<StuckOrder> stuck(const sim::Witness* witness) const;
  // IDM-2: old events were delivered again and everything came to rest; `before` and `after` digest
  // all business rows.
  void after_redelivery(std::uint64_t before, std::uint64_t after, std::uint64_t records,
                        sim::Instant at);

  const Reporter& reporter() const { return reporter_; }
  const GroundTruth& truth() const { return truth_; }
  std::uint64_t events(EventType type) const { return events_[static_cast<std::uint8_t>(type)]; }
  // Whether every order could complete if nothing went wrong.
  bool ample() const;

 private:
  void on_order(const sim::RowChange& change, sim::Instant at);
  void on_participant(Party party, const sim::RowChange& change, sim::Instant at);
  void on_payment(const sim::RowChange& change, sim::Instant at);
  void failure_handled(OrderTruth& order, sim::Name group);
  void on_outbox(const sim::RowChange& change, sim::Instant at);
  void on_product(const sim::RowChange& change, sim::Instant at);
  void on_rank(const sim::RowChange& change, sim::Instant at);
  void check_cache(const OrderTruth& order, bool over);
  void inboxes_at_end(const OrderTruth& order, sim::Instant at);
  void announced(OrderTruth& order, EventType type, sim::Instant at);

  const Workload& workload_;
  const Policy& policy_;
  const Shop* shop_ = nullptr;
  GroundTruth truth_;
  Reporter reporter_;
  MoneyProperties money_;
  PaymentProperties payment_;
  StockProperties stock_;
  CouponProperties coupon_;
  OrderProperties order_;
  EventProperties events_properties_;
  CommandProperties commands_;
  ProcessProperties process_;
  CompensationProperties compensation_;
  RankProperties rank_;
  PlatformProperties platform_;
  SerialProperties serial_;
  DeadLetterProperties dead_letters_;
  LivenessProperties liveness_;
  ProgressProperties progress_;
  RuleProperties rules_;
  HistoryProperties histories_;
  ResourceProperties resources_;
  std::uint64_t events_[kEventTypes] = {};
};

}  // namespace sagasim::domain
