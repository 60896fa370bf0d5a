#include "sim/lease_lock.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/sim/strike_one.h"
#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Toy;

constexpr CacheKey kLock{"stock-lock", Subject('p', 1)};

// A toy whose client has locks, made anew by whoever starts: they die with the process.
struct Locking : Toy {
  explicit Locking(const LeaseLockOptions& with = {}, toy::Script script = toy::no_script)
      : Toy(script), options(with), locks(cache, client, with) {}

  struct Entry {
    Subject who;
    Instant at;
    Lease lease;
  };
  struct Exit {
    Subject who;
    Released released;
  };
  const LeaseLockOptions options;
  LeaseLock locks;
  Duration work = seconds(1);
  bool releases = true;
  std::vector<Entry> entered;
  std::vector<Lease> refused;
  std::vector<Exit> left;
};

Task<> work_under_lock(Toy* toy, Context context) {
  auto* locking = static_cast<Locking*>(toy);
  auto acquire = locking->locks.acquire(context, kLock);
  const Lease lease = co_await std::move(acquire);
  if (!lease.held()) {
    locking->refused.push_back(lease);
    co_return;
  }
  const Subject who = context.invocation().subject;
  locking->entered.push_back({who, locking->world.now(), lease});
  auto work = context.sleep(locking->work, "work");
  co_await work;
  if (!locking->releases) {
    co_return;
  }
  auto release = locking->locks.release(context, lease);
  const Released released = co_await std::move(release);
  locking->left.push_back({who, released});
}

void start_two(Locking& toy) {
  toy.run(Duration{});
  toy.start(work_under_lock, Subject('t', 1));
  toy.start(work_under_lock, Subject('t', 2));
}

TEST(LeaseLock, LetsOneInAtATimeAndTheNextWhenItIsReleased) {
  Locking toy;
  start_two(toy);
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.entered.size(), 2u);
  EXPECT_GE(toy.entered[1].at, toy.entered[0].at + seconds(1));
  EXPECT_LE(toy.entered[1].at, toy.entered[0].at + milliseconds(1'200));
  EXPECT_EQ(toy.left.at(0).released, Released::kDone);
  EXPECT_EQ(toy.left.at(1).released, Released::kDone);
  EXPECT_EQ(toy.cache.peek(kLock, {"owner", {}}), std::nullopt);
}

TEST(LeaseLock, LetsAnotherInWhenTheLeaseIsOverAlthoughTheHolderWorksOn) {
  Locking toy;
  toy.work = seconds(4);
  start_two(toy);
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.entered.size(), 2u);
  EXPECT_GE(toy.entered[1].at, toy.entered[0].at + milliseconds(2'990));
  EXPECT_LT(toy.entered[1].at, toy.entered[0].at + seconds(4));
}

TEST(LeaseLock, TellsAHolderWhoseLeaseIsOverThatItWasNotHis) {
  Locking toy;
  toy.work = seconds(4);
  start_two(toy);
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.left.size(), 2u);
  EXPECT_EQ(toy.left[0].who, toy.entered[0].who);
  EXPECT_EQ(toy.left[0].released, Released::kNotHeld);
}

TEST(LeaseLock, GoesOnAfterAPauseAsIfTheLeaseWereStillHis) {
  Locking toy;
  toy.run(Duration{});
  toy.start(work_under_lock, Subject('t', 1));
  toy.run(milliseconds(500));
  toy.client.pause(seconds(20), 0);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.left.at(0).released, Released::kNotHeld);
}

TEST(LeaseLock, GivesUpWaitingAfterAWhile) {
  Locking toy({.wait = seconds(1), .lease = seconds(10)});
  toy.work = seconds(5);
  start_two(toy);
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.refused.size(), 1u);
  EXPECT_EQ(toy.refused[0].locked, Locked::kBusy);
}

TEST(LeaseLock, LeavesALockToNobodyWhenTheAnswerIsLost) {
  StrikeOne lost(OperationKind::kCommand, "lock", {.kind = Effect::Kind::kReplyLost});
  Locking toy({.wait = seconds(1), .lease = seconds(30)});
  toy.world.set_interceptor(&lost);
  toy.run(Duration{});
  toy.start(work_under_lock, Subject('t', 1));
  toy.run(seconds(5));
  EXPECT_EQ(toy.refused.at(0).locked, Locked::kUnknown);
  toy.start(work_under_lock, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.refused.at(1).locked, Locked::kBusy);
}

