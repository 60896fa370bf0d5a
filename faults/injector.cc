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

// By when a server that fails over or is restored is back.
constexpr sim::Duration kFailsOver = sim::seconds(6);

// By when an operation has been answered or given up, as a rule.
constexpr sim::Duration kAnsweredWithin = sim::seconds(10);

constexpr std::uint64_t kMillion = 1'000'000;
constexpr std::uint64_t kTicketsPerMillionth = UINT64_MAX / kMillion;

sim::Duration whole_units(sim::Duration duration) { return duration / kUnit * kUnit; }

// Between `shortest` and `longest`, every doubling as likely as any other: short ones are as common
// as those that outlast a timeout.
sim::Duration log_uniform(std::uint64_t draw, sim::Duration shortest, sim::Duration longest) {
  shortest = std::max(whole_units(shortest), kUnit);
  std::uint64_t doublings = 0;
  for (sim::Duration low = shortest; low * 2 < longest; low *= 2) {
    ++doublings;
  }
  const std::int64_t low = (shortest / kUnit) << sim::below(draw, doublings + 1);
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
  std::vector<std::string> roles;
  for (const sim::Node* node : nodes) {
    const std::string_view role = node->role().text();
    const auto place = std::lower_bound(roles.begin(), roles.end(), role);
    if (place == roles.end() || *place != role) {
      roles.emplace(place, role);
    }
  }
  return roles;
}

std::vector<sim::Node*> operator+(std::vector<sim::Node*> nodes,
                                  const std::vector<sim::Node*>& more) {
  nodes.insert(nodes.end(), more.begin(), more.end());
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
  windows_.arm(world, targets, windows(targets));
}

void Injector::set_listener(FaultListener* listener) {
  listener_ = listener;
  windows_.set_listener(listener);
}

void Injector::record(const sim::Operation& operation, const sim::Effect& effect,
                      std::string until) {
  const Kind kind = kind_of(effect);
  ++struck_[static_cast<unsigned>(kind)];
  if (listener_ != nullptr) {
    listener_->on_strike(kind, operation);
  }
  strikes_.push_back(Strike{operation, effect, std::move(until)});
}

Injector::Counts Injector::counts() const {
  Counts sum = struck_;
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    sum[static_cast<unsigned>(windows_.fault(i).kind)] += windows_.met_something(i) ? 1u : 0u;
  }
  return sum;
}

Injector::Counts Injector::met_nothing() const {
  Counts sum{};
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const bool idle = windows_.happened(i) && !windows_.met_something(i);
    sum[static_cast<unsigned>(windows_.fault(i).kind)] += idle ? 1u : 0u;
  }
  return sum;
}

Plan Injector::recorded() const {
  Plan plan;
  std::set<std::uint64_t> known;  // an entry stands for every operation of its name
  for (const Strike& strike : strikes_) {
    if (known.insert(strike.operation.id).second) {
      plan.operations.push_back(OperationFault{sim::to_text(strike.operation), strike.operation.id,
                                               strike.effect, strike.until});
    }
  }
  plan.windows = recorded_windows();
  return plan;
}

// --- Focus ---

Focus::Focus(const sim::Random& random, Kind kind, const std::vector<std::string>& roles) {
  const std::uint64_t id = sim::hash_text(info_of(kind).id);
  which_ = random.draw(id, "where");
  switch (sim::below(random.draw(id, "focus"), 8)) {
    case 0:
      if (!roles.empty()) {
        what_ = What::kRole;
        which_ = sim::hash_text(pick(roles, which_));
      }
      break;
    case 1:
      what_ = What::kKeys;
      break;
    case 2:
      what_ = What::kTopics;
      break;
    case 3:
      what_ = What::kBursts;
      break;
    default:
      break;
  }
}

bool Focus::accepts(const sim::Operation& operation) const {
  const sim::Invocation& invocation = operation.invocation;
  const auto share = [this](std::uint64_t name) {
    return sim::below(sim::mix(name ^ which_), factor()) == 0;
  };
  switch (what_) {
    case What::kEverywhere:
      return true;
    case What::kRole:
      return invocation.role.hash() == which_;
    case What::kKeys:
      return share(invocation.subject.bits());
    case What::kTopics:
      return share(invocation.trigger.empty() ? operation.detail.hash()
                                              : invocation.trigger.hash());
    case What::kBursts:
      return share(invocation.id());
  }
  return true;
}

std::uint32_t Focus::factor() const {
  switch (what_) {
    case What::kEverywhere:
      return 1;
    case What::kRole:
    case What::kTopics:
      return 4;
    case What::kKeys:
    case What::kBursts:
      break;
  }
  return 8;
}

