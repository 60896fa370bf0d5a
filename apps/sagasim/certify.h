// `sagasim certify SCENARIO --faults K`: every combination of a few faults, or a counterexample.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_certify_verb(CLI::App& app);

}  // namespace sagasim::apps
