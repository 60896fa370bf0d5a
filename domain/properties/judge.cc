#include "domain/properties/judge.h"

#include <bit>
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
      commands_(truth_, reporter_, policy),
      process_(truth_, reporter_),
      compensation_(truth_, reporter_, policy),
      rank_(truth_, reporter_),
      platform_(truth_, reporter_),
      serial_(truth_, reporter_),
      dead_letters_(truth_, reporter_),
      liveness_(truth_, reporter_),
      progress_(truth_, reporter_),
      rules_(truth_, reporter_, policy),
      histories_(truth_, reporter_),
      resources_(truth_, reporter_) {}

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
  reporter_.set_operation(commit.operation.id);
  rules_.begin(cause_of(commit.operation.invocation), commit.operation.invocation.subject);
  bool business = false;
  for (const sim::RowChange& change : commit.changes) {
    business = business || !change.table->technical();
    if (change.table == &shop_->product().ranks || change.table == &shop_->product().rank_history) {
      on_rank(change, at);
    }
    const sim::TableBase* table = change.table;
    if (change.after == nullptr) {
      if (table->name() == sim::Name("outbox")) {
        rules_.on_published(before<OutboxRow>(change)->event, at);
      }
      continue;
    }
    // A table belongs to one service, wherever it is kept.
    if (table == &shop_->order().orders) {
      on_order(change, at);
    } else if (table == &shop_->balance().balances) {
      money_.on_balance(before<BalanceRow>(change), after<BalanceRow>(change), at);
    } else if (table == &shop_->balance().entries) {
      rules_.on_entry(after<BalanceEntry>(change), at);
      money_.on_entry(after<BalanceEntry>(change), at);
    } else if (table == &shop_->balance().participants) {
      on_participant(Party::kBalance, change, at);
    } else if (table == &shop_->product().products) {
      on_product(change, at);
    } else if (table == &shop_->product().stocks) {
      stock_.on_stock(after<StockRow>(change), at);
    } else if (table == &shop_->product().entries) {
      rules_.on_entry(after<StockEntry>(change), at);
      stock_.on_entry(after<StockEntry>(change), at);
    } else if (table == &shop_->product().participants) {
      on_participant(Party::kStock, change, at);
    } else if (table == &shop_->coupon().coupons) {
      rules_.on_coupon(before<UserCouponRow>(change), after<UserCouponRow>(change), at);
      coupon_.on_coupon(before<UserCouponRow>(change), after<UserCouponRow>(change),
                        commit.operation.invocation.subject, at);
    } else if (table == &shop_->coupon().campaigns) {
      rules_.on_campaign(before<CampaignRow>(change), after<CampaignRow>(change), at);
      coupon_.on_campaign(after<CampaignRow>(change));
    } else if (table == &shop_->coupon().participants) {
      on_participant(Party::kCoupon, change, at);
    } else if (table->name() == sim::Name("inbox")) {
      rules_.on_inbox(after<InboxRow>(change), at);
    } else if (table == &shop_->payment().payments) {
      on_payment(change, at);
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
  coupon_.settle(at);
  rules_.settle(at);
  const sim::Invocation& invocation = commit.operation.invocation;
  if (business) {
    commands_.on_effect(invocation, at);
  }
  events_properties_.on_commit(invocation, business, at);
  if (invocation.trigger == name_of(EventType::kOrderFailed)) {
    if (OrderTruth* order = truth_.order(invocation.subject)) {
      failure_handled(*order, invocation.scope);
    }
  }
  reporter_.set_operation(0);
}

void Judge::on_order(const sim::RowChange& change, sim::Instant at) {
  const OrderRow* old = before<OrderRow>(change);
  const OrderRow& row = after<OrderRow>(change);
  OrderTruth* order = truth_.order(row.facts.order);
  if (order == nullptr) {
    order = truth_.adopt(row.facts.order);
  }
  if (order == nullptr) {
    return;
  }
  if (policy_.transport == Transport::kCalls && row.facts.coupon.none()) {
    order->parties[static_cast<int>(Party::kCoupon)].idle = true;
  }
  rules_.on_order(*order, old, row, at);
  histories_.on_order(*order, old, row, at);
  money_.on_order(*order, old, row, at);
  order_.on_order(*order, old, row, at);
  process_.on_order(*order, old, row, at);
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
    if (policy_.publish != Publish::kOutbox && policy_.transport == Transport::kBroker) {
      announced(*order, *type, at);
    }
  }
}

void Judge::on_participant(Party party, const sim::RowChange& change, sim::Instant at) {
  const ParticipantRow& row = after<ParticipantRow>(change);
  rules_.on_participant(party, before<ParticipantRow>(change), row, at);
  compensation_.on_participant(party, before<ParticipantRow>(change), row, at);
  if (const OrderTruth* order = truth_.order(row.order)) {
    process_.on_participant(party, *order, at);
    if (row.state == ParticipantState::kCompensated) {
      progress_.on_undone(party, *order, at);
    }
  }
}

