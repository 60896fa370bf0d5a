// What a test writes into a page: the lines between two marks, which follow from the sources or
// from a run of the command.
#pragma once

#include <string>

namespace sagasim::docs {

// What stands in the file between the two marks must be `expected`. With the variable
// SAGASIM_UPDATE set it becomes that instead; tests/golden/update sets it. `path`: from the top of
// the checkout.
void expect_between(const std::string& path, const std::string& begin, const std::string& end,
                    const std::string& expected);

}  // namespace sagasim::docs
