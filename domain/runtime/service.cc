#include "domain/runtime/service.h"

#include <algorithm>
#include <map>

#include "domain/runtime/hearsay.h"
#include "domain/subscriptions.h"
#include "sim/node.h"
#include "sim/random.h"
#include "sim/transaction.h"

namespace sagasim::domain {
namespace {

constexpr sim::Duration kBackoff = sim::milliseconds(100);
constexpr sim::Duration kBackoffCap = sim::seconds(5);

}  // namespace

sim::Draft draft_of(sim::Pool& pool, const Event& event) {
  return sim::Draft{name_of(event.type), event.facts.order, event.version, event.id,
                    sim::Payload::of(pool, event)};
}

bool responsible(const sim::Node& node, sim::Subject subject) {
  return sim::below(sim::mix(subject.bits()), node.instances()) == node.instance();
}

sim::Task<sim::Payload> ShopService::serve(sim::Context context, sim::Name method,
                                           sim::Payload request) {
  const Request* handed = policy().transport == Transport::kCalls ? request_of(method) : nullptr;
  return handed != nullptr ? take(context, handed->group, request.as<Event>())
                           : answer(context, method, std::move(request));
}

sim::Task<sim::Payload> ShopService::answer(sim::Context context, sim::Name method,
                                            sim::Payload request) {
  return sim::Process::serve(context, method, std::move(request));
}

sim::Task<sim::Payload> ShopService::take(sim::Context context, sim::Name group, Event event) {
  auto handling = handle(context, event);
  const sim::Handled handled = co_await std::move(handling);
  Heard heard;
  heard.done = handled == sim::Handled::kDone;
  for (std::optional<Event> said = next_said(context); said; said = next_said(context)) {
    heard.said.push_back(*said);
  }
  if (heard.done) {
    tell_handled(context.activity().node(), event, context.invocation(), group);
  }
  co_return sim::Payload::of(context.frame_pool(), heard);
}

sim::Task<sim::Handled> ShopService::consume(sim::Context context, sim::Delivery delivery) {
  return handle(context, delivery.record->payload.as<Event>());
}

bool ShopService::say(sim::Context context, const Event& event) {
  if (bus() != nullptr) {
    return bus()->post(context.activity().cause(), event);
  }
  if (policy().transport == Transport::kCalls) {
    said_.push_back({context.activity().identity(), event});
    return true;
  }
  broker().send(context, draft_of(context.frame_pool(), event));
  return true;
}

bool ShopService::has_said(sim::Context context) const {
  return std::any_of(said_.begin(), said_.end(), [&](const Said& said) {
    return said.activity == context.activity().identity();
  });
}

std::optional<Event> ShopService::next_said(sim::Context context) {
  for (auto said = said_.begin(); said != said_.end(); ++said) {
    if (said->activity == context.activity().identity()) {
      const Event event = said->event;
      said_.erase(said);
      return event;
    }
  }
  return std::nullopt;
}

bool ShopService::relays(const sim::Node& node, const OutboxRow& row) {
  return responsible(node, row.event.facts.order);
}

bool ShopService::relays_all(const sim::Node&, const OutboxRow&) { return true; }

sim::Invocation ShopService::relay_name(const sim::Node& node, const OutboxRow& row) {
  return sim::Invocation{.role = node.role(),
                         .scope = "relay",
                         .trigger = name_of(row.event.type),
                         .subject = row.event.facts.order,
                         .version = row.event.version};
}

sim::Task<> ShopService::relay(sim::Context context, OutboxRow row) {
  std::uint32_t failures = 0;
  for (;;) {
    sim::Outcome outcome = sim::Outcome::kAborted;
    if (bus() != nullptr) {
      outcome = say(context, row.event) ? sim::Outcome::kOk : sim::Outcome::kAborted;
    } else {
      auto append = broker().append(context, draft_of(context.frame_pool(), row.event));
      outcome = co_await append;
    }
    if (outcome == sim::Outcome::kOk) {
      break;
    }
    auto pause = context.sleep(context.backoff(failures, kBackoff, kBackoffCap), "backoff");
    co_await pause;
    ++failures;
  }
  for (;;) {
    sim::Transaction transaction(store().database, context);
    transaction.erase(store().outbox, row);
    auto commit = transaction.commit();
    const sim::Outcome outcome = co_await commit;
    if (outcome == sim::Outcome::kOk) {
      break;
    }
    auto pause = context.sleep(context.backoff(failures, kBackoff, kBackoffCap), "backoff");
    co_await pause;
    ++failures;
  }
}

sim::Task<> ShopService::relay_above_mark(sim::Context context, OutboxRow row) {
  if (row.number <= store().published) {
    co_return;
  }
  std::map<std::uint64_t, OutboxRow> batch;  // what the poll has read, by number
  store().outbox.for_each([&](const sim::Entry& entry) {
    const OutboxRow& each = *static_cast<const OutboxRow*>(entry.row());
    if (each.number > store().published && each.number <= row.number) {
      batch.emplace(each.number, each);
    }
  });
  for (const auto& item : batch) {
    auto relaying = relay(context, item.second);
    co_await std::move(relaying);
  }
  store().published = std::max(store().published, row.number);
}

}  // namespace sagasim::domain
