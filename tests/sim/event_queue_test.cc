#include "sim/event_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/hash.h"

namespace sagasim::sim {
namespace {

struct Numbered : Event {
  explicit Numbered(std::uint64_t n) : Event([](Event&) {}), number(n) {}
  std::uint64_t number;
};

std::uint64_t next(EventQueue& queue) { return static_cast<Numbered&>(queue.pop()).number; }

TEST(EventQueue, GivesTheEarliestFirstAndAmongEqualsTheLeastTie) {
  EventQueue queue;
  Numbered late(1), greater(2), less(3);
  queue.push(kStart + seconds(2), 0, late);
  queue.push(kStart + seconds(1), 9, greater);
  queue.push(kStart + seconds(1), 8, less);
  EXPECT_EQ(queue.next_time(), kStart + seconds(1));
  EXPECT_EQ(next(queue), 3u);
  EXPECT_EQ(next(queue), 2u);
  EXPECT_EQ(next(queue), 1u);
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, ForgetsACancelledEventAtOnce) {
  EventQueue queue;
  Numbered first(1), second(2);
  queue.push(kStart, 1, first);
  queue.push(kStart, 2, second);
  EXPECT_TRUE(queue.cancel(first));
  EXPECT_FALSE(first.queued());
  EXPECT_FALSE(queue.cancel(first));
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(next(queue), 2u);
}

TEST(EventQueue, RefusesAnEventThatIsQueuedAlready) {
  EventQueue queue;
  Numbered event(1);
  queue.push(kStart, 1, event);
  EXPECT_THROW(queue.push(kStart, 1, event), CheckFailure);
  queue.cancel(event);
}

TEST(EventQueue, ARoundIsOverOnceAllThatWasQueuedBeforeItIsGone) {
  EventQueue queue;
  Numbered first(1);
  Numbered second(2);
  Numbered later(3);
  EXPECT_TRUE(queue.round_complete());
  queue.push(kStart, 1, first);
  queue.push(kStart + seconds(1), 2, second);
  EXPECT_TRUE(queue.round_complete()) << "they belong to the round";
  queue.begin_round();
  EXPECT_FALSE(queue.round_complete());
  queue.pop();
  queue.push(kStart + seconds(2), 3, later);
  EXPECT_FALSE(queue.round_complete());
  queue.cancel(second);
  EXPECT_TRUE(queue.round_complete());
  queue.cancel(later);
}

TEST(EventQueue, AnEventThatIsQueuedAgainBelongsToTheRoundInWhichItIs) {
  EventQueue queue;
  Numbered event(1);
  queue.push(kStart, 1, event);
  queue.begin_round();
  queue.pop();
  queue.push(kStart + seconds(1), 1, event);
  EXPECT_TRUE(queue.round_complete());
  queue.begin_round();
  EXPECT_FALSE(queue.round_complete());
  queue.cancel(event);
}

// The place of an event that was taken stays open for a while; nothing of the event is left in it.
TEST(EventQueue, WhatWasTakenIsGoneThoughItsPlaceIsOpen) {
  EventQueue queue;
  auto taken = std::make_unique<Numbered>(1);
  Numbered second(2), third(3), fourth(4);
  queue.push(kStart, 1, *taken);
  queue.push(kStart + seconds(2), 2, second);
  queue.push(kStart + seconds(3), 3, third);
  queue.begin_round();
  queue.push(kStart + seconds(4), 4, fourth);
  EXPECT_EQ(next(queue), 1u);
  taken.reset();
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_FALSE(queue.round_complete());
  EXPECT_TRUE(queue.cancel(second));
  EXPECT_TRUE(queue.cancel(third));
  EXPECT_TRUE(queue.round_complete());
  EXPECT_EQ(queue.next_time(), kStart + seconds(4));
  EXPECT_EQ(next(queue), 4u);
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.round_complete());
  EXPECT_THROW(queue.pop(), CheckFailure);
}

// Time goes on here, as in a world: nothing is queued before what was taken last. `step` says how
// far ahead of that an event may be; `pending` events are queued nearly all the time.
void expect_agreement(std::uint64_t seed, std::size_t pending,
                      std::uint64_t (*step)(std::uint64_t)) {
  EventQueue queue;
  std::set<std::tuple<Instant, std::uint64_t, std::size_t>> expected;
  std::vector<std::unique_ptr<Numbered>> events;
  std::vector<std::pair<Instant, std::uint64_t>> keys;
  Instant now = kStart;
  std::uint64_t state = seed;
  for (int move = 0; move < 30'000; ++move) {
    state = mix(state);
    const std::uint64_t choice = state % 16;
    if (choice < 8 ? expected.size() < 2 * pending : expected.size() < pending / 2) {
      const Instant at = now + nanoseconds(static_cast<std::int64_t>(step(mix(state + 1))));
      const std::uint64_t tie = mix(state + 2) % 4 << 32 | events.size();
      queue.push(at, tie, *events.emplace_back(std::make_unique<Numbered>(events.size())));
      keys.emplace_back(at, tie);
      expected.emplace(at, tie, events.size() - 1);
    } else if (choice < 14 && !expected.empty()) {
      const auto [at, tie, number] = *expected.begin();
      expected.erase(expected.begin());
      ASSERT_EQ(queue.next_time(), at);
      ASSERT_EQ(next(queue), number);
      now = at;
    } else if (!events.empty()) {
      const std::size_t any = mix(state + 3) % events.size();
      const bool was = expected.erase({keys[any].first, keys[any].second, any}) == 1;
      ASSERT_EQ(queue.cancel(*events[any]), was);
    }
    ASSERT_EQ(queue.size(), expected.size());
    ASSERT_EQ(queue.empty(), expected.empty());
  }
  for (const auto& [at, tie, number] : expected) {
    ASSERT_EQ(next(queue), number);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, KeepsTheOrderHoweverManyAreQueuedAndHoweverFarAhead) {
  for (const std::size_t pending : {10u, 100u, 400u, 3'000u}) {
    SCOPED_TRACE(pending);
    const auto even = [](std::uint64_t draw) { return 1'000'000 + draw % 9'000'000; };
    const auto same = [](std::uint64_t draw) { return draw % 3; };
    const auto any_magnitude = [](std::uint64_t draw) { return mix(draw) >> 14 >> draw % 50; };
    const auto far_or_near = [](std::uint64_t draw) {
      return draw % 2 == 0 ? draw % 1'000 : 60'000'000'000 + draw % 1'000'000;
    };
    expect_agreement(1, pending, even);
    expect_agreement(2, pending, same);
    expect_agreement(3, pending, any_magnitude);
    expect_agreement(4, pending, far_or_near);
  }
}

TEST(EventQueue, FollowsARoundThroughAllItsLists) {
  EventQueue queue;
  std::vector<std::unique_ptr<Numbered>> events;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    queue.push(kStart + microseconds(static_cast<std::int64_t>(mix(i) % 20'000)), i,
               *events.emplace_back(std::make_unique<Numbered>(i)));
  }
  const auto again = [&](std::uint64_t number, Instant now) {
    queue.push(now + microseconds(1 + static_cast<std::int64_t>(mix(number) % 20'000)), number,
               *events[number]);
  };
  for (int turn = 0; turn < 3; ++turn) {
    queue.begin_round();
    std::size_t taken = 0;
    for (; !queue.round_complete(); ++taken) {
      const Instant now = queue.next_time();
      again(next(queue), now);
    }
    EXPECT_GE(taken, 1'000u) << "each that was queued has run";
    EXPECT_LT(taken, 10'000u);
  }
  for (const auto& event : events) {
    EXPECT_TRUE(queue.cancel(*event));
  }
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, AgreesWithASortedListUnderPushesPopsAndCancellations) {
  EventQueue queue;
  std::set<std::pair<Instant, std::uint64_t>> expected;
  std::vector<std::unique_ptr<Numbered>> events;
  std::vector<Instant> times;
  std::uint64_t state = 1;
  for (std::uint64_t step = 0; step < 20'000; ++step) {
    state = mix(state);
    const std::uint64_t choice = state % 8;
    if (choice < 4 || expected.empty()) {
      const Instant at = kStart + nanoseconds(static_cast<std::int64_t>(mix(state) % 50));
      events.push_back(std::make_unique<Numbered>(step));
      times.push_back(at);
      queue.push(at, step, *events.back());
      expected.emplace(at, step);
    } else if (choice < 6) {
      ASSERT_EQ(next(queue), expected.begin()->second);
      expected.erase(expected.begin());
    } else {
      const std::size_t any = mix(state) % events.size();
      const bool was_queued = expected.erase({times[any], events[any]->number}) == 1;
      ASSERT_EQ(queue.cancel(*events[any]), was_queued);
    }
    ASSERT_EQ(queue.size(), expected.size());
  }
  for (const auto& entry : expected) {
    ASSERT_EQ(next(queue), entry.second);
  }
}

}  // namespace
}  // namespace sagasim::sim
