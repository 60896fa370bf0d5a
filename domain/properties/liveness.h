// Liveness, LIV-1 and LIV-2: once nothing is left that could happen, everything has come to its
// end.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class LivenessProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;
  void at_end(const OrderTruth& order, sim::Instant at);
  // `unpublished`: outbox rows; `lag`: records that some group has not dealt with.
  void queues_at_end(std::uint64_t unpublished, std::uint64_t lag, sim::Instant at);
};

}  // namespace sagasim::domain
