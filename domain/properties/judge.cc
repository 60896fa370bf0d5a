#include "domain/properties/judge.h"

#include <map>
#include <optional>

#include "domain/names.h"

namespace sagasim::domain {
namespace {

template <class Row>
const Row* before(const sim::RowChange& change) {
  return static_cast<const Row*>(change.before);
}
template <class Row>
const Row& after(const sim::RowChange& change) {
  return *static_cast<const Row*>(change.after);
}

}  // namespace

Judge::Judge(const Workload& workload, const Policy& policy)
    : workload_(workload),
      policy_(policy),
      truth_(workload),
      money_(truth_, reporter_),
      payment_(truth_, reporter_),
      stock_(truth_, reporter_),
      coupon_(truth_, reporter_),
      order_(truth_, reporter_),
      events_properties_(truth_, reporter_),
      compensation_(truth_, reporter_, policy),
      dead_letters_(truth_, reporter_),
      liveness_(truth_, reporter_) {}

void Judge::watch(const Shop& shop) {
  shop_ = &shop;
  for (const CommandHistory& history : shop.histories()) {
    const bool cancels = history.command->kind == CommandKind::kCancelOrder;
    if (OrderTruth* order = cancels ? truth_.order(history.command->order) : nullptr) {
      order->cancellations.push_back(&history);
    }
  }
}

void Judge::on_commit(const sim::Commit& commit) {
  const sim::Instant at = commit.at;
  bool business = false;
  for (const sim::RowChange& change : commit.changes) {
    business = business || !change.table->technical();
    if (change.after == nullptr) {
      continue;  // only outbox rows are ever removed
    }
    const sim::TableBase* table = change.table;
    if (&commit.database == &shop_->order().database) {
      if (table == &shop_->order().orders) {
        on_order(change, at);
      }
    } else if (&commit.database == &shop_->balance().database) {
      if (table == &shop_->balance().balances) {
        money_.on_balance(before<BalanceRow>(change), after<BalanceRow>(change), at);
      } else if (table == &shop_->balance().entries) {
        money_.on_entry(after<BalanceEntry>(change), at);
      } else if (table == &shop_->balance().participants) {
        on_participant(Party::kBalance, change, at);
      }
    } else if (&commit.database == &shop_->product().database) {
      if (table == &shop_->product().stocks) {
        stock_.on_stock(after<StockRow>(change), at);
      } else if (table == &shop_->product().entries) {
        stock_.on_entry(after<StockEntry>(change), at);
      } else if (table == &shop_->product().participants) {
        on_participant(Party::kStock, change, at);
      }
    } else if (&commit.database == &shop_->coupon().database) {
      if (table == &shop_->coupon().coupons) {
        coupon_.on_coupon(before<UserCouponRow>(change), after<UserCouponRow>(change),
                          commit.operation.invocation.subject, at);
      } else if (table == &shop_->coupon().participants) {
        on_participant(Party::kCoupon, change, at);
      }
    } else if (table == &shop_->payment().payments) {
      payment_.on_payment(before<PaymentRow>(change), after<PaymentRow>(change), at);
    }
  }
  // Outbox rows last: by now the truth knows the state that they announce.
  for (const sim::RowChange& change : commit.changes) {
    if (change.after != nullptr && change.table->name() == sim::Name("outbox")) {
      on_outbox(change, at);
    }
  }
  money_.settle(at);
  stock_.settle(at);
  if (business) {
    events_properties_.on_effect(commit.operation.invocation, at);
  }
}

void Judge::on_order(const sim::RowChange& change, sim::Instant at) {
  const OrderRow* old = before<OrderRow>(change);
  const OrderRow& row = after<OrderRow>(change);
  OrderTruth* order = truth_.order(row.facts.order);
  if (order == nullptr) {
    return;
  }
  money_.on_order(old, row, at);
  order_.on_order(*order, old, row, at);
  compensation_.on_order(*order, old, row, at);
  order->exists = true;
  order->row = row;
  const OrderPhase phase = row.phase;
  const bool changed = old == nullptr || old->phase != phase;
  if (old == nullptr) {
    order->required |= set_of(EventType::kOrderCreated);
  }
  if (!changed) {
    return;
  }
  std::optional<EventType> type;
  switch (phase) {
    case OrderPhase::kCollecting:
      break;
    case OrderPhase::kPayWait:
      type = EventType::kPaymentWaited;
      break;
    case OrderPhase::kRefused:
      type = EventType::kOrderCompleteFailed;
      break;
    case OrderPhase::kDone:
      type = EventType::kOrderCompleted;
      break;
    case OrderPhase::kFailed:
      type = EventType::kOrderFailed;
      break;
  }
  if (type) {
    order->required |= set_of(*type);
    if (policy_.publish != Publish::kOutbox) {
      announced(*order, *type, at);
    }
  }
}

void Judge::on_participant(Party party, const sim::RowChange& change, sim::Instant at) {
  compensation_.on_participant(party, before<ParticipantRow>(change), after<ParticipantRow>(change),
                               at);
}

void Judge::on_outbox(const sim::RowChange& change, sim::Instant at) {
  const Event& event = after<OutboxRow>(change).event;
  if (OrderTruth* order = truth_.order(event.facts.order)) {
    announced(*order, event.type, at);
  }
}

void Judge::announced(OrderTruth& order, EventType type, sim::Instant at) {
  order_.on_announced(order, type, order.exists ? &order.row : nullptr, at);
  payment_.on_announced(order, type, at);
  order.announced |= set_of(type);
}

void Judge::on_append(const sim::Record& record) {
  if (record.corrupt) {
    return;  // no event of the shop
  }
  const Event& event = record.payload.as<Event>();
  ++events_[static_cast<std::uint8_t>(event.type)];
  events_properties_.on_append(event, record.appended);
}

void Judge::on_handled(const sim::Record& record, const sim::Invocation& invocation) {
  dead_letters_.on_handled();
  if (!(record.type == name_of(EventType::kOrderFailed))) {
    return;
  }
  OrderTruth* order = truth_.order(record.subject);
  if (order == nullptr) {
    return;
  }
  const sim::Name group = invocation.scope;
  const Party party = group == group::kBalance  ? Party::kBalance
                      : group == group::kCoupon ? Party::kCoupon
                                                : Party::kStock;
  order->parties[static_cast<int>(party)].failure_handled = true;
}

void Judge::on_exchange(const sim::Exchange& exchange) {
  if (!(exchange.service == role::kGateway)) {
    return;
  }
  payment_.on_gateway(exchange.request.method == gateway_method::kCharge,
                      exchange.request.body.as<GatewayBody>(), exchange.answer.as<GatewayAnswer>(),
                      exchange.at);
}

void Judge::on_answer(const CommandHistory& history, sim::Instant at) {
  order_.on_answer(history, at);
}

void Judge::on_read(sim::Subject order, std::uint8_t status, sim::Instant asked, sim::Instant at) {
  order_.on_read(order, status, asked, at);
}

std::vector<StuckOrder> Judge::stuck(const sim::Witness* witness) const {
  std::vector<StuckOrder> orders;
  std::optional<sim::Diagnosis> diagnosis;  // made for the first: most runs leave none open
  for (const OrderTruth& order : truth_.orders()) {
    if (!order.open()) {
      continue;
    }
    if (!diagnosis) {
      diagnosis.emplace(shop_->diagnosis(witness));
    }
    const sim::Subject name = order.command->name;
    const std::optional<sim::Stuck> why = diagnosis->of(name);
    orders.push_back(StuckOrder{name, why ? *why : lost(order, shop_->broker().skipped())});
  }
  return orders;
}

void Judge::at_end(sim::Instant at, bool faultless, const sim::Witness* witness) {
  const bool ample_run = faultless && ample();
  for (const OrderTruth& order : truth_.orders()) {
    if (order.command->kind != CommandKind::kCreateOrder) {
      continue;
    }
    money_.at_end(order, at);
    payment_.at_end(order, at);
    stock_.at_end(order, at);
    coupon_.at_end(order, at);
    order_.at_end(order, at);
    events_properties_.at_end(order, at);
    compensation_.at_end(order, at);
    if (ample_run) {
      compensation_.ample_at_end(order, at);
    }
  }
  const std::vector<StuckOrder> open = stuck(witness);
  auto next = open.begin();
  for (const OrderTruth& order : truth_.orders()) {
    liveness_.at_end(order, order.open() ? &(next++)->why : nullptr, at);
  }
  for (const CommandHistory& history : shop_->histories()) {
    if (history.command->kind == CommandKind::kCharge) {
      money_.charge_at_end(history, at);
    }
  }
  for (const sim::DeadLetter* letter : shop_->broker().dead_letters()) {
    dead_letters_.parked_at_end(*letter);
  }
  for (const sim::DeadLetter* letter : shop_->broker().skipped()) {
    dead_letters_.skipped_at_end(*letter);
  }
  coupon_.coupons_at_end(at);
  stock_.products_at_end(at);
  liveness_.queues_at_end(shop_->unpublished() - shop_->broker().lag(), shop_->broker().lag(), at);
}

void Judge::after_redelivery(std::uint64_t before_digest, std::uint64_t after_digest,
                             std::uint64_t records, sim::Instant at) {
  if (reporter_.check(PropertyId::kIdm2, before_digest == after_digest)) {
    return;
  }
  reporter_.report(
      PropertyId::kIdm2, "event", sim::Subject(), at,
      "delivering " + std::to_string(records) + " old events once more changed the books");
}

// A sum over the workload alone: every user could pay for every order, every product is there for
// all of them, and each coupon is its user's own and wanted once.
bool Judge::ample() const {
  std::map<sim::Subject, Money> money;
  std::map<sim::Subject, std::int64_t> pieces;
  std::map<sim::Subject, Money> prices;
  std::map<sim::Subject, const InitialCoupon*> coupons;
  for (const InitialUser& user : workload_.users) {
    money[user.user] = user.balance;
  }
  for (const InitialProduct& product : workload_.products) {
    pieces[product.product] = product.stock;
    prices[product.product] = product.price;
  }
  for (const InitialCoupon& coupon : workload_.coupons) {
    coupons[coupon.coupon] = &coupon;
  }
  for (const Command& command : workload_.commands) {
    if (command.kind == CommandKind::kCancelOrder) {
      return false;
    }
    if (command.kind != CommandKind::kCreateOrder) {
      continue;
    }
    for (const CommandLine& line : command.lines) {
      money[command.user] -= multiply(prices[line.product], line.quantity);
      pieces[line.product] -= line.quantity;
      if (money[command.user] < 0 || pieces[line.product] < 0) {
        return false;
      }
    }
    if (!command.coupon.none()) {
      const InitialCoupon* coupon = coupons[command.coupon];
      coupons[command.coupon] = nullptr;  // wanted once
      if (coupon == nullptr || coupon->owner != command.user || coupon->expires != sim::kNever) {
        return false;
      }
    }
  }
  for (const OrderTruth& order : truth_.orders()) {
    const bool timed_out = order.exists && order.row.reason == Reason::kTimeout;
    if (order.declined || timed_out) {
      return false;
    }
  }
  return true;
}

}  // namespace sagasim::domain
