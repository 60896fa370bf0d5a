// Event: something that will happen, embedded in whatever it happens to. EventSlot: its stay in the
// event queue.
#pragma once

#include <cstdint>

#include "sim/time.h"

namespace sagasim::sim {

// The owner gives it its action, and outlives its stay in the queue.
class Event {
 public:
  using Action = void (*)(Event&);

  explicit Event(Action action) : action_(action) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool queued() const { return place_ != kNowhere; }
  void run() { action_(*this); }

 private:
  friend class EventHeap;
  friend class EventQueue;
  friend class EventWheel;
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  Action action_;
  Instant at_{};  // while it is queued
  std::uint32_t place_ = kNowhere;
  std::uint32_t round_ = 0;  // in which it was queued; fills what would be padding
};

struct EventSlot {
  Instant at;
  std::uint64_t tie;
  Event* event;
};

// One wide comparison: nobody can predict its result, so it must not become a branch.
inline bool before(const EventSlot& a, const EventSlot& b) {
  __extension__ using Key = unsigned __int128;
  const Key first = static_cast<Key>(ticks(a.at)) << 64 | a.tie;
  const Key second = static_cast<Key>(ticks(b.at)) << 64 | b.tie;
  return first < second;
}

}  // namespace sagasim::sim
