#include "domain/properties/histories.h"

#include <algorithm>

namespace sagasim::domain {
namespace {

sim::Instant entered(const OrderTruth& order, OrderPhase phase) {
  return order.entered[static_cast<std::uint8_t>(phase)];
}

// When it could no longer be canceled; never: it still can.
sim::Instant closed(const OrderTruth& order) {
  return std::min({entered(order, OrderPhase::kRefused), entered(order, OrderPhase::kDone),
                   entered(order, OrderPhase::kFailed)});
}

}  // namespace

void HistoryProperties::on_order(OrderTruth& order, const OrderRow* before, const OrderRow& after,
                                 sim::Instant at) {
  if (before == nullptr || before->phase != after.phase) {
    order.entered[static_cast<std::uint8_t>(after.phase)] = at;
  }
}

void HistoryProperties::on_answer(const CommandHistory& history, sim::Instant at) {
  if (history.answer == Answer::kTryAgain) {
    return;  // given up: it may happen at any time, or never
  }
  if (history.command->kind == CommandKind::kCharge) {
    check_charge(history, at);
  } else if (history.command->kind == CommandKind::kCancelOrder) {
    check_cancellation(history, at);
  }
}

// Accepted, it is booked by now. Refused, there was no room for it at some moment.
void HistoryProperties::check_charge(const CommandHistory& history, sim::Instant at) {
  const Command& command = *history.command;
  const OrderTruth* truth = truth_.order(command.name);
  const UserTruth* user = truth_.user(command.user);
  if (truth == nullptr || user == nullptr) {
    return;
  }
  const bool sound = command.amount > 0 && command.amount <= kBalanceCap;
  const bool accepted = history.answer == Answer::kAccepted;
  const bool right = accepted
                         ? truth->executions != 0
                         : !sound || user->most(history.asked, at) > kBalanceCap - command.amount;
  expect(PropertyId::kLin1, right, "balance", command.name, at, [&] {
    return "charge " + to_text(command.name) + " of " + money_text(command.amount) + " to " +
           to_text(command.user) + " was " + to_text(history.answer) +
           (accepted ? ", but was not booked when its customer was told so"
                     : ", though there was room for it all the time from question to answer");
  });
}

void HistoryProperties::check_cancellation(const CommandHistory& history, sim::Instant at) {
  const sim::Subject name = history.command->order;
  const OrderTruth* order = truth_.order(name);
  if (order == nullptr) {
    return;
  }
  bool right = false;
  switch (history.answer) {
    case Answer::kAccepted: {
      const sim::Instant failed = entered(*order, OrderPhase::kFailed);
      right = history.asked <= failed && failed <= at;
      break;
    }
    case Answer::kRequested:
      right = entered(*order, OrderPhase::kPayWait) <= at && closed(*order) >= history.asked;
      break;
    case Answer::kRejected:
      right = entered(*order, OrderPhase::kCollecting) >= history.asked || closed(*order) <= at;
      break;
    case Answer::kTryAgain:
      break;
  }
  expect(PropertyId::kLin2, right, "order", name, at, [&] {
    return "cancellation " + to_text(history.command->name) + " of " + order_text(name) + " was " +
           to_text(history.answer) +
           ", which fits no moment between question and answer: the order is " +
           (order->exists ? to_text(order->row.phase) : "unknown");
  });
}

void HistoryProperties::on_missing(sim::Subject name, sim::Instant asked, sim::Instant at) {
  const OrderTruth* order = truth_.order(name);
  if (order == nullptr) {
    return;
  }
  const sim::Instant created = entered(*order, OrderPhase::kCollecting);
  expect(PropertyId::kLin2, created >= asked, "order", name, at, [&] {
    return "a reader was told that there is no " + order_text(name) + " over " +
           money_text(order->row.facts.total) + ", which had been created before the question";
  });
}

}  // namespace sagasim::domain
