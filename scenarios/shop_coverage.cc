#include "scenarios/shop_coverage.h"

#include <bit>

#include "domain/messages/events.h"
#include "sim/database.h"

namespace sagasim::scenarios {
namespace {

constexpr std::uint32_t kEvents = domain::kEventTypes + 1;
constexpr std::uint32_t kFaults = faults::kKinds + 1;

std::uint32_t event_of(sim::Name name) {
  for (int type = 0; type < domain::kEventTypes; ++type) {
    if (name == domain::name_of(static_cast<domain::EventType>(type))) {
      return static_cast<std::uint32_t>(type) + 1;
    }
  }
  return 0;
}

}  // namespace

std::vector<CoverageAxis> shop_coverage_axes() {
  CoverageAxis phase{"phase", {"none"}};
  for (const domain::OrderPhase each :
       {domain::OrderPhase::kCollecting, domain::OrderPhase::kPayWait, domain::OrderPhase::kRefused,
        domain::OrderPhase::kDone, domain::OrderPhase::kFailed}) {
    phase.values.push_back(domain::to_text(each));
  }
  CoverageAxis event{"event", {"none"}};
  for (int type = 0; type < domain::kEventTypes; ++type) {
    event.values.push_back(domain::to_text(static_cast<domain::EventType>(type)));
  }
  CoverageAxis fault{"fault", {"none"}};
  for (const faults::KindInfo& info : faults::kCatalog) {
    fault.values.push_back(info.id);
  }
  return {phase, event, fault};
}

ShopCoverage::ShopCoverage(const domain::GroundTruth& truth) : truth_(truth) {
  constexpr std::uint32_t kPhases = static_cast<std::uint32_t>(domain::OrderPhase::kFailed) + 2;
  met_.resize((kPhases * kEvents * kFaults + 63) / 64);
}

std::uint32_t ShopCoverage::place_of(sim::Subject name, sim::Name event) const {
  const domain::OrderTruth* order = truth_.order(name);
  const bool exists = order != nullptr && order->exists;
  const std::uint32_t phase = exists ? static_cast<std::uint32_t>(order->row.phase) + 1 : 0;
  return (phase * kEvents + event_of(event)) * kFaults;
}

void ShopCoverage::meet(std::uint32_t place, std::uint32_t fault) {
  const std::uint32_t cell = place + fault;
  met_[cell / 64] |= std::uint64_t{1} << (cell % 64);
}

void ShopCoverage::on_commit(const sim::Commit& commit) {
  const sim::Invocation& invocation = commit.operation.invocation;
  if (invocation.trigger.empty()) {
    return;
  }
  const std::uint32_t place = place_of(invocation.subject, invocation.trigger);
  meet(place, 0);
  for (const faults::Kind moment : moments_) {
    meet(place, static_cast<std::uint32_t>(moment) + 1);
  }
  moments_.clear();
  for (std::uint64_t open = open_; open != 0; open &= open - 1) {
    meet(place, static_cast<std::uint32_t>(std::countr_zero(open)) + 1);
  }
}

// An append is about the event that it carries; all else about the one that is being worked on.
void ShopCoverage::on_strike(faults::Kind kind, const sim::Operation& operation) {
  const bool append = operation.kind == sim::OperationKind::kAppend;
  const sim::Invocation& invocation = operation.invocation;
  meet(place_of(invocation.subject, append ? operation.detail : invocation.trigger),
       static_cast<std::uint32_t>(kind) + 1);
}

void ShopCoverage::on_window(faults::Kind kind, bool opens) {
  if (faults::info_of(kind).moment) {
    moments_.push_back(kind);
    return;
  }
  static_assert(faults::kKinds <= 64, "a kind is a bit");
  std::uint32_t& windows = windows_[static_cast<std::size_t>(kind)];
  windows = opens ? windows + 1 : windows - 1;
  const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(kind);
  open_ = windows != 0 ? open_ | bit : open_ & ~bit;
}

std::vector<std::uint32_t> ShopCoverage::cells() const {
  std::vector<std::uint32_t> cells;
  for (std::uint32_t word = 0; word < met_.size(); ++word) {
    for (std::uint64_t bits = met_[word]; bits != 0; bits &= bits - 1) {
      cells.push_back(word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
    }
  }
  return cells;
}

}  // namespace sagasim::scenarios
