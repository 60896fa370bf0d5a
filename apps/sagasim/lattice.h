// lattice: which guards are needed against which trouble, and which are enough.
#pragma once

#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_lattice_verb(CLI::App& app);

}  // namespace sagasim::apps
