// JSON: the machine-readable answers. Their keys are a contract: more may come, none may leave.
#pragma once

#include <ostream>

#include "reports/summary.h"

namespace sagasim::reports {

// One object and a newline. Seeds are strings, because JSON's numbers end at 2^53.
void write_json(std::ostream& out, const RunReport& report);
void write_json(std::ostream& out, const SweepReport& report);

// What `list` prints.
struct Entry {
  std::string id;
  std::string description;
  std::string example;  // perhaps none
};
void write_json(std::ostream& out, const std::string& what, const std::vector<Entry>& entries);

}  // namespace sagasim::reports
