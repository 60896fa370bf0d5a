#include "sim/database.h"

#include <algorithm>
#include <cstring>

#include "sim/session.h"
#include "sim/watcher.h"

namespace sagasim::sim {

Database::Database(World& world, Node& server, Name name, const DatabaseOptions& options)
    : world_(world), server_(server), name_(name), options_(options), history_(world.pool()) {
  server.listen(*this);
}

Database::~Database() {
  while (sessions_ != nullptr) {
    world_.pool().destroy(sessions_);
  }
}

Sequence& Database::add_sequence(Name name) {
  sequences_.push_back(std::make_unique<Sequence>(name));
  return *sequences_.back();
}

std::uint64_t Database::digest() const {
  std::uint64_t state = name_.hash();
  for (const auto& table : tables_) {
    state = combine(state, table->digest());
  }
  return state;
}

// --- what becomes durable ---

void Database::begin_changes() {
  changes_.clear();
  ++commits_;
}

void* Database::copy_of(const TableBase& table, const Entry& entry) {
  if (!entry.exists) {
    return nullptr;
  }
  void* copy = world_.pool().allocate(table.type().size);
  std::memcpy(copy, entry.row(), table.type().size);
  return copy;
}

void Database::change(TableBase& table, Entry& entry, const void* row, std::uint64_t operation) {
  const void* before = copy_of(table, entry);
  entry.version = commits_;
  if (row != nullptr) {
    table.write(entry, row, operation);
  } else {
    table.erase(entry, operation);
    if (world_.traced()) [[unlikely]] {
      table.note_eraser(entry.key, operation);
    }
  }
  changes_.push_back(RowChange{&table, entry.key, before, row != nullptr ? entry.row() : nullptr});
}

void Database::end_changes(const Operation& operation, std::uint64_t digest) {
  world_.fingerprint().fold(digest);
  if (!changes_.empty()) {
    world_.count_change();
  }
  publish(operation);
  const bool keeps = keeps_history_ || snapshots_ != 0;
  for (const RowChange& change : changes_) {
    void* before = const_cast<void*>(change.before);
    if (keeps) [[unlikely]] {
      history_.add({world_.now(), const_cast<TableBase*>(change.table), change.key, before,
                    operation.id, commits_});
    } else if (before != nullptr) {
      world_.pool().release(before, change.table->type().size);
    }
  }
}

void Database::publish(const Operation& operation) {
  const Commit commit{*this, operation, world_.now(), changes_};
  for (Observer* observer : world_.observers()) {
    observer->on_commit(commit);
  }
  for (const RowChange& change : changes_) {
    for (Watcher* watcher : const_cast<TableBase*>(change.table)->watchers()) {
      watcher->on_change(change, operation.id);
    }
  }
}

// --- what is seen of the past ---

void Database::blame_past(const PastRow& past, const View& view, std::uint64_t effect) const {
  world_.met(view.then != kNever ? read_behind_cause_ : 0, effect);
  world_.caused(past.by, effect);
}

void Database::end_snapshot() {
  --snapshots_;
  if (keeps_history_) {
    return;
  }
  std::uint64_t oldest = kNoSnapshot;
  for (const Session* session = sessions_; session != nullptr; session = session->next_) {
    oldest = std::min(oldest, session->snapshot_);
  }
  history_.forget(oldest);
}

// --- what happens to the server ---

// A server that dies forgets its sessions: whatever was not committed never was.
void Database::on_crash(Node&, std::uint64_t cause) {
  for (Session* session = sessions_; session != nullptr; session = session->next_) {
    session->doom(cause);
  }
  for (Session* session = sessions_; session != nullptr; session = session->next_) {
    session->forget_locks();
  }
}

bool Database::on_intervention(Node&, const Intervention& intervention) {
  switch (intervention.kind) {
    case Intervention::Kind::kKeepHistory:
      keeps_history_ = true;
      return true;
    case Intervention::Kind::kRestore:
      restore(intervention.by, intervention.cause);
      return true;
    case Intervention::Kind::kReadBehind:
      read_behind_ = intervention.by;
      read_behind_cause_ = intervention.cause;
      return true;
    case Intervention::Kind::kFailLockWaits:
      fails_lock_waits_ = intervention.by != Duration{};
      fails_lock_waits_cause_ = intervention.cause;
      return true;
    default:
      return false;
  }
}

// Undoes every change of the last `back`, newest first, and reports it as one commit. Requires: no
// session holds a lock, which is so while the server is down.
void Database::restore(Duration back, std::uint64_t cause) {
  SAGASIM_CHECK(keeps_history_, "a database without history cannot be restored");
  Operation operation;
  operation.id = cause;
  operation.at = world_.now();
  operation.kind = OperationKind::kCommit;
  operation.initiator = &server_;
  operation.receiver = &server_;
  operation.invocation.role = server_.role();
  operation.invocation.scope = "restore";
  operation.invocation_id = operation.invocation.id();
  begin_changes();
  PastRow past;
  while (history_.take_newest(world_.now() - back, past)) {
    Entry& entry = past.table->find_or_add(past.key);
    world_.met(cause, entry.writer);
    // A row that changed more than once is reported once: from what it was to what it is again.
    const bool reported = std::any_of(changes_.begin(), changes_.end(), [&](const auto& change) {
      return change.table == past.table && change.key == past.key;
    });
    if (!reported) {
      changes_.push_back(RowChange{past.table, past.key, copy_of(*past.table, entry), nullptr});
    }
    if (past.row == nullptr) {
      past.table->erase(entry, cause);
      past.table->note_eraser(past.key, cause);
    } else {
      past.table->write(entry, past.row, cause);
      entry.version = commits_;
      world_.pool().release(past.row, past.table->type().size);
    }
  }
  for (RowChange& change : changes_) {
    Entry& entry = *change.table->find(change.key);
    change.after = entry.exists ? entry.row() : nullptr;
    if (change.before == nullptr && change.after == nullptr) {
      const_cast<TableBase*>(change.table)->tidy(entry);
    }
  }
  // What came and went in that time is as it was.
  std::erase_if(changes_, [](const RowChange& change) {
    return change.before == nullptr && change.after == nullptr;
  });
  world_.fingerprint().fold(combine(cause, changes_.size()));
  publish(operation);
  for (const RowChange& change : changes_) {
    auto& table = const_cast<TableBase&>(*change.table);
    if (change.before != nullptr) {
      world_.pool().release(const_cast<void*>(change.before), table.type().size);
    }
    table.tidy(*table.find(change.key));
  }
}

}  // namespace sagasim::sim
