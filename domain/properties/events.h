// Event properties, EVT-1 to EVT-8 but EVT-4, and IDM-1: what is in the log, what should be, what
// it says, why it is there, and what took effect. (EVT-4 is about several events of one type about
// one thing; no topic of the shop has them.)
#pragma once

#include "domain/properties/group.h"
#include "sim/broker.h"

namespace sagasim::domain {

class EventProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // `digest` is that of the event.
  void on_append(const Event& event, std::uint64_t digest, sim::Instant at);
  // A commit on behalf of `invocation`, which takes effect if it changed business rows.
  void on_commit(const sim::Invocation& invocation, bool takes_effect, sim::Instant at);
  // `group` is done with an event.
  void on_handled(OrderTruth& order, EventType type, sim::Name group);
  void at_end(const OrderTruth& order, sim::Instant at);
  // In the end, for each event that a group was done with and whose consumption it had to write
  // down.
  void inbox_at_end(const OrderTruth& order, EventType type, sim::Name group, bool written,
                    sim::Instant at);
  void outboxes_at_end(std::uint64_t rows, sim::Instant at);

 private:
  void check_fidelity(OrderTruth& order, const Event& event, std::uint64_t digest, sim::Instant at);
  void check_cause(const OrderTruth& order, const Event& event, sim::Instant at);
};

// Consumer groups by number, as OrderTruth counts them.
inline constexpr std::uint32_t kGroupCount = 7;
sim::Name group_of(std::uint32_t number);
std::uint32_t number_of(sim::Name group);  // kGroupCount: there is none of that name

// The events that an order's committed state obliges its services to have published.
EventSet required_events(const OrderTruth& order);

}  // namespace sagasim::domain
