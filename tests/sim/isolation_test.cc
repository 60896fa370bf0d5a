// What transactions see of one another at each isolation level. The anomalies and how they are
// provoked are those of the Hermitage suite (Kleppmann, github.com/ept/hermitage); the table that
// is expected is the one published there for PostgreSQL and for InnoDB's REPEATABLE READ.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/transaction.h"
#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Toy;

struct Item {
  std::int64_t id = 0;
  std::int64_t value = 0;
  RowKey key() const { return RowKey{1, static_cast<std::uint64_t>(id)}; }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("id", self.id);
    visit("value", self.value);
  }
};
using Items = Choice<Item>;

bool equals(const Item& item, std::int64_t value) { return item.value == value; }
bool divisible(const Item& item, std::int64_t by) { return item.value % by == 0; }
void set(Item& item, std::int64_t value) { item.value = value; }
void add(Item& item, std::int64_t by) { item.value += by; }
Items one(std::int64_t id) { return Items::one(Item{id, 0}.key()); }
Items every() { return Items::every(1); }
Items where(bool (*matches)(const Item&, std::int64_t), std::int64_t argument) {
  return Items::where(1, matches, argument);
}

// One line of a script: which transaction does what.
struct Step {
  enum class Do : std::uint8_t { kRead, kUpdate, kErase, kInsert, kCommit, kAbort };
  std::uint32_t who;
  Do what;
  Items items{};
  void (*how)(Item&, std::int64_t) = nullptr;
  std::int64_t argument = 0;
  Item item{};
};
Step read(std::uint32_t who, const Items& items) { return {who, Step::Do::kRead, items}; }
Step update(std::uint32_t who, const Items& items, void (*how)(Item&, std::int64_t),
            std::int64_t argument) {
  return {who, Step::Do::kUpdate, items, how, argument};
}
Step erase(std::uint32_t who, const Items& items) { return {who, Step::Do::kErase, items}; }
Step insert(std::uint32_t who, std::int64_t id, std::int64_t value) {
  return {who, Step::Do::kInsert, {}, nullptr, 0, Item{id, value}};
}
Step commit(std::uint32_t who) { return {who, Step::Do::kCommit}; }
Step abort(std::uint32_t who) { return {who, Step::Do::kAbort}; }

using Rows = std::map<std::int64_t, std::int64_t>;

// Plays a script: one step in a second, each by its own session; who is blocked comes later.
class Stage : public Toy {
 public:
  struct Result {
    Rows rows;                // that were read
    std::uint32_t count = 0;  // that were written
    bool ok = false;          // of a commit: it was; of others: the transaction goes on
  };

  Stage(std::vector<Step> script, const DatabaseOptions& options);
  std::vector<Result> play();
  Rows rows() const {
    Rows result;
    items.for_each([&](const Entry& entry) {
      const Item& item = *static_cast<const Item*>(entry.row());
      result[item.id] = item.value;
    });
    return result;
  }

  const std::vector<Step> script;
  std::vector<Result> results;
  Table<Item>& items;
};

Task<> perform(Stage* stage, std::optional<Transaction>* transaction, Context context,
               std::size_t index) {
  const Step& step = stage->script[index];
  Stage::Result& result = stage->results[index];
  if (step.what == Step::Do::kAbort) {
    transaction->reset();
    co_return;
  }
  if (!transaction->has_value()) {
    transaction->emplace(stage->database, context);
  }
  Transaction& current = **transaction;
  if (step.what == Step::Do::kCommit) {
    auto commit = current.commit();
    const Outcome outcome = co_await commit;
    result.ok = outcome == Outcome::kOk;
    co_return;
  }
  if (step.what == Step::Do::kRead && step.items.all) {
    auto find = current.find_where(stage->items, step.items);
    const std::vector<Item> found = co_await find;
    for (const Item& item : found) {
      result.rows[item.id] = item.value;
    }
  } else if (step.what == Step::Do::kRead) {
    auto find = current.read(stage->items, step.items.key);
    const std::optional<Item> found = co_await find;
    if (found) {
      result.rows[found->id] = found->value;
    }
  } else if (step.what == Step::Do::kUpdate) {
    auto update = current.update_now(stage->items, step.items, step.how, step.argument);
    result.count = co_await update;
  } else if (step.what == Step::Do::kErase) {
    auto erase = current.erase_now(stage->items, step.items);
    result.count = co_await erase;
  } else {
    auto insert = current.insert_now(stage->items, step.item);
    result.count = co_await insert;
  }
  result.ok = !current.failed();
}

