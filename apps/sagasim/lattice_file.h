// LatticeFile: a computed lattice as it was written, `lattice.json`, with its runs beside it.
#pragma once

#include <string>

#include "reports/lattice.h"

namespace sagasim::apps {

inline constexpr const char* kLatticeFile = "lattice.json";

// The guards of this program, as a report has them.
std::vector<reports::LatticeGuard> lattice_guards();

// Throws BadInput if the file is no lattice, or one of other guards or classes than this program's.
reports::LatticeReport read_lattice(const std::string& path);

}  // namespace sagasim::apps
