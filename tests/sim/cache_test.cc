#include "sim/cache.h"

#include <gtest/gtest.h>

#include "tests/sim/strike_one.h"
#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Toy;

constexpr Subject kAbout('c', 1);
constexpr CacheKey kKey{"process", kAbout};
constexpr CacheKey kStock{"stock", {}};
constexpr CacheKey kCoupon{"coupon", {}};

// A toy whose scripts also write down what the cache answered.
struct Caching : Toy {
  using Toy::Toy;
  std::vector<CacheReply> replies;
};

void note(Toy* toy, CacheReply reply) {
  toy->saw(reply.outcome);
  static_cast<Caching*>(toy)->replies.push_back(std::move(reply));
}

Task<> nap(Context context, Duration duration) {
  auto timer = context.sleep(duration, "nap");
  co_await timer;
}

Task<> get(Toy* toy, Context context) {
  auto get = toy->cache.get(context, kKey);
  CacheReply reply = co_await get;
  note(toy, std::move(reply));
}

Task<> set(Toy* toy, Context context) {
  auto set = toy->cache.set(context, kKey, 7, seconds(60));
  CacheReply reply = co_await set;
  note(toy, std::move(reply));
}

Task<> add(Toy* toy, Context context) {
  auto add = toy->cache.add(context, kKey, 1);
  CacheReply reply = co_await add;
  note(toy, std::move(reply));
}

Task<> set_if_absent(Toy* toy, Context context) {
  const std::int64_t value = context.invocation().subject.major();
  auto set = toy->cache.set_if_absent(context, kKey, value, seconds(3));
  CacheReply reply = co_await set;
  note(toy, std::move(reply));
}

Task<> expire(Toy* toy, Context context) {
  auto expire = toy->cache.expire(context, kKey, seconds(60));
  CacheReply reply = co_await expire;
  note(toy, std::move(reply));
}

TEST(Cache, GivesBackWhatWasSetUntilItsTimeIsOver) {
  Caching toy(set);
  toy.run();
  toy.world.schedule_fault(kStart + seconds(59), 1, [&] { toy.start(get, Subject('t', 1)); });
  toy.world.schedule_fault(kStart + seconds(61), 1, [&] { toy.start(get, Subject('t', 2)); });
  toy.run(seconds(59) + milliseconds(500));
  EXPECT_EQ(toy.cache.size(), 1u);
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.replies.size(), 3u);
  EXPECT_TRUE(toy.replies[1].found);
  EXPECT_EQ(toy.replies[1].value, 7);
  EXPECT_FALSE(toy.replies[2].found);
  EXPECT_EQ(toy.cache.size(), 0u);
}

TEST(Cache, SchedulesNothingForAKeyThatExpires) {
  Caching toy(set);
  EXPECT_TRUE(toy.run());
  EXPECT_LT(toy.world.now(), kStart + seconds(1));
}

TEST(Cache, LetsOneOfTwoSetAKeyThatIsAbsent) {
  Caching toy;
  toy.run();
  toy.start(set_if_absent, Subject('t', 1));
  toy.start(set_if_absent, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.replies.size(), 2u);
  EXPECT_NE(toy.replies[0].found, toy.replies[1].found);
}

// Reads, thinks, and writes what it thought: nobody keeps others out meanwhile.
Task<> read_modify_write(Toy* toy, Context context) {
  auto read = toy->cache.get(context, kKey);
  const CacheReply before = co_await read;
  auto thought = nap(context, milliseconds(10));
  co_await std::move(thought);
  auto write = toy->cache.set(context, kKey, before.value + 1);
  co_await write;
}

CacheReply add_one(CacheData& data, const CacheArguments& with) {
  CacheReply reply;
  reply.value = data.get(with.key).value_or(0) + 1;
  data.set(with.key, reply.value);
  return reply;
}

Task<> modify_in_a_script(Toy* toy, Context context) {
  CacheArguments arguments;
  arguments.key = kKey;
  auto script = toy->cache.run(context, "add-one", &add_one, arguments);
  co_await script;
}

std::int64_t after_twenty(toy::Script script) {
  Toy toy;
  toy.run();
  for (std::uint32_t i = 1; i <= 20; ++i) {
    toy.start(script, Subject('t', i));
  }
  EXPECT_TRUE(toy.run());
  return toy.cache.peek(kKey).value_or(0);
}

TEST(Cache, LosesUpdatesThatAreReadAndWrittenInTwoCommands) {
  EXPECT_LT(after_twenty(read_modify_write), 20);
}

TEST(Cache, RunsAScriptAsOneCommand) { EXPECT_EQ(after_twenty(modify_in_a_script), 20); }

// The state of a saga as many programs keep it: one field per step, and a time for all of it.
Task<> note_a_step(Toy* toy, Context context) {
  auto set = toy->cache.hash_set(context, kKey, kStock, 1);
  co_await set;
  auto expire = toy->cache.expire(context, kKey, seconds(60));
  CacheReply reply = co_await expire;
  note(toy, std::move(reply));
}

TEST(Cache, LeavesAKeyWithoutATimeIfTheProcessDiesBeforeItGivesOne) {
  StrikeOne crash(
      OperationKind::kCommand, "hset",
      {.kind = Effect::Kind::kCrash, .phase = Phase::kUnseen, .duration = seconds(600)});
  Caching toy(note_a_step);
  toy.world.set_interceptor(&crash);
  toy.run(seconds(500));
  EXPECT_EQ(toy.cache.peek(kKey, kStock), 1);
  EXPECT_TRUE(toy.seen.empty());
}

