// `sagasim run SCENARIO --seed N`: one universe.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_run_verb(CLI::App& app);

}  // namespace sagasim::apps
