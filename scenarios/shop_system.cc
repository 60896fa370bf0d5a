#include "scenarios/shop_system.h"

#include <algorithm>
#include <optional>

#include "domain/names.h"
#include "domain/properties/judge.h"
#include "domain/shop.h"
#include "faults/injector.h"
#include "scenarios/architecture.h"
#include "scenarios/shop_coverage.h"
#include "scenarios/shop_inspection.h"
#include "scenarios/workload.h"
#include "sim/standstill.h"
#include "sim/world.h"

namespace sagasim::scenarios {
namespace {

// How many old events are delivered again once everything has come to rest (IDM-2).
constexpr std::uint32_t kRedelivered = 6;
// A run that takes more steps than this is given up as inconclusive: no input may run for ever.
constexpr std::uint64_t kStepsPerCommand = 200'000;
constexpr std::uint64_t kStepsAtLeast = 5'000'000;

domain::ShopOptions shop_options(const Scenario& scenario) {
  const Environment& environment = scenario.environment;
  domain::ShopOptions options;
  options.instances = scenario.shop.instances;
  options.partitions = scenario.shop.partitions;
  options.call = {environment.call, environment.call, environment.call_timeout};
  options.database.route = {environment.database, environment.database,
                            environment.database_timeout};
  options.broker.produce = {environment.broker, environment.broker, environment.broker_timeout};
  options.broker.deliver = {environment.broker, {}, environment.broker_timeout};
  options.broker.session_timeout = environment.session_timeout;
  options.gateway.route = {environment.gateway, environment.gateway, environment.gateway_timeout};
  options.gateway.processing = environment.gateway_processing;
  options.decline_percent = environment.decline_percent;
  options.relay_interval = environment.relay_interval;
  options.reconcile_interval = environment.reconcile_interval;
  options.rank_days = scenario.shop.rank_days;
  options.capacity = {environment.workers, environment.queue_limit, environment.service_time};
  options.extra_reads = environment.extra_reads;
  options.executor.threads = environment.listener_threads;
  options.executor.queue = environment.listener_queue;
  options.client = {environment.client_retry, environment.client_attempts};
  return options;
}

faults::InjectorTargets targets_of(const domain::Shop& shop) {
  faults::InjectorTargets targets;
  for (sim::Node* process : shop.processes()) {
    const bool outside =
        process->role() == domain::role::kClient || process->role() == domain::role::kManager;
    (outside ? targets.customers : targets.services).push_back(process);
  }
  for (sim::Node* server : shop.servers()) {
    const sim::Name role = server->role();
    if (role == domain::role::kGateway || role == domain::role::kDataPlatform) {
      targets.externals.push_back(server);
    } else {
      (role == domain::role::kBroker  ? targets.brokers
       : role == domain::role::kCache ? targets.caches
                                      : targets.databases)
          .push_back(server);
    }
  }
  for (const sim::Name group : shop.broker().groups()) {
    targets.groups.emplace_back(group.text());
  }
  for (const auto& topic : shop.broker().topics()) {
    targets.topics.emplace_back(topic.name.text());
  }
  return targets;
}

// How long what was held up takes at most once the last fault is over, with each part as slow as it
// can be: a consumer group first finds who is there and waits for whoever is at work, then the
// event comes behind all that lie in its partition and each of them is tried once more after the
// longest pause. A payment is asked about after the longest pause and once more if that fails.
domain::Deadlines deadlines_of(const Scenario& scenario) {
  const Environment& environment = scenario.environment;
  const sim::BrokerOptions broker;
  domain::Deadlines deadlines;
  deadlines.healed = sim::kStart + scenario.horizon.heal_at;
  for (const faults::WindowFault& window : scenario.plan.windows) {
    deadlines.healed = std::max(deadlines.healed, window.until);
  }
  const sim::Duration attempt = 3 * environment.database_timeout + broker.backoff_max;
  const sim::Duration hop = environment.relay_interval + 2 * environment.broker_timeout + attempt;
  deadlines.undo = environment.session_timeout + broker.rebalance_timeout + 9 * hop;
  deadlines.settle = 2 * (environment.gateway_timeout + 4 * environment.reconcile_interval +
                          3 * environment.database_timeout);
  return deadlines;
}

bool selected(const Scenario& scenario, const std::string& property) {
  const auto& wanted = scenario.properties;
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), property) != wanted.end();
}

