// Pool: memory for everything that lives and dies inside one world: coroutine frames, messages,
// rows, operations in flight. Blocks are kept by size class and reused, so the steady state of a
// run allocates nothing, and the world's end frees everything at once.
//
// Not thread-safe: a pool belongs to one world, a world to one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace sagasim::sim {

class Pool {
 public:
  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // `size` bytes, aligned for any ordinary type (16), and to a line of the cache if more than half
  // a line. Never null. Inline: `size` is known where it is called, nearly always, and what remains
  // is taking the head of a list.
  void* allocate(std::size_t size) {
    const std::size_t index = class_of(size);
    if (index < kClasses && free_[index] != nullptr) [[likely]] {
      Free* block = free_[index];
      free_[index] = block->next;
      return block;
    }
    return allocate_new(size);
  }
  // Requires: `block` came from allocate(size) of this pool and was not given back since.
  void release(void* block, std::size_t size) noexcept {
    const std::size_t index = class_of(size);
    if (index >= kClasses) [[unlikely]] {
      ::operator delete(block);
      return;
    }
    free_[index] = new (block) Free{free_[index]};
  }

  template <class T, class... Arguments>
  T* make(Arguments&&... arguments) {
    static_assert(alignof(T) <= 16);
    return new (allocate(sizeof(T))) T(std::forward<Arguments>(arguments)...);
  }
  // Requires: `object` came from make<T>() of this pool; T is its exact type.
  template <class T>
  void destroy(T* object) noexcept {
    object->~T();
    release(object, sizeof(T));
  }

 private:
  static constexpr std::size_t kHalfLine = 32;
  static constexpr std::size_t kLine = 64;
  // Blocks up to 4 KiB are pooled, larger ones are not: the frame of a handler that works through a
  // whole event has more than 2 KiB.
  static constexpr std::size_t kClasses = 65;
  static constexpr std::size_t kSlab = 32 * 1024;

  struct Free {
    Free* next;
  };
  struct Slab {
    alignas(kLine) std::byte bytes[kSlab];
  };
  // 0 for what fits into half a line, otherwise the number of lines: no block lies in one line more
  // than it has to.
  static constexpr std::size_t class_of(std::size_t size) {
    return size <= kHalfLine ? 0 : (size + kLine - 1) / kLine;
  }
  void* allocate_new(std::size_t size);

  std::array<Free*, kClasses> free_{};
  std::byte* cursor_ = nullptr;
  std::byte* end_ = nullptr;
  std::vector<std::unique_ptr<Slab>> slabs_;
};

// For the containers of a world: their memory comes from its pool, and goes back there.
template <class T>
class PoolAllocator {
 public:
  using value_type = T;

  explicit PoolAllocator(Pool& pool) : pool_(&pool) {}
  template <class U>
  PoolAllocator(const PoolAllocator<U>& other) : pool_(&other.pool()) {}

  T* allocate(std::size_t count) {
    static_assert(alignof(T) <= 16);
    return static_cast<T*>(pool_->allocate(count * sizeof(T)));
  }
  void deallocate(T* block, std::size_t count) noexcept {
    pool_->release(block, count * sizeof(T));
  }
  Pool& pool() const { return *pool_; }
  friend bool operator==(const PoolAllocator& a, const PoolAllocator& b) {
    return a.pool_ == b.pool_;
  }

 private:
  Pool* pool_;
};

}  // namespace sagasim::sim
