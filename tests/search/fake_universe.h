// A system of a few operations whose tree of faults can be counted by hand. One process issues one
// operation after the other, each in the step in which it learns of the end of the one before. What
// is refused is tried once more, after all others; a process that dies begins to recover.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/system.h"
#include "sim/check.h"
#include "sim/hash.h"

namespace sagasim::fake {

// What became of a run, for rules to judge.
struct Story {
  std::vector<std::pair<std::string, sim::Effect>> struck;  // by name of the operation
  std::optional<std::uint32_t> died_after;  // so many operations that it had learnt of
  std::vector<std::string> begun;
};
// The signature that it has, "PROPERTY/kind", or "" if it passes.
using StoryRule = std::function<std::string(const Story& story)>;

inline sim::Operation step_of_work(std::uint32_t attempt, std::uint32_t ordinal) {
  sim::Operation operation;
  operation.invocation = {.role = "desk",
                          .scope = "work",
                          .trigger = {},
                          .subject = sim::Subject('t', 1),
                          .attempt = attempt};
  operation.kind = sim::OperationKind::kStatement;
  operation.subject = sim::Subject('t', 1);
  operation.ordinal = ordinal;
  operation.id = *sim::identity_of(sim::to_text(operation));
  return operation;
}

class ToyUniverse final : public scenarios::Universe {
 public:
  ToyUniverse(std::uint32_t operations, sim::Interceptor& faults, const StoryRule& rule)
      : faults_(faults), rule_(rule) {
    for (std::uint32_t i = 1; i <= operations; ++i) {
      coming_.push_back(step_of_work(1, i));
    }
  }

  bool live(std::uint64_t steps) override {
    while (steps_ < steps && !over()) {
      ++steps_;
      step();
    }
    return over();
  }
  std::uint64_t steps() const override { return steps_; }
  void set_tracer(sim::Tracer* tracer) override { tracer_ = tracer; }

  scenarios::Judgement judge(std::uint64_t) override {
    SAGASIM_CHECK(over(), "judged too early");
    scenarios::Judgement judgement;
    judgement.signature = rule_(story_);
    judgement.verdict = judgement.signature == "?"    ? scenarios::Verdict::kInconclusive
                        : judgement.signature.empty() ? scenarios::Verdict::kPass
                                                      : scenarios::Verdict::kFail;
    judgement.operations = story_.begun.size();
    judgement.fingerprint = story_.begun.size();
    for (const auto& [name, effect] : story_.struck) {
      judgement.fingerprint =
          sim::combine(judgement.fingerprint, sim::hash_text(name) ^ effect.digest());
    }
    return judgement;
  }

 private:
  bool over() const { return !under_way_ && coming_.empty(); }

  void step() {
    std::uint64_t learnt = 0;
    if (under_way_) {
      const auto [operation, effect] = *under_way_;
      under_way_.reset();
      if (effect.crashes(sim::Side::kInitiator, sim::Phase::kUnseen)) {
        die();
        return;
      }
      if (tracer_ != nullptr) {
        tracer_->on_complete(operation, sim::Outcome::kOk, 0, sim::kStart);
      }
      learnt = operation.id;
      ++learnt_;
      if (effect.kind == sim::Effect::Kind::kFail) {
        coming_.push_back(step_of_work(operation.invocation.attempt + 10, operation.ordinal));
      }
      if (effect.crashes(sim::Side::kInitiator, sim::Phase::kSeen)) {
        die();
        return;
      }
    }
    if (coming_.empty()) {
      return;
    }
    sim::Operation next = coming_.front();
    coming_.pop_front();
    next.cause = next.invocation.attempt == 1 ? learnt : 0;
    story_.begun.push_back(sim::to_text(next));
    const sim::Effect effect = faults_.decide(next);
    if (!effect.none()) {
      story_.struck.emplace_back(sim::to_text(next), effect);
    }
    if (effect.crashes(sim::Side::kInitiator, sim::Phase::kBefore)) {
      die();
      return;
    }
    under_way_ = {next, effect};
  }

  void die() {
    if (!story_.died_after) {
      story_.died_after = learnt_;
      coming_ = {step_of_work(2, 1)};
    } else {
      coming_.clear();
    }
  }

  sim::Interceptor& faults_;
  const StoryRule& rule_;
  sim::Tracer* tracer_ = nullptr;
  std::uint64_t steps_ = 0;
  std::uint32_t learnt_ = 0;
  std::deque<sim::Operation> coming_;
  std::optional<std::pair<sim::Operation, sim::Effect>> under_way_;
  Story story_;
};

class ToyTree : public scenarios::System {
 public:
  ToyTree(std::uint32_t operations, StoryRule rule)
      : operations_(operations), rule_(std::move(rule)) {}
  std::string scenario() const override { return "toy"; }
  std::string architecture() const override { return "plain"; }
  std::vector<scenarios::PropertyInfo> properties() const override { return {}; }
  scenarios::RunResult run(const scenarios::RunRequest&) const override { return {}; }
  std::unique_ptr<scenarios::Universe> universe(std::uint64_t,
                                                sim::Interceptor& faults) const override {
    return std::make_unique<ToyUniverse>(operations_, faults, rule_);
  }

 private:
  const std::uint32_t operations_;
  const StoryRule rule_;
};

}  // namespace sagasim::fake
