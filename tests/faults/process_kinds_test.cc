// Every kind of fault that lasts for a while and is about processes and servers, shown on a toy.
#include <algorithm>

#include "tests/faults/struck.h"

namespace sagasim::faults {
namespace {

TEST(Outage, RefusesEveryRequestUntilItEnds) {
  Struck run(pay, window(Kind::kOutage, "bank", {}, seconds(3)));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kRefused);
  EXPECT_EQ(run.toy.charged, 0);
  run.at(seconds(4), pay);
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(1).outcome, Outcome::kOk);
  EXPECT_EQ(run.toy.charged, 1);
}

TEST(Outage, OfTheBrokerEndsWithWhatWasWaiting) {
  Struck run(nap, window(Kind::kOutage, "bus", {}, seconds(3)));
  run.at(milliseconds(500), publish);
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kRefused);
  EXPECT_TRUE(run.toy.bus.available());
}

// --- overload ---

std::ptrdiff_t count(const Toy& toy, Outcome outcome, sim::Duration from = {}) {
  return std::count_if(toy.seen.begin(), toy.seen.end(), [&](const Toy::Seen& seen) {
    return seen.outcome == outcome && seen.at >= sim::kStart + from;
  });
}

TEST(Overload, MakesRequestsWaitForOneAnother) {
  Struck run(nap, window(Kind::kOverload, "worker", {}, seconds(5), milliseconds(200)));
  for (std::uint32_t i = 1; i <= 5; ++i) {
    run.at({}, ask, Subject('t', i));
  }
  run.toy.run();
  ASSERT_EQ(run.toy.served.size(), 5u);
  for (std::size_t i = 1; i < 5; ++i) {
    EXPECT_EQ(run.toy.served[i] - run.toy.served[i - 1], milliseconds(200));
  }
  EXPECT_EQ(count(run.toy, Outcome::kOk), 6);
}

TEST(Overload, RefusesWhatFindsTheQueueFull) {
  Struck run(nap, window(Kind::kOverload, "worker", {}, seconds(5), milliseconds(400)));
  run.toy.worker_nodes[0]->set_capacity({.workers = 1, .queue = 2, .service = {}});
  for (std::uint32_t i = 1; i <= 6; ++i) {
    run.at({}, ask, Subject('t', i));
  }
  run.toy.run();
  EXPECT_EQ(run.toy.served.size(), 3u);
  EXPECT_EQ(count(run.toy, Outcome::kRefused), 3);
}

TEST(Overload, ForgetsWhatWaitsWhenTheProcessDies) {
  Struck run(nap, window(Kind::kOverload, "worker", {}, seconds(5), milliseconds(400)));
  for (std::uint32_t i = 1; i <= 3; ++i) {
    run.at({}, ask, Subject('t', i));
  }
  run.toy.run(milliseconds(500));
  EXPECT_EQ(run.toy.served.size(), 1u);
  run.toy.worker_nodes[0]->crash(seconds(1), 0);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.served.size(), 1u);
  EXPECT_EQ(count(run.toy, Outcome::kUnknown), 2);
}

TEST(Overload, KeepsTheWorkOfAPausedProcessForLater) {
  Struck run(nap, window(Kind::kOverload, "worker", {}, seconds(5), milliseconds(400)));
  run.at({}, ask, Subject('t', 1));
  run.toy.run(milliseconds(100));
  run.toy.worker_nodes[0]->pause(seconds(2), 0);
  EXPECT_TRUE(run.toy.run());
  ASSERT_EQ(run.toy.served.size(), 1u);
  EXPECT_GE(run.toy.served[0], sim::kStart + seconds(2));
}

// Customer `n` comes at n eighths of a second, asks, and has patience for so many attempts.
template <int attempts>
Task<> ask_in_turn(Toy* toy, Context context) {
  auto turn = context.sleep(milliseconds(125) * context.invocation().subject.major(), "turn");
  co_await turn;
  for (int i = 0; i < attempts; ++i) {
    auto call = toy->workers.call(context, "ask", kAbout, toy->note(kAbout));
    const sim::Reply reply = co_await call;
    if (reply.outcome == Outcome::kOk) {
      toy->saw(Outcome::kOk);
      co_return;
    }
    auto pause = context.sleep(milliseconds(100), "pause");
    co_await pause;
  }
}

// Eight customers a second come for two minutes to a worker that can serve ten; for ten seconds of
// that it can serve two. How many are served in the last half minute?
std::ptrdiff_t served_in_the_end(sim::toy::Script customer) {
  Struck run(nap, window(Kind::kOverload, "worker", seconds(10), seconds(20), milliseconds(400)));
  run.toy.worker_nodes[0]->set_capacity(
      {.workers = 1, .queue = 100, .service = {milliseconds(100), milliseconds(100)}});
  for (std::uint32_t i = 1; i <= 8 * 120; ++i) {
    run.at({}, customer, Subject('t', i));
  }
  run.toy.run(seconds(120));
  return count(run.toy, Outcome::kOk, seconds(90));
}

