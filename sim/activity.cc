#include "sim/activity.h"

#include <algorithm>
#include <utility>

#include "sim/node.h"
#include "sim/world.h"

namespace sagasim::sim {

std::uint32_t Ordinals::next(std::uint64_t key, Pool& pool) {
  for (std::uint32_t i = 0; i < used_; ++i) {
    if (keys_[i] == key) {
      return ++counts_[i];
    }
  }
  if (used_ < kInline) {
    keys_[used_] = key;
    counts_[used_++] = 1;
    return 1;
  }
  for (More* more = more_; more != nullptr; more = more->next) {
    for (std::uint32_t i = 0; i < more->used; ++i) {
      if (more->keys[i] == key) {
        return ++more->counts[i];
      }
    }
  }
  if (more_ == nullptr || more_->used == kMore) {
    auto* more = pool.make<More>();
    more->next = std::exchange(more_, more);
  }
  more_->keys[more_->used] = key;
  more_->counts[more_->used++] = 1;
  return 1;
}

void Ordinals::clear(Pool& pool) noexcept {
  while (more_ != nullptr) {
    pool.destroy(std::exchange(more_, more_->next));
  }
}

Activity::Activity(Node& node, const Invocation& invocation, std::uint64_t identity,
                   std::uint64_t cause)
    : node_(node),
      world_(node.world()),
      identity_(identity),
      cause_(cause),
      invocation_(invocation) {}

Activity::~Activity() { ordinals_.clear(world_.pool()); }

std::uint32_t Activity::next_ordinal(std::uint64_t key) {
  return ordinals_.next(key, world_.pool());
}

Operation Activity::operation(OperationKind kind, Name detail, Subject subject, Node* receiver) {
  const std::uint64_t base = operation_base(identity_, kind, detail.hash(), subject.bits());
  Operation operation;
  operation.invocation = invocation_;
  operation.invocation_id = identity_;
  operation.kind = kind;
  operation.detail = detail;
  operation.subject = subject;
  operation.ordinal = ordinals_.next(base, world_.pool());
  operation.id = operation_identity(base, operation.ordinal, 0);
  operation.initiator = &node_;
  operation.receiver = receiver;
  operation.cause = cause_;
  world().caused(next_step(), operation.id);
  ++steps_;
  latest_ = operation.id;
  return operation;
}

Pool& Context::frame_pool() const { return activity_->world().pool(); }

Instant Context::clock() const {
  World& world = activity_->world();
  activity_->node().wall_clock().for_each_error(
      [&](std::uint64_t cause) { world.met(cause, activity_->next_step()); });
  return activity_->node().clock();
}

std::uint32_t Context::day(Instant reading) const {
  World& world = activity_->world();
  reading += activity_->node().zone();
  if (reading >= world.midnight()) {
    world.met(world.midnight_cause(), activity_->next_step());
  } else {
    world.caused(world.midnight_cause(), activity_->next_step());
  }
  return world.day(reading);
}

std::uint64_t Context::draw(Name question) const {
  return activity_->world().random().draw(activity_->identity(), question);
}

Duration Context::backoff(std::uint32_t attempt, Duration base, Duration cap) const {
  Duration bound = base;
  for (std::uint32_t i = 0; i < attempt && bound < cap; ++i) {
    bound *= 2;
  }
  const auto width = static_cast<std::uint64_t>((bound < cap ? bound : cap).count()) + 1;
  const std::uint64_t draw =
      activity_->world().random().draw(combine(activity_->identity(), attempt), "backoff");
  return Duration{static_cast<std::int64_t>(below(draw, width))};
}

Sleep Context::sleep(Duration duration, Name reason) { return Sleep(*activity_, duration, reason); }

Sleep Context::timeout(Duration duration, Name reason) {
  return Sleep(*activity_, duration, reason, true);
}

Sleep::Alarm::Alarm(Sleep& owner)
    : Event([](Event& event) { static_cast<Alarm&>(event).sleep.ring(); }), sleep(owner) {}

Sleep::Sleep(Activity& activity, Duration duration, Name reason, bool gives_up)
    : activity_(activity),
      duration_(duration),
      reason_(reason),
      gives_up_(gives_up),
      alarm_(*this) {}

Sleep::~Sleep() {
  activity_.world().scheduler().cancel(alarm_);
  if (effect_.kind == Effect::Kind::kHold) {
    activity_.world().milestones().forget(effect_.until, *this);
  }
}

void Sleep::begin() {
  World& world = activity_.world();
  operation_ =
      activity_.operation(OperationKind::kTimer, reason_, activity_.invocation().subject, nullptr);
  if (!world.begin(operation_, effect_)) {
    return;
  }
  Duration length = duration_;
  if (effect_.kind == Effect::Kind::kDelay) {
    length += effect_.duration;
  } else if (effect_.kind == Effect::Kind::kHold && !world.milestones().reached(effect_.until)) {
    length = std::max(length, effect_.duration);
    world.milestones().hold(effect_.until, *this);
  }
  world.scheduler().at(world.now() + length, operation_.id, alarm_);
}

// What it was held for has happened: it rings now, or when it would have without the fault.
void Sleep::let_go_on() {
  World& world = activity_.world();
  if (world.scheduler().cancel(alarm_)) {
    world.caused(effect_.until, operation_.id);
    world.scheduler().at(std::max(world.now(), operation_.at + duration_), operation_.id, alarm_);
  }
}

void Sleep::ring() {
  World& world = activity_.world();
  if (gives_up_ && world.traced()) [[unlikely]] {
    world.blame_pending(activity_.invocation().subject, operation_.id);
  }
  if (!world.complete(operation_, effect_, Outcome::kOk, 0)) {
    return;
  }
  activity_.set_cause(operation_.id);
  world.scheduler().make_ready(*waiter_);
}

}  // namespace sagasim::sim
