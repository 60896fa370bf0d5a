// Subscriptions: which consumer group hears which events, whatever carries them.
#pragma once

#include <span>
#include <vector>

#include "domain/messages/events.h"
#include "sim/name.h"

namespace sagasim::domain {

// Requires: there is such a group.
const std::vector<EventType>& subscriptions(sim::Name group);

// The same where services call each other: what a group is asked to do when there is such an event.
// The order service asks, so it is no group here; it asks in this order.
struct Request {
  sim::Name group;
  EventType type;
  sim::Name method;
};
std::span<const Request> requests();
// The request that the method stands for; null: it stands for none.
const Request* request_of(sim::Name method);

}  // namespace sagasim::domain
