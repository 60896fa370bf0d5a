// Progress, LIV-3, LIV-5, LIV-6, LIV-7 and LIV-9: how work goes on. Once everything is well again
// nothing is tried without end, nobody waits behind another's failure, and what was held up is made
// good in time.
#pragma once

#include <vector>

#include "domain/properties/group.h"
#include "sim/broker.h"
#include "sim/counters.h"
#include "sim/http_service.h"

namespace sagasim::domain {

// When all is well again, and how long what was held up may take from then on.
struct Deadlines {
  sim::Instant healed = sim::kNever;  // the last fault is over; never: nothing is due
  sim::Duration undo{};               // until a canceled order is undone by all who took part
  sim::Duration settle{};             // until a payment under way is settled
};

class ProgressProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // More than so many deliveries of one record to one consumer group, or requests to do one thing,
  // once all is well again, are no patience any more.
  static constexpr std::uint32_t kTries = 50;
  // More than so many requests to do one thing in one minute are a storm, whatever is wrong.
  static constexpr std::uint32_t kRequestsPerMinute = 60;

  void set_deadlines(const Deadlines& deadlines) { deadlines_ = deadlines; }

  // A consumer has got a record: not a copy that a fault has made.
  void on_delivered(const sim::Record& record, const sim::Invocation& invocation, sim::Instant at);
  // `service` outside is asked.
  void on_request(sim::Name service, const sim::HttpRequest& request, sim::Instant at);
  // A party has undone what it had done for a canceled order; the truth knows when that was.
  void on_undone(Party party, const OrderTruth& order, sim::Instant at);
  // Call before the truth knows it: a payment that is settled has been open since then.
  void on_payment(OrderTruth& order, PaymentStatus status, sim::Instant at);
  // In the end: what nobody has dealt with, and how far each group got.
  void waiting_at_end(const std::vector<sim::Outstanding>& waiting,
                      const std::vector<sim::Progress>& progress, sim::Instant at);

 private:
  // How long that took of the time in which all was well.
  sim::Duration since(sim::Instant from, sim::Instant at) const {
    return at - std::max(from, deadlines_.healed);
  }

  Deadlines deadlines_;
  sim::Counters deliveries_;  // again, of one record to one group, once all was well
  sim::Counters requests_;    // to do one thing, in all or in one minute
};

}  // namespace sagasim::domain
