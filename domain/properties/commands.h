// Command property, IDM-5: what customers and the manager ask for happens once per key, and its
// answer never changes.
#pragma once

#include "domain/policy.h"
#include "domain/properties/group.h"
#include "sim/operation.h"

namespace sagasim::domain {

class CommandProperties : public PropertyGroup {
 public:
  CommandProperties(GroundTruth& truth, Reporter& reporter, const Policy& policy)
      : PropertyGroup(truth, reporter), policy_(policy) {}

  // A commit on behalf of `invocation` changed business rows.
  void on_effect(const sim::Invocation& invocation, sim::Instant at);
  void on_answer(const CommandHistory& history, sim::Instant at);
  // In the end, for every command.
  void at_end(const OrderTruth& command, sim::Instant at);

 private:
  // Under whose key the command goes.
  OrderTruth* holder_of_key(const Command& command);

  const Policy& policy_;
};

}  // namespace sagasim::domain
