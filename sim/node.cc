#include "sim/node.h"

#include <algorithm>
#include <iterator>

#include "sim/remote_operation.h"
#include "sim/world.h"

namespace sagasim::sim {

Node::Node(World& world, Name role, std::uint32_t instance, std::uint32_t index,
           ProcessFactory program)
    : world_(world),
      role_(role),
      instance_(instance),
      index_(index),
      program_(std::move(program)),
      crash_alarm_(*this,
                   [](Event& event) {
                     Node& node = static_cast<Alarm&>(event).node;
                     node.crash(node.downtime_, node.crash_cause_);
                   }),
      restart_alarm_(*this,
                     [](Event& event) {
                       Node& node = static_cast<Alarm&>(event).node;
                       node.boot(node.crash_cause_);
                     }),
      resume_alarm_(*this, [](Event& event) { static_cast<Alarm&>(event).node.resume(); }) {}

std::uint32_t Node::instances() const { return world_.instances(role_); }

Node::~Node() {
  shut_down();
  Scheduler& scheduler = world_.scheduler();
  scheduler.cancel(crash_alarm_);
  scheduler.cancel(restart_alarm_);
  scheduler.cancel(resume_alarm_);
}

void Node::shut_down() {
  workers_.reset();
  while (activities_ != nullptr) {
    retire(*activities_);
  }
  process_.reset();
}

Activity& Node::adopt(const Invocation& invocation, std::uint64_t identity, std::uint64_t cause) {
  SAGASIM_CHECK(up_, "work started on a node that is down");
  Activity& activity = *world_.pool().make<Activity>(*this, invocation, identity, cause);
  activity.next_ = activities_;
  if (activities_ != nullptr) {
    activities_->previous_ = &activity;
  }
  activities_ = &activity;
  return activity;
}

void Node::retire(Activity& activity) {
  if (activity.previous_ != nullptr) {
    activity.previous_->next_ = activity.next_;
  } else {
    activities_ = activity.next_;
  }
  if (activity.next_ != nullptr) {
    activity.next_->previous_ = activity.previous_;
  }
  world_.pool().destroy(&activity);
}

void Node::issue_sends() {
  for (std::size_t i = 0; i < sends_.size(); ++i) {
    if (silenced_) {
      sends_[i]->cancel();
    } else {
      sends_[i]->issue();
    }
  }
  sends_.clear();
}

void Node::boot(std::uint64_t cause) {
  SAGASIM_CHECK(!up_, "a node that is up cannot boot");
  set_condition(cause);
  up_ = true;
  ++incarnation_;
  version_ = next_version_;
  if (program_) {
    process_ = program_(*this);
    const Invocation invocation{.role = role_,
                                .scope = "start",
                                .trigger = Name(),
                                .subject = Subject('i', instance_ + 1),
                                .version = incarnation_};
    start(invocation, cause, [&](Context context) { return process_->start(context); });
  }
  for (NodeListener* listener : listeners_) {
    listener->on_start(*this, cause);
  }
}

void Node::crash(Duration downtime, std::uint64_t cause) {
  silenced_ = false;
  const Instant back = world_.now() + downtime;
  if (!up_) {
    world_.caused(condition_cause_, cause);  // what it could do here depends on who was first
    if (restart_alarm_.queued() && back > restart_at_) {
      world_.caused(crash_cause_, cause);
      for (NodeListener* listener : listeners_) {
        listener->on_start_delayed(*this, cause);
      }
      restart_at(back, cause);
    }
    return;
  }
  set_condition(cause);
  note_absence();
  up_ = false;
  paused_ = false;
  crash_cause_ = cause;
  Scheduler& scheduler = world_.scheduler();
  scheduler.cancel(resume_alarm_);
  for (RemoteOperation* send : sends_) {
    send->cancel();
  }
  sends_.clear();
  while (activities_ != nullptr) {
    world_.met(cause, activities_->next_step());
    // Whatever it would have gone on to do without naming a step follows from the operation that is
    // under way, or from the one that it has just learnt from.
    const bool between = activities_->latest() == activities_->cause() || !activities_->latest();
    world_.caused(cause, between ? activities_->cause() : activities_->latest());
    retire(*activities_);
  }
  parked_.clear();
  process_.reset();
  world_.count_crash();
  for (NodeListener* listener : listeners_) {
    listener->on_crash(*this, cause);
  }
  if (workers_) {
    workers_->clear();
  }
  std::vector<RemoteOperation*> arrivals;
  arrivals.swap(parked_arrivals_);
  for (RemoteOperation* arrival : arrivals) {
    arrival->unpark();
  }
  scheduler.settle_arrival();
  std::vector<RemoteOperation*> executing;
  executing.swap(executing_);
  for (RemoteOperation* operation : executing) {
    operation->disconnect(cause);
  }
  restart_at(back, cause);
}

void Node::restart_at(Instant at, std::uint64_t cause) {
  condition_cause_ = cause;
  crash_cause_ = cause;
  restart_at_ = at;
  world_.scheduler().cancel(restart_alarm_);
  world_.scheduler().fault_at(at, combine(role_.hash() + instance_, incarnation_), restart_alarm_);
}

void Node::end_downtime(std::uint64_t cause) {
  if (restart_alarm_.queued() && crash_cause_ == cause) {
    restart_at(world_.now(), cause);
  }
}

void Node::crash_soon(Duration downtime, std::uint64_t cause, Moment moment) {
  if (silenced_ || !up_) {
    world_.caused(condition_cause_, cause);
    return;
  }
  silenced_ = true;
  set_condition(cause);
  downtime_ = downtime;
  crash_cause_ = cause;
  Scheduler& scheduler = world_.scheduler();
  if (moment == Moment::kNow) {
    scheduler.urgent(crash_alarm_);
  } else {
    scheduler.fault_at(world_.now(), cause, crash_alarm_);
  }
}

void Node::pause(Duration duration, std::uint64_t cause) {
  if (!up_ || silenced_) {
    return;
  }
  Scheduler& scheduler = world_.scheduler();
  const Instant until = world_.now() + duration;
  if (paused_ && until <= paused_until_) {
    world_.caused(condition_cause_, cause);
    return;
  }
  scheduler.cancel(resume_alarm_);
  paused_until_ = until;
  set_condition(cause);
  scheduler.fault_at(until, combine(role_.hash() + instance_, incarnation_), resume_alarm_);
  if (!paused_) {
    note_absence();
    paused_ = true;
    for (NodeListener* listener : listeners_) {
      listener->on_pause(*this, cause);
    }
  }
}

void Node::resume() {
  paused_ = false;
  std::vector<Promise*> promises;
  promises.swap(parked_);
  for (Promise* promise : promises) {
    promise->parked_ = false;
    world_.met(condition_cause_, promise->activity().next_step());
    world_.caused(condition_cause_, promise->activity().cause());  // if there is no next step
    world_.scheduler().make_ready(*promise);
  }
  std::vector<RemoteOperation*> arrivals;
  arrivals.swap(parked_arrivals_);
  for (RemoteOperation* arrival : arrivals) {
    arrival->unpark();
  }
  for (NodeListener* listener : listeners_) {
    listener->on_resume(*this, condition_cause_);
  }
}

void Node::begin_outage(std::uint64_t cause) {
  set_condition(cause);
  note_absence();
  ++unavailable_;
}

void Node::end_outage(std::uint64_t cause) {
  set_condition(cause);
  --unavailable_;
  if (available() && !paused_) {
    for (NodeListener* listener : listeners_) {
      listener->on_resume(*this, cause);
    }
  }
}

void Node::upgrade(Duration downtime, std::uint64_t cause) {
  next_version_ = 2;
  upgrade_cause_ = cause;
  crash(downtime, cause);
}

void Node::begin_slowness(Duration by, std::uint64_t cause) {
  slownesses_.push_back(Slowness{by, cause});
  world_.begin_slowness();
}

void Node::end_slowness(std::uint64_t cause) {
  std::erase_if(slownesses_, [cause](const Slowness& each) { return each.cause == cause; });
  world_.end_slowness();
}

void Node::set_capacity(const Capacity& capacity) {
  workers_ = std::make_unique<Workers>(*this, capacity);
}

void Node::begin_load(Duration by, std::uint64_t cause) {
  if (!workers_) {
    set_capacity({});
  }
  workers_->begin_load(by, cause);
}

void Node::end_load(std::uint64_t cause) { workers_->end_load(cause); }

Instant Node::clock() const { return clock_.at(world_.now()); }

void Node::begin_clock_offset(Duration by, std::uint64_t cause) { clock_.begin_offset(by, cause); }

void Node::begin_clock_drift(Instant until, Duration by, std::uint64_t cause) {
  clock_.begin_drift(world_.now(), until, by, cause);
}

void Node::end_clock_error(std::uint64_t cause) { clock_.end(cause); }

bool Node::intervene(const Intervention& intervention) {
  bool taken = false;
  for (NodeListener* listener : listeners_) {
    taken = listener->on_intervention(*this, intervention) || taken;
  }
  return taken;
}

// What happens to a node that is not well already depends on what had happened to it before.
void Node::set_condition(std::uint64_t cause) {
  if (paused_ || !up_ || unavailable_ != 0) {
    world_.caused(condition_cause_, cause);
  }
  condition_cause_ = cause;
}

// Called before whatever makes it absent.
void Node::note_absence() {
  if (!absent()) {
    absent_since_ = world_.now();
  }
}

void Node::park(Promise& promise) {
  promise.parked_ = true;
  world_.met(condition_cause_, promise.activity().next_step());
  parked_.push_back(&promise);
}

void Node::unpark(Promise& promise) noexcept { std::erase(parked_, &promise); }

std::string to_text(const Node& node) {
  std::string text = node.role().text();
  if (node.instances() > 1) {
    text += "#" + std::to_string(node.instance() + 1);
  }
  return text;
}

// Looked for from the end: most are done at the instant at which they arrived.
void Node::executed(RemoteOperation& operation) noexcept {
  const auto found = std::find(executing_.rbegin(), executing_.rend(), &operation);
  if (found != executing_.rend()) {
    executing_.erase(std::next(found).base());
  }
}

}  // namespace sagasim::sim
