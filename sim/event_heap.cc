#include "sim/event_heap.h"

namespace sagasim::sim {

void EventHeap::push(Instant at, std::uint64_t tie, Event& event) {
  const EventSlot slot{at, tie, &event};
  if (open_) [[likely]] {
    open_ = false;
    sift_down(0, slot);
    return;
  }
  slots_.push_back(slot);
  sift_up(static_cast<std::uint32_t>(slots_.size() - 1), slot);
}

void EventHeap::remove(const Event& event) noexcept {
  const std::uint32_t index = event.place_;
  const EventSlot last = slots_.back();
  slots_.pop_back();
  if (index < slots_.size()) {
    if (index > 0 && before(last, slots_[(index - 1) / 4])) {
      sift_up(index, last);
    } else {
      sift_down(index, last);
    }
  }
}

// The last slot goes to the root. It is among the latest, so the open place sinks to a leaf without
// looking at it, and it climbs from there.
void EventHeap::fill_root() {
  open_ = false;
  const EventSlot last = slots_.back();
  slots_.pop_back();
  const auto size = static_cast<std::uint32_t>(slots_.size());
  if (size == 0) {
    return;
  }
  std::uint32_t index = 0;
  for (std::uint32_t first = 1; first < size; first = 4 * index + 1) {
    const std::uint32_t least = least_child(first);
    place(index, slots_[least]);
    index = least;
  }
  sift_up(index, last);
}

// The least of the up to four slots that begin at `first`. Requires: first < size().
std::uint32_t EventHeap::least_child(std::uint32_t first) const {
  const auto size = static_cast<std::uint32_t>(slots_.size());
  if (first + 4 <= size) [[likely]] {
    const EventSlot* child = slots_.data() + first;
    const std::uint32_t left = before(child[1], child[0]) ? 1 : 0;
    const std::uint32_t right = before(child[3], child[2]) ? 3 : 2;
    return first + (before(child[right], child[left]) ? right : left);
  }
  std::uint32_t least = first;
  for (std::uint32_t child = first + 1; child < size; ++child) {
    least = before(slots_[child], slots_[least]) ? child : least;
  }
  return least;
}

void EventHeap::sift_up(std::uint32_t index, EventSlot slot) {
  while (index > 0) {
    const std::uint32_t parent = (index - 1) / 4;
    if (!before(slot, slots_[parent])) {
      break;
    }
    place(index, slots_[parent]);
    index = parent;
  }
  place(index, slot);
}

void EventHeap::sift_down(std::uint32_t index, EventSlot slot) {
  const auto size = static_cast<std::uint32_t>(slots_.size());
  for (std::uint32_t first = 4 * index + 1; first < size; first = 4 * index + 1) {
    const std::uint32_t least = least_child(first);
    if (!before(slots_[least], slot)) {
      break;
    }
    place(index, slots_[least]);
    index = least;
  }
  place(index, slot);
}

}  // namespace sagasim::sim
