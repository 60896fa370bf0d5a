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
  Payload(Payload&& other) noexcept
      : pool_(other.pool_), type_(std::exchange(other.type_, nullptr)), data_(other.data_) {}
  Payload& operator=(Payload&& other) noexcept {
    if (this != &other) {
      reset();
      pool_ = other.pool_;
      type_ = std::exchange(other.type_, nullptr);
      data_ = other.data_;
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

  bool empty() const { return type_ == nullptr; }
  const Type& type() const { return *type_; }
  const void* data() const { return data_; }

  template <class T>
  bool is() const {
    return type_ == &type_of<T>();
  }
  // Requires: is<T>().
  template <class T>
  const T& as() const {
    SAGASIM_CHECK(is<T>(), "payload read as another type than it was made of");
    return *static_cast<const T*>(data_);
  }

  Payload clone() const { return empty() ? Payload() : Payload(*pool_, *type_, data_); }
  std::uint64_t digest() const { return empty() ? 0 : type_->digest(data_); }

 private:
  Payload(Pool& pool, const Type& type, const void* value)
      : pool_(&pool), type_(&type), data_(pool.allocate(type.size)) {
    std::memcpy(data_, value, type.size);
  }
  void reset() noexcept {
    if (type_ != nullptr) {
      pool_->release(data_, type_->size);
      type_ = nullptr;
    }
  }

  Pool* pool_ = nullptr;
  const Type* type_ = nullptr;
  void* data_ = nullptr;
};

}  // namespace sagasim::sim
