#include "domain/properties/rules.h"

#include <algorithm>

#include "domain/properties/events.h"

namespace sagasim::domain {
namespace {

// One line of a machine: from a state, by what, to a state.
struct Rule {
  int from;
  sim::Name by;
  int to;
};
constexpr int kNothing = -1;  // no row yet

constexpr sim::Name kOutcome = "any outcome of a step";
constexpr sim::Name kPaid = "PaymentPaid";
constexpr sim::Name kDeclined = "PayFailed";
constexpr sim::Name kGivenBack = "PaymentCanceled";
constexpr sim::Name kCreation = "OrderCreated";
constexpr sim::Name kFailure = "OrderFailed";
constexpr sim::Name kTimeout = "saga-timeout";
constexpr sim::Name kChargeJob = "charge-job";
constexpr sim::Name kRefundJob = "refund-job";

template <class State>
constexpr Rule rule(State from, sim::Name by, State to) {
  return {static_cast<int>(from), by, static_cast<int>(to)};
}

constexpr Rule kOrderRules[] = {
    {kNothing, method::kCreateOrder, static_cast<int>(OrderPhase::kCollecting)},
    rule(OrderPhase::kCollecting, kOutcome, OrderPhase::kCollecting),
    rule(OrderPhase::kCollecting, kOutcome, OrderPhase::kPayWait),
    rule(OrderPhase::kCollecting, kOutcome, OrderPhase::kFailed),
    rule(OrderPhase::kCollecting, method::kCancelOrder, OrderPhase::kFailed),
    rule(OrderPhase::kCollecting, kTimeout, OrderPhase::kFailed),
    rule(OrderPhase::kPayWait, method::kCancelOrder, OrderPhase::kPayWait),
    rule(OrderPhase::kPayWait, kPaid, OrderPhase::kDone),
    rule(OrderPhase::kPayWait, kPaid, OrderPhase::kRefused),
    rule(OrderPhase::kPayWait, kDeclined, OrderPhase::kFailed),
    rule(OrderPhase::kPayWait, kGivenBack, OrderPhase::kFailed),
    rule(OrderPhase::kRefused, kGivenBack, OrderPhase::kFailed),
};

constexpr Rule kPartyRules[] = {
    rule(ParticipantState::kNone, kCreation, ParticipantState::kApplied),
    rule(ParticipantState::kNone, kCreation, ParticipantState::kRejected),
    rule(ParticipantState::kNone, kFailure, ParticipantState::kTombstone),
    rule(ParticipantState::kApplied, kFailure, ParticipantState::kCompensated),
    rule(ParticipantState::kTombstone, kCreation, ParticipantState::kRejectedLate),
};

constexpr Rule kPaymentRules[] = {
    {kNothing, "PaymentWaited", static_cast<int>(PaymentStatus::kWaiting)},
    {kNothing, "PaymentWaited", static_cast<int>(PaymentStatus::kCompleted)},
    rule(PaymentStatus::kWaiting, kChargeJob, PaymentStatus::kCompleted),
    rule(PaymentStatus::kWaiting, kChargeJob, PaymentStatus::kFailed),
    rule(PaymentStatus::kCompleted, "OrderCompleteFailed", PaymentStatus::kRefunding),
    rule(PaymentStatus::kCompleted, "OrderCompleteFailed", PaymentStatus::kCanceled),
    rule(PaymentStatus::kRefunding, kRefundJob, PaymentStatus::kCanceled),
};

constexpr Rule kProductRules[] = {
    rule(SellStatus::kHold, method::kSetSelling, SellStatus::kSelling),
    rule(SellStatus::kSelling, method::kSetSelling, SellStatus::kStopped),
    rule(SellStatus::kStopped, method::kSetSelling, SellStatus::kSelling),
};

constexpr Rule kCampaignRules[] = {
    rule(CampaignStatus::kRegistered, method::kSetCampaign, CampaignStatus::kPublishable),
    rule(CampaignStatus::kRegistered, method::kSetCampaign, CampaignStatus::kCanceled),
    rule(CampaignStatus::kPublishable, method::kSetCampaign, CampaignStatus::kCanceled),
    rule(CampaignStatus::kCanceled, method::kSetCampaign, CampaignStatus::kPublishable),
    rule(CampaignStatus::kPublishable, method::kIssueCoupon, CampaignStatus::kPublishable),
    rule(CampaignStatus::kPublishable, method::kIssueCoupon, CampaignStatus::kFinished),
    rule(CampaignStatus::kRegistered, method::kExpireCoupon, CampaignStatus::kRegistered),
    rule(CampaignStatus::kPublishable, method::kExpireCoupon, CampaignStatus::kPublishable),
    rule(CampaignStatus::kCanceled, method::kExpireCoupon, CampaignStatus::kCanceled),
    rule(CampaignStatus::kFinished, method::kExpireCoupon, CampaignStatus::kFinished),
};

template <std::size_t kSize>
bool allows(const Rule (&rules)[kSize], int from, sim::Name by, int to) {
  return std::any_of(rules, rules + kSize, [&](const Rule& rule) {
    return rule.from == from && rule.to == to && rule.by == by;
  });
}

bool is_outcome(sim::Name by) {
  for (int i = 0; i < kParties; ++i) {
    if (by == name_of(kStepDone[i]) || by == name_of(kStepFailed[i])) {
      return true;
    }
  }
  return false;
}

constexpr const char* kNoRule = ", which no rule allows";

}  // namespace

// What an order's step lacks of what the table asks for; null: nothing. Requires: the rules have a
// line for the phases.
const char* RuleProperties::objection(const OrderTruth& truth, const OrderRow& before,
                                      const OrderRow& after) const {
  const StepState old[] = {before.balance, before.coupon, before.stock};
  const StepState now[] = {after.balance, after.coupon, after.stock};
  int pending = 0;
  int failed = 0;
  for (int i = 0; i < kParties; ++i) {
    pending += now[i] == StepState::kPending ? 1 : 0;
    failed += now[i] == StepState::kFailed ? 1 : 0;
    const EventType said = now[i] == StepState::kSuccess ? kStepDone[i] : kStepFailed[i];
    if (now[i] == old[i]) {
      continue;
    }
    if ((truth.appended & set_of(said)) == 0) {
      return ", of whose steps it took one for known of which nobody had spoken";
    }
    if (one_at_a_time_ && old[i] != StepState::kPending) {
      return ", of whose steps one was known and became another";
    }
    if (one_at_a_time_ && by_ != name_of(said)) {
      return ", of whose steps it took one for known of which it did not hear just then";
    }
  }
  const bool collecting = before.phase == OrderPhase::kCollecting;
  switch (after.phase) {
    case OrderPhase::kCollecting:
      return pending == 0 ? ", though all its steps were known" : nullptr;
    case OrderPhase::kPayWait:
      return pending + failed != 0 && collecting ? ", though not all its steps had succeeded"
             : collecting || after.cancel_requested
                 ? nullptr
                 : ", though it was asked to cancel and has not noted that";
    case OrderPhase::kDone:
    case OrderPhase::kRefused:
      if (!truth.payment_completed_ever) {
        return ", though it was not paid";
      }
      return before.cancel_requested == (after.phase == OrderPhase::kRefused) ? nullptr
             : before.cancel_requested ? ", though its customer had wanted it canceled"
                                       : ", though nobody had wanted it canceled";
    case OrderPhase::kFailed:
      switch (after.reason) {
        case Reason::kStepFailed:
          return failed == 0 ? ", though no step had failed" : nullptr;
        case Reason::kDeclined:
          return truth.payment_failed_ever ? nullptr : ", though its payment had not failed";
        case Reason::kPaymentCanceled:
          return truth.payment_canceled_ever ? nullptr : ", though its payment was not given back";
        default:
          return collecting ? nullptr : ", though it waited for its payment";
      }
  }
  return nullptr;
}

namespace {

const char* objection(const OrderTruth& truth, const PaymentRow* before, const PaymentRow& after) {
  const bool free = after.facts.total == 0;
  switch (after.status) {
    case PaymentStatus::kWaiting:
      return truth.payments != 0 ? ", though it had one"
             : free              ? ", though there is nothing to pay"
                                 : nullptr;
    case PaymentStatus::kCompleted:
      if (before == nullptr) {
        return truth.payments != 0 ? ", though it had one"
               : free              ? nullptr
                                   : ", though nobody had asked the gateway";
      }
      return truth.captures != 0 ? nullptr : ", though the gateway had not captured anything";
    case PaymentStatus::kFailed:
      return truth.declined ? nullptr : ", though the gateway had not declined it";
    case PaymentStatus::kRefunding:
      return free ? ", though there is nothing to give back" : nullptr;
    case PaymentStatus::kCanceled:
      return free || truth.given_back != 0 ? nullptr : ", though the gateway had not given it back";
  }
  return nullptr;
}

}  // namespace

sim::Name cause_of(const sim::Invocation& invocation) {
  return number_of(invocation.scope) < kGroupCount ? invocation.trigger : invocation.scope;
}

void RuleProperties::begin(sim::Name by, sim::Subject about) {
  by_ = by;
  about_ = about;
}

// " by PaymentPaid"
std::string RuleProperties::by_text() const {
  return std::string(" by ") + (by_.empty() ? "nobody" : by_.text());
}

// The same, and of whom if it was about another.
std::string RuleProperties::by_text(sim::Subject order) const {
  return by_text() +
         (about_ == order ? "" : " of " + (about_.none() ? "nobody" : order_text(about_)));
}

void RuleProperties::on_order(const OrderTruth& order, const OrderRow* before,
                              const OrderRow& after, sim::Instant at) {
  if (!choreographed_) {
    return;
  }
  const sim::Subject name = after.facts.order;
  const int from = before != nullptr ? static_cast<int>(before->phase) : kNothing;
  const sim::Name by = is_outcome(by_) ? kOutcome : by_;
  // Commands are about themselves.
  const bool command = by_ == method::kCreateOrder || by_ == method::kCancelOrder;
  const char* wrong = nullptr;
  if (!allows(kOrderRules, from, by, static_cast<int>(after.phase))) {
    wrong = kNoRule;
  } else if (before != nullptr) {
    wrong = command || about_ == name ? objection(order, *before, after) : kNoRule;
  }
  expect(PropertyId::kRul1, wrong == nullptr, "order", name, at, [&] {
    return order_text(name) + " went from " +
           (before != nullptr ? to_text(before->phase) : "nothing") + " to " +
           to_text(after.phase) + by_text(name) + wrong;
  });
}

void RuleProperties::on_participant(Party party, const ParticipantRow* before,
                                    const ParticipantRow& after, sim::Instant at) {
  if (!choreographed_) {
    return;
  }
  const OrderTruth* order = truth_.order(after.order);
  if (order == nullptr || after.state == ParticipantState::kSeen) {
    return;  // a fence is no state of the order there
  }
  const bool fence = before != nullptr && before->state == ParticipantState::kSeen;
  const ParticipantState from =
      before != nullptr && !fence ? before->state : order->parties[static_cast<int>(party)].state;
  const bool holds = about_ == after.order && allows(kPartyRules, static_cast<int>(from), by_,
                                                     static_cast<int>(after.state));
  expect(PropertyId::kRul1, holds, "participant", after.order, at, [&] {
    return std::string("at ") + to_text(party) + " " + order_text(after.order) + " went from " +
           to_text(from) + " to " + to_text(after.state) + by_text(after.order) + kNoRule;
  });
  touch(party, after.order);
}

void RuleProperties::on_payment(const OrderTruth& order, const PaymentRow* before,
                                const PaymentRow& after, sim::Instant at) {
  if (!choreographed_) {
    return;
  }
  const sim::Subject name = after.facts.order;
  const int from = before != nullptr ? static_cast<int>(before->status) : kNothing;
  const bool known =
      about_ == name && allows(kPaymentRules, from, by_, static_cast<int>(after.status));
  const char* wrong = known ? domain::objection(order, before, after) : kNoRule;
  expect(PropertyId::kRul1, wrong == nullptr, "payment", name, at, [&] {
    return "the payment of " + order_text(name) + ", " + money_text(after.facts.total) +
           ", went from " + (before != nullptr ? to_text(before->status) : "nothing") + " to " +
           to_text(after.status) + by_text(name) + wrong;
  });
}

void RuleProperties::check_entry(bool allowed, const char* what, sim::Subject of, sim::Instant at) {
  expect(PropertyId::kRul1, allowed && about_ == of, "entry", of, at, [&] {
    return std::string("an entry ") + what + " for " + to_text(of) + " was made" + by_text(of) +
           kNoRule;
  });
}

void RuleProperties::on_entry(const BalanceEntry& entry, sim::Instant at) {
  if (!choreographed_) {
    return;
  }
  const sim::Name due = entry.kind == EntryKind::kCharge ? method::kCharge
                        : entry.kind == EntryKind::kUse  ? kCreation
                                                         : kFailure;
  check_entry(by_ == due, to_text(entry.kind), entry.source, at);
  if (entry.kind != EntryKind::kCharge) {
    touch(Party::kBalance, entry.source);
  }
}

void RuleProperties::on_entry(const StockEntry& entry, sim::Instant at) {
  if (!choreographed_) {
    return;
  }
  const bool restock = entry.move == StockMove::kRestock;
  const bool deduct = entry.move == StockMove::kDeduct;
  const sim::Name due = restock ? method::kRestock : deduct ? kCreation : kFailure;
  check_entry(by_ == due, restock ? "RESTOCK" : deduct ? "DEDUCT" : "RESTORE", entry.order, at);
  if (!restock) {
    touch(Party::kStock, entry.order);
  }
}

void RuleProperties::on_coupon(const UserCouponRow* before, const UserCouponRow& after,
                               sim::Instant at) {
  const bool issued = before == nullptr;
  if (issued || before->expires != after.expires) {
    const bool holds = issued ? by_ == method::kIssueCoupon && after.used_by.none()
                              : by_ == method::kExpireCoupon && after.expires < before->expires &&
                                    after.used_by == before->used_by;
    expect(PropertyId::kRul1, holds, "coupon", after.coupon, at, [&] {
      return "coupon " + to_text(after.coupon) + " was " + (issued ? "issued" : "given an end") +
             by_text() + kNoRule;
    });
  }
  if (!choreographed_ || issued || before->used_by == after.used_by) {
    return;
  }
  if (!after.used_by.none()) {
    check_entry(by_ == kCreation && before->used_by.none(), "of a coupon", after.used_by, at);
    touch(Party::kCoupon, after.used_by);
  } else {
    check_entry(by_ == kFailure, "of a returned coupon", before->used_by, at);
    touch(Party::kCoupon, before->used_by);
  }
}

void RuleProperties::on_product(const ProductRow* before, const ProductRow& after,
                                sim::Instant at) {
  if (before == nullptr) {
    return;  // on the first day
  }
  const bool same = before->status == after.status;
  const bool holds =
      by_ == method::kReprice
          ? same && after.price > 0
          : before->price == after.price && allows(kProductRules, static_cast<int>(before->status),
                                                   by_, static_cast<int>(after.status));
  expect(PropertyId::kRul1, holds, "product", after.product, at, [&] {
    return "product " + to_text(after.product) + " went from " + to_text(before->status) + " at " +
           money_text(before->price) + " to " + to_text(after.status) + " at " +
           money_text(after.price) + by_text() + kNoRule;
  });
}

void RuleProperties::on_campaign(const CampaignRow* before, const CampaignRow& after,
                                 sim::Instant at) {
  if (before == nullptr) {
    return;  // on the first day
  }
  const std::int64_t issued = by_ == method::kIssueCoupon ? 1 : 0;
  const bool ends = by_ == method::kExpireCoupon;
  const bool last = issued != 0 && after.quantity == 0;
  const bool holds = allows(kCampaignRules, static_cast<int>(before->status), by_,
                            static_cast<int>(after.status)) &&
                     before->quantity - after.quantity == issued && after.quantity >= 0 &&
                     (issued == 0 || last == (after.status == CampaignStatus::kFinished)) &&
                     (ends ? after.expires < before->expires : after.expires == before->expires) &&
                     after.rate_bp == before->rate_bp;
  expect(PropertyId::kRul1, holds, "campaign", after.campaign, at, [&] {
    return "campaign " + to_text(after.campaign) + " went from " + to_text(before->status) +
           " with " + std::to_string(before->quantity) + " coupons to " + to_text(after.status) +
           " with " + std::to_string(after.quantity) + by_text() + kNoRule;
  });
}

void RuleProperties::on_inbox(const InboxRow& row, sim::Instant at) {
  const OrderTruth* order = choreographed_ ? truth_.order(row.order) : nullptr;
  if (order == nullptr) {
    return;
  }
  bool holds = false;
  for (int type = 0; type < kEventTypes; ++type) {
    holds = holds || (by_ == name_of(static_cast<EventType>(type)) &&
                      row.event == order->event_ids[type] && row.event != 0);
  }
  expect(PropertyId::kRul1, holds && about_ == row.order, "inbox", row.order, at, [&] {
    return "an inbox was told of an event of " + order_text(row.order) + by_text(row.order) +
           ", which is another";
  });
}

void RuleProperties::on_published(const Event& event, sim::Instant at) {
  const OrderTruth* order = choreographed_ ? truth_.order(event.facts.order) : nullptr;
  if (order == nullptr) {
    return;
  }
  const bool said = (order->appended & set_of(event.type)) != 0;
  expect(PropertyId::kRul1, said, "outbox", event.facts.order, at, [&] {
    return std::string(to_text(event.type)) + " of " + order_text(event.facts.order) +
           " left its outbox before it was in the log";
  });
}

void RuleProperties::touch(Party party, sim::Subject name) {
  const OrderTruth* order = truth_.order(name);
  const bool known =
      !touched_.empty() && touched_.back().order == order && touched_.back().party == party;
  if (order != nullptr && !known) {
    touched_.push_back({order, party});
  }
}

// What a party holds of the order is what its book says that it took and gave back.
bool RuleProperties::agrees(Party party, const OrderTruth& order) {
  const PartyTruth& book = order.parties[static_cast<int>(party)];
  switch (party) {
    case Party::kBalance: {
      const bool free = order.exists && order.row.facts.total == 0;
      return order.uses == (free ? 0 : book.applied) &&
             order.refunds == (free ? 0 : book.compensated);
    }
    case Party::kStock:
      for (std::uint32_t line = 0; line < order.command->lines.size(); ++line) {
        if (order.deductions[line] != book.applied ||
            order.restorations[line] != book.compensated) {
          return false;
        }
      }
      return true;
    case Party::kCoupon: {
      const sim::Subject name = order.exists ? order.row.facts.order : order.command->name;
      const CouponTruth* coupon =
          order.command->coupon.none() ? nullptr : truth_.coupon(order.command->coupon);
      return coupon == nullptr ||
             (coupon->holder == name) == (book.state == ParticipantState::kApplied);
    }
  }
  return true;
}

void RuleProperties::settle(sim::Instant at) {
  if (!choreographed_) {
    return;
  }
  for (const Touched& each : touched_) {
    const OrderTruth& order = *each.order;
    const PartyTruth& book = order.parties[static_cast<int>(each.party)];
    const sim::Subject name = order.command->name;
    expect(PropertyId::kRul1, agrees(each.party, order), "participant", name, at, [&] {
      return std::string(to_text(each.party)) + " says that it took " + order_text(name) + " of " +
             to_text(order.command->user) + " " + std::to_string(book.applied) +
             " times and gave it back " + std::to_string(book.compensated) +
             " times, which its entries do not bear out: " + money_text(order.net()) + " paid";
    });
  }
  touched_.clear();
}

}  // namespace sagasim::domain
