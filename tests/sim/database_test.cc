#include "sim/database.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Account;
using toy::Toy;

constexpr Subject kFirst('a', 1);
constexpr Subject kSecond('a', 2);

Task<> nap(Context context, Duration duration) {
  auto timer = context.sleep(duration, "nap");
  co_await timer;
}

// Writes its own number behind what is there, holding the lock for a second.
Task<> write_down(Toy* toy, Context context) {
  auto start = nap(context, milliseconds(10 * context.invocation().subject.major()));
  co_await std::move(start);
  Transaction transaction(toy->database, context);
  auto lock = transaction.lock(toy->accounts, key_of(kFirst));
  const auto account = co_await lock;
  auto thought = nap(context, seconds(1));
  co_await std::move(thought);
  const std::int64_t me = context.invocation().subject.major();
  transaction.update(toy->accounts, Account{kFirst, account->amount * 10 + me});
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  toy->saw(outcome);
}

TEST(Database, LocksARowForOneAtATimeFirstComeFirstServed) {
  Toy toy;
  toy.accounts.seed(Account{kFirst, 0});
  toy.run();
  for (std::uint32_t i = 1; i <= 5; ++i) {
    toy.start(write_down, Subject('t', i));
  }
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.amount(kFirst), 12'345);
  ASSERT_EQ(toy.seen.size(), 5u);
  for (std::uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(toy.seen[i].outcome, Outcome::kOk);
    EXPECT_GE(toy.seen[i].at, kStart + seconds(i + 1));
  }
  EXPECT_TRUE(toy.database.at_rest());
}

// Locks one account, then the other; odd subjects the other way round.
Task<> transfer(Toy* toy, Context context) {
  const bool forth = context.invocation().subject.major() % 2 == 0;
  const Subject from = forth ? kFirst : kSecond;
  const Subject to = forth ? kSecond : kFirst;
  Transaction transaction(toy->database, context);
  auto lock_from = transaction.lock(toy->accounts, key_of(from));
  const auto debited = co_await lock_from;
  auto pause = nap(context, seconds(1));
  co_await std::move(pause);
  auto lock_to = transaction.lock(toy->accounts, key_of(to));
  const auto credited = co_await lock_to;
  if (debited && credited) {
    transaction.update(toy->accounts, Account{from, debited->amount - 1});
    transaction.update(toy->accounts, Account{to, credited->amount + 1});
  }
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  toy->saw(outcome);
}

TEST(Database, BreaksADeadlockByAbortingOneOfTheTwo) {
  Toy toy;
  toy.accounts.seed(Account{kFirst, 10});
  toy.accounts.seed(Account{kSecond, 10});
  toy.run();
  toy.start(transfer, Subject('t', 1));
  toy.start(transfer, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.seen.size(), 2u);
  EXPECT_NE(toy.seen[0].outcome, toy.seen[1].outcome);
  EXPECT_EQ(toy.amount(kFirst) + toy.amount(kSecond), 20);
  EXPECT_NE(toy.amount(kFirst), 10);
  EXPECT_TRUE(toy.database.at_rest());
}

// Three who close a circle: the first holds one lock more than the others, the third comes last.
Task<> join_the_circle(Toy* toy, Context context) {
  const std::uint32_t me = context.invocation().subject.major();
  Transaction transaction(toy->database, context);
  if (me == 1) {
    auto more = transaction.lock(toy->accounts, key_of(Subject('a', 4)));
    co_await more;
  }
  auto mine = transaction.lock(toy->accounts, key_of(Subject('a', me)));
  co_await mine;
  auto pause = nap(context, seconds(me));
  co_await std::move(pause);
  auto next = transaction.lock(toy->accounts, key_of(Subject('a', me % 3 + 1)));
  co_await next;
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  if (outcome == Outcome::kAborted) {
    toy->worked.push_back(context.invocation().subject);
  }
}

// Who was rolled back.
std::uint32_t victim(DeadlockVictim rule, std::uint64_t seed) {
  Toy toy(toy::no_script, {.seed = seed, .database = {.victim = rule}});
  for (std::uint32_t i = 1; i <= 4; ++i) {
    toy.accounts.seed(Account{Subject('a', i), 1});
  }
  toy.run(Duration{});
  for (std::uint32_t i = 1; i <= 3; ++i) {
    toy.start(join_the_circle, Subject('t', i));
  }
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.worked.size(), 1u) << "one is enough";
  EXPECT_TRUE(toy.database.at_rest());
  return toy.worked.at(0).major();
}

