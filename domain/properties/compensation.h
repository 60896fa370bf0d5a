// Compensation and outcome properties: CMP-1 to CMP-3, ORP-1 and ORP-2, OUT-1 to OUT-3.
#pragma once

#include <optional>

#include "domain/policy.h"
#include "domain/properties/group.h"

namespace sagasim::domain {

class CompensationProperties : public PropertyGroup {
 public:
  CompensationProperties(GroundTruth& truth, Reporter& reporter, const Policy& policy)
      : PropertyGroup(truth, reporter), policy_(policy) {}

  // A participant's ledger row was committed; takes it into the truth.
  void on_participant(Party party, const ParticipantRow* before, const ParticipantRow& after,
                      sim::Instant at);
  void on_order(const OrderTruth& truth, const OrderRow* before, const OrderRow& after,
                sim::Instant at);
  void at_end(const OrderTruth& order, sim::Instant at);
  // In the end of a run without faults and with enough of everything for every order.
  void ample_at_end(const OrderTruth& order, sim::Instant at);

 private:
  bool justified(Party party, const ParticipantRow& row);

  const Policy& policy_;
};

}  // namespace sagasim::domain
