#include "domain/runtime/hearsay.h"

#include "sim/broker.h"
#include "sim/world.h"

namespace sagasim::domain {
namespace {

sim::Record record_of(sim::World& world, const Event& event) {
  sim::Record record;
  record.topic = name_of(event.type);
  record.type = record.topic;
  record.subject = event.facts.order;
  record.version = event.version;
  record.event_id = event.id;
  record.payload = sim::Payload::of(world.pool(), event);
  record.appended = world.now();
  return record;
}

}  // namespace

void tell_appended(sim::Node& node, const Event& event) {
  const sim::Record record = record_of(node.world(), event);
  for (sim::Observer* observer : node.world().observers()) {
    observer->on_append(record);
  }
}

void tell_handled(sim::Node& node, const Event& event, sim::Invocation invocation,
                  sim::Name group) {
  invocation.scope = group;
  const sim::Record record = record_of(node.world(), event);
  for (sim::Observer* observer : node.world().observers()) {
    observer->on_handled(record, invocation);
  }
}

}  // namespace sagasim::domain
