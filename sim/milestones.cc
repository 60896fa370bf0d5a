#include "sim/milestones.h"

#include <algorithm>
#include <utility>

namespace sagasim::sim {
namespace {

constexpr auto kByOperation = [](const auto& milestone, std::uint64_t operation) {
  return milestone.operation < operation;
};

}  // namespace

const Milestones::Milestone* Milestones::find(std::uint64_t operation) const {
  if ((filter_ & filter_bit(operation)) == 0) {
    return nullptr;
  }
  const auto place = std::lower_bound(known_.begin(), known_.end(), operation, kByOperation);
  return place != known_.end() && place->operation == operation ? &*place : nullptr;
}

Milestones::Milestone* Milestones::find(std::uint64_t operation) {
  return const_cast<Milestone*>(std::as_const(*this).find(operation));
}

Milestones::Milestone& Milestones::at(std::uint64_t operation) {
  if (Milestone* known = find(operation)) {
    return *known;
  }
  filter_ |= filter_bit(operation);
  const auto place = std::lower_bound(known_.begin(), known_.end(), operation, kByOperation);
  return *known_.insert(place, Milestone{operation, false, {}, {}});
}

void Milestones::then(std::uint64_t operation, std::function<void()> action) {
  at(operation).actions.push_back(std::move(action));
}

bool Milestones::reached(std::uint64_t operation) const {
  const Milestone* known = find(operation);
  return (known != nullptr && known->reached) || ended_.peek(operation) != 0 ||
         std::find(latest_ended_.begin(), latest_ended_.end(), operation) != latest_ended_.end();
}

void Milestones::hold(std::uint64_t operation, Holdable& waiting) {
  at(operation).held.push_back(&waiting);
}

void Milestones::forget(std::uint64_t operation, const Holdable& waiting) noexcept {
  if (Milestone* known = find(operation)) {
    std::erase(known->held, &waiting);
  }
}

void Milestones::on_end(std::uint64_t operation) {
  if (remembers_all_) {
    latest_ended_.push_back(operation);
    if (latest_ended_.size() == kLatest) {
      for (const std::uint64_t ended : latest_ended_) {
        ++ended_.at(ended);
      }
      latest_ended_.clear();
    }
  }
  Milestone* known = find(operation);
  if (known == nullptr) {
    return;
  }
  known->reached = true;
  std::vector<Holdable*> held;
  held.swap(known->held);
  for (Holdable* waiting : held) {
    waiting->let_go_on();
  }
  // A copy: what an action does may make something wait for a milestone of its own.
  const std::vector<std::function<void()>> actions = find(operation)->actions;
  for (const auto& action : actions) {
    action();
  }
}

}  // namespace sagasim::sim
