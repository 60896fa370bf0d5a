// Every kind of fault that takes away a guarantee, shown on a toy.
#include <algorithm>
#include <utility>

#include "tests/faults/struck.h"

namespace sagasim::faults {
namespace {

using sim::toy::Account;

std::uint64_t log_size(const Toy& toy) { return toy.broker.topics()[0].partitions[0].size(); }

// --- the broker ---

TEST(Acks1, LosesAnAcknowledgedRecordAndUsesItsOffsetAgain) {
  Struck run(publish, moment(Kind::kAcks1, "", milliseconds(20), milliseconds(100)));
  run.toy.run(milliseconds(19));
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kOk);
  EXPECT_EQ(log_size(run.toy), 1u);
  run.toy.run(milliseconds(20));
  EXPECT_EQ(log_size(run.toy), 0u);
  EXPECT_FALSE(run.toy.bus.up());
  run.at(seconds(2), publish);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(log_size(run.toy), 1u);
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

// Takes three seconds over a record.
Task<sim::Handled> slowly(Toy* toy, Context context, sim::Delivery delivery) {
  auto work = context.sleep(seconds(3), "work");
  co_await work;
  sim::Transaction transaction(toy->database, context);
  transaction.insert(toy->accounts, Account{delivery.record->subject, 5});
  auto commit = transaction.commit();
  co_await commit;
  co_return sim::Handled::kDone;
}

TEST(Acks1, LetsAMemberFinishWithTheRecordThatItHas) {
  Struck run(publish, moment(Kind::kAcks1, "", seconds(1), seconds(1)));
  run.toy.on_record = slowly;
  run.toy.run(seconds(2));
  EXPECT_EQ(log_size(run.toy), 0u);
  EXPECT_EQ(run.toy.amount(kAbout), 0);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.amount(kAbout), 5);
  EXPECT_EQ(run.toy.consumed.size(), 1u);
}

TEST(Acks1, DoesNotTakeTheNextRecordAtAnOffsetForTheOneThatIsLost) {
  Struck run(publish, moment(Kind::kAcks1, "", seconds(1), seconds(1)));
  run.toy.on_record = slowly;
  run.toy.run(seconds(4));
  EXPECT_EQ(run.toy.broker.lag(), 0u) << "nothing in the log, nothing to do";
  run.at(seconds(5), publish);
  run.toy.run(seconds(6));
  EXPECT_EQ(run.toy.broker.lag(), 1u);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.broker.lag(), 0u);
  EXPECT_EQ(run.toy.consumed.size(), 2u);
}

TEST(UncleanElection, LosesWhatWasAppendedInThatTimeAndNoMore) {
  Struck run(publish, moment(Kind::kUncleanElection, "", seconds(12), seconds(5)));
  run.at(seconds(10), publish);
  run.at(seconds(11), publish);
  run.toy.run(milliseconds(11'999));
  EXPECT_EQ(log_size(run.toy), 3u);
  run.toy.run(seconds(12));
  EXPECT_EQ(log_size(run.toy), 1u);
  run.at(seconds(20), publish);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.consumed.size(), 4u);
  EXPECT_EQ(run.toy.consumed.back().offset, 1u);
}

TEST(ShortRetention, SkipsARecordThatNobodyHasRead) {
  Struck run(publish, moment(Kind::kShortRetention, "", seconds(5), seconds(1)));
  run.toy.run({});
  run.toy.worker_nodes[0]->crash(seconds(6), 0);
  run.at(seconds(7), publish);
  EXPECT_TRUE(run.toy.run());
  ASSERT_EQ(run.toy.consumed.size(), 1u);
  EXPECT_EQ(run.toy.consumed[0].offset, 1u);
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

TEST(ShortRetention, DisturbsNobodyWhoseRecordsCanStillBeRead) {
  Struck run(publish, moment(Kind::kShortRetention, "", seconds(1), seconds(10)));
  run.toy.on_record = slowly;
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.consumed.size(), 1u);
  EXPECT_EQ(run.toy.broker.lag(), 0u);
}

// --- databases ---

// What commits did to accounts, as an observer was told: from one amount to another, 0 for none.
class Ledger final : public sim::Observer {
 public:
  explicit Ledger(sim::World& world) { world.add_observer(*this); }
  void on_commit(const sim::Commit& commit) override {
    for (const sim::RowChange& change : commit.changes) {
      changes.emplace_back(amount(change.before), amount(change.after));
    }
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> changes;

 private:
  static std::int64_t amount(const void* row) {
    return row == nullptr ? 0 : static_cast<const Account*>(row)->amount;
  }
};

TEST(DatabaseFailover, UndoesACommitAndTellsObservers) {
  Struck run(deposit, moment(Kind::kDatabaseFailover, "store", seconds(1), seconds(1)));
  const Ledger ledger(run.toy.world);
  run.toy.run(milliseconds(999));
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kOk);
  EXPECT_EQ(run.toy.amount(kAbout), 5);
  run.toy.run(seconds(1));
  EXPECT_EQ(run.toy.amount(kAbout), 0);
  EXPECT_FALSE(run.toy.store.up());
  EXPECT_TRUE(run.toy.run());
  EXPECT_TRUE(run.toy.store.up());
  EXPECT_EQ(ledger.changes, (std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 5}, {5, 0}}));
}

