// EventWheel: the queued events of a large world, most of them. Time is cut into equal pieces, and
// the events of a piece lie unordered in one of the wheel's buckets until the wheel has turned to
// it; only then are they sorted, a few at a time. So an event is put somewhere once, wherever there
// is room, and moved among few, however many are queued.
//
// It takes what comes within one turn, and not too much of that at once. Whoever owns it has
// another place for the rest.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/event.h"

namespace sagasim::sim {

class EventWheel {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // From now on a turn takes 2^magnitude ns, or a little longer. Requires: empty.
  void set_turn(std::uint32_t magnitude);
  // Puts it into the wheel if it has its place there. Requires: nothing queued comes before `now`.
  bool push(Instant now, Instant at, std::uint64_t tie, Event& event);
  // The earliest. Requires: not empty.
  const EventSlot& first() {
    if (sorted_.empty()) {
      turn();
    }
    return sorted_.back();
  }
  // Removes the earliest. Requires: first() was asked.
  Event& pop() {
    Event& event = *sorted_.back().event;
    sorted_.pop_back();
    --size_;
    if (sorted_.size() > 1) {
      fetch(*sorted_[sorted_.size() - 2].event);
    }
    return event;
  }
  // Whether it lies here. Requires: it is queued.
  static bool holds(const Event& event) { return event.place_ >= kHere; }
  // Requires: holds(event).
  void remove(const Event& event) noexcept;

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const EventSlot& slot : sorted_) {
      visit(slot);
    }
    for (const Slots& bucket : buckets_) {
      for (const EventSlot& slot : bucket) {
        visit(slot);
      }
    }
  }
  void clear();

 private:
  using Slots = std::vector<EventSlot>;
  static constexpr std::uint32_t kMagnitude = 9;
  static constexpr std::uint32_t kBuckets = 1u << kMagnitude;
  static constexpr std::size_t kCrowd = 64;  // no more are inserted one by one
  static constexpr int kOwnerLines = 5;
  // Where an event lies here: kHere and its place in its bucket, or kSorted.
  static constexpr std::uint32_t kHere = 1u << 31;
  static constexpr std::uint32_t kSorted = UINT32_MAX - 1;

  static bool after(const EventSlot& a, const EventSlot& b) { return before(b, a); }
  std::uint64_t piece(Instant at) const { return ticks(at) >> width_; }
  Slots& bucket(std::uint64_t piece) { return buckets_[piece % kBuckets]; }
  // In a large world whatever has not happened for a while is no longer in the cache. So the one
  // after the next is asked for now, and as much after it as the largest owner takes.
  static void fetch(const Event& event) {
    const char* const owner = reinterpret_cast<const char*>(&event);
    for (int line = 0; line < kOwnerLines; ++line) {
      __builtin_prefetch(owner + 64 * line);
    }
  }
  void insert(const EventSlot& slot);
  void turn();

  std::size_t size_ = 0;
  Slots sorted_;               // the earliest last: all until the end of the present piece
  std::uint64_t present_ = 0;  // the piece to which the wheel has turned
  std::uint32_t width_ = 0;    // of a piece, as a power of two
  std::vector<Slots> buckets_;
};

}  // namespace sagasim::sim
