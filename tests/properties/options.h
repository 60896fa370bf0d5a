// How much the property suite does, and with which seeds: from the command line, else from the
// environment, else from a file, else the defaults.
#pragma once

#include <cstdint>
#include <string>

namespace sagasim {

struct PropertyOptions {
  int cases = 60;          // generated cases per property
  std::uint64_t seed = 0;  // of the generators; 0: one per run, printed
};

// The options of this run; set by main.
PropertyOptions& property_options();

}  // namespace sagasim
