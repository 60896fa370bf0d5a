#include "sim/scheduler.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Toy;

struct Entry : Event {
  Entry(std::string& log, char which)
      : Event([](Event& event) {
          auto& entry = static_cast<Entry&>(event);
          entry.text += entry.letter;
        }),
        text(log),
        letter(which) {}
  std::string& text;
  const char letter;
};

std::string order_of_three(std::uint64_t salt, const std::vector<int>& insertion) {
  Scheduler scheduler(salt);
  std::string log;
  Entry a(log, 'a'), b(log, 'b'), c(log, 'c');
  Entry* entries[] = {&a, &b, &c};
  for (const int i : insertion) {
    scheduler.at(kStart + seconds(1), static_cast<std::uint64_t>(i), *entries[i]);
  }
  while (!scheduler.idle()) {
    scheduler.step();
  }
  return log;
}

TEST(Scheduler, OrdersSimultaneousEventsByIdentityNotByInsertion) {
  const std::string order = order_of_three(0, {0, 1, 2});
  EXPECT_EQ(order_of_three(0, {2, 1, 0}), order);
  EXPECT_EQ(order_of_three(0, {1, 2, 0}), order);
}

TEST(Scheduler, PermutesThemUnderAnotherSalt) {
  bool differs = false;
  for (std::uint64_t salt = 1; salt < 10; ++salt) {
    differs = differs || order_of_three(salt, {0, 1, 2}) != order_of_three(0, {0, 1, 2});
  }
  EXPECT_TRUE(differs);
}

TEST(Scheduler, PutsFaultsFirstAtAnInstant) {
  for (std::uint64_t salt = 0; salt < 20; ++salt) {
    Scheduler scheduler(salt);
    std::string log;
    Entry ordinary(log, 'o'), fault(log, 'f');
    scheduler.at(kStart, 1, ordinary);
    scheduler.fault_at(kStart, 2, fault);
    scheduler.step();
    scheduler.step();
    EXPECT_EQ(log, "fo");
  }
}

TEST(Scheduler, RefusesThePast) {
  Scheduler scheduler;
  std::string log;
  Entry first(log, 'a'), second(log, 'b');
  scheduler.at(kStart + seconds(2), 1, first);
  scheduler.step();
  EXPECT_THROW(scheduler.at(kStart + seconds(1), 2, second), CheckFailure);
}

Task<> doze(Toy* toy, Context context) {
  auto nap = context.sleep(seconds(1), "doze");
  co_await nap;
  toy->saw(Outcome::kOk);
}

Task<> doze_and_fail(Toy*, Context context) {
  auto nap = context.sleep(seconds(1), "doze");
  co_await nap;
  throw std::runtime_error("a mistake in the program");
}

TEST(Scheduler, LetsTimePassOnlyBetweenEvents) {
  Toy toy(doze);
  EXPECT_FALSE(toy.run(milliseconds(999)));
  EXPECT_TRUE(toy.seen.empty());
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.seen.at(0).at, kStart + seconds(1));
}

TEST(Scheduler, RethrowsAnErrorOfARootTaskAtTheBoundaryOfTheRun) {
  Toy toy(doze_and_fail);
  EXPECT_THROW(toy.run(), std::runtime_error);
}

}  // namespace
}  // namespace sagasim::sim
