#include "domain/order_facade.h"

namespace sagasim::domain {

sim::Task<Reason> OrderFacade::place(sim::Context context, UnitOfWork* work, OrderRow order) {
  for (Participant* party :
       {static_cast<Participant*>(&balances_), static_cast<Participant*>(&coupons_),
        static_cast<Participant*>(&products_)}) {
    auto joining = party->join(context, work, order.facts);
    const Reason reason = co_await std::move(joining);
    if (reason != Reason::kNone) {
      co_return reason;
    }
  }
  order.balance = StepState::kSuccess;
  order.coupon = StepState::kSuccess;
  order.stock = StepState::kSuccess;
  order.phase = OrderPhase::kPayWait;
  PaymentRow payment{work->salt(), PaymentStatus::kWaiting, order.facts};
  if (order.facts.total == 0) {  // nothing to pay: no gateway needed
    payment.status = PaymentStatus::kCompleted;
    auto completing = complete(context, work, &order);
    co_await std::move(completing);
  }
  work->transaction().insert(payments_.payments, payment);
  work->transaction().insert(orders_.orders, order);
  co_return Reason::kNone;
}

sim::Task<> OrderFacade::settle(sim::Context context, UnitOfWork* work, PaymentRow payment) {
  auto locking = work->transaction().lock(orders_.orders, sim::key_of(payment.facts.order));
  std::optional<OrderRow> order = co_await locking;
  if (!order) {
    co_return;  // the transaction has failed
  }
  if (payment.status == PaymentStatus::kCompleted) {
    auto completing = complete(context, work, &*order);
    co_await std::move(completing);
  } else {
    auto giving = give_back(context, work, &*order);
    co_await std::move(giving);
  }
  ++order->version;
  work->transaction().update(orders_.orders, *order);
}

sim::Task<> OrderFacade::complete(sim::Context context, UnitOfWork* work, OrderRow* order) {
  order->phase = OrderPhase::kDone;
  order->status = OrderStatus::kCompleted;
  order->completed = context.clock();
  auto counting = products_.count(context, work, order->facts, context.day(order->completed));
  co_await std::move(counting);
  work->emit(EventType::kOrderCompleted, order->facts);
}

sim::Task<> OrderFacade::give_back(sim::Context context, UnitOfWork* work, OrderRow* order) {
  for (Participant* party :
       {static_cast<Participant*>(&balances_), static_cast<Participant*>(&coupons_),
        static_cast<Participant*>(&products_)}) {
    auto leaving = party->leave(context, work, order->facts.order);
    co_await std::move(leaving);
  }
  order->phase = OrderPhase::kFailed;
  order->status = OrderStatus::kCanceled;
  order->reason = Reason::kDeclined;
  order->failed = context.clock();
}

}  // namespace sagasim::domain
