#include "sim/milestones.h"

#include <gtest/gtest.h>

#include "sim/hash.h"

namespace sagasim::sim {
namespace {

TEST(Milestones, KnowTheEndsOfWhatWasNamed) {
  Milestones milestones;
  EXPECT_TRUE(milestones.empty());
  milestones.expect(1);
  EXPECT_FALSE(milestones.empty());
  milestones.on_end(1);
  milestones.on_end(2);
  EXPECT_TRUE(milestones.reached(1));
  milestones.expect(2);
  EXPECT_FALSE(milestones.reached(2)) << "it had ended before it was named";
}

TEST(Milestones, KnowEveryEndIfTheyAreToldToExpectAll) {
  Milestones milestones;
  milestones.expect_all();
  EXPECT_FALSE(milestones.empty());
  for (std::uint64_t operation = 1; operation <= 10'000; ++operation) {
    milestones.on_end(mix(operation));
  }
  for (std::uint64_t operation = 1; operation <= 10'000; ++operation) {
    EXPECT_TRUE(milestones.reached(mix(operation)));
  }
  EXPECT_FALSE(milestones.reached(mix(10'001)));
}

TEST(Milestones, CallEachTimeThatItEnds) {
  Milestones milestones;
  int count = 0;
  milestones.then(1, [&] { ++count; });
  milestones.on_end(1);
  milestones.on_end(1);
  EXPECT_EQ(count, 2);
}

TEST(Milestones, MayBeAddedToFromWithinAnAction) {
  Milestones milestones;
  int count = 0;
  milestones.then(1, [&] {
    for (std::uint64_t other = 2; other < 100; ++other) {
      milestones.expect(other);
    }
    milestones.then(1, [&] { count += 10; });
  });
  milestones.then(1, [&] { ++count; });
  milestones.on_end(1);
  EXPECT_EQ(count, 1);
}

class Waiting final : public Holdable {
 public:
  void let_go_on() override { ++times; }
  int times = 0;
};

TEST(Milestones, LetWhatIsHeldGoOnOnce) {
  Milestones milestones;
  Waiting one;
  Waiting other;
  milestones.hold(1, one);
  milestones.hold(1, other);
  milestones.forget(1, other);
  milestones.on_end(1);
  milestones.on_end(1);
  EXPECT_EQ(one.times, 1);
  EXPECT_EQ(other.times, 0);
}

}  // namespace
}  // namespace sagasim::sim
