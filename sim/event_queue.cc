#include "sim/event_queue.h"

#include <algorithm>

namespace sagasim::sim {

void EventQueue::push(Instant at, std::uint64_t tie, Event& event) {
  SAGASIM_CHECK(!event.queued(), "event is already queued");
  event.round_ = round_;
  const Slot slot{at, tie, &event};
  if (open_) {
    open_ = false;
    sift_down(0, slot);
    return;
  }
  heap_.push_back(slot);
  sift_up(static_cast<std::uint32_t>(heap_.size() - 1), slot);
}

Event& EventQueue::pop() {
  SAGASIM_CHECK(!empty(), "pop from an empty event queue");
  close();
  Event& first = *heap_.front().event;
  first.place_ = Event::kNowhere;
  open_ = true;
  return first;
}

void EventQueue::remove(Event& event) noexcept {
  const std::uint32_t index = event.place_;
  event.place_ = Event::kNowhere;
  const Slot last = heap_.back();
  heap_.pop_back();
  if (index < heap_.size()) {
    if (index > 0 && before(last, heap_[(index - 1) / 4])) {
      sift_up(index, last);
    } else {
      sift_down(index, last);
    }
  }
}

bool EventQueue::round_complete() const {
  return std::all_of(heap_.begin() + (open_ ? 1 : 0), heap_.end(),
                     [this](const Slot& slot) { return slot.event->round_ == round_; });
}

// The last slot goes to the root. It is among the latest, so the open place sinks to a leaf without
// looking at it, and it climbs from there.
void EventQueue::fill_root() {
  open_ = false;
  const Slot last = heap_.back();
  heap_.pop_back();
  const auto size = static_cast<std::uint32_t>(heap_.size());
  if (size == 0) {
    return;
  }
  std::uint32_t index = 0;
  for (std::uint32_t first = 1; first < size; first = 4 * index + 1) {
    const std::uint32_t least = least_child(first);
    place(index, heap_[least]);
    index = least;
  }
  sift_up(index, last);
}

// The least of the up to four slots that begin at `first`. Requires: first < size().
std::uint32_t EventQueue::least_child(std::uint32_t first) const {
  const auto size = static_cast<std::uint32_t>(heap_.size());
  if (first + 4 <= size) [[likely]] {
    const Slot* child = heap_.data() + first;
    const std::uint32_t left = before(child[1], child[0]) ? 1 : 0;
    const std::uint32_t right = before(child[3], child[2]) ? 3 : 2;
    return first + (before(child[right], child[left]) ? right : left);
  }
  std::uint32_t least = first;
  for (std::uint32_t child = first + 1; child < size; ++child) {
    least = before(heap_[child], heap_[least]) ? child : least;
  }
  return least;
}

void EventQueue::sift_up(std::uint32_t index, Slot slot) {
  while (index > 0) {
    const std::uint32_t parent = (index - 1) / 4;
    if (!before(slot, heap_[parent])) {
      break;
    }
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, slot);
}

void EventQueue::sift_down(std::uint32_t index, Slot slot) {
  const auto size = static_cast<std::uint32_t>(heap_.size());
  for (std::uint32_t first = 4 * index + 1; first < size; first = 4 * index + 1) {
    const std::uint32_t least = least_child(first);
    if (!before(heap_[least], slot)) {
      break;
    }
    place(index, heap_[least]);
    index = least;
  }
  place(index, slot);
}

}  // namespace sagasim::sim
