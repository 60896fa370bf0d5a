// Event properties, EVT-1 and EVT-2, and IDM-1: what is in the log, what should be, and what took
// effect.
#pragma once

#include "domain/properties/group.h"
#include "sim/broker.h"

namespace sagasim::domain {

class EventProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  void on_append(const Event& event, sim::Instant at);
  // A commit on behalf of `invocation` changed business rows.
  void on_effect(const sim::Invocation& invocation, sim::Instant at);
  void at_end(const OrderTruth& order, sim::Instant at);
};

// The events that an order's committed state obliges its services to have published.
EventSet required_events(const OrderTruth& order);

}  // namespace sagasim::domain
