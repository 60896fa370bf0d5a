// Expected: what each weaker policy and each bug does to the shop, what it takes, and what prevents
// it, as somebody says who knows the protocol and has not asked the tool. Written by hand from what
// the guards are for; the tool's answers are held against it.
#pragma once

#include <string>
#include <vector>

#include "faults/kind.h"
#include "scenarios/bugs.h"

namespace sagasim::stories {

// What has to go wrong, as far as the guard cares.
enum class Trouble {
  kNothing,       // nothing at all: customers and latencies are enough
  kInterruption,  // something does not come to its end as its initiator sees it: a message, an
                  // answer, a process or a part is lost, for a moment or for good
  kRepetition,    // something is handed over again: it came twice, or what was done about it was
                  // not noted in time
  kReordering,    // one thing overtakes another: something comes late
};

using Remedies = std::vector<std::vector<const char*>>;

struct Weakening {
  // What is weaker, all of it, and the scenario of the library that shows it.
  std::vector<scenarios::Setting> settings;
  const char* scenario = nullptr;
  // The bug that it is; null: none of the catalogue.
  const scenarios::Bug* bug = nullptr;
  // Why it does harm, or why it does none.
  const char* why = nullptr;
  // What is violated first: the story's cause is one of these. None: nothing is, whatever goes
  // wrong.
  std::vector<const char*> properties;
  // Each necessary fault is one of these. With kNothing among them there may be none.
  std::vector<Trouble> takes;
  // Exactly the remedies: each a set of guards that are back together.
  Remedies remedies;
  // The story is judged by its properties alone, since another one that says less of the damage is
  // violated before them.
  bool by_those_alone = false;
};

// The bugs in the order of their catalogue, then every value of every policy that is no bug by
// itself in the order of theirs, then those that are equivalent to the reference.
const std::vector<Weakening>& expected();

// "X05-ack-before-processing" or "consume=none with natural_keys=off".
std::string name_of(const Weakening& weakening);
// The same for files and tests: "consume-none-natural_keys-off".
std::string file_name_of(const Weakening& weakening);

// Whether a fault of that kind can bring such trouble about.
bool brings(faults::Kind kind, Trouble trouble);

}  // namespace sagasim::stories
