// A system of a few lines, for what searches and reports must do with any system. Every tenth seed
// from 7 on fails; every twentieth of those in a more specific way.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "scenarios/system.h"
#include "sim/check.h"
#include "sim/hash.h"

namespace sagasim::fake {

class FakeSystem : public scenarios::System {
 public:
  std::string scenario() const override { return "toy"; }
  std::string architecture() const override { return "plain, guard=off"; }
  std::vector<scenarios::PropertyInfo> properties() const override {
    return {{"SUM-1", "What goes in comes out."}, {"END-1", "Everything ends."}};
  }

  std::vector<scenarios::CoverageAxis> coverage() const override {
    return {{"side", {"left", "right"}}, {"way", {"up", "down", "around"}}};
  }

  scenarios::RunResult run(const scenarios::RunRequest& request) const override {
    if (before_run) {
      before_run(request.seed);
    }
    scenarios::RunResult result;
    result.seed = request.seed;
    result.fingerprint = sim::mix(request.seed);
    result.operations = 100 + request.seed % 7;
    result.virtual_time = sim::milliseconds(1500);
    result.tallies["things"] = {{"started", 3}, {"ended", 2}};
    result.properties = {{"SUM-1", 4}, {"END-1", request.seed % 2}};
    result.faults[static_cast<std::size_t>(faults::Kind::kDelay)] = request.seed % 3;
    result.cells = {static_cast<std::uint32_t>(request.seed % 4)};
    if (request.seed == 23) {
      result.cells.push_back(5);  // that no other run meets
    }
    if (request.seed % 10 == 7) {
      result.verdict = scenarios::Verdict::kFail;
      result.violations.push_back({"END-1", "t1.2 of 12,000 is open", "thing",
                                   sim::kStart + sim::milliseconds(900), sim::Subject('t', 1, 2)});
    }
    if (request.seed % 20 == 7) {
      result.violations.insert(result.violations.begin(),
                               {"SUM-1", "12 went in; 11 came out", "sum",
                                sim::kStart + sim::milliseconds(500), sim::Subject('s', 1)});
    }
    if (request.seed == inconclusive_seed) {
      result.verdict = scenarios::Verdict::kInconclusive;
    }
    if (after_run) {
      after_run(result);
    }
    return result;
  }

  std::function<void(std::uint64_t seed)> before_run;
  std::function<void(scenarios::RunResult&)> after_run;
  std::uint64_t inconclusive_seed = UINT64_MAX;
};

// Keeps a thread busy for a while that depends on the seed, so that runs end out of order.
inline void dawdle(std::uint64_t seed) {
  std::this_thread::sleep_for(std::chrono::microseconds(sim::mix(seed) % 300));
}

}  // namespace sagasim::fake