TEST(LeaseLock, ProlongsTheLeaseAsLongAsTheWatchdogLives) {
  Locking toy({.wait = seconds(20), .lease = seconds(3), .watchdog = true});
  toy.work = seconds(10);
  start_two(toy);
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.entered.size(), 2u);
  EXPECT_GE(toy.entered[1].at, toy.entered[0].at + seconds(10));
  EXPECT_EQ(toy.left.at(0).released, Released::kDone);
}

TEST(LeaseLock, StopsTheWatchdogWithTheRelease) {
  Locking toy({.lease = seconds(30), .watchdog = true});
  toy.run(Duration{});
  toy.start(work_under_lock, Subject('t', 1));
  EXPECT_TRUE(toy.run());
  EXPECT_LT(toy.world.now(), kStart + seconds(2));
}

TEST(LeaseLock, NeverStopsRenewingALockThatNobodyReleases) {
  Locking toy({.lease = seconds(30), .watchdog = true});
  toy.releases = false;
  toy.run(Duration{});
  toy.start(work_under_lock, Subject('t', 1));
  EXPECT_FALSE(toy.run(seconds(600)));
  EXPECT_TRUE(toy.cache.peek(kLock, {"owner", {}}).has_value());
}

TEST(LeaseLock, LosesTheLeaseWhenARenewalFailsAndTheWatchdogGivesUp) {
  for (const bool gives_up : {true, false}) {
    StrikeOne lost(OperationKind::kCommand, "renew", {.kind = Effect::Kind::kFail});
    Locking toy({.wait = seconds(20),
                 .lease = seconds(3),
                 .watchdog = true,
                 .watchdog_gives_up = gives_up});
    toy.work = seconds(10);
    toy.world.set_interceptor(&lost);
    start_two(toy);
    EXPECT_TRUE(toy.run());
    ASSERT_EQ(toy.entered.size(), 2u);
    EXPECT_EQ(toy.entered[1].at < toy.entered[0].at + seconds(5), gives_up);
  }
}

