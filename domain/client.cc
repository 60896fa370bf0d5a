#include "domain/client.h"

#include "domain/names.h"
#include "sim/world.h"

namespace sagasim::domain {
namespace {

CreateOrder create_request(const Command& command) {
  CreateOrder request{command.name, command.user, command.coupon, {}};
  for (const CommandLine& line : command.lines) {
    request.lines.push_back(LineRequest{line.product, line.quantity});
  }
  return request;
}

sim::Payload request_of(sim::Pool& pool, const Command& command) {
  switch (command.kind) {
    case CommandKind::kCreateOrder:
      return sim::Payload::of(pool, create_request(command));
    case CommandKind::kCancelOrder:
      return sim::Payload::of(pool, CancelOrder{command.name, command.order});
    case CommandKind::kCharge:
      return sim::Payload::of(pool, Charge{command.name, command.user, command.amount});
    case CommandKind::kGetOrder:
      return sim::Payload::of(pool, Lookup{command.order});
    case CommandKind::kGetBalance:
      return sim::Payload::of(pool, Lookup{command.user});
  }
  return {};
}

sim::Name method_of(CommandKind kind) {
  switch (kind) {
    case CommandKind::kCreateOrder:
      return method::kCreateOrder;
    case CommandKind::kCancelOrder:
      return method::kCancelOrder;
    case CommandKind::kCharge:
      return method::kCharge;
    case CommandKind::kGetOrder:
      return method::kGetOrder;
    case CommandKind::kGetBalance:
      return method::kGetBalance;
  }
  return {};
}

}  // namespace

Client::Client(std::vector<CommandHistory*> histories, const sim::Service& orders,
               const sim::Service& balances, const ClientOptions& options, ClientObserver& observer)
    : histories_(std::move(histories)),
      orders_(orders),
      balances_(balances),
      options_(options),
      observer_(observer) {}

sim::Task<> Client::start(sim::Context context) {
  sim::Node& node = context.activity().node();
  for (CommandHistory* history : histories_) {
    if (history->finished) {
      continue;
    }
    sim::Invocation invocation{.role = node.role(),
                               .scope = "command",
                               .trigger = sim::Name(),
                               .subject = history->command->name};
    invocation.attempt = context.activity().world().next_attempt(invocation.id());
    node.start(invocation, context.activity().cause(),
               [&](sim::Context mine) { return perform(mine, history); });
  }
  co_return;
}

sim::Task<> Client::perform(sim::Context context, CommandHistory* history) {
  const sim::Instant now = context.activity().world().now();
  if (now < history->command->at) {
    auto waiting = context.sleep(history->command->at - now, "arrival");
    co_await waiting;
  }
  while (history->attempts < options_.attempts) {
    ++history->attempts;
    auto asking = ask(context, history);
    const Answer answer = co_await std::move(asking);
    if (answer != Answer::kTryAgain) {
      history->answer = answer;
      break;
    }
    auto pause = context.sleep(
        context.backoff(history->attempts, options_.retry, 8 * options_.retry), "retry");
    co_await pause;
  }
  history->finished = true;
  history->answered = context.activity().world().now();
  observer_.on_answer(*history, history->answered);
}

sim::Task<Answer> Client::ask(sim::Context context, CommandHistory* history) {
  const Command& command = *history->command;
  const bool about_balance =
      command.kind == CommandKind::kCharge || command.kind == CommandKind::kGetBalance;
  const sim::Service& service = about_balance ? balances_ : orders_;
  const sim::Instant asked = context.activity().world().now();
  sim::Payload request = request_of(context.frame_pool(), command);
  auto call = service.call(context, method_of(command.kind), command.name, std::move(request));
  const sim::Reply reply = co_await call;
  if (reply.outcome != sim::Outcome::kOk) {
    co_return Answer::kTryAgain;
  }
  if (reply.payload.is<CommandReply>()) {
    co_return reply.payload.as<CommandReply>().answer;
  }
  const LookupReply& looked_up = reply.payload.as<LookupReply>();
  if (!looked_up.available) {
    co_return Answer::kTryAgain;
  }
  if (command.kind == CommandKind::kGetOrder && looked_up.found) {
    observer_.on_read(command.order, looked_up.status, asked, context.activity().world().now());
  }
  co_return Answer::kAccepted;
}

}  // namespace sagasim::domain
