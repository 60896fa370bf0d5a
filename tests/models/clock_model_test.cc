// A node's wall clock against a model of it: the time, and a sum of errors. A timer knows neither.
#include <map>

#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

struct Model {
  struct Error {
    std::int64_t begin = 0;   // all in seconds
    std::int64_t length = 0;  // 0: all of it at once
    std::int64_t by = 0;      // per second of its length, or at once
  };
  std::int64_t now = 0;
  std::map<std::uint64_t, Error> errors;

  std::int64_t reading() const {
    std::int64_t sum = now;
    for (const auto& [cause, error] : errors) {
      sum += error.by * (error.length == 0 ? 1 : std::min(now - error.begin, error.length));
    }
    return sum;
  }
};

struct Part : Bench {
  Instant woken;
};

using Command = Act<Model, Part>;

std::uint64_t any_cause() { return *rc::gen::inRange<std::uint64_t>(1, 5); }

struct Step : Command {
  std::uint64_t cause = any_cause();
  std::int64_t by = *rc::gen::inRange<std::int64_t>(-90, 90);
  void checkPreconditions(const Model& model) const override {
    RC_PRE(!model.errors.contains(cause));
  }
  void apply(Model& model) const override { model.errors[cause] = {model.now, 0, by}; }
  void run(const Model&, Part& part) const override {
    part.client.begin_clock_offset(seconds(by), cause);
  }
  std::string name() const override { return "off by " + std::to_string(by); }
};

struct Drift : Command {
  std::uint64_t cause = any_cause();
  std::int64_t length = *rc::gen::inRange<std::int64_t>(1, 60);
  std::int64_t by = *rc::gen::inRange<std::int64_t>(-3, 4);
  void checkPreconditions(const Model& model) const override {
    RC_PRE(!model.errors.contains(cause));
  }
  void apply(Model& model) const override { model.errors[cause] = {model.now, length, by}; }
  void run(const Model&, Part& part) const override {
    part.client.begin_clock_drift(part.world.now() + seconds(length), seconds(by * length), cause);
  }
  std::string name() const override {
    return "gains " + std::to_string(by) + " a second for " + std::to_string(length);
  }
};

struct Correct : Command {
  std::uint64_t cause = any_cause();
  void apply(Model& model) const override { model.errors.erase(cause); }
  void run(const Model&, Part& part) const override { part.client.end_clock_error(cause); }
  std::string name() const override { return "corrects " + std::to_string(cause); }
};

Task<> rest(Context context, Part* part, Duration duration) {
  auto timer = context.sleep(duration, "rest");
  co_await timer;
  part->woken = context.activity().world().now();
}

struct Rest : Command {
  std::int64_t length = *rc::gen::inRange<std::int64_t>(1, 40);
  void apply(Model& model) const override { model.now += length; }
  void run(const Model& before, Part& part) const override {
    const Instant begun = part.world.now();
    part.perform([&](Context context) { return rest(context, &part, seconds(length)); });
    RC_ASSERT(part.woken == begun + seconds(length));
    Model after = before;
    apply(after);
    RC_ASSERT(part.client.clock() == kStart + seconds(after.reading()));
    RC_ASSERT(part.worker_nodes[0]->clock() == part.world.now());
  }
  std::string name() const override { return "rests " + std::to_string(length); }
};

RC_GTEST_PROP(ClockModel, AClockIsTheTimeAndASumOfErrorsAndATimerKnowsNeither, ()) {
  Part part;
  rc::state::check(Model{}, part,
                   rc::state::gen::execOneOfWithArgs<Step, Drift, Correct, Rest, Rest>());
}

}  // namespace
}  // namespace sagasim::sim::models
