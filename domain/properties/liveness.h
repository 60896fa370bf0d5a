// Liveness, LIV-1 and LIV-2: once nothing is left that could happen, everything has come to its
// end. An order that has not is told with the reason.
#pragma once

#include <vector>

#include "domain/properties/group.h"
#include "domain/runtime/local_bus.h"
#include "sim/diagnosis.h"

namespace sagasim::domain {

class LivenessProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;
  // `why` an open order goes no further; null for any other.
  void at_end(const OrderTruth& order, const sim::Stuck* why, sim::Instant at);
  // `unpublished`: outbox rows; `lag`: records that some group has not dealt with.
  void queues_at_end(std::uint64_t unpublished, std::uint64_t lag, sim::Instant at);
};

// What the saga of an open order waits for when nothing anywhere is left that concerns it: an event
// that never reached the log, one that the log lost again, or one that its consumer was done with
// and nothing came of it.
struct Carried {
  std::vector<const sim::DeadLetter*> skipped;  // the broker's
  std::vector<sim::Missed> missed;
  const LocalLosses* local = nullptr;  // where there is no broker
  bool steps_in_cache = false;
  bool by_calls = false;  // whoever works on an order has in memory what is to be done
};
sim::Stuck lost(const OrderTruth& order, const Carried& carried);

}  // namespace sagasim::domain
