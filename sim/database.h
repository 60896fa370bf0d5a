// Database: one relational server. Row locks, unique keys, isolation levels, and a commit with
// three outcomes. Modelled on PostgreSQL (its documentation, chapter 13, "Concurrency Control"),
// and where it says so on MySQL's InnoDB (its manual, "InnoDB Locking and Transaction Model").
//
// Here is the server: its tables, what becomes durable, and what a crash, a restoration or a
// lagging replica does to it. What a client asks of it is in transaction.h; who holds which lock
// and what a transaction has not committed in session.h; versions that are no longer, in
// row_history.h.
//
// Must never happen, whatever the fault: a dirty read, a lost committed row, half a transaction. A
// transaction of unknown outcome keeps its locks until it is decided.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/node.h"
#include "sim/operation.h"
#include "sim/row_history.h"
#include "sim/serializable.h"
#include "sim/table.h"
#include "sim/world.h"

namespace sagasim::sim {

class Database;

// What a transaction sees of those beside it.
enum class Isolation : std::uint8_t {
  kReadCommitted,    // every statement sees what is committed when it begins
  kSnapshot,         // PostgreSQL's REPEATABLE READ: all statements see one instant, and to write
                     // what somebody has changed since then fails: the first updater wins
  kSerializable,     // PostgreSQL's: the same, and who could have read what he should not fails too
  kConsistentReads,  // InnoDB's REPEATABLE READ: plain reads see one instant; locking reads and
                     // writes act on what is there now
};

// Who is rolled back when transactions wait for each other in a circle.
enum class DeadlockVictim : std::uint8_t {
  kLast,      // who closes the circle
  kSmallest,  // who holds the fewest row locks, as in InnoDB; of equals, who closes the circle
  kAny,       // PostgreSQL promises nothing: who looks first after a second. Drawn here
};

struct DatabaseOptions {
  Route route{
      {microseconds(100), microseconds(800)}, {microseconds(100), microseconds(800)}, seconds(5)};
  // How long the server keeps the locks of a client that it can no longer hear.
  Duration orphan_timeout = seconds(10);
  Isolation isolation = Isolation::kReadCommitted;  // of transactions that ask for none
  Duration lock_timeout{};  // how long a statement waits for a lock; zero: as long as it takes
  // A statement that fails, for its key is there or its wait was too long, ends its transaction, as
  // in PostgreSQL. Otherwise it fails alone, as in InnoDB, and what was written before stands.
  bool failed_statement_aborts = true;
  DeadlockVictim victim = DeadlockVictim::kLast;
};

struct RowChange {
  const TableBase* table;
  RowKey key;
  const void* before;  // null: the row is new
  const void* after;   // null: the row is gone
};

// What a transaction made durable. Valid during the call that reports it.
struct Commit {
  const Database& database;
  const Operation& operation;
  Instant at;
  std::span<const RowChange> changes;
};

// Numbers that grow and are never given out twice: not by the order of commits, and not taken back
// when a transaction fails. So a reader may see a greater one before a smaller.
class Sequence {
 public:
  explicit Sequence(Name name) : name_(name) {}
  Name name() const { return name_; }
  std::int64_t last() const { return last_; }  // given out; 0: none

 private:
  friend class SequenceOperation;
  const Name name_;
  std::int64_t last_ = 0;
};

class Database : public NodeListener {
 public:
  Database(World& world, Node& server, Name name, const DatabaseOptions& options);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() override;

  template <class Row>
  Table<Row>& add_table(Name name, bool technical = false) {
    auto table = std::make_unique<Table<Row>>(world_.pool(), name, technical);
    Table<Row>& result = *table;
    tables_.push_back(std::move(table));
    return result;
  }
  Sequence& add_sequence(Name name);

  World& world() const { return world_; }
  Node& server() const { return server_; }
  Name name() const { return name_; }
  const DatabaseOptions& options() const { return options_; }
  const std::vector<std::unique_ptr<TableBase>>& tables() const { return tables_; }
  std::uint64_t digest() const;
  // No lock held, no transaction open.
  bool at_rest() const { return sessions_ == nullptr; }

  // --- for sessions, statements and commits only ---
  const RowHistory& history() const { return history_; }
  // How far plain reads lag behind, while a breaker has them answered by a replica.
  Duration read_behind() const { return read_behind_; }
  // What a read of that row depends on because it shows the past.
  void blame_past(const TableBase& table, RowKey key, const View& view,
                  std::uint64_t effect) const {
    if (view.is_now()) [[likely]] {
      return;
    }
    if (const PastRow* past = history_.find(table, key, view)) {
      blame_past(*past, view, effect);
    }
  }
  void blame_past(const PastRow& past, const View& view, std::uint64_t effect) const;
  // A breaker lets every wait for a lock fail, the statement alone.
  bool fails_lock_waits() const { return fails_lock_waits_; }
  std::uint64_t fails_lock_waits_cause() const { return fails_lock_waits_cause_; }
  bool may_commit(Dependencies::Party& party) const { return dependencies_.may_commit(party); }
  // All changes between the two are made durable at this instant, as one commit, and reported.
  void begin_changes();
  // `row`: as it is from now on; null: gone. Requires: the key has a row now, or gets one.
  void change(TableBase& table, Entry& entry, const void* row, std::uint64_t operation);
  void end_changes(const Operation& operation, std::uint64_t digest);

 private:
  friend class Session;
  friend class DatabaseOperation;

  void on_crash(Node& node, std::uint64_t cause) override;
  bool on_intervention(Node& node, const Intervention& intervention) override;
  void restore(Duration back, std::uint64_t cause);
  // A session has no snapshot any more: what only it could have seen is forgotten.
  void end_snapshot();
  // A copy of a row that is about to change; null if there is none.
  void* copy_of(const TableBase& table, const Entry& entry);
  void publish(const Operation& operation);

  World& world_;
  Node& server_;
  const Name name_;
  const DatabaseOptions options_;
  std::vector<std::unique_ptr<TableBase>> tables_;
  Session* sessions_ = nullptr;
  std::vector<RowChange> changes_;  // of the commit being applied
  bool keeps_history_ = false;      // it costs memory for every commit
  RowHistory history_;
  std::uint64_t commits_ = 0;    // so far, and restorations
  std::uint32_t snapshots_ = 0;  // sessions that have one: history is kept for them
  Dependencies dependencies_;
  std::vector<std::unique_ptr<Sequence>> sequences_;
  Duration read_behind_{};
  std::uint64_t read_behind_cause_ = 0;
  bool fails_lock_waits_ = false;
  std::uint64_t fails_lock_waits_cause_ = 0;
};

}  // namespace sagasim::sim
