// Architectures: the named points of the policy space. The one list of them, for files, messages
// and `sagasim list`.
#pragma once

#include <string>

#include "domain/policy.h"
#include "scenarios/scenario.h"

namespace sagasim::scenarios {

struct Preset {
  const char* id;
  const char* description;  // one sentence
  domain::Policy policy;
};
extern const Preset kPresets[];
extern const int kPresetCount;

// The preset and what it changes: "resilient, publish=after_commit". Requires: the preset is known.
std::string to_text(const Architecture& architecture);

}  // namespace sagasim::scenarios