Task<> act(Toy* toy, Context context) {
  auto* stage = static_cast<Stage*>(toy);
  const std::uint32_t me = context.invocation().subject.major();
  std::optional<Transaction> transaction;
  for (std::size_t i = 0; i < stage->script.size(); ++i) {
    if (stage->script[i].who != me) {
      continue;
    }
    const Instant turn = kStart + seconds(static_cast<std::int64_t>(i) + 1);
    if (stage->world.now() < turn) {
      auto wait = context.sleep(turn - stage->world.now(), "turn");
      co_await wait;
    }
    auto step = perform(stage, &transaction, context, i);
    co_await std::move(step);
  }
}

toy::ToyOptions patient(const DatabaseOptions& options) {
  toy::ToyOptions result;
  result.database = options;
  result.database.route.timeout = seconds(60);
  return result;
}

Stage::Stage(std::vector<Step> with, const DatabaseOptions& options)
    : Toy(toy::no_script, patient(options)),
      script(std::move(with)),
      results(script.size()),
      items(database.add_table<Item>("item")) {
  items.seed(Item{1, 10});
  items.seed(Item{2, 20});
}

std::vector<Stage::Result> Stage::play() {
  run(Duration{});
  for (std::uint32_t who = 1; who <= 3; ++who) {
    start(act, Subject('t', who));
  }
  EXPECT_TRUE(run());
  EXPECT_TRUE(database.at_rest());
  return results;
}

using Results = std::vector<Stage::Result>;

// An anomaly: how it is provoked, and how one sees that it has occurred.
struct Anomaly {
  const char* name;
  std::vector<Step> script;
  bool (*occurred)(const Results& results, const Rows& rows);
  bool by_a_write = false;  // it shows in what a write does; plain reads may be free of it
};

std::vector<Anomaly> anomalies() {
  return {
      {"G0",
       {update(1, one(1), set, 11), update(2, one(1), set, 12), update(1, one(2), set, 21),
        commit(1), update(2, one(2), set, 22), commit(2)},
       [](const Results&, const Rows& rows) {
         return rows == Rows{{1, 11}, {2, 22}} || rows == Rows{{1, 12}, {2, 21}};
       }},
      {"G1a",
       {update(1, one(1), set, 101), read(2, every()), abort(1), read(2, every()), commit(2)},
       [](const Results& results, const Rows&) {
         return results[1].rows.at(1) == 101 || results[3].rows.at(1) == 101;
       }},
      {"G1b",
       {update(1, one(1), set, 101), read(2, every()), update(1, one(1), set, 11), commit(1),
        read(2, every()), commit(2)},
       [](const Results& results, const Rows&) {
         return results[1].rows.at(1) == 101 || results[4].rows.at(1) == 101;
       }},
      {"G1c",
       {update(1, one(1), set, 11), update(2, one(2), set, 22), read(1, one(2)), read(2, one(1)),
        commit(1), commit(2)},
       [](const Results& results, const Rows&) {
         return results[2].rows.at(2) == 22 && results[3].rows.at(1) == 11;
       }},
      {"OTV",
       {update(1, one(1), set, 11), update(1, one(2), set, 19), update(2, one(1), set, 12),
        commit(1), read(3, one(1)), update(2, one(2), set, 18), read(3, one(2)), commit(2),
        read(3, one(2)), read(3, one(1)), commit(3)},
       [](const Results& results, const Rows&) {
         bool second = false;  // something of the second transaction was seen
         bool vanished = false;
         for (const auto& [step, of_second] :
              {std::pair{4, 12}, std::pair{6, 18}, std::pair{8, 18}, std::pair{9, 12}}) {
           const std::int64_t value = results[static_cast<std::size_t>(step)].rows.begin()->second;
           vanished = vanished || (second && value != of_second);
           second = second || value == of_second;
         }
         return vanished;
       }},
      {"PMP",
       {read(1, where(equals, 30)), insert(2, 3, 30), commit(2), read(1, where(divisible, 3)),
        commit(1)},
       [](const Results& results, const Rows&) { return !results[3].rows.empty(); }},
      {"PMP",
       {read(2, every()), update(1, every(), add, 10), erase(2, where(equals, 20)), commit(1),
        read(2, where(equals, 20)), commit(2)},
       [](const Results& results, const Rows&) {
         return results[2].ok && !results[4].rows.empty();
       },
       true},
      {"P4",
       {read(1, one(1)), read(2, one(1)), update(1, one(1), set, 11), update(2, one(1), set, 11),
        commit(1), commit(2)},
       [](const Results& results, const Rows&) { return results[4].ok && results[5].ok; }},
      {"G-single",
       {read(1, one(1)), read(2, one(1)), read(2, one(2)), update(2, one(1), set, 12),
        update(2, one(2), set, 18), commit(2), read(1, one(2)), commit(1)},
       [](const Results& results, const Rows&) { return results[6].rows.at(2) == 18; }},
      {"G-single",
       {read(1, where(divisible, 5)), update(2, where(equals, 10), set, 12), commit(2),
        read(1, where(divisible, 3)), commit(1)},
       [](const Results& results, const Rows&) { return !results[3].rows.empty(); }},
      {"G-single",
       {read(1, one(1)), read(2, every()), update(2, one(1), set, 12), update(2, one(2), set, 18),
        commit(2), erase(1, where(equals, 20)), commit(1)},
       [](const Results& results, const Rows&) { return results[5].ok && results[5].count == 0; },
       true},
      {"G2-item",
       {read(1, every()), read(2, every()), update(1, one(1), set, 11), update(2, one(2), set, 21),
        commit(1), commit(2)},
       [](const Results& results, const Rows&) { return results[4].ok && results[5].ok; }},
      {"G2",
       {read(1, where(divisible, 3)), read(2, where(divisible, 3)), insert(1, 3, 30),
        insert(2, 4, 42), commit(1), commit(2)},
       [](const Results& results, const Rows&) { return results[4].ok && results[5].ok; }},
      {"G2",  // two edges: the third sees what the second did, but not what the first overlooked
       {read(1, every()), update(2, one(2), add, 5), commit(2), read(3, every()), commit(3),
        update(1, one(1), set, 0), commit(1)},
       [](const Results& results, const Rows&) {
         return results[2].ok && results[4].ok && results[6].ok;
       }},
  };
}

