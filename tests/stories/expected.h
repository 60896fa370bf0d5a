// Expected: what each weaker policy and each bug does to the shop, what it takes, and what prevents
// it, as somebody says who knows the protocol and has not asked the tool. Written by hand from what
// the guards are for; the tool's answers are held against it.
#pragma once

#include <string>
#include <vector>

#include "faults/kind.h"
#include "scenarios/bugs.h"

namespace sagasim::stories {

// What has to go wrong with an operation, as whoever is at work there sees it.
enum class Trouble {
  kRefusal,     // it is not done, and that is known at once or soon: the other side is away
  kLoss,        // it is not done, and nobody says so
  kLostAnswer,  // it is done, and nobody says so
  kDeath,       // the process at work dies
  kLateness,    // it waits, and others overtake it
  kForgetting,  // what a cache was told is gone
  kGibberish,   // somebody has sent what nobody can read
};

// One way to strike: any of these troubles at any of these operations, and nowhere else. `*` in a
// name stands for anything. What lasts for a while is named by its label: "outage of product-db".
struct Blow {
  std::vector<Trouble> troubles;  // none: nothing has to go wrong
  std::vector<const char*> operations;
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
  // Each necessary fault is one of these; there may be none if that is among them.
  std::vector<Blow> takes;
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

// Whether a fault of that kind there is such a blow. Of a window, `operation` is its label.
bool does(const Blow& blow, faults::Kind kind, const std::string& operation);

}  // namespace sagasim::stories
