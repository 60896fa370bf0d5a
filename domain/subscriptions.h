// Subscriptions: which consumer group hears which events, whatever carries them.
#pragma once

#include <vector>

#include "domain/messages/events.h"
#include "sim/name.h"

namespace sagasim::domain {

// Requires: there is such a group.
const std::vector<EventType>& subscriptions(sim::Name group);

}  // namespace sagasim::domain
