// JUnit XML: one suite per scenario, one case per property, as CI systems read it. The body of a
// failure holds the line that repeats it.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "reports/summary.h"

namespace sagasim::reports {

void write_junit(std::ostream& out, const RunReport& report);
void write_junit(std::ostream& out, const SweepReport& report);

// `text` as XML character data or attribute value. What XML cannot hold becomes '?'.
std::string xml_escaped(std::string_view text);

}  // namespace sagasim::reports
