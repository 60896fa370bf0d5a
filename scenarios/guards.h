// Guards: the patterns of the reference protocol, each as something that can be left out
// altogether, and the classes of trouble that they are there for. The one list of both, for
// `sagasim lattice`, its page and its tests.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "domain/policy.h"
#include "scenarios/bugs.h"

namespace sagasim::scenarios {

// Left out is what a team has that does not know the pattern, not one that gets a detail of it
// wrong: of the weaker values of a policy the plainest one.
struct Guard {
  const char* id;    // "G1", as domain/policies.def numbers them
  const char* name;  // "outbox"
  const char* sentence;
  std::vector<Setting> left_out;
};
std::span<const Guard> guards();  // G1 to G18

// Leaves out the guards whose bit is set, the first guard having the lowest; the others stay as
// they are. Requires: no bit beyond the last guard is set.
void leave_out(std::uint32_t guards, domain::Policy& policy);

// Some of what can go wrong. Whatever happens in the class before all others can happen in each of
// them, and whatever happens in any of them can happen in the last one.
struct TroubleClass {
  const char* id;  // "duplicates"
  const char* sentence;
  // What takes a scenario into it, after --set. With several of these each seed has one.
  std::vector<std::vector<std::string>> settings;
};
std::span<const TroubleClass> trouble_classes();

}  // namespace sagasim::scenarios
