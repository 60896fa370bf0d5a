#include "sim/database.h"

#include <algorithm>

#include "sim/watcher.h"

namespace sagasim::sim {

// --- sessions ---

Session::Session(Database& database, std::uint64_t identity)
    : Event([](Event& event) {
        auto& session = static_cast<Session&>(event);
        session.database_.roll_back(session);
        session.database_.end(session);
      }),
      database_(database),
      identity_(identity),
      next_(database.sessions_) {
  if (next_ != nullptr) {
    next_->previous_ = this;
  }
  database.sessions_ = this;
}

Session::~Session() {
  database_.world_.scheduler().cancel(*this);
  (previous_ != nullptr ? previous_->next_ : database_.sessions_) = next_;
  if (next_ != nullptr) {
    next_->previous_ = previous_;
  }
}

const Activity* Session::activity() const {
  return client_ != nullptr || waiting_ == nullptr ? client_ : waiting_->activity();
}

Database::Database(World& world, Node& server, Name name, const DatabaseOptions& options)
    : world_(world), server_(server), name_(name), options_(options) {
  server.listen(*this);
}

Database::~Database() {
  while (sessions_ != nullptr) {
    world_.pool().destroy(sessions_);
  }
  for (const Past& past : history_) {
    if (past.row != nullptr) {
      world_.pool().release(past.row, past.table->type().size);
    }
  }
}

Session& Database::open(std::uint64_t identity) {
  return *world_.pool().make<Session>(*this, identity);
}

void Database::end(Session& session) {
  session.ended_ = true;
  if (session.operations_ == 0) {
    world_.pool().destroy(&session);
  }
}

void Database::close_soon(Session& session, const Node& client) {
  if (session.state_ != Session::State::kActive) {
    end(session);
    return;
  }
  // A dying process resets its connections at once; through a cut the server hears nothing.
  const Duration notice =
      world_.connected(client, server_) ? options_.route.request.max : options_.orphan_timeout;
  world_.scheduler().at(world_.now() + notice, session.identity_, session);
}

void Database::roll_back(Session& session) {
  if (session.state_ != Session::State::kActive) {
    return;
  }
  session.state_ = Session::State::kAborted;
  if (DatabaseOperation* waiting = session.waiting_) {
    waiting->broken();
    waiting->answer(Outcome::kAborted, 0);
  }
  release_locks(session);
}

void Database::release_locks(Session& session) {
  // Index loops: granting a lock may let another session go on and end, but never adds to this one.
  for (std::size_t i = 0; i < session.held_.size(); ++i) {
    Entry& entry = *session.held_[i];
    entry.holder = nullptr;
    if (DatabaseOperation* next = entry.waiting) {
      entry.waiting = next->next_waiting_;
      next->next_waiting_ = nullptr;
      next->wanted_ = nullptr;
      Session& heir = next->session_;
      heir.waiting_ = nullptr;
      heir.held_.push_back(&entry);
      heir.held_tables_.push_back(session.held_tables_[i]);
      entry.holder = &heir;
      world_.caused(session.last_operation_, next->operation().id);
      next->proceed();
    } else {
      session.held_tables_[i]->tidy(entry);
    }
  }
  session.held_.clear();
  session.held_tables_.clear();
}

// A server that dies forgets its sessions: whatever was not committed never was.
void Database::on_crash(Node&, std::uint64_t cause) {
  for (Session* session = sessions_; session != nullptr; session = session->next_) {
    if (session->state_ != Session::State::kActive) {
      continue;
    }
    session->state_ = Session::State::kDoomed;
    world_.caused(cause, session->last_operation_);
    for (std::size_t i = 0; i < session->held_.size(); ++i) {
      session->held_[i]->holder = nullptr;
    }
    if (session->waiting_ != nullptr) {
      session->waiting_->broken();
    }
  }
  for (Session* session = sessions_; session != nullptr; session = session->next_) {
    for (std::size_t i = 0; i < session->held_.size(); ++i) {
      session->held_tables_[i]->tidy(*session->held_[i]);
    }
    session->held_.clear();
    session->held_tables_.clear();
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
  changes_.clear();
  while (!history_.empty() && history_.back().until > world_.now() - back) {
    const Past past = history_.back();
    history_.pop_back();
    Entry& entry = past.table->find_or_add(past.key);
    world_.caused(cause, entry.writer);
    // A row that changed more than once is reported once: from what it was to what it is again.
    const bool reported = std::any_of(changes_.begin(), changes_.end(), [&](const auto& change) {
      return change.table == past.table && change.key == past.key;
    });
    if (!reported) {
      void* before = nullptr;
      if (entry.exists) {
        before = world_.pool().allocate(past.table->type().size);
        std::memcpy(before, entry.row(), past.table->type().size);
      }
      changes_.push_back(RowChange{past.table, past.key, before, nullptr});
    }
    if (past.row == nullptr) {
      past.table->erase(entry, cause);
      past.table->note_eraser(past.key, cause);
    } else {
      past.table->write(entry, past.row, cause);
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

const void* Database::visible(const TableBase& table, RowKey key, const Entry* entry) const {
  const void* now = entry != nullptr && entry->exists ? entry->row() : nullptr;
  if (read_behind_ == Duration{}) [[likely]] {
    return now;
  }
  const Past* past = past_of(table, key);
  return past != nullptr ? past->row : now;
}

const Database::Past* Database::past_of(const TableBase& table, RowKey key) const {
  const Instant then = world_.now() - read_behind_;
  for (const Past& past : history_) {
    if (past.until > then && past.table == &table && past.key == key) {
      return &past;
    }
  }
  return nullptr;
}

void Database::blame_lag(const TableBase& table, RowKey key, std::uint64_t effect) const {
  if (read_behind_ == Duration{}) [[likely]] {
    return;
  }
  if (const Past* past = past_of(table, key)) {
    world_.caused(read_behind_cause_, effect);
    world_.caused(past->by, effect);
  }
}

template <class Visit>
void Database::for_each_past(const TableBase& table, std::uint64_t first, Visit&& visit) const {
  const Instant then = world_.now() - read_behind_;
  for (const Past& past : history_) {
    const bool counts = past.until > then && past.table == &table && past.key.first == first;
    if (counts && past.row != nullptr && past_of(table, past.key) == &past) {
      visit(past);
    }
  }
}

std::uint64_t Database::digest() const {
  std::uint64_t state = name_.hash();
  for (const auto& table : tables_) {
    state = combine(state, table->digest());
  }
  return state;
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

// --- operations ---

DatabaseOperation::DatabaseOperation(Session& session, const Operation& operation,
                                     const Route& route, Activity& activity)
    : RemoteOperation(session.database_.world(), operation, route, &activity), session_(session) {
  ++session.operations_;
  // From now on whoever waits for this session's locks waits for this operation.
  session.last_operation_ = operation.id;
}

DatabaseOperation::~DatabaseOperation() {
  --session_.operations_;
  if (session_.ended_) {
    session_.database_.end(session_);
  }
}

const Activity* DatabaseOperation::waits_for() const {
  return wanted_ != nullptr && wanted_->holder != nullptr ? wanted_->holder->activity() : nullptr;
}

bool DatabaseOperation::acquire(TableBase& table, Entry& entry) {
  if (entry.holder == &session_) {
    return true;
  }
  if (entry.holder == nullptr) {
    entry.holder = &session_;
    session_.held_.push_back(&entry);
    session_.held_tables_.push_back(&table);
    return true;
  }
  world().caused(entry.holder->last_operation_, operation().id);
  for (const Session* session = entry.holder; session->waiting_ != nullptr;) {
    session = session->waiting_->wanted_->holder;
    if (session == &session_) {
      session_.database_.roll_back(session_);
      answer(Outcome::kAborted, 0);
      return false;
    }
  }
  wanted_ = &entry;
  wanted_table_ = &table;
  session_.waiting_ = this;
  DatabaseOperation** last = &entry.waiting;
  while (*last != nullptr) {
    world().caused((*last)->operation().id, operation().id);
    last = &(*last)->next_waiting_;
  }
  *last = this;
  return false;
}

// Leaves the queue of the lock that it waits for.
void DatabaseOperation::broken() {
  if (wanted_ == nullptr) {
    return;
  }
  DatabaseOperation** link = &wanted_->waiting;
  while (*link != this) {
    link = &(*link)->next_waiting_;
  }
  *link = next_waiting_;
  Entry& entry = *wanted_;
  TableBase& table = *wanted_table_;
  next_waiting_ = nullptr;
  wanted_ = nullptr;
  session_.waiting_ = nullptr;
  table.tidy(entry);
}

StatementBase::StatementBase(Transaction& transaction, const Operation& operation,
                             const Route& route, TableBase& table, RowKey key, Mode mode)
    : DatabaseOperation(transaction.session(), operation, route, transaction.activity_),
      transaction_(transaction),
      table_(table),
      key_(key),
      mode_(mode) {}

void StatementBase::execute() {
  if (session_.state_ != Session::State::kActive) {
    answer(Outcome::kAborted, 0);
    return;
  }
  if (mode_ == Mode::kFindAll) {
    find_all();
    return;
  }
  Entry* entry = table_.find(key_);
  const bool locks = mode_ == Mode::kLock && entry != nullptr && entry->exists;
  if (locks && session_.database_.fails_lock_waits_ && would_wait(*entry)) [[unlikely]] {
    failed_alone_ = true;
    world().caused(session_.database_.fails_lock_waits_cause_, operation().id);
    world().caused(entry->holder->last_operation_, operation().id);
    answer(Outcome::kAborted, 0);
    return;
  }
  if (!locks || acquire(table_, *entry)) {
    read(entry);
  }
}

void StatementBase::proceed() { read(table_.find(key_)); }

void StatementBase::read(const Entry* entry) {
  const std::uint64_t writer = entry != nullptr ? entry->writer : table_.eraser(key_);
  world().caused(writer, operation().id);
  const void* now = entry != nullptr && entry->exists ? entry->row() : nullptr;
  if (mode_ == Mode::kRead) {
    session_.database_.blame_lag(table_, key_, operation().id);
  }
  const void* row = mode_ == Mode::kRead ? session_.database_.visible(table_, key_, entry) : now;
  if (row == nullptr) {
    answer(Outcome::kOk, 0);
    return;
  }
  found(row);
  answer(Outcome::kOk, combine(row == now ? writer : table_.type().digest(row), 1));
}

void StatementBase::find_all() {
  const Database& database = session_.database_;
  const bool behind = database.read_behind_ != Duration{};
  std::uint64_t result = 0;
  table_.for_each_with(key_.first, [&](const Entry& entry) {
    world().caused(entry.writer, operation().id);
    database.blame_lag(table_, entry.key, operation().id);
    if (!behind || database.past_of(table_, entry.key) == nullptr) {
      result += entry.writer;
      found(entry.row());
    }
  });
  if (behind) {
    database.for_each_past(table_, key_.first, [&](const Database::Past& past) {
      world().caused(database.read_behind_cause_, operation().id);
      world().caused(past.by, operation().id);
      result += table_.type().digest(past.row);
      found(past.row);
    });
  }
  answer(Outcome::kOk, result);
}

void StatementBase::conclude_transaction() {
  if (outcome() != Outcome::kOk && !failed_alone_) {
    transaction_.failed_ = true;
  }
}

CommitOperation::CommitOperation(Session& session, const Operation& operation, const Route& route,
                                 Activity& activity, Write* writes)
    : DatabaseOperation(session, operation, route, activity),
      writes_(writes),
      next_to_lock_(writes) {}

CommitOperation::~CommitOperation() {
  while (writes_ != nullptr) {
    Write* next = writes_->next;
    world().pool().release(writes_, sizeof(Write) + writes_->table->type().size);
    writes_ = next;
  }
  session_.database_.close_soon(session_, initiator());
}

void CommitOperation::execute() {
  if (session_.state_ != Session::State::kActive) {
    answer(Outcome::kAborted, 0);
    return;
  }
  proceed();
}

void CommitOperation::proceed() {
  while (next_to_lock_ != nullptr) {
    Write& write = *next_to_lock_;
    next_to_lock_ = write.next;
    if (!acquire(*write.table, write.table->find_or_add(write.key))) {
      return;
    }
  }
  for (Write* write = writes_; write != nullptr; write = write->next) {
    const Entry* entry = write->table->find(write->key);
    if (write->kind == Write::Kind::kInsert && entry->exists) {
      world().caused(entry->writer, operation().id);
      session_.database_.roll_back(session_);
      answer(Outcome::kAborted, 0);
      return;
    }
  }
  apply();
}

void CommitOperation::apply() {
  Database& database = session_.database_;
  Pool& pool = world().pool();
  auto& changes = database.changes_;
  changes.clear();
  std::uint64_t digest = 0;
  for (Write* write = writes_; write != nullptr; write = write->next) {
    TableBase& table = *write->table;
    Entry& entry = *table.find(write->key);
    world().caused(entry.writer, operation().id);
    if (!entry.exists) {
      world().caused(table.eraser(write->key), operation().id);
      if (write->kind != Write::Kind::kInsert) {
        continue;
      }
    }
    void* before = nullptr;
    if (entry.exists) {
      before = pool.allocate(table.type().size);
      std::memcpy(before, entry.row(), table.type().size);
    }
    if (write->kind == Write::Kind::kErase) {
      table.erase(entry, operation().id);
      if (world().traced()) [[unlikely]] {
        table.note_eraser(write->key, operation().id);
      }
      digest += combine(table.name().hash(), write->key.hash());
      changes.push_back(RowChange{&table, write->key, before, nullptr});
    } else {
      table.write(entry, write->row(), operation().id);
      digest += combine(table.name().hash(), table.type().digest(entry.row()));
      changes.push_back(RowChange{&table, write->key, before, entry.row()});
    }
  }
  world().fingerprint().fold(digest);
  if (!changes.empty()) {
    world().count_change();
  }
  session_.state_ = Session::State::kCommitted;
  database.publish(operation());
  for (const RowChange& change : changes) {
    if (database.keeps_history_) [[unlikely]] {
      database.history_.push_back({world().now(), const_cast<TableBase*>(change.table), change.key,
                                   const_cast<void*>(change.before), operation().id});
    } else if (change.before != nullptr) {
      pool.release(const_cast<void*>(change.before), change.table->type().size);
    }
  }
  database.release_locks(session_);
  answer(Outcome::kOk, digest);
}

// --- the client's side ---

Transaction::Transaction(Database& database, Context context)
    : database_(database), activity_(context.activity()) {}

Transaction::~Transaction() {
  while (first_write_ != nullptr) {
    Write* next = first_write_->next;
    pool().release(first_write_, sizeof(Write) + first_write_->table->type().size);
    first_write_ = next;
  }
  if (session_ != nullptr) {
    session_->client_ = nullptr;
    database_.close_soon(*session_, activity_.node());
  }
}

Pool& Transaction::pool() const { return database_.world().pool(); }

const Route& Transaction::route() const { return database_.options().route; }

Session& Transaction::session() {
  if (session_ == nullptr) {
    const std::uint64_t first = activity_.identity();
    session_ = &database_.open(
        combine(first, database_.world().next_attempt(combine(first, database_.name().hash()))));
    session_->client_ = &activity_;
  }
  return *session_;
}

Operation Transaction::name_statement(const TableBase& table, RowKey key,
                                      StatementBase::Mode mode) {
  SAGASIM_CHECK(!committing_, "statement after commit");
  for (const Write* write = first_write_; write != nullptr; write = write->next) {
    SAGASIM_CHECK(
        write->table != &table || !(write->key == key) || mode == StatementBase::Mode::kFindAll,
        "read of a row with a buffered write");
  }
  return activity_.operation(OperationKind::kStatement, table.name(),
                             activity_.invocation().subject, &database_.server());
}

void Transaction::buffer(TableBase& table, RowKey key, Write::Kind kind, const void* row) {
  SAGASIM_CHECK(!committing_, "write after commit");
  void* memory = pool().allocate(sizeof(Write) + table.type().size);
  Write* write = new (memory) Write{&table, key, kind, nullptr};
  std::memcpy(write->row(), row, table.type().size);
  (last_write_ != nullptr ? last_write_->next : first_write_) = write;
  last_write_ = write;
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
  auto* commit = pool().make<CommitOperation>(mine, operation, route(), activity_,
                                              std::exchange(first_write_, nullptr));
  session_->client_ = nullptr;  // its commit is what it waits for from now on
  session_ = nullptr;
  return Await<CommitOperation>(*commit);
}

}  // namespace sagasim::sim
