// What plans for the shop can be about.
#pragma once

#include "faults/vocabulary.h"

namespace sagasim::scenarios {

const faults::Vocabulary& shop_vocabulary();

}  // namespace sagasim::scenarios
