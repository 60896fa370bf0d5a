// Process properties, PRC-1, PRC-2 and PRC-4: what the order service knows of an order's three
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

 private:
  void check_outcome(Party party, StepState step, const OrderTruth& truth, sim::Instant at);
};

}  // namespace sagasim::domain
