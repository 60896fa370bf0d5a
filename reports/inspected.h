// Inspected: the state of a run at a moment, or what became of it by another, or what another run
// has instead; for a person and for a program.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "reports/summary.h"
#include "search/inspection.h"
#include "sim/snapshot.h"

namespace sagasim::reports {

struct InspectReport {
  enum class Kind {
    kState,    // at `first.at`
    kUntil,    // from `first` to `second`, of one run
    kAgainst,  // `first` of the run, `second` of the other
  };
  Kind kind = Kind::kState;
  Target target;
  scenarios::RunResult result;  // of the run, for when it ends and what it violates
  std::string other;            // the other run: its file
  sim::Snapshot first;          // as selected
  sim::Snapshot second;         // likewise; not for kState
  bool everything = false;      // also what is at rest, and however long the lists are
  std::string rerun;
};

void write_text(std::ostream& out, const InspectReport& report, const Style& style);
void write_json(std::ostream& out, const InspectReport& report);

}  // namespace sagasim::reports
