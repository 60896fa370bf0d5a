#include "sim/standstill.h"

#include <gtest/gtest.h>

#include "sim/diagnosis.h"
#include "tests/sim/bustle.h"

namespace sagasim::sim {
namespace {

using toy::Bustle;
using toy::Toy;
using toy::ToyOptions;

constexpr Subject kAbout('c', 1);
constexpr Duration kHour = seconds(3600);

Ending run(Toy& toy, Standstill& standstill, Duration limit = kHour) {
  toy.run(Duration{});
  return standstill.run(kStart + seconds(60), kStart + limit);
}
Ending run(Toy& toy, Duration limit = kHour) {
  Standstill standstill(toy.world);
  return run(toy, standstill, limit);
}

Task<> append_one(Toy* toy, Context context) {
  auto append = toy->broker.append(context, toy->draft(kAbout, 1));
  co_await append;
}

Task<Handled> never(Toy*, Context, Delivery) { co_return Handled::kRetry; }

Task<Handled> at_last(Toy*, Context context, Delivery) {
  co_return context.clock() < kStart + seconds(2000) ? Handled::kRetry : Handled::kDone;
}

Task<> sleep_long_and_append(Toy* toy, Context context) {
  auto nap = context.sleep(seconds(3000), "nap");
  co_await nap;
  auto append = toy->broker.append(context, toy->draft(kAbout, 2));
  co_await append;
}

TEST(Standstill, ARunThatComesToRestIsQuiescent) {
  Toy toy(append_one);
  EXPECT_EQ(run(toy), Ending::kQuiescent);
}

TEST(Standstill, ALoopThatGetsNowhereIsStuck) {
  Toy toy(append_one);
  toy.on_record = never;
  EXPECT_EQ(run(toy), Ending::kStuck);
  EXPECT_LT(toy.world.now(), kStart + kHour);
}

TEST(Standstill, WithoutTheTimeForFiftyRoundsNothingIsDecided) {
  Toy toy(append_one);
  toy.on_record = never;
  EXPECT_EQ(run(toy, seconds(400)), Ending::kUndecided);
}

TEST(Standstill, ALongSleepKeepsALoopFromBeingCalledStuckUntilItIsOver) {
  Toy toy(append_one);
  toy.on_record = never;
  toy.run(seconds(1));
  toy.start(sleep_long_and_append, Subject('t', 1));
  Standstill standstill(toy.world);
  EXPECT_EQ(standstill.run(kStart + seconds(60), kStart + seconds(2300)), Ending::kUndecided);
  EXPECT_EQ(standstill.run(kStart + seconds(60), kStart + 2 * kHour), Ending::kStuck);
  EXPECT_GT(toy.world.now(), kStart + seconds(3480));
  EXPECT_EQ(toy.broker.topics()[0].partitions[0].size(), 2u);
}

TEST(Standstill, ASlowRunIsNotStuck) {
  Toy toy(sleep_long_and_append);
  EXPECT_EQ(run(toy), Ending::kQuiescent);
  EXPECT_EQ(toy.broker.topics()[0].partitions[0].size(), 1u);
}

TEST(Standstill, ANodeThatRestartsLateKeepsALoopFromBeingCalledStuck) {
  Toy toy(append_one, {.workers = 2});
  toy.on_record = never;
  toy.run(seconds(30));
  toy.worker_nodes[0]->crash(seconds(3000), 0);
  EXPECT_EQ(run(toy, seconds(3000)), Ending::kUndecided);
}

TEST(Standstill, AFaultThatIsStillToComeKeepsALoopFromBeingCalledStuck) {
  Toy toy(append_one);
  toy.on_record = never;
  toy.world.schedule_fault(kStart + seconds(3000), 1, [] {});
  EXPECT_EQ(run(toy, seconds(3000)), Ending::kUndecided);
}

// A loop that would end is taken for one that would not: the rule cannot read clocks. So systems
// wait by sleeping, which it can.
TEST(Standstill, KnowsNothingOfWhatAProcessHasInMindForLater) {
  Toy toy(append_one);
  toy.on_record = at_last;
  EXPECT_EQ(run(toy), Ending::kStuck);
}

TEST(Standstill, StopsAtTheSameStepAsOneRunDoes) {
  Toy whole(append_one);
  whole.on_record = never;
  whole.run(Duration{});
  EXPECT_FALSE(whole.world.run(kNever, 150));
  Toy pieces(append_one);
  pieces.on_record = never;
  pieces.run(Duration{});
  Standstill standstill(pieces.world);
  EXPECT_EQ(standstill.run(kStart + milliseconds(100), kNever, 150), Ending::kUndecided);
  EXPECT_EQ(pieces.world.now(), whole.world.now());
  EXPECT_EQ(pieces.world.fingerprint().value(), whole.world.fingerprint().value());
}

TEST(Standstill, ARunInPiecesIsTheSameRun) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Bustle whole(seed);
    EXPECT_TRUE(whole.run());
    Bustle pieces(seed);
    pieces.run(Duration{});
    Standstill standstill(pieces.toy.world);
    EXPECT_EQ(standstill.run(kStart + milliseconds(10), kStart + kHour), Ending::kQuiescent);
    EXPECT_EQ(pieces.fingerprint(), whole.fingerprint());
    EXPECT_EQ(pieces.toy.world.scheduler().steps(), whole.toy.world.scheduler().steps());
  }
}

