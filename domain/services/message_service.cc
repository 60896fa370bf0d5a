#include "domain/services/message_service.h"

#include "domain/messages/calls.h"
#include "domain/messages/gateway.h"
#include "domain/names.h"
#include "domain/runtime/hearsay.h"

namespace sagasim::domain {

sim::Task<sim::Handled> MessageService::consume(sim::Context context, sim::Delivery delivery) {
  return forward(context, delivery.record->payload.as<Event>());
}

sim::Task<sim::Payload> MessageService::serve(sim::Context context,
                                              [[maybe_unused]] sim::Name method,
                                              sim::Payload request) {
  const Event event = request.as<Event>();
  auto forwarding = forward(context, event);
  const sim::Handled handled = co_await std::move(forwarding);
  Heard heard;
  heard.done = handled == sim::Handled::kDone;
  if (heard.done) {
    tell_handled(context.activity().node(), event, context.invocation(), group::kMessage);
  }
  co_return sim::Payload::of(context.frame_pool(), heard);
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
