// UniverseMemory: search::Memory as one reserved piece of address space, handed out by replacing
// the global operator new, in all its forms, for as long as a thread has entered it. A form that
// were left out, as that of aligned types is easily, would leave objects outside.
#pragma once

#include <memory>

#include "search/memory.h"

namespace sagasim::apps {

// Null where that cannot be done: where a sanitizer watches the heap, or no room is left.
std::unique_ptr<search::Memory> make_universe_memory();

}  // namespace sagasim::apps
