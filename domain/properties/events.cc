#include "domain/properties/events.h"

#include "domain/names.h"

namespace sagasim::domain {
namespace {

constexpr sim::Name kGroups[kGroupCount] = {group::kBalance, group::kCoupon, group::kStock,
                                            group::kPayment, group::kOrder,  group::kRank,
                                            group::kMessage};

constexpr EventSet kOutcomes =
    set_of(EventType::kBalanceUsed) | set_of(EventType::kBalanceUseFailed) |
    set_of(EventType::kCouponUsed) | set_of(EventType::kCouponUseFailed) |
    set_of(EventType::kStockDeducted) | set_of(EventType::kStockDeductFailed);

// What an event may answer, and whether it may come by itself: a customer, a clock or the gateway
// brought it about.
struct Causes {
  EventSet types = 0;
  bool none = false;
};

Causes causes_of(EventType type) {
  switch (type) {
    case EventType::kOrderCreated:
      return {0, true};
    case EventType::kBalanceUsed:
    case EventType::kBalanceUseFailed:
    case EventType::kCouponUsed:
    case EventType::kCouponUseFailed:
    case EventType::kStockDeducted:
    case EventType::kStockDeductFailed:
      return {set_of(EventType::kOrderCreated), false};
    case EventType::kPaymentWaited:
      return {kOutcomes, false};
    case EventType::kPaymentPaid:
      return {set_of(EventType::kPaymentWaited), true};
    case EventType::kPayFailed:
      return {0, true};
    case EventType::kPaymentCanceled:
      return {set_of(EventType::kOrderCompleteFailed), true};
    case EventType::kOrderCompleted:
    case EventType::kOrderCompleteFailed:
      return {set_of(EventType::kPaymentPaid), false};
    case EventType::kOrderFailed:
      return {kOutcomes | set_of(EventType::kPayFailed) | set_of(EventType::kPaymentCanceled),
              true};
  }
  return {};
}

// Of the pairs that exclude each other, the other one; nothing for all others.
EventSet opposite_of(EventType type) {
  constexpr EventType kPairs[][2] = {{EventType::kBalanceUsed, EventType::kBalanceUseFailed},
                                     {EventType::kCouponUsed, EventType::kCouponUseFailed},
                                     {EventType::kStockDeducted, EventType::kStockDeductFailed},
                                     {EventType::kPaymentPaid, EventType::kPayFailed}};
  for (const auto& pair : kPairs) {
    if (type == pair[0] || type == pair[1]) {
      return set_of(type == pair[0] ? pair[1] : pair[0]);
    }
  }
  return 0;
}

// What some committed change has already brought about; more than is required, since a decision may
// be repeated to somebody who asks again.
EventSet possible_events(const OrderTruth& order) {
  EventSet set = required_events(order);
  if (order.canceled() && order.payment_completed_ever) {
    set |= set_of(EventType::kOrderCompleteFailed);
  }
  if (order.exists && order.row.phase == OrderPhase::kFailed) {
    set |= set_of(EventType::kOrderCompleteFailed);
  }
  return set;
}

}  // namespace

EventSet required_events(const OrderTruth& order) {
  EventSet set = 0;
  for (int i = 0; i < kParties; ++i) {
    const PartyTruth& party = order.parties[i];
    set |= party.applied != 0 ? set_of(kStepDone[i]) : 0;
    set |= party.rejected ? set_of(kStepFailed[i]) : 0;
  }
  set |= order.payment_completed_ever ? set_of(EventType::kPaymentPaid) : 0;
  set |= order.payment_failed_ever ? set_of(EventType::kPayFailed) : 0;
  set |= order.payment_canceled_ever ? set_of(EventType::kPaymentCanceled) : 0;
  return set | order.required;
}

void EventProperties::on_append(const Event& event, std::uint64_t digest, sim::Instant at) {
  OrderTruth* order = truth_.order(event.facts.order);
  if (order == nullptr) {
    return;
  }
  order->appended |= set_of(event.type);
  const bool true_now = (possible_events(*order) & set_of(event.type)) != 0;
  expect(PropertyId::kEvt1, true_now, "event", event.facts.order, at, [&] {
    return std::string(to_text(event.type)) + " of " + order_text(event.facts.order) +
           " is in the log, but nothing committed says so";
  });
  check_fidelity(*order, event, digest, at);
  check_cause(*order, event, at);
  const EventSet opposite = opposite_of(event.type);
  if (opposite != 0) {
    expect(PropertyId::kEvt7, (order->appended & opposite) == 0, "event", event.facts.order, at,
           [&] {
             return std::string(to_text(event.type)) + " of " + order_text(event.facts.order) +
                    " is in the log, and so is its opposite";
           });
  }
}

// What it says is what was committed; what is said twice is the same to the last bit, under one id
// that nothing else has.
void EventProperties::check_fidelity(OrderTruth& order, const Event& event, std::uint64_t digest,
                                     sim::Instant at) {
  const auto number = static_cast<std::uint8_t>(event.type);
  const bool is_first = order.event_ids[number] == 0;
  if (is_first) {
    order.event_digests[number] = digest;
  }
  const bool faithful = !order.exists || order.facts_digest == sim::digest_of(event.facts);
  expect(PropertyId::kEvt3, faithful && order.event_digests[number] == digest, "event",
         event.facts.order, at, [&] {
           return std::string(to_text(event.type)) + " of " + order_text(event.facts.order) +
                  (faithful ? " is in the log in two versions"
                            : " speaks of " + money_text(event.facts.total) +
                                  " in the log, but the order is another");
         });
  bool unique = is_first || order.event_ids[number] == event.id;
  for (int i = 0; i < kEventTypes; ++i) {
    unique = unique && (i == number || order.event_ids[i] != event.id);
  }
  if (is_first) {
    order.event_ids[number] = event.id;
  }
  expect(PropertyId::kEvt6, unique, "event", event.facts.order, at, [&] {
    return std::string(to_text(event.type)) + " of " + order_text(event.facts.order) +
           " is in the log under another id than before, or one of another event";
  });
}

void EventProperties::check_cause(const OrderTruth& order, const Event& event, sim::Instant at) {
  const Causes causes = causes_of(event.type);
  bool known = event.causation == 0 && causes.none;
  for (int i = 0; i < kEventTypes && event.causation != 0; ++i) {
    const bool allowed = (causes.types & set_of(static_cast<EventType>(i))) != 0;
    known = known || (allowed && order.event_ids[i] == event.causation);
  }
  expect(PropertyId::kEvt5, known, "event", event.facts.order, at, [&] {
    return std::string(to_text(event.type)) + " of " + order_text(event.facts.order) +
           " answers an event that is not in the log, or not of its kind";
  });
}

sim::Name group_of(std::uint32_t number) { return kGroups[number]; }

std::uint32_t number_of(sim::Name group) {
  std::uint32_t number = 0;
  while (number < kGroupCount && !(kGroups[number] == group)) {
    ++number;
  }
  return number;
}

void EventProperties::on_handled(OrderTruth& order, EventType type, sim::Name group) {
  const std::uint32_t number = number_of(group);
  if (number < kGroupCount) {
    order.handled[number] =
        static_cast<std::uint16_t>(order.handled[number] | 1u << static_cast<unsigned>(type));
  }
}

void EventProperties::inbox_at_end(const OrderTruth& order, EventType type, sim::Name group,
                                   bool written, sim::Instant at) {
  expect(PropertyId::kEvt8, written, group.text(), order.command->name, at, [&] {
    return "consumer group " + std::string(group.text()) + " is done with " + to_text(type) +
           " of " + order_text(order.command->name) + ", but has not written that down";
  });
}

void EventProperties::outboxes_at_end(std::uint64_t rows, sim::Instant at) {
  expect(PropertyId::kEvt8, rows == 0, "queue", sim::Subject(), at,
         [&] { return std::to_string(rows) + " events are still to be published"; });
}

void EventProperties::on_commit(const sim::Invocation& invocation, bool takes_effect,
                                sim::Instant at) {
  if (invocation.trigger.empty()) {
    return;
  }
  OrderTruth* order = truth_.order(invocation.subject);
  const std::uint32_t group = number_of(invocation.scope);
  if (order == nullptr || group == kGroupCount) {
    return;
  }
  std::uint32_t type = 0;
  while (type < kEventTypes && !(name_of(static_cast<EventType>(type)) == invocation.trigger)) {
    ++type;
  }
  if (type == kEventTypes) {
    return;
  }
  const auto bit = static_cast<std::uint16_t>(1u << type);
  order->committed[group] = static_cast<std::uint16_t>(order->committed[group] | bit);
  if (!takes_effect) {
    return;
  }
  // One piece of work may commit in several goes, and all of them are one effect.
  const bool is_new = (order->effects[group] & bit) == 0;
  const std::uint64_t work = invocation.id();
  expect(PropertyId::kIdm1, is_new || order->effected_by[group] == work, "event",
         invocation.subject, at, [&] {
           return std::string(invocation.trigger.text()) + " of " + order_text(invocation.subject) +
                  " took effect a second time at consumer group " + kGroups[group].text();
         });
  order->effects[group] = static_cast<std::uint16_t>(order->effects[group] | bit);
  order->effected_by[group] = work;
}

void EventProperties::at_end(const OrderTruth& order, sim::Instant at) {
  const EventSet required = required_events(order);
  if (required == 0) {
    return;
  }
  const EventSet missing = required & ~order.appended;
  expect(PropertyId::kEvt2, missing == 0, "event", order.command->name, at, [&] {
    std::string names;
    for (int i = 0; i < kEventTypes; ++i) {
      const auto type = static_cast<EventType>(i);
      if ((missing & set_of(type)) != 0) {
        names += (names.empty() ? "" : ", ") + std::string(to_text(type));
      }
    }
    return order_text(order.command->name) + " was changed, but its " + names +
           " never reached the log";
  });
}

}  // namespace sagasim::domain
