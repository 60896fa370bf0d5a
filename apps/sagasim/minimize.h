// `sagasim minimize REPRO`: the smallest workload and fault plan with the same failure.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_minimize_verb(CLI::App& app);

}  // namespace sagasim::apps