class Counter final : public Tracer {
 public:
  void on_begin(const Operation&, const Effect&) override { ++begun; }
  void on_complete(const Operation&, Outcome, std::uint64_t, Instant) override { ++ended; }
  void on_cause(std::uint64_t, std::uint64_t) override {}
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;
};

TEST(Standstill, TakesNothingFromTheTracerThatWasThereBefore) {
  Counter counter;
  Toy toy(append_one);
  toy.on_record = never;
  toy.world.set_tracer(&counter);
  EXPECT_EQ(run(toy), Ending::kStuck);
  EXPECT_EQ(counter.begun, toy.world.operations());
  EXPECT_GE(counter.ended + 5, counter.begun);
  EXPECT_EQ(toy.world.tracer(), &counter);
}

// --- reasons ---

std::string reason(Toy& toy, const Witness& witness, Subject subject) {
  const Diagnosis diagnosis(toy.world, toy.broker, {&toy.database}, &witness);
  const std::optional<Stuck> stuck = diagnosis.of(subject);
  return stuck ? std::string(to_text(stuck->reason)) + ": " + stuck->sentence : "lost";
}

TEST(Diagnosis, TellsWhatIsTriedInVainAndHowOften) {
  Toy toy(append_one);
  toy.on_record = never;
  Standstill standstill(toy.world);
  EXPECT_EQ(run(toy, standstill), Ending::kStuck);
  const std::string told = reason(toy, standstill.witness(), kAbout);
  EXPECT_EQ(told.find("retry-loop: worker/readers:noted(c1,1) was tried "), 0u) << told;
  EXPECT_EQ(reason(toy, standstill.witness(), Subject('c', 2)), "lost");
}

Task<> write_in_vain(Toy* toy, Context context) {
  for (std::uint32_t failures = 0;; ++failures) {
    Transaction transaction(toy->database, context);
    const toy::Account account{kAbout, 1};
    transaction.insert(toy->accounts, account);
    auto commit = transaction.commit();
    const Outcome outcome = co_await commit;
    if (outcome == Outcome::kOk) {
      co_return;
    }
    auto pause = context.sleep(context.backoff(failures, seconds(1), seconds(5)), "backoff");
    co_await pause;
  }
}

TEST(Diagnosis, TellsHowTheLastAttemptFailed) {
  Toy toy;
  toy.accounts.seed(toy::Account{kAbout, 5});
  toy.run(milliseconds(1));
  toy.start(write_in_vain, kAbout);
  Standstill standstill(toy.world);
  EXPECT_EQ(run(toy, standstill), Ending::kStuck);
  const std::string told = reason(toy, standstill.witness(), kAbout);
  EXPECT_EQ(told.find("retry-loop: client/script(c1) was tried "), 0u) << told;
  EXPECT_NE(told.find(" times, at last its commit(c1) ended aborted"), std::string::npos) << told;
}

