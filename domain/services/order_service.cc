#include "domain/services/order_service.h"

#include <algorithm>

#include "domain/names.h"
#include "domain/order_facade.h"

namespace sagasim::domain {

using sim::Handled;
using sim::Outcome;

namespace {

struct StepOutcome {
  Step step;
  StepState state;
};

StepOutcome outcome_of(EventType type) {
  switch (type) {
    case EventType::kBalanceUsed:
      return {Step::kBalance, StepState::kSuccess};
    case EventType::kBalanceUseFailed:
      return {Step::kBalance, StepState::kFailed};
    case EventType::kCouponUsed:
      return {Step::kCoupon, StepState::kSuccess};
    case EventType::kCouponUseFailed:
      return {Step::kCoupon, StepState::kFailed};
    case EventType::kStockDeducted:
      return {Step::kStock, StepState::kSuccess};
    default:
      return {Step::kStock, StepState::kFailed};
  }
}

StepState step_of(const Steps& steps, Step step) {
  return step == Step::kBalance  ? steps.balance
         : step == Step::kCoupon ? steps.coupon
                                 : steps.stock;
}

struct StepTally {
  std::uint32_t pending = 0;
  std::uint32_t failed = 0;
};

StepTally tally_of(const Steps& steps) {
  StepTally tally;
  for (const StepState state : {steps.balance, steps.coupon, steps.stock}) {
    tally.pending += state == StepState::kPending ? 1u : 0u;
    tally.failed += state == StepState::kFailed ? 1u : 0u;
  }
  return tally;
}

// Whether no other step is pending.
bool is_last(OrderRow order, EventType type) {
  order.step(outcome_of(type).step) = outcome_of(type).state;
  return tally_of({order.balance, order.coupon, order.stock}).pending == 0;
}

bool is_payment(EventType type) {
  return type == EventType::kPaymentPaid || type == EventType::kPayFailed ||
         type == EventType::kPaymentCanceled;
}

}  // namespace

const char* to_text(OrderStatus status) {
  switch (status) {
    case OrderStatus::kCreated:
      return "CREATED";
    case OrderStatus::kCompleted:
      return "COMPLETED";
    case OrderStatus::kCanceled:
      return "CANCELED";
  }
  return "?";
}

const char* to_text(OrderPhase phase) {
  switch (phase) {
    case OrderPhase::kCollecting:
      return "COLLECTING";
    case OrderPhase::kPayWait:
      return "PAY_WAIT";
    case OrderPhase::kRefused:
      return "REFUSED";
    case OrderPhase::kDone:
      return "DONE";
    case OrderPhase::kFailed:
      return "FAILED";
  }
  return "?";
}

OrderStore::OrderStore(Backing& backing)
    : Store(backing), orders(database.add_table<OrderRow>("orders")) {}

OrderService::OrderService(const Ports& ports, OrderStore& store, const OrderPeers& peers,
                           std::unique_ptr<OrderCache> cache)
    : ShopService(ports), tables_(store), peers_(peers), cache_(std::move(cache)) {}

// --- commands ---

sim::Task<sim::Payload> OrderService::answer(sim::Context context, sim::Name method,
                                             sim::Payload request) {
  if (method == method::kGetOrder) {
    auto reading = get(context, request.as<Lookup>());
    const LookupReply reply = co_await std::move(reading);
    co_return sim::Payload::of(context.frame_pool(), reply);
  }
  auto work = method == method::kCreateOrder ? create(context, request.as<CreateOrder>())
                                             : cancel(context, request.as<CancelOrder>());
  const CommandReply reply = co_await std::move(work);
  if (conducts()) {
    auto conducting = conduct(context);
    co_await std::move(conducting);
  }
  co_return sim::Payload::of(context.frame_pool(), reply);
}

sim::Task<LookupReply> OrderService::look_up(sim::Context context, const OrderPeer* peer,
                                             sim::Name method, sim::Subject what) {
  auto request = sim::Payload::of(context.frame_pool(), Lookup{what});
  if (peer->local != nullptr) {
    auto work = peer->local->serve(context, method, std::move(request));
    const sim::Payload answer = co_await std::move(work);
    co_return answer.as<LookupReply>();
  }
  auto call = peer->remote->call(context, method, what, std::move(request));
  const sim::Reply reply = co_await call;
  co_return reply.outcome == Outcome::kOk ? reply.payload.as<LookupReply>() : LookupReply{};
}

sim::Task<CommandReply> OrderService::create(sim::Context context, CreateOrder request) {
  const std::uint64_t body = sim::digest_of(request);
  const CommandReply try_again{Answer::kTryAgain, {}};
  const bool keyed = policy().request_keys == Switch::kOn;
  if (keyed) {
    sim::Transaction remember(tables_.database, context);
    auto reading = remember.read(tables_.requests, sim::key_of(request.key));
    const std::optional<RequestRow> known = co_await reading;
    if (known) {
      co_return known->body == body ? known->reply : CommandReply{Answer::kRejected, {}};
    }
    if (remember.failed()) {
      co_return try_again;
    }
  }
  auto asking_user = look_up(context, &peers_.users, method::kGetUser, request.user);
  const LookupReply user = co_await std::move(asking_user);
  if (!user.available) {
    co_return try_again;
  }
  bool valid = user.found && !request.lines.empty();
  OrderRow order;
  order.facts.order = request.key;
  if (!keyed) {
    auto naming = name_for(context, request.key);
    order.facts.order = co_await std::move(naming);
  }
  // What everybody draws from one counter makes each depend on all before: only where it is used.
  if (policy().refund_lookup == RefundLookup::kByNumber) {
    order.facts.number = ++tables_.counted;
  }
  order.facts.user = request.user;
  order.facts.coupon = request.coupon;
  Money gross = 0;
  for (const LineRequest& line : request.lines) {
    auto asking = look_up(context, &peers_.products, method::kGetProduct, line.product);
    const LookupReply product = co_await std::move(asking);
    if (!product.available) {
      co_return try_again;
    }
    valid = valid && product.found && product.usable && line.quantity > 0;
    order.facts.lines.push_back(OrderLine{line.product, line.quantity, product.amount});
    gross = policy().arithmetic == Arithmetic::kChecked
                ? add(gross, multiply(product.amount, line.quantity))
                : wrapping_add(gross, wrapping_multiply(product.amount, line.quantity));
  }
  valid = valid && gross >= 0;  // as it is, unless it wrapped around
  if (!request.coupon.none()) {
    auto asking = look_up(context, &peers_.coupons, method::kGetCoupon, request.coupon);
    const LookupReply coupon = co_await std::move(asking);
    if (!coupon.available) {
      co_return try_again;
    }
    valid = valid && coupon.found && coupon.usable;
    order.facts.discount = discount(gross, coupon.rate_bp);
  }
  if (conducts() && request.coupon.none()) {
    order.coupon = StepState::kSuccess;  // nobody needs to be asked
  }
  order.facts.total = gross - order.facts.discount;
  order.created = context.clock();

  if (valid && facade() != nullptr) {
    auto placing = place(context, request.key, body, order);
    const CommandReply placed = co_await std::move(placing);
    co_return placed;
  }
  UnitOfWork work(*this, context);
  CommandReply reply{valid ? Answer::kAccepted : Answer::kRejected, {}};
  if (valid) {
    reply.order = order.facts.order;
    work.transaction().insert(tables_.orders, order);
    work.emit(EventType::kOrderCreated, order.facts);
  }
  auto answering = work.answer(request.key, body, reply);
  const CommandReply kept = co_await std::move(answering);
  co_return kept;
}

sim::Task<CommandReply> OrderService::place(sim::Context context, sim::Subject key,
                                            std::uint64_t body, OrderRow order) {
  CommandReply reply{Answer::kAccepted, order.facts.order};
  {
    UnitOfWork work(*this, context);
    auto placing = facade()->place(context, &work, order);
    const Reason reason = co_await std::move(placing);
    if (reason == Reason::kNone) {
      auto answering = work.answer(key, body, reply);
      const CommandReply kept = co_await std::move(answering);
      co_return kept;
    }
    if (work.transaction().failed()) {
      co_return CommandReply{Answer::kTryAgain, {}};
    }
  }
  reply = CommandReply{Answer::kRejected, {}};
  UnitOfWork refusal(*this, context);
  auto answering = refusal.answer(key, body, reply);
  const CommandReply kept = co_await std::move(answering);
  co_return kept;
}

// An order is named after its request. Where requests have no keys, a repeated one makes an order
// of its own, and that needs another name.
sim::Task<sim::Subject> OrderService::name_for(sim::Context context, sim::Subject request) {
  sim::Transaction transaction(tables_.database, context);
  auto reading = transaction.read(tables_.orders, sim::key_of(request));
  const std::optional<OrderRow> known = co_await reading;
  co_return known ? repeated_order(request, context.activity().identity()) : request;
}

sim::Task<CommandReply> OrderService::cancel(sim::Context context, CancelOrder request) {
  const std::uint64_t body = sim::digest_of(request);
  UnitOfWork work(*this, context);
  auto remembering = work.answered(request.key, body);
  const std::optional<CommandReply> known = co_await std::move(remembering);
  if (known) {
    co_return *known;
  }
  sim::Transaction& transaction = work.transaction();
  auto locking = transaction.lock(tables_.orders, sim::key_of(request.order));
  std::optional<OrderRow> order = co_await locking;
  CommandReply reply{Answer::kRejected, request.order};
  if (order && order->phase == OrderPhase::kCollecting) {
    fail(work, *order, Reason::kUserCanceled);
    transaction.update(tables_.orders, *order);
    reply.answer = Answer::kAccepted;
  } else if (order && order->phase == OrderPhase::kPayWait && facade() == nullptr) {
    order->cancel_requested = true;
    ++order->version;
    transaction.update(tables_.orders, *order);
    reply.answer = Answer::kRequested;
  }
  auto answering = work.answer(request.key, body, reply);
  const CommandReply kept = co_await std::move(answering);
  co_return kept;
}

sim::Task<LookupReply> OrderService::get(sim::Context context, Lookup request) {
  sim::Transaction transaction(tables_.database, context);
  auto reading = transaction.read(tables_.orders, sim::key_of(request.what));
  const std::optional<OrderRow> order = co_await reading;
  LookupReply reply;
  reply.available = !transaction.failed();
  reply.found = order.has_value();
  reply.amount = order ? order->facts.total : 0;
  reply.status = order ? static_cast<std::uint8_t>(order->status) : 0;
  co_return reply;
}

// --- the saga ---

sim::Task<std::optional<OrderRow>> OrderService::order_of([[maybe_unused]] sim::Context context,
                                                          UnitOfWork* work, sim::Subject order) {
  sim::Transaction& transaction = work->transaction();
  std::optional<OrderRow> row;
  if (policy().aggregate == Aggregate::kLocked) {
    auto locking = transaction.lock(tables_.orders, sim::key_of(order));
    row = co_await locking;
  } else {
    auto reading = transaction.read(tables_.orders, sim::key_of(order));
    row = co_await reading;
  }
  co_return row;
}

// What the failure says of the steps.
Steps OrderService::steps_of(const OrderRow& order, Reason reason) const {
  const bool after_payment = reason == Reason::kDeclined || reason == Reason::kPaymentCanceled;
  if (after_payment && policy().compensation == Compensation::kFlagsForgotten) {
    return {StepState::kFailed, StepState::kFailed, StepState::kFailed};
  }
  return {order.balance, order.coupon, order.stock};
}

// The total by the prices of the day: what a team gets that does not keep the one it had taken.
sim::Task<OrderFacts> OrderService::facts_of_failure(sim::Context context, OrderFacts facts) {
  if (policy().compensation != Compensation::kEventAmount) {
    co_return facts;
  }
  Money gross = 0;
  for (const OrderLine& line : facts.lines) {
    auto asking = look_up(context, &peers_.products, method::kGetProduct, line.product);
    const LookupReply product = co_await std::move(asking);
    const Money price = product.available ? product.amount : line.unit_price;
    gross = add(gross, multiply(price, line.quantity));
  }
  facts.total = gross - facts.discount;
  co_return facts;
}

void OrderService::fail(UnitOfWork& work, OrderRow& order, Reason reason) {
  fail(work, order, reason, order.facts);
}

void OrderService::fail(UnitOfWork& work, OrderRow& order, Reason reason,
                        const OrderFacts& announced) {
  SAGASIM_CHECK(order.phase != OrderPhase::kDone || policy().final_states == Switch::kOff,
                "a completed order cannot fail");
  order.phase = OrderPhase::kFailed;
  order.status = OrderStatus::kCanceled;
  order.reason = reason;
  order.failed = work.context().clock();
  ++order.version;
  work.emit(EventType::kOrderFailed, announced, reason, steps_of(order, reason));
}

sim::Task<Handled> OrderService::handle(sim::Context context, Event event) {
  if (is_payment(event.type)) {
    return on_payment(context, event);
  }
  if (policy().decide == Decide::kLock) {
    return on_step_under_lock(context, event);
  }
  switch (policy().steps) {
    case StepStore::kCache:
      return on_step_in_cache(context, event);
    case StepStore::kCopied:
      return on_step_unless_known(context, event);
    case StepStore::kDatabase:
      break;
  }
  return on_step(context, event);
}

// A result that the cache has was committed before it came there: it needs no transaction.
sim::Task<Handled> OrderService::on_step_unless_known(sim::Context context, Event event) {
  const StepOutcome outcome = outcome_of(event.type);
  auto getting = cache_->get(context, event.facts.order);
  const std::optional<Steps> known = co_await std::move(getting);
  if (known && step_of(*known, outcome.step) == outcome.state) {
    co_return Handled::kDone;
  }
  auto work = on_step(context, event);
  const Handled handled = co_await std::move(work);
  co_return handled;
}

sim::Task<Handled> OrderService::on_step(sim::Context context, Event event) {
  UnitOfWork work(*this, context, event);
  auto inbox = work.is_new();
  const bool fresh = co_await std::move(inbox);
  if (!fresh) {
    co_return Handled::kDone;
  }
  auto taking = order_of(context, &work, event.facts.order);
  std::optional<OrderRow> order = co_await std::move(taking);
  if (!order) {
    co_return Handled::kRetry;  // the order's own commit is not visible yet, or the read failed
  }
  if (policy().decide == Decide::kCacheFlag && is_last(*order, event.type)) {
    auto deciding = cache_->decide(context, event.facts.order);
    const std::optional<bool> first = co_await std::move(deciding);
    if (!first || !*first) {
      co_return first ? Handled::kDone : Handled::kRetry;
    }
  }
  auto asking = facts_of_failure(context, order->facts);
  const OrderFacts failed = co_await std::move(asking);
  const std::uint32_t version = order->version;
  on_result(work, *order, event.type, failed);
  if (order->version != version) {
    work.transaction().update(tables_.orders, *order);
  }
  auto finishing = work.finish();
  const Handled handled = co_await std::move(finishing);
  if (handled == Handled::kDone && policy().steps == StepStore::kCopied) {
    auto copying =
        cache_->copy(context, event.facts.order, {order->balance, order->coupon, order->stock});
    co_await std::move(copying);
  }
  co_return handled;
}

// The lock is taken before the transaction and given back after it. A lock that was not to be had
// is an exception like any other.
sim::Task<Handled> OrderService::on_step_under_lock(sim::Context context, Event event) {
  auto locking = cache_->lock(context, event.facts.order);
  const sim::Lease lease = co_await std::move(locking);
  if (!lease.held()) {
    co_return Handled::kRetry;
  }
  auto work = policy().steps == StepStore::kCache ? on_step_in_cache(context, event)
                                                  : on_step(context, event);
  const Handled handled = co_await std::move(work);
  auto unlocking = cache_->unlock(context, lease);
  co_await std::move(unlocking);
  co_return handled;
}

// The steps are in the cache alone; the order's row has them once they have led to a decision.
sim::Task<Handled> OrderService::on_step_in_cache(sim::Context context, Event event) {
  UnitOfWork work(*this, context, event);
  auto inbox = work.is_new();
  const bool fresh = co_await std::move(inbox);
  if (!fresh) {
    co_return Handled::kDone;
  }
  const StepOutcome outcome = outcome_of(event.type);
  auto putting = cache_->put(context, event.facts.order, outcome.step, outcome.state);
  const bool written = co_await std::move(putting);
  if (!written) {
    co_return Handled::kRetry;
  }
  auto getting = cache_->get(context, event.facts.order);
  const std::optional<Steps> steps = co_await std::move(getting);
  if (!steps) {
    co_return Handled::kRetry;
  }
  const StepTally tally = tally_of(*steps);
  if (tally.pending == 0 || (tally.failed != 0 && policy().failure == Failure::kAtFirst)) {
    auto taking = order_of(context, &work, event.facts.order);
    std::optional<OrderRow> order = co_await std::move(taking);
    if (!order) {
      co_return Handled::kRetry;
    }
    std::optional<bool> first = true;
    if (policy().decide == Decide::kCacheFlag) {
      auto deciding = cache_->decide(context, event.facts.order);
      first = co_await std::move(deciding);
      if (!first) {
        co_return Handled::kRetry;
      }
    }
    auto asking = facts_of_failure(context, order->facts);
    const OrderFacts failed = co_await std::move(asking);
    if (*first) {
      decide(work, *order, *steps, failed);
    }
  }
  auto finishing = work.finish();
  const Handled handled = co_await std::move(finishing);
  co_return handled;
}

void OrderService::decide(UnitOfWork& work, OrderRow& order, const Steps& steps,
                          const OrderFacts& announced) {
  const bool collecting = order.phase == OrderPhase::kCollecting;
  if (!collecting && policy().decide == Decide::kByPhase) {
    return;
  }
  const bool failed = tally_of(steps).failed != 0;
  if (failed && !collecting && policy().final_states == Switch::kOn) {
    return;
  }
  order.balance = steps.balance;
  order.coupon = steps.coupon;
  order.stock = steps.stock;
  ++order.version;
  if (failed) {
    fail(work, order, Reason::kStepFailed, announced);
  } else {
    order.phase = collecting ? OrderPhase::kPayWait : order.phase;
    work.emit(EventType::kPaymentWaited, order.facts);
  }
  work.transaction().update(tables_.orders, order);
}

// Writes down the outcome of a step; with the last one the order is decided.
void OrderService::on_result(UnitOfWork& work, OrderRow& order, EventType type,
                             const OrderFacts& announced) {
  const StepOutcome outcome = outcome_of(type);
  StepState& step = order.step(outcome.step);
  const bool collecting = order.phase == OrderPhase::kCollecting;
  const bool guarded = policy().decide == Decide::kByPhase;
  if (step != StepState::kPending || (guarded && !collecting)) {
    return;
  }
  step = outcome.state;
  ++order.version;
  const auto [pending, failed] = tally_of({order.balance, order.coupon, order.stock});
  if (failed != 0 && collecting && (pending == 0 || policy().failure == Failure::kAtFirst)) {
    fail(work, order, Reason::kStepFailed, announced);
  } else if (pending == 0 && failed == 0) {
    order.phase = collecting ? OrderPhase::kPayWait : order.phase;
    work.emit(EventType::kPaymentWaited, order.facts);
  }
}

sim::Task<Handled> OrderService::on_payment(sim::Context context, Event event) {
  UnitOfWork work(*this, context, event);
  auto inbox = work.is_new();
  const bool fresh = co_await std::move(inbox);
  if (!fresh) {
    co_return Handled::kDone;
  }
  sim::Transaction& transaction = work.transaction();
  auto locking = transaction.lock(tables_.orders, sim::key_of(event.facts.order));
  std::optional<OrderRow> order = co_await locking;
  if (!order) {
    co_return Handled::kRetry;
  }
  auto asking = facts_of_failure(context, order->facts);
  const OrderFacts failed = co_await std::move(asking);
  bool tell_later = false;
  const OrderPhase before = order->phase;
  const std::uint32_t version = order->version;
  const bool paid = event.type == EventType::kPaymentPaid;
  const bool unguarded = policy().final_states == Switch::kOff;
  if (paid && (before == OrderPhase::kPayWait || unguarded) && !order->cancel_requested) {
    order->phase = OrderPhase::kDone;
    order->status = OrderStatus::kCompleted;
    order->completed = context.clock();
    ++order->version;
    tell_later = policy().completion != Completion::kTogether;
    if (!tell_later) {
      work.emit(EventType::kOrderCompleted, order->facts);
    }
  } else if (paid && before == OrderPhase::kPayWait) {
    order->phase = OrderPhase::kRefused;
    ++order->version;
    work.emit(EventType::kOrderCompleteFailed, order->facts, Reason::kUserCanceled);
  } else if (paid && before == OrderPhase::kFailed && order->reason != Reason::kPaymentCanceled &&
             !policy().payment_timeout) {
    // Paid for nothing: give it back, unless that has been done already.
    work.emit(EventType::kOrderCompleteFailed, order->facts, order->reason);
  } else if (event.type == EventType::kPayFailed && (before == OrderPhase::kPayWait || unguarded)) {
    fail(work, *order, Reason::kDeclined, failed);
  } else if (event.type == EventType::kPaymentCanceled &&
             (before == OrderPhase::kRefused || before == OrderPhase::kPayWait || unguarded)) {
    fail(work, *order, Reason::kPaymentCanceled, failed);
  }
  if (order->version != version) {
    transaction.update(tables_.orders, *order);
  }
  auto finishing = work.finish();
  const Handled handled = co_await std::move(finishing);
  if (tell_later && handled == Handled::kDone) {
    if (policy().completion == Completion::kThenSend) {
      say(context, work.event_of(EventType::kOrderCompleted, order->facts));
    } else {
      auto telling = tell_afterwards(this, context, event, EventType::kOrderCompleted,
                                     EventType::kOrderCompleteFailed, order->facts);
      co_await std::move(telling);
    }
  }
  co_return handled;
}

bool OrderService::may_time_out(const sim::Node& node, const OrderRow& order) {
  return order.phase == OrderPhase::kCollecting && responsible(node, order.facts.order);
}

sim::Invocation OrderService::time_out_name(const sim::Node& node, const OrderRow& order) {
  return sim::Invocation{.role = node.role(),
                         .scope = "saga-timeout",
                         .trigger = sim::Name(),
                         .subject = order.facts.order};
}

sim::Task<> OrderService::time_out(sim::Context context, OrderRow order) {
  // The clock may have been corrected meanwhile, so it is asked again after each sleep.
  const sim::Instant due = order.created + *policy().saga_timeout;
  for (sim::Instant now = context.clock(); now < due; now = context.clock()) {
    auto waiting = context.timeout(std::max(due - now, sim::milliseconds(1)), "saga-timeout");
    co_await waiting;
  }
  auto failing = fail_if_unchanged(context, order, due);
  co_await std::move(failing);
}

bool OrderService::may_give_up_payment(const sim::Node& node, const OrderRow& order) {
  return order.phase == OrderPhase::kPayWait && responsible(node, order.facts.order);
}

sim::Invocation OrderService::give_up_payment_name(const sim::Node& node, const OrderRow& order) {
  return sim::Invocation{.role = node.role(),
                         .scope = "payment-timeout",
                         .trigger = sim::Name(),
                         .subject = order.facts.order};
}

sim::Task<> OrderService::give_up_payment(sim::Context context, OrderRow order) {
  auto waiting = context.timeout(*policy().payment_timeout, "payment-timeout");
  co_await waiting;
  auto failing = fail_if_unchanged(context, order, sim::Instant::min());
  co_await std::move(failing);
}

sim::Task<> OrderService::fail_if_unchanged(sim::Context context, OrderRow order,
                                            sim::Instant due) {
  for (std::uint32_t failures = 0;; ++failures) {
    UnitOfWork work(*this, context);
    sim::Transaction& transaction = work.transaction();
    auto locking = transaction.lock(tables_.orders, order.key());
    std::optional<OrderRow> now = co_await locking;
    if (now && now->phase != order.phase) {
      co_return;
    }
    const bool still_due = context.clock() >= due;
    if (now && still_due) {
      fail(work, *now, Reason::kTimeout);
      transaction.update(tables_.orders, *now);
    }
    auto committing = work.commit();
    const Outcome outcome = co_await std::move(committing);
    if (outcome == Outcome::kOk && now && still_due) {
      if (conducts()) {
        auto conducting = conduct(context);
        co_await std::move(conducting);
      }
      co_return;
    }
    auto pause = context.sleep(context.backoff(failures, sim::milliseconds(100), sim::seconds(5)),
                               "backoff");
    co_await pause;
  }
}

}  // namespace sagasim::domain
