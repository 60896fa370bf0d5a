// The shop as something that can be made simpler: a scenario and an explicit workload, and every
// typed simplification of the two. What is left is always valid: it can be written to a file and
// read again.
#pragma once

#include <memory>

#include "domain/commands.h"
#include "scenarios/scenario.h"
#include "scenarios/system.h"

namespace sagasim::scenarios {

std::shared_ptr<const Reducible> make_reducible(const Scenario& scenario,
                                                const domain::Workload& workload);

// What a reducible shop consists of, for files. Requires: it came from make_reducible(), or from
// something that did.
const Scenario& scenario_of(const Reducible& shop);
const domain::Workload& workload_of(const Reducible& shop);

}  // namespace sagasim::scenarios
