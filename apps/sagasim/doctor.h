// doctor: whether seeds mean the same here, however they are run.
#pragma once

#include <memory>

#include "apps/sagasim/verb.h"

namespace sagasim::apps {

std::unique_ptr<Verb> make_doctor_verb(CLI::App& app);

}  // namespace sagasim::apps
