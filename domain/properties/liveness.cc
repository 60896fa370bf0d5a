#include "domain/properties/liveness.h"

#include "domain/names.h"
#include "domain/properties/events.h"

namespace sagasim::domain {
namespace {

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
  LooseEnd(const OrderTruth& order, const Carried& carried) : order_(order), carried_(carried) {}

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
      return "its " + unlogged_ +
             (carried_.by_calls           ? " was never told to anybody"
              : carried_.local != nullptr ? " was never said"
                                          : " never reached the log");
    }
    if (forgotten_ == kParties) {
      return "each of its steps was written into the cache, which never had all of them when it "
             "was asked";
    }
    return ignored_.empty() ? "nobody works on it any more" : ignored_text();
  }

 private:
  // Events of which one consumer group made nothing, for one reason.
  enum class Fate : std::uint8_t {
    kAcknowledged,
    kDropped,
    kMissed,
    kDied,  // with the process, as do the next two
    kRejected,
    kFailed,
    kUnasked,  // where services call each other
  };
  struct Ignored {
    sim::Name group;
    Fate fate;
    std::uint32_t attempts;  // before it dropped them
    std::string events;
  };

  // `group` should have made something of the event, and did not.
  void due(EventType type, sim::Name group) {
    if ((order_.appended & set_of(type)) == 0) {
      add(unlogged_, type);
      return;
    }
    const auto is_mine = [&](sim::Name of, sim::Name named, sim::Subject about) {
      return of == group && named == name_of(type) && about == order_.command->name;
    };
    Fate fate = carried_.local != nullptr ? local_fate(type, group)
                : carried_.by_calls       ? Fate::kUnasked
                                          : Fate::kAcknowledged;
    for (const sim::Missed& record : carried_.missed) {
      fate = is_mine(record.group, record.type, record.subject) ? Fate::kMissed : fate;
    }
    std::uint32_t attempts = 0;
    for (const sim::DeadLetter* letter : carried_.skipped) {
      if (is_mine(letter->group, letter->record.type, letter->record.subject)) {
        fate = Fate::kDropped;
        attempts = letter->attempts;
      }
    }
    for (Ignored& known : ignored_) {
      if (known.group == group && known.fate == fate && known.attempts == attempts) {
        add(known.events, type);
        return;
      }
    }
    ignored_.push_back(Ignored{group, fate, attempts, to_text(type)});
  }

  // Of an event that was said in memory.
  Fate local_fate(EventType type, sim::Name group) const {
    if ((order_.handled[number_of(group)] & set_of(type)) != 0) {
      return Fate::kAcknowledged;
    }
    Fate fate = Fate::kDied;
    for (const LocalLoss& loss : *carried_.local) {
      if (loss.type == type && loss.order == order_.command->name &&
          (loss.listener == group || loss.listener.empty())) {
        fate = loss.how == LocalLoss::How::kFailed ? Fate::kFailed : Fate::kRejected;
      }
    }
    return fate;
  }

  static void add(std::string& list, EventType type) {
    list += (list.empty() ? "" : ", ") + std::string(to_text(type));
  }

  static std::string told(const Ignored& ignored) {
    const std::string group = std::string("consumer group ") + ignored.group.text();
    const std::string listener = std::string("listener ") + ignored.group.text();
    switch (ignored.fate) {
      case Fate::kDied:
        return "its " + ignored.events + " died with the process before " + listener +
               " was done with it";
      case Fate::kRejected:
        return "there was no thread and no place left for its " + ignored.events;
      case Fate::kFailed:
        return listener + " failed on its " + ignored.events + ", and nobody tries again";
      case Fate::kUnasked:
        return ignored.group == group::kOrder
                   ? "its " + ignored.events + " died with the order service"
                   : std::string(ignored.group.text()) + " never answered to its " +
                         ignored.events + ", and nobody asks any more";
      case Fate::kAcknowledged:
        return group + " acknowledged its " + ignored.events + " without effect";
      case Fate::kDropped:
        return group + " dropped its " + ignored.events + " after " +
               std::to_string(ignored.attempts) + " attempts";
      case Fate::kMissed:
        return "the broker lost its " + ignored.events + " before " + group + " had dealt with it";
    }
    return "";
  }

  std::string ignored_text() const {
    std::string text;
    for (const Ignored& each : ignored_) {
      text += (text.empty() ? "" : "; ") + told(each);
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
        const EventType outcome = party.applied != 0 ? kStepDone[i] : kStepFailed[i];
        const bool heard = (order_.handled[number_of(group::kOrder)] & set_of(outcome)) != 0;
        if (heard && carried_.steps_in_cache) {
          ++forgotten_;
        } else {
          due(outcome, group::kOrder);
        }
      } else if (logged || !waits_for_start) {
        due(EventType::kOrderCreated, kPartyGroup[i]);
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
  const Carried& carried_;
  int forgotten_ = 0;
  std::string unlogged_;
  std::vector<Ignored> ignored_;
};

}  // namespace

sim::Stuck lost(const OrderTruth& order, const Carried& carried) {
  return {sim::StuckReason::kLost, LooseEnd(order, carried).sentence(), {}};
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