// One run: the world, the shop in it and who judges it. Its parts refer to one another, so it stays
// where it was made.
class ShopUniverse final : public Universe {
 public:
  // `scenario` and `options` outlive it.
  ShopUniverse(const Scenario& scenario, const domain::ShopOptions& options,
               domain::Workload workload, std::uint64_t seed, std::uint64_t tie_salt)
      : scenario_(scenario),
        seed_(seed),
        workload_(std::move(workload)),
        steps_max_(std::max(kStepsAtLeast, kStepsPerCommand * workload_.commands.size())),
        world_(seed, tie_salt),
        judge_(workload_, scenario.architecture.policy),
        shop_(world_, options, scenario.architecture.policy, workload_, judge_),
        standstill_(world_) {
    judge_.watch(shop_);
    judge_.set_deadlines(deadlines_of(scenario));
  }

  bool live(std::uint64_t steps) override {
    if (!booted_) {
      booted_ = true;
      world_.add_observer(judge_);  // last: whoever else listens knows what was before
      world_.boot();
    }
    const std::uint64_t goal = std::min(steps, steps_max_);
    const std::uint64_t made = scheduler_.steps();
    if (!over_ && made < goal) {
      ending_ = standstill_.run(sim::kStart + scenario_.horizon.heal_at, limit(), goal - made);
      over_ =
          ending_ != sim::Ending::kUndecided || scheduler_.steps() != goal || goal == steps_max_;
      if (over_) {
        world_.fingerprint().fold(shop_.digest());
        fingerprint_ = world_.fingerprint().value();
        operations_ = world_.operations();
        virtual_time_ = world_.now() - sim::kStart;
      }
    }
    return over_;
  }

  std::uint64_t steps() const override { return scheduler_.steps(); }
  void set_tracer(sim::Tracer* tracer) override { world_.set_tracer(tracer); }

  Judgement judge(std::uint64_t faults) override {
    judge_to_the_end(faults);
    Judgement judgement;
    judgement.fingerprint = fingerprint_;
    judgement.operations = operations_;
    for (const auto& finding : selected_findings()) {
      judgement.signature =
          std::string(domain::kPropertyCatalog[static_cast<unsigned>(finding.property)].id) + "/" +
          finding.kind;
      break;
    }
    judgement.verdict = verdict(!judgement.signature.empty());
    return judgement;
  }

  // --- for whoever wants to know more of it ---
  sim::World& world() { return world_; }
  const domain::Shop& shop() const { return shop_; }
  const domain::Judge& judge() const { return judge_; }
  const domain::Workload& workload() const { return workload_; }
  const sim::Witness& witness() const { return standstill_.witness(); }
  sim::Ending ending() const { return ending_; }
  std::uint64_t fingerprint() const { return fingerprint_; }
  std::uint64_t operations() const { return operations_; }
  sim::Duration virtual_time() const { return virtual_time_; }
  std::optional<sim::Instant> redelivered() const { return redelivered_; }

  // What must hold in the end. A run that came to rest has old records delivered once more.
  // Requires: the run is over.
  void judge_to_the_end(std::uint64_t faults) {
    if (ending_ != sim::Ending::kUndecided) {
      judge_.at_end(world_.now(), faults == 0, &standstill_.witness());
    }
    if (ending_ == sim::Ending::kQuiescent) {
      judge_.at_rest(world_.now());
      world_.set_tracer(nullptr);  // the run is over; what follows is a check of its own
      const std::uint64_t before = shop_.business_digest();
      const sim::Instant rest = world_.now();
      const std::uint64_t records = shop_.redeliver(kRedelivered, sim::Random(seed_));
      redelivered_ = records != 0 ? std::optional(rest) : std::nullopt;
      if (records != 0 && world_.run(world_.now() + scenario_.horizon.limit, steps_max_)) {
        judge_.after_redelivery(before, shop_.business_digest(), records, world_.now());
      }
    }
  }

  // Violations of the properties that the scenario asks for, the most specific first.
  std::vector<domain::Reporter::Finding> selected_findings() const {
    std::vector<domain::Reporter::Finding> findings = judge_.reporter().findings();
    if (findings.empty()) {
      return findings;
    }
    std::erase_if(findings, [this](const auto& finding) {
      return !selected(scenario_,
                       domain::kPropertyCatalog[static_cast<unsigned>(finding.property)].id);
    });
    std::stable_sort(findings.begin(), findings.end(),
                     [](const auto& a, const auto& b) { return a.property < b.property; });
    return findings;
  }

  Verdict verdict(bool violated) const {
    return violated                             ? Verdict::kFail
           : ending_ != sim::Ending::kUndecided ? Verdict::kPass
                                                : Verdict::kInconclusive;
  }

 private:
  sim::Instant limit() const { return sim::kStart + scenario_.horizon.limit; }

