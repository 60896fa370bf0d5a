// Database: one relational server. Row locks, unique keys, isolation levels, and a commit with
// three outcomes. Modelled on PostgreSQL (its documentation, chapter 13, "Concurrency Control"),
// and where it says so on MySQL's InnoDB (its manual, "InnoDB Locking and Transaction Model").
//
// Reads are round trips. Writes are buffered and travel with the commit, as an object-relational
// mapper's flush does: the server locks the rows written in the order of the writes, waits where it
// must, checks the unique keys and makes everything durable at one instant. There are statements
// that write at once as well: the row is locked from then on, and the transaction itself sees it.
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
  Entry* entry = nullptr;  // once the server has asked for its lock; stays from then on
  void* row() { return this + 1; }
};

inline constexpr std::uint64_t kNoSnapshot = UINT64_MAX;

// The server's side of a transaction: its locks and its fate.
class Session final : public Event {
 public:
  Session(Database& database, std::uint64_t identity);
  ~Session();

 private:
  friend class Database;
  friend class DatabaseOperation;
  friend class Transaction;
  friend class Statement;
  friend class StatementBase;
  friend class ChangeBase;
  friend class SequenceOperation;
  friend class CommitOperation;
  enum class State : std::uint8_t { kActive, kDoomed, kCommitted, kAborted };

  // Who has to go on before this session lets go of its locks; null if nobody does.
  const Activity* activity() const;
  // What it has written itself and not committed yet; null: nothing under that key.
  Write* written(const TableBase& table, RowKey key) const;
  // Requires: it holds the row's lock. A null row: erased.
  void write(TableBase& table, RowKey key, const void* row);
  // Whether it has to see all that it reads at one instant, and when that was.
  bool has_snapshot() const { return snapshot_ != kNoSnapshot; }

  struct Lock {
    Entry* entry;
    TableBase* table;
    Lock* next;
  };
  void add_lock(TableBase& table, Entry& entry);
  // Leaves it with none; the caller frees them.
  Lock* take_locks();

  // The wait of its statement for a lock was too long.
  struct LockTimeout : Event {
    explicit LockTimeout(Session& owner);
    Session& session;
  };

  Database& database_;
  const std::uint64_t identity_;
  const Activity* client_ = nullptr;  // whose transaction it is, until that commits or ends
  std::uint64_t last_operation_ = 0;
  State state_ = State::kActive;
  bool ended_ = false;                    // nobody needs it any more but operations still under way
  std::uint32_t operations_ = 0;          // under way
  DatabaseOperation* waiting_ = nullptr;  // the statement of this session that waits for a lock
  Isolation isolation_ = Isolation::kReadCommitted;
  std::uint64_t snapshot_ = kNoSnapshot;  // the number of the last commit that it sees
  Dependencies::Party* party_ = nullptr;  // of a serializable one, once it has a snapshot
  Write* first_write_ = nullptr;          // by statements that write at once
  Write* last_write_ = nullptr;
  LockTimeout lock_timeout_;
  Lock* first_lock_ = nullptr;  // the row locks that it holds, in the order in which it took them
  Lock** last_lock_ = &first_lock_;
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
  // The lock that it waits for takes too long: it is not in the queue any more.
  virtual void give_up_waiting() = 0;
  // Ends the transaction, and this with it.
  void abort();
  void broken() override;

  Session& session_;

 private:
  friend class Database;
  friend class Session;
  Entry* wanted_ = nullptr;
  TableBase* wanted_table_ = nullptr;
  DatabaseOperation* next_waiting_ = nullptr;
};

// A statement of a transaction, as opposed to its commit.
class Statement : public DatabaseOperation {
 public:
  Statement(class Transaction& transaction, const Operation& operation, const Route& route,
            TableBase& table);

 protected:
  // Takes up the statement at the server: false if its transaction is over already.
  bool begin();
  // The lock cannot be had, or the key is there: as the database has it, the statement fails alone
  // or takes its transaction with it.
  void fail();
  void give_up_waiting() override { fail(); }
  // Whether the lock of `entry` must not be waited for; the statement has failed alone then.
  bool refuses_to_wait(const Entry& entry);
  // Whether somebody has changed the row since the snapshot of a transaction that may not overlook
  // that; the transaction has ended then.
  bool comes_too_late(RowKey key);
  void conclude_transaction();

  class Transaction& transaction_;
  TableBase& table_;

 private:
  bool failed_alone_ = false;  // the transaction goes on without it
};

// A read of one row or of all rows that share the first half of a key.
class StatementBase : public Statement {
 public:
  enum class Mode : std::uint8_t { kRead, kLock, kFindAll };

  StatementBase(class Transaction& transaction, const Operation& operation, const Route& route,
                TableBase& table, RowKey key, Mode mode);

