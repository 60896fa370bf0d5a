// Memory: where one universe lives, so that it can be put back to what it was. Coroutines cannot be
// copied, but bytes can: if all that a universe allocates lies in one piece of memory that stays
// where it is, then a copy of that piece is a snapshot of the universe, and writing it back undoes
// everything since.
//
// It holds because a universe is alone: it has no state outside itself, and nobody outside keeps
// anything that it allocated. All that it allocates means all, whatever its size and alignment.
#pragma once

#include <cstddef>
#include <vector>

namespace sagasim::search {

class Memory {
 public:
  virtual ~Memory() = default;
  // Between the two, whatever this thread allocates lies in here. They do not nest.
  virtual void enter() = 0;
  virtual void leave() = 0;
  // Writes what is in here to `snapshot`, or back. Requires: not entered; a snapshot comes from
  // this memory.
  virtual void save(std::vector<std::byte>& snapshot) const = 0;
  virtual void restore(const std::vector<std::byte>& snapshot) = 0;
};

}  // namespace sagasim::search
