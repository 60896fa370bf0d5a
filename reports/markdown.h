// Markdown: a campaign for a pull request, an issue, or the summary of a CI job.
#pragma once

#include <ostream>

#include "reports/summary.h"

namespace sagasim::reports {

void write_markdown(std::ostream& out, const SweepReport& report);

}  // namespace sagasim::reports
