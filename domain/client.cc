#include "domain/client.h"

#include "domain/names.h"
#include "sim/world.h"

namespace sagasim::domain {
namespace {

// Of `command`, under the key of `order`.
CreateOrder create_request(const Command& command, sim::Subject order) {
  CreateOrder request{order, command.user, command.coupon, {}};
  for (const CommandLine& line : command.lines) {
    request.lines.push_back(LineRequest{line.product, line.quantity});
  }
  return request;
}

sim::Name method_of(CommandKind kind) {
  switch (kind) {
    case CommandKind::kCreateOrder:
    case CommandKind::kRepeatOrder:
    case CommandKind::kReuseKey:
      return method::kCreateOrder;
    case CommandKind::kCancelOrder:
      return method::kCancelOrder;
    case CommandKind::kCharge:
      return method::kCharge;
    case CommandKind::kGetOrder:
      return method::kGetOrder;
    case CommandKind::kGetBalance:
      return method::kGetBalance;
    case CommandKind::kIssueCoupon:
      return method::kIssueCoupon;
    case CommandKind::kGetTop:
      return method::kGetTop;
    case CommandKind::kReprice:
      return method::kReprice;
    case CommandKind::kStopSelling:
    case CommandKind::kResumeSelling:
      return method::kSetSelling;
    case CommandKind::kRestock:
      return method::kRestock;
    case CommandKind::kOpenCampaign:
    case CommandKind::kCancelCampaign:
      return method::kSetCampaign;
    case CommandKind::kExpireCoupon:
      return method::kExpireCoupon;
  }
  return {};
}

}  // namespace

Client::Client(std::vector<CommandHistory*> histories, const ClientPeers& peers,
               const ClientOptions& options, ClientObserver& observer)
    : histories_(std::move(histories)), peers_(peers), options_(options), observer_(observer) {}

CommandHistory* Client::find(sim::Subject command) const {
  for (CommandHistory* history : histories_) {
    if (history->command->name == command) {
      return history;
    }
  }
  return nullptr;
}

sim::Task<> Client::start(sim::Context context) {
  for (CommandHistory* history : histories_) {
    const CommandHistory* before = find(history->command->after);
    if (!history->finished && (before == nullptr || before->finished)) {
      begin(context.activity().node(), context.activity().cause(), history);
    }
  }
  co_return;
}

void Client::begin(sim::Node& node, std::uint64_t cause, CommandHistory* history) {
  sim::Invocation invocation{.role = node.role(),
                             .scope = "command",
                             .trigger = sim::Name(),
                             .subject = history->command->name};
  invocation.attempt = node.world().next_attempt(invocation.id());
  node.start(invocation, cause, [&](sim::Context mine) { return perform(mine, history); });
}

// A key can be used for something else only once it has been used: before its order was answered
// the other request might come first and be the order. And it must be something else.
bool Client::is_wanted(const CommandHistory& history) const {
  const CommandKind kind = history.command->kind;
  if (kind != CommandKind::kRepeatOrder && kind != CommandKind::kReuseKey) {
    return true;
  }
  const CommandHistory* order = find(history.command->order);
  if (order == nullptr) {
    return false;
  }
  if (kind == CommandKind::kRepeatOrder) {
    return true;
  }
  const bool answered = order->finished && order->answer != Answer::kTryAgain;
  const sim::Subject key = order->command->name;
  return answered && sim::digest_of(create_request(*history.command, key)) !=
                         sim::digest_of(create_request(*order->command, key));
}

sim::Task<> Client::perform(sim::Context context, CommandHistory* history) {
  const sim::Instant now = context.activity().world().now();
  if (now < history->command->at) {
    auto waiting = context.sleep(history->command->at - now, "arrival");
    co_await waiting;
  }
  const std::uint32_t patience =
      history->command->attempts != 0 ? history->command->attempts : options_.attempts;
  while (is_wanted(*history) && history->attempts < patience) {
    if (history->attempts++ == 0) {
      history->asked = context.activity().world().now();
    }
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
  for (CommandHistory* next : histories_) {
    if (!next->finished && next->command->after == history->command->name) {
      begin(context.activity().node(), context.activity().cause(), next);
    }
  }
}

const sim::Service& Client::service_for(CommandKind kind) const {
  switch (kind) {
    case CommandKind::kCharge:
    case CommandKind::kGetBalance:
      return peers_.balances;
    case CommandKind::kIssueCoupon:
    case CommandKind::kOpenCampaign:
    case CommandKind::kCancelCampaign:
    case CommandKind::kExpireCoupon:
      return peers_.coupons;
    case CommandKind::kGetTop:
    case CommandKind::kReprice:
    case CommandKind::kStopSelling:
    case CommandKind::kResumeSelling:
    case CommandKind::kRestock:
      return peers_.products;
    case CommandKind::kCreateOrder:
    case CommandKind::kCancelOrder:
    case CommandKind::kGetOrder:
    case CommandKind::kRepeatOrder:
    case CommandKind::kReuseKey:
      return peers_.orders;
  }
  return peers_.orders;
}

sim::Payload Client::request_of(sim::Pool& pool, const Command& command) const {
  const sim::Subject key = command.name;
  switch (command.kind) {
    case CommandKind::kCreateOrder:
      return sim::Payload::of(pool, create_request(command, key));
    case CommandKind::kRepeatOrder:
      return sim::Payload::of(pool, create_request(*find(command.order)->command, command.order));
    case CommandKind::kReuseKey:
      return sim::Payload::of(pool, create_request(command, command.order));
    case CommandKind::kCancelOrder:
      return sim::Payload::of(pool, CancelOrder{key, command.order});
    case CommandKind::kCharge:
      return sim::Payload::of(pool, Charge{key, command.user, command.amount});
    case CommandKind::kGetOrder:
      return sim::Payload::of(pool, Lookup{command.order});
    case CommandKind::kGetBalance:
      return sim::Payload::of(pool, Lookup{command.user});
    case CommandKind::kIssueCoupon:
      return sim::Payload::of(pool, IssueCoupon{key, command.user, command.coupon});
    case CommandKind::kGetTop:
      return sim::Payload::of(pool, Lookup{});
    case CommandKind::kReprice:
      return sim::Payload::of(pool, Reprice{key, command.product, command.amount});
    case CommandKind::kStopSelling:
    case CommandKind::kResumeSelling:
      return sim::Payload::of(
          pool, SetSelling{key, command.product, command.kind == CommandKind::kResumeSelling});
    case CommandKind::kRestock:
      return sim::Payload::of(pool, Restock{key, command.product, command.amount});
    case CommandKind::kOpenCampaign:
      return sim::Payload::of(pool, SetCampaign{key, command.coupon, CampaignStatus::kPublishable});
    case CommandKind::kCancelCampaign:
      return sim::Payload::of(pool, SetCampaign{key, command.coupon, CampaignStatus::kCanceled});
    case CommandKind::kExpireCoupon:
      return sim::Payload::of(pool, ExpireCoupon{key, command.coupon});
  }
  return {};
}

sim::Task<Answer> Client::ask(sim::Context context, CommandHistory* history) {
  const Command& command = *history->command;
  const sim::Service& service = service_for(command.kind);
  const sim::Instant asked = context.activity().world().now();
  sim::Payload request = request_of(context.frame_pool(), command);
  auto call = service.call(context, method_of(command.kind), command.name, std::move(request));
  const sim::Reply reply = co_await call;
  const sim::Instant now = context.activity().world().now();
  if (reply.outcome != sim::Outcome::kOk) {
    co_return Answer::kTryAgain;
  }
  if (reply.payload.is<CommandReply>()) {
    co_return reply.payload.as<CommandReply>().answer;
  }
  if (reply.payload.is<TopReply>()) {
    const TopReply& best = reply.payload.as<TopReply>();
    if (best.available) {
      observer_.on_top_read(best, asked, now);
    }
    co_return best.available ? Answer::kAccepted : Answer::kTryAgain;
  }
  const LookupReply& looked_up = reply.payload.as<LookupReply>();
  if (!looked_up.available) {
    co_return Answer::kTryAgain;
  }
  tell(command, looked_up, asked, now);
  co_return Answer::kAccepted;
}

void Client::tell(const Command& command, const LookupReply& reply, sim::Instant asked,
                  sim::Instant at) const {
  if (command.kind == CommandKind::kGetBalance) {
    observer_.on_balance_read(command.user, reply.amount, asked, at);
  } else if (reply.found) {
    observer_.on_read(command.order, reply.status, asked, at);
  } else {
    observer_.on_missing(command.order, asked, at);
  }
}

}  // namespace sagasim::domain
