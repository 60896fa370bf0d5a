// Reproduction: a failure looked at a second time, with everything recorded, and kept in files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/summary.h"
#include "scenarios/repro.h"
#include "scenarios/scenario.h"
#include "scenarios/system.h"
#include "search/recording.h"

namespace sagasim::apps {

// One seed run with its plan and its operations recorded.
struct Retold {
  scenarios::RunResult result;
  search::Recording recording;
};
// Makes the run of `request` again. The seed's own chance or its plan decides, as in the request.
Retold retell(const scenarios::System& system, const scenarios::RunRequest& request);

// The reproduction of a run. Requires: `result` holds its plan.
scenarios::Repro repro_of(const scenarios::Scenario& scenario, const scenarios::RunResult& result);

// Writes `repro-<scenario>-<cause>-<seed>.json` and the sequence of the failure, `.mmd`, into
// `folder`, which is made if need be, and notes both in `failure`. Throws BadInput if that fails.
void keep(const std::string& folder, const scenarios::Scenario& scenario, const Retold& retold,
          reports::Failure& failure);

// Letters, digits, `.`, `_` and `-` as they are, anything else as `-`: a part of a file's name.
std::string file_word(const std::string& text);

}  // namespace sagasim::apps
