#include "sim/event_wheel.h"

#include <algorithm>
#include <cstddef>

namespace sagasim::sim {

void EventWheel::set_turn(std::uint32_t magnitude) {
  buckets_.resize(kBuckets);
  width_ = std::max(magnitude, kMagnitude) - kMagnitude;
}

bool EventWheel::push(Instant now, Instant at, std::uint64_t tie, Event& event) {
  if (size_ == 0) {
    present_ = piece(now);
  }
  const std::uint64_t its = piece(at);
  if (its <= present_) {
    if (sorted_.size() >= kCrowd) {
      return false;
    }
    insert({at, tie, &event});
  } else if (its - present_ < kBuckets) {
    Slots& list = bucket(its);
    event.place_ = kHere + static_cast<std::uint32_t>(list.size());
    list.push_back({at, tie, &event});
  } else {
    return false;
  }
  ++size_;
  return true;
}

void EventWheel::insert(const EventSlot& slot) {
  slot.event->place_ = kSorted;
  std::size_t place = sorted_.size();
  sorted_.push_back(slot);
  for (; place > 0 && after(slot, sorted_[place - 1]); --place) {
    sorted_[place] = sorted_[place - 1];
  }
  sorted_[place] = slot;
}

void EventWheel::remove(const Event& event) noexcept {
  --size_;
  if (event.place_ == kSorted) {
    sorted_.erase(std::find_if(sorted_.begin(), sorted_.end(),
                               [&](const EventSlot& slot) { return slot.event == &event; }));
    return;
  }
  Slots& list = bucket(piece(event.at_));
  const EventSlot last = list.back();
  list[event.place_ - kHere] = last;
  last.event->place_ = event.place_;
  list.pop_back();
}

// On to the next piece of time in which something happens. Requires: something does, and nothing
// is left of the present one.
void EventWheel::turn() {
  do {
    ++present_;
  } while (bucket(present_).empty());
  sorted_.swap(bucket(present_));
  for (const EventSlot& slot : sorted_) {
    slot.event->place_ = kSorted;
  }
  if (sorted_.size() > kCrowd) {
    std::stable_sort(sorted_.begin(), sorted_.end(), after);
    return;
  }
  for (std::size_t i = 1; i < sorted_.size(); ++i) {
    const EventSlot slot = sorted_[i];
    std::size_t place = i;
    for (; place > 0 && after(slot, sorted_[place - 1]); --place) {
      sorted_[place] = sorted_[place - 1];
    }
    sorted_[place] = slot;
  }
}

void EventWheel::clear() {
  size_ = 0;
  sorted_.clear();
  for (Slots& bucket : buckets_) {
    bucket.clear();
  }
}

}  // namespace sagasim::sim
