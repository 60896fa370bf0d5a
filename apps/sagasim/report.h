// report: what a stored campaign says, in any form.
#pragma once

#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_report_verb(CLI::App& app);

}  // namespace sagasim::apps
