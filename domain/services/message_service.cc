#include "domain/services/message_service.h"

#include "domain/messages/gateway.h"

namespace sagasim::domain {

sim::Task<sim::Handled> MessageService::consume(sim::Context context, sim::Delivery delivery) {
  return forward(context, delivery.record->payload.as<Event>());
}

sim::Task<sim::Handled> MessageService::forward(sim::Context context, Event event) {
  const GatewayBody body{event.facts.order, event.facts.total};
  const std::uint64_t key = policy_.platform_key == Switch::kOn ? event.id : 0;
  sim::HttpRequest request{gateway_method::kRecord, key, event.facts.order,
                           sim::Payload::of(context.frame_pool(), body)};
  auto sending = platform_.request(context, std::move(request));
  const sim::HttpReply reply = co_await sending;
  const bool stored = reply.outcome == sim::Outcome::kOk && reply.status == sim::HttpStatus::kDone;
  co_return stored ? sim::Handled::kDone : sim::Handled::kRetry;
}

}  // namespace sagasim::domain
