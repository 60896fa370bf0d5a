// Process properties, PRC-1 to PRC-4: what the order service knows of an order's three
// steps.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class ProcessProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  void on_order(const OrderTruth& truth, const OrderRow* before, const OrderRow& after,
                sim::Instant at);
  // A participant's row was committed; the truth knows it.
  void on_participant(Party party, const OrderTruth& truth, sim::Instant at);
  // The order service is done with an event; the truth knows it.
  void on_handled(const OrderTruth& truth, sim::Instant at);
  // What the cache says of a step now. Unless all is over, it may know of one before its party has
  // committed it.
  void on_cached(Party party, StepState cached, const OrderTruth& truth, bool over,
                 sim::Instant at);

 private:
  void check_outcome(Party party, StepState step, const OrderTruth& truth, sim::Instant at);
};

}  // namespace sagasim::domain