TEST(Overload, EndsSomeTimeAfterItsCauseIfNobodyTriesAgain) {
  EXPECT_EQ(served_in_the_end(ask_in_turn<1>), 8 * 30);
}

TEST(Overload, GoesOnWithoutItsCauseIfEverybodyTriesAgain) {
  EXPECT_LT(served_in_the_end(ask_in_turn<1'000>), 8);
}

// --- clocks ---

// How far the first worker's clock is ahead at each of these times.
std::vector<sim::Duration> errors_at(Toy& toy, const std::vector<sim::Duration>& times) {
  std::vector<sim::Duration> errors;
  for (const sim::Duration time : times) {
    toy.world.schedule_fault(sim::kStart + time, 1, [&] {
      errors.push_back(toy.worker_nodes[0]->clock() - toy.world.now());
    });
  }
  toy.run();
  return errors;
}

TEST(ClockOffset, IsAddedToEveryReadingUntilItEnds) {
  Struck run(ask_twice, window(Kind::kClockOffset, "worker", {}, milliseconds(1), seconds(60)));
  run.toy.run();
  ASSERT_EQ(run.toy.served.size(), 2u);
  Struck other(ask, window(Kind::kClockOffset, "worker", {}, seconds(3), seconds(60)));
  other.toy.run();
  EXPECT_LT(run.toy.served.at(1), sim::kStart + seconds(1));
  EXPECT_GE(other.toy.served.at(0), sim::kStart + seconds(60));
  EXPECT_LT(other.toy.seen.at(0).at, sim::kStart + seconds(1));
}

TEST(ClockOffset, MayBeNegativeAndSeveralAddUp) {
  const Plan plan{{},
                  {window(Kind::kClockOffset, "worker", seconds(1), seconds(4), -seconds(5)),
                   window(Kind::kClockOffset, "worker", seconds(2), seconds(3), seconds(7))}};
  Struck run(sim::toy::no_script, plan);
  const auto errors = errors_at(run.toy, {milliseconds(500), milliseconds(1'500),
                                          milliseconds(2'500), milliseconds(3'500), seconds(5)});
  EXPECT_EQ(errors, (std::vector<sim::Duration>{{}, -seconds(5), seconds(2), -seconds(5), {}}));
}

TEST(ClockOffset, DoesNotChangeHowLongATimerRuns) {
  Struck run(nap, window(Kind::kClockOffset, "client", {}, seconds(3), seconds(60)));
  run.toy.run();
  EXPECT_EQ(run.toy.seen.at(0).at, sim::kStart + seconds(1));
}

TEST(ClockDrift, GrowsEvenlyUntilItIsCorrected) {
  Struck run(sim::toy::no_script,
             window(Kind::kClockDrift, "worker", seconds(10), seconds(20), seconds(2)));
  const auto errors =
      errors_at(run.toy, {seconds(9), seconds(15), milliseconds(19'999), seconds(21)});
  EXPECT_EQ(errors[0], sim::Duration{});
  EXPECT_EQ(errors[1], seconds(1));
  EXPECT_GT(errors[2], milliseconds(1'999));
  EXPECT_LT(errors[2], seconds(2));
  EXPECT_EQ(errors[3], sim::Duration{});
}

TEST(ClockDrift, MayLoseTime) {
  Struck run(sim::toy::no_script,
             window(Kind::kClockDrift, "worker", seconds(10), seconds(20), -seconds(2)));
  EXPECT_EQ(errors_at(run.toy, {seconds(15)}).at(0), -seconds(1));
}

// --- restarts ---

TEST(CrashLoop, CrashesAgainAndAgainAndEndsUp) {
  Struck run(nap, window(Kind::kCrashLoop, "worker", {}, seconds(5), seconds(1)));
  run.toy.run(milliseconds(2'250));
  EXPECT_FALSE(run.toy.worker_nodes[0]->up());
  EXPECT_EQ(run.toy.worker_nodes[0]->incarnation(), 3u);
  run.toy.run(milliseconds(2'750));
  EXPECT_TRUE(run.toy.worker_nodes[0]->up());
  run.toy.run(seconds(5));
  EXPECT_TRUE(run.toy.worker_nodes[0]->up());
  run.toy.run();
  EXPECT_EQ(run.toy.worker_nodes[0]->incarnation(), 6u);
  EXPECT_EQ(run.toy.client.incarnation(), 1u);
}

TEST(PowerCut, StopsServicesAndTheirPartsAndNobodyOutside) {
  Struck run(nap, window(Kind::kPowerCut, "", seconds(1), seconds(4)), {.workers = 2});
  run.toy.run(seconds(2));
  for (const sim::Node* node :
       {run.toy.worker_nodes[0], run.toy.worker_nodes[1], &run.toy.store, &run.toy.bus}) {
    EXPECT_FALSE(node->up()) << node->role().text();
  }
  EXPECT_TRUE(run.toy.client.up());
  EXPECT_TRUE(run.toy.bank.up());
  run.toy.run(seconds(4));
  for (const auto& node : run.toy.world.nodes()) {
    EXPECT_TRUE(node->up()) << node->role().text();
  }
}

TEST(PowerCut, LetsNobodyStartInTheMiddleOfIt) {
  Struck run(nap, window(Kind::kPowerCut, "", seconds(1), seconds(4)));
  run.toy.run(milliseconds(900));
  run.toy.worker_nodes[0]->crash(seconds(1), 0);
  run.toy.store.crash(seconds(10), 0);
  run.toy.run(seconds(3));
  EXPECT_FALSE(run.toy.worker_nodes[0]->up());
  run.toy.run(seconds(4));
  EXPECT_TRUE(run.toy.worker_nodes[0]->up());
  EXPECT_FALSE(run.toy.store.up()) << "its own reason to be down goes on";
}

// --- upgrade ---

TEST(Upgrade, RestartsOneInstanceAfterAnotherUntilAllAreNew) {
  Struck run(nap, window(Kind::kUpgrade, "", seconds(1), seconds(13)), {.workers = 3});
  const auto versions = [&] {
    std::vector<std::uint32_t> result;
    for (const sim::Node* worker : run.toy.worker_nodes) {
      result.push_back(worker->version());
    }
    return result;
  };
  run.toy.run(milliseconds(4'900));
  EXPECT_EQ(versions(), (std::vector<std::uint32_t>{2, 1, 1}));
  run.toy.run(milliseconds(8'900));
  EXPECT_EQ(versions(), (std::vector<std::uint32_t>{2, 2, 1}));
  run.toy.run(seconds(13));
  EXPECT_EQ(versions(), (std::vector<std::uint32_t>{2, 2, 2}));
  for (const sim::Node* worker : run.toy.worker_nodes) {
    EXPECT_EQ(worker->incarnation(), 2u);
  }
}

// Workers write records about several things each time that they are asked.
Task<> pass_on(Toy* toy, Context context) {
  for (std::uint32_t i = 1; i <= 4; ++i) {
    auto append = toy->broker.append(context, toy->draft(Subject('c', i)));
    co_await append;
  }
}

Task<> ask_every_second(Toy* toy, Context context) {
  for (int i = 0; i < 20; ++i) {
    auto one = ask(toy, context);
    co_await std::move(one);
    auto pause = context.sleep(seconds(1), "pause");
    co_await pause;
  }
}

TEST(Upgrade, LeavesWhatTheNewVersionWroteToThoseWhoCanReadIt) {
  // For half a minute the first worker is new and the second is old, each with one partition.
  Struck run(ask_every_second, window(Kind::kUpgrade, "", seconds(1), seconds(61)),
             {.workers = 2, .partitions = 2});
  run.toy.before_answer = pass_on;
  run.toy.run(seconds(30));
  std::uint64_t unreadable = 0;
  for (const sim::Record& record : run.toy.broker.topics()[0].partitions[1]) {
    unreadable += record.schema == 2 ? 1 : 0;
  }
  EXPECT_GT(unreadable, 0u);
  EXPECT_GE(run.toy.broker.lag(), unreadable);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

// Answers the first record with a second one.
Task<sim::Handled> reply(Toy* toy, Context context, sim::Delivery delivery) {
  if (delivery.record->version == 0) {
    auto append = toy->broker.append(context, toy->draft(kAbout, 1));
    co_await append;
  }
  co_return sim::Handled::kDone;
}

TEST(Upgrade, MarksARecordByTheProgramThatSentItNotByTheOneThatRunsWhenItArrives) {
  Plan plan = strike(Kind::kDelay, "worker/readers:noted(c1)/append:noted(c1)", seconds(4));
  plan.windows.push_back(window(Kind::kUpgrade, "", seconds(1), seconds(5)));
  Struck run(publish, plan);
  run.toy.on_record = reply;
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.worker_nodes[0]->version(), 2u);
  const auto& log = run.toy.broker.topics()[0].partitions[0];
  ASSERT_EQ(log.size(), 3u);  // once more by the new program, as nobody had seen the answer
  EXPECT_EQ(log[1].schema, 1u);
  EXPECT_EQ(log[2].schema, 2u);
}

}  // namespace
}  // namespace sagasim::faults
