#include "faults/injector.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/check.h"
#include "sim/hash.h"

namespace sagasim::faults {
namespace {

constexpr sim::Name kTicket = "fault";
constexpr sim::Name kHowLong = "fault duration";

// Files and people count in milliseconds, so whatever is drawn is a whole number of them.
constexpr sim::Duration kUnit = sim::milliseconds(1);
constexpr sim::Duration kShortest = sim::milliseconds(2);

// By when an operation has been answered or given up, as a rule.
constexpr sim::Duration kAnswered = sim::seconds(10);

constexpr std::uint64_t kMillion = 1'000'000;
constexpr std::uint64_t kTicketsPerMillionth = UINT64_MAX / kMillion;

sim::Duration whole_units(sim::Duration duration) { return duration / kUnit * kUnit; }

// Between kShortest and `longest`, every doubling as likely as any other: short ones are as common
// as those that outlast a timeout.
sim::Duration log_uniform(std::uint64_t draw, sim::Duration longest) {
  std::uint64_t doublings = 0;
  for (sim::Duration low = kShortest; low * 2 < longest; low *= 2) {
    ++doublings;
  }
  const std::int64_t low = (kShortest / kUnit) << sim::below(draw, doublings + 1);
  const std::int64_t high = std::max(std::min(2 * low, longest / kUnit), low);
  const std::uint64_t span = static_cast<std::uint64_t>(high - low) + 1;
  return kUnit * (low + static_cast<std::int64_t>(sim::below(sim::mix(draw), span)));
}

bool crashes(Kind kind) { return kind >= Kind::kCrashBefore && kind <= Kind::kReceiverCrashSeen; }

// Its moment is that of the answer, or of the arrival, or of giving up: known only when it comes.
bool strikes_later(Kind kind) {
  return kind == Kind::kLate || (crashes(kind) && kind != Kind::kCrashBefore);
}

// A timer's length is its owner's secret, so what strikes at its end could strike at any time.
bool drawn_for(Kind kind, sim::OperationKind operation) {
  return can_strike(kind, operation) &&
         !(operation == sim::OperationKind::kTimer && strikes_later(kind));
}

// The roles of `nodes`, each once, in the order of their names.
std::vector<std::string> roles_of(const std::vector<sim::Node*>& nodes) {
  std::set<std::string> roles;
  for (const sim::Node* node : nodes) {
    roles.insert(node->role().text());
  }
  return {roles.begin(), roles.end()};
}

std::vector<sim::Node*> nodes_of(const sim::World& world, const std::string& role) {
  std::vector<sim::Node*> nodes;
  for (const auto& node : world.nodes()) {
    if (node->role().text() == role) {
      nodes.push_back(node.get());
    }
  }
  return nodes;
}

const std::string& pick(const std::vector<std::string>& roles, std::uint64_t draw) {
  return roles[sim::below(draw, roles.size())];
}

}  // namespace

// --- Injector ---

void Injector::install(sim::World& world, const InjectorTargets& targets) {
  SAGASIM_CHECK(world_ == nullptr, "an injector serves one world");
  world_ = &world;
  world.set_interceptor(this);
  for (WindowFault& fault : windows(targets)) {
    Armed armed{std::move(fault), {}, {}, false};
    armed.targets = nodes_of(world, armed.fault.target);
    if (armed.fault.kind != WindowFault::Kind::kOutage && armed.fault.peer != armed.fault.target) {
      armed.peers = nodes_of(world, armed.fault.peer);
    }
    armed_.push_back(std::move(armed));
  }
  for (Armed& armed : armed_) {
    const bool outage = armed.fault.kind == WindowFault::Kind::kOutage;
    if (armed.targets.empty() || (!outage && armed.peers.empty())) {
      continue;
    }
    const std::uint64_t identity = identity_of(armed.fault);
    world.schedule_fault(armed.fault.from, identity, [this, &armed] { begin(armed); });
    world.schedule_fault(armed.fault.until, sim::combine(identity, 1),
                         [this, &armed] { end(armed); });
  }
}

void Injector::begin(Armed& armed) {
  armed.began = true;
  ++counts_[static_cast<unsigned>(kind_of(armed.fault))];
  const std::uint64_t cause = identity_of(armed.fault);
  for (sim::Node* target : armed.targets) {
    if (armed.fault.kind == WindowFault::Kind::kOutage) {
      target->begin_outage(cause);
    }
    for (const sim::Node* peer : armed.peers) {
      world_->cut(*target, *peer, cause);
      if (armed.fault.kind == WindowFault::Kind::kPartition) {
        world_->cut(*peer, *target, cause);
      }
    }
  }
}

void Injector::end(const Armed& armed) {
  const std::uint64_t cause = identity_of(armed.fault);
  for (sim::Node* target : armed.targets) {
    if (armed.fault.kind == WindowFault::Kind::kOutage) {
      target->end_outage(cause);
    }
    for (const sim::Node* peer : armed.peers) {
      world_->heal(*target, *peer);
      if (armed.fault.kind == WindowFault::Kind::kPartition) {
        world_->heal(*peer, *target);
      }
    }
  }
}

void Injector::record(const sim::Operation& operation, const sim::Effect& effect) {
  ++counts_[static_cast<unsigned>(kind_of(effect))];
  strikes_.push_back(Strike{operation, effect});
}

Plan Injector::recorded() const {
  Plan plan;
  std::set<std::uint64_t> known;  // an entry stands for every operation of its name
  for (const Strike& strike : strikes_) {
    if (known.insert(strike.operation.id).second) {
      plan.operations.push_back(
          OperationFault{sim::to_text(strike.operation), strike.operation.id, strike.effect});
    }
  }
  for (const Armed& armed : armed_) {
    plan.windows.push_back(armed.fault);
  }
  return plan;
}

// --- RandomInjector ---

struct RandomInjector::Roles {
  Roles(const InjectorTargets& targets, bool outages_outside_only)
      : calling(roles_of(targets.services)) {
    std::vector<sim::Node*> nodes = targets.externals;
    if (outages_outside_only) {
      refusing = roles_of(nodes);
    }
    nodes.insert(nodes.end(), targets.servers.begin(), targets.servers.end());
    if (!outages_outside_only) {
      refusing = roles_of(nodes);
    }
    nodes.insert(nodes.end(), targets.services.begin(), targets.services.end());
    all = roles_of(nodes);
  }

