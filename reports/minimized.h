// Minimized: what minimising a failure gave, for a person and for a program.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "reports/summary.h"
#include "search/minimize.h"

namespace sagasim::reports {

// Another failure that was met on the way.
struct NewCause {
  std::string cause;  // its signature
  std::string message;
  std::uint64_t faults = 0;
  std::string repro;  // the file that keeps it, or empty
};

struct MinimizeReport {
  Target target;    // as minimised: guards that do not matter are back
  Target original;  // as it was
  search::MinimizeResult result;
  std::optional<Failure> failure;  // the minimised one; nothing if it does not fail
  std::vector<NewCause> others;    // in the order of result.others
};

void write_text(std::ostream& out, const MinimizeReport& report, const Style& style);
void write_json(std::ostream& out, const MinimizeReport& report);

}  // namespace sagasim::reports
