#include "faults/windows.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sim/check.h"
#include "sim/hash.h"

namespace sagasim::faults {
namespace {

using Act = sim::Intervention::Kind;

// How long a server takes to hand over to its replica, and to be restored from a backup.
constexpr sim::Duration kFailover = sim::seconds(1);
constexpr sim::Duration kRestore = sim::seconds(5);
// A crash loop is no faster than this, however it is written: each turn is work for the simulator.
constexpr sim::Duration kFastestLoop = sim::milliseconds(100);
// The longest that an instance is down for its upgrade.
constexpr sim::Duration kUpgradeDowntime = sim::seconds(2);

bool is_pace(Kind kind) {
  return kind == Kind::kShortLatencies || kind == Kind::kHeavyTails || kind == Kind::kPriorities;
}

}  // namespace

std::vector<sim::Node*> nodes_of(const sim::World& world, const std::string& target) {
  const std::string::size_type mark = target.find('#');
  const std::string role = target.substr(0, mark);
  std::uint32_t number = 0;  // 0: every instance
  if (mark != std::string::npos) {
    std::from_chars(target.data() + mark + 1, target.data() + target.size(), number);
    if (number == 0) {
      return {};
    }
  }
  std::vector<sim::Node*> nodes;
  for (const auto& node : world.nodes()) {
    if (node->role().text() == role && (number == 0 || node->instance() + 1 == number)) {
      nodes.push_back(node.get());
    }
  }
  return nodes;
}

void Windows::arm(sim::World& world, const InjectorTargets& targets,
                  std::vector<WindowFault> faults) {
  SAGASIM_CHECK(world_ == nullptr, "windows serve one world");
  world_ = &world;
  all_ = targets;
  armed_.reserve(faults.size());  // what is scheduled refers to the entries
  for (WindowFault& fault : faults) {
    Armed& armed = armed_.emplace_back();
    armed.fault = std::move(fault);
    armed.cause = identity_of(armed.fault);
    prepare(armed);
  }
  for (Armed& armed : armed_) {
    const WindowFault& fault = armed.fault;
    if (fault.after.empty()) {
      schedule(armed, fault.from, fault.until);
      if (fault.from == sim::kStart && is_pace(fault.kind)) {
        begin(armed);  // the first messages leave while the nodes boot, before any event
      }
    } else {
      world.milestones().then(sim::identity_of(fault.after).value_or(0), [this, &armed] {
        if (armed.until == sim::Instant{}) {
          world_->caused(sim::identity_of(armed.fault.after).value_or(0), armed.cause);
          const sim::Duration now = world_->now() - sim::kStart;
          schedule(armed, armed.fault.from + now, armed.fault.until + now);
        }
      });
    }
    if (!fault.until_after.empty()) {
      // Not from within the step that reached it: whatever that step was about comes first.
      world.milestones().then(sim::identity_of(fault.until_after).value_or(0), [this, &armed] {
        world_->schedule_fault(world_->now(), sim::combine(armed.cause, 1),
                               [this, &armed] { end(armed); });
      });
    }
  }
}

// Finds what it strikes, and lets those know that must know beforehand.
void Windows::prepare(Armed& armed) {
  const WindowFault& fault = armed.fault;
  switch (info_of(fault.kind).target) {
    case Target::kNone:
      armed.targets = all_.brokers;
      break;
    case Target::kGroup:
    case Target::kTopic:
      armed.targets = all_.brokers;
      break;
    case Target::kCache:
      armed.targets = all_.caches;
      break;
    case Target::kPair:
      armed.peers = nodes_of(*world_, fault.peer);
      [[fallthrough]];
    default:
      armed.targets = nodes_of(*world_, fault.target);
  }
  if (fault.kind == Kind::kMidnight && fault.after.empty()) {
    world_->set_midnight(fault.from, armed.cause);
  }
  if (fault.kind == Kind::kDatabaseFailover || fault.kind == Kind::kDatabaseRestored ||
      fault.kind == Kind::kReplicaLag || fault.kind == Kind::kCacheFailover) {
    intervene(armed, Act::kKeepHistory, {});
  }
}

void Windows::schedule(Armed& armed, sim::Instant from, sim::Instant until) {
  armed.until = until;
  world_->schedule_fault(from, armed.cause, [this, &armed] { begin(armed); });
  if (!info_of(armed.fault.kind).moment) {
    world_->schedule_fault(until, sim::combine(armed.cause, 1), [this, &armed] { end(armed); });
  }
}

void Windows::begin(Armed& armed) {
  if (armed.begun) {
    return;
  }
  armed.begun = true;
  const std::string& until = armed.fault.until_after;
  const bool over =
      !until.empty() && world_->milestones().reached(sim::identity_of(until).value_or(0));
  if (!over && strike(armed)) {
    armed.happened = true;
    if (listener_ != nullptr) {
      listener_->on_window(armed.fault.kind, true);
    }
  } else {
    armed.ended = true;
  }
}

bool Windows::strike(Armed& armed) {
  const WindowFault& fault = armed.fault;
  const std::vector<sim::Node*>& nodes = armed.targets;
  switch (fault.kind) {
    case Kind::kPartition:
    case Kind::kOneWayPartition:
      if (fault.target == fault.peer) {
        return false;
      }
      cut(armed, armed.peers, fault.kind == Kind::kPartition);
      return !nodes.empty() && !armed.peers.empty();
    case Kind::kIsolation:
      cut(armed, others_than(nodes), true);
      return !nodes.empty();
    case Kind::kOutage:
      for (sim::Node* node : nodes) {
        node->begin_outage(armed.cause);
      }
      return !nodes.empty();
    case Kind::kSlowness:
      for (sim::Node* node : nodes) {
        node->begin_slowness(fault.by, armed.cause);
      }
      return !nodes.empty();
    case Kind::kOverload:
      for (sim::Node* node : nodes) {
        node->begin_load(fault.by, armed.cause);
      }
      return !nodes.empty();
    case Kind::kClockOffset:
      for (sim::Node* node : nodes) {
        node->begin_clock_offset(fault.by, armed.cause);
      }
      return !nodes.empty();
    case Kind::kClockDrift:
      for (sim::Node* node : nodes) {
        node->begin_clock_drift(armed.until, fault.by, armed.cause);
      }
      return !nodes.empty();
    case Kind::kCrashLoop:
      return crash_again(armed);
    case Kind::kPowerCut:
      for (sim::Node* node : inside()) {
        node->crash(armed.until - world_->now(), armed.cause);
      }
      return !all_.services.empty();
    case Kind::kUpgrade:
      return upgrade(armed);
    case Kind::kShortLatencies:
    case Kind::kHeavyTails:
    case Kind::kPriorities:
      paces_.push_back(&armed);
      set_pace(armed.cause);
      return true;
    case Kind::kMidnight:
      return fault.after.empty();
    case Kind::kCorruptRecord:
      return intervene(armed, Act::kAppendCorrupt, {});
    case Kind::kOffsetReset:
      return intervene(armed, Act::kResetOffsets, fault.by);
    case Kind::kRedrive:
      return intervene(armed, Act::kRedrive, {});
    case Kind::kExpandPartitions:
      return intervene(armed, Act::kExpandPartitions, {});
    case Kind::kRunJobsAgain:
      return intervene(armed, Act::kRunJobsAgain, {});
    case Kind::kAcks1:
    case Kind::kUncleanElection:
      for (sim::Node* node : nodes) {
        node->crash(kFailover, armed.cause);
      }
      return intervene(armed, Act::kLoseTail, fault.by);
    case Kind::kShortRetention:
      return intervene(armed, Act::kTruncate, fault.by);
    case Kind::kDatabaseFailover:
    case Kind::kDatabaseRestored:
      for (sim::Node* node : nodes) {
        node->crash(fault.kind == Kind::kDatabaseFailover ? kFailover : kRestore, armed.cause);
      }
      return intervene(armed, Act::kRestore, fault.by);
    case Kind::kCacheFailover:
      for (sim::Node* node : nodes) {
        node->crash(kFailover, armed.cause);
      }
      return intervene(armed, Act::kRestore, fault.by);
    case Kind::kCacheWipe:
      return intervene(armed, Act::kWipe, {});
    case Kind::kKeyExpiry:
      return intervene(armed, Act::kForgetKeys, {});
    case Kind::kReplicaLag:
      return intervene(armed, Act::kReadBehind, fault.by);
    case Kind::kLockTimeoutStatement:
      return intervene(armed, Act::kFailLockWaits, sim::nanoseconds(1));
    default:
      SAGASIM_CHECK(false, "a fault of an operation is no window");
  }
}

void Windows::end(Armed& armed) {
  if (!armed.begun || armed.ended) {
    return;
  }
  armed.ended = true;
  const WindowFault& fault = armed.fault;
  if (listener_ != nullptr) {
    listener_->on_window(fault.kind, false);
  }
  switch (fault.kind) {
    case Kind::kPartition:
    case Kind::kOneWayPartition:
      heal(armed, armed.peers, fault.kind == Kind::kPartition);
      return;
    case Kind::kIsolation:
      heal(armed, others_than(armed.targets), true);
      return;
    case Kind::kOutage:
      for (sim::Node* node : armed.targets) {
        node->end_outage(armed.cause);
      }
      return;
    case Kind::kSlowness:
      for (sim::Node* node : armed.targets) {
        node->end_slowness(armed.cause);
      }
      return;
    case Kind::kOverload:
      for (sim::Node* node : armed.targets) {
        node->end_load(armed.cause);
      }
      return;
    case Kind::kClockOffset:
    case Kind::kClockDrift:
      for (sim::Node* node : armed.targets) {
        node->end_clock_error(armed.cause);
      }
      return;
    case Kind::kShortLatencies:
    case Kind::kHeavyTails:
    case Kind::kPriorities:
      std::erase(paces_, &armed);
      set_pace(armed.cause);
      return;
    case Kind::kPowerCut:
      for (sim::Node* node : inside()) {
        node->end_downtime(armed.cause);
      }
      return;
    case Kind::kUpgrade:  // those that are left, if it ends early
      for (sim::Node* node : all_.services) {
        if (!node->upgraded()) {
          node->upgrade(kUpgradeDowntime, armed.cause);
        }
      }
      return;
    case Kind::kReplicaLag:
      intervene(armed, Act::kReadBehind, {});
      return;
    case Kind::kLockTimeoutStatement:
      intervene(armed, Act::kFailLockWaits, {});
      return;
    default:
      return;  // what it did was done at its beginning, with an end of its own
  }
}

void Windows::cut(const Armed& armed, const std::vector<sim::Node*>& others, bool both_ways) {
  for (const sim::Node* node : armed.targets) {
    for (const sim::Node* other : others) {
      if (node == other) {
        continue;
      }
      world_->cut(*node, *other, armed.cause);
      if (both_ways) {
        world_->cut(*other, *node, armed.cause);
      }
    }
  }
}

void Windows::heal(const Armed& armed, const std::vector<sim::Node*>& others, bool both_ways) {
  for (const sim::Node* node : armed.targets) {
    for (const sim::Node* other : others) {
      if (node == other) {
        continue;
      }
      world_->heal(*node, *other);
      if (both_ways) {
        world_->heal(*other, *node);
      }
    }
  }
}

// The last restart is due before the window ends. Returns true iff there was something to crash.
bool Windows::crash_again(Armed& armed) {
  const sim::Duration period = std::max(armed.fault.by, kFastestLoop);
  const sim::Duration downtime = period / 2;
  if (armed.ended || world_->now() + downtime > armed.until) {
    return false;
  }
  for (sim::Node* node : armed.targets) {
    node->crash(downtime, armed.cause);
  }
  const sim::Instant next = world_->now() + period;
  if (next + downtime <= armed.until) {
    world_->schedule_fault(next, armed.cause, [this, &armed] { crash_again(armed); });
  }
  return !armed.targets.empty();
}

// One instance after another, roles in an order that depends on the window alone. Each is done
// before the next begins, as a careful rollout does it.
bool Windows::upgrade(const Armed& armed) {
  std::vector<sim::Node*> order = all_.services;
  std::erase_if(order, [](const sim::Node* node) { return node->upgraded(); });
  std::stable_sort(order.begin(), order.end(), [&](const sim::Node* one, const sim::Node* other) {
    const std::uint64_t first = sim::combine(armed.cause, one->role().hash());
    const std::uint64_t second = sim::combine(armed.cause, other->role().hash());
    return first != second ? first < second : one->index() < other->index();
  });
  const sim::Duration slot = (armed.until - world_->now()) /
                             static_cast<std::int64_t>(std::max<std::size_t>(order.size(), 1));
  const sim::Duration downtime = std::min(slot / 2, kUpgradeDowntime);
  sim::Instant at = world_->now();
  for (sim::Node* node : order) {
    const std::uint64_t cause = armed.cause;
    world_->schedule_fault(at, sim::combine(cause, node->index()), [node, downtime, cause] {
      if (!node->upgraded()) {
        node->upgrade(downtime, cause);
      }
    });
    at += slot;
  }
  return !order.empty();
}

bool Windows::intervene(const Armed& armed, sim::Intervention::Kind kind, sim::Duration by) {
  bool taken = false;
  for (sim::Node* node : armed.targets) {
    taken = node->intervene({kind, armed.fault.target, by, armed.cause}) || taken;
  }
  return taken;
}

// `cause`: the window that has begun or ended.
void Windows::set_pace(std::uint64_t cause) {
  if (paces_.empty()) {
    world_->set_pace(sim::Pace::kAsConfigured, 0, cause, {});
    return;
  }
  const Armed& ruling = *paces_.back();
  const Kind kind = ruling.fault.kind;
  const sim::Pace pace = kind == Kind::kShortLatencies ? sim::Pace::kShort
                         : kind == Kind::kHeavyTails   ? sim::Pace::kHeavyTails
                                                       : sim::Pace::kPriorities;
  world_->set_pace(pace, ruling.cause, ruling.cause, ruling.until);
}

std::vector<sim::Node*> Windows::others_than(const std::vector<sim::Node*>& nodes) const {
  std::vector<sim::Node*> others;
  for (const auto& node : world_->nodes()) {
    if (std::find(nodes.begin(), nodes.end(), node.get()) == nodes.end()) {
      others.push_back(node.get());
    }
  }
  return others;
}

std::vector<sim::Node*> Windows::inside() const {
  std::vector<sim::Node*> nodes = all_.services;
  nodes.insert(nodes.end(), all_.databases.begin(), all_.databases.end());
  nodes.insert(nodes.end(), all_.brokers.begin(), all_.brokers.end());
  nodes.insert(nodes.end(), all_.caches.begin(), all_.caches.end());
  return nodes;
}

const char* Windows::why_not(std::size_t index) const {
  const Armed& armed = armed_[index];
  if (!armed.fault.after.empty() && armed.until == sim::Instant{}) {
    return "the operation that it is anchored to did not end";
  }
  if (!armed.begun) {
    return "the run was over before";
  }
  return armed.targets.empty() ? "there is nothing of that name" : "there was nothing for it to do";
}

std::vector<WindowFault> Windows::happened() const {
  std::vector<WindowFault> faults;
  for (const Armed& armed : armed_) {
    if (armed.happened) {
      faults.push_back(armed.fault);
    }
  }
  return faults;
}

}  // namespace sagasim::faults
