// Transaction: the client's side of a database: statements, writes, and a commit with three
// outcomes. Reads are round trips. Writes are buffered and travel with the commit, as an
// object-relational mapper's flush does: the server locks the rows written in the order of the
// writes, waits where it must, checks the unique keys and makes everything durable at one instant.
// There are statements that write at once as well: the row is locked from then on, and the
// transaction itself sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#include "sim/activity.h"
#include "sim/database.h"
#include "sim/remote_operation.h"
#include "sim/session.h"
#include "sim/statement.h"
#include "sim/table.h"
#include "sim/write_set.h"

namespace sagasim::sim {

class CommitOperation final : public DatabaseOperation {
 public:
  CommitOperation(Session& session, const Operation& operation, Activity& activity,
                  WriteSet writes);
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

  WriteSet writes_;
  Write* next_to_lock_ = nullptr;
};

// A local variable of a coroutine. Begins with its first statement; destroying it undecided closes
// the connection, and the server rolls back.
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
    return ask<ReadOperation<Row>>(table, key, ReadStatement::Mode::kRead);
  }
  // The same, locked until the transaction ends (SELECT … FOR UPDATE). A row that is not there is
  // not locked.
  template <class Row>
  [[nodiscard]] Await<ReadOperation<Row>> lock(Table<Row>& table,
                                               std::type_identity_t<RowKey> key) {
    return ask<ReadOperation<Row>>(table, key, ReadStatement::Mode::kLock);
  }
  // Every committed row whose key begins with `first`, in no particular order.
  template <class Row>
  [[nodiscard]] Await<FindAllOperation<Row>> find_all(Table<Row>& table, std::uint64_t first) {
    return find_where(table, Choice<Row>::every(first));
  }
  // Those of them that match.
  template <class Row>
  [[nodiscard]] Await<FindAllOperation<Row>> find_where(Table<Row>& table,
                                                        const Choice<Row>& choice) {
    if (failed_) {
      return Await<FindAllOperation<Row>>();
    }
    const Operation operation = name_statement(table.name());
    return Await<FindAllOperation<Row>>(
        *pool().template make<FindAllOperation<Row>>(*this, operation, table, choice));
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

  template <class Op, class Row>
  Await<Op> ask(Table<Row>& table, RowKey key, ReadStatement::Mode mode) {
    if (failed_) {
      return Await<Op>();
    }
    check_unwritten(table, key);
    const Operation operation = name_statement(table.name());
    return Await<Op>(*pool().template make<Op>(*this, operation, table, key, mode));
  }
  template <class Row>
  Await<ChangeOperation<Row>> change(Table<Row>& table, Write::Kind kind, const Choice<Row>& choice,
                                     typename ChangeOperation<Row>::Change how,
                                     std::int64_t argument, const Row& row) {
    if (failed_) {
      return Await<ChangeOperation<Row>>();
    }
    if (!choice.all) {
      check_unwritten(table, choice.key);
    }
    const Operation operation = name_statement(table.name());
    return Await<ChangeOperation<Row>>(*pool().template make<ChangeOperation<Row>>(
        *this, operation, table, kind, choice, how, argument, row));
  }
  void check_unwritten(const TableBase& table, RowKey key) const;
  Operation name_statement(Name about);
  void buffer(TableBase& table, RowKey key, Write::Kind kind, const void* row);
  Pool& pool() const;
  Session& session();

  Database& database_;
  Activity& activity_;
  const Isolation isolation_;
  Session* session_ = nullptr;  // handed over to the commit once that is issued
  WriteSet writes_;
  bool failed_ = false;
  bool committing_ = false;
};

}  // namespace sagasim::sim
