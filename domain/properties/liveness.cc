#include "domain/properties/liveness.h"

#include "domain/names.h"

namespace sagasim::domain {
namespace {

constexpr EventType kDone[kParties] = {EventType::kBalanceUsed, EventType::kCouponUsed,
                                       EventType::kStockDeducted};
constexpr EventType kFailed[kParties] = {EventType::kBalanceUseFailed, EventType::kCouponUseFailed,
                                         EventType::kStockDeductFailed};
constexpr sim::Name kConsumers[kParties] = {group::kBalance, group::kCoupon, group::kStock};

// What violations are grouped by: orders that stick for one reason have one cause.
const char* kind_of(sim::StuckReason reason) {
  switch (reason) {
    case sim::StuckReason::kParked:
      return "order/parked";
    case sim::StuckReason::kNodeDown:
      return "order/node-down";
    case sim::StuckReason::kDeadlock:
      return "order/deadlock";
    case sim::StuckReason::kRetryLoop:
      return "order/retry-loop";
    case sim::StuckReason::kLost:
      return "order/lost";
  }
  return "order";
}

// Finds where the thread of a saga ends: what is due, in the order in which it is due.
class LooseEnd {
 public:
  LooseEnd(const OrderTruth& order, const std::vector<const sim::DeadLetter*>& skipped)
      : order_(order), skipped_(skipped) {}

  std::string sentence() {
    switch (order_.row.phase) {
      case OrderPhase::kCollecting:
        steps();
        break;
      case OrderPhase::kPayWait:
        payment();
        break;
      case OrderPhase::kRefused:
        refund();
        break;
      case OrderPhase::kDone:
      case OrderPhase::kFailed:
        break;
    }
    if (!unlogged_.empty()) {
      return "its " + unlogged_ + " never reached the log";
    }
    return ignored_.empty() ? "nobody works on it any more" : ignored_text();
  }

 private:
  // Events that one consumer group let pass in one way.
  struct Ignored {
    sim::Name group;
    std::uint32_t attempts;  // before it dropped them; 0: it acknowledged them
    std::string events;
  };

  // `group` should have made something of the event, and did not.
  void due(EventType type, sim::Name group) {
    if ((order_.appended & set_of(type)) == 0) {
      add(unlogged_, type);
      return;
    }
    std::uint32_t attempts = 0;
    for (const sim::DeadLetter* letter : skipped_) {
      if (letter->group == group && letter->record.type == name_of(type) &&
          letter->record.subject == order_.command->name) {
        attempts = letter->attempts;
      }
    }
    for (Ignored& known : ignored_) {
      if (known.group == group && known.attempts == attempts) {
        add(known.events, type);
        return;
      }
    }
    ignored_.push_back(Ignored{group, attempts, to_text(type)});
  }

  static void add(std::string& list, EventType type) {
    list += (list.empty() ? "" : ", ") + std::string(to_text(type));
  }

  std::string ignored_text() const {
    std::string text;
    for (const Ignored& each : ignored_) {
      text += (text.empty() ? "" : "; ") + std::string("consumer group ") + each.group.text();
      text += each.attempts == 0 ? " acknowledged its " + each.events + " without effect"
                                 : " dropped its " + each.events + " after " +
                                       std::to_string(each.attempts) + " attempts";
    }
    return text;
  }

  void steps() {
    const StepState states[kParties] = {order_.row.balance, order_.row.coupon, order_.row.stock};
    bool waits_for_start = false;
    for (int i = 0; i < kParties; ++i) {
      const PartyTruth& party = order_.parties[i];
      const bool logged = (order_.appended & set_of(EventType::kOrderCreated)) != 0;
      if (states[i] != StepState::kPending) {
        continue;
      }
      if (party.applied != 0 || party.rejected) {
        due(party.applied != 0 ? kDone[i] : kFailed[i], group::kOrder);
      } else if (logged || !waits_for_start) {
        due(EventType::kOrderCreated, kConsumers[i]);
        waits_for_start = true;
      }
    }
  }

  void payment() {
    if (order_.payment_canceled_ever) {
      due(EventType::kPaymentCanceled, group::kOrder);
    } else if (order_.payment_completed_ever) {
      due(EventType::kPaymentPaid, group::kOrder);
    } else if (order_.payment_failed_ever) {
      due(EventType::kPayFailed, group::kOrder);
    } else if (order_.payments == 0) {
      due(EventType::kPaymentWaited, group::kPayment);
    }
  }

  void refund() {
    if (order_.payment_canceled_ever) {
      due(EventType::kPaymentCanceled, group::kOrder);
    } else if (order_.payments_open == 0) {
      due(EventType::kOrderCompleteFailed, group::kPayment);
    }
  }

  const OrderTruth& order_;
  const std::vector<const sim::DeadLetter*>& skipped_;
  std::string unlogged_;
  std::vector<Ignored> ignored_;
};

}  // namespace

sim::Stuck lost(const OrderTruth& order, const std::vector<const sim::DeadLetter*>& skipped) {
  return sim::Stuck{sim::StuckReason::kLost, LooseEnd(order, skipped).sentence()};
}

void LivenessProperties::at_end(const OrderTruth& order, const sim::Stuck* why, sim::Instant at) {
  if (!order.exists) {
    return;
  }
  const sim::Subject name = order.command->name;
  expect(PropertyId::kLiv1, !order.open(), why != nullptr ? kind_of(why->reason) : "order", name,
         at, [&] {
           std::string text = order_text(name) + " over " + money_text(order.row.facts.total) +
                              " is stuck in phase " + to_text(order.row.phase);
           if (why != nullptr) {
             text += std::string(", ") + to_text(why->reason) + ": " + why->sentence;
           }
           return text;
         });
}

void LivenessProperties::queues_at_end(std::uint64_t unpublished, std::uint64_t lag,
                                       sim::Instant at) {
  expect(PropertyId::kLiv2, unpublished == 0 && lag == 0, "queue", sim::Subject(), at, [&] {
    return std::to_string(unpublished) + " events were never published and " + std::to_string(lag) +
           " records never dealt with";
  });
}

}  // namespace sagasim::domain
