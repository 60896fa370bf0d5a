// Text: the verdict of a run or a sweep for a person at a terminal. The line that repeats it comes
// last, because that is what the terminal still shows when everything else has scrolled away.
#pragma once

#include <ostream>

#include "reports/format.h"
#include "reports/summary.h"

namespace sagasim::reports {

void write_text(std::ostream& out, const RunReport& report, const Style& style);
void write_text(std::ostream& out, const SweepReport& report, const Style& style);

}  // namespace sagasim::reports