// --- RandomInjector ---

// What there is to choose from, by what a kind strikes.
struct RandomInjector::Candidates {
  explicit Candidates(const InjectorTargets& targets, bool outages_outside_only)
      : services(roles_of(targets.services)),
        databases(roles_of(targets.databases)),
        externals(roles_of(targets.externals)),
        groups(targets.groups),
        topics(targets.topics) {
    using Nodes = std::vector<sim::Node*>;
    const Nodes servers = targets.databases + targets.brokers + targets.caches;
    if (!targets.caches.empty()) {
      caches = none;
    }
    calling = roles_of(targets.services + targets.customers);
    refusing = outages_outside_only ? externals : roles_of(targets.externals + servers);
    all = roles_of(targets.services + targets.customers + targets.externals + servers);
    for (const sim::Node* node : targets.services) {
      if (node->instances() > 1) {
        instances.push_back(sim::to_text(*node));
      }
    }
    ours = roles_of(targets.services + servers);
  }

  const std::vector<std::string>& of(const KindInfo& info) const {
    switch (info.target) {
      case Target::kNone:
        return none;
      case Target::kRole:
        return info.kind == Kind::kCrashLoop ? ours : all;
      case Target::kPair:
        return calling;
      case Target::kServer:
        return refusing;
      case Target::kService:
        return services;
      case Target::kDatabase:
        return databases;
      case Target::kExternal:
        return externals;
      case Target::kGroup:
        return groups;
      case Target::kTopic:
        return topics;
      case Target::kCache:
        return caches;
    }
    return none;
  }

  const std::vector<std::string> none{""};
  std::vector<std::string> services;
  std::vector<std::string> databases;
  std::vector<std::string> externals;
  std::vector<std::string> groups;
  std::vector<std::string> topics;
  std::vector<std::string> caches;  // one without a name stands for all
  std::vector<std::string> calling;
  std::vector<std::string> refusing;
  std::vector<std::string> all;
  std::vector<std::string> ours;       // what can crash in a loop: customers and the outside cannot
  std::vector<std::string> instances;  // "order#2", where a role has several
};

RandomInjector::RandomInjector(const Profile& profile, std::uint64_t seed, sim::Instant heal_at)
    : narrows_(profile.swarm), profile_(drawn(profile, seed)), random_(seed), heal_at_(heal_at) {
  fill_lotteries();
}

