// Coverage of the shop: in which phase of its order an event met which fault. A cell is met when a
// fault strikes work on that event, or a window is open while the event takes effect, with its
// order in that phase. Work on an event that nothing struck meets the cell without a fault.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "domain/properties/ground_truth.h"
#include "faults/listener.h"
#include "scenarios/system.h"
#include "sim/observer.h"

namespace sagasim::scenarios {

// phase: no order yet, then those of domain::OrderPhase; event: none, as in the work of commands
// and jobs, then the types; fault: none, then the kinds.
std::vector<CoverageAxis> shop_coverage_axes();

// For one run. Heard before the judge, so that the truth still says what was before.
class ShopCoverage final : public sim::Observer, public faults::FaultListener {
 public:
  // Requires: `truth` outlives it.
  explicit ShopCoverage(const domain::GroundTruth& truth);

  void on_commit(const sim::Commit& commit) override;
  void on_strike(faults::Kind kind, const sim::Operation& operation) override;
  void on_window(faults::Kind kind, bool opens) override;

  // In ascending order.
  std::vector<std::uint32_t> cells() const;

 private:
  std::uint32_t place_of(sim::Subject order, sim::Name event) const;
  void meet(std::uint32_t place, std::uint32_t fault);

  const domain::GroundTruth& truth_;
  std::vector<std::uint64_t> met_;                       // a bit for each cell
  std::array<std::uint32_t, faults::kKinds> windows_{};  // by kind: how many are open
  std::uint64_t open_ = 0;                               // a bit for each kind of which one is
  std::vector<faults::Kind> moments_;                    // that nothing has followed yet
};

}  // namespace sagasim::scenarios
