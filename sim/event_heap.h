// EventHeap: the queued events of a world of ordinary size. A 4-ary heap that knows each event's
// place.
//
// What runs nearly always queues something else, and soon. So the place of the event taken last
// stays open at the root: what is queued next sinks from there, a level or two, instead of climbing
// all the way up after some far-off event has sunk all the way down.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/event.h"

namespace sagasim::sim {

class EventHeap {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return slots_.size() - (open_ ? 1 : 0); }
  // The earliest. Requires: not empty.
  const EventSlot& first() {
    close();
    return slots_.front();
  }
  void push(Instant at, std::uint64_t tie, Event& event);
  // Removes the earliest. Requires: not empty.
  Event& pop() {
    Event& event = *first().event;
    open_ = true;
    return event;
  }
  // Requires: `event` is here.
  void remove(const Event& event) noexcept;

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = open_ ? 1 : 0; i < slots_.size(); ++i) {
      visit(slots_[i]);
    }
  }

 private:
  void place(std::uint32_t index, const EventSlot& slot) {
    slots_[index] = slot;
    slot.event->place_ = index;
  }
  std::uint32_t least_child(std::uint32_t first) const;
  void sift_up(std::uint32_t index, EventSlot slot);
  void sift_down(std::uint32_t index, EventSlot slot);
  void close() {
    if (open_) {
      fill_root();
    }
  }
  void fill_root();

  std::vector<EventSlot> slots_;
  bool open_ = false;  // the root is a place without an event; its key is still the least of all
};

}  // namespace sagasim::sim
