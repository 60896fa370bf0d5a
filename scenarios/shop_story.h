// The shop's words for its operations: what each is to somebody who sells things and has never
// heard of a commit.
#pragma once

#include <string>
#include <vector>

#include "domain/commands.h"
#include "domain/policy.h"
#include "scenarios/system.h"

namespace sagasim::scenarios {

// What the lines of an order come to, before any discount. Unknown products cost nothing.
domain::Money gross_of(const domain::Workload& workload, const domain::Command& order);

// Reducible::tell() of the shop, with the amounts that the workload gives.
std::vector<std::string> tell_story(const domain::Workload& workload, const domain::Policy& policy,
                                    const std::vector<Happening>& run);

}  // namespace sagasim::scenarios