void Judge::on_payment(const sim::RowChange& change, sim::Instant at) {
  const PaymentRow& row = after<PaymentRow>(change);
  if (OrderTruth* order = truth_.order(row.facts.order)) {
    rules_.on_payment(*order, before<PaymentRow>(change), row, at);
    progress_.on_payment(*order, row.status, at);
  }
  payment_.on_payment(before<PaymentRow>(change), row, at);
}

void Judge::on_product(const sim::RowChange& change, sim::Instant at) {
  const ProductRow& row = after<ProductRow>(change);
  rules_.on_product(before<ProductRow>(change), row, at);
  if (ProductTruth* product = truth_.product(row.product)) {
    product->offers.push_back(ProductTruth::Offer{at, row.price, row.status});
  }
}

void Judge::on_rank(const sim::RowChange& change, sim::Instant at) {
  const auto* old = before<RankRow>(change);
  const auto* now = static_cast<const RankRow*>(change.after);
  const RankRow& row = now != nullptr ? *now : *old;
  rank_.on_score(row.day, row.product,
                 (now != nullptr ? now->score : 0) - (old != nullptr ? old->score : 0), at);
}

void Judge::on_outbox(const sim::RowChange& change, sim::Instant at) {
  const Event& event = after<OutboxRow>(change).event;
  if (OrderTruth* order = truth_.order(event.facts.order)) {
    announced(*order, event.type, at);
  }
}

void Judge::announced(OrderTruth& order, EventType type, sim::Instant at) {
  if (policy_.transport == Transport::kOneTransaction) {
    return;  // the decision is the row, and nobody acts on the announcement
  }
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
  if (policy_.transport == Transport::kOneTransaction) {
    return;  // a note for the data platform, which has a property of its own
  }
  events_properties_.on_append(event, record.digest, record.appended);
  // What is said in memory is said once: there is nobody who would say it again.
  const bool in_memory =
      policy_.transport == Transport::kCalls ||
      (policy_.publish != Publish::kOutbox && policy_.transport == Transport::kInProcess);
  if (in_memory) {
    if (OrderTruth* order = truth_.order(event.facts.order)) {
      announced(*order, event.type, record.appended);
    }
  }
}

void Judge::on_delivered(const sim::Record& record, const sim::Invocation& invocation) {
  progress_.on_delivered(record, invocation, shop_->now());
}

void Judge::on_request(const sim::Node& service, const sim::HttpRequest& request) {
  progress_.on_request(service.role(), request, shop_->now());
}

void Judge::on_handled(const sim::Record& record, const sim::Invocation& invocation) {
  dead_letters_.on_handled();
  OrderTruth* order = record.corrupt ? nullptr : truth_.order(record.subject);
  if (order == nullptr) {
    return;
  }
  events_properties_.on_handled(*order, record.payload.as<Event>().type, invocation.scope);
  if (invocation.scope == group::kOrder) {
    process_.on_handled(*order, shop_->now());
    check_cache(*order, false);
  }
  if (record.type == name_of(EventType::kOrderFailed)) {
    failure_handled(*order, invocation.scope);
  }
}

void Judge::check_cache(const OrderTruth& order, bool over) {
  if (policy_.steps == StepStore::kDatabase) {
    return;
  }
  const bool ahead = policy_.steps == StepStore::kCache;  // of the row, until the order is decided
  for (std::uint32_t i = 0; i < kSteps; ++i) {
    const std::optional<StepState> cached =
        OrderCache::peek(*shop_->cache(), order.command->name, static_cast<Step>(i));
    if (cached) {
      process_.on_cached(static_cast<Party>(i), *cached, order, over || !ahead, shop_->now());
    }
  }
}

// What a group has committed or acknowledged for OrderFailed is the end of the order there. Others
// work under that name too: the relay that sends it.
void Judge::failure_handled(OrderTruth& order, sim::Name group) {
  for (int i = 0; i < kParties; ++i) {
    order.parties[i].failure_handled |= group == kPartyGroup[i];
  }
}

void Judge::on_exchange(const sim::Exchange& exchange) {
  if (exchange.service == role::kDataPlatform) {
    platform_.on_record(exchange.request.body.as<GatewayBody>(), exchange.at);
    return;
  }
  payment_.on_gateway(exchange.request.key, exchange.request.method == gateway_method::kCharge,
                      exchange.request.body.as<GatewayBody>(), exchange.answer.as<GatewayAnswer>(),
                      exchange.at);
}

void Judge::on_answer(const CommandHistory& history, sim::Instant at) {
  order_.on_answer(history, at);
  commands_.on_answer(history, at);
  histories_.on_answer(history, at);
}

