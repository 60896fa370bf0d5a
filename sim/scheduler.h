// Scheduler: owns the present moment, the queue of what comes later and the list of what is ready
// now.
//
// One step: take the earliest event, run it, then resume every coroutine that it made ready, least
// key first; what was decided during a step (a crash, queued sends) happens before the next one.
// Nothing else in the kernel resumes a coroutine.
#pragma once

#include <cstdint>
#include <exception>
#include <vector>

#include "sim/event_queue.h"
#include "sim/hash.h"
#include "sim/time.h"

namespace sagasim::sim {

class Activity;
class Promise;
class RemoteOperation;

class Scheduler {
 public:
  // `tie_salt` permutes the order of simultaneous events; a finding that needs a certain salt is
  // one of order within an instant.
  explicit Scheduler(std::uint64_t tie_salt = 0) : tie_salt_(mix(tie_salt)) {}
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  Instant now() const { return now_; }
  bool idle() const { return queue_.empty() && only_ready_ == nullptr && ready_.empty(); }
  Instant next_time() { return queue_.next_time(); }
  std::uint64_t steps() const { return steps_; }
  std::size_t pending() const { return queue_.size(); }

  // Queues `event` under the identity of what it belongs to. Requires: at >= now().
  void at(Instant at, std::uint64_t identity, Event& event) {
    SAGASIM_CHECK(at >= now_, "event in the past");
    queue_.push(at, tie(identity) | kOrdinary, event);
  }
  // The same for faults and their ends: they come first at an instant.
  void fault_at(Instant at, std::uint64_t identity, Event& event) {
    SAGASIM_CHECK(at >= now_, "fault in the past");
    queue_.push(at, tie(identity) >> 1, event);
  }
  bool cancel(Event& event) noexcept { return queue_.cancel(event); }
  // See EventQueue. Between two steps everything that can still happen is in the queue.
  void begin_round() { queue_.begin_round(); }
  bool round_complete() const { return queue_.round_complete(); }

  // Runs one event and all that becomes ready by it. Requires: !idle().
  void step() { step_until(kNever); }
  // The same, unless the event lies after `end`: false then.
  bool step_until(Instant end);
  // Runs what is ready now without letting time pass.
  void settle();

  void make_ready(Promise& promise);
  void forget(Promise& promise) noexcept;
  // An activity's root coroutine has ended: it is destroyed after the present step.
  // An error that it ended with is rethrown at the boundary of the run.
  void finished(Activity& activity, const std::exception_ptr& error) {
    if (only_finished_ == nullptr) [[likely]] {
      only_finished_ = &activity;
    } else {
      finished_.push_back(&activity);
    }
    if (error && !error_) [[unlikely]] {
      error_ = error;
    }
    untidy_ = true;
  }
  // Runs `event` after the present step, before anything else.
  void urgent(Event& event) {
    urgent_.push_back(&event);
    untidy_ = true;
  }

  // Nearly every call is answered in the step in which it arrives, by a handler that was made ready
  // there. So until the step ends, the operation that arrived last is known here alone; only if it
  // is open then, or another one arrives, its receiver hears of it and the initiator's patience is
  // queued.
  void arrived(RemoteOperation& operation) {
    settle_arrival();
    arrival_ = &operation;
  }
  void forget_arrival(const RemoteOperation& operation) noexcept {
    if (arrival_ == &operation) {
      arrival_ = nullptr;
    }
  }
  // Before anything looks at what a node is executing.
  void settle_arrival() {
    if (arrival_ != nullptr) [[unlikely]] {
      settle_in();
    }
  }

 private:
  static constexpr std::uint64_t kOrdinary = 1ull << 63;

  struct Ready {
    std::uint64_t key;
    Promise* promise;
  };

  std::uint64_t tie(std::uint64_t identity) const { return mix(identity ^ tie_salt_); }
  void add_ready(Promise& promise);
  Promise* take_ready();
  void resume_ready();
  void after_step() {
    if (untidy_) {
      clear_up();
    }
  }
  void clear_up();
  void settle_in();

  std::uint64_t tie_salt_;
  Instant now_{};
  std::uint64_t steps_ = 0;
  EventQueue queue_;
  // Nearly always one coroutine is ready and no more: it needs no key and no list. As soon as there
  // is a second, both are in the list.
  Promise* only_ready_ = nullptr;
  RemoteOperation* arrival_ = nullptr;
  Activity* only_finished_ = nullptr;  // likewise; any others are in the list
  bool untidy_ = false;                // something waits for the end of the present step
  std::vector<Ready> ready_;           // sorted, least key last
  std::vector<Activity*> finished_;
  std::vector<Event*> urgent_;
  std::exception_ptr error_;
};

}  // namespace sagasim::sim
