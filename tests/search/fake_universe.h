// A system of a few operations whose tree of faults can be counted by hand. One process, or several
// that take turns, issue one operation after the other, each in the step in which it learns of the
// end of its one before. What is refused is tried once more, after all others; a process that dies
// begins to recover.
#pragma once

#include <algorithm>
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
struct ToyStory {
  std::vector<std::pair<std::string, sim::Effect>> struck;  // by name of the operation
  std::optional<std::uint32_t> died_after;  // so many operations that the first had learnt of
  std::uint32_t deaths = 0;                 // of all processes
  std::vector<std::string> begun;
};
// The signature that it has, "PROPERTY/kind", or "" if it passes.
using StoryRule = std::function<std::string(const ToyStory& story)>;

inline sim::Operation step_of_work(std::uint32_t attempt, std::uint32_t ordinal,
                                   std::uint32_t desk = 1) {
  sim::Operation operation;
  operation.invocation = {.role = "desk",
                          .scope = "work",
                          .trigger = {},
                          .subject = sim::Subject('t', desk),
                          .attempt = attempt};
  operation.kind = sim::OperationKind::kStatement;
  operation.subject = sim::Subject('t', desk);
  operation.ordinal = ordinal;
  operation.id = *sim::identity_of(sim::to_text(operation));
  return operation;
}

class ToyUniverse final : public scenarios::Universe {
 public:
  ToyUniverse(std::uint32_t operations, std::uint32_t desks, sim::Interceptor& faults,
              const StoryRule& rule)
      : faults_(faults), rule_(rule), desks_(desks) {
    for (std::uint32_t i = 0; i < desks; ++i) {
      desks_[i].number = i + 1;
      for (std::uint32_t ordinal = 1; ordinal <= operations; ++ordinal) {
        desks_[i].coming.push_back(step_of_work(1, ordinal, i + 1));
      }
    }
  }

  bool live(std::uint64_t steps) override {
    while (steps_ < steps && !over()) {
      step(desks_[steps_ % desks_.size()]);
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
  struct Desk {
    std::uint32_t number = 1;
    std::uint32_t learnt = 0;
    bool has_died = false;
    std::deque<sim::Operation> coming;
    std::optional<std::pair<sim::Operation, sim::Effect>> under_way;
  };

  bool over() const {
    return std::all_of(desks_.begin(), desks_.end(),
                       [](const Desk& desk) { return !desk.under_way && desk.coming.empty(); });
  }

  void step(Desk& desk) {
    ++steps_;
    std::uint64_t learnt = 0;
    if (desk.under_way) {
      const auto [operation, effect] = *desk.under_way;
      desk.under_way.reset();
      if (effect.crashes(sim::Side::kInitiator, sim::Phase::kUnseen)) {
        die(desk);
        return;
      }
      if (tracer_ != nullptr) {
        tracer_->on_complete(operation, sim::Outcome::kOk, 0, sim::kStart);
      }
      learnt = operation.id;
      ++desk.learnt;
      if (effect.kind == sim::Effect::Kind::kFail) {
        desk.coming.push_back(
            step_of_work(operation.invocation.attempt + 10, operation.ordinal, desk.number));
      }
      if (effect.crashes(sim::Side::kInitiator, sim::Phase::kSeen)) {
        die(desk);
        return;
      }
    }
    if (desk.coming.empty()) {
      return;
    }
    sim::Operation next = desk.coming.front();
    desk.coming.pop_front();
    next.cause = next.invocation.attempt == 1 ? learnt : 0;
    story_.begun.push_back(sim::to_text(next));
    const sim::Effect effect = faults_.decide(next);
    if (!effect.none()) {
      story_.struck.emplace_back(sim::to_text(next), effect);
    }
    if (effect.crashes(sim::Side::kInitiator, sim::Phase::kBefore)) {
      die(desk);
      return;
    }
    desk.under_way = {next, effect};
  }

  void die(Desk& desk) {
    ++story_.deaths;
    if (!desk.has_died) {
      desk.has_died = true;
      if (desk.number == 1) {
        story_.died_after = desk.learnt;
      }
      desk.coming = {step_of_work(2, 1, desk.number)};
    } else {
      desk.coming.clear();
    }
  }

  sim::Interceptor& faults_;
  const StoryRule& rule_;
  sim::Tracer* tracer_ = nullptr;
  std::uint64_t steps_ = 0;
  std::vector<Desk> desks_;
  ToyStory story_;
};

class ToyTree : public scenarios::System {
 public:
  // So many operations for each of the desks.
  ToyTree(std::uint32_t operations, StoryRule rule, std::uint32_t desks = 1)
      : operations_(operations), desks_(desks), rule_(std::move(rule)) {}
  std::string scenario() const override { return "toy"; }
  std::string architecture() const override { return "plain"; }
  std::vector<scenarios::PropertyInfo> properties() const override { return {}; }
  scenarios::RunResult run(const scenarios::RunRequest&) const override { return {}; }
  std::unique_ptr<scenarios::Universe> universe(std::uint64_t,
                                                sim::Interceptor& faults) const override {
    return std::make_unique<ToyUniverse>(operations_, desks_, faults, rule_);
  }

 private:
  const std::uint32_t operations_;
  const std::uint32_t desks_;
  const StoryRule rule_;
};

}  // namespace sagasim::fake