// "✓": never occurs; "—": occurs; "R/O": occurs only in what a write does.
std::string row_of(const char* level, Isolation isolation) {
  std::map<std::string, std::string> cells;
  std::vector<std::string> order;
  for (const Anomaly& anomaly : anomalies()) {
    Stage stage(anomaly.script, {.isolation = isolation});
    const Results results = stage.play();
    const bool occurred = anomaly.occurred(results, stage.rows());
    if (!cells.contains(anomaly.name)) {
      order.emplace_back(anomaly.name);
      cells[anomaly.name] = "✓";
    }
    std::string& cell = cells[anomaly.name];
    if (occurred && cell != "—") {
      cell = anomaly.by_a_write ? "R/O" : "—";
    }
  }
  std::string row = level;
  for (const std::string& name : order) {
    row += " | " + cells[name];
  }
  return row;
}

TEST(IsolationLevel, GivesTheTableOfAnomaliesThatIsPublishedForTheRealOnes) {
  const std::vector<std::pair<std::string, std::string>> rows{
      {row_of("read committed", Isolation::kReadCommitted),
       "read committed | ✓ | ✓ | ✓ | ✓ | ✓ | — | — | — | — | —"},
      {row_of("repeatable read", Isolation::kSnapshot),
       "repeatable read | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | — | —"},
      {row_of("serializable", Isolation::kSerializable),
       "serializable | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ | ✓"},
      {row_of("repeatable read (InnoDB)", Isolation::kConsistentReads),
       "repeatable read (InnoDB) | ✓ | ✓ | ✓ | ✓ | ✓ | R/O | — | R/O | — | —"},
  };
  std::cout << "level | G0 | G1a | G1b | G1c | OTV | PMP | P4 | G-single | G2-item | G2\n";
  for (const auto& [behaves, published] : rows) {
    std::cout << behaves << '\n';
    EXPECT_EQ(behaves, published);
  }
}

// The second has overlooked the third, and both are committed. The first sees the third, and then
// overlooks the second: it is the only one that can still be turned away.
TEST(IsolationLevel, TurnsAwayWhoWouldCloseACircleOfTwoThatAreCommitted) {
  for (const Isolation isolation : {Isolation::kSnapshot, Isolation::kSerializable}) {
    Stage stage({read(2, one(2)), update(3, one(2), set, 22), commit(3), read(1, one(2)),
                 update(2, one(1), set, 11), commit(2), read(1, one(1)), commit(1)},
                {.isolation = isolation});
    const Results results = stage.play();
    EXPECT_TRUE(results[2].ok);
    EXPECT_TRUE(results[5].ok);
    EXPECT_EQ(results[3].rows.at(2), 22);
    EXPECT_EQ(results[6].rows.at(1), 10);
    EXPECT_EQ(results[7].ok, isolation == Isolation::kSnapshot);
  }
}