 protected:
  void execute() override;
  void proceed() override;
  virtual void found(const void* row) = 0;

 private:
  bool came_later(const Entry& entry) const;
  void read(const Entry* entry);
  void find_all();

  const RowKey key_;
  const Mode mode_;
};

// Which rows a statement is about: the one of a key, or all whose key begins with `first`; of these
// those that match, if there is something to match.
template <class Row>
struct Choice {
  RowKey key;
  bool all = false;  // of those whose key begins like this one
  bool (*matches)(const Row& row, std::int64_t argument) = nullptr;
  std::int64_t argument = 0;

  static Choice one(RowKey key) { return Choice{key}; }
  static Choice every(std::uint64_t first) { return Choice{RowKey{first, 0}, true}; }
  static Choice where(std::uint64_t first, bool (*matches)(const Row&, std::int64_t),
                      std::int64_t argument) {
    return Choice{RowKey{first, 0}, true, matches, argument};
  }
  bool fits(const void* row) const {
    return matches == nullptr || matches(*static_cast<const Row*>(row), argument);
  }
};

// A statement that writes at once. It finds its rows as any read of its transaction would; locks
// them one by one, in the order of their keys; and looks at each again once it has it.
class ChangeBase : public Statement {
 public:
  ChangeBase(class Transaction& transaction, const Operation& operation, const Route& route,
             TableBase& table, Write::Kind kind, RowKey key, bool all);

 protected:
  void execute() override;
  void proceed() override;
  virtual bool fits(const void* row) const = 0;
  // The row as it is to be: of an update, that row changed; of an insert, the new one.
  virtual const void* changed(const void* row) = 0;

  std::uint32_t count_ = 0;  // of rows written

 private:
  void note(RowKey key);
  // False: the statement, or all of the transaction, has failed.
  bool write(RowKey key);

  const Write::Kind kind_;
  const RowKey key_;
  const bool all_;
  std::vector<RowKey> rows_;  // that were found
  std::size_t next_ = 0;
};

template <class Row>
class ChangeOperation final : public ChangeBase {
 public:
  using Change = void (*)(Row& row, std::int64_t argument);
  ChangeOperation(Transaction& transaction, const Operation& operation, const Route& route,
                  TableBase& table, Write::Kind kind, const Choice<Row>& choice, Change change,
                  std::int64_t argument, const Row& row)
      : ChangeBase(transaction, operation, route, table, kind, choice.key, choice.all),
        choice_(choice),
        change_(change),
        argument_(argument),
        row_(row) {}
  // How many rows were written.
  std::uint32_t take() {
    conclude_transaction();
    return outcome() == Outcome::kOk ? count_ : 0;
  }
  static std::uint32_t nothing() { return 0; }

 private:
  bool fits(const void* row) const override { return choice_.fits(row); }
  const void* changed(const void* row) override {
    if (row != nullptr) {
      row_ = *static_cast<const Row*>(row);
      change_(row_, argument_);
    }
    return &row_;
  }
  void release() noexcept override { world().pool().destroy(this); }

  const Choice<Row> choice_;
  const Change change_;
  const std::int64_t argument_;
  Row row_;
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

class SequenceOperation final : public DatabaseOperation {
 public:
  SequenceOperation(class Transaction& transaction, const Operation& operation, const Route& route,
                    Sequence& sequence);
  // 0 if there is no answer.
  std::int64_t take();
  static std::int64_t nothing() { return 0; }

 private:
  void execute() override;
  void proceed() override {}
  void give_up_waiting() override {}
  void release() noexcept override { world().pool().destroy(this); }

  class Transaction& transaction_;
  Sequence& sequence_;
  std::int64_t value_ = 0;
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
  FindAllOperation(Transaction& transaction, const Operation& operation, const Route& route,
                   TableBase& table, RowKey key, Mode mode, const Choice<Row>& choice = {})
      : StatementBase(transaction, operation, route, table, key, mode), choice_(choice) {}
  std::vector<Row> take() {
    conclude_transaction();
    return outcome() == Outcome::kOk ? std::move(rows_) : std::vector<Row>();
  }
  static std::vector<Row> nothing() { return {}; }

 private:
  void found(const void* row) override {
    if (choice_.fits(row)) {
      rows_.push_back(*static_cast<const Row*>(row));
    }
  }
  void release() noexcept override { world().pool().destroy(this); }
  const Choice<Row> choice_;
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
  void give_up_waiting() override { abort(); }
  void release() noexcept override { world().pool().destroy(this); }
  bool in_time();
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
  Transaction(Database& database, Context context, Isolation isolation);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  // The row that is committed, as of the instant that the isolation level says. Requires: the key
  // has no buffered write.
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

