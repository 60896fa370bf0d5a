#include "sim/transaction.h"

#include <utility>

namespace sagasim::sim {

// --- the commit, at the server ---

CommitOperation::CommitOperation(Session& session, const Operation& operation, Activity& activity,
                                 WriteSet writes)
    : DatabaseOperation(session, operation, activity), writes_(std::move(writes)) {}

CommitOperation::~CommitOperation() { session_.leave(initiator()); }

void CommitOperation::execute() {
  if (!begin()) {
    return;
  }
  writes_.prepend(session_.writes());  // what was written before comes first
  next_to_lock_ = writes_.first();
  if (!writes_.empty()) {
    session_.take_snapshot(false);
  }
  proceed();
}

// Whether nobody has written, since this transaction's snapshot, what it must not overlook.
bool CommitOperation::in_time() {
  if (!session_.has_snapshot() || session_.isolation() == Isolation::kConsistentReads) [[likely]] {
    return true;
  }
  for (const Write* write = writes_.first(); write != nullptr; write = write->next) {
    // To insert what somebody has erased since overlooks nothing.
    if (write->kind != Write::Kind::kInsert &&
        session_.overlooks_change(*write->table, write->key)) {
      world().caused(write->entry->writer, operation().id);
      return false;
    }
    if (session_.party() != nullptr) {
      session_.party()->writes.push_back({write->table, write->key});
    }
  }
  return session_.party() == nullptr || session_.database().may_commit(*session_.party());
}

void CommitOperation::proceed() {
  while (next_to_lock_ != nullptr) {
    Write& write = *next_to_lock_;
    next_to_lock_ = write.next;
    write.entry = &write.table->find_or_add(write.key);
    if (!acquire(*write.table, *write.entry)) {
      return;
    }
  }
  for (Write* write = writes_.first(); write != nullptr; write = write->next) {
    if (write->kind == Write::Kind::kInsert && write->entry->exists) {
      world().caused(write->entry->writer, operation().id);
      abort();
      return;
    }
  }
  if (!in_time()) {
    abort();
    return;
  }
  apply();
}

void CommitOperation::apply() {
  Database& database = session_.database();
  database.begin_changes();
  std::uint64_t digest = 0;
  for (Write* write = writes_.first(); write != nullptr; write = write->next) {
    TableBase& table = *write->table;
    Entry& entry = *write->entry;
    world().caused(entry.writer, operation().id);
    if (!entry.exists) {
      world().caused(table.eraser(write->key), operation().id);
      if (write->kind != Write::Kind::kInsert) {
        continue;
      }
    }
    const bool stays = write->kind != Write::Kind::kErase;
    database.change(table, entry, stays ? write->row() : nullptr, operation().id);
    digest += combine(table.name().hash(), stays ? entry.digest : write->key.hash());
  }
  session_.commit();
  database.end_changes(operation(), digest);
  session_.release_locks();
  answer(Outcome::kOk, digest);
}

// --- the client's side ---

Transaction::Transaction(Database& database, Context context)
    : Transaction(database, context, database.options().isolation) {}

Transaction::Transaction(Database& database, Context context, Isolation isolation)
    : database_(database),
      activity_(context.activity()),
      isolation_(isolation),
      writes_(database.world().pool()) {}

Transaction::~Transaction() {
  if (session_ != nullptr) {
    session_->leave(activity_.node());
  }
}

Pool& Transaction::pool() const { return database_.world().pool(); }

Session& Transaction::session() {
  if (session_ == nullptr) {
    const std::uint32_t number = activity_.next_ordinal(database_.name().hash());
    session_ = pool().make<Session>(database_, combine(activity_.identity(), number), isolation_,
                                    activity_);
  }
  return *session_;
}

void Transaction::check_unwritten(const TableBase& table, RowKey key) const {
  SAGASIM_CHECK(writes_.find(table, key) == nullptr, "read of a row with a buffered write");
}

Operation Transaction::name_statement(Name about) {
  SAGASIM_CHECK(!committing_, "statement after commit");
  return activity_.operation(OperationKind::kStatement, about, activity_.invocation().subject,
                             &database_.server());
}

void Transaction::buffer(TableBase& table, RowKey key, Write::Kind kind, const void* row) {
  SAGASIM_CHECK(!committing_, "write after commit");
  std::memcpy(writes_.add(table, key, kind).row(), row, table.type().size);
}

Await<SequenceOperation> Transaction::next(Sequence& sequence) {
  if (failed_) {
    return Await<SequenceOperation>();
  }
  const Operation operation = name_statement(sequence.name());
  return Await<SequenceOperation>(*pool().make<SequenceOperation>(*this, operation, sequence));
}

Await<CommitOperation> Transaction::commit() {
  SAGASIM_CHECK(!committing_, "commit called twice");
  if (failed_) {
    return Await<CommitOperation>();
  }
  Session& mine = session();
  committing_ = true;
  const Operation operation = activity_.operation(
      OperationKind::kCommit, Name(), activity_.invocation().subject, &database_.server());
  auto* commit = pool().make<CommitOperation>(mine, operation, activity_, std::move(writes_));
  session_->hand_over();  // its commit is what it waits for from now on
  session_ = nullptr;
  return Await<CommitOperation>(*commit);
}

}  // namespace sagasim::sim