TEST(IsolationLevel, LetsATransactionSeeWhatItHasWrittenItself) {
  for (const Isolation isolation : {Isolation::kReadCommitted, Isolation::kSnapshot,
                                    Isolation::kSerializable, Isolation::kConsistentReads}) {
    Stage stage({insert(1, 3, 30), update(1, one(1), set, 11), erase(1, one(2)), read(1, every()),
                 read(2, every()), commit(1)},
                {.isolation = isolation});
    const Results results = stage.play();
    EXPECT_EQ(results[3].rows, (Rows{{1, 11}, {3, 30}}));
    EXPECT_EQ(results[4].rows, (Rows{{1, 10}, {2, 20}}));
    EXPECT_EQ(stage.rows(), (Rows{{1, 11}, {3, 30}}));
  }
}

TEST(IsolationLevel, LeavesNothingOfATransactionThatIsAborted) {
  Stage stage({insert(1, 3, 30), update(1, every(), add, 1), abort(1)}, {});
  stage.play();
  EXPECT_EQ(stage.rows(), (Rows{{1, 10}, {2, 20}}));
}

TEST(IsolationLevel, InsertsAgainWhatItHasErasedItself) {
  Stage stage({erase(1, one(1)), insert(1, 1, 5), insert(1, 3, 30), erase(1, one(3)),
               insert(1, 3, 31), commit(1)},
              {});
  stage.play();
  EXPECT_EQ(stage.rows(), (Rows{{1, 5}, {2, 20}, {3, 31}}));
}

TEST(IsolationLevel, ASecondInsertOfAKeyWaitsForTheFirstToBeDecided) {
  Stage wins({insert(1, 3, 30), insert(2, 3, 31), abort(1), commit(2)}, {});
  const Results freed = wins.play();
  EXPECT_TRUE(freed[3].ok);
  EXPECT_EQ(wins.rows().at(3), 31);
  Stage loses({insert(1, 3, 30), insert(2, 3, 31), commit(1), commit(2)}, {});
  const Results taken = loses.play();
  EXPECT_FALSE(taken[3].ok);
  EXPECT_EQ(loses.rows().at(3), 30);
}

// Reads, thinks, and writes with its commit, as an object-relational mapper does.
Task<> think_and_write(Toy* toy, Context context) {
  auto* stage = static_cast<Stage*>(toy);
  Transaction transaction(toy->database, context);
  auto find = transaction.read(stage->items, Item{1, 0}.key());
  const std::optional<Item> found = co_await find;
  auto thought = context.sleep(seconds(context.invocation().subject.major()), "thought");
  co_await thought;
  transaction.update(stage->items, Item{1, found->value + 1});
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  toy->saw(outcome);
}

TEST(IsolationLevel, TellsAtTheCommitThatSomebodyWasFirst) {
  for (const Isolation isolation : {Isolation::kReadCommitted, Isolation::kSnapshot}) {
    Stage stage({}, {.isolation = isolation});
    stage.run(Duration{});
    stage.start(think_and_write, Subject('w', 1));
    stage.start(think_and_write, Subject('w', 2));
    EXPECT_TRUE(stage.run());
    const bool loses = isolation == Isolation::kReadCommitted;  // an update, and tells nobody
    EXPECT_EQ(stage.seen.at(0).outcome, Outcome::kOk);
    EXPECT_EQ(stage.seen.at(1).outcome, loses ? Outcome::kOk : Outcome::kAborted);
    EXPECT_EQ(stage.rows().at(1), 11);
  }
}

// --- what fails alone, and what takes its transaction with it ---

std::vector<Step> waits_too_long() {
  return {update(1, one(1), set, 11),
          update(2, one(2), set, 22),
          update(2, one(1), set, 12),
          read(3, every()),
          read(3, every()),
          commit(1),
          commit(2)};
}

