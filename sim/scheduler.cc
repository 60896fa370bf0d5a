#include "sim/scheduler.h"

#include <algorithm>
#include <utility>

#include "sim/activity.h"
#include "sim/node.h"
#include "sim/task.h"

namespace sagasim::sim {

void Scheduler::step() {
  now_ = queue_.next_time();
  ++steps_;
  Event& event = queue_.pop();
  event.run();
  after_step();
  resume_ready();
}

void Scheduler::settle() {
  after_step();
  resume_ready();
}

void Scheduler::make_ready(Promise& promise) {
  SAGASIM_CHECK(!promise.ready_, "coroutine is ready twice");
  Activity& activity = promise.activity();
  if (activity.node().paused()) {
    activity.node().park(promise);
    return;
  }
  promise.ready_ = true;
  const Ready entry{tie(activity.identity()), &promise};
  if (ready_.empty()) [[likely]] {
    ready_.push_back(entry);
    return;
  }
  const auto place = std::lower_bound(ready_.begin(), ready_.end(), entry,
                                      [](const Ready& a, const Ready& b) { return a.key > b.key; });
  ready_.insert(place, entry);
}

void Scheduler::forget(Promise& promise) noexcept {
  std::erase_if(ready_, [&](const Ready& entry) { return entry.promise == &promise; });
}

void Scheduler::resume_ready() {
  while (!ready_.empty()) {
    Promise& promise = *ready_.back().promise;
    ready_.pop_back();
    promise.ready_ = false;
    Activity& activity = promise.activity();
    if (activity.node().paused()) {
      activity.node().park(promise);
      continue;
    }
    Node& node = activity.node();
    promise.resume();
    node.flush_sends();
    after_step();
  }
}

void Scheduler::clear_up() {
  if (error_) [[unlikely]] {
    std::rethrow_exception(std::exchange(error_, nullptr));
  }
  while (!finished_.empty()) {
    Activity& activity = *finished_.back();
    finished_.pop_back();
    activity.node().retire(activity);
  }
  while (!urgent_.empty()) {
    Event& event = *urgent_.front();
    urgent_.erase(urgent_.begin());
    event.run();
  }
}

}  // namespace sagasim::sim
