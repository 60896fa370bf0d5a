#include "domain/properties/compensation.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace sagasim::domain {
namespace {

bool is_taken(const PartyTruth& party) { return party.state == ParticipantState::kApplied; }

// "balance was", "balance, coupon and stock were": what is still taken for the order. A coupon that
// it has not got is not worth a word unless there is nothing else.
std::string kept_of(const OrderTruth& order) {
  std::vector<std::string> kept;
  for (int i = 0; i < kParties; ++i) {
    const auto party = static_cast<Party>(i);
    const bool idle = party == Party::kCoupon && order.row.facts.coupon.none();
    if (is_taken(order.parties[i]) && !idle) {
      kept.push_back(to_text(party));
    }
  }
  if (kept.size() < 2) {
    return (kept.empty() ? to_text(Party::kCoupon) : kept[0]) + std::string(" was");
  }
  std::string text = kept[0];
  for (std::size_t i = 1; i < kept.size(); ++i) {
    text += (i + 1 < kept.size() ? ", " : " and ") + kept[i];
  }
  return text + " were";
}

}  // namespace

void CompensationProperties::on_participant(Party party, const ParticipantRow* before,
                                            const ParticipantRow& after, sim::Instant at) {
  OrderTruth* order = truth_.order(after.order);
  if (order == nullptr || after.state == ParticipantState::kSeen) {
    return;
  }
  PartyTruth& here = order->parties[static_cast<int>(party)];
  const ParticipantState old = before != nullptr ? before->state : ParticipantState::kNone;
  here.state = after.state;
  if (after.state == ParticipantState::kApplied && old != ParticipantState::kApplied) {
    ++here.applied;
    expect(PropertyId::kCmp2, !here.failure_handled, "order/late", after.order, at, [&] {
      return std::string(to_text(party)) + " was taken for " + order_text(after.order) + " (" +
             money_text(after.facts.total) + ") after its failure had been dealt with there";
    });
  }
  if (after.state == ParticipantState::kCompensated) {
    ++here.compensated;
    expect(PropertyId::kCmp3, here.applied != 0 && !order->done(),
           order->done() ? "order/completed" : "order/untaken", after.order, at, [&] {
             return std::string(to_text(party)) + " was undone for " + order_text(after.order) +
                    (order->done() ? ", which is COMPLETED" : ", which had not taken any");
           });
  }
  if (after.state == ParticipantState::kRejected ||
      after.state == ParticipantState::kRejectedLate) {
    here.rejected = true;
    expect(PropertyId::kOut2, justified(party, after), "order/refused", after.order, at, [&] {
      return order_text(after.order) + " was refused for \"" + to_text(after.reason) +
             "\", which was not so";
    });
  }
}

// Whether the reason was true at the commit. The commit itself changed nothing that the reason is
// about. What a clock had to say is judged by the reading that was stored.
bool CompensationProperties::justified(Party party, const ParticipantRow& row) {
  if (row.state == ParticipantState::kRejectedLate) {
    return true;
  }
  if (party == Party::kBalance) {
    const UserTruth* user = truth_.user(row.facts.user);
    return user == nullptr || user->balance < row.facts.total;
  }
  if (party == Party::kCoupon) {
    const CouponTruth* coupon = truth_.coupon(row.facts.coupon);
    return coupon == nullptr || coupon->owner != row.facts.user || !coupon->holder.none() ||
           !coupon->valid(row.decided);
  }
  for (const OrderLine& line : row.facts.lines) {
    const ProductTruth* product = truth_.product(line.product);
    std::int64_t needed = 0;
    for (const OrderLine& other : row.facts.lines) {
      needed += other.product == line.product ? other.quantity : 0;
    }
    if (product == nullptr || product->quantity < needed) {
      return true;
    }
  }
  return false;
}

