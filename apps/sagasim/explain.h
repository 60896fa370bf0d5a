// `sagasim explain REPRO`: why a run fails, and what would have prevented it.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_explain_verb(CLI::App& app);

}  // namespace sagasim::apps
