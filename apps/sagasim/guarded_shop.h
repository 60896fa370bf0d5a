// GuardedShop: the shop as a system whose guards can be left out, under one class of trouble. Its
// runs are those of several scenarios in turn, so that no workload alone decides what is needed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scenarios/guards.h"
#include "scenarios/repro.h"
#include "scenarios/scenario.h"
#include "search/lattice.h"

namespace sagasim::apps {

class GuardedShop final : public search::GuardedSystem {
 public:
  // `names` and `settings` as for scenarios::load(); what the class asks for comes after them.
  // Throws BadInput. Requires: at least one name.
  GuardedShop(const std::vector<std::string>& names, const std::vector<std::string>& settings,
              const scenarios::TroubleClass& trouble);

  unsigned guards() const override;
  std::unique_ptr<scenarios::System> without(search::GuardSet left_out) const override;

  // What that seed is a run of.
  scenarios::Scenario scenario_of(search::GuardSet left_out, std::uint64_t seed) const;

 private:
  std::vector<scenarios::Scenario> scenarios_;
};

// The same run with exactly these guards left out: those of `run` are as the others of its
// scenario's architecture are, whatever they were.
scenarios::Repro without(search::GuardSet left_out, const scenarios::Repro& run);

}  // namespace sagasim::apps
