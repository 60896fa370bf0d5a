// `sagasim list WHAT`: what can be named elsewhere, with a line of explanation each.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_list_verb(CLI::App& app);

}  // namespace sagasim::apps
