// Hearsay: where no broker keeps events, observers hear of each as if it were a record: appended
// when somebody has it in hand, handled when somebody is done with it.
#pragma once

#include "domain/messages/events.h"
#include "sim/node.h"

namespace sagasim::domain {

void tell_appended(sim::Node& node, const Event& event);
// By `group`, in the work of that invocation.
void tell_handled(sim::Node& node, const Event& event, sim::Invocation invocation, sim::Name group);

}  // namespace sagasim::domain
