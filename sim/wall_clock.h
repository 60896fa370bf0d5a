// WallClock: what a node believes the time to be. Virtual time is the truth; a node's clock may be
// ahead of it or behind, by a fixed error or by one that grows, and steps back when the error is
// corrected (as the time daemons of real machines do). Timers do not look at it: they run on the
// monotonic clock, which is virtual time.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/time.h"

namespace sagasim::sim {

class WallClock {
 public:
  // The reading at the true time `now`.
  Instant at(Instant now) const { return errors_.empty() ? now : with_errors(now); }

  // Calls visit(cause) for every error that it has now.
  template <class Visit>
  void for_each_error(Visit&& visit) const {
    for (const Error& error : errors_) {
      visit(error.cause);
    }
  }

  // From now on the clock is off by `by` (ahead if positive), until end() is called with the same
  // cause. A step: the reading jumps.
  void begin_offset(Duration by, std::uint64_t cause);
  // From `from` on it gains `by` in all by `until`, evenly (loses, if negative). Requires: from <
  // until.
  void begin_drift(Instant from, Instant until, Duration by, std::uint64_t cause);
  // Corrected: the error that `cause` brought is gone.
  void end(std::uint64_t cause);

 private:
  struct Error {
    Instant from;
    Instant until;  // == from: a plain offset
    Duration by;
    std::uint64_t cause;
  };
  Instant with_errors(Instant now) const;

  std::vector<Error> errors_;
};

}  // namespace sagasim::sim
