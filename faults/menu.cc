#include "faults/menu.h"

#include <algorithm>

namespace sagasim::faults {
namespace {

std::vector<sim::Duration> durations_of(Kind kind, const MenuOptions& options) {
  switch (kind) {
    case Kind::kDuplicate:
      return {options.at_once, options.brief, options.lasting};
    case Kind::kLate:
      return {options.at_once, options.lasting};
    default:
      break;
  }
  return info_of(kind).timed ? std::vector<sim::Duration>{options.brief, options.lasting}
                             : std::vector<sim::Duration>{sim::Duration{}};
}

}  // namespace

MenuOptions menu_options(const std::vector<sim::Duration>& patience) {
  MenuOptions options;
  if (!patience.empty()) {
    const auto [least, most] = std::minmax_element(patience.begin(), patience.end());
    options.brief = std::min(options.brief, *least / 2);
    options.at_once = std::min(options.at_once, options.brief / 2);
    options.lasting = *most + options.brief;
  }
  return options;
}

std::vector<sim::Effect> menu_of(sim::OperationKind operation, const MenuOptions& options) {
  std::vector<sim::Effect> menu;
  for (int i = 0; i < kOperationKindsOfFault; ++i) {
    const auto kind = static_cast<Kind>(i);
    const bool postpones = kind == Kind::kDelay || kind == Kind::kHold;
    const bool is_drop = kind == Kind::kNotDone && can_strike(Kind::kDrop, operation);
    if (postpones || is_drop || !can_strike(kind, operation)) {
      continue;
    }
    for (const sim::Duration duration : durations_of(kind, options)) {
      menu.push_back(effect_of(kind, duration));
    }
  }
  return menu;
}

}  // namespace sagasim::faults
