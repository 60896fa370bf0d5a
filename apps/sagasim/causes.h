// Causes: what is said and kept of the failures of many runs: each cause by its first run, looked
// at once more.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "apps/sagasim/arguments.h"
#include "reports/summary.h"
#include "scenarios/scenario.h"
#include "scenarios/system.h"

namespace sagasim::apps {

// Causes whose first run is looked at again and kept in files.
inline constexpr std::size_t kCausesKept = 20;

struct CausesTold {
  std::optional<std::string> unwritten;  // why files could not be written, if they could not
  bool reproducible = true;              // no first run came out otherwise this time
};

// Fills in the failures of `report`, one for each cause of its result, and its rerun line. Writes
// their files into `folder`, unless that is empty. `scenario` says how the command line names the
// scenario: word and settings.
CausesTold tell_causes(const scenarios::System& system, const scenarios::Scenario& scenario,
                       const std::string& word, const std::string& settings,
                       const std::string& folder, reports::SweepReport& report);

// Prints the report as `output` wants it, with annotations where those are shown, and writes the
// JUnit file that it asks for. Returns why that could not be written.
std::optional<std::string> print_report(const OutputArguments& output,
                                        const reports::SweepReport& report);

}  // namespace sagasim::apps
