// Explained: why a run fails, for a person and for a program.
#pragma once

#include <ostream>
#include <string>

#include "faults/plan.h"
#include "reports/summary.h"
#include "search/explain.h"

namespace sagasim::reports {

struct ExplainReport {
  Target target;
  std::uint64_t seed = 0;
  faults::Plan plan;
  search::Explanation explanation;
  std::string rerun;
};

// One screen for a run that was minimised.
void write_text(std::ostream& out, const ExplainReport& report, const Style& style);
void write_json(std::ostream& out, const ExplainReport& report);

}  // namespace sagasim::reports
