// Database: one relational server. Row locks, unique keys, READ COMMITTED, and a commit with three
// outcomes. Modelled on PostgreSQL (its documentation, chapter 13, "Concurrency Control").
//
// Reads are round trips. Writes are buffered and travel with the commit, as an object-relational
// mapper's flush does: the server locks the rows written in the order of the writes, waits where it
// must, checks the unique keys and makes everything durable at one instant.
//
// Must never happen, whatever the fault: a dirty read, a lost committed row, half a transaction. A
// transaction of unknown outcome keeps its locks until it is decided.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "sim/node.h"
#include "sim/remote_operation.h"
#include "sim/table.h"
#include "sim/world.h"

namespace sagasim::sim {

class Database;

struct DatabaseOptions {
  Route route{
      {microseconds(100), microseconds(800)}, {microseconds(100), microseconds(800)}, seconds(5)};
  // How long the server keeps the locks of a client that it can no longer hear.
  Duration orphan_timeout = seconds(10);
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

// One buffered write. The row's bytes follow it in memory.
struct Write {
  enum class Kind : std::uint8_t { kInsert, kUpdate, kErase };
  TableBase* table;
  RowKey key;
  Kind kind;
  Write* next;
  void* row() { return this + 1; }
};

// The server's side of a transaction: its locks and its fate.
class Session final : public Event {
 public:
  Session(Database& database, std::uint64_t identity);
  ~Session();

 private:
  friend class Database;
  friend class DatabaseOperation;
  friend class Transaction;
  friend class StatementBase;
  friend class CommitOperation;
  enum class State : std::uint8_t { kActive, kDoomed, kCommitted, kAborted };

  // Who has to go on before this session lets go of its locks; null if nobody does.
  const Activity* activity() const;

  Database& database_;
  const std::uint64_t identity_;
  const Activity* client_ = nullptr;  // whose transaction it is, until that commits or ends
  std::uint64_t last_operation_ = 0;
  State state_ = State::kActive;
  bool ended_ = false;                    // nobody needs it any more but operations still under way
  std::uint32_t operations_ = 0;          // under way
  DatabaseOperation* waiting_ = nullptr;  // the statement of this session that waits for a lock
  std::vector<Entry*> held_;
  std::vector<TableBase*> held_tables_;
  Session* previous_ = nullptr;
  Session* next_ = nullptr;
};

// A statement or a commit at the server.
class DatabaseOperation : public RemoteOperation {
 public:
  // Whoever holds the row lock that it waits for.
  const Activity* waits_for() const override;

 protected:
  DatabaseOperation(Session& session, const Operation& operation, const Route& route,
                    Activity& activity);
  ~DatabaseOperation() override;

  bool would_wait(const Entry& entry) const {
    return entry.holder != nullptr && entry.holder != &session_;
  }
  // Takes the row lock or queues for it. Returns true iff it is held now; otherwise proceed() comes
  // later, or the session has been aborted as the victim of a deadlock.
  bool acquire(TableBase& table, Entry& entry);
  // The lock that it waited for is held now.
  virtual void proceed() = 0;
  void broken() override;

  Session& session_;

 private:
  friend class Database;
  friend class Session;
  Entry* wanted_ = nullptr;
  TableBase* wanted_table_ = nullptr;
  DatabaseOperation* next_waiting_ = nullptr;
};

// A read of one row or of all rows that share the first half of a key.
class StatementBase : public DatabaseOperation {
 public:
  enum class Mode : std::uint8_t { kRead, kLock, kFindAll };

  StatementBase(class Transaction& transaction, const Operation& operation, const Route& route,
                TableBase& table, RowKey key, Mode mode);

 protected:
  void execute() override;
  void proceed() override;
  void conclude_transaction();
  virtual void found(const void* row) = 0;

 private:
  void read(const Entry* entry);
  void find_all();

  class Transaction& transaction_;
  TableBase& table_;
  const RowKey key_;
  const Mode mode_;
  bool failed_alone_ = false;  // the transaction goes on without it
};

template <class Row>
class ReadOperation final : public StatementBase {
 public:
  using StatementBase::StatementBase;
  std::optional<Row> take() {
    conclude_transaction();
    return outcome() == Outcome::kOk ? row_ : std::nullopt;
  }
  static std::optional<Row> nothing() { return std::nullopt; }

 private:
  friend class Transaction;
  void found(const void* row) override { row_ = *static_cast<const Row*>(row); }
  void release() noexcept override { world().pool().destroy(this); }
  std::optional<Row> row_;
};

template <class Row>
class FindAllOperation final : public StatementBase {
 public:
  using StatementBase::StatementBase;
  std::vector<Row> take() {
    conclude_transaction();
    return outcome() == Outcome::kOk ? std::move(rows_) : std::vector<Row>();
  }
  static std::vector<Row> nothing() { return {}; }

 private:
  void found(const void* row) override { rows_.push_back(*static_cast<const Row*>(row)); }
  void release() noexcept override { world().pool().destroy(this); }
  std::vector<Row> rows_;
};

class CommitOperation final : public DatabaseOperation {
 public:
  CommitOperation(Session& session, const Operation& operation, const Route& route,
                  Activity& activity, Write* writes);
  ~CommitOperation() override;
  Outcome take() { return outcome() == Outcome::kRefused ? Outcome::kAborted : outcome(); }
  static Outcome nothing() { return Outcome::kAborted; }

 private:
  void execute() override;
  void proceed() override;
  void release() noexcept override { world().pool().destroy(this); }
  void apply();

