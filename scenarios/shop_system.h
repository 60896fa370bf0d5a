// The shop as a System: builds one world per run, lets it live until nothing is left to happen or
// nothing can change any more, and has it judged.
#pragma once

#include <memory>

#include "domain/commands.h"
#include "scenarios/scenario.h"
#include "scenarios/system.h"

namespace sagasim::scenarios {

// Every run generates its workload from its seed.
std::unique_ptr<System> make_shop(const Scenario& scenario);
// Every run has this workload, as a reproduction file states it.
std::unique_ptr<System> make_shop(const Scenario& scenario, domain::Workload workload);

}  // namespace sagasim::scenarios
