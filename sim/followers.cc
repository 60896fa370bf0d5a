#include "sim/followers.h"

#include <algorithm>

#include "sim/broker.h"
#include "sim/consumer_group.h"

namespace sagasim::sim {

Followers::Followers(Broker& broker, std::uint32_t topic, std::uint32_t partition)
    : Event([](Event& event) { static_cast<Followers&>(event).fetch(); }),
      broker_(broker),
      topic_(topic),
      partition_(partition) {}

Followers::~Followers() { broker_.world_.scheduler().cancel(*this); }

void Followers::follow(std::uint64_t operation) {
  World& world = broker_.world_;
  if (!broker_.replicates()) [[likely]] {
    ++end_;
    return;
  }
  const std::uint64_t draw = world.random().draw(operation, "replication");
  Instant at = world.now() + broker_.options_.replication.at(draw);
  if (!missing_.empty()) {
    at = std::max(at, missing_.back().at);
  }
  missing_.push_back({at, operation});
  expect_next();
}

void Followers::expect_next() {
  if (!missing_.empty() && !queued()) {
    broker_.world_.scheduler().at(missing_.front().at, missing_.front().operation, *this);
  }
}

void Followers::fetch() {
  const std::uint64_t operation = missing_.front().operation;
  AppendOperation* waiting = missing_.front().waiting;
  missing_.pop_front();
  ++end_;
  expect_next();
  if (waiting != nullptr) {
    waiting->followers_ = nullptr;
    waiting->answer(Outcome::kOk, waiting->digest_);
  }
  for (Group* group : broker_.subscribers_[topic_]) {
    group->pump_partition(topic_, partition_, operation);
  }
}

void Followers::await_last(AppendOperation& append) {
  missing_.back().waiting = &append;
  append.followers_ = this;
}

void Followers::forget(AppendOperation& append) {
  append.followers_ = nullptr;
  for (Missing& each : missing_) {
    if (each.waiting == &append) {
      each.waiting = nullptr;
    }
  }
}

void Followers::cut(std::uint64_t end) {
  const std::uint64_t kept = end > end_ ? end - end_ : 0;
  end_ = std::min(end_, end);
  std::list<Missing> lost;
  while (missing_.size() > kept) {
    lost.push_back(missing_.back());
    missing_.pop_back();
  }
  if (missing_.empty()) {
    broker_.world_.scheduler().cancel(*this);
  }
  for (const Missing& each : lost) {
    if (each.waiting != nullptr) {
      each.waiting->followers_ = nullptr;
      each.waiting->answer(Outcome::kUnknown, 0);
    }
  }
}

}  // namespace sagasim::sim
