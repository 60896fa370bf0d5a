// `sagasim sweep SCENARIO`: many seeds, how many failed, grouped by cause.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_sweep_verb(CLI::App& app);

}  // namespace sagasim::apps
