// `sagasim inspect REPRO --at TIME`: the state of everything at a moment, or what differs.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_inspect_verb(CLI::App& app);

}  // namespace sagasim::apps
