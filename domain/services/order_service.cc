#include "domain/services/order_service.h"

#include <algorithm>

#include "domain/names.h"

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

const char* to_text(StepState state) {
  switch (state) {
    case StepState::kPending:
      return "PENDING";
    case StepState::kSuccess:
      return "SUCCESS";
    case StepState::kFailed:
      return "FAILED";
  }
  return "?";
}

OrderStore::OrderStore(sim::World& world, sim::Node& server, const sim::DatabaseOptions& options)
    : Store(world, server, "order-db", options), orders(database.add_table<OrderRow>("orders")) {}

OrderService::OrderService(const Ports& ports, OrderStore& store, const OrderPeers& peers)
    : ShopService(ports), tables_(store), peers_(peers) {}

// --- commands ---

sim::Task<sim::Payload> OrderService::serve(sim::Context context, sim::Name method,
                                            sim::Payload request) {
  if (method == method::kGetOrder) {
    auto reading = get(context, request.as<Lookup>());
    const LookupReply reply = co_await std::move(reading);
    co_return sim::Payload::of(context.frame_pool(), reply);
  }
  auto work = method == method::kCreateOrder ? create(context, request.as<CreateOrder>())
                                             : cancel(context, request.as<CancelOrder>());
  const CommandReply reply = co_await std::move(work);
  co_return sim::Payload::of(context.frame_pool(), reply);
}

sim::Task<LookupReply> OrderService::look_up(sim::Context context, const sim::Service* service,
                                             sim::Name method, sim::Subject what) {
  auto request = sim::Payload::of(context.frame_pool(), Lookup{what});
  auto call = service->call(context, method, what, std::move(request));
  const sim::Reply reply = co_await call;
  co_return reply.outcome == Outcome::kOk ? reply.payload.as<LookupReply>() : LookupReply{};
}

sim::Task<CommandReply> OrderService::create(sim::Context context, CreateOrder request) {
  const std::uint64_t body = sim::digest_of(request);
  const CommandReply try_again{Answer::kTryAgain, {}};
  {
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
    gross = add(gross, multiply(product.amount, line.quantity));
  }
  if (!request.coupon.none()) {
    auto asking = look_up(context, &peers_.coupons, method::kGetCoupon, request.coupon);
    const LookupReply coupon = co_await std::move(asking);
    if (!coupon.available) {
      co_return try_again;
    }
    valid = valid && coupon.found && coupon.usable;
    order.facts.discount = discount(gross, coupon.rate_bp);
  }
  order.facts.total = gross - order.facts.discount;
  order.created = context.clock();

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
  } else if (order && order->phase == OrderPhase::kPayWait) {
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

void OrderService::fail(UnitOfWork& work, OrderRow& order, Reason reason) {
  SAGASIM_CHECK(order.phase != OrderPhase::kDone, "a completed order cannot fail");
  order.phase = OrderPhase::kFailed;
  order.status = OrderStatus::kCanceled;
  order.reason = reason;
  order.failed = work.context().clock();
  ++order.version;
  work.emit(EventType::kOrderFailed, order.facts, reason);
}

sim::Task<Handled> OrderService::consume(sim::Context context, sim::Delivery delivery) {
  const Event& event = delivery.record->payload.as<Event>();
  return is_payment(event.type) ? on_payment(context, event) : on_step(context, event);
}

sim::Task<Handled> OrderService::on_step(sim::Context context, Event event) {
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
    co_return Handled::kRetry;  // the order's own commit is not visible yet, or the read failed
  }
  const StepOutcome outcome = outcome_of(event.type);
  StepState& step = order->step(outcome.step);
  if (order->phase == OrderPhase::kCollecting && step == StepState::kPending) {
    step = outcome.state;
    ++order->version;
    const StepState steps[kSteps] = {order->balance, order->coupon, order->stock};
    std::uint32_t pending = 0;
    std::uint32_t failed = 0;
    for (const StepState state : steps) {
      pending += state == StepState::kPending ? 1u : 0u;
      failed += state == StepState::kFailed ? 1u : 0u;
    }
    if (pending == 0 && failed == 0) {
      order->phase = OrderPhase::kPayWait;
      work.emit(EventType::kPaymentWaited, order->facts);
    } else if (pending == 0) {
      fail(work, *order, Reason::kStepFailed);
    }
    transaction.update(tables_.orders, *order);
  }
  auto finishing = work.finish();
  const Handled handled = co_await std::move(finishing);
  co_return handled;
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
  const OrderPhase before = order->phase;
  const bool paid = event.type == EventType::kPaymentPaid;
  if (paid && before == OrderPhase::kPayWait && !order->cancel_requested) {
    order->phase = OrderPhase::kDone;
    order->status = OrderStatus::kCompleted;
    order->completed = context.clock();
    ++order->version;
    work.emit(EventType::kOrderCompleted, order->facts);
  } else if (paid && before == OrderPhase::kPayWait) {
    order->phase = OrderPhase::kRefused;
    ++order->version;
    work.emit(EventType::kOrderCompleteFailed, order->facts, Reason::kUserCanceled);
  } else if (paid && before == OrderPhase::kFailed && order->reason != Reason::kPaymentCanceled) {
    // Paid for nothing: give it back, unless that has been done already.
    work.emit(EventType::kOrderCompleteFailed, order->facts, order->reason);
  } else if (event.type == EventType::kPayFailed && before == OrderPhase::kPayWait) {
    fail(work, *order, Reason::kDeclined);
  } else if (event.type == EventType::kPaymentCanceled &&
             (before == OrderPhase::kRefused || before == OrderPhase::kPayWait)) {
    fail(work, *order, Reason::kPaymentCanceled);
  }
  if (order->phase != before) {
    transaction.update(tables_.orders, *order);
  }
  auto finishing = work.finish();
  const Handled handled = co_await std::move(finishing);
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
  for (std::uint32_t failures = 0;; ++failures) {
    UnitOfWork work(*this, context);
    sim::Transaction& transaction = work.transaction();
    auto locking = transaction.lock(tables_.orders, order.key());
    std::optional<OrderRow> now = co_await locking;
    if (now && now->phase != OrderPhase::kCollecting) {
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
      co_return;
    }
    auto pause = context.sleep(context.backoff(failures, sim::milliseconds(100), sim::seconds(5)),
                               "backoff");
    co_await pause;
  }
}

}  // namespace sagasim::domain