TEST(Database, ChoosesTheVictimOfADeadlockByItsRule) {
  std::set<std::uint32_t> last;
  std::set<std::uint32_t> smallest;
  std::set<std::uint32_t> any;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    last.insert(victim(DeadlockVictim::kLast, seed));
    smallest.insert(victim(DeadlockVictim::kSmallest, seed));
    any.insert(victim(DeadlockVictim::kAny, seed));
  }
  EXPECT_EQ(last, std::set<std::uint32_t>{3});
  EXPECT_FALSE(smallest.contains(1)) << "it holds two locks";
  EXPECT_EQ(any, (std::set<std::uint32_t>{1, 2, 3}));
}

// Two who close a circle. The second comes last, and holds two locks more.
Task<> join_the_other(Toy* toy, Context context) {
  const std::uint32_t me = context.invocation().subject.major();
  Transaction transaction(toy->database, context);
  for (std::uint32_t more = 0; me == 2 && more < 2; ++more) {
    auto lock = transaction.lock(toy->accounts, key_of(Subject('a', 3 + more)));
    co_await lock;
  }
  auto mine = transaction.lock(toy->accounts, key_of(Subject('a', me)));
  co_await mine;
  auto pause = nap(context, seconds(me));
  co_await std::move(pause);
  auto other = transaction.lock(toy->accounts, key_of(Subject('a', 3 - me)));
  co_await other;
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  if (outcome == Outcome::kAborted) {
    toy->worked.push_back(context.invocation().subject);
  }
}

TEST(Database, RollsBackTheSmallerOfTwoAsInnoDb) {
  for (const auto rule : {DeadlockVictim::kLast, DeadlockVictim::kSmallest}) {
    Toy toy(toy::no_script, {.database = {.victim = rule}});
    for (std::uint32_t i = 1; i <= 4; ++i) {
      toy.accounts.seed(Account{Subject('a', i), 1});
    }
    toy.run(Duration{});
    toy.start(join_the_other, Subject('t', 1));
    toy.start(join_the_other, Subject('t', 2));
    EXPECT_TRUE(toy.run());
    ASSERT_EQ(toy.worked.size(), 1u);
    EXPECT_EQ(toy.worked[0].major(), rule == DeadlockVictim::kLast ? 2u : 1u);
  }
}

Task<> open_account(Toy* toy, Context context) {
  Transaction transaction(toy->database, context);
  transaction.insert(toy->accounts, Account{kFirst, 1});
  transaction.insert(toy->accounts, Account{context.invocation().subject, 1});
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  toy->saw(outcome);
}

TEST(Database, LetsOneOfTwoInsertsOfAKeyWinAndNothingOfTheOtherStand) {
  Toy toy;
  toy.run();
  toy.start(open_account, Subject('t', 1));
  toy.start(open_account, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.seen.size(), 2u);
  EXPECT_NE(toy.seen[0].outcome, toy.seen[1].outcome);
  EXPECT_EQ(toy.accounts.rows(), 2u);
  const bool first_won = toy.accounts.peek(key_of(Subject('t', 1))) != nullptr;
  const bool second_won = toy.accounts.peek(key_of(Subject('t', 2))) != nullptr;
  EXPECT_NE(first_won, second_won);
}

// --- a unique index over another column: a table whose key it is, written in the same transaction
// ---

// Registers an account under a name; the names are one table more.
Task<> register_name(Toy* toy, Context context) {
  const std::uint32_t me = context.invocation().subject.major();
  Transaction transaction(toy->database, context);
  const auto name = toy::Job{Subject('n', 1), true};
  auto index = transaction.insert_now(toy->jobs, name);
  const std::uint32_t written = co_await index;
  auto pause = nap(context, seconds(me));
  co_await std::move(pause);
  if (written == 1) {
    transaction.insert(toy->accounts, Account{context.invocation().subject, 1});
  }
  if (me == 3) {
    co_return;  // and rolls back
  }
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  toy->saw(outcome);
}

TEST(Database, KeepsASecondKeyUniqueAndLetsItsSecondInsertWaitForTheFirst) {
  for (const std::uint32_t first : {1u, 3u}) {  // commits, or rolls back
    Toy toy;
    toy.run(Duration{});
    toy.start(register_name, Subject('t', first));
    toy.run(milliseconds(100));
    toy.start(register_name, Subject('t', 2));
    toy.run(milliseconds(900));
    EXPECT_TRUE(toy.seen.empty()) << "the second waits";
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.accounts.rows(), 1u);
    EXPECT_EQ(toy.amount(Subject('t', 2)), first == 3 ? 1 : 0);
    EXPECT_EQ(toy.seen.back().outcome, first == 3 ? Outcome::kOk : Outcome::kAborted);
    EXPECT_TRUE(toy.database.at_rest());
  }
}

