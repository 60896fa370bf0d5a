// compare: which settings matter: a grid of sweeps over the same seeds.
#pragma once

#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_compare_verb(CLI::App& app);

}  // namespace sagasim::apps