TEST(Cache, GivesNoTimeToAKeyThatHasExpiredMeanwhile) {
  StrikeOne late(OperationKind::kCommand, "expire",
                 {.kind = Effect::Kind::kDelay, .duration = seconds(2)});
  Caching toy(set_if_absent);  // it lives for three seconds
  toy.world.set_interceptor(&late);
  toy.world.schedule_fault(kStart + seconds(2), 1, [&] { toy.start(expire, Subject('t', 1)); });
  EXPECT_TRUE(toy.run());
  EXPECT_TRUE(toy.replies.at(0).found);
  EXPECT_FALSE(toy.replies.at(1).found);
  EXPECT_EQ(toy.cache.size(), 0u);
}

Task<> two_fields(Toy* toy, Context context) {
  auto stock = toy->cache.hash_set(context, kKey, kStock, 1);
  co_await stock;
  auto coupon = toy->cache.hash_set(context, kKey, kCoupon, 2);
  co_await coupon;
  auto all = toy->cache.hash_get_all(context, kKey);
  CacheReply reply = co_await all;
  note(toy, std::move(reply));
  auto one = toy->cache.hash_get(context, kKey, kCoupon);
  CacheReply coupon_reply = co_await one;
  note(toy, std::move(coupon_reply));
}

TEST(Cache, KeepsAHashFieldByField) {
  Caching toy(two_fields);
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.replies.size(), 2u);
  EXPECT_EQ(toy.replies[0].items.size(), 2u);
  EXPECT_EQ(toy.replies[1].value, 2);
}

constexpr CacheKey kMonday{"ranking", Subject('d', 1)};
constexpr CacheKey kTuesday{"ranking", Subject('d', 2)};
constexpr CacheKey kWeek{"ranking-of-the-week", {}};

constexpr CacheKey product(std::uint32_t number) { return {"product", Subject('p', number)}; }

Task<> rank(Toy* toy, Context context) {
  for (std::uint32_t i = 1; i <= 3; ++i) {
    auto monday = toy->cache.score_add(context, kMonday, product(i), i);
    co_await monday;
    auto tuesday = toy->cache.score_add(context, kTuesday, product(i), 10 * (i % 2));
    co_await tuesday;
  }
  const std::vector<CacheKey> days{kMonday, kTuesday};
  auto sum = toy->cache.score_union(context, kWeek, days);
  co_await sum;
  auto best = toy->cache.ranking(context, kWeek, 2);
  CacheReply reply = co_await best;
  note(toy, std::move(reply));
}

TEST(Cache, AddsUpSortedSetsAndRanksTheirMembers) {
  Caching toy(rank);
  EXPECT_TRUE(toy.run());
  const auto& items = toy.replies.at(0).items;
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].key, product(3));
  EXPECT_EQ(items[0].value, 13);
  EXPECT_EQ(items[1].key, product(1));
  EXPECT_EQ(items[1].value, 11);
}

Task<> count_a_string_as_a_hash(Toy* toy, Context context) {
  auto set = toy->cache.set(context, kKey, 7);
  co_await set;
  auto wrong = toy->cache.hash_set(context, kKey, kStock, 1);
  CacheReply reply = co_await wrong;
  note(toy, std::move(reply));
}

TEST(Cache, RefusesACommandForAnotherSortOfValueAndChangesNothing) {
  Caching toy(count_a_string_as_a_hash);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.seen.at(0).outcome, Outcome::kAborted);
  EXPECT_EQ(toy.cache.peek(kKey), 7);
}

TEST(Cache, MayHaveDoneWhatWasNotAnswered) {
  StrikeOne lost(OperationKind::kCommand, "incrby", {.kind = Effect::Kind::kReplyLost});
  Caching toy(add);
  toy.world.set_interceptor(&lost);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(toy.cache.peek(kKey), 1);
}

TEST(Cache, MayDoItLate) {
  StrikeOne late(OperationKind::kCommand, "incrby",
                 {.kind = Effect::Kind::kLate, .duration = seconds(4)});
  Caching toy(add);
  toy.world.set_interceptor(&late);
  toy.run(seconds(6));
  EXPECT_EQ(toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(toy.cache.peek(kKey), std::nullopt);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.cache.peek(kKey), 1);
}

TEST(Cache, CountsTwiceWhatAClientLibraryRepeats) {
  StrikeOne twice(OperationKind::kCommand, "incrby",
                  {.kind = Effect::Kind::kDuplicate, .duration = milliseconds(1)});
  Caching toy(add);
  toy.world.set_interceptor(&twice);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.cache.peek(kKey), 2);
}

TEST(Cache, IsOutOfReachForOneClientAlone) {
  Caching toy;
  toy.run();
  toy.world.cut(toy.client, toy.memory, 0);
  toy.start(add, Subject('t', 1));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.seen.at(0).outcome, Outcome::kUnknown);
  EXPECT_EQ(toy.cache.size(), 0u);
  EXPECT_TRUE(toy.world.connected(*toy.worker_nodes[0], toy.memory));
}

TEST(Cache, KeepsItsKeysThroughACrashUnlessNothingIsWrittenToDisk) {
  for (const bool survives : {true, false}) {
    Caching toy(set, {.cache = {.survives_restart = survives}});
    toy.run();
    toy.memory.crash(seconds(1), 0);
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.cache.size(), survives ? 1u : 0u);
  }
}

}  // namespace
}  // namespace sagasim::sim
