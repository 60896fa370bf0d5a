#include "sim/event_queue.h"

#include <algorithm>
#include <bit>

namespace sagasim::sim {

// One turn takes some four times what is typical for an event. What lies far beyond the others must
// not make it slow, so it is the mean of the magnitudes that counts. What is queued stays where it
// is, but for the wheel's.
void EventQueue::set_turning() {
  std::uint64_t magnitudes = 0;
  const auto add = [&](const EventSlot& slot) {
    magnitudes += static_cast<std::uint64_t>(std::bit_width(ticks(slot.at) - ticks(now_)));
  };
  heap_.for_each(add);
  wheel_.for_each(add);
  const auto mean = static_cast<std::uint32_t>(magnitudes / size());
  wheel_.for_each([this](const EventSlot& slot) { heap_.push(slot.at, slot.tie, *slot.event); });
  wheel_.clear();
  wheel_.set_turn(mean + 2);
  turning_ = true;
  many_ = std::max(kMany, 2 * heap_.size());
}

bool EventQueue::round_complete() const {
  bool complete = true;
  const auto look = [&](const EventSlot& slot) {
    complete = complete && slot.event->round_ == round_;
  };
  heap_.for_each(look);
  wheel_.for_each(look);
  return complete;
}

}  // namespace sagasim::sim