TEST(LeaseLock, DiesWithItsProcessAndIsFreeWhenTheLeaseIsOver) {
  Locking toy({.wait = seconds(20), .lease = seconds(3), .watchdog = true});
  toy.work = seconds(10);
  toy.run(Duration{});
  toy.start(work_under_lock, Subject('t', 1));
  toy.run(milliseconds(1'500));
  toy.client.crash(milliseconds(100), 0);
  toy.run(milliseconds(1'700));
  EXPECT_TRUE(toy.cache.peek(kLock, {"owner", {}}).has_value());
  toy.world.schedule_fault(kStart + seconds(5), 0, [] {});
  toy.run(seconds(5));
  EXPECT_FALSE(toy.cache.peek(kLock, {"owner", {}}).has_value());
}

// Two pieces of work on one thread of a pool; the first never gives its lock back.
Task<> on_thread_seven(Toy* toy, Context context) {
  auto* locking = static_cast<Locking*>(toy);
  auto acquire = locking->locks.acquire_as(context, kLock, 7);
  const Lease lease = co_await std::move(acquire);
  locking->entered.push_back({context.invocation().subject, locking->world.now(), lease});
}

TEST(LeaseLock, TakesWorkOnTheSameThreadForTheHolder) {
  Locking toy({.lease = seconds(30)});
  toy.run(Duration{});
  toy.start(on_thread_seven, Subject('t', 1));
  toy.start(on_thread_seven, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.entered.size(), 2u);
  EXPECT_TRUE(toy.entered[0].lease.held());
  EXPECT_TRUE(toy.entered[1].lease.held());
  EXPECT_EQ(toy.entered[0].lease.token, toy.entered[1].lease.token);
}

TEST(LeaseLock, GivesEveryNewHolderAGreaterToken) {
  Locking toy;
  toy.work = seconds(4);
  start_two(toy);
  EXPECT_TRUE(toy.run());
  EXPECT_LT(toy.entered.at(0).lease.token, toy.entered.at(1).lease.token);
}

// --- a store that looks at the token ---

struct Guarded : Locking {
  bool checks = false;
  std::vector<std::uint32_t> rows;  // written, by each
};

bool is_older(const toy::Account& row, std::int64_t token) { return row.amount < token; }
void stamp(toy::Account& row, std::int64_t token) { row.amount = token; }

// The first works for longer than its lease runs, the second for a moment; each then writes down
// its token, if it may.
Task<> write_with_token(Toy* toy, Context context) {
  auto* guarded = static_cast<Guarded*>(toy);
  auto acquire = guarded->locks.acquire(context, kLock);
  const Lease lease = co_await std::move(acquire);
  const bool first = context.invocation().subject.major() == 1;
  auto work = context.sleep(first ? seconds(5) : milliseconds(100), "work");
  co_await work;
  Transaction transaction(toy->database, context);
  Choice<toy::Account> row = Choice<toy::Account>::one(key_of(Subject('a', 1)));
  if (guarded->checks) {
    row.matches = &is_older;
    row.argument = lease.token;
  }
  auto update = transaction.update_now(toy->accounts, row, stamp, lease.token);
  const std::uint32_t written = co_await update;
  guarded->rows.push_back(written);
  auto commit = transaction.commit();
  co_await commit;
}

TEST(LeaseLock, LetsAStoreThatComparesTokensRefuseAHolderWhoseLeaseIsOver) {
  for (const bool checks : {false, true}) {
    Guarded toy;
    toy.checks = checks;
    toy.accounts.seed(toy::Account{Subject('a', 1), 0});
    toy.run(Duration{});
    toy.start(write_with_token, Subject('t', 1));
    toy.run(milliseconds(500));
    toy.start(write_with_token, Subject('t', 2));
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.rows, (std::vector<std::uint32_t>{1, checks ? 0u : 1u}));
    EXPECT_EQ(toy.amount(Subject('a', 1)), checks ? 2 : 1) << "the token of who wrote last";
  }
}

// --- what a failover of the cache does to a lock ---

TEST(LeaseLock, HasTwoHoldersAfterAFailoverThatLostIt) {
  Locking toy;
  toy.memory.intervene({Intervention::Kind::kKeepHistory, "", {}, 1});
  toy.run(Duration{});
  toy.start(work_under_lock, Subject('t', 1));
  toy.run(milliseconds(500));
  toy.memory.intervene({Intervention::Kind::kRestore, "", seconds(1), 1});
  toy.start(work_under_lock, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.entered.size(), 2u);
  EXPECT_LT(toy.entered[1].at, toy.entered[0].at + seconds(1));
  EXPECT_EQ(toy.left.at(0).released, Released::kNotHeld);
}

TEST(LeaseLock, BelongsToNobodyAfterAFailoverThatBroughtItBack) {
  Locking toy;
  toy.memory.intervene({Intervention::Kind::kKeepHistory, "", {}, 1});
  toy.run(Duration{});
  toy.start(work_under_lock, Subject('t', 1));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.left.at(0).released, Released::kDone);
  toy.memory.intervene({Intervention::Kind::kRestore, "", milliseconds(100), 1});
  toy.start(work_under_lock, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  // It is free when the lease is over that nobody has any more.
  ASSERT_EQ(toy.entered.size(), 2u);
  EXPECT_GE(toy.entered[1].at, toy.entered[0].at + milliseconds(2'990));
}

// --- the lock and the transaction that it is for ---

struct Stocktaking : Locking {
  bool releases_first = false;
};

// Takes one from the stock, under the lock; commits before it releases, or after.
Task<> take_one(Toy* toy, Context context) {
  auto* stock = static_cast<Stocktaking*>(toy);
  auto acquire = stock->locks.acquire(context, kLock);
  const Lease lease = co_await std::move(acquire);
  Transaction transaction(toy->database, context);
  auto read = transaction.read(toy->accounts, key_of(Subject('a', 1)));
  const auto row = co_await read;
  const toy::Account less{Subject('a', 1), row->amount - 1};
  transaction.update(toy->accounts, less);
  if (stock->releases_first) {
    auto release = stock->locks.release(context, lease);
    co_await std::move(release);
    auto pause = context.sleep(milliseconds(300), "slow commit");
    co_await pause;
  }
  auto commit = transaction.commit();
  co_await commit;
  if (!stock->releases_first) {
    auto release = stock->locks.release(context, lease);
    co_await std::move(release);
  }
}

TEST(LeaseLock, LetsTheNextHolderReadOldRowsIfItIsReleasedBeforeTheCommit) {
  for (const bool releases_first : {false, true}) {
    Stocktaking toy;
    toy.releases_first = releases_first;
    toy.accounts.seed(toy::Account{Subject('a', 1), 10});
    toy.run(Duration{});
    toy.start(take_one, Subject('t', 1));
    toy.start(take_one, Subject('t', 2));
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.amount(Subject('a', 1)), releases_first ? 9 : 8);
  }
}

}  // namespace
}  // namespace sagasim::sim
