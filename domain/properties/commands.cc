#include "domain/properties/commands.h"

#include "domain/names.h"

namespace sagasim::domain {
namespace {

constexpr sim::Name kMethods[] = {
    method::kCreateOrder, method::kCancelOrder, method::kCharge,
    method::kReprice,     method::kSetSelling,  method::kRestock,
    method::kIssueCoupon, method::kSetCampaign, method::kExpireCoupon};

bool changes_something(CommandKind kind) {
  return kind != CommandKind::kGetOrder && kind != CommandKind::kGetBalance &&
         kind != CommandKind::kGetTop;
}

std::string command_text(const Command& command) {
  return "command " + to_text(command.name) + " (" + to_text(command.kind) + ")";
}

}  // namespace

OrderTruth* CommandProperties::holder_of_key(const Command& command) {
  return truth_.order(command.kind == CommandKind::kRepeatOrder ? command.order : command.name);
}

void CommandProperties::on_effect(const sim::Invocation& invocation, sim::Instant at) {
  bool is_command = false;
  for (const sim::Name method : kMethods) {
    is_command = is_command || method == invocation.scope;
  }
  const OrderTruth* asked = is_command ? truth_.order(invocation.subject) : nullptr;
  OrderTruth* holder = asked != nullptr ? holder_of_key(*asked->command) : nullptr;
  if (holder == nullptr) {
    return;
  }
  // Where services call each other the work goes on with what follows from the command.
  if (policy_.transport == Transport::kCalls && holder->executed_by == invocation.id()) {
    return;
  }
  holder->executed_by = invocation.id();
  ++holder->executions;
  const Command& command = *asked->command;
  const bool reused = command.kind == CommandKind::kReuseKey;
  expect(PropertyId::kIdm5, holder->executions == 1 && !reused, "command", command.name, at, [&] {
    return command_text(command) +
           (reused ? " took effect under the key of " + order_text(command.order)
                   : " took effect " + std::to_string(holder->executions) + " times");
  });
}

void CommandProperties::on_answer(const CommandHistory& history, sim::Instant at) {
  const Command& command = *history.command;
  OrderTruth* holder = holder_of_key(command);
  if (history.answer == Answer::kTryAgain || !changes_something(command.kind) ||
      holder == nullptr) {
    return;
  }
  if (holder->answered == Answer::kTryAgain) {
    holder->answered = history.answer;
  }
  const bool refused =
      command.kind != CommandKind::kReuseKey || history.answer == Answer::kRejected;
  expect(PropertyId::kIdm5, refused && holder->answered == history.answer, "command", command.name,
         at, [&] {
           return command_text(command) + " was answered \"" + to_text(history.answer) + "\"" +
                  (refused ? std::string(", and \"") + to_text(holder->answered) + "\" before"
                           : " under the key of " + order_text(command.order));
         });
}

void CommandProperties::at_end(const OrderTruth& truth, sim::Instant at) {
  const Command& command = *truth.command;
  if (truth.answered == Answer::kTryAgain) {
    return;
  }
  const std::uint32_t due = truth.answered == Answer::kRejected ? 0 : 1;
  expect(PropertyId::kIdm5, truth.executions == due, "command", command.name, at, [&] {
    return command_text(command) + " was " + to_text(truth.answered) + " and took effect " +
           std::to_string(truth.executions) + " times";
  });
}

}  // namespace sagasim::domain