  const Scenario& scenario_;
  const std::uint64_t seed_;
  const domain::Workload workload_;
  const std::uint64_t steps_max_;
  sim::World world_;
  const sim::Scheduler& scheduler_ = world_.scheduler();
  domain::Judge judge_;
  domain::Shop shop_;
  sim::Standstill standstill_;
  bool booted_ = false;
  bool over_ = false;
  sim::Ending ending_ = sim::Ending::kUndecided;
  std::uint64_t fingerprint_ = 0;
  std::uint64_t operations_ = 0;
  sim::Duration virtual_time_{};
  std::optional<sim::Instant> redelivered_;
};

class ShopSystem final : public System {
 public:
  ShopSystem(const Scenario& scenario, std::optional<domain::Workload> workload)
      : scenario_(scenario), options_(shop_options(scenario)), workload_(std::move(workload)) {}

  std::string scenario() const override { return scenario_.name; }
  std::string architecture() const override { return to_text(scenario_.architecture); }

  std::vector<PropertyInfo> properties() const override {
    std::vector<PropertyInfo> all;
    for (unsigned i = 0; i < domain::kPropertyCount; ++i) {
      const domain::PropertyEntry& entry = domain::kPropertyCatalog[i];
      if (selected(scenario_, entry.id)) {
        all.push_back({entry.id, entry.description});
      }
    }
    return all;
  }

  std::vector<CoverageAxis> coverage() const override { return shop_coverage_axes(); }
  RunResult run(const RunRequest& request) const override;

  std::unique_ptr<Universe> universe(std::uint64_t seed, sim::Interceptor& faults) const override {
    auto universe =
        std::make_unique<ShopUniverse>(scenario_, options_, workload_of({.seed = seed}), seed, 0);
    universe->world().set_interceptor(&faults);
    return universe;
  }

  std::vector<Patience> patience() const override {
    const Environment& environment = scenario_.environment;
    std::vector<Patience> all = {{"a call", environment.call_timeout},
                                 {"a database", environment.database_timeout},
                                 {"the broker", environment.broker_timeout},
                                 {"an external service", environment.gateway_timeout},
                                 {"a consumer's session", environment.session_timeout}};
    if (const auto& saga_timeout = scenario_.architecture.policy.saga_timeout) {
      all.push_back({"the saga timeout", *saga_timeout});
    }
    if (scenario_.architecture.policy.steps != domain::StepStore::kDatabase) {
      all.push_back({"the steps in the cache", domain::OrderCache::kStepsLive});
    }
    return all;
  }

 private:
  domain::Workload workload_of(const RunRequest& request) const;
  std::unique_ptr<faults::Injector> injector_of(const RunRequest& request) const;
  static void fill(RunResult& result, const domain::Judge& judge);
  static void fill_stuck(RunResult& result, sim::Ending ending, sim::Instant until,
                         const std::vector<domain::StuckOrder>& stuck);

  const Scenario scenario_;
  const domain::ShopOptions options_;
  const std::optional<domain::Workload> workload_;
};

// Leaving a command out leaves every other with its name, its time and its draws.
domain::Workload ShopSystem::workload_of(const RunRequest& request) const {
  domain::Workload workload = workload_ ? *workload_ : generate_workload(scenario_, request.seed);
  for (const sim::Subject name : request.without) {
    std::erase_if(workload.commands,
                  [&](const domain::Command& command) { return command.name == name; });
  }
  return workload;
}

std::unique_ptr<faults::Injector> ShopSystem::injector_of(const RunRequest& request) const {
  if (request.plan != nullptr) {
    return std::make_unique<faults::PlanInjector>(*request.plan);
  }
  if (scenario_.explicit_plan) {
    return std::make_unique<faults::PlanInjector>(scenario_.plan);
  }
  return std::make_unique<faults::RandomInjector>(scenario_.faults, request.seed,
                                                  sim::kStart + scenario_.horizon.heal_at);
}

