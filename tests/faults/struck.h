// Struck: a toy under a plan of one or two faults, as something to look at: what was done, what the
// initiator believes, and when. With the scripts that are struck, each of one operation, and the
// names of these.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "faults/injector.h"
#include "tests/sim/toy.h"

namespace sagasim::faults {

using sim::Context;
using sim::milliseconds;
using sim::Outcome;
using sim::seconds;
using sim::Subject;
using sim::Task;
using sim::toy::Toy;
using sim::toy::ToyOptions;

inline constexpr Subject kAbout('c', 1);
inline constexpr const char* kAsk = "client/start(i1,1)/call:ask(c1)";
inline constexpr const char* kCommit = "client/start(i1,1)/commit(i1)";
inline constexpr const char* kNap = "client/start(i1,1)/timer:nap(i1)";
inline constexpr const char* kPost = "client/start(i1,1)/send:hello(c1)";
inline constexpr const char* kDelivery = "worker/readers:noted(c1)/delivery(c1)";

inline Task<> ask(Toy* toy, Context context) {
  auto call = toy->workers.call(context, "ask", kAbout, toy->note(kAbout));
  const sim::Reply reply = co_await call;
  toy->saw(reply.outcome);
}

inline Task<> ask_twice(Toy* toy, Context context) {
  auto first = ask(toy, context);
  co_await std::move(first);
  auto second = ask(toy, context);
  co_await std::move(second);
}

inline Task<> deposit(Toy* toy, Context context) {
  sim::Transaction transaction(toy->database, context);
  transaction.insert(toy->accounts, sim::toy::Account{kAbout, 5});
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  toy->saw(outcome);
}

inline Task<> nap(Toy* toy, Context context) {
  auto nap = context.sleep(seconds(1), "nap");
  co_await nap;
  toy->saw(Outcome::kOk);
}

inline Task<> publish(Toy* toy, Context context) {
  auto append = toy->broker.append(context, toy->draft(kAbout));
  const Outcome outcome = co_await append;
  toy->saw(outcome);
}

inline Task<> pay(Toy* toy, Context context) {
  auto request = toy->gateway.request(context, toy->payment(7, kAbout));
  const sim::HttpReply reply = co_await request;
  toy->saw(reply.outcome);
}

inline Task<> post(Toy* toy, Context context) {
  const sim::Latency latency{milliseconds(1), milliseconds(1)};
  toy->mailbox->send(context, "hello", kAbout, latency, toy->note(kAbout));
  co_return;
}

// What there is in a toy: its workers are the services, its client is a person outside.
inline InjectorTargets targets_of(const Toy& toy) {
  InjectorTargets targets;
  targets.services = toy.worker_nodes;
  targets.customers = {&toy.client};
  targets.databases = {&toy.store};
  targets.brokers = {&toy.bus};
  targets.caches = {&toy.memory};
  targets.externals = {&toy.bank};
  targets.groups = {"readers"};
  targets.topics = {"noted"};
  return targets;
}

inline Plan strike(Kind kind, const char* operation, sim::Duration duration = {},
                   const char* until = "") {
  Plan plan;
  plan.operations.push_back({operation, 0, effect_of(kind, duration), until});
  return plan;
}

// Times count from the start. A moment has no end.
inline WindowFault window(Kind kind, const char* target, sim::Duration from, sim::Duration until,
                          sim::Duration by = {}) {
  WindowFault fault{kind, target, "", sim::kStart + from, sim::kStart + until, by};
  return fault;
}

inline WindowFault moment(Kind kind, const char* target, sim::Duration at, sim::Duration by = {}) {
  return window(kind, target, at, sim::Duration{}, by);
}

class Struck {
 public:
  Struck(sim::toy::Script script, const Plan& plan, const ToyOptions& options = {})
      : injector_(plan), toy(script, options) {
    injector_.install(toy.world, targets_of(toy));
  }
  Struck(sim::toy::Script script, Kind kind, const char* operation, sim::Duration duration = {})
      : Struck(script, strike(kind, operation, duration)) {}
  Struck(sim::toy::Script script, const WindowFault& window, const ToyOptions& options = {})
      : Struck(script, Plan{{}, {window}}, options) {}
  ~Struck() { EXPECT_TRUE(injector_.not_applied().empty()) << "the fault struck nothing"; }

  // Runs until `at`, and has the client do `script` then, as a piece of work about `subject`.
  void at(sim::Duration at, sim::toy::Script script, Subject subject = kAbout) {
    // Something has to happen at that very instant, or time would stand at the last event before.
    toy.world.schedule_fault(sim::kStart + at, 0, [] {});
    toy.run(at);
    toy.start(script, subject);
  }

 private:
  PlanInjector injector_;

 public:
  Toy toy;
};

}  // namespace sagasim::faults
