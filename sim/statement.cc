#include "sim/statement.h"

#include <algorithm>

#include "sim/transaction.h"

namespace sagasim::sim {

Statement::Statement(Transaction& transaction, const Operation& operation)
    : DatabaseOperation(transaction.session(), operation, transaction.activity_),
      transaction_(transaction) {}

void Statement::fail_alone() {
  failed_alone_ = true;
  answer(Outcome::kAborted, 0);
}

void Statement::fail() {
  if (session_.database().options().failed_statement_aborts) {
    abort();
  } else {
    fail_alone();
  }
}

void Statement::conclude_transaction() {
  if (outcome() != Outcome::kOk && !failed_alone_) {
    transaction_.failed_ = true;
  }
}

bool RowStatement::refuses_to_wait(const Entry& entry) {
  if (!session_.database().fails_lock_waits() || !would_wait(entry)) [[likely]] {
    return false;
  }
  world().met(session_.database().fails_lock_waits_cause(), operation().id);
  blame_holder(entry);
  fail_alone();
  return true;
}

bool RowStatement::comes_too_late(RowKey key) {
  if (!session_.has_snapshot() || session_.writes().find(table_, key) != nullptr ||
      !session_.overlooks_change(table_, key)) [[likely]] {
    return false;
  }
  const Entry* entry = table_.find(key);
  world().caused(entry != nullptr ? entry->writer : 0, operation().id);
  abort();
  return true;
}

// --- reads ---

ReadStatement::ReadStatement(Transaction& transaction, const Operation& operation, TableBase& table,
                             RowKey key, Mode mode)
    : RowStatement(transaction, operation, table), key_(key), mode_(mode) {}

void ReadStatement::execute() {
  if (!begin()) {
    return;
  }
  session_.take_snapshot(mode_ != Mode::kLock);
  if (mode_ == Mode::kFindAll) {
    find_all();
    return;
  }
  Entry* entry = table_.find(key_);
  const bool locks =
      mode_ == Mode::kLock && entry != nullptr && entry->exists && !came_later(*entry);
  if (locks && refuses_to_wait(*entry)) {
    return;
  }
  if (!locks || acquire(table_, *entry)) {
    proceed();
  }
}

// Whether a transaction that sees one instant does not see the row, as it is younger.
bool ReadStatement::came_later(const Entry& entry) const {
  const View view = session_.view_to_write();
  return !view.is_now() && session_.writes().find(table_, key_) == nullptr &&
         session_.database().history().visible(table_, key_, &entry, view) == nullptr;
}

void ReadStatement::proceed() {
  const Entry* entry = table_.find(key_);
  if (mode_ == Mode::kLock && entry != nullptr && entry->exists && came_later(*entry)) {
    world().caused(entry->writer, operation().id);
    answer(Outcome::kOk, 0);
    return;
  }
  if (mode_ == Mode::kLock && comes_too_late(key_)) {
    return;
  }
  read(entry);
}

void ReadStatement::read(const Entry* entry) {
  const Database& database = session_.database();
  const std::uint64_t writer = entry != nullptr ? entry->writer : table_.eraser(key_);
  world().caused(writer, operation().id);
  if (session_.party() != nullptr) [[unlikely]] {
    session_.party()->reads.push_back({&table_, key_, false});
  }
  const void* now = entry != nullptr && entry->exists ? entry->row() : nullptr;
  const void* row = now;
  if (const Write* own = session_.writes().find(table_, key_)) [[unlikely]] {
    row = own->kind == Write::Kind::kErase ? nullptr : own->row();
  } else if (mode_ == Mode::kRead) {
    const View view = session_.view_to_read();
    database.blame_past(table_, key_, view, operation().id);
    row = database.history().visible(table_, key_, entry, view);
  }
  if (row == nullptr) {
    answer(Outcome::kOk, 0);
    return;
  }
  found(row);
  answer(Outcome::kOk, combine(row == now ? writer : table_.type().digest(row), 1));
}

void ReadStatement::find_all() {
  const Database& database = session_.database();
  const RowHistory& history = database.history();
  const WriteSet& writes = session_.writes();
  const View view = session_.view_to_read();
  if (session_.party() != nullptr) [[unlikely]] {
    session_.party()->reads.push_back({&table_, key_, true});
  }
  std::uint64_t result = 0;
  table_.for_each_with(key_.first, [&](const Entry& entry) {
    world().caused(entry.writer, operation().id);
    database.blame_past(table_, entry.key, view, operation().id);
    const bool own = writes.find(table_, entry.key) != nullptr;
    if (!own && (view.is_now() || history.find(table_, entry.key, view) == nullptr)) {
      result += entry.writer;
      found(entry.row());
    }
  });
  if (!view.is_now()) {
    history.for_each(table_, key_.first, view, [&](const PastRow& past) {
      database.blame_past(past, view, operation().id);
      if (writes.find(table_, past.key) == nullptr) {
        result += table_.type().digest(past.row);
        found(past.row);
      }
    });
  }
  for (const Write* own = writes.first(); own != nullptr; own = own->next) {
    const bool counts = own->table == &table_ && own->key.first == key_.first;
    if (counts && own->kind != Write::Kind::kErase) {
      result += table_.type().digest(own->row());
      found(own->row());
    }
  }
  answer(Outcome::kOk, result);
}

// --- changes ---

ChangeStatement::ChangeStatement(Transaction& transaction, const Operation& operation,
                                 TableBase& table, Write::Kind kind, RowKey key, bool all)
    : RowStatement(transaction, operation, table), kind_(kind), key_(key), all_(all) {}

void ChangeStatement::execute() {
  if (!begin()) {
    return;
  }
  session_.take_snapshot(false);
  if (all_) {
    find_all(session_.view_to_write());
  } else {
    find_one(session_.view_to_write());
  }
  proceed();
}

void ChangeStatement::find_one(const View& view) {
  const Write* own = session_.writes().find(table_, key_);
  const bool there = own != nullptr ? own->kind != Write::Kind::kErase
                                    : session_.database().history().visible(
                                          table_, key_, table_.find(key_), view) != nullptr;
  if (there || kind_ == Write::Kind::kInsert) {
    rows_.push_back(key_);
  }
  if (session_.party() != nullptr && kind_ != Write::Kind::kInsert) {
    session_.party()->reads.push_back({&table_, key_, false});
  }
}

void ChangeStatement::find_all(const View& view) {
  const RowHistory& history = session_.database().history();
  const WriteSet& writes = session_.writes();
  if (session_.party() != nullptr) {
    session_.party()->reads.push_back({&table_, key_, true});
  }
  // InnoDB locks whatever it looks at, and asks afterwards whether it fits.
  const bool locks_all = session_.isolation() == Isolation::kConsistentReads;
  const auto consider = [&](RowKey key, const void* row) {
    if (writes.find(table_, key) == nullptr && (locks_all || fits(row))) {
      note(key);
    }
  };
  table_.for_each_with(key_.first, [&](const Entry& entry) {
    world().caused(entry.writer, operation().id);
    if (view.is_now() || history.find(table_, entry.key, view) == nullptr) {
      consider(entry.key, entry.row());
    }
  });
  if (!view.is_now()) {
    history.for_each(table_, key_.first, view, [&](const PastRow& past) {
      world().caused(past.by, operation().id);
      consider(past.key, past.row);
    });
  }
  for (const Write* own = writes.first(); own != nullptr; own = own->next) {
    const bool counts = own->table == &table_ && own->key.first == key_.first;
    if (counts && own->kind != Write::Kind::kErase && fits(own->row())) {
      note(own->key);
    }
  }
}

// In the order of the keys, so that the order of the locks is one too.
void ChangeStatement::note(RowKey key) {
  const auto place =
      std::upper_bound(rows_.begin(), rows_.end(), key, [](const RowKey& one, const RowKey& other) {
        return one.first != other.first ? one.first < other.first : one.second < other.second;
      });
  rows_.insert(place, key);
}

void ChangeStatement::proceed() {
  while (next_ < rows_.size()) {
    const RowKey key = rows_[next_];
    Entry* entry = table_.find(key);
    if (entry == nullptr && kind_ == Write::Kind::kInsert) {
      entry = &table_.find_or_add(key);
    }
    // A row that somebody else is inserting is not there yet; who inserts it as well has to wait.
    const bool locks = entry != nullptr && (entry->exists || kind_ == Write::Kind::kInsert);
    if (locks && (refuses_to_wait(*entry) || !acquire(table_, *entry))) {
      return;
    }
    ++next_;
    if (!write(key)) {
      return;
    }
  }
  answer(Outcome::kOk, count_);
}

bool ChangeStatement::write(RowKey key) {
  const Entry* entry = table_.find(key);
  const void* row = entry != nullptr && entry->exists ? entry->row() : nullptr;
  world().caused(entry != nullptr ? entry->writer : table_.eraser(key), operation().id);
  if (const Write* own = session_.writes().find(table_, key)) {
    row = own->kind == Write::Kind::kErase ? nullptr : own->row();
  }
  if (kind_ == Write::Kind::kInsert) {
    if (row != nullptr) {
      fail();
      return false;
    }
    session_.write(table_, key, changed(nullptr));
    ++count_;
    return true;
  }
  if (comes_too_late(key)) {
    return false;
  }
  // It was found as it was before the wait, and counts as it is now.
  if (row != nullptr && fits(row)) {
    session_.write(table_, key, kind_ == Write::Kind::kErase ? nullptr : changed(row));
    ++count_;
  }
  return true;
}

// --- numbers ---

void SequenceOperation::execute() {
  if (!begin()) {
    return;
  }
  value_ = ++sequence_.last_;
  world().count_change();
  answer(Outcome::kOk, static_cast<std::uint64_t>(value_));
}

}  // namespace sagasim::sim
