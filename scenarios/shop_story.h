// The shop's words for its operations: what each is to somebody who sells things and has never
// heard of a commit.
#pragma once

#include <string>

#include "domain/commands.h"
#include "scenarios/system.h"

namespace sagasim::scenarios {

// What the lines of an order come to, before any discount. Unknown products cost nothing.
domain::Money gross_of(const domain::Workload& workload, const domain::Command& order);

// A sentence without a full stop, with the amounts that the workload gives. Empty for what carries
// no story: looks, positions, timers.
std::string tell_story(const domain::Workload& workload, const Happening& happening);

}  // namespace sagasim::scenarios