TEST(Diagnosis, NamesTheNodeThatIsAway) {
  Toy toy;
  toy.accounts.seed(toy::Account{kAbout, 5});
  toy.run(milliseconds(1));
  toy.start(write_in_vain, kAbout);
  toy.store.crash(2 * kHour, 0);
  Standstill standstill(toy.world);
  EXPECT_EQ(run(toy, standstill), Ending::kUndecided);
  EXPECT_EQ(reason(toy, standstill.witness(), kAbout),
            "node-down: client/script(c1) waits for store, which is down to the end of the run");
}

TEST(Diagnosis, NamesTheNodeThatHasStopped) {
  Toy toy(append_one);
  toy.on_record = never;
  toy.run(seconds(30));
  toy.worker_nodes[0]->pause(2 * kHour, 0);
  Standstill standstill(toy.world);
  EXPECT_EQ(run(toy, standstill), Ending::kUndecided);
  EXPECT_EQ(reason(toy, standstill.witness(), kAbout),
            "node-down: worker/readers:noted(c1,1) waits for worker, which is paused to the end of "
            "the run");
}

TEST(Diagnosis, NamesTheNodeThatCannotBeReached) {
  for (const bool answers : {false, true}) {
    Toy toy;
    toy.accounts.seed(toy::Account{kAbout, 5});
    toy.run(milliseconds(1));
    toy.start(write_in_vain, kAbout);
    toy.world.cut(answers ? toy.store : toy.client, answers ? toy.client : toy.store, 7);
    Standstill standstill(toy.world);
    EXPECT_EQ(run(toy, standstill), Ending::kStuck);
    EXPECT_EQ(reason(toy, standstill.witness(), kAbout),
              "node-down: client/script(c1) waits for store, which is cut off from client to the "
              "end of the run");
  }
}

TEST(Diagnosis, NamesTheBrokerThatNoMemberCanReach) {
  Toy toy(append_one, {.workers = 2});
  toy.on_record = never;
  toy.run(seconds(30));
  toy.world.cut(toy.bus, *toy.worker_nodes[0], 7);
  Standstill standstill(toy.world);
  EXPECT_EQ(run(toy, standstill), Ending::kStuck);
  EXPECT_EQ(reason(toy, standstill.witness(), kAbout).substr(0, 11), "retry-loop:")
      << "the other one can";
  toy.world.cut(*toy.worker_nodes[1], toy.bus, 8);
  EXPECT_EQ(reason(toy, standstill.witness(), kAbout),
            "node-down: worker/readers:noted(c1,1) waits for bus, which is cut off from worker#1 "
            "to the end of the run");
}

// Whoever cuts a run off has to know whether the node went away just now.
TEST(Diagnosis, SaysSinceWhenANodeIsAway) {
  Toy toy;
  toy.accounts.seed(toy::Account{kAbout, 5});
  toy.run(milliseconds(1));
  toy.start(write_in_vain, kAbout);
  const auto away_since = [&](Duration at) {
    Standstill standstill(toy.world);
    EXPECT_EQ(standstill.run(kNever, kStart + at), Ending::kUndecided);
    const Diagnosis diagnosis(toy.world, toy.broker, {&toy.database}, &standstill.witness());
    const std::optional<Stuck> stuck = diagnosis.of(kAbout);
    return stuck && stuck->reason == StuckReason::kNodeDown ? stuck->since - kStart : Duration{-1};
  };
  toy.world.schedule_fault(kStart + seconds(10), 1, [&] { toy.store.begin_outage(7); });
  toy.world.schedule_fault(kStart + seconds(20), 2, [&] { toy.store.crash(seconds(20), 8); });
  toy.world.schedule_fault(kStart + seconds(30), 3, [&] { toy.store.end_outage(7); });
  toy.world.schedule_fault(kStart + seconds(60), 4, [&] { toy.store.crash(kHour, 9); });
  EXPECT_EQ(away_since(seconds(5)), Duration{-1});
  EXPECT_EQ(away_since(seconds(35)), seconds(10)) << "away for one reason after another";
  EXPECT_EQ(away_since(seconds(50)), Duration{-1});
  EXPECT_EQ(away_since(seconds(90)), seconds(60));
}

