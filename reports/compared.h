// Compared: a grid of sweeps over the same seeds, one for each combination of settings, as a table
// that is read at a glance and as JSON.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "reports/summary.h"

namespace sagasim::reports {

// What is varied along one side of the grid.
struct CompareAxis {
  std::string name;                 // a key of the scenario, or what a preset calls it
  std::vector<std::string> values;  // in words
};

struct CompareCell {
  std::vector<std::size_t> place;  // the index of its value on each axis
  std::string rerun;               // the sweep of this cell alone
  search::SweepResult result;
};

// A share that is worth a table of its own: a count of a tally, of another one of the same group.
struct Share {
  std::string title;  // "orders completed"
  std::string group;
  std::string part;
  std::string whole;
};

struct CompareReport {
  Target target;  // the scenario as it is before anything is varied
  std::uint64_t from = 0;
  std::uint64_t seeds = 0;
  std::vector<CompareAxis> axes;
  std::vector<CompareCell> cells;  // those that were swept; the last axis changes fastest
  std::vector<Share> shares;
  // The values of the only axis stand in order, the strongest guarantee first.
  bool is_ladder = false;
  bool interrupted = false;
  unsigned jobs = 1;
  double seconds = 0;
};

// Of a ladder: for each property the weakest rung under which it holds, and under every stronger
// one: its index, or -1 if it does not hold under the strongest. Only properties that had something
// to judge.
struct Weakest {
  std::string property;
  int rung = -1;
};
std::vector<Weakest> weakest_of(const CompareReport& report);

scenarios::Verdict verdict_of(const CompareReport& report);

void write_text(std::ostream& out, const CompareReport& report, const Style& style);
void write_json(std::ostream& out, const CompareReport& report);

}  // namespace sagasim::reports
