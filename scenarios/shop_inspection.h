// The shop as something to look into: its databases, its broker, what customers were told, and the
// words for the hashes that stand in its rows.
#pragma once

#include "domain/commands.h"
#include "domain/shop.h"
#include "sim/snapshot.h"
#include "sim/world.h"

namespace sagasim::scenarios {

class ShopInspection {
 public:
  // Made before the run begins; all of it outlives the inspection.
  ShopInspection(sim::World& world, const domain::Shop& shop, const domain::Workload& workload);
  ShopInspection(const ShopInspection&) = delete;
  ShopInspection& operator=(const ShopInspection&) = delete;

  // The state now, as of `at`.
  sim::Snapshot take(sim::Instant at) const;

 private:
  void add_customers(sim::Snapshot& snapshot) const;

  const domain::Shop& shop_;
  sim::Inspector inspector_;
};

}  // namespace sagasim::scenarios
