#include "sim/producer.h"

#include <algorithm>

namespace sagasim::sim {

Producer::Producer(Broker& broker, Node& node)
    : Event([](Event& event) { static_cast<Producer&>(event).go_on(); }),
      broker_(broker),
      node_(node) {
  node.listen(*this);
}

Producer::~Producer() { broker_.world_.scheduler().cancel(*this); }

void Producer::buffer(AppendOperation& append) {
  const Instant due = broker_.world_.now() + broker_.options_.linger;
  buffered_.push_back({&append, due});
  wake(due);
}

void Producer::add(AppendOperation& append) { under_way_.push_back(&append); }

bool Producer::overtakes(const AppendOperation& append) const {
  for (const AppendOperation* each : under_way_) {
    if (each == &append) {
      return false;
    }
    const bool same_stream = each->incarnation_ == append.incarnation_ &&
                             each->topic_ == append.topic_ && each->partition_ == append.partition_;
    if (same_stream && !each->settled_) {
      return true;
    }
  }
  return false;
}

void Producer::settled() { wake(broker_.world_.now()); }

void Producer::remove(AppendOperation& append) {
  const auto place = std::find(under_way_.begin(), under_way_.end(), &append);
  if (place != under_way_.end()) {
    under_way_.erase(place);
    wake(broker_.world_.now());
  }
}

void Producer::on_crash(Node&, std::uint64_t) {
  for (const Waiting& each : std::exchange(buffered_, {})) {
    each.append->cancel();
  }
}

void Producer::on_resume(Node&, std::uint64_t) { wake(broker_.world_.now()); }

void Producer::wake(Instant at) {
  Scheduler& scheduler = broker_.world_.scheduler();
  if (queued() && next_look_ <= at) {
    return;
  }
  scheduler.cancel(*this);
  next_look_ = at;
  scheduler.at(at, combine(hash_text("producer"), node_.index()), *this);
}

bool Producer::has_room() const {
  const std::uint32_t limit = broker_.options_.in_flight;
  const auto mine =
      std::count_if(under_way_.begin(), under_way_.end(), [&](const AppendOperation* each) {
        return each->incarnation_ == node_.incarnation() && !each->given_up_;
      });
  return limit == 0 || static_cast<std::uint32_t>(mine) < limit;
}

void Producer::go_on() {
  // To store one may be the end of it, so each look begins anew.
  for (bool found = true; found;) {
    const auto next = std::find_if(
        under_way_.begin(), under_way_.end(),
        [&](const AppendOperation* each) { return each->overtook_ && !overtakes(*each); });
    found = next != under_way_.end();
    if (found) {
      (*next)->store();
    }
  }
  if (!node_.up() || node_.paused() || node_.silenced()) {
    return;
  }
  const Instant now = broker_.world_.now();
  while (!buffered_.empty() && buffered_.front().due <= now && has_room()) {
    AppendOperation& append = *buffered_.front().append;
    buffered_.pop_front();
    add(append);
    append.issue();
  }
  if (!buffered_.empty() && buffered_.front().due > now) {
    wake(buffered_.front().due);
  }
}

}  // namespace sagasim::sim
