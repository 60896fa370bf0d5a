#include "domain/runtime/local_bus.h"

#include "domain/runtime/hearsay.h"
#include "sim/node.h"
#include "sim/world.h"

namespace sagasim::domain {

LocalBus::LocalBus(sim::Node& node, const sim::ExecutorOptions& options, LocalLosses& losses)
    : node_(node), losses_(losses), bus_(node, options) {}

void LocalBus::listen(sim::Name name, const std::vector<EventType>& types, const Handle& handle) {
  const Handle* kept = handles_.emplace_back(std::make_unique<Handle>(handle)).get();
  for (const EventType type : types) {
    sim::BusListener listener;
    listener.name = name;
    listener.type = name_of(type);
    listener.async = true;
    listener.handle = [this, kept](sim::Context context, sim::BusDelivery delivery) {
      return hear(context, kept, delivery.event->payload.as<Event>());
    };
    bus_.listen(std::move(listener));
  }
}

sim::BusEvent LocalBus::bus_event(const Event& event) const {
  sim::BusEvent handed;
  handed.type = name_of(event.type);
  handed.subject = event.facts.order;
  handed.version = event.version;
  handed.event_id = event.id;
  handed.payload = sim::Payload::of(node_.world().pool(), event);
  return handed;
}

bool LocalBus::post(std::uint64_t cause, const Event& event) {
  const bool first = bus_.executor().has_room();
  if (first) {
    tell_appended(node_, event);
  }
  const bool taken = bus_.post(cause, bus_event(event));
  if (!taken) {
    losses_.push_back({LocalLoss::How::kRejected, sim::Name(), event.type, event.facts.order});
  }
  return taken;
}

sim::Task<bool> LocalBus::hear(sim::Context context, const Handle* handle, Event event) {
  auto work = (*handle)(context, event);
  const sim::Handled handled = co_await std::move(work);
  const bool done = handled == sim::Handled::kDone;
  if (done) {
    tell_handled(node_, event, context.invocation(), context.invocation().scope);
  } else {
    losses_.push_back(
        {LocalLoss::How::kFailed, context.invocation().scope, event.type, event.facts.order});
  }
  co_return done;
}

}  // namespace sagasim::domain
