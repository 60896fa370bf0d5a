// The in-process bus against a model of it: who hears of what, as a list that grows by one line for
// each rule.
#include <vector>

#include "sim/event_bus.h"
#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

using toy::Account;

// The phase in which somebody heard, and which event of its transaction it was.
using Heard = std::vector<std::pair<char, std::uint32_t>>;

struct Model {
  Heard here;   // in the publisher's thread
  Heard there;  // on a thread of its own
  std::uint32_t rows = 0;
  std::uint64_t dropped = 0;
  std::uint32_t works = 0;
};

struct Part : Bench {
  Part() {
    listen('o', ListenerPhase::kAtOnce);
    listen('b', ListenerPhase::kBeforeCommit);
    listen('c', ListenerPhase::kAfterCommit);
    listen('r', ListenerPhase::kAfterRollback);
    listen('e', ListenerPhase::kAfterCompletion);
    listen('t', ListenerPhase::kAfterCommit, true);
  }
  ~Part() override { world.shut_down(); }
  void listen(char who, ListenerPhase phase, bool async = false) {
    BusListener listener;
    listener.name = Name("listener");
    listener.type = "written";
    listener.phase = phase;
    listener.async = async;
    listener.handle = [this, who](Context context, BusDelivery delivery) {
      return hear(context, who, delivery.event->version);
    };
    bus.listen(std::move(listener));
  }
  Task<bool> hear(Context, char who, std::uint32_t number) {
    (who == 't' ? there : here).push_back({who, number});
    co_return !(throws && who == 'b');
  }
  std::uint32_t rows() const {
    std::uint32_t count = 0;
    accounts.for_each([&](const Entry&) { ++count; });
    return count;
  }

  EventBus bus{client, {.threads = 1}};
  Heard here;
  Heard there;
  bool throws = false;  // the listener before the commit
};

enum class End { kCommit, kConflict, kThrow, kNone };

Task<> work(Context context, Part* part, std::uint32_t id, std::uint32_t events, End end) {
  UnitOfWork unit(part->bus, part->database, context);
  part->throws = end == End::kThrow;
  const Account row{Subject('a', end == End::kConflict ? 1 : id), 1};
  unit.rows().insert(part->accounts, row);
  for (std::uint32_t i = 1; i <= events; ++i) {
    BusEvent event{"written", Subject('a', id), i, id * 10 + i, part->note(Subject('a', id)), 0};
    auto publish = unit.publish(std::move(event));
    co_await std::move(publish);
  }
  if (end != End::kNone) {
    auto commit = unit.commit();
    co_await std::move(commit);
  }
}

Task<> publish_outside(Context context, Part* part) {
  BusEvent event{"written", Subject('a', 1), 1, 1, part->note(Subject('a', 1)), 0};
  auto publish = part->bus.publish(context, std::move(event));
  co_await std::move(publish);
}

void compare(const Model& model, const Part& part) {
  RC_ASSERT(part.here == model.here);
  RC_ASSERT(part.there == model.there);
  RC_ASSERT(part.rows() == model.rows);
  RC_ASSERT(part.bus.counts().dropped == model.dropped);
}

struct Work : Act<Model, Part> {
  std::uint32_t events = *rc::gen::inRange<std::uint32_t>(0, 4);
  End end = *rc::gen::element(End::kCommit, End::kConflict, End::kThrow, End::kNone);

  void apply(Model& model) const override {
    ++model.works;
    for (std::uint32_t i = 1; i <= events; ++i) {
      model.here.push_back({'o', i});
    }
    if (end == End::kNone) {
      return;
    }
    const bool thrown = end == End::kThrow && events > 0;
    for (std::uint32_t i = 1; i <= (thrown ? 1 : events); ++i) {
      model.here.push_back({'b', i});
    }
    const bool committed = !thrown && (end != End::kConflict || model.rows == 0);
    for (std::uint32_t i = 1; i <= events; ++i) {
      model.here.push_back({committed ? 'c' : 'r', i});
      model.here.push_back({'e', i});
      if (committed) {
        model.there.push_back({'t', i});
      }
    }
    model.rows += committed ? 1 : 0;
  }
  // The row that all who shall fail insert is there from the first of all, whose number is one.
  void checkPreconditions(const Model& model) const override {
    RC_PRE(model.works > 0 || end == End::kCommit);
  }
  void run(const Model& before, Part& part) const override {
    part.perform(
        [&](Context context) { return work(context, &part, before.works + 1, events, end); });
    Model after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override {
    return "work of " + std::to_string(events) + " events that ends " +
           std::to_string(static_cast<int>(end));
  }
};

struct Outside : Act<Model, Part> {
  void apply(Model& model) const override {
    model.here.push_back({'o', 1});
    model.dropped += 5;
  }
  void run(const Model& before, Part& part) const override {
    part.perform([&](Context context) { return publish_outside(context, &part); });
    Model after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "an event outside of any transaction"; }
};

RC_GTEST_PROP(BusModel, TheBusIsAListOfWhoHearsInWhichPhase, ()) {
  Part part;
  rc::state::check(Model{}, part, rc::state::gen::execOneOfWithArgs<Work, Work, Outside>());
}

}  // namespace
}  // namespace sagasim::sim::models