RunResult ShopSystem::run(const RunRequest& request) const {
  RunResult result;
  result.seed = request.seed;
  const auto injector = injector_of(request);
  ShopUniverse universe(scenario_, options_, workload_of(request), request.seed, request.tie_salt);
  sim::World& world = universe.world();
  ShopCoverage coverage(universe.judge().truth());
  world.add_observer(coverage);
  world.set_tracer(request.tracer);
  injector->set_listener(&coverage);
  injector->install(world, targets_of(universe.shop()));
  if (request.reseed) {
    world.reseed(request.reseed->at, request.reseed->seed);
  }

  std::optional<ShopInspection> inspection;
  if (!request.looks.empty()) {
    inspection.emplace(world, universe.shop(), universe.workload());
  }
  for (const sim::Instant at : request.looks) {
    world.look_at(at, [&, at] {
      if (result.states.size() < request.looks.size()) {
        result.states.push_back(inspection->take(at));
      }
    });
  }

  universe.live(UINT64_MAX);
  while (result.states.size() < request.looks.size()) {
    result.states.push_back(inspection->take(request.looks[result.states.size()]));
  }
  result.fingerprint = universe.fingerprint();
  result.operations = universe.operations();
  result.virtual_time = universe.virtual_time();
  std::uint64_t faults = 0;
  const auto counts = injector->counts();
  const auto met_nothing = injector->met_nothing();
  for (int i = 0; i < faults::kKinds; ++i) {
    result.faults[i] = counts[static_cast<std::size_t>(i)];
    result.met_nothing[i] = met_nothing[static_cast<std::size_t>(i)];
    faults += result.faults[i] + result.met_nothing[i];
  }
  const domain::Judge& judge = universe.judge();
  fill(result, judge);
  if (request.record) {
    result.plan = injector->recorded();
  }
  result.not_applied = injector->not_applied();
  result.left_over = injector->left_over();
  result.cells = coverage.cells();
  // Where nothing happens before the limit, what is so now is so until then.
  const sim::Instant limit = sim::kStart + scenario_.horizon.limit;
  const bool reached_limit =
      universe.ending() == sim::Ending::kUndecided && world.scheduler().next_time() > limit;
  fill_stuck(result, universe.ending(), reached_limit ? limit : world.now(),
             judge.stuck(&universe.witness()));

  universe.judge_to_the_end(faults);
  for (unsigned i = 0; i < domain::kPropertyCount; ++i) {
    const domain::PropertyEntry& entry = domain::kPropertyCatalog[i];
    if (selected(scenario_, entry.id)) {
      result.properties.emplace_back(
          entry.id, judge.reporter().evaluated(static_cast<domain::PropertyId>(i)));
    }
  }
  for (const auto& finding : universe.selected_findings()) {
    const char* id = domain::kPropertyCatalog[static_cast<unsigned>(finding.property)].id;
    result.violations.push_back(
        {id, finding.message, finding.kind, finding.at, finding.subject, finding.operation});
  }
  result.verdict = universe.verdict(!result.violations.empty());
  result.redelivered = universe.redelivered();
  return result;
}

// A run that was cut short leaves orders open that would have gone on. Only a node that is out of
// reach or a circle of waits is a reason by itself, and only if it has lasted for as long as it
// takes to find a run stuck: one that came about just now may be over in a moment.
void ShopSystem::fill_stuck(RunResult& result, sim::Ending ending, sim::Instant until,
                            const std::vector<domain::StuckOrder>& stuck) {
  for (const domain::StuckOrder& order : stuck) {
    const sim::StuckReason reason = order.why.reason;
    const bool lasts =
        reason == sim::StuckReason::kNodeDown || reason == sim::StuckReason::kDeadlock;
    const bool is_sure = lasts && until - order.why.since >= sim::Standstill::kPatience;
    if (ending != sim::Ending::kUndecided || is_sure) {
      result.stuck.push_back({order.order, sim::to_text(reason), order.why.sentence});
    }
  }
}

void ShopSystem::fill(RunResult& result, const domain::Judge& judge) {
  std::uint64_t accepted = 0;
  std::uint64_t completed = 0;
  std::uint64_t canceled = 0;
  std::uint64_t open = 0;
  for (const domain::OrderTruth& order : judge.truth().orders()) {
    accepted += order.exists ? 1u : 0u;
    completed += order.done() ? 1u : 0u;
    canceled += order.canceled() ? 1u : 0u;
    open += order.open() ? 1u : 0u;
  }
  result.tallies["orders"] = {
      {"accepted", accepted}, {"completed", completed}, {"canceled", canceled}, {"open", open}};
  auto& events = result.tallies["events_by_type"];
  for (int i = 0; i < domain::kEventTypes; ++i) {
    const auto type = static_cast<domain::EventType>(i);
    events[domain::to_text(type)] = judge.events(type);
  }
}

}  // namespace

std::unique_ptr<System> make_shop(const Scenario& scenario) {
  return std::make_unique<ShopSystem>(scenario, std::nullopt);
}

std::unique_ptr<System> make_shop(const Scenario& scenario, domain::Workload workload) {
  return std::make_unique<ShopSystem>(scenario, std::move(workload));
}

}  // namespace sagasim::scenarios
