#include "sim/counters.h"

namespace sagasim::sim {
namespace {

// A power of two, as every size after it. What an ordinary run counts fits into twice that.
constexpr std::size_t kSlotsAtFirst = 2048;

}  // namespace

std::uint32_t& Counters::at(std::uint64_t key) {
  if ((used_ + 1) * 3 > slots_.size() * 2) {
    grow();
  }
  const std::uint64_t mask = slots_.size() - 1;
  for (std::uint64_t i = key & mask;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (slot.count != 0 && slot.key == key) {
      return slot.count;
    }
    if (slot.count == 0) {
      slot.key = key;
      ++used_;
      return slot.count;
    }
  }
}

std::uint32_t Counters::peek(std::uint64_t key) const {
  if (slots_.empty()) {
    return 0;
  }
  const std::uint64_t mask = slots_.size() - 1;
  for (std::uint64_t i = key & mask; slots_[i].count != 0; i = (i + 1) & mask) {
    if (slots_[i].key == key) {
      return slots_[i].count;
    }
  }
  return 0;
}

void Counters::grow() {
  std::vector<Slot> old(slots_.empty() ? kSlotsAtFirst : slots_.size() * 2);
  old.swap(slots_);
  used_ = 0;
  for (const Slot& slot : old) {
    if (slot.count != 0) {
      at(slot.key) = slot.count;
    }
  }
}

}  // namespace sagasim::sim
