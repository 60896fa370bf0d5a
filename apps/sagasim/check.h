// `sagasim check FILE`: whether a scenario or reproduction file is valid, and where it is not.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_check_verb(CLI::App& app);

}  // namespace sagasim::apps