  Write* writes_;
  Write* next_to_lock_;
};

// The client's side of a transaction, a local variable of a coroutine. Begins with its first
// statement; destroying it undecided closes the connection, and the server rolls back.
//
// Failures are sticky: once a statement failed (a lost connection, a deadlock), every later one
// finds nothing and commit() answers kAborted. So a handler looks at the outcome of commit and at
// no other.
class Transaction {
 public:
  Transaction(Database& database, Context context);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  // The latest committed row. Requires: the key has no buffered write.
  template <class Row>
  [[nodiscard]] Await<ReadOperation<Row>> read(Table<Row>& table,
                                               std::type_identity_t<RowKey> key) {
    return statement<ReadOperation<Row>>(table, key, StatementBase::Mode::kRead);
  }
  // The same, locked until the transaction ends (SELECT … FOR UPDATE). A row that is not there is
  // not locked.
  template <class Row>
  [[nodiscard]] Await<ReadOperation<Row>> lock(Table<Row>& table,
                                               std::type_identity_t<RowKey> key) {
    return statement<ReadOperation<Row>>(table, key, StatementBase::Mode::kLock);
  }
  // Every committed row whose key begins with `first`, in no particular order.
  template <class Row>
  [[nodiscard]] Await<FindAllOperation<Row>> find_all(Table<Row>& table, std::uint64_t first) {
    return statement<FindAllOperation<Row>>(table, RowKey{first, 0}, StatementBase::Mode::kFindAll);
  }

  // Buffered until commit. An insert of a key that exists makes the commit abort; an update or
  // erase of one that does not changes nothing.
  template <class Row>
  void insert(Table<Row>& table, const Row& row) {
    buffer(table, row.key(), Write::Kind::kInsert, &row);
  }
  template <class Row>
  void update(Table<Row>& table, const Row& row) {
    buffer(table, row.key(), Write::Kind::kUpdate, &row);
  }
  template <class Row>
  void erase(Table<Row>& table, const Row& row) {
    buffer(table, row.key(), Write::Kind::kErase, &row);
  }

  // kOk: durable. kAborted: as if it had never begun. kUnknown: one of the two. Called once.
  [[nodiscard]] Await<CommitOperation> commit();

  bool failed() const { return failed_; }

 private:
  friend class StatementBase;
  template <class Op, class Row>
  Await<Op> statement(Table<Row>& table, RowKey key, StatementBase::Mode mode) {
    if (failed_) {
      return Await<Op>();
    }
    const Operation operation = name_statement(table, key, mode);
    return Await<Op>(*pool().template make<Op>(*this, operation, route(), table, key, mode));
  }
  Operation name_statement(const TableBase& table, RowKey key, StatementBase::Mode mode);
  void buffer(TableBase& table, RowKey key, Write::Kind kind, const void* row);
  Pool& pool() const;
  const Route& route() const;
  Session& session();

  Database& database_;
  Activity& activity_;
  Session* session_ = nullptr;  // handed over to the commit once that is issued
  Write* first_write_ = nullptr;
  Write* last_write_ = nullptr;
  bool failed_ = false;
  bool committing_ = false;
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

  World& world() const { return world_; }
  Node& server() const { return server_; }
  Name name() const { return name_; }
  const DatabaseOptions& options() const { return options_; }
  const std::vector<std::unique_ptr<TableBase>>& tables() const { return tables_; }
  std::uint64_t digest() const;
  // No lock held, no transaction open.
  bool at_rest() const { return sessions_ == nullptr; }

 private:
  friend class Session;
  friend class DatabaseOperation;
  friend class StatementBase;
  friend class CommitOperation;
  friend class Transaction;

  void on_crash(Node& node, std::uint64_t cause) override;
  bool on_intervention(Node& node, const Intervention& intervention) override;

  // A version of a row that is no longer, and until when it was.
  struct Past {
    Instant until;
    TableBase* table;
    RowKey key;
    void* row;         // null: there was none
    std::uint64_t by;  // the commit that replaced it
  };
  void restore(Duration back, std::uint64_t cause);
  // What plain reads show: the row of now, or of `read_behind_` ago. Null: none.
  const void* visible(const TableBase& table, RowKey key, const Entry* entry) const;
  // The version of a row that was current `read_behind_` ago, if it is not any more.
  const Past* past_of(const TableBase& table, RowKey key) const;
  // Every such version that is a row, of those whose key begins with `first`: visit(const Past&).
  template <class Visit>
  void for_each_past(const TableBase& table, std::uint64_t first, Visit&& visit) const;
  // What a plain read of that row depends on because it shows the past.
  void blame_lag(const TableBase& table, RowKey key, std::uint64_t effect) const;

  Session& open(std::uint64_t identity);
  // The client is gone: the server rolls back when it notices.
  void close_soon(Session& session, const Node& client);
  void roll_back(Session& session);
  void release_locks(Session& session);
  void end(Session& session);
  void publish(const Operation& operation);

  World& world_;
  Node& server_;
  const Name name_;
  const DatabaseOptions options_;
  std::vector<std::unique_ptr<TableBase>> tables_;
  Session* sessions_ = nullptr;
  std::vector<RowChange> changes_;  // of the commit being applied
  bool keeps_history_ = false;      // it costs memory for every commit
  std::vector<Past> history_;       // oldest first
  Duration read_behind_{};
  std::uint64_t read_behind_cause_ = 0;
  bool fails_lock_waits_ = false;
  std::uint64_t fails_lock_waits_cause_ = 0;
};

}  // namespace sagasim::sim
