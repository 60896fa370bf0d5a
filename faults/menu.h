// Menu: what may go wrong with one operation where every possibility is tried. Durations go on
// without end, so a few stand for all: one that is over before anybody notices, and one that
// outlasts everybody's patience.
#pragma once

#include <vector>

#include "faults/kind.h"
#include "sim/operation.h"
#include "sim/time.h"

namespace sagasim::faults {

struct MenuOptions {
  sim::Duration at_once = sim::milliseconds(1);  // while the first is still being worked on
  sim::Duration brief = sim::seconds(1);         // shorter than anybody waits
  sim::Duration lasting = sim::seconds(20);      // longer than anybody waits
};
// From how long things wait in a system, in any order.
MenuOptions menu_options(const std::vector<sim::Duration>& patience);

// The faults that are tried on an operation of that kind, always in the same order: each kind that
// can strike it, but for delays and holds. Two that the kernel treats alike stand there once: a
// call that is dropped is one that is not done.
std::vector<sim::Effect> menu_of(sim::OperationKind operation, const MenuOptions& options);

}  // namespace sagasim::faults
