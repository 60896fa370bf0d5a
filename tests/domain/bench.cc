#include "tests/domain/bench.h"

#include <algorithm>
#include <optional>

namespace sagasim::domain {
namespace {

using sim::Subject;

constexpr Subject kCompleting('c', 1, 1);
constexpr Subject kCharging('c', 1, 2);
constexpr Subject kFailing('c', 2, 1);
constexpr Subject kMissing('c', 2, 2);

constexpr Party kAllParties[] = {Party::kBalance, Party::kCoupon, Party::kStock};
constexpr EventType kDone[] = {EventType::kBalanceUsed, EventType::kCouponUsed,
                               EventType::kStockDeducted};
constexpr sim::Name kGroups[] = {group::kBalance, group::kCoupon, group::kStock};

Command create_command(Subject name, Subject coupon, std::initializer_list<CommandLine> lines) {
  Command command;
  command.name = name;
  command.user = Subject('u', name.major());
  command.coupon = coupon;
  for (const CommandLine& line : lines) {
    command.lines.push_back(line);
  }
  return command;
}

Workload small_workload() {
  Workload workload;
  workload.users = {{Subject('u', 1), 10'000}, {Subject('u', 2), 10'000}};
  workload.products = {{Subject('p', 1), 1'000, 10}, {Subject('p', 2), 500, 10}};
  workload.coupons = {{Subject('k', 1), Subject('u', 1), 1'000, sim::kNever},
                      {Subject('k', 2), Subject('u', 2), 1'000, sim::kNever}};
  workload.campaigns = {{Subject('d', 1), 1'000, 2, CampaignStatus::kPublishable, sim::kNever}};
  workload.commands = {
      create_command(kCompleting, Subject('k', 1), {{Subject('p', 1), 2}, {Subject('p', 2), 1}}),
      create_command(kCharging, Subject(), {}),
      create_command(kFailing, Subject('k', 2), {{Subject('p', 1), 1}}),
      create_command(kMissing, Subject(), {{Subject('p', 2), 1}})};
  workload.commands[1].kind = CommandKind::kCharge;
  workload.commands[1].amount = 5'000;
  return workload;
}

OrderFacts facts_of(const Workload& workload, const Command& command) {
  OrderFacts facts{command.name, 1, command.user, command.coupon, 0, 0, {}};
  Money gross = 0;
  for (const CommandLine& line : command.lines) {
    const Money price = workload.products[line.product.major() - 1].price;
    facts.lines.push_back(OrderLine{line.product, line.quantity, price});
    gross += price * line.quantity;
  }
  facts.discount = command.coupon.none() ? 0 : gross / 10;
  facts.total = gross - facts.discount;
  return facts;
}

// By what work a payment comes into a status.
sim::Name cause_of(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::kWaiting:
      return name_of(EventType::kPaymentWaited);
    case PaymentStatus::kCompleted:
    case PaymentStatus::kFailed:
      return "charge-job";
    case PaymentStatus::kRefunding:
      return name_of(EventType::kOrderCompleteFailed);
    case PaymentStatus::kCanceled:
      return "refund-job";
  }
  return {};
}

// What an event of that type answers in the histories told here.
std::optional<EventType> cause_of(EventType type) {
  switch (type) {
    case EventType::kBalanceUsed:
    case EventType::kBalanceUseFailed:
    case EventType::kCouponUsed:
    case EventType::kCouponUseFailed:
    case EventType::kStockDeducted:
    case EventType::kStockDeductFailed:
      return EventType::kOrderCreated;
    case EventType::kPaymentWaited:
      return EventType::kStockDeducted;
    case EventType::kOrderCompleted:
      return EventType::kPaymentPaid;
    case EventType::kOrderFailed:
      return EventType::kPayFailed;
    default:
      return std::nullopt;
  }
}

}  // namespace

Bench::Bench() : workload_(small_workload()), truth_(workload_), judge_(workload_, policy_) {
  progress_.set_deadlines({sim::kStart, sim::seconds(1), sim::seconds(1)});
  for (const InitialUser& user : workload_.users) {
    balances_[user.user] = BalanceRow{user.user, user.balance, 0};
  }
  for (const InitialProduct& product : workload_.products) {
    stocks_[product.product] = StockRow{product.product, product.stock};
    products_[product.product] = ProductRow{product.product, product.price, SellStatus::kSelling};
  }
  for (const InitialCoupon& coupon : workload_.coupons) {
    coupons_[coupon.coupon] =
        UserCouponRow{coupon.coupon, coupon.owner, coupon.rate_bp, coupon.expires, {}, {}};
  }
  for (const InitialCampaign& campaign : workload_.campaigns) {
    campaigns_[campaign.campaign] =
        CampaignRow{campaign.campaign, campaign.rate_bp, campaign.quantity,
                    CampaignStatus::kPublishable, campaign.expires};
  }
  for (const Command& command : workload_.commands) {
    facts_[command.name] = facts_of(workload_, command);
  }
}

OrderFacts& Bench::facts(Subject order) { return facts_.at(order); }

Command& Bench::command(Subject name) {
  return *std::find_if(workload_.commands.begin(), workload_.commands.end(),
                       [name](const Command& command) { return command.name == name; });
}

// --- order ---

void Bench::create(Subject order) {
  change(order, method::kCreateOrder, [&](OrderRow& row) {
    row.facts = facts(order);
    row.created = now_;
  });
  truth(order).required |= set_of(EventType::kOrderCreated);
  announce(order, EventType::kOrderCreated);
}

void Bench::create_again(Subject order) {
  const Subject other = repeated_order(order, 0);
  truth_.adopt(other);
  OrderFacts facts = facts_.at(order);
  facts.order = other;
  facts_[other] = facts;
  create(other);
}

void Bench::wait_for_payment(Subject order) {
  hear(order, EventType::kBalanceUsed, Party::kBalance, StepState::kSuccess);
  hear(order, EventType::kCouponUsed, Party::kCoupon, StepState::kSuccess);
  change(order, name_of(EventType::kStockDeducted), [](OrderRow& row) {
    row.stock = StepState::kSuccess;
    row.phase = OrderPhase::kPayWait;
  });
  truth(order).required |= set_of(EventType::kPaymentWaited);
  announce(order, EventType::kPaymentWaited);
}

void Bench::hear(Subject order, EventType type, Party party, StepState step) {
  change(order, name_of(type), [party, step](OrderRow& row) {
    (party == Party::kBalance  ? row.balance
     : party == Party::kCoupon ? row.coupon
                               : row.stock) = step;
  });
}

void Bench::complete(Subject order) {
  change(order, name_of(EventType::kPaymentPaid), [&](OrderRow& row) {
    row.phase = OrderPhase::kDone;
    row.status = OrderStatus::kCompleted;
    row.completed = now_;
  });
  truth(order).required |= set_of(EventType::kOrderCompleted);
  announce(order, EventType::kOrderCompleted);
}

void Bench::cancel(Subject order, Reason reason) {
  change(order, name_of(EventType::kPayFailed), [reason](OrderRow& row) {
    row.phase = OrderPhase::kFailed;
    row.status = OrderStatus::kCanceled;
    row.reason = reason;
  });
  truth(order).required |= set_of(EventType::kOrderFailed);
  announce(order, EventType::kOrderFailed);
}

void Bench::rewrite(Subject order, const std::function<void(OrderRow&)>& change) {
  this->change(order, sim::Name(), change);
}

void Bench::change(Subject order, sim::Name by, const std::function<void(OrderRow&)>& change) {
  OrderTruth& truth = this->truth(order);
  const OrderRow before = truth.row;
  const OrderRow* old = truth.exists ? &before : nullptr;
  OrderRow after = before;
  change(after);
  rules_.begin(by, order);
  rules_.on_order(truth, old, after, now_);
  histories_.on_order(truth, old, after, now_);
  money_.on_order(truth, old, after, now_);
  order_.on_order(truth, old, after, now_);
  process_.on_order(truth, old, after, now_);
  compensation_.on_order(truth, old, after, now_);
  truth.exists = true;
  truth.row = after;
}

void Bench::answer(Subject order, Answer answer) {
  CommandHistory history;
  history.command = &command(order);
  history.finished = true;
  history.answer = answer;
  order_.on_answer(history, now_);
  commands_.on_answer(history, now_);
}

void Bench::answer_charge(Subject charge, Answer answer) {
  histories_.on_answer(CommandHistory{&command(charge), 1, now_, true, answer, now_}, now_);
}

void Bench::answer_cancellation(Subject order, Answer answer) {
  cancellation_.name = Subject('c', order.major(), 9);
  cancellation_.kind = CommandKind::kCancelOrder;
  cancellation_.order = order;
  histories_.on_answer(CommandHistory{&cancellation_, 1, now_, true, answer, now_}, now_);
}

void Bench::miss(Subject order) { histories_.on_missing(order, now_, now_); }

void Bench::read_balance(Subject user) { read_balance_as(user, balances_.at(user).amount); }

void Bench::read_balance_as(Subject user, Money amount) {
  money_.on_read(user, amount, now_, now_);
}

void Bench::execute(Subject create) {
  sim::Invocation invocation;
  invocation.scope = method::kCreateOrder;
  invocation.subject = create;
  commands_.on_effect(invocation, now_);
}

void Bench::hear_steps(Subject order) {
  for (const EventType type : kDone) {
    events_.on_handled(truth(order), type, group::kOrder);
  }
  process_.on_handled(truth(order), now_);
  for (const Party party : kAllParties) {
    cache_step(party, order, StepState::kSuccess);
  }
}

void Bench::cache_step(Party party, Subject order, StepState state) {
  process_.on_cached(party, state, truth(order), true, now_);
}

void Bench::read(Subject order, OrderStatus status) {
  order_.on_read(order, static_cast<std::uint8_t>(status), now_, now_);
}

// --- participants ---

void Bench::take(Party party, Subject order) {
  const OrderFacts& facts = this->facts(order);
  switch (party) {
    case Party::kBalance:
      change_balance(facts.user, -facts.total);
      enter(EntryKind::kUse, order, facts.user, facts.total);
      break;
    case Party::kCoupon:
      hand_coupon(facts.coupon, order, order);
      break;
    case Party::kStock:
      for (std::uint32_t line = 0; line < command(order).lines.size(); ++line) {
        move_line(StockMove::kDeduct, order, line);
      }
      break;
  }
  participant(party, order, ParticipantState::kApplied);
  settle();
  effect(kGroups[static_cast<int>(party)], order, EventType::kOrderCreated);
}

void Bench::give_back(Party party, Subject order) {
  const OrderFacts& facts = this->facts(order);
  switch (party) {
    case Party::kBalance:
      change_balance(facts.user, facts.total);
      enter(EntryKind::kRefund, order, facts.user, facts.total);
      break;
    case Party::kCoupon:
      hand_coupon(facts.coupon, Subject(), order);
      break;
    case Party::kStock:
      for (std::uint32_t line = 0; line < command(order).lines.size(); ++line) {
        move_line(StockMove::kRestore, order, line);
      }
      break;
  }
  participant(party, order, ParticipantState::kCompensated);
  settle();
  truth(order).parties[static_cast<int>(party)].failure_handled = true;
}

void Bench::participant(Party party, Subject order, ParticipantState state, Reason reason) {
  ParticipantRow& row = participants_[{order, party}];
  const ParticipantRow before = row;
  row = ParticipantRow{order, 0, state, reason, now_, facts(order)};
  const bool is_new = before.state == ParticipantState::kNone;
  const bool undoes =
      state == ParticipantState::kCompensated || state == ParticipantState::kTombstone;
  rules_.begin(name_of(undoes ? EventType::kOrderFailed : EventType::kOrderCreated), order);
  rules_.on_participant(party, is_new ? nullptr : &before, row, now_);
  compensation_.on_participant(party, is_new ? nullptr : &before, row, now_);
  process_.on_participant(party, truth(order), now_);
  if (state == ParticipantState::kCompensated) {
    progress_.on_undone(party, truth(order), now_);
  }
}

void Bench::charge(Subject name) {
  const Command& charge = command(name);
  change_balance(charge.user, charge.amount);
  enter(EntryKind::kCharge, name, charge.user, charge.amount);
  settle();
  truth(name).executions = 1;
  accept_unbooked(name);
}

void Bench::accept_unbooked(Subject charge) {
  charged_.assign(1, CommandHistory{&command(charge), 1, now_, true, Answer::kAccepted, now_});
}

void Bench::change_balance(Subject user, Money by) {
  BalanceRow& row = balances_.at(user);
  const BalanceRow before = row;
  row.amount += by;
  ++row.version;
  money_.on_balance(&before, row, now_);
}

void Bench::enter(EntryKind kind, Subject source, Subject user, Money amount) {
  const BalanceEntry entry{source, kind, 0, user, amount};
  rules_.begin(kind == EntryKind::kCharge ? method::kCharge
               : kind == EntryKind::kUse  ? name_of(EventType::kOrderCreated)
                                          : name_of(EventType::kOrderFailed),
               source);
  rules_.on_entry(entry, now_);
  money_.on_entry(entry, now_);
}

void Bench::hand_coupon(Subject coupon, Subject holder, Subject by) {
  UserCouponRow& row = coupons_.at(coupon);
  const UserCouponRow before = row;
  row.used_by = holder;
  row.used_at = now_;
  rules_.begin(name_of(holder.none() ? EventType::kOrderFailed : EventType::kOrderCreated), by);
  rules_.on_coupon(&before, row, now_);
  coupon_.on_coupon(&before, row, by, now_);
}

void Bench::end_coupon(Subject coupon) {
  UserCouponRow& row = coupons_.at(coupon);
  const UserCouponRow before = row;
  row.expires = now_ - sim::milliseconds(1);
  rules_.begin(method::kExpireCoupon, coupon);
  rules_.on_coupon(&before, row, now_);
  coupon_.on_coupon(&before, row, Subject(), now_);
}

void Bench::extend_coupon(Subject coupon, sim::Name by, sim::Duration by_how_much) {
  UserCouponRow before = coupons_.at(coupon);
  before.expires = now_ + sim::seconds(86'400);
  UserCouponRow after = before;
  after.expires += by_how_much;
  rules_.begin(by, sim::Subject());
  rules_.on_coupon(&before, after, now_);
}

void Bench::issue(Subject campaign, Subject user, std::int64_t left) {
  const UserCouponRow row{coupon_of(campaign, user), user, 1'000, sim::kNever, {}, {}};
  rules_.begin(method::kIssueCoupon, row.coupon);
  rules_.on_coupon(nullptr, row, now_);
  coupon_.on_coupon(nullptr, row, Subject(), now_);
  change_campaign(campaign, method::kIssueCoupon,
                  [left](CampaignRow& changed) { changed.quantity = left; });
  coupon_.settle(now_);
}

void Bench::change_campaign(Subject campaign, sim::Name by,
                            const std::function<void(CampaignRow&)>& change) {
  CampaignRow& row = campaigns_.at(campaign);
  const CampaignRow before = row;
  change(row);
  rules_.begin(by, campaign);
  rules_.on_campaign(&before, row, now_);
  coupon_.on_campaign(row);
}

void Bench::change_product(Subject product, sim::Name by,
                           const std::function<void(ProductRow&)>& change) {
  ProductRow& row = products_.at(product);
  const ProductRow before = row;
  change(row);
  rules_.begin(by, product);
  rules_.on_product(&before, row, now_);
  truth_.product(product)->offers.push_back({now_, row.price, row.status});
}

void Bench::stop_selling(Subject product) {
  change_product(product, method::kSetSelling,
                 [](ProductRow& row) { row.status = SellStatus::kStopped; });
}

void Bench::change_stock(Subject product, std::int64_t by) {
  StockRow& row = stocks_.at(product);
  row.quantity += by;
  stock_.on_stock(row, now_);
}

void Bench::move_line(StockMove move, Subject order, std::uint32_t line) {
  const CommandLine& moved = command(order).lines[line];
  const auto quantity = static_cast<std::int64_t>(moved.quantity);
  change_stock(moved.product, move == StockMove::kDeduct ? -quantity : quantity);
  const StockEntry entry{order, line, move, 0, moved.product, quantity};
  const bool takes = move == StockMove::kDeduct;
  rules_.begin(name_of(takes ? EventType::kOrderCreated : EventType::kOrderFailed), order);
  rules_.on_entry(entry, now_);
  stock_.on_entry(entry, now_);
}

void Bench::settle() {
  money_.settle(now_);
  stock_.settle(now_);
  rules_.settle(now_);
}

// --- payment ---

void Bench::pay(Subject order, PaymentStatus status) { put_payment(order, 1, status); }

void Bench::pay_again(Subject order, PaymentStatus status) { put_payment(order, 2, status); }

void Bench::put_payment(Subject order, int number, PaymentStatus status) {
  const auto known = payments_.find({order, number});
  const PaymentRow after{0, status, facts(order)};
  const PaymentRow* before = known == payments_.end() ? nullptr : &known->second;
  rules_.begin(cause_of(status), order);
  rules_.on_payment(truth(order), before, after, now_);
  progress_.on_payment(truth(order), status, now_);
  payment_.on_payment(before, after, now_);
  payments_[{order, number}] = after;
}

void Bench::gateway(Subject order, GatewayStatus status, Money amount) {
  ++gateway_key_;
  gateway_again(order, status, amount);
}

void Bench::gateway_again(Subject order, GatewayStatus status, Money amount) {
  ask_gateway(order, 1);
  const bool charge = status == GatewayStatus::kCaptured || status == GatewayStatus::kDeclined;
  payment_.on_gateway(gateway_key_, charge, GatewayBody{order, facts(order).total},
                      GatewayAnswer{status, amount}, now_);
}

void Bench::ask_gateway(Subject order, std::uint32_t times) {
  sim::HttpRequest request;
  request.method = gateway_method::kCharge;
  request.subject = order;
  for (std::uint32_t i = 0; i < times; ++i) {
    progress_.on_request(role::kGateway, request, now_);
  }
}

void Bench::tell_platform(Subject order) {
  platform_.on_record(GatewayBody{order, facts(order).total}, now_);
}

// --- events ---

void Bench::announce(Subject order, EventType type) {
  OrderTruth& truth = this->truth(order);
  order_.on_announced(truth, type, truth.exists ? &truth.row : nullptr, now_);
  payment_.on_announced(truth, type, now_);
  truth.announced |= set_of(type);
}

void Bench::log(Subject order, EventType type) { log(event(order, type)); }

Event Bench::event(Subject order, EventType type) {
  Event event;
  event.type = type;
  event.id = event_id(type, order, event.version);
  event.facts = facts(order);
  if (const std::optional<EventType> cause = cause_of(type)) {
    event.causation = event_id(*cause, order, event.version);
  }
  return event;
}

void Bench::log(const Event& event) { events_.on_append(event, sim::digest_of(event), now_); }

void Bench::effect(sim::Name group, Subject order, EventType type) {
  ++effects_;
  effect_goes_on(group, order, type);
}

void Bench::effect_goes_on(sim::Name group, Subject order, EventType type) {
  sim::Invocation invocation;
  invocation.scope = group;
  invocation.trigger = name_of(type);
  invocation.subject = order;
  invocation.attempt = effects_;
  events_.on_commit(invocation, true, now_);
}

void Bench::handle(Subject order, EventType type) {
  deliver(group::kOrder, order, type, 1);
  dead_letters_.on_handled();
}

void Bench::publish(Subject order, EventType type) {
  rules_.begin("relay", order);
  rules_.on_published(event(order, type), now_);
}

void Bench::note(Subject order, EventType type, EventType noted) {
  const std::uint64_t id = truth(order).event_ids[static_cast<int>(noted)];
  rules_.begin(name_of(type), order);
  rules_.on_inbox(InboxRow{order, id, 0}, now_);
}

void Bench::deliver(sim::Name group, Subject order, EventType type, std::uint32_t attempt) {
  sim::Record record;
  record.type = name_of(type);
  record.subject = order;
  record.event_id = event_id(type, order, 1);
  sim::Invocation invocation;
  invocation.scope = group;
  invocation.attempt = attempt;
  progress_.on_delivered(record, invocation, now_);
}

sim::DeadLetter Bench::letter(sim::Name group, Subject order, EventType type) const {
  sim::DeadLetter letter;
  letter.group = group;
  letter.record.type = name_of(type);
  letter.record.subject = order;
  letter.attempts = 4;
  letter.at = now_;
  return letter;
}

void Bench::park(sim::Name group, Subject order, EventType type) {
  dead_letters_.parked_at_end(letter(group, order, type));
}

void Bench::park_malformed(sim::Name group, EventType type) {
  sim::DeadLetter malformed = letter(group, Subject('x', 1), type);
  malformed.record.corrupt = true;
  dead_letters_.parked_at_end(malformed);
}

void Bench::skip(sim::Name group, Subject order, EventType type) {
  dead_letters_.skipped_at_end(letter(group, order, type));
}

// --- the end ---

void Bench::rank(Subject order, std::uint32_t day) {
  for (const OrderLine& line : facts(order).lines) {
    rank_.on_score(day, line.product, line.quantity, now_);
  }
}

void Bench::read_top(Subject order, std::int64_t too_much) {
  TopReply reply{true, 1, {}};
  for (const OrderLine& line : facts(order).lines) {
    if (line.quantity > 0) {
      reply.entries.push_back(TopEntry{line.product, line.quantity + too_much});
    }
  }
  rank_.on_read(reply, now_, now_);
}

void Bench::locks(std::uint32_t open) { resources_.locks_at_rest(open, now_); }

void Bench::memory(std::uint64_t inbox, std::uint64_t handled) {
  resources_.memory_at_rest(inbox, handled, 4, 4, now_);
}

void Bench::inbox(Subject order, EventType type, sim::Name group, bool written) {
  events_.inbox_at_end(truth(order), type, group, written, now_);
}

void Bench::outboxes(std::uint64_t rows) { events_.outboxes_at_end(rows, now_); }

void Bench::end() {
  for (const OrderTruth& order : truth_.orders()) {
    commands_.at_end(order, now_);
    if (order.command->kind != CommandKind::kCreateOrder) {
      continue;
    }
    money_.at_end(order, now_);
    payment_.at_end(order, now_);
    stock_.at_end(order, now_);
    coupon_.at_end(order, now_);
    order_.at_end(order, now_);
    events_.at_end(order, now_);
    compensation_.at_end(order, now_);
    platform_.at_end(order, now_);
    rank_.at_end(order, 0);
    const sim::Stuck why = lost(order, {});
    liveness_.at_end(order, order.open() ? &why : nullptr, now_);
  }
  for (const CommandHistory& history : charged_) {
    money_.charge_at_end(history, now_);
  }
  coupon_.coupons_at_end(now_);
  stock_.products_at_end(now_);
  rank_.scores_at_end(now_);
  serial_.at_end(workload_, now_);
}

void Bench::end_of_ample(Subject order) { compensation_.ample_at_end(truth(order), now_); }

void Bench::queues(std::uint64_t unpublished, std::uint64_t lag) {
  liveness_.queues_at_end(unpublished, lag, now_);
  progress_.waiting_at_end({}, {}, now_);
}

// Group payment has a record of `failing` in hand, and fails on it.
void Bench::wait_behind(Subject failing, Subject order, EventType type) {
  sim::Record first;
  first.topic = first.type = name_of(type);
  first.subject = failing;
  sim::Record next;
  next.topic = next.type = first.type;
  next.subject = order;
  next.offset = 1;
  const std::vector<sim::Outstanding> waiting = {{group::kPayment, nullptr, &first, &first},
                                                 {group::kPayment, nullptr, &next, &first}};
  sim::World world(1);
  sim::Progress place;
  place.group = group::kPayment;
  place.topic = first.topic;
  place.owner = &world.add_server(role::kPayment);
  place.retries = 1;
  progress_.waiting_at_end(waiting, {place}, now_);
}

void Bench::cache(const std::vector<sim::CacheKey>& lasting) {
  resources_.cache_at_end(lasting, now_);
}

void Bench::redeliver(std::uint64_t digest_before, std::uint64_t digest_after) {
  judge_.after_redelivery(digest_before, digest_after, 6, now_);
}

std::vector<Reporter::Finding> Bench::findings() const {
  std::vector<Reporter::Finding> all = reporter_.findings();
  const std::vector<Reporter::Finding>& more = judge_.reporter().findings();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// --- History ---

History::Steps::iterator History::find(std::string_view name) {
  const auto found = std::find_if(steps_.begin(), steps_.end(),
                                  [name](const auto& step) { return step.first == name; });
  SAGASIM_CHECK(found != steps_.end(), "the history has no such step");
  return found;
}

void History::replace(std::string_view name, Step step) { find(name)->second = std::move(step); }

void History::drop(std::string_view name) { steps_.erase(find(name)); }

void History::after(std::string_view name, Step step) {
  steps_.insert(find(name) + 1, {"", std::move(step)});
}

void History::before(std::string_view name, Step step) {
  steps_.insert(find(name), {"", std::move(step)});
}

void History::move_before(std::string_view name, std::string_view other) {
  auto moved = *find(name);
  drop(name);
  steps_.insert(find(other), std::move(moved));
}

void History::move_after(std::string_view name, std::string_view other) {
  auto moved = *find(name);
  drop(name);
  steps_.insert(find(other) + 1, std::move(moved));
}

void History::tell(Bench& bench) const {
  for (const auto& [name, step] : steps_) {
    bench.tick();
    step(bench);
  }
}

// --- the sound one ---

namespace {

void add_log(History& history, Subject order, EventType type) {
  history.add("log " + std::string(to_text(type)) + " of " + to_text(order),
              [order, type](Bench& bench) {
                bench.log(order, type);
                bench.handle(order, type);
              });
}

// From its creation to the payment that is under way.
void add_beginning(History& history, Subject order) {
  const std::string name = to_text(order);
  history.add("create " + name, [order](Bench& bench) {
    bench.create(order);
    bench.execute(order);
  });
  add_log(history, order, EventType::kOrderCreated);
  for (const Party party : kAllParties) {
    history.add(std::string(to_text(party)) + " takes " + name,
                [party, order](Bench& bench) { bench.take(party, order); });
    add_log(history, order, kDone[static_cast<int>(party)]);
  }
  history.add(name + " waits", [order](Bench& bench) { bench.wait_for_payment(order); });
  history.add(name + " is heard", [order](Bench& bench) { bench.hear_steps(order); });
  add_log(history, order, EventType::kPaymentWaited);
  history.add("payment of " + name + " opens",
              [order](Bench& bench) { bench.pay(order, PaymentStatus::kWaiting); });
}

void add_completion(History& history) {
  history.add("gateway captures c1.1", [](Bench& bench) {
    bench.gateway(kCompleting, GatewayStatus::kCaptured, bench.facts(kCompleting).total);
  });
  history.add("payment of c1.1 completes",
              [](Bench& bench) { bench.pay(kCompleting, PaymentStatus::kCompleted); });
  add_log(history, kCompleting, EventType::kPaymentPaid);
  history.add("c1.1 completes", [](Bench& bench) { bench.complete(kCompleting); });
  add_log(history, kCompleting, EventType::kOrderCompleted);
  history.add("c1.1 is answered",
              [](Bench& bench) { bench.answer(kCompleting, Answer::kAccepted); });
  history.add("c1.1 is read",
              [](Bench& bench) { bench.read(kCompleting, OrderStatus::kCompleted); });
  history.add("c1.1 is not canceled",
              [](Bench& bench) { bench.answer_cancellation(kCompleting, Answer::kRejected); });
  history.add("c1.1 is told on", [](Bench& bench) { bench.tell_platform(kCompleting); });
  history.add("c1.1 is ranked", [](Bench& bench) { bench.rank(kCompleting, 0); });
  history.add("the best are read", [](Bench& bench) { bench.read_top(kCompleting, 0); });
}

void add_failure(History& history) {
  history.add("gateway declines c2.1",
              [](Bench& bench) { bench.gateway(kFailing, GatewayStatus::kDeclined, 0); });
  history.add("payment of c2.1 fails",
              [](Bench& bench) { bench.pay(kFailing, PaymentStatus::kFailed); });
  add_log(history, kFailing, EventType::kPayFailed);
  history.add("c2.1 fails", [](Bench& bench) { bench.cancel(kFailing, Reason::kDeclined); });
  add_log(history, kFailing, EventType::kOrderFailed);
  for (const Party party : kAllParties) {
    history.add(std::string(to_text(party)) + " gives back c2.1",
                [party](Bench& bench) { bench.give_back(party, kFailing); });
  }
}

}  // namespace

History sound_history() {
  History history;
  history.add("d1.1 is issued",
              [](Bench& bench) { bench.issue(Subject('d', 1), Subject('u', 1), 1); });
  history.add("c1.2 is booked", [](Bench& bench) { bench.charge(kCharging); });
  history.add("c1.2 is answered",
              [](Bench& bench) { bench.answer_charge(kCharging, Answer::kAccepted); });
  history.add("u1 looks", [](Bench& bench) { bench.read_balance(Subject('u', 1)); });
  add_beginning(history, kCompleting);
  add_completion(history);
  add_beginning(history, kFailing);
  add_failure(history);
  history.add("the end", [](Bench& bench) { bench.end(); });
  history.add("the end of plenty", [](Bench& bench) { bench.end_of_ample(kCompleting); });
  history.add("the dead letters", [](Bench& bench) {
    bench.park_malformed(group::kBalance, EventType::kOrderCreated);
  });
  history.add("the queues", [](Bench& bench) { bench.queues(0, 0); });
  history.add("the locks", [](Bench& bench) { bench.locks(0); });
  history.add("the memory", [](Bench& bench) { bench.memory(7, 7); });
  history.add("the cache", [](Bench& bench) { bench.cache({}); });
  history.add("the inboxes", [](Bench& bench) {
    bench.inbox(kCompleting, EventType::kOrderCreated, group::kBalance, true);
    bench.outboxes(0);
  });
  history.add("old events again", [](Bench& bench) { bench.redeliver(7, 7); });
  return history;
}

}  // namespace sagasim::domain
