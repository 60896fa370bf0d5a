// Reproduction: a failure looked at a second time, with everything recorded, and kept in files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/sagasim/arguments.h"
#include "reports/summary.h"
#include "scenarios/repro.h"
#include "scenarios/scenario.h"
#include "scenarios/system.h"
#include "search/minimize.h"
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

// The reproduction file that `arguments` names. Says so where another version wrote it. Throws
// BadInput; `verb` is for its words.
scenarios::Repro read_reproduction(const std::string& verb, const ScenarioArguments& arguments);
// Whether the text of a file is that of a reproduction; if not, it is to be judged as a scenario.
// Throws BadInput if it is no JSON.
bool is_reproduction(const std::string& text, const std::string& file);
// The same of a scenario's run under `seed`, if one is given.
scenarios::Repro read_reproduction(const std::string& verb, const ScenarioArguments& arguments,
                                   const std::string& seed);

// A run as search takes it apart, and what search found as a file.
search::Case case_of(const scenarios::Repro& repro);
scenarios::Repro repro_of(const search::Found& found);

// How the run of a file differs from what the file expects, in words for people; empty: it does
// not, or the file expects nothing.
std::vector<std::string> differences_from(const std::optional<scenarios::Expectation>& known,
                                          const scenarios::RunResult& result);

// Writes `repro-<scenario>-<cause>-<seed>.json` and the sequence of the failure, `.mmd`, into
// `folder`, which is made if need be, and notes both in `failure`. Throws BadInput if that fails.
// `repro` is that of the run that is told; `how` stands behind the seed in the name.
void keep(const std::string& folder, const scenarios::Repro& repro, const Retold& retold,
          reports::Failure& failure, const std::string& how = "");

// What happened to the subject of a failure, in the words of the shop: the last events before it
// and the faults among them. Requires: the run failed.
std::vector<reports::StoryLine> story_of(const scenarios::Scenario& scenario, const Retold& retold);

// What a file that `keep` writes is called, without its ending.
std::string stem_of(const std::string& scenario, const std::string& cause, std::uint64_t seed);

// Letters, digits, `.`, `_` and `-` as they are, anything else as `-`: a part of a file's name.
std::string file_word(const std::string& text);

}  // namespace sagasim::apps
