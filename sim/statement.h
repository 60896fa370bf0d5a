// Statement: what a transaction asks of the server before its commit: to read rows, to lock them,
// to write them at once, to give a number. Part of the database; made by a Transaction, where the
// contracts are.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/session.h"

namespace sagasim::sim {

class Transaction;

// A statement of a transaction, as opposed to its commit.
class Statement : public DatabaseOperation {
 protected:
  Statement(Transaction& transaction, const Operation& operation);

  // It fails alone, or takes its transaction with it.
  void fail_alone();
  // The lock cannot be had, or the key is there: one of the two, as the database has it.
  void fail();
  void give_up_waiting() override { fail(); }
  // The initiator knows the outcome: what failed, and not alone, has failed all of the transaction.
  void conclude_transaction();

 private:
  Transaction& transaction_;
  bool failed_alone_ = false;  // the transaction goes on without it
};

// A statement about rows of a table.
class RowStatement : public Statement {
 protected:
  RowStatement(Transaction& transaction, const Operation& operation, TableBase& table)
      : Statement(transaction, operation), table_(table) {}

  // Whether the lock of `entry` must not be waited for; the statement has failed alone then.
  bool refuses_to_wait(const Entry& entry);
  // Whether somebody has changed the row since the snapshot of a transaction that may not overlook
  // that; the transaction has ended then.
  bool comes_too_late(RowKey key);

  TableBase& table_;
};

// A read of one row or of all rows that share the first half of a key.
class ReadStatement : public RowStatement {
 public:
  enum class Mode : std::uint8_t { kRead, kLock, kFindAll };

  ReadStatement(Transaction& transaction, const Operation& operation, TableBase& table, RowKey key,
                Mode mode);

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

template <class Row>
class ReadOperation final : public ReadStatement {
 public:
  using ReadStatement::ReadStatement;
  std::optional<Row> take() {
    conclude_transaction();
    return outcome() == Outcome::kOk ? row_ : std::nullopt;
  }
  static std::optional<Row> nothing() { return std::nullopt; }

 private:
  void found(const void* row) override { row_ = *static_cast<const Row*>(row); }
  void release() noexcept override { world().pool().destroy(this); }
  std::optional<Row> row_;
};

template <class Row>
class FindAllOperation final : public ReadStatement {
 public:
  FindAllOperation(Transaction& transaction, const Operation& operation, TableBase& table,
                   const Choice<Row>& choice)
      : ReadStatement(transaction, operation, table, choice.key, Mode::kFindAll), choice_(choice) {}
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

// A statement that writes at once. It finds its rows as any read of its transaction would; locks
// them one by one, in the order of their keys; and looks at each again once it has it.
class ChangeStatement : public RowStatement {
 protected:
  ChangeStatement(Transaction& transaction, const Operation& operation, TableBase& table,
                  Write::Kind kind, RowKey key, bool all);

  void execute() override;
  void proceed() override;
  virtual bool fits(const void* row) const = 0;
  // The row as it is to be: of an update, that row changed; of an insert, the new one.
  virtual const void* changed(const void* row) = 0;

  std::uint32_t count_ = 0;  // of rows written

 private:
  void find_one(const View& view);
  void find_all(const View& view);
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
class ChangeOperation final : public ChangeStatement {
 public:
  using Change = void (*)(Row& row, std::int64_t argument);
  ChangeOperation(Transaction& transaction, const Operation& operation, TableBase& table,
                  Write::Kind kind, const Choice<Row>& choice, Change change, std::int64_t argument,
                  const Row& row)
      : ChangeStatement(transaction, operation, table, kind, choice.key, choice.all),
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

class SequenceOperation final : public Statement {
 public:
  SequenceOperation(Transaction& transaction, const Operation& operation, Sequence& sequence)
      : Statement(transaction, operation), sequence_(sequence) {}
  // 0 if there is no answer.
  std::int64_t take() {
    conclude_transaction();
    return outcome() == Outcome::kOk ? value_ : 0;
  }
  static std::int64_t nothing() { return 0; }

 private:
  void execute() override;
  void proceed() override {}
  void release() noexcept override { world().pool().destroy(this); }

  Sequence& sequence_;
  std::int64_t value_ = 0;
};

}  // namespace sagasim::sim
