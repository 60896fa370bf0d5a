#include "sim/pool.h"

namespace sagasim::sim {

void* Pool::allocate_new(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index >= kClasses) {
    return ::operator new(size);
  }
  const std::size_t bytes = index * kStep;
  if (static_cast<std::size_t>(end_ - cursor_) < bytes) {
    slabs_.push_back(std::unique_ptr<std::byte[]>(new std::byte[kSlab]));
    cursor_ = slabs_.back().get();
    end_ = cursor_ + kSlab;
  }
  void* block = cursor_;
  cursor_ += bytes;
  return block;
}

}  // namespace sagasim::sim
