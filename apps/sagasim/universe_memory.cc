#include "apps/sagasim/universe_memory.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SAGASIM_WATCHED_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define SAGASIM_WATCHED_HEAP 1
#endif
#endif

#ifndef SAGASIM_WATCHED_HEAP

namespace sagasim::apps {
namespace {

// Reserved, not used: pages cost nothing until they are written to. Slots are for threads.
constexpr std::size_t kSlotSize = std::size_t{1} << 30;
constexpr std::size_t kSlots = 64;
constexpr std::size_t kAlignment = 16;

// Blocks go by size class: 16 bytes apart up to 1 KiB, then by powers of two. A block stays what it
// is; what it is stands right before the address that was handed out.
constexpr std::size_t kFine = 64;
constexpr std::size_t kClasses = kFine + 1 + 32;

struct Free {
  Free* next;
};

struct Header {
  std::uint64_t index;  // the block's size class
  std::uint64_t shift;  // so far behind the block's beginning is what was handed out
};
static_assert(sizeof(Header) == kAlignment);

// Stands at the beginning of its slot, so a snapshot holds it as well.
struct Arena {
  std::byte* cursor = nullptr;
  std::byte* end = nullptr;
  Free* free[kClasses] = {};

  static std::size_t class_of(std::size_t size) {
    if (size <= kFine * kAlignment) {
      return (size + kAlignment - 1) / kAlignment;
    }
    std::size_t index = kFine;
    for (std::size_t room = kFine * kAlignment; room < size; room *= 2) {
      ++index;
    }
    return index;
  }
  static std::size_t room_of(std::size_t index) {
    return index <= kFine ? index * kAlignment : (kFine * kAlignment) << (index - kFine);
  }

  // Null if there is no room. `alignment` is a power of two.
  void* allocate(std::size_t size, std::size_t alignment) {
    if (size >= kSlotSize || alignment >= kSlotSize) {
      return nullptr;
    }
    // Enough to move to the next multiple.
    const std::size_t slack = alignment > kAlignment ? alignment - kAlignment : 0;
    const std::size_t index = class_of((size == 0 ? 1 : size) + slack);
    std::byte* block = take(index);
    if (block == nullptr) {
      return nullptr;
    }
    const std::uint64_t shift =
        slack == 0 ? 0 : -reinterpret_cast<std::uintptr_t>(block) & (alignment - 1);
    new (block + shift - sizeof(Header)) Header{index, shift};
    return block + shift;
  }

  void release(void* given) {
    Header header;
    std::memcpy(&header, static_cast<std::byte*>(given) - sizeof(Header), sizeof(Header));
    free[header.index] =
        new (static_cast<std::byte*>(given) - header.shift) Free{free[header.index]};
  }

 private:
  std::byte* take(std::size_t index) {
    if (Free* block = free[index]) {
      free[index] = block->next;
      return reinterpret_cast<std::byte*>(block);
    }
    const std::size_t room = sizeof(Header) + room_of(index);
    if (static_cast<std::size_t>(end - cursor) < room) {
      return nullptr;
    }
    std::byte* block = cursor + sizeof(Header);
    cursor += room;
    return block;
  }
};

// Of the whole process, as operator new is. The reservation is never given back.
std::atomic<std::byte*> reserved{nullptr};
std::atomic<bool> taken[kSlots];
thread_local Arena* entered = nullptr;

bool is_reserved(const void* block) {
  const std::byte* first = reserved.load(std::memory_order_relaxed);
  const auto* address = static_cast<const std::byte*>(block);
  return first != nullptr && address >= first && address < first + kSlotSize * kSlots;
}

std::byte* reservation() {
  std::byte* first = reserved.load();
  if (first != nullptr) {
    return first;
  }
  void* room = mmap(nullptr, kSlotSize * kSlots, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) {
    return nullptr;
  }
  auto* mine = static_cast<std::byte*>(room);
  if (!reserved.compare_exchange_strong(first, mine)) {
    munmap(room, kSlotSize * kSlots);  // another thread was faster
    return first;
  }
  return mine;
}

class UniverseMemory final : public search::Memory {
 public:
  UniverseMemory(std::size_t slot, std::byte* room) : slot_(slot), arena_(new(room) Arena) {
    arena_->cursor = room + (sizeof(Arena) + kAlignment - 1) / kAlignment * kAlignment;
    arena_->end = room + kSlotSize;
  }
  ~UniverseMemory() override {
    madvise(base(), kSlotSize, MADV_DONTNEED);
    taken[slot_] = false;
  }

  void enter() override { entered = arena_; }
  void leave() override { entered = nullptr; }
  void save(std::vector<std::byte>& snapshot) const override {
    snapshot.assign(base(), arena_->cursor);
  }
  void restore(const std::vector<std::byte>& snapshot) override {
    std::memcpy(base(), snapshot.data(), snapshot.size());
  }

 private:
  std::byte* base() const { return reinterpret_cast<std::byte*>(arena_); }

  const std::size_t slot_;
  Arena* const arena_;
};

void* allocate(std::size_t size, std::size_t alignment) {
  void* block = nullptr;
  if (entered != nullptr) [[unlikely]] {
    block = entered->allocate(size, alignment);
  } else if (alignment <= kAlignment) {
    block = std::malloc(size == 0 ? 1 : size);
  } else if (posix_memalign(&block, alignment, size) != 0) {
    block = nullptr;
  }
  if (block == nullptr) {
    throw std::bad_alloc();
  }
  return block;
}

void release(void* block) noexcept {
  if (!is_reserved(block)) [[likely]] {
    std::free(block);
  } else if (entered != nullptr) {
    entered->release(block);
  }
  // What is given back from outside, as the text of an exception is, goes with its universe.
}

}  // namespace

std::unique_ptr<search::Memory> make_universe_memory() {
  std::byte* first = reservation();
  for (std::size_t slot = 0; first != nullptr && slot < kSlots; ++slot) {
    if (!taken[slot].exchange(true)) {
      return std::make_unique<UniverseMemory>(slot, first + slot * kSlotSize);
    }
  }
  return nullptr;
}

}  // namespace sagasim::apps

// The forms that are not replaced (of arrays, of nothrow) call these.
void* operator new(std::size_t size) {
  return sagasim::apps::allocate(size, sagasim::apps::kAlignment);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return sagasim::apps::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { sagasim::apps::release(block); }
void operator delete(void* block, std::size_t) noexcept { sagasim::apps::release(block); }
void operator delete(void* block, std::align_val_t) noexcept { sagasim::apps::release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  sagasim::apps::release(block);
}

#else

namespace sagasim::apps {
std::unique_ptr<search::Memory> make_universe_memory() { return nullptr; }
}  // namespace sagasim::apps

#endif
