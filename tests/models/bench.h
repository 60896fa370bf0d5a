// Bench: a toy on which one thing is done after another, so that a model of a few lines can be held
// against a part: a script is started, and time passes until it has ended. With what RapidCheck
// needs for a sequence of commands.
#pragma once

#include <gtest/gtest.h>
// gtest first: rapidcheck does not include it.
#include <rapidcheck/gtest.h>
#include <rapidcheck/state.h>

#include <functional>
#include <string>
#include <utility>

#include "tests/sim/toy.h"

namespace sagasim::sim::models {

class Bench : public toy::Toy {
 public:
  explicit Bench(const toy::ToyOptions& options = {}) : Toy(toy::no_script, options) {
    run(Duration{});
  }

  // Does `work` as the client, and lets the universe go on until nothing is left to happen.
  void perform(std::function<Task<>(Context)> work) {
    begin(std::move(work));
    settle();
  }
  // Has the client give the cache a command, which `make(Cache&, Context)` makes; its reply.
  template <class Make>
  CacheReply ask_cache(Make make) {
    make_command_ = make;
    perform([this](Context context) { return command_cache(context); });
    return std::exchange(reply_, {});
  }
  // Begins `work` as the client, which may take as long as it likes.
  void begin(std::function<Task<>(Context)> work) {
    work_ = std::move(work);
    start([](Toy* toy, Context context) { return static_cast<Bench*>(toy)->work_(context); },
          Subject('t', ++performed_));
  }
  // Lets time pass until the next whole second, whatever is still under way then.
  void tick() {
    const std::int64_t second = (world.now() - kStart) / seconds(1);
    const Instant next = kStart + seconds(second + 1);
    world.schedule_fault(next, ++performed_, [] {});
    world.run(next);
  }
  // Lets time pass, whether something happens or not.
  void wait(Duration duration) {
    world.schedule_fault(world.now() + duration, ++performed_, [] {});
    settle();
  }

 private:
  void settle() { RC_ASSERT(world.run(world.now() + seconds(3'600))); }

  Task<> command_cache(Context context) {
    auto command = make_command_(cache, context);
    reply_ = co_await command;
  }

  std::function<Task<>(Context)> work_;
  std::function<Cache::Command(Cache&, Context)> make_command_;
  CacheReply reply_;
  std::uint32_t performed_ = 0;
};

// A command of a sequence: what it does to the model, and to the part, which has to agree.
template <class Model, class Part>
class Act : public rc::state::Command<Model, Part> {
 public:
  void show(std::ostream& out) const override { out << name(); }
  virtual std::string name() const = 0;
};

}  // namespace sagasim::sim::models
