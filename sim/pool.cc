#include "sim/pool.h"

namespace sagasim::sim {

void* Pool::allocate(std::size_t size) {
  const std::size_t index = (size + kStep - 1) / kStep;
  if (index >= kClasses) {
    return ::operator new(size);
  }
  if (Free* block = free_[index]) {
    free_[index] = block->next;
    return block;
  }
  const std::size_t bytes = index * kStep;
  if (static_cast<std::size_t>(end_ - cursor_) < bytes) {
    slabs_.push_back(std::make_unique_for_overwrite<std::byte[]>(kSlab));
    cursor_ = slabs_.back().get();
    end_ = cursor_ + kSlab;
  }
  void* block = cursor_;
  cursor_ += bytes;
  return block;
}

void Pool::release(void* block, std::size_t size) noexcept {
  const std::size_t index = (size + kStep - 1) / kStep;
  if (index >= kClasses) {
    ::operator delete(block);
    return;
  }
  free_[index] = new (block) Free{free_[index]};
}

}  // namespace sagasim::sim