  // Those of them that match.
  template <class Row>
  [[nodiscard]] Await<FindAllOperation<Row>> find_where(Table<Row>& table,
                                                        const Choice<Row>& choice) {
    if (failed_) {
      return Await<FindAllOperation<Row>>();
    }
    const auto mode = StatementBase::Mode::kFindAll;
    const Operation operation = name_statement(table, choice.key, mode);
    return Await<FindAllOperation<Row>>(*pool().template make<FindAllOperation<Row>>(
        *this, operation, route(), table, choice.key, mode, choice));
  }

  // --- statements that write at once; each gives the number of rows written ---
  template <class Row>
  [[nodiscard]] Await<ChangeOperation<Row>> insert_now(Table<Row>& table, const Row& row) {
    return change(table, Write::Kind::kInsert, Choice<Row>::one(row.key()), nullptr, 0, row);
  }
  template <class Row>
  [[nodiscard]] Await<ChangeOperation<Row>> update_now(Table<Row>& table, const Choice<Row>& choice,
                                                       typename ChangeOperation<Row>::Change how,
                                                       std::int64_t argument) {
    return change(table, Write::Kind::kUpdate, choice, how, argument, Row{});
  }
  template <class Row>
  [[nodiscard]] Await<ChangeOperation<Row>> erase_now(Table<Row>& table,
                                                      const Choice<Row>& choice) {
    return change(table, Write::Kind::kErase, choice, nullptr, 0, Row{});
  }
  // const std::int64_t id = co_await transaction.next(ids);
  [[nodiscard]] Await<SequenceOperation> next(Sequence& sequence);

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
  friend class Statement;
  friend class SequenceOperation;
  template <class Row>
  Await<ChangeOperation<Row>> change(Table<Row>& table, Write::Kind kind, const Choice<Row>& choice,
                                     typename ChangeOperation<Row>::Change how,
                                     std::int64_t argument, const Row& row) {
    if (failed_) {
      return Await<ChangeOperation<Row>>();
    }
    const auto mode = choice.all ? StatementBase::Mode::kFindAll : StatementBase::Mode::kLock;
    const Operation operation = name_statement(table, choice.key, mode);
    return Await<ChangeOperation<Row>>(*pool().template make<ChangeOperation<Row>>(
        *this, operation, route(), table, kind, choice, how, argument, row));
  }
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
  const Isolation isolation_;
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
  Sequence& add_sequence(Name name);

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
  friend class Statement;
  friend class StatementBase;
  friend class ChangeBase;
  friend class CommitOperation;
  friend class Transaction;

  void on_crash(Node& node, std::uint64_t cause) override;
  bool on_intervention(Node& node, const Intervention& intervention) override;

  // A version of a row that is no longer, and until when it was.
  struct Past {
    Instant until;
    TableBase* table;
    RowKey key;
    void* row;              // null: there was none
    std::uint64_t by;       // the commit that replaced it
    std::uint64_t version;  // that commit's number
  };
  // What a read is to see: nothing of commits beyond a number, or later than an instant.
  struct View {
    std::uint64_t version = kNoSnapshot;
    Instant then = kNever;
    bool is_now() const { return version == kNoSnapshot && then == kNever; }
    bool shows(const Past& past) const { return past.version > version || past.until > then; }
  };
  // Of a plain read by that session.
  View view_of(const Session& session) const;
  // Gives the session its snapshot, if it has to have one and this statement takes it.
  void take_snapshot(Session& session, bool plain_read);
  void drop_snapshot(Session& session);
  // Whether the row has changed since the snapshot of a session that has one.
  bool changed_since(const Session& session, const TableBase& table, RowKey key) const;
  void restore(Duration back, std::uint64_t cause);
  // The row of that key in a view. Null: none.
  const void* visible(const TableBase& table, RowKey key, const Entry* entry,
                      const View& view) const;
  // The version of a row that the view shows, if that is not the present one.
  const Past* past_of(const TableBase& table, RowKey key, const View& view) const;
  // Every such version that is a row, of those whose key begins with `first`: visit(const Past&).
  template <class Visit>
  void for_each_past(const TableBase& table, std::uint64_t first, const View& view,
                     Visit&& visit) const;
  // What a read of that row depends on because it shows the past.
  void blame_past(const TableBase& table, RowKey key, const View& view, std::uint64_t effect) const;

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
  std::uint64_t commits_ = 0;       // so far, and restorations
  std::uint32_t snapshots_ = 0;     // sessions that have one: history is kept for them
  Dependencies dependencies_;
  std::vector<std::unique_ptr<Sequence>> sequences_;
  Duration read_behind_{};
  std::uint64_t read_behind_cause_ = 0;
  bool fails_lock_waits_ = false;
  std::uint64_t fails_lock_waits_cause_ = 0;
};

}  // namespace sagasim::sim
