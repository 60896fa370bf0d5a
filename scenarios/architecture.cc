#include "scenarios/architecture.h"

#include "domain/policy_catalog.h"
#include "scenarios/duration_text.h"

namespace sagasim::scenarios {
namespace {

const Preset& preset_of(const Architecture& architecture) {
  for (int i = 0; i < kPresetCount; ++i) {
    if (architecture.preset == kPresets[i].id) {
      return kPresets[i];
    }
  }
  return kPresets[0];
}

}  // namespace

const Preset kPresets[] = {
    {"resilient",
     "The reference: every guard is on, and an order waits for its steps for ever.",
     {}},
};
const int kPresetCount = 1;

std::string to_text(const Architecture& architecture) {
  const domain::Policy& before = preset_of(architecture).policy;
  const domain::Policy& after = architecture.policy;
  std::string text = architecture.preset;
  for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
    const std::size_t value = entry.get(after);
    const auto duration = entry.duration ? after.*entry.duration : std::nullopt;
    const bool same = entry.get(before) == value &&
                      (entry.duration == nullptr || before.*entry.duration == duration);
    if (!same) {
      text += std::string(", ") + entry.id + '=' +
              (duration ? to_text(*duration) : entry.values[value].id);
    }
  }
  return text;
}

}  // namespace sagasim::scenarios