void Judge::on_missing(sim::Subject order, sim::Instant asked, sim::Instant at) {
  histories_.on_missing(order, asked, at);
}

void Judge::on_read(sim::Subject order, std::uint8_t status, sim::Instant asked, sim::Instant at) {
  order_.on_read(order, status, asked, at);
}

void Judge::on_balance_read(sim::Subject user, Money amount, sim::Instant asked, sim::Instant at) {
  money_.on_read(user, amount, asked, at);
}

void Judge::on_top_read(const TopReply& reply, sim::Instant asked, sim::Instant at) {
  rank_.on_read(reply, asked, at);
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
    std::optional<sim::Stuck> why = diagnosis->of(name);
    if (!why) {
      const bool local = policy_.transport == Transport::kInProcess;
      why =
          lost(order, {shop_->broker().skipped(), shop_->broker().missed(),
                       local ? &shop_->local_losses() : nullptr, policy_.steps == StepStore::kCache,
                       policy_.transport == Transport::kCalls});
    }
    orders.push_back(StuckOrder{name, *why});
  }
  return orders;
}

void Judge::at_end(sim::Instant at, bool faultless, const sim::Witness* witness) {
  const bool ample_run = faultless && ample();
  for (const OrderTruth& order : truth_.orders()) {
    commands_.at_end(order, at);
    if (order.command->kind != CommandKind::kCreateOrder) {
      continue;
    }
    money_.at_end(order, at);
    payment_.at_end(order, at);
    stock_.at_end(order, at);
    coupon_.at_end(order, at);
    order_.at_end(order, at);
    if (policy_.transport != Transport::kOneTransaction) {
      events_properties_.at_end(order, at);
    }
    inboxes_at_end(order, at);
    check_cache(order, true);
    compensation_.at_end(order, at);
    platform_.at_end(order, at);
    rank_.at_end(order, shop_->day(order.row.completed));
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
  rank_.scores_at_end(at);
  serial_.at_end(workload_, at);
  const std::uint64_t unpublished = shop_->unpublished() - shop_->broker().lag();
  events_properties_.outboxes_at_end(unpublished, at);
  const sim::Broker& broker = shop_->broker();
  const std::uint64_t lag = broker.lag();
  liveness_.queues_at_end(unpublished, lag, at);
  if (lag == 0) {
    progress_.waiting_at_end({}, {}, at);  // looking costs more than knowing
  } else {
    progress_.waiting_at_end(broker.outstanding(), broker.progress(), at);
  }
  if (shop_->cache() != nullptr) {
    resources_.cache_at_end(OrderCache::lasting(*shop_->cache()), at);
  }
}

// Message keeps nothing: what it has passed on, the platform knows. And calls need no inbox.
void Judge::inboxes_at_end(const OrderTruth& order, sim::Instant at) {
  if (policy_.consume == Consume::kNone || policy_.transport == Transport::kCalls) {
    return;
  }
  const Store* const stores[kGroupCount] = {
      &shop_->balance(), &shop_->coupon(), &shop_->product(), &shop_->payment(), &shop_->order(),
      &shop_->product(), nullptr};
  for (std::uint32_t i = 0; i < kGroupCount; ++i) {
    if (order.handled[i] == 0 || stores[i] == nullptr) {
      continue;
    }
    for (int type = 0; type < kEventTypes; ++type) {
      if ((order.handled[i] >> type & 1) == 0) {
        continue;
      }
      const InboxRow row{order.command->name, order.event_ids[type], group_of(i).hash()};
      events_properties_.inbox_at_end(order, static_cast<EventType>(type), group_of(i),
                                      stores[i]->inbox.peek(row.key()) != nullptr, at);
    }
  }
}

void Judge::at_rest(sim::Instant at) {
  std::uint64_t handled = 0;
  for (const OrderTruth& order : truth_.orders()) {
    // A record may be lost before a group that has committed its work can say that it is done.
    for (std::uint32_t i = 0; i < kGroupCount; ++i) {
      const unsigned types = order.handled[i] | order.committed[i];
      handled += static_cast<std::uint64_t>(std::popcount(types));
    }
  }
  const ShopSizes sizes = shop_->sizes();
  resources_.locks_at_rest(sizes.open_databases, at);
  resources_.memory_at_rest(sizes.inbox_rows, handled, sizes.request_rows,
                            workload_.commands.size(), at);
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
    if (product.status != SellStatus::kSelling) {
      return false;
    }
  }
  for (const InitialCoupon& coupon : workload_.coupons) {
    coupons[coupon.coupon] = &coupon;
  }
  for (const Command& command : workload_.commands) {
    const bool meddles = command.kind == CommandKind::kCancelOrder ||
                         (is_of_manager(command.kind) && command.kind != CommandKind::kRestock);
    if (meddles) {
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
