// UniverseMemory: search::Memory as one reserved piece of address space, handed out by replacing
// the global operator new for as long as a thread has entered it.
#pragma once

#include <memory>

#include "search/memory.h"

namespace sagasim::apps {

// Null where that cannot be done: where a sanitizer watches the heap, or no room is left.
std::unique_ptr<search::Memory> make_universe_memory();

}  // namespace sagasim::apps
