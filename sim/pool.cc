#include "sim/pool.h"

namespace sagasim::sim {

void* Pool::allocate_new(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index >= kClasses) {
    return ::operator new(size);
  }
  const std::size_t bytes = index == 0 ? kLine : index * kLine;
  if (static_cast<std::size_t>(end_ - cursor_) < bytes) {
    slabs_.push_back(std::unique_ptr<Slab>(new Slab));  // not make_unique, which would clear it
    cursor_ = slabs_.back()->bytes;
    end_ = cursor_ + kSlab;
  }
  void* block = std::exchange(cursor_, cursor_ + bytes);
  if (index == 0) {  // the other half is for the next who asks
    release(cursor_ - kHalfLine, kHalfLine);
  }
  return block;
}

}  // namespace sagasim::sim
