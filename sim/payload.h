// Payload: a message of any described type, in transit. It owns its bytes, moves and does not copy.
//
// Only plain structs travel: trivially copyable, described field by field. Reading one as another
// type than it was made of is an error of programming.
#pragma once

#include <cstring>
#include <type_traits>
#include <utility>

#include "sim/check.h"
#include "sim/describe.h"
#include "sim/pool.h"

namespace sagasim::sim {

class Payload {
 public:
  Payload() = default;
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;
  Payload(Payload&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Payload& operator=(Payload&& other) noexcept {
    if (this != &other) {
      reset();
      block_ = std::exchange(other.block_, nullptr);
    }
    return *this;
  }
  ~Payload() { reset(); }

  template <class T>
  static Payload of(Pool& pool, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>, "messages are plain structs");
    return Payload(pool, type_of<T>(), &value);
  }

  // The value of that type that lies at `value`.
  static Payload copy(Pool& pool, const Type& type, const void* value) {
    return Payload(pool, type, value);
  }

  bool empty() const { return block_ == nullptr; }
  // Requires, like what follows: not empty.
  const Type& type() const { return *block_->type; }
  const void* data() const { return block_ + 1; }

  template <class T>
  bool is() const {
    return !empty() && &type() == &type_of<T>();
  }
  // Requires: is<T>().
  template <class T>
  const T& as() const {
    SAGASIM_CHECK(is<T>(), "payload read as another type than it was made of");
    return *static_cast<const T*>(data());
  }

  Payload clone() const { return empty() ? Payload() : Payload(*block_->pool, type(), data()); }
  std::uint64_t digest() const { return empty() ? 0 : type().digest(data()); }

 private:
  // What is known of the value lies in front of it: whoever looks at one has both in the cache, and
  // what holds a payload holds one pointer.
  struct alignas(16) Block {
    Pool* pool;
    const Type* type;
  };

  Payload(Pool& pool, const Type& type, const void* value)
      : block_(new(pool.allocate(sizeof(Block) + type.size)) Block{&pool, &type}) {
    std::memcpy(block_ + 1, value, type.size);
  }
  void reset() noexcept {
    if (block_ != nullptr) {
      block_->pool->release(block_, sizeof(Block) + block_->type->size);
      block_ = nullptr;
    }
  }

  Block* block_ = nullptr;
};

}  // namespace sagasim::sim
