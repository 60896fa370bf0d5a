// Event queue: what happens next in virtual time. Events are ordered by (time, tie) alone, so the
// order never depends on when or where something was inserted.
//
// Events are embedded in their owners (a message, a statement, a sleeping coroutine), so queueing
// allocates nothing; cancelling removes the event at once, so a timeout that did not fire costs no
// memory. A 4-ary heap that knows each event's place.
//
// What runs nearly always queues something else, and soon. So the place of the event taken last
// stays open at the root: what is queued next sinks from there, a level or two, instead of climbing
// all the way up after some far-off event has sunk all the way down.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/check.h"
#include "sim/time.h"

namespace sagasim::sim {

class EventQueue;

// Something that will happen. The owner embeds it, gives it its action, and outlives its stay in
// the queue: destroying a queued event is an error of programming that the destructor catches.
class Event {
 public:
  using Action = void (*)(Event&);

  explicit Event(Action action) : action_(action) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool queued() const { return place_ != kNowhere; }
  void run() { action_(*this); }

 private:
  friend class EventQueue;
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  Action action_;
  std::uint32_t place_ = kNowhere;
  std::uint32_t round_ = 0;  // in which it was queued; fills what would be padding
};

class EventQueue {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return heap_.size() - (open_ ? 1 : 0); }
  // Requires: not empty.
  Instant next_time() {
    close();
    return heap_.front().at;
  }

  // Requires: `event` is not queued. Equal (at, tie) would be ordered by the heap's shape, so ties
  // are hashes of identities and distinct in practice.
  void push(Instant at, std::uint64_t tie, Event& event);
  // Removes and returns the earliest event. Requires: not empty.
  Event& pop();
  // Returns true iff the event was queued.
  bool cancel(Event& event) noexcept {
    if (!event.queued()) {
      return false;
    }
    remove(event);
    return true;
  }

  // A round lasts until every event that was queued when it began has run or been cancelled,
  // however much was queued since. Looking is linear in what is queued and meant to be rare.
  void begin_round() { ++round_; }
  bool round_complete() const;

 private:
  struct Slot {
    Instant at;
    std::uint64_t tie;
    Event* event;
  };
  // One wide comparison: nobody can predict its result, so it must not become a branch.
  __extension__ using Key = unsigned __int128;
  static Key key(const Slot& slot) { return static_cast<Key>(ticks(slot.at)) << 64 | slot.tie; }
  static bool before(const Slot& a, const Slot& b) { return key(a) < key(b); }
  void place(std::uint32_t index, const Slot& slot) {
    heap_[index] = slot;
    slot.event->place_ = index;
  }
  std::uint32_t least_child(std::uint32_t first) const;
  void sift_up(std::uint32_t index, Slot slot);
  void sift_down(std::uint32_t index, Slot slot);
  void remove(Event& event) noexcept;
  void close() {
    if (open_) {
      fill_root();
    }
  }
  void fill_root();

  std::vector<Slot> heap_;
  bool open_ = false;  // the root is a place without an event; its key is still the least of all
  std::uint32_t round_ = 0;
};

}  // namespace sagasim::sim