// Adds 1 to the account, which exists.
Task<> add_one(Toy* toy, Context context) {
  sim::Transaction transaction(toy->database, context);
  auto lock = transaction.lock(toy->accounts, key_of(kAbout));
  const auto account = co_await lock;
  transaction.update(toy->accounts, Account{kAbout, account->amount + 1});
  auto commit = transaction.commit();
  co_await commit;
}

TEST(DatabaseRestored, BringsBackTheRowsOfThatTime) {
  Struck run(nap, moment(Kind::kDatabaseRestored, "store", seconds(12), seconds(5)));
  run.toy.accounts.seed(Account{kAbout, 10});
  run.at(seconds(2), add_one);
  run.at(seconds(9), add_one);
  run.at(seconds(10), add_one);
  const Ledger ledger(run.toy.world);
  run.toy.run(seconds(11));
  EXPECT_EQ(run.toy.amount(kAbout), 13);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.amount(kAbout), 11);
  EXPECT_EQ(run.toy.store.incarnation(), 2u);
  EXPECT_EQ(ledger.changes.back(), (std::pair<std::int64_t, std::int64_t>{13, 11}));
}

Task<> open_and_close(Toy* toy, Context context) {
  auto opened = deposit(toy, context);
  co_await std::move(opened);
  sim::Transaction transaction(toy->database, context);
  transaction.erase(toy->accounts, Account{kAbout, 5});
  auto commit = transaction.commit();
  co_await commit;
}

TEST(DatabaseRestored, SaysNothingOfWhatCameAndWentInThatTime) {
  Struck run(open_and_close, moment(Kind::kDatabaseRestored, "store", seconds(1), seconds(1)));
  const Ledger ledger(run.toy.world);
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(ledger.changes, (std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 5}, {5, 0}}));
  EXPECT_EQ(run.toy.accounts.rows(), 0u);
}

// Says kOk for each kind of read that finds the account: a plain one, a locking one, a search.
Task<> look(Toy* toy, Context context) {
  sim::Transaction transaction(toy->database, context);
  auto read = transaction.read(toy->accounts, key_of(kAbout));
  const auto plain = co_await read;
  toy->saw(plain ? Outcome::kOk : Outcome::kRefused);
  auto lock = transaction.lock(toy->accounts, key_of(kAbout));
  const auto locked = co_await lock;
  toy->saw(locked ? Outcome::kOk : Outcome::kRefused);
  auto search = transaction.find_all(toy->accounts, kAbout.bits());
  const auto found = co_await search;
  toy->saw(found.empty() ? Outcome::kRefused : Outcome::kOk);
}

std::vector<bool> looks(const Toy& toy) {
  std::vector<bool> result;
  for (const Toy::Seen& seen : toy.seen) {
    result.push_back(seen.outcome == Outcome::kOk);
  }
  return result;
}

