// Mermaid: the story of one subject as the text of a sequence diagram, for a page or a job's
// summary.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "reports/summary.h"
#include "search/recording.h"
#include "sim/name.h"

namespace sagasim::reports {

// Lines of the diagram, participants and notes apart.
inline constexpr std::size_t kDiagramSteps = 60;

// Calls, messages, appends, deliveries, commits and requests of `subject` as arrows between roles,
// its faults and at the end the violation (if not null) as notes. When there are more than
// kDiagramSteps arrows, those nearest to a fault or to the violation stay, and a note says how many
// are left out.
void write_mermaid(std::ostream& out, const search::Recording& recording, sim::Subject subject,
                   const scenarios::Violation* violation);

// Without what ends a label or a line in Mermaid's grammar.
std::string mermaid_label(std::string_view text);

}  // namespace sagasim::reports
