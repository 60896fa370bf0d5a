#include "sim/world.h"

#include <algorithm>
#include <utility>

#include "sim/remote_operation.h"

namespace sagasim::sim {

namespace {

// Doubled so often, but never so long that it could not be added to an instant.
Duration doubled(Duration time, std::uint64_t times) {
  constexpr std::int64_t kLongest = seconds(86'400 * 365).count();
  return Duration{std::min(time.count(), kLongest >> times) << times};
}

}  // namespace

struct World::FaultEvent : Event {
  explicit FaultEvent(std::function<void()> what)
      : Event([](Event& event) { static_cast<FaultEvent&>(event).action(); }),
        action(std::move(what)) {}
  std::function<void()> action;
};

World::World(std::uint64_t seed, std::uint64_t tie_salt) : scheduler_(tie_salt), random_(seed) {}

World::~World() { shut_down(); }

void World::shut_down() {
  for (const auto& fault : faults_) {
    scheduler_.cancel(*fault);
  }
  for (const auto& node : nodes_) {
    node->shut_down();
  }
  while (in_flight_ != nullptr) {
    in_flight_->discard();
  }
}

Node& World::add_node(Name role, std::uint32_t instance, ProcessFactory program) {
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  const bool server = !program;
  nodes_.push_back(std::make_unique<Node>(*this, role, instance, index, std::move(program)));
  const auto known = std::find_if(roles_.begin(), roles_.end(),
                                  [&](const Role& each) { return each.name == role; });
  if (known == roles_.end()) {
    roles_.push_back(Role{role, instance + 1});
  } else {
    known->instances = instance + 1;
  }
  if (server) {
    nodes_.back()->boot(0);
  }
  return *nodes_.back();
}

std::uint32_t World::instances(Name role) const {
  const auto known = std::find_if(roles_.begin(), roles_.end(),
                                  [&](const Role& each) { return each.name == role; });
  return known == roles_.end() ? 0 : known->instances;
}

void World::boot() {
  for (const auto& node : nodes_) {
    if (!node->up()) {
      node->boot(0);
    }
  }
  scheduler_.settle();
}

bool World::run(Instant end, std::uint64_t max_steps) {
  const std::uint64_t last =
      max_steps > UINT64_MAX - scheduler_.steps() ? UINT64_MAX : scheduler_.steps() + max_steps;
  while (!looks_.empty() && looks_.back().at <= end) {
    const bool idle = run_until(looks_.back().at, last - scheduler_.steps());
    if (idle || scheduler_.steps() >= last) {
      return idle;
    }
    const Look now = std::move(looks_.back());
    looks_.pop_back();
    now.look();
  }
  return run_until(end, last - scheduler_.steps());
}

void World::look_at(Instant at, std::function<void()> look) {
  const auto place =
      std::find_if(looks_.begin(), looks_.end(), [&](const Look& each) { return each.at <= at; });
  looks_.insert(place, {at, std::move(look)});
}

bool World::run_until(Instant end, std::uint64_t max_steps) {
  std::uint64_t steps = 0;
  scheduler_.settle();  // what was started since the last step
  while (!scheduler_.idle()) {
    if (steps == max_steps || !scheduler_.step_until(end)) {
      return false;
    }
    ++steps;
  }
  return true;
}

void World::schedule_fault(Instant at, std::uint64_t identity, std::function<void()> action) {
  faults_.push_back(std::make_unique<FaultEvent>(std::move(action)));
  scheduler_.fault_at(at, identity, *faults_.back());
}

void World::reseed(Instant at, std::uint64_t seed) {
  schedule_fault(at, hash_text("reseed"), [this, seed] { random_ = Random(seed); });
}

void World::cut(const Node& from, const Node& to, std::uint64_t cause) {
  Cut* link = nullptr;
  for (Cut& cut : cuts_) {
    if (cut.from == from.index() && cut.to == to.index()) {
      link = &cut;
    }
  }
  if (link == nullptr) {
    link = &cuts_.emplace_back(Cut{from.index(), to.index(), 0, 0, {}});
  }
  if (link->count != 0) {
    caused(link->cause, cause);  // one name stands for all that keep the link cut
  } else {
    ++links_cut_;
    link->since = now();
  }
  ++link->count;
  link->cause = cause;
  for (LinkListener* listener : link_listeners_) {
    listener->on_link(from, to, cause);
  }
}

void World::heal(const Node& from, const Node& to) {
  for (Cut& cut : cuts_) {
    if (cut.from == from.index() && cut.to == to.index()) {
      --cut.count;
      links_cut_ -= cut.count == 0 ? 1 : 0;
    }
  }
  for (LinkListener* listener : link_listeners_) {
    listener->on_link(from, to, cut_cause(from, to));
  }
}

const World::Cut* World::find_cut(const Node& from, const Node& to) const {
  for (const Cut& cut : cuts_) {
    if (cut.from == from.index() && cut.to == to.index()) {
      return &cut;
    }
  }
  return nullptr;
}

int World::cut_count(const Node& from, const Node& to) const {
  const Cut* const cut = find_cut(from, to);
  return cut == nullptr ? 0 : cut->count;
}

std::uint64_t World::cut_cause(const Node& from, const Node& to) const {
  const Cut* const cut = find_cut(from, to);
  return cut == nullptr ? 0 : cut->cause;
}

Instant World::cut_since(const Node& from, const Node& to) const {
  SAGASIM_CHECK(!connected(from, to), "a link that is not cut");
  return find_cut(from, to)->since;
}

void World::note_met(std::uint64_t fault) {
  last_met_ = fault;
  const auto place = std::lower_bound(met_.begin(), met_.end(), fault);
  if (place == met_.end() || *place != fault) {
    met_.insert(place, fault);
  }
}

void World::set_midnight(Instant at, std::uint64_t cause) {
  midnight_ = at;
  midnight_cause_ = cause;
}

void World::set_pace(Pace pace, std::uint64_t salt, std::uint64_t cause, Instant until) {
  pace_until_ = until;
  disturbed_ += (pace != Pace::kAsConfigured ? 1 : 0) - (pace_ != Pace::kAsConfigured ? 1 : 0);
  pace_ = pace;
  pace_salt_ = salt;
  pace_cause_ = cause;
}

std::uint32_t World::day(Instant reading) const {
  constexpr std::int64_t kDay = seconds(86'400).count();
  const std::int64_t since = (reading - midnight_).count();
  const std::int64_t days = since / kDay - (since % kDay < 0 ? 1 : 0);
  return static_cast<std::uint32_t>(
      std::max<std::int64_t>(midnight_ == kStart ? days : days + 1, 0));
}

Duration World::disturbed_latency(const Latency& latency, const Operation& operation,
                                  Name question) {
  const std::uint64_t draw = random_.draw(operation.id, question);
  const Duration ordinary = latency.at(draw);
  Duration time = ordinary;
  switch (pace_) {
    case Pace::kAsConfigured:
      break;
    case Pace::kShort:
      time = latency.min;
      break;
    case Pace::kHeavyTails: {
      const std::uint64_t odds = mix(draw ^ pace_salt_);
      if (below(odds, 8) == 0) {
        time = doubled(time, 4 + below(mix(odds), 8));
      }
      break;
    }
    case Pace::kPriorities:
      time = doubled(time, below(mix(operation.invocation_id ^ pace_salt_), 8));
      break;
  }
  if (pace_ != Pace::kAsConfigured) {
    met(pace_cause_, operation.id);
    if (time > ordinary) {  // the window's effects end with it
      time = std::max(ordinary, std::min(time, pace_until_ - now()));
    }
  }
  if (disturbed_ == (pace_ != Pace::kAsConfigured ? 1 : 0)) {
    return time;  // no node is slow
  }
  for (const Node* node : {operation.initiator, operation.receiver}) {
    if (node == nullptr) {
      continue;
    }
    for (const Node::Slowness& slowness : node->slownesses()) {
      const auto bound = static_cast<std::uint64_t>(slowness.by.count());
      time += Duration{static_cast<std::int64_t>(below(mix(draw ^ slowness.cause), bound))};
      met(slowness.cause, operation.id);
    }
  }
  return time;
}

void World::blame_pending(Subject subject, std::uint64_t effect) {
  for (const RemoteOperation* pending = in_flight_; pending != nullptr; pending = pending->next_) {
    if (pending->operation_.invocation.subject == subject) {
      caused(pending->operation_.id, effect);
    }
  }
}

bool World::begin(Operation& operation, Effect& effect) {
  Node& initiator = *operation.initiator;
  const bool by_fault = operation.duplicate != 0;  // the network repeats it, not the process
  if (!by_fault && (initiator.silenced() || !initiator.up())) {
    met(initiator.condition_cause(), operation.id);
    return false;
  }
  operation.at = scheduler_.now();
  ++operations_;
  fingerprint_.fold(operation.id + ticks(operation.at));
  if (interceptor_ != nullptr) {
    const Effect decided = interceptor_->decide(operation);
    if (!decided.none()) [[unlikely]] {
      effect = decided;
      fingerprint_.fold(effect.digest());
    }
  }
  if (tracer_ != nullptr) [[unlikely]] {
    tracer_->on_begin(operation, effect);
    caused(operation.cause, operation.id);
    trace_attempt(operation);
  }
  if (effect.crashes(Side::kInitiator, Phase::kBefore)) {
    initiator.crash_soon(effect.duration, operation.id);
    return false;
  }
  if (effect.kind == Effect::Kind::kPause) {
    initiator.pause(effect.duration, operation.id);
  }
  return true;
}

// Another attempt is made because the one before it had not come to its end: whatever held that up
// caused this.
void World::trace_attempt(const Operation& operation) {
  const std::uint64_t mine = operation.invocation_id;
  const bool first = !latest_of_invocation_.contains(mine);
  latest_of_invocation_[mine] = operation.id;
  Invocation before = operation.invocation;
  while (first && before.attempt > 1) {
    --before.attempt;
    if (const std::uint64_t latest = latest_of(before.id()); latest != 0) {
      caused(latest, operation.id);
      return;
    }
  }
}

bool World::complete(const Operation& operation, const Effect& effect, Outcome outcome,
                     std::uint64_t result) {
  Node& initiator = *operation.initiator;
  if (initiator.silenced() || !initiator.up()) {
    met(initiator.condition_cause(), operation.id);
    return false;
  }
  if (effect.crashes(Side::kInitiator, Phase::kUnseen)) {
    initiator.crash_soon(effect.duration, operation.id);
    return false;
  }
  fingerprint_.fold(operation.id ^ ticks(scheduler_.now()));
  fingerprint_.fold(combine(result, static_cast<std::uint64_t>(outcome)));
  if (tracer_ != nullptr) [[unlikely]] {
    tracer_->on_complete(operation, outcome, result, scheduler_.now());
  }
  if (!milestones_.empty()) [[unlikely]] {
    milestones_.on_end(operation.id);
  }
  if (effect.crashes(Side::kInitiator, Phase::kSeen)) {
    initiator.crash_soon(effect.duration, operation.id, Node::Moment::kAfterSeeing);
  }
  return true;
}

}  // namespace sagasim::sim