TEST(ReplicaLag, ShowsThePastToPlainReadsAndThePresentToLocks) {
  Struck run(deposit, window(Kind::kReplicaLag, "store", {}, seconds(9), seconds(5)));
  run.toy.run(seconds(1));
  run.toy.seen.clear();
  run.at(seconds(3), look);
  run.toy.run(seconds(4));
  EXPECT_EQ(looks(run.toy), (std::vector<bool>{false, true, false}));
  run.at(seconds(7), look, Subject('c', 2));
  run.toy.run();
  EXPECT_EQ(looks(run.toy), (std::vector<bool>{false, true, false, true, true, true}));
}

TEST(ReplicaLag, ShowsRowsThatAreGone) {
  Struck run(nap, window(Kind::kReplicaLag, "store", {}, seconds(20), seconds(5)));
  run.toy.accounts.seed(Account{kAbout, 5});
  run.at(seconds(2), open_and_close);
  run.toy.run(seconds(3));
  run.toy.seen.clear();
  run.at(seconds(4), look);
  run.toy.run();
  EXPECT_EQ(looks(run.toy), (std::vector<bool>{true, false, true}));
}

TEST(ReplicaLag, IsOverWhenItEnds) {
  Struck run(nap, window(Kind::kReplicaLag, "store", {}, seconds(3), seconds(60)));
  run.at(seconds(2), deposit);
  run.toy.run();
  run.toy.seen.clear();
  run.at(seconds(4), look);
  run.toy.run();
  EXPECT_EQ(looks(run.toy), (std::vector<bool>{true, true, true}));
}

// Has the account locked for a second.
Task<> keep_locked(Toy* toy, Context context) {
  sim::Transaction transaction(toy->database, context);
  auto lock = transaction.lock(toy->accounts, key_of(kAbout));
  co_await lock;
  auto thought = context.sleep(seconds(1), "thought");
  co_await thought;
  auto commit = transaction.commit();
  co_await commit;
}

constexpr Subject kOther('c', 2);

// Sees whether it could lock the account, and inserts another in any case.
Task<> lock_and_insert(Toy* toy, Context context) {
  sim::Transaction transaction(toy->database, context);
  auto lock = transaction.lock(toy->accounts, key_of(kAbout));
  const auto account = co_await lock;
  toy->saw(account ? Outcome::kOk : Outcome::kRefused);
  transaction.insert(toy->accounts, Account{kOther, 1});
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  toy->saw(outcome);
}

TEST(LockTimeoutStatement, FailsTheStatementAloneAndItsTransactionGoesOn) {
  Struck run(keep_locked, window(Kind::kLockTimeoutStatement, "store", {}, seconds(9)));
  run.toy.accounts.seed(Account{kAbout, 5});
  run.at(milliseconds(500), lock_and_insert);
  run.toy.run(milliseconds(600));
  ASSERT_EQ(run.toy.seen.size(), 2u);
  EXPECT_EQ(run.toy.seen[0].outcome, Outcome::kRefused) << "the row is there, but was not found";
  EXPECT_EQ(run.toy.seen[1].outcome, Outcome::kOk);
  EXPECT_EQ(run.toy.amount(kOther), 1);
}

TEST(LockTimeoutStatement, LeavesTheWaitToThoseWhoComeLater) {
  Struck run(keep_locked, window(Kind::kLockTimeoutStatement, "store", {}, milliseconds(400)));
  run.toy.accounts.seed(Account{kAbout, 5});
  run.at(milliseconds(500), lock_and_insert);
  run.toy.run(milliseconds(600));
  EXPECT_TRUE(run.toy.seen.empty());
  EXPECT_TRUE(run.toy.run());
  EXPECT_EQ(run.toy.seen.at(0).outcome, Outcome::kOk);
  EXPECT_GE(run.toy.seen[0].at, sim::kStart + seconds(1));
}

// --- what is outside ---

TEST(KeyExpiry, LetsTheSameKeyBeChargedTwice) {
  Struck run(pay, moment(Kind::kKeyExpiry, "bank", seconds(2)));
  run.at(seconds(1), pay);
  run.toy.run(milliseconds(1'999));
  EXPECT_EQ(run.toy.charged, 1);
  run.at(seconds(3), pay);
  run.toy.run();
  EXPECT_EQ(run.toy.charged, 2);
}

}  // namespace
}  // namespace sagasim::faults
