// Something that can be made simpler, in a few lines: numbered parts, guards and a size. A rule
// says what a run with them comes to.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/system.h"
#include "search/minimize.h"

namespace sagasim::fake {

struct Toy {
  std::vector<int> parts;
  std::vector<std::string> weak;  // guards that are off
  int size = 0;                   // the only value; it can be halved
  std::uint32_t shake = 0;        // 0: as it is
  std::optional<sim::Instant> redelivered{};

  bool has(int part) const { return std::find(parts.begin(), parts.end(), part) != parts.end(); }
  bool lacks(const std::string& guard) const {
    return std::find(weak.begin(), weak.end(), guard) != weak.end();
  }
};

// The signature that a run has, "PROPERTY/kind", or "" if it passes.
using Rule = std::function<std::string(const Toy& toy, const scenarios::RunRequest& request)>;

class ToySystem final : public scenarios::System {
 public:
  ToySystem(Toy toy, Rule rule) : toy_(std::move(toy)), rule_(std::move(rule)) {}
  std::string scenario() const override { return "toy"; }
  std::string architecture() const override { return "plain"; }
  std::vector<scenarios::PropertyInfo> properties() const override { return {}; }

  scenarios::RunResult run(const scenarios::RunRequest& request) const override {
    scenarios::RunResult result;
    result.seed = request.seed;
    result.redelivered = toy_.redelivered;
    scenarios::RunRequest planned = request;
    const faults::Plan nothing;
    planned.plan = request.plan != nullptr ? request.plan : &nothing;  // chance does nothing here
    const std::string signature = rule_(toy_, planned);
    if (!signature.empty()) {
      const std::size_t slash = signature.find('/');
      result.verdict = scenarios::Verdict::kFail;
      result.violations.push_back({signature.substr(0, slash), "it broke",
                                   signature.substr(slash + 1), sim::kStart + sim::seconds(9),
                                   sim::Subject('t', 9)});
    }
    return result;
  }

 private:
  const Toy toy_;
  const Rule rule_;
};

class FakeReducible final : public scenarios::Reducible {
 public:
  FakeReducible(Toy toy, Rule rule) : toy_(std::move(toy)), rule_(std::move(rule)) {}

  std::unique_ptr<scenarios::System> system() const override {
    return std::make_unique<ToySystem>(toy_, rule_);
  }
  std::unique_ptr<scenarios::System> around() const override { return system(); }
  std::map<std::string, std::uint64_t> counts() const override {
    return {{"parts", toy_.parts.size()}};
  }

  std::vector<scenarios::Stage> stages() const override {
    using Kind = scenarios::Stage::Kind;
    std::vector<scenarios::Stage> stages = {
        {Kind::kRemoval, "parts", {}}, {Kind::kGuard, "guards", {}}, {Kind::kValue, "size", {}}};
    for (const int part : toy_.parts) {
      stages[0].edits.push_back("without part " + std::to_string(part));
    }
    for (const std::string& guard : toy_.weak) {
      stages[1].edits.push_back(guard + "=on");
    }
    if (toy_.size > 0) {
      stages[2].edits.push_back("half the size");
    }
    return stages;
  }

  std::unique_ptr<scenarios::Reducible> with(std::size_t stage,
                                             const std::vector<std::size_t>& edits) const override {
    Toy toy = toy_;
    if (stage == 2) {
      toy.size /= 2;
    }
    for (std::size_t i = edits.size(); i-- > 0;) {
      const auto place = static_cast<std::ptrdiff_t>(edits[i]);
      if (stage == 0) {
        toy.parts.erase(toy.parts.begin() + place);
      } else if (stage == 1) {
        toy.weak.erase(toy.weak.begin() + place);
      }
    }
    return std::make_unique<FakeReducible>(std::move(toy), rule_);
  }

  std::unique_ptr<scenarios::Reducible> shaken(std::uint32_t number) const override {
    Toy toy = toy_;
    toy.shake = number + 1;
    return std::make_unique<FakeReducible>(std::move(toy), rule_);
  }

  std::vector<std::string> tell(const std::vector<scenarios::Happening>& run) const override {
    std::vector<std::string> story;
    for (const scenarios::Happening& happening : run) {
      const sim::Operation& operation = *happening.operation;
      story.push_back(operation.kind == sim::OperationKind::kCall
                          ? std::string("somebody ") + operation.detail.text() + "s"
                          : "");
    }
    return story;
  }

  const Toy& toy() const { return toy_; }

 private:
  const Toy toy_;
  const Rule rule_;
};

inline const Toy& toy_of(const search::Case& what) {
  return static_cast<const FakeReducible&>(*what.setup).toy();
}

// The name of the `number`th operation of the work about t<subject>.
inline std::string operation_name(std::uint32_t subject, std::uint32_t number) {
  const std::string about = "(t" + std::to_string(subject) + ")";
  return "front/desk" + about + "/call:ask" + about +
         (number > 1 ? "#" + std::to_string(number) : "");
}

inline faults::OperationFault fault_on(const std::string& operation,
                                       faults::Kind kind = faults::Kind::kReplyLost,
                                       sim::Duration duration = {}) {
  return {operation, *sim::identity_of(operation), faults::effect_of(kind, duration)};
}

inline const faults::OperationFault* find_fault(const scenarios::RunRequest& request,
                                                const std::string& operation) {
  for (const faults::OperationFault& fault : request.plan->operations) {
    if (fault.operation == operation) {
      return &fault;
    }
  }
  return nullptr;
}

inline faults::WindowFault outage_of(const std::string& target, sim::Duration from,
                                     sim::Duration until) {
  faults::WindowFault window;
  window.target = target;
  window.from = sim::kStart + from;
  window.until = sim::kStart + until;
  return window;
}

inline search::Case case_of(Toy toy, faults::Plan plan, Rule rule) {
  return {std::make_shared<FakeReducible>(std::move(toy), std::move(rule)), 5, std::move(plan)};
}

}  // namespace sagasim::fake