void RandomInjector::fill_lotteries() {
  for (int operation = 0; operation < sim::kOperationKinds; ++operation) {
    Lottery& lottery = lotteries_[static_cast<unsigned>(operation)];
    std::uint64_t millionths = 0;
    const bool is_spared = profile_.operations_outside_only &&
                           operation != static_cast<int>(sim::OperationKind::kRequest);
    for (unsigned kind = 0; kind < lottery.below.size(); ++kind) {
      if (!is_spared &&
          drawn_for(static_cast<Kind>(kind), static_cast<sim::OperationKind>(operation))) {
        const std::uint64_t rate = std::uint64_t{profile_.rates[kind]} * focus_[kind].factor();
        millionths = std::min(millionths + rate, kMillion);
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
  if (!focus_[index].accepts(operation)) {
    return {};
  }
  const auto kind = static_cast<Kind>(index);
  sim::Duration duration{};
  if (kCatalog[index].timed) {
    const sim::Duration wait = strikes_later(kind) ? kAnsweredWithin : sim::Duration{};
    const sim::Duration left = whole_units(heal_at_ - operation.at - wait);
    if (left < kUnit) {
      return {};
    }
    const sim::Duration longest = crashes(kind) ? profile_.downtime_max : profile_.delay_max;
    duration =
        std::min(log_uniform(random_.draw(operation.id, kHowLong), kShortest, longest), left);
  }
  sim::Effect effect = effect_of(kind, duration);
  if (kind == Kind::kHold) {
    const sim::Operation until = repetition_of(operation);
    effect.until = until.id;
    record(operation, effect, sim::to_text(until));
  } else {
    record(operation, effect);
  }
  return effect;
}

// What chance holds an operation back for: its own repetition, in the next attempt or later in the
// same one. So a request arrives when its retry has been answered.
sim::Operation RandomInjector::repetition_of(const sim::Operation& operation) const {
  sim::Operation again = operation;
  if (random_.chance(operation.id, "repetition", {1, 2})) {
    ++again.invocation.attempt;
  } else {
    ++again.ordinal;
  }
  again.invocation_id = again.invocation.id();
  again.id = sim::operation_identity(sim::base_of(again), again.ordinal, 0);
  return again;
}

std::vector<WindowFault> RandomInjector::windows(const InjectorTargets& targets) {
  const Candidates candidates(targets, profile_.outages_outside_only);
  if (narrows_) {
    for (unsigned kind = 0; kind < focus_.size(); ++kind) {
      focus_[kind] = Focus(random_, static_cast<Kind>(kind), candidates.services);
    }
    fill_lotteries();
  }
  if (profile_.rates[static_cast<unsigned>(Kind::kHold)] != 0) {
    world().milestones().expect_all();
  }
  std::vector<WindowFault> result;
  for (const KindInfo& info : kCatalog) {
    const bool possible =
        !candidates.of(info).empty() && (info.target != Target::kPair || candidates.all.size() > 1);
    const bool in_time = heal_at_ - sim::kStart >= reserve_of(info.kind) + 2 * kUnit;
    if (!info.window || !possible || !in_time) {
      continue;
    }
    for (std::uint32_t i = 0; i < profile_.rates[static_cast<unsigned>(info.kind)]; ++i) {
      const std::uint64_t id = sim::combine(sim::hash_text(info.id), i);
      WindowFault window;
      window.kind = info.kind;
      choose_target(id, candidates, window);
      choose_amount(id, window);
      place(id, window);
      result.push_back(std::move(window));
    }
  }
  return result;
}

// Where a role has several instances, one of them is as likely as all.
void RandomInjector::choose_target(std::uint64_t id, const Candidates& candidates,
                                   WindowFault& window) const {
  const KindInfo& info = info_of(window.kind);
  window.target = pick(candidates.of(info), random_.draw(id, "target"));
  const bool can_be_one = info.target == Target::kRole || info.target == Target::kService ||
                          info.target == Target::kPair;
  const auto one_of = [&](std::string& target, sim::Name question) {
    std::vector<std::string> ones;
    for (const std::string& instance : candidates.instances) {
      if (instance.starts_with(target + "#")) {
        ones.push_back(instance);
      }
    }
    if (!ones.empty() && random_.chance(id, question, {1, 2})) {
      target = pick(ones, sim::mix(random_.draw(id, question)));
    }
  };
  if (info.target == Target::kPair) {
    // Servers do not talk to one another, so one side always calls.
    std::vector<std::string> others = candidates.all;
    std::erase(others, window.target);
    window.peer = pick(others, random_.draw(id, "peer"));
    if (window.kind == Kind::kOneWayPartition && random_.chance(id, "direction", {1, 2})) {
      std::swap(window.target, window.peer);
    }
    one_of(window.peer, "instance of peer");
  }
  if (can_be_one) {
    one_of(window.target, "instance");
  }
}

void RandomInjector::choose_amount(std::uint64_t id, WindowFault& window) const {
  const Amount& amount = info_of(window.kind).by;
  if (amount.meaning == nullptr) {
    return;
  }
  const std::uint64_t draw = random_.draw(id, "amount");
  window.by = log_uniform(draw, amount.low, amount.high);
  if (amount.either_sign && random_.chance(id, "sign", {1, 2})) {
    window.by = -window.by;
  }
}

// A part that fails over is back before the end.
sim::Duration RandomInjector::reserve_of(Kind kind) {
  const bool fails_over = kind == Kind::kAcks1 || kind == Kind::kUncleanElection ||
                          kind == Kind::kDatabaseFailover || kind == Kind::kDatabaseRestored ||
                          kind == Kind::kCacheFailover;
  return fails_over ? kFailsOver : sim::Duration{};
}

// It begins at the earlier of two draws: most of what it could disturb happens early in a run. How
// a run is paced and the rollout of a version concern all of it.
void RandomInjector::place(std::uint64_t id, WindowFault& window) const {
  const sim::Instant end = sim::kStart + whole_units(heal_at_ - sim::kStart);
  const auto units = static_cast<std::uint64_t>((end - sim::kStart) / kUnit);
  const auto at = [](std::uint64_t unit) {
    return sim::kStart + kUnit * static_cast<std::int64_t>(unit);
  };
  if (window.kind == Kind::kShortLatencies || window.kind == Kind::kHeavyTails) {
    window.from = sim::kStart;
    window.until = end;
    return;
  }
  const std::uint64_t latest =
      units - 1 - static_cast<std::uint64_t>(reserve_of(window.kind) / kUnit);
  const std::uint64_t one = random_.between(id, "from", 0, latest);
  const std::uint64_t other = random_.between(id, "or from", 0, latest);
  window.from = at(std::min(one, other));
  if (info_of(window.kind).moment) {
    window.from = std::max(window.from, sim::kStart + kUnit);
    return;
  }
  const bool long_one = window.kind == Kind::kPriorities || window.kind == Kind::kUpgrade;
  const sim::Duration longest = long_one ? end - window.from : profile_.window_max;
  const sim::Duration shortest = long_one                          ? longest / 4
                                 : window.kind == Kind::kCrashLoop ? window.by  // once at least
                                                                   : profile_.window_min;
  const sim::Duration length = log_uniform(random_.draw(id, kHowLong), shortest, longest);
  window.until = std::min(window.from + std::max(length, kUnit), end);
}

// --- PlanInjector ---

namespace {

void check_name(const std::string& operation) {
  if (!sim::identity_of(operation)) {
    throw std::invalid_argument("not the name of an operation: " + operation);
  }
}

void check(const WindowFault& window) {
  const KindInfo& info = info_of(window.kind);
  const std::string which = std::string(info.id) + " at " + window.target;
  if (window.from < sim::kStart || (!info.moment && window.until <= window.from)) {
    throw std::invalid_argument("a window that ends before it begins: " + which);
  }
  const bool fits =
      info.by.either_sign ? window.by != sim::Duration{} : window.by > sim::Duration{};
  if (info.by.meaning != nullptr && !fits) {
    throw std::invalid_argument("an amount that means nothing: " + which);
  }
  for (const std::string* name : {&window.after, &window.until_after}) {
    if (!name->empty()) {
      check_name(*name);
    }
  }
}

}  // namespace

PlanInjector::PlanInjector(Plan plan) : plan_(std::move(plan)), struck_(plan_.operations.size()) {
  for (std::uint32_t i = 0; i < plan_.operations.size(); ++i) {
    OperationFault& fault = plan_.operations[i];
    if (fault.identity == 0) {
      fault.identity = sim::identity_of(fault.operation).value_or(0);
    }
    if (fault.identity == 0) {
      throw std::invalid_argument("not the name of an operation: " + fault.operation);
    }
    if (fault.effect.kind == sim::Effect::Kind::kHold && fault.effect.until == 0) {
      check_name(fault.until);
      fault.effect.until = *sim::identity_of(fault.until);
    }
    const auto place = find(fault.identity);
    if (place != entries_.end() && place->identity == fault.identity) {
      throw std::invalid_argument("two faults on one operation: " + fault.operation);
    }
    entries_.insert(place, Entry{fault.identity, i});
  }
  for (const WindowFault& window : plan_.windows) {
    check(window);
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
  record(operation, effect, plan_.operations[entry->index].until);
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
    if (!happened(i)) {
      result.push_back(static_cast<std::uint32_t>(struck_.size()) + i);
    }
  }
  return result;
}

std::vector<std::string> PlanInjector::left_over() const {
  std::vector<std::string> sentences;
  for (const std::uint32_t index : not_applied()) {
    if (index < plan_.operations.size()) {
      const OperationFault& fault = plan_.operations[index];
      const KindInfo& info = info_of(kind_of(fault.effect));
      sentences.push_back(std::string(info.id) + " of " + fault.operation +
                          " did not apply: no such operation");
    } else {
      const std::size_t window = index - plan_.operations.size();
      sentences.push_back(label_of(plan_.windows[window]) + " did not apply: " + why_not(window));
    }
  }
  for (std::size_t i = 0; i < plan_.windows.size(); ++i) {
    if (happened(i) && !met_something(i)) {
      sentences.push_back(label_of(plan_.windows[i]) + " met nothing: it made no difference");
    }
  }
  const auto in_vain = [&](const std::string& what, const std::string& until) {
    if (!until.empty() && !world().milestones().reached(sim::identity_of(until).value_or(0))) {
      sentences.push_back(what + " waited in vain: " + until + " did not end");
    }
  };
  for (std::size_t i = 0; i < plan_.operations.size(); ++i) {
    if (struck_[i]) {
      in_vain("hold of " + plan_.operations[i].operation, plan_.operations[i].until);
    }
  }
  for (std::size_t i = 0; i < plan_.windows.size(); ++i) {
    if (happened(i)) {
      in_vain(label_of(plan_.windows[i]), plan_.windows[i].until_after);
    }
  }
  return sentences;
}

std::vector<WindowFault> PlanInjector::windows(const InjectorTargets&) {
  for (const OperationFault& fault : plan_.operations) {
    if (fault.effect.until != 0) {
      world().milestones().expect(fault.effect.until);
    }
  }
  return plan_.windows;
}

}  // namespace sagasim::faults
