// Library: finds the scenario that a person asks for, among the shipped ones or on disk.
#pragma once

#include <string>
#include <vector>

#include "scenarios/bad_input.h"
#include "scenarios/scenario.h"

namespace sagasim::scenarios {

// What has a `/` in it or ends in `.json` is the path of a file; anything else is the name of a
// shipped scenario. `settings` as for parse_scenario. Throws BadInput.
Scenario load(const std::string& name_or_path, const std::vector<std::string>& settings = {});

struct LibraryEntry {
  std::string name;
  std::string description;
};

// The shipped scenarios, in the order in which the build lists them.
std::vector<LibraryEntry> library();

}  // namespace sagasim::scenarios
