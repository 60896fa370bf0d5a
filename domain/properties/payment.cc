#include "domain/properties/payment.h"

namespace sagasim::domain {
namespace {

bool allowed(PaymentStatus from, PaymentStatus to) {
  switch (from) {
    case PaymentStatus::kWaiting:
      return to == PaymentStatus::kCompleted || to == PaymentStatus::kFailed;
    case PaymentStatus::kCompleted:
      return to == PaymentStatus::kRefunding || to == PaymentStatus::kCanceled;
    case PaymentStatus::kRefunding:
      return to == PaymentStatus::kCanceled;
    case PaymentStatus::kFailed:
    case PaymentStatus::kCanceled:
      return false;
  }
  return false;
}

bool is_open(PaymentStatus status) {
  return status == PaymentStatus::kWaiting || status == PaymentStatus::kRefunding;
}

}  // namespace

void PaymentProperties::on_payment(const PaymentRow* before, const PaymentRow& after,
                                   sim::Instant at) {
  const sim::Subject name = after.facts.order;
  OrderTruth* order = truth_.order(name);
  if (order == nullptr) {
    return;
  }
  if (before == nullptr) {
    ++order->payments;
  } else {
    order->payments_completed -= before->status == PaymentStatus::kCompleted ? 1u : 0u;
    order->payments_open -= is_open(before->status) ? 1u : 0u;
    expect(PropertyId::kPay7,
           before->status == after.status || allowed(before->status, after.status), "payment", name,
           at, [&] {
             return "the payment of " + order_text(name) + " went from " + to_text(before->status) +
                    " to " + to_text(after.status);
           });
  }
  order->payments_completed += after.status == PaymentStatus::kCompleted ? 1u : 0u;
  order->payments_open += is_open(after.status) ? 1u : 0u;
  order->payment_completed_ever |= after.status == PaymentStatus::kCompleted;
  order->payment_failed_ever |= after.status == PaymentStatus::kFailed;
  order->payment_canceled_ever |= after.status == PaymentStatus::kCanceled;
  expect(PropertyId::kPay1, order->payments <= 1, "payment", name, at, [&] {
    return order_text(name) + " has " + std::to_string(order->payments) + " payments of " +
           money_text(after.facts.total);
  });
  expect(PropertyId::kPay2, !order->exists || after.facts.total == order->row.facts.total,
         "payment", name, at, [&] {
           return "the payment of " + order_text(name) + " is for " +
                  money_text(after.facts.total) + " instead of " +
                  money_text(order->row.facts.total);
         });
}

void PaymentProperties::on_gateway(std::uint64_t key, bool charge, const GatewayBody& body,
                                   const GatewayAnswer& answer, sim::Instant at) {
  OrderTruth* order = truth_.order(body.order);
  if (order == nullptr) {
    return;
  }
  const std::uint32_t times = ++decided_[key];
  expect(PropertyId::kIdm9, times == 1, "payment", body.order, at, [&] {
    return "the gateway has moved " + money_text(answer.amount) + " for " + order_text(body.order) +
           " under one key " + std::to_string(times) + " times";
  });
  if (!charge) {
    order->given_back += answer.amount;
    return;
  }
  order->declined |= answer.status == GatewayStatus::kDeclined;
  const bool all_done = order->parties[0].did_its_part() && order->parties[1].did_its_part() &&
                        order->parties[2].did_its_part();
  expect(PropertyId::kPay6, all_done, "payment/early", body.order, at, [&] {
    return order_text(body.order) + " was charged " + money_text(body.amount) +
           " at the gateway before all its steps were done";
  });
  if (answer.status != GatewayStatus::kCaptured) {
    return;
  }
  order->captured += answer.amount;
  ++order->captures;
  expect(PropertyId::kPay5, order->captures == 1, "payment", body.order, at, [&] {
    return order_text(body.order) + " was captured " + std::to_string(order->captures) +
           " times at the gateway, " + money_text(order->captured) + " in all";
  });
  expect(PropertyId::kPay2, !order->exists || answer.amount == order->row.facts.total, "payment",
         body.order, at, [&] {
           return "the gateway captured " + money_text(answer.amount) + " for " +
                  order_text(body.order) + " instead of " + money_text(order->row.facts.total);
         });
}

void PaymentProperties::on_announced(OrderTruth& order, EventType type, sim::Instant at) {
  if (type != EventType::kPaymentWaited) {
    return;
  }
  const sim::Subject name = order.command->name;
  expect(PropertyId::kPay6, (order.announced & set_of(EventType::kOrderFailed)) == 0,
         "payment/late", name, at,
         [&] { return order_text(name) + " was to be paid after it had failed"; });
}

void PaymentProperties::at_end(const OrderTruth& order, sim::Instant at) {
  if (!order.exists && order.payments == 0 && order.captures == 0) {
    return;
  }
  const sim::Subject name = order.command->name;
  const char* status = order.exists ? to_text(order.row.status) : "unknown";
  expect(PropertyId::kPay3, order.done() == (order.payments_completed > 0),
         order.done() ? "payment/completed" : "payment", name, at, [&] {
           return order_text(name) + " is " + status + ", but " +
                  std::to_string(order.payments_completed) + " of its payments are COMPLETED";
         });
  const Money kept = order.captured - order.given_back;
  const Money due = order.done() ? order.row.facts.total : 0;
  expect(PropertyId::kPay4, kept == due, order.done() ? "payment/completed" : "payment", name, at,
         [&] {
           return order_text(name) + " is " + status + ", the gateway keeps " + money_text(kept) +
                  " instead of " + money_text(due);
         });
  const bool owned = kept == 0 || order.payments_completed > 0;
  expect(PropertyId::kPay8, order.payments_open == 0 && owned, "payment", name, at, [&] {
    return order_text(name) + " has " + std::to_string(order.payments_open) +
           " payments under way and " + money_text(kept) + " captured at the gateway";
  });
}

}  // namespace sagasim::domain
