#include "sim/event_queue.h"

#include <algorithm>

namespace sagasim::sim {

void EventQueue::push(Instant at, std::uint64_t tie, Event& event) {
  SAGASIM_CHECK(!event.queued(), "event is already queued");
  event.round_ = round_;
  heap_.push_back(Slot{at, tie, &event});
  sift_up(static_cast<std::uint32_t>(heap_.size() - 1), heap_.back());
}

Event& EventQueue::pop() {
  SAGASIM_CHECK(!heap_.empty(), "pop from an empty event queue");
  Event& first = *heap_.front().event;
  first.place_ = Event::kNowhere;
  const Slot last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) {
    sift_down(0, last);
  }
  return first;
}

bool EventQueue::cancel(Event& event) noexcept {
  if (!event.queued()) {
    return false;
  }
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
  return true;
}

bool EventQueue::round_complete() const {
  return std::all_of(heap_.begin(), heap_.end(),
                     [this](const Slot& slot) { return slot.event->round_ == round_; });
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
  for (;;) {
    const std::uint32_t first = 4 * index + 1;
    if (first >= size) {
      break;
    }
    const std::uint32_t last = first + 4 < size ? first + 4 : size;
    std::uint32_t least = first;
    for (std::uint32_t child = first + 1; child < last; ++child) {
      if (before(heap_[child], heap_[least])) {
        least = child;
      }
    }
    if (!before(heap_[least], slot)) {
      break;
    }
    place(index, heap_[least]);
    index = least;
  }
  place(index, slot);
}

}  // namespace sagasim::sim
