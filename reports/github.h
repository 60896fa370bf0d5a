// Annotations: lines that GitHub Actions shows beside a commit. Whether it is GitHub that runs this
// is for the caller to find out.
#pragma once

#include <ostream>

#include "reports/summary.h"

namespace sagasim::reports {

// One line per failure, at most 8 (GitHub shows about 10 a step), then one that counts the others.
void write_annotations(std::ostream& out, const Target& target,
                       const std::vector<Failure>& failures);

}  // namespace sagasim::reports
