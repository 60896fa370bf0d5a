// merge: shards into one campaign.
#pragma once

#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_merge_verb(CLI::App& app);

}  // namespace sagasim::apps