TEST(LockTimeout, RollsBackTheStatementAloneAsInnoDbDoesAndTheRestIsCommitted) {
  Stage stage(waits_too_long(),
              {.lock_timeout = milliseconds(500), .failed_statement_aborts = false});
  const Results results = stage.play();
  EXPECT_EQ(results[2].count, 0u);
  EXPECT_TRUE(results[6].ok);
  EXPECT_EQ(stage.rows(), (Rows{{1, 11}, {2, 22}}));
}

TEST(LockTimeout, EndsTheTransactionAsInPostgreSql) {
  Stage stage(waits_too_long(), {.lock_timeout = milliseconds(500)});
  const Results results = stage.play();
  EXPECT_FALSE(results[6].ok);
  EXPECT_EQ(stage.rows(), (Rows{{1, 11}, {2, 20}}));
}

TEST(LockTimeout, LetsWhoGetsTheLockInTimeGoOn) {
  std::vector<Step> script = waits_too_long();
  script.insert(script.end() - 1, 5, read(3, every()));  // and keeps it when the time is over
  Stage stage(std::move(script), {.lock_timeout = seconds(4)});
  const Results results = stage.play();
  EXPECT_TRUE(results.back().ok);
  EXPECT_EQ(stage.rows(), (Rows{{1, 12}, {2, 22}}));
}

TEST(IsolationLevel, AKeyThatIsThereFailsTheStatementAloneWhereTheDatabaseIsSo) {
  for (const bool aborts : {true, false}) {
    Stage stage({update(1, one(2), set, 22), insert(1, 1, 5), commit(1)},
                {.failed_statement_aborts = aborts});
    const Results results = stage.play();
    EXPECT_EQ(results[2].ok, !aborts);
    EXPECT_EQ(stage.rows(), (Rows{{1, 10}, {2, aborts ? 20 : 22}}));
  }
}

// --- sequences ---

struct Numbering : Toy {
  Numbering() : ids(database.add_sequence("item-id")), items(database.add_table<Item>("item")) {}
  Sequence& ids;
  Table<Item>& items;
  std::vector<std::int64_t> seen;  // by a reader that goes on after the greatest it has seen
};

// Takes a number, and commits it after so many seconds as its name says; the fourth never.
Task<> number(Toy* toy, Context context) {
  auto* numbering = static_cast<Numbering*>(toy);
  const std::uint32_t me = context.invocation().subject.major();
  auto turn = context.sleep(milliseconds(100 * me), "turn");
  co_await turn;
  Transaction transaction(toy->database, context);
  auto next = transaction.next(numbering->ids);
  const std::int64_t id = co_await next;
  auto work = context.sleep(seconds(me == 1 ? 5 : 1), "work");
  co_await work;
  if (me == 4) {
    co_return;
  }
  transaction.insert(numbering->items, Item{id, me});
  auto commit = transaction.commit();
  co_await commit;
}

// Looks every second for numbers beyond the last one.
Task<> follow(Toy* toy, Context context) {
  auto* numbering = static_cast<Numbering*>(toy);
  std::int64_t last = 0;
  for (int round = 0; round < 8; ++round) {
    auto pause = context.sleep(seconds(1), "poll");
    co_await pause;
    Transaction transaction(toy->database, context);
    auto find = transaction.find_all(numbering->items, 1);
    const std::vector<Item> items = co_await find;
    const std::int64_t before = last;
    for (const Item& item : items) {
      if (item.id > before) {
        numbering->seen.push_back(item.id);
        last = std::max(last, item.id);
      }
    }
  }
}

TEST(Sequence, GivesNumbersInAnotherOrderThanThatOfTheCommits) {
  Numbering toy;
  toy.run(Duration{});
  for (std::uint32_t i = 1; i <= 3; ++i) {
    toy.start(number, Subject('t', i));
  }
  toy.start(follow, Subject('r', 1));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.items.rows(), 3u);
  // The first number was committed last: who goes by the greatest number never sees it.
  EXPECT_EQ(std::set<std::int64_t>(toy.seen.begin(), toy.seen.end()),
            (std::set<std::int64_t>{2, 3}));
}

TEST(Sequence, TakesNoNumberBackAndForgetsNoneInACrash) {
  Numbering toy;
  toy.run(Duration{});
  toy.start(number, Subject('t', 4));
  EXPECT_TRUE(toy.run());
  toy.store.crash(seconds(1), 0);
  EXPECT_TRUE(toy.run());
  toy.start(number, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.ids.last(), 2);
  EXPECT_NE(toy.items.peek(Item{2, 0}.key()), nullptr);
}

}  // namespace
}  // namespace sagasim::sim