  std::vector<std::string> calling;
  std::vector<std::string> refusing;
  std::vector<std::string> all;
};

RandomInjector::RandomInjector(const Profile& profile, std::uint64_t seed, sim::Instant heal_at)
    : profile_(drawn(profile, seed)), random_(seed), heal_at_(heal_at) {
  for (int operation = 0; operation < sim::kOperationKinds; ++operation) {
    Lottery& lottery = lotteries_[static_cast<unsigned>(operation)];
    std::uint64_t millionths = 0;
    for (unsigned kind = 0; kind < lottery.below.size(); ++kind) {
      if (drawn_for(static_cast<Kind>(kind), static_cast<sim::OperationKind>(operation))) {
        millionths = std::min(millionths + profile_.rates[kind], kMillion);
      }
      lottery.below[kind] = millionths * kTicketsPerMillionth;
    }
    lottery.winning = lottery.below.back();
  }
}

sim::Effect RandomInjector::decide(const sim::Operation& operation) {
  const Lottery& lottery = lotteries_[static_cast<unsigned>(operation.kind)];
  const std::uint64_t ticket = random_.draw(operation.id, kTicket);
  if (ticket >= lottery.winning) [[likely]] {
    return {};
  }
  return strike(operation, lottery, ticket);
}

sim::Effect RandomInjector::strike(const sim::Operation& operation, const Lottery& lottery,
                                   std::uint64_t ticket) {
  if (operation.duplicate != 0 || operation.at >= heal_at_) {
    return {};
  }
  unsigned index = 0;
  while (ticket >= lottery.below[index]) {
    ++index;
  }
  const auto kind = static_cast<Kind>(index);
  sim::Duration duration{};
  if (kCatalog[index].timed) {
    const sim::Duration wait = strikes_later(kind) ? kAnswered : sim::Duration{};
    const sim::Duration left = whole_units(heal_at_ - operation.at - wait);
    if (left < kUnit) {
      return {};
    }
    const sim::Duration longest = crashes(kind) ? profile_.downtime_max : profile_.delay_max;
    duration = std::min(log_uniform(random_.draw(operation.id, kHowLong), longest), left);
  }
  const sim::Effect effect = effect_of(kind, duration);
  record(operation, effect);
  return effect;
}

std::vector<WindowFault> RandomInjector::windows(const InjectorTargets& targets) {
  const Roles roles(targets, profile_.outages_outside_only);
  std::vector<WindowFault> result;
  for (const KindInfo& info : kCatalog) {
    const bool outage = info.kind == Kind::kOutage;
    const bool possible =
        outage ? !roles.refusing.empty() : !roles.calling.empty() && roles.all.size() > 1;
    if (!info.window || !possible || heal_at_ - sim::kStart < 2 * kUnit) {
      continue;
    }
    for (std::uint32_t i = 0; i < profile_.rates[static_cast<unsigned>(info.kind)]; ++i) {
      const std::uint64_t id = sim::combine(sim::hash_text(info.id), i);
      WindowFault window = outage ? outage_at(id, roles) : partition_of(id, roles, info.kind);
      place(id, window);
      result.push_back(std::move(window));
    }
  }
  return result;
}

WindowFault RandomInjector::outage_at(std::uint64_t id, const Roles& roles) const {
  WindowFault window;
  window.kind = WindowFault::Kind::kOutage;
  window.target = pick(roles.refusing, random_.draw(id, "target"));
  return window;
}

// Servers do not talk to one another, so one side is always a service.
WindowFault RandomInjector::partition_of(std::uint64_t id, const Roles& roles, Kind kind) const {
  WindowFault window;
  window.target = pick(roles.calling, random_.draw(id, "target"));
  std::vector<std::string> others = roles.all;
  std::erase(others, window.target);
  window.peer = pick(others, random_.draw(id, "peer"));
  if (kind == Kind::kPartition) {
    window.kind = WindowFault::Kind::kPartition;
    return window;
  }
  window.kind = WindowFault::Kind::kOneWayPartition;
  if (random_.chance(id, "direction", {1, 2})) {
    std::swap(window.target, window.peer);
  }
  return window;
}

// It begins at the earlier of two draws: most of what it could disturb happens early in a run.
void RandomInjector::place(std::uint64_t id, WindowFault& window) const {
  const sim::Instant end = sim::kStart + whole_units(heal_at_ - sim::kStart);
  const auto latest = static_cast<std::uint64_t>((end - sim::kStart) / kUnit) - 1;
  const std::uint64_t one = random_.between(id, "from", 0, latest);
  const std::uint64_t other = random_.between(id, "or from", 0, latest);
  window.from = sim::kStart + kUnit * static_cast<std::int64_t>(std::min(one, other));
  const sim::Duration length = log_uniform(random_.draw(id, kHowLong), profile_.window_max);
  window.until = std::min(window.from + length, end);
}

// --- PlanInjector ---

PlanInjector::PlanInjector(Plan plan) : plan_(std::move(plan)), struck_(plan_.operations.size()) {
  for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
    OperationFault& fault = plan_.operations[i];
    if (fault.identity == 0) {
      fault.identity = sim::identity_of(fault.operation).value_or(0);
    }
    if (fault.identity == 0) {
      throw std::invalid_argument("not the name of an operation: " + fault.operation);
    }
    const auto place = find(fault.identity);
    if (place != entries_.end() && place->identity == fault.identity) {
      throw std::invalid_argument("two faults on one operation: " + fault.operation);
    }
    entries_.insert(place, Entry{fault.identity, i});
  }
  for (const WindowFault& window : plan_.windows) {
    if (window.from < sim::kStart || window.until <= window.from) {
      throw std::invalid_argument("a window that ends before it begins, at " + window.target);
    }
  }
}

