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
  const BrokerOptions& options = broker_.options_;
  const Instant now = broker_.world_.now();
  buffered_.push_back({&append, now + options.linger});
  const auto goes_along = [&](const Waiting& each) { return each.append->goes_where(append); };
  const auto first = std::find_if(buffered_.begin(), buffered_.end(), goes_along);
  const bool fills = std::count_if(first, buffered_.end(), goes_along) >=
                     static_cast<std::ptrdiff_t>(options.batch);
  if (fills && options.batch > 1) {
    first->due = now;
  }
  wake(std::max(first->due, now));  // it may be due already, and wait for room
}

AppendOperation& Producer::take_batch(std::size_t place) {
  AppendOperation& first = *buffered_[place].append;
  buffered_.erase(buffered_.begin() + static_cast<std::ptrdiff_t>(place));
  AppendOperation* batch = nullptr;
  for (std::size_t i = place; i < buffered_.size();) {
    AppendOperation& next = *buffered_[i].append;
    const std::size_t size = batch == nullptr ? 1 : 1 + batch->others_.size();
    if (size >= broker_.options_.batch) {
      break;
    }
    if (!next.goes_where(first)) {
      ++i;
      continue;
    }
    buffered_.erase(buffered_.begin() + static_cast<std::ptrdiff_t>(i));
    if (batch == nullptr) {
      batch = broker_.world_.pool().make<AppendOperation>(
          broker_, first.operation(), nullptr, first.topic_, std::move(first.first_.draft));
      batch->producer_ = this;
    }
    batch->partition_ = first.partition_;
    batch->others_.push_back(std::move(next.first_));
    next.join(*batch);
  }
  if (batch == nullptr) {
    return first;
  }
  first.join(*batch);
  return *batch;
}

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
  std::erase_if(buffered_, [&](const Waiting& each) { return each.append == &append; });
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
  const auto is_due = [&](const Waiting& each) { return each.due <= now; };
  while (has_room()) {
    const auto next = std::find_if(buffered_.begin(), buffered_.end(), is_due);
    if (next == buffered_.end()) {
      break;
    }
    AppendOperation& append = take_batch(static_cast<std::size_t>(next - buffered_.begin()));
    under_way_.push_back(&append);
    append.issue();
  }
  const auto next = std::find_if_not(buffered_.begin(), buffered_.end(), is_due);
  if (next != buffered_.end()) {
    wake(next->due);
  }
}

}  // namespace sagasim::sim
