#include "sim/scheduler.h"

#include <algorithm>
#include <utility>

#include "sim/activity.h"
#include "sim/node.h"
#include "sim/remote_operation.h"
#include "sim/task.h"

namespace sagasim::sim {

bool Scheduler::step_until(Instant end) {
  Event* const event = queue_.pop_until(end);
  if (event == nullptr) [[unlikely]] {
    return false;
  }
  now_ = queue_.now();
  ++steps_;
  event->run();
  after_step();
  resume_ready();
  settle_arrival();
  return true;
}

void Scheduler::settle() {
  after_step();
  resume_ready();
  settle_arrival();
}

void Scheduler::settle_in() { std::exchange(arrival_, nullptr)->settle_in(); }

void Scheduler::make_ready(Promise& promise) {
  SAGASIM_CHECK(!promise.ready_, "coroutine is ready twice");
  Activity& activity = promise.activity();
  if (activity.node().paused()) {
    activity.node().park(promise);
    return;
  }
  promise.ready_ = true;
  if (only_ready_ == nullptr && ready_.empty()) [[likely]] {
    only_ready_ = &promise;
    return;
  }
  if (only_ready_ != nullptr) {
    add_ready(*std::exchange(only_ready_, nullptr));
  }
  add_ready(promise);
}

void Scheduler::add_ready(Promise& promise) {
  const Ready entry{tie(promise.activity().identity()), &promise};
  const auto place = std::lower_bound(ready_.begin(), ready_.end(), entry,
                                      [](const Ready& a, const Ready& b) { return a.key > b.key; });
  ready_.insert(place, entry);
}

// Null if none is.
Promise* Scheduler::take_ready() {
  if (only_ready_ != nullptr) [[likely]] {
    return std::exchange(only_ready_, nullptr);
  }
  if (ready_.empty()) {
    return nullptr;
  }
  Promise* const least = ready_.back().promise;
  ready_.pop_back();
  return least;
}

void Scheduler::forget(Promise& promise) noexcept {
  if (only_ready_ == &promise) {
    only_ready_ = nullptr;
  } else {
    std::erase_if(ready_, [&](const Ready& entry) { return entry.promise == &promise; });
  }
}

void Scheduler::resume_ready() {
  while (Promise* const promise = take_ready()) {
    promise->ready_ = false;
    Node& node = promise->activity().node();
    if (node.paused()) {
      node.park(*promise);
      continue;
    }
    promise->resume();
    node.flush_sends();
    after_step();
  }
}

void Scheduler::clear_up() {
  if (error_) [[unlikely]] {
    std::rethrow_exception(std::exchange(error_, nullptr));
  }
  untidy_ = false;
  while (!finished_.empty()) [[unlikely]] {
    Activity& activity = *finished_.back();
    finished_.pop_back();
    activity.node().retire(activity);
  }
  if (only_finished_ != nullptr) {
    Activity& activity = *std::exchange(only_finished_, nullptr);
    activity.node().retire(activity);
  }
  while (!urgent_.empty()) {
    Event& event = *urgent_.front();
    urgent_.erase(urgent_.begin());
    event.run();
  }
}

}  // namespace sagasim::sim