void CompensationProperties::on_order(const OrderTruth& truth, const OrderRow* before,
                                      const OrderRow& after, sim::Instant at) {
  const bool canceled_now = after.status == OrderStatus::kCanceled &&
                            (before == nullptr || before->status != OrderStatus::kCanceled);
  if (!canceled_now) {
    return;
  }
  bool reason = false;
  switch (after.reason) {
    case Reason::kStepFailed:
      for (const PartyTruth& party : truth.parties) {
        reason = reason || party.rejected;
      }
      break;
    case Reason::kDeclined:
      reason = truth.declined;
      break;
    case Reason::kUserCanceled:
    case Reason::kPaymentCanceled:
      reason = truth.cancel_asked();
      break;
    case Reason::kTimeout:
      reason = policy_.saga_timeout && before != nullptr &&
               before->phase == OrderPhase::kCollecting &&
               after.failed >= after.created + *policy_.saga_timeout;
      break;
    default:
      break;
  }
  const sim::Subject name = after.facts.order;
  expect(PropertyId::kOut2, reason, "order/canceled", name, at, [&] {
    return order_text(name) + " was canceled for \"" + to_text(after.reason) +
           "\", which was not so";
  });
}

void CompensationProperties::at_end(const OrderTruth& order, sim::Instant at) {
  const sim::Subject name = order.command->name;
  for (int i = 0; i < kParties; ++i) {
    const PartyTruth& party = order.parties[i];
    const char* what = to_text(static_cast<Party>(i));
    if (party.applied != 0) {
      expect(PropertyId::kOrp1, party.state != ParticipantState::kApplied || order.done(), "order",
             name, at, [&] {
               return std::string(what) + " is still taken for " + order_text(name) + " (" +
                      money_text(order.exists ? order.row.facts.total : order.used) +
                      "), which did not complete";
             });
    }
  }
  if (!order.exists) {
    bool anywhere = order.uses != 0 || order.payments != 0;
    for (const std::uint32_t deductions : order.deductions) {
      anywhere = anywhere || deductions != 0;
    }
    for (const PartyTruth& party : order.parties) {
      anywhere = anywhere || party.state != ParticipantState::kNone;
    }
    expect(PropertyId::kOrp2, !anywhere, "order", name, at, [&] {
      return order_text(name) +
             " does not exist, but others have dealt with it: " + std::to_string(order.payments) +
             " payments, " + money_text(order.used) + " used";
    });
  }
  if (order.canceled()) {
    const bool returned =
        std::none_of(std::begin(order.parties), std::end(order.parties), is_taken);
    expect(PropertyId::kCmp1, returned, "order", name, at, [&] {
      return order_text(name) + " over " + money_text(order.row.facts.total) +
             " was canceled, but its " + kept_of(order) + " never given back";
    });
    const Money kept = order.captured - order.given_back;
    const bool clean = kept == 0 && order.payments_completed == 0 && order.payments_open == 0;
    expect(PropertyId::kCmp1, clean, "order", name, at, [&] {
      return order_text(name) + " was canceled, but the gateway keeps " + money_text(kept);
    });
  }
  if (order.done()) {
    bool all = order.net() == order.row.facts.total && order.payments_completed == 1 &&
               order.captured - order.given_back == order.row.facts.total;
    std::string missing;  // stays empty, and so without memory, unless something is wrong
    for (int i = 0; i < kParties; ++i) {
      if (order.parties[i].state != ParticipantState::kApplied && !order.parties[i].idle) {
        all = false;
        missing += std::string(", without its ") + to_text(static_cast<Party>(i));
      }
    }
    expect(PropertyId::kOut1, all, "order", name, at, [&] {
      return order_text(name) + " is COMPLETED" + missing + ": " + to_text(order.command->user) +
             " paid " + money_text(order.net()) + " and the gateway keeps " +
             money_text(order.captured - order.given_back) + " of " +
             money_text(order.row.facts.total);
    });
  }
}

void CompensationProperties::ample_at_end(const OrderTruth& order, sim::Instant at) {
  if (order.command->kind != CommandKind::kCreateOrder) {
    return;
  }
  expect(PropertyId::kOut3, order.done(), "order", order.command->name, at, [&] {
    return order_text(order.command->name) + " did not complete, though nothing stood in its way";
  });
}

}  // namespace sagasim::domain
