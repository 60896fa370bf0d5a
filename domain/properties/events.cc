#include "domain/properties/events.h"

#include "domain/names.h"

namespace sagasim::domain {
namespace {

constexpr EventType kDone[kParties] = {EventType::kBalanceUsed, EventType::kCouponUsed,
                                       EventType::kStockDeducted};
constexpr EventType kFailed[kParties] = {EventType::kBalanceUseFailed, EventType::kCouponUseFailed,
                                         EventType::kStockDeductFailed};

constexpr sim::Name kGroups[] = {group::kBalance, group::kCoupon, group::kStock,  group::kPayment,
                                 group::kOrder,   group::kRank,   group::kMessage};

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
    set |= party.applied != 0 ? set_of(kDone[i]) : 0;
    set |= party.rejected ? set_of(kFailed[i]) : 0;
  }
  set |= order.payment_completed_ever ? set_of(EventType::kPaymentPaid) : 0;
  set |= order.payment_failed_ever ? set_of(EventType::kPayFailed) : 0;
  set |= order.payment_canceled_ever ? set_of(EventType::kPaymentCanceled) : 0;
  return set | order.required;
}

void EventProperties::on_append(const Event& event, sim::Instant at) {
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
}

void EventProperties::on_effect(const sim::Invocation& invocation, sim::Instant at) {
  if (invocation.trigger.empty()) {
    return;
  }
  OrderTruth* order = truth_.order(invocation.subject);
  std::uint32_t group = 0;
  while (group < std::size(kGroups) && !(kGroups[group] == invocation.scope)) {
    ++group;
  }
  if (order == nullptr || group == std::size(kGroups)) {
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
  expect(PropertyId::kIdm1, (order->effects[group] & bit) == 0, kGroups[group].text(),
         invocation.subject, at, [&] {
           return std::string(invocation.trigger.text()) + " of " + order_text(invocation.subject) +
                  " took effect a second time at consumer group " + kGroups[group].text();
         });
  order->effects[group] = static_cast<std::uint16_t>(order->effects[group] | bit);
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
