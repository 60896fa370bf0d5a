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
      (role == domain::role::kBroker ? targets.brokers : targets.databases).push_back(server);
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
      if (selected(entry.id)) {
        all.push_back({entry.id, entry.description});
      }
    }
    return all;
  }

  std::vector<CoverageAxis> coverage() const override { return shop_coverage_axes(); }
  RunResult run(const RunRequest& request) const override;

 private:
  bool selected(const std::string& property) const {
    const auto& wanted = scenario_.properties;
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), property) != wanted.end();
  }
  domain::Workload workload_of(const RunRequest& request) const;
  std::unique_ptr<faults::Injector> injector_of(const RunRequest& request) const;
  void fill(RunResult& result, const domain::Judge& judge) const;
  static void fill_stuck(RunResult& result, sim::Ending ending,
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
  const domain::Workload workload = workload_of(request);
  const auto injector = injector_of(request);
  sim::World world(request.seed, request.tie_salt);
  domain::Judge judge(workload, scenario_.architecture.policy);
  domain::Shop shop(world, options_, scenario_.architecture.policy, workload, judge);
  judge.watch(shop);
  ShopCoverage coverage(judge.truth());
  world.add_observer(coverage);
  world.add_observer(judge);
  world.set_tracer(request.tracer);
  injector->set_listener(&coverage);
  injector->install(world, targets_of(shop));
  if (request.reseed) {
    world.reseed(request.reseed->at, request.reseed->seed);
  }

  std::optional<ShopInspection> inspection;
  if (!request.looks.empty()) {
    inspection.emplace(world, shop, workload);
  }
  for (const sim::Instant at : request.looks) {
    world.look_at(at, [&, at] {
      if (result.states.size() < request.looks.size()) {
        result.states.push_back(inspection->take(at));
      }
    });
  }

  world.boot();
  const std::uint64_t steps = std::max(kStepsAtLeast, kStepsPerCommand * workload.commands.size());
  sim::Standstill standstill(world);
  const sim::Ending ending = standstill.run(sim::kStart + scenario_.horizon.heal_at,
                                            sim::kStart + scenario_.horizon.limit, steps);
  while (result.states.size() < request.looks.size()) {
    result.states.push_back(inspection->take(request.looks[result.states.size()]));
  }
  world.fingerprint().fold(shop.digest());
  result.fingerprint = world.fingerprint().value();
  result.operations = world.operations();
  result.virtual_time = world.now() - sim::kStart;
  std::uint64_t faults = 0;
  const auto counts = injector->counts();
  for (int i = 0; i < faults::kKinds; ++i) {
    result.faults[i] = counts[static_cast<std::size_t>(i)];
    faults += result.faults[i];
  }
  fill(result, judge);
  if (request.record) {
    result.plan = injector->recorded();
  }
  result.not_applied = injector->not_applied();
  result.left_over = injector->left_over();
  result.cells = coverage.cells();

  fill_stuck(result, ending, judge.stuck(&standstill.witness()));
  if (ending != sim::Ending::kUndecided) {
    judge.at_end(world.now(), faults == 0, &standstill.witness());
  }
  if (ending == sim::Ending::kQuiescent) {
    judge.at_rest(world.now());
    world.set_tracer(nullptr);  // the run is over; what follows is a check of its own
    const std::uint64_t before = shop.business_digest();
    const std::uint64_t records = shop.redeliver(kRedelivered, sim::Random(request.seed));
    if (records != 0 && world.run(world.now() + scenario_.horizon.limit, steps)) {
      judge.after_redelivery(before, shop.business_digest(), records, world.now());
    }
  }
  for (unsigned i = 0; i < domain::kPropertyCount; ++i) {
    const domain::PropertyEntry& entry = domain::kPropertyCatalog[i];
    if (selected(entry.id)) {
      result.properties[entry.id] = judge.reporter().evaluated(static_cast<domain::PropertyId>(i));
    }
  }
  auto findings = judge.reporter().findings();
  std::stable_sort(findings.begin(), findings.end(),
                   [](const auto& a, const auto& b) { return a.property < b.property; });
  for (const auto& finding : findings) {
    const char* id = domain::kPropertyCatalog[static_cast<unsigned>(finding.property)].id;
    if (selected(id)) {
      result.violations.push_back({id, finding.message, finding.kind, finding.at, finding.subject});
    }
  }
  result.verdict = !result.violations.empty()          ? Verdict::kFail
                   : ending != sim::Ending::kUndecided ? Verdict::kPass
                                                       : Verdict::kInconclusive;
  return result;
}

// A run that was cut short leaves orders open that would have gone on. Only a node that is away to
// its end, or a circle of waits, is a reason by itself.
void ShopSystem::fill_stuck(RunResult& result, sim::Ending ending,
                            const std::vector<domain::StuckOrder>& stuck) {
  for (const domain::StuckOrder& order : stuck) {
    const sim::StuckReason reason = order.why.reason;
    const bool is_sure =
        reason == sim::StuckReason::kNodeDown || reason == sim::StuckReason::kDeadlock;
    if (ending != sim::Ending::kUndecided || is_sure) {
      result.stuck.push_back({order.order, sim::to_text(reason), order.why.sentence});
    }
  }
}

void ShopSystem::fill(RunResult& result, const domain::Judge& judge) const {
  auto& orders = result.tallies["orders"];
  for (const char* key : {"accepted", "completed", "canceled", "open"}) {
    orders[key] = 0;
  }
  for (const domain::OrderTruth& order : judge.truth().orders()) {
    orders["accepted"] += order.exists ? 1u : 0u;
    orders["completed"] += order.done() ? 1u : 0u;
    orders["canceled"] += order.canceled() ? 1u : 0u;
    orders["open"] += order.open() ? 1u : 0u;
  }
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
