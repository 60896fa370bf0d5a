#include "domain/properties/order.h"

namespace sagasim::domain {
namespace {

bool allowed(OrderPhase from, OrderPhase to) {
  switch (from) {
    case OrderPhase::kCollecting:
      return to == OrderPhase::kPayWait || to == OrderPhase::kFailed;
    case OrderPhase::kPayWait:
      return to == OrderPhase::kDone || to == OrderPhase::kFailed || to == OrderPhase::kRefused;
    case OrderPhase::kRefused:
      return to == OrderPhase::kFailed;
    case OrderPhase::kDone:
    case OrderPhase::kFailed:
      return false;
  }
  return false;
}

bool agree(const OrderRow& row) {
  const bool done = row.phase == OrderPhase::kDone;
  const bool failed = row.phase == OrderPhase::kFailed;
  return done == (row.status == OrderStatus::kCompleted) &&
         failed == (row.status == OrderStatus::kCanceled);
}

}  // namespace

void OrderProperties::on_order(OrderTruth& truth, const OrderRow* before, const OrderRow& after,
                               sim::Instant at) {
  const sim::Subject name = after.facts.order;
  if (before == nullptr) {
    bool sound = !after.facts.lines.empty();
    for (const OrderLine& line : after.facts.lines) {
      sound = sound && line.quantity > 0 && truth_.product(line.product) != nullptr;
    }
    expect(PropertyId::kOrd5, sound, "order", name, at,
           [&] { return order_text(name) + " has no lines, or one that cannot be"; });
    expect(PropertyId::kOrd6, request_behind(name) == name, "order", name, at, [&] {
      return order_text(name) + " was created by a repetition of the request that had created " +
             order_text(request_behind(name));
    });
    check_references(truth, after, at);
    truth.facts_digest = sim::digest_of(after.facts);
  } else {
    const bool was_open = before->status == OrderStatus::kCreated;
    const bool completed_once =
        before->completed == sim::Instant() || before->completed == after.completed;
    expect(PropertyId::kOrd1, (was_open || before->status == after.status) && completed_once,
           "order", name, at, [&] {
             return order_text(name) + " was " + to_text(before->status) + " and became " +
                    to_text(after.status) + (completed_once ? "" : ", completed a second time");
           });
    if (before->phase != after.phase) {
      expect(PropertyId::kOrd2, allowed(before->phase, after.phase), "order", name, at, [&] {
        return order_text(name) + " went from phase " + to_text(before->phase) + " to " +
               to_text(after.phase);
      });
    }
    if (was_open && after.status != OrderStatus::kCreated) {
      truth.ended = at;
    }
  }
  expect(PropertyId::kOrd2, agree(after), "order", name, at, [&] {
    return order_text(name) + " is " + to_text(after.status) + " in phase " + to_text(after.phase);
  });
}

// What the order service was told of others may have been so at any moment since the customer first
// asked.
void OrderProperties::check_references(const OrderTruth& truth, const OrderRow& order,
                                       sim::Instant at) {
  const OrderFacts& facts = order.facts;
  sim::Subject wrong = truth_.user(facts.user) != nullptr ? sim::Subject() : facts.user;
  for (const OrderLine& line : facts.lines) {
    const ProductTruth* product = truth_.product(line.product);
    wrong = product != nullptr && product->sold(truth.command->at, at) ? wrong : line.product;
  }
  if (!facts.coupon.none()) {
    const CouponTruth* coupon = truth_.coupon(facts.coupon);
    wrong = coupon != nullptr && coupon->exists ? wrong : facts.coupon;
  }
  expect(PropertyId::kRef1, wrong.none(), "order", facts.order, at, [&] {
    return order_text(facts.order) + " was accepted, though " + to_text(wrong) +
           " was not to be had";
  });
}

void OrderProperties::on_announced(OrderTruth& order, EventType type, const OrderRow* row,
                                   sim::Instant at) {
  const sim::Subject name = order.command->name;
  const EventSet decisions = set_of(EventType::kPaymentWaited) | set_of(EventType::kOrderFailed) |
                             set_of(EventType::kOrderCompleted) |
                             set_of(EventType::kOrderCompleteFailed);
  if ((set_of(type) & decisions) == 0) {
    return;
  }
  expect(PropertyId::kOrd3, (order.announced & set_of(type)) == 0, "order/twice", name, at,
         [&] { return std::string(to_text(type)) + " was decided twice for " + order_text(name); });
  const EventSet after = order.announced | set_of(type);
  const EventSet both = set_of(EventType::kOrderCompleted) | set_of(EventType::kOrderFailed);
  bool reasoned = (after & both) != both;
  if (row != nullptr && type == EventType::kPaymentWaited) {
    reasoned = reasoned && row->balance == StepState::kSuccess &&
               row->coupon == StepState::kSuccess && row->stock == StepState::kSuccess &&
               (order.announced & set_of(EventType::kOrderFailed)) == 0;
  }
  if (row != nullptr && type == EventType::kOrderFailed) {
    const bool step = row->balance == StepState::kFailed || row->coupon == StepState::kFailed ||
                      row->stock == StepState::kFailed;
    const bool declined = (order.appended & set_of(EventType::kPayFailed)) != 0;
    const bool given_back = (order.appended & set_of(EventType::kPaymentCanceled)) != 0;
    switch (row->reason) {
      case Reason::kStepFailed:
        reasoned = reasoned && step;
        break;
      case Reason::kDeclined:
        reasoned = reasoned && declined;
        break;
      case Reason::kPaymentCanceled:
        reasoned = reasoned && given_back;
        break;
      default:
        break;  // a timeout or the user: judged by OUT-2
    }
  }
  expect(PropertyId::kOrd3, reasoned, "order/groundless", name, at, [&] {
    return std::string(to_text(type)) + " was decided for " + order_text(name) +
           " without its reason";
  });
  if (type == EventType::kOrderCompleted) {
    const bool paid = (order.appended & set_of(EventType::kPaymentPaid)) != 0;
    expect(PropertyId::kOrd4, paid, "order", name, at,
           [&] { return order_text(name) + " completed before anybody heard of its payment"; });
  }
}

void OrderProperties::on_answer(const CommandHistory& history, sim::Instant at) {
  const Command& command = *history.command;
  const bool again = command.kind == CommandKind::kRepeatOrder;
  const sim::Subject name = again ? command.order : command.name;
  OrderTruth* order = truth_.order(name);
  if (order == nullptr || (command.kind != CommandKind::kCreateOrder && !again)) {
    return;
  }
  order->told_accepted |= history.answer == Answer::kAccepted;
  order->told_rejected |= history.answer == Answer::kRejected;
  if (order->told_accepted) {
    expect(PropertyId::kOrd6, order->exists, "order", name, at, [&] {
      return "a customer was told that " + order_text(name) +
             " was accepted, but it does not exist";
    });
  }
}

void OrderProperties::on_read(sim::Subject name, std::uint8_t status, sim::Instant asked,
                              sim::Instant at) {
  const OrderTruth* order = truth_.order(name);
  if (order == nullptr) {
    return;
  }
  const auto told = static_cast<OrderStatus>(status);
  const bool ended = order->exists && order->row.status != OrderStatus::kCreated;
  const bool had_it = told == OrderStatus::kCreated
                          ? order->exists && (!ended || order->ended >= asked)
                          : ended && order->row.status == told && order->ended <= at;
  expect(PropertyId::kOrd7, had_it, "order", name, at, [&] {
    return "a reader was told that " + order_text(name) + " is " + to_text(told) +
           ", which it was not at the time";
  });
}

void OrderProperties::at_end(const OrderTruth& order, sim::Instant at) {
  const sim::Subject name = order.command->name;
  if (order.told_accepted || order.told_rejected) {
    expect(PropertyId::kOrd6, order.exists == order.told_accepted, "order", name, at, [&] {
      return "a customer was told that " + order_text(name) + " was " +
             (order.told_accepted ? "accepted, but it does not exist" : "rejected, but it exists");
    });
  }
}

}  // namespace sagasim::domain
