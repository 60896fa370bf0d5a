// HTML: a campaign as one page that needs nothing else: no script, no font, no picture from
// elsewhere. Made for a browser in the light or in the dark, and for paper.
#pragma once

#include <ostream>

#include "reports/summary.h"

namespace sagasim::reports {

void write_html(std::ostream& out, const SweepReport& report);

}  // namespace sagasim::reports
