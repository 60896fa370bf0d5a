// A part that waits schedules nothing.
#include <gtest/gtest.h>

#include "sim/event_bus.h"
#include "sim/lease_lock.h"
#include "tests/sim/bustle.h"

namespace sagasim::sim {
namespace {

using toy::Toy;

constexpr Duration kDay = seconds(86'400);

TEST(Idle, AUniverseOfSixServicesExecutesNothingInADay) {
  Toy toy(toy::no_script, {.workers = 6, .partitions = 6});
  EventBus bus(toy.client, {});
  LeaseLock locks(toy.cache, toy.client, {.watchdog = true});
  toy.run(Duration{});
  const std::uint64_t steps = toy.world.scheduler().steps();
  const std::uint64_t operations = toy.world.operations();
  // The members of the group have joined at the start: one rebalance is still to come.
  EXPECT_EQ(toy.world.scheduler().pending(), 1u);
  EXPECT_TRUE(toy.run(kDay));
  EXPECT_EQ(toy.world.scheduler().steps(), steps + 1);
  EXPECT_EQ(toy.world.operations(), operations);
}

TEST(Idle, AUniverseThatWasBusyExecutesNothingOnceItsWorkIsDone) {
  toy::Bustle bustle(1);
  EXPECT_TRUE(bustle.run());
  const std::uint64_t steps = bustle.toy.world.scheduler().steps();
  EXPECT_GT(steps, 100u);
  EXPECT_TRUE(bustle.toy.run(kDay));
  EXPECT_EQ(bustle.toy.world.scheduler().steps(), steps);
}

}  // namespace
}  // namespace sagasim::sim
