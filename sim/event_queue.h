// Event queue: what happens next in virtual time. Events are ordered by (time, tie) alone, so the
// order never depends on when or where something was inserted.
//
// Events are embedded in their owners (a message, a statement, a sleeping coroutine), so queueing
// allocates nothing; cancelling removes the event at once, so a timeout that did not fire costs no
// memory. Where many are queued, a wheel takes those for which it has a place, and a heap the
// others; where few are, the heap has them all.
#pragma once

#include <cstdint>

#include "sim/check.h"
#include "sim/event.h"
#include "sim/event_heap.h"
#include "sim/event_wheel.h"
#include "sim/time.h"

namespace sagasim::sim {

class EventQueue {
 public:
  bool empty() const { return heap_.empty() && wheel_.empty(); }
  std::size_t size() const { return heap_.size() + wheel_.size(); }
  // Requires: not empty.
  Instant next_time() { return wheel_is_first() ? wheel_.first().at : heap_.first().at; }

  // Requires: `event` is not queued, and `at` is not before what was taken last. Equal (at, tie)
  // would be ordered by the shape of the queue, so ties are hashes of identities and distinct in
  // practice.
  void push(Instant at, std::uint64_t tie, Event& event) {
    SAGASIM_CHECK(!event.queued(), "event is already queued");
    event.at_ = at;
    event.round_ = round_;
    if (!turning_ || !wheel_.push(now_, at, tie, event)) [[likely]] {
      heap_.push(at, tie, event);
      if (heap_.size() > many_) [[unlikely]] {
        set_turning();
      }
    }
  }
  // Removes and returns the earliest event. Requires: not empty.
  Event& pop() {
    SAGASIM_CHECK(!empty(), "pop from an empty event queue");
    return *pop_until(kNever);
  }
  // The same, unless it comes after `end`: null then. Its time is now() from here on.
  Event* pop_until(Instant end) {
    const bool from_wheel = turning_ && wheel_is_first();
    const EventSlot& first = from_wheel ? wheel_.first() : heap_.first();
    if (first.at > end) [[unlikely]] {
      return nullptr;
    }
    now_ = first.at;
    Event& event = from_wheel ? wheel_.pop() : heap_.pop();
    event.place_ = Event::kNowhere;
    return &event;
  }
  Instant now() const { return now_; }
  // Returns true iff the event was queued.
  bool cancel(Event& event) noexcept {
    if (!event.queued()) {
      return false;
    }
    if (EventWheel::holds(event)) {
      wheel_.remove(event);
    } else {
      heap_.remove(event);
    }
    event.place_ = Event::kNowhere;
    return true;
  }

  // A round lasts until every event that was queued when it began has run or been cancelled,
  // however much was queued since. Looking is linear in what is queued and meant to be rare.
  void begin_round() { ++round_; }
  bool round_complete() const;

 private:
  static constexpr std::size_t kMany = 128;  // in the heap, so that the wheel is worth its while

  bool wheel_is_first() {
    return !wheel_.empty() && (heap_.empty() || before(wheel_.first(), heap_.first()));
  }
  void set_turning();

  EventHeap heap_;
  EventWheel wheel_;
  bool turning_ = false;      // the wheel is in use
  std::size_t many_ = kMany;  // with more in the heap, the wheel should turn, or at another speed
  Instant now_{};             // the time of what was taken last
  std::uint32_t round_ = 0;
};

}  // namespace sagasim::sim
