// Bugs: mistakes that such systems ship with, one at a time, each a change to the reference
// protocol. They measure whether sagasim finds what it is for. The one list of them, for files,
// `--set`, `sagasim list bugs`, the tests and docs/bugs.md.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/policy.h"

namespace sagasim::scenarios {

// One policy set to a weaker value.
struct Setting {
  const char* policy;
  const char* value;  // a word of the policy, or a duration
};

struct Bug {
  const char* id;    // "X05"
  const char* name;  // "ack-before-processing"
  const char* sentence;
  std::vector<Setting> settings;  // what is weaker; guards that would hide it are off with it
  const char* scenario;           // of the library, that shows it
  // The properties of which one has to say so: they name the damage.
  std::vector<const char*> properties;
  const char* remedy;
};

std::span<const Bug> bugs();
std::string full_name(const Bug& bug);  // "X05-ack-before-processing"
// Requires: each policy and its value are known.
void apply(const std::vector<Setting>& settings, domain::Policy& policy);
void apply(const Bug& bug, domain::Policy& policy);

// A change that looks like a bug and is none, since another guard does the same work.
struct Equivalent {
  std::vector<Setting> settings;
  const char* scenario;  // in which it would show
  const char* reason;
};
std::span<const Equivalent> equivalents();

// What takes these settings after --set: "architecture.consume=none".
std::vector<std::string> to_settings(const std::vector<Setting>& settings);

}  // namespace sagasim::scenarios
