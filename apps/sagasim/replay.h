// `sagasim replay REPRO`: a run again, and whether it is the same one.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_replay_verb(CLI::App& app);

}  // namespace sagasim::apps