// The first entry with this identity or a greater one.
std::vector<PlanInjector::Entry>::const_iterator PlanInjector::find(std::uint64_t identity) const {
  return std::lower_bound(
      entries_.begin(), entries_.end(), identity,
      [](const Entry& entry, std::uint64_t wanted) { return entry.identity < wanted; });
}

sim::Effect PlanInjector::decide(const sim::Operation& operation) {
  const auto entry = find(operation.id);
  if (entry == entries_.end() || entry->identity != operation.id) [[likely]] {
    return {};
  }
  const sim::Effect& effect = plan_.operations[entry->index].effect;
  if (effect.none() || operation.duplicate != 0 || !can_strike(kind_of(effect), operation.kind)) {
    return {};
  }
  struck_[entry->index] = true;
  record(operation, effect);
  return effect;
}

std::vector<std::uint32_t> PlanInjector::not_applied() const {
  std::vector<std::uint32_t> result;
  for (std::uint32_t i = 0; i < struck_.size(); ++i) {
    if (!struck_[i]) {
      result.push_back(i);
    }
  }
  for (std::uint32_t i = 0; i < plan_.windows.size(); ++i) {
    if (!began(i)) {
      result.push_back(static_cast<std::uint32_t>(struck_.size()) + i);
    }
  }
  return result;
}

std::vector<WindowFault> PlanInjector::windows(const InjectorTargets&) { return plan_.windows; }

}  // namespace sagasim::faults
