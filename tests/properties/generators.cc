#include "tests/properties/generators.h"

#include <algorithm>

#include "scenarios/files.h"
#include "sim/observer.h"

namespace sagasim {
namespace {

using domain::Command;
using domain::CommandKind;
using sim::Subject;

class Operations final : public sim::Tracer {
 public:
  struct Entry {
    std::string name;
    std::uint64_t identity;
    sim::OperationKind kind;
  };
  void on_begin(const sim::Operation& operation, const sim::Effect&) override {
    entries.push_back({sim::to_text(operation), operation.id, operation.kind});
  }
  void on_complete(const sim::Operation&, sim::Outcome, std::uint64_t, sim::Instant) override {}
  void on_cause(std::uint64_t, std::uint64_t) override {}
  std::vector<Entry> entries;
};

Command command_of(const Wish& wish, const std::vector<Command>& before) {
  Command command;
  command.user = Subject('u', wish.customer + 1);
  command.at = sim::kStart + sim::milliseconds(wish.at_ms);
  if (wish.kind == 7) {
    command.kind = CommandKind::kCharge;
    command.amount = wish.amount;
    return command;
  }
  if (wish.kind == 6) {
    for (const Command& other : before) {
      if (other.kind == CommandKind::kCreateOrder && other.user == command.user) {
        command.kind = CommandKind::kCancelOrder;
        command.order = other.name;
      }
    }
    if (!command.order.none()) {
      return command;
    }
  }
  command.kind = CommandKind::kCreateOrder;
  command.lines.push_back({Subject('p', wish.product + 1), wish.quantity});
  if (wish.other_product > 0) {
    command.lines.push_back({Subject('p', wish.other_product % 2 + 1), 1});
  }
  if (wish.coupon > 0) {
    command.coupon = Subject('k', wish.coupon);
  }
  return command;
}

}  // namespace

domain::Workload workload_of(const std::vector<Wish>& wishes) {
  domain::Workload workload;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    workload.users.push_back({Subject('u', i), 8'000 * i});
    workload.coupons.push_back({Subject('k', i), Subject('u', i), 1'000, sim::kNever});
  }
  workload.products.push_back({Subject('p', 1), 3'000, 4});
  workload.products.push_back({Subject('p', 2), 5'000, 3});
  std::uint32_t next[3] = {1, 1, 1};
  for (const Wish& wish : wishes) {
    Command command = command_of(wish, workload.commands);
    command.name = Subject('c', wish.customer + 1, next[wish.customer]++);
    workload.commands.push_back(command);
  }
  std::stable_sort(workload.commands.begin(), workload.commands.end(),
                   [](const Command& a, const Command& b) { return a.name < b.name; });
  return workload;
}

faults::Plan plan_of(const scenarios::System& system, const std::vector<Blow>& blows) {
  Operations calm;
  const faults::Plan none;
  system.run({.seed = 1, .plan = &none, .tracer = &calm});
  faults::Plan plan;
  for (const Blow& blow : blows) {
    if (calm.entries.empty()) {
      break;
    }
    const auto& target = calm.entries[blow.rank % calm.entries.size()];
    const auto kind = static_cast<faults::Kind>(blow.kind);
    const bool taken = std::any_of(
        plan.operations.begin(), plan.operations.end(),
        [&](const faults::OperationFault& known) { return known.identity == target.identity; });
    if (!taken && faults::can_strike(kind, target.kind)) {
      sim::Effect effect = faults::effect_of(kind, sim::milliseconds(blow.milliseconds));
      std::string until;
      if (kind == faults::Kind::kHold) {  // for one of the operations that come soon after
        const auto ahead = static_cast<std::uint32_t>(1 + blow.milliseconds % 50);
        const auto& other = calm.entries[(blow.rank + ahead) % calm.entries.size()];
        effect.until = other.identity;
        until = other.name;
      }
      plan.operations.push_back({target.name, target.identity, effect, until});
    }
  }
  return plan;
}

scenarios::Scenario property_scenario(const std::vector<std::string>& settings) {
  std::vector<std::string> all = {"faults.profile=calm", "environment.decline_percent=20"};
  all.insert(all.end(), settings.begin(), settings.end());
  return scenarios::load("checkout", all);
}

std::string rerun_line(const scenarios::Scenario& scenario, const domain::Workload& workload,
                       const faults::Plan& plan, const scenarios::RunResult& result) {
  scenarios::Repro repro;
  repro.scenario = scenario;
  repro.seed = result.seed;
  repro.workload = workload;
  repro.plan = plan;
  repro.expect.emplace();
  repro.expect->verdict = result.verdict;
  if (result.failed()) {
    repro.expect->property = result.violations.front().property;
    repro.expect->message = result.violations.front().message;
  }
  repro.expect->fingerprint = result.fingerprint;
  const std::string file =
      "repro-property-" + scenarios::fingerprint_text(result.fingerprint) + ".json";
  scenarios::write_file_atomically(file, scenarios::write_repro(repro));
  return "rerun: sagasim replay " + file;
}

void showValue(const Wish& wish, std::ostream& out) {
  out << "customer " << wish.customer + 1 << " wants kind " << wish.kind << " at " << wish.at_ms
      << " ms: p" << wish.product + 1 << " x" << wish.quantity << ", coupon " << wish.coupon;
}

void showValue(const Blow& blow, std::ostream& out) {
  out << faults::kCatalog[blow.kind].id << " on operation " << blow.rank << " for "
      << blow.milliseconds << " ms";
}

}  // namespace sagasim
