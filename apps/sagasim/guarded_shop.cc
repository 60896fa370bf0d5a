#include "apps/sagasim/guarded_shop.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "domain/policy_catalog.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"

namespace sagasim::apps {
namespace {

// Each seed is a run of one of them, in turn.
class Alternating final : public scenarios::System {
 public:
  explicit Alternating(std::vector<std::unique_ptr<scenarios::System>> systems)
      : systems_(std::move(systems)) {}
  std::string scenario() const override { return systems_.front()->scenario(); }
  std::string architecture() const override { return systems_.front()->architecture(); }
  std::vector<scenarios::PropertyInfo> properties() const override {
    return systems_.front()->properties();
  }
  scenarios::RunResult run(const scenarios::RunRequest& request) const override {
    return systems_[request.seed % systems_.size()]->run(request);
  }

 private:
  std::vector<std::unique_ptr<scenarios::System>> systems_;
};

}  // namespace

GuardedShop::GuardedShop(const std::vector<std::string>& names,
                         const std::vector<std::string>& settings,
                         const scenarios::TroubleClass& trouble) {
  for (const std::vector<std::string>& way : trouble.settings) {
    for (const std::string& name : names) {
      std::vector<std::string> all = settings;
      all.insert(all.end(), way.begin(), way.end());
      scenarios_.push_back(scenarios::load(name, all));
    }
  }
}

unsigned GuardedShop::guards() const { return static_cast<unsigned>(scenarios::guards().size()); }

std::unique_ptr<scenarios::System> GuardedShop::without(search::GuardSet left_out) const {
  std::vector<std::unique_ptr<scenarios::System>> systems;
  for (std::size_t i = 0; i < scenarios_.size(); ++i) {
    systems.push_back(scenarios::make_shop(scenario_of(left_out, i)));
  }
  return std::make_unique<Alternating>(std::move(systems));
}

scenarios::Scenario GuardedShop::scenario_of(search::GuardSet left_out, std::uint64_t seed) const {
  scenarios::Scenario scenario = scenarios_[seed % scenarios_.size()];
  scenarios::leave_out(left_out, scenario.architecture.policy);
  return scenario;
}

scenarios::Repro without(search::GuardSet left_out, const scenarios::Repro& run) {
  scenarios::Repro other = run;
  domain::Policy& policy = other.scenario.architecture.policy;
  for (const scenarios::Guard& guard : scenarios::guards()) {
    for (const scenarios::Setting& setting : guard.left_out) {
      for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
        if (std::string_view(entry.id) == setting.policy) {
          entry.set(policy, 0);
        }
      }
    }
  }
  scenarios::leave_out(left_out, policy);
  return other;
}

}  // namespace sagasim::apps
