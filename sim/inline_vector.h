// InlineVector: up to N values in place, for lists inside rows and messages, which stay plain
// structs that way. Trivially copyable when T is.
#pragma once

#include <cstdint>

#include "sim/check.h"

namespace sagasim::sim {

template <class T, std::uint32_t N>
class InlineVector {
 public:
  // Requires: size() < N.
  void push_back(const T& value) {
    SAGASIM_CHECK(size_ < N, "inline vector is full");
    values_[size_++] = value;
  }
  static constexpr std::uint32_t capacity() { return N; }
  std::uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::uint32_t i) { return values_[i]; }
  const T& operator[](std::uint32_t i) const { return values_[i]; }
  T* begin() { return values_; }
  T* end() { return values_ + size_; }
  const T* begin() const { return values_; }
  const T* end() const { return values_ + size_; }

 private:
  std::uint32_t size_ = 0;
  T values_[N]{};
};

}  // namespace sagasim::sim