Task<> read_first(Toy* toy, Context context) {
  Transaction transaction(toy->database, context);
  auto read = transaction.read(toy->accounts, key_of(kFirst));
  const auto account = co_await read;
  toy->saw(account && account->amount == 0 ? Outcome::kOk : Outcome::kRefused);
}

TEST(Database, ReadsCommittedRowsAndWaitsForNoLock) {
  Toy toy;
  toy.accounts.seed(Account{kFirst, 0});
  toy.run();
  toy.start(write_down, Subject('t', 1));
  toy.run(milliseconds(500));
  toy.start(read_first, Subject('t', 2));
  toy.run(milliseconds(600));
  ASSERT_EQ(toy.seen.size(), 1u);
  EXPECT_EQ(toy.seen[0].outcome, Outcome::kOk);
}

// Strikes the first commit.
class StrikeCommit final : public Interceptor {
 public:
  explicit StrikeCommit(const Effect& effect) : effect_(effect) {}
  Effect decide(const Operation& operation) override {
    const bool strikes = operation.kind == OperationKind::kCommit && !struck_;
    struck_ = struck_ || strikes;
    return strikes ? effect_ : Effect{};
  }

 private:
  const Effect effect_;
  bool struck_ = false;
};

TEST(Database, KeepsTheLocksOfAnUnknownCommitUntilItIsDecided) {
  StrikeCommit late(Effect{.kind = Effect::Kind::kLate, .duration = seconds(3)});
  Toy toy;
  toy.world.set_interceptor(&late);
  toy.accounts.seed(Account{kFirst, 0});
  toy.run();
  toy.start(write_down, Subject('t', 1));
  toy.run(seconds(7));
  toy.start(write_down, Subject('t', 2));
  toy.run(milliseconds(8'900));
  ASSERT_EQ(toy.seen.size(), 1u);
  EXPECT_EQ(toy.seen[0].outcome, Outcome::kUnknown);
  EXPECT_EQ(toy.amount(kFirst), 0);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.seen.at(1).outcome, Outcome::kOk);
  EXPECT_GE(toy.seen[1].at, kStart + seconds(10));
  EXPECT_EQ(toy.amount(kFirst), 12);
  EXPECT_TRUE(toy.database.at_rest());
}

TEST(Database, KeepsCommittedRowsAndNothingElseThroughACrash) {
  Toy toy;
  toy.accounts.seed(Account{kFirst, 0});
  toy.run();
  toy.start(write_down, Subject('t', 1));
  toy.start(write_down, Subject('t', 2));
  toy.run(milliseconds(1'500));
  EXPECT_EQ(toy.amount(kFirst), 1);
  toy.store.crash(seconds(1), 0);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.amount(kFirst), 1);
  EXPECT_EQ(toy.seen.at(1).outcome, Outcome::kAborted);
  EXPECT_TRUE(toy.database.at_rest());
}

TEST(Database, RollsBackWhatADeadClientLeftOpen) {
  Toy toy;
  toy.accounts.seed(Account{kFirst, 0});
  toy.run();
  toy.start(write_down, Subject('t', 1));
  toy.run(milliseconds(500));
  EXPECT_FALSE(toy.database.at_rest());
  toy.client.crash(seconds(1), 0);
  toy.run(milliseconds(600));
  EXPECT_TRUE(toy.database.at_rest());
  EXPECT_EQ(toy.amount(kFirst), 0);
}

TEST(Database, HoldsTheLocksOfAClientThatItCannotHearUntilTheOrphanTimeout) {
  Toy toy;
  toy.accounts.seed(Account{kFirst, 0});
  toy.run();
  toy.start(write_down, Subject('t', 1));
  toy.run(milliseconds(500));
  toy.world.cut(toy.client, toy.store, 0);
  toy.client.crash(seconds(1), 0);
  toy.run(seconds(10));
  EXPECT_FALSE(toy.database.at_rest());
  toy.run(seconds(11));
  EXPECT_TRUE(toy.database.at_rest());
}

TEST(Database, MayBeShutDownInTheMiddleOfEverything) {
  for (int end = 9'000; end < 1'020'000; end += end < 20'000 || end > 1'000'000 ? 100 : 70'000) {
    Toy toy;
    toy.accounts.seed(Account{kFirst, 0});
    toy.run();
    toy.start(write_down, Subject('t', 1));
    toy.start(write_down, Subject('t', 2));
    toy.world.cut(toy.client, toy.bank, 0);
    toy.run(microseconds(end));
    toy.world.shut_down();
  }
}

}  // namespace
}  // namespace sagasim::sim
