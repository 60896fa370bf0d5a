// The shapes of coroutine that the code uses, each under a counter of lifetimes: every object made
// is destroyed exactly once, whether its coroutine ends, throws, or is destroyed while it waits.
// Some compilers get other shapes wrong (docs/decisions/0001), so a change of compiler shows here
// first.

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "sim/activity.h"
#include "sim/node.h"
#include "sim/process.h"
#include "sim/world.h"

namespace sagasim::sim {
namespace {

int alive = 0;

// Counts itself; owns heap memory, so that a second destruction is also a second free.
struct Counted {
  explicit Counted(int number) : value(number), text(std::string(40, 'x')) { ++alive; }
  Counted(const Counted& other) : value(other.value), text(other.text) { ++alive; }
  Counted(Counted&& other) noexcept : value(other.value), text(std::move(other.text)) { ++alive; }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) noexcept = default;
  ~Counted() { --alive; }
  int value;
  std::string text;
};

struct Aggregate {
  int number = 0;
  Counted counted{0};
};

Aggregate make_aggregate(int number) { return Aggregate{number, Counted(number)}; }

Task<int> give(Context, int value) { co_return value; }
Task<Counted> give_counted(Context, int value) { co_return Counted(value); }
Task<Aggregate> give_aggregate(Context, int value) { co_return make_aggregate(value); }
Task<int> take(Context, Aggregate aggregate) {
  co_return aggregate.number + aggregate.counted.value;
}
Task<int> fail(Context, int value) {
  const Counted held(value);
  if (held.value >= 0) {
    throw std::runtime_error("meant to");
  }
  co_return 0;
}
Task<int> sleepy(Context context, Counted held) {
  auto pause = context.sleep(seconds(1), "nap");
  co_await pause;
  co_return held.value;
}

// Runs one coroutine on a node of a fresh world and reports what it left in `result`.
class AwaitProbe : public testing::Test {
 protected:
  using Shape = Task<> (*)(Context, int*);

  int run(Shape shape, Instant end = kStart + seconds(60)) {
    alive = 0;
    int result = -1;
    {
      World world(1);
      Node& node = world.add_node("probe", 0, [](Node&) { return std::make_unique<Process>(); });
      world.boot();
      node.start(Invocation{.role = "probe", .scope = "shape"}, 0,
                 [&](Context context) { return shape(context, &result); });
      world.scheduler().settle();
      world.run(end);
      world.shut_down();
    }
    EXPECT_EQ(alive, 0) << "an object was lost, or destroyed twice";
    return result;
  }
};

Task<> named_local_moved(Context context, int* result) {
  Aggregate message = make_aggregate(3);
  auto work = take(context, std::move(message));
  *result = co_await std::move(work);
}
TEST_F(AwaitProbe, ANamedMessageMovedIntoItsCall) { EXPECT_EQ(run(named_local_moved), 6); }

Task<> class_result(Context context, int* result) {
  auto work = give_counted(context, 5);
  const Counted counted = co_await std::move(work);
  *result = counted.value;
}
TEST_F(AwaitProbe, AClassAsTheResult) { EXPECT_EQ(run(class_result), 5); }

Task<> aggregate_result(Context context, int* result) {
  auto work = give_aggregate(context, 6);
  const Aggregate aggregate = co_await std::move(work);
  const auto& [number, counted] = aggregate;
  *result = number + counted.value;
}
TEST_F(AwaitProbe, AnAggregateAsTheResultUnpackedByName) { EXPECT_EQ(run(aggregate_result), 12); }

Task<> condition_by_name(Context context, int* result) {
  auto work = give(context, 1);
  const int ready = co_await std::move(work);
  if (ready == 1) {
    *result = 10;
  } else {
    *result = 20;
  }
}
TEST_F(AwaitProbe, AConditionThatWasAwaitedByName) { EXPECT_EQ(run(condition_by_name), 10); }

Task<> loops(Context context, int* result) {
  int sum = 0;
  for (int i = 0; i < 100; ++i) {
    const Counted held(i);
    auto work = give(context, held.value);
    sum += co_await std::move(work);
  }
  *result = sum;
}
TEST_F(AwaitProbe, ALoopThatHoldsAnObjectAcrossItsAwait) { EXPECT_EQ(run(loops), 4950); }

Task<> caught(Context context, int* result) {
  std::exception_ptr error;
  auto work = fail(context, 1);
  try {
    *result = co_await std::move(work);
  } catch (const std::runtime_error&) {
    error = std::current_exception();
  }
  auto more = give(context, error ? 7 : 8);
  *result = co_await std::move(more);
}
TEST_F(AwaitProbe, AnErrorIsRethrownWhereTheTaskIsAwaited) { EXPECT_EQ(run(caught), 7); }

Task<> destroyed_asleep(Context context, int* result) {
  auto work = sleepy(context, Counted(9));
  *result = co_await std::move(work);
}
TEST_F(AwaitProbe, ATaskThatSleepsToItsEnd) { EXPECT_EQ(run(destroyed_asleep), 9); }
TEST_F(AwaitProbe, ATaskDestroyedWhileItSleeps) {
  EXPECT_EQ(run(destroyed_asleep, kStart + milliseconds(500)), -1);
}

Task<> never_awaited(Context context, int* result) {
  const auto work = give_aggregate(context, 1);
  *result = work.empty() ? 1 : 2;
  co_return;
}
TEST_F(AwaitProbe, ATaskThatIsNeverAwaited) { EXPECT_EQ(run(never_awaited), 2); }

Task<> a_million(Context context, int* result) {
  int sum = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    auto work = give(context, 1);
    sum += co_await std::move(work);
  }
  *result = sum;
}
TEST_F(AwaitProbe, AMillionImmediateCompletionsNeedNoStack) {
  EXPECT_EQ(run(a_million), 1'000'000);
}

Task<int> nest(Context context, int depth) {
  if (depth == 0) {
    co_return 0;
  }
  auto work = nest(context, depth - 1);
  const int below = co_await std::move(work);
  co_return below + 1;
}
Task<> nested(Context context, int* result) {
  auto work = nest(context, 20'000);
  *result = co_await std::move(work);
}
TEST_F(AwaitProbe, TwentyThousandNestedTasks) { EXPECT_EQ(run(nested), 20'000); }

TEST_F(AwaitProbe, AnErrorThatNobodyCatchesEndsTheRunAtItsBoundary) {
  alive = 0;
  {
    World world(1);
    Node& node = world.add_node("probe", 0, [](Node&) { return std::make_unique<Process>(); });
    world.boot();
    int result = 0;
    node.start(Invocation{.role = "probe", .scope = "shape"}, 0, [&](Context context) -> Task<> {
      return [](Context mine, int*) -> Task<> {
        auto work = fail(mine, 1);
        co_await std::move(work);
      }(context, &result);
    });
    EXPECT_THROW(world.scheduler().settle(), std::runtime_error);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace sagasim::sim
