// Workload generation: what the customers and the manager of one seed will do. Steered towards
// coincidence: few users, products and coupons, demand skewed towards the first product,
// cancellations that land in the middle of their order's saga, balances a hair from a price or from
// the cap, last pieces, coupons that end while they are used.
#pragma once

#include <cstdint>

#include "domain/commands.h"
#include "scenarios/scenario.h"

namespace sagasim::scenarios {

// A pure function of both. Commands are named here, once and for all.
domain::Workload generate_workload(const Scenario& scenario, std::uint64_t seed);

}  // namespace sagasim::scenarios
