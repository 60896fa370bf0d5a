// Tree: the files of this checkout that the lint rules are held against.

#pragma once

#include <string>
#include <vector>

#include "tests/lint/source.h"

namespace sagasim::lint {

// Every text file that somebody wrote, sorted by path: no build folder, nothing hidden but .ci.
std::vector<SourceFile> source_tree();

}  // namespace sagasim::lint