// Two services whose handlers lock a row of their own and then ask the other one: the handlers that
// are asked wait for the rows that the asking ones hold.
struct Embrace {
  static constexpr Route kPatient{
      {milliseconds(1), milliseconds(4)}, {milliseconds(1), milliseconds(4)}, seconds(100'000)};

  static ToyOptions options() {
    ToyOptions options;
    options.workers = 2;
    options.database.route = kPatient;
    return options;
  }

  explicit Embrace(bool both)
      : toy(toy::no_script, options()), left("worker", kPatient), right("worker", kPatient) {
    current = this;
    left.add(*toy.worker_nodes[0]);
    right.add(*toy.worker_nodes[1]);
    toy.accounts.seed(toy::Account{Subject('a', 1), 0});
    toy.accounts.seed(toy::Account{Subject('a', 2), 0});
    toy.before_answer = lock_and_ask;
    toy.run(milliseconds(1));
    toy.start(ask_left, Subject('c', 1));
    if (both) {
      toy.start(ask_right, Subject('c', 2));
    }
  }

  static Task<> ask_left(Toy* toy, Context context) {
    auto call =
        current->left.call(context, "swap", context.invocation().subject, toy->note(kAbout));
    co_await call;
  }
  static Task<> ask_right(Toy* toy, Context context) {
    auto call =
        current->right.call(context, "swap", context.invocation().subject, toy->note(kAbout));
    co_await call;
  }

  static Task<> lock_and_ask(Toy* toy, Context context) {
    const std::uint32_t me = context.activity().node().instance();
    const Subject row('a', me + 1);
    Transaction transaction(toy->database, context);
    auto lock = transaction.lock(toy->accounts, key_of(row));
    co_await lock;
    auto pause = context.sleep(milliseconds(50), "thought");
    co_await pause;
    if (context.invocation().scope == Name("swap")) {
      const Service& other = me == 0 ? current->right : current->left;
      auto call = other.call(context, "give", context.invocation().subject, toy->note(kAbout));
      co_await call;
    }
  }

  static Embrace* current;
  Toy toy;
  Service left;
  Service right;
};
Embrace* Embrace::current = nullptr;

TEST(Diagnosis, SeesTheCircleInWhichServicesWaitForEachOther) {
  Embrace embrace(true);
  Standstill standstill(embrace.toy.world);
  EXPECT_EQ(run(embrace.toy, standstill), Ending::kUndecided) << "their patience is still to end";
  const std::string told = reason(embrace.toy, standstill.witness(), Subject('c', 1));
  EXPECT_EQ(told.find("deadlock: worker/give:swap(c1,"), 0u) << told;
  for (const char* link :
       {") waits for worker/swap:script(c2), which waits for worker/give:swap(c2,",
        "), which waits for worker/swap:script(c1), which waits for worker/give:"
        "swap(c1,"}) {
    EXPECT_NE(told.find(link), std::string::npos) << told;
  }
  EXPECT_EQ(reason(embrace.toy, standstill.witness(), Subject('c', 2)), told);
}

TEST(Diagnosis, SeesNoCircleWhereOneOnlyWaits) {
  Embrace embrace(false);
  Standstill standstill(embrace.toy.world);
  EXPECT_EQ(run(embrace.toy, standstill), Ending::kQuiescent);
  EXPECT_EQ(reason(embrace.toy, standstill.witness(), Subject('c', 1)), "lost");
}

}  // namespace
}  // namespace sagasim::sim
