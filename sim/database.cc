#include "sim/database.h"

#include <algorithm>
#include <utility>

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
      lock_timeout_(*this),
      next_(database.sessions_) {
  if (next_ != nullptr) {
    next_->previous_ = this;
  }
  database.sessions_ = this;
}

Session::LockTimeout::LockTimeout(Session& owner)
    : Event([](Event& event) {
        DatabaseOperation& waiting = *static_cast<LockTimeout&>(event).session.waiting_;
        waiting.broken();
        waiting.give_up_waiting();
      }),
      session(owner) {}

Session::~Session() {
  for (Lock* lock = take_locks(); lock != nullptr;) {
    database_.world_.pool().destroy(std::exchange(lock, lock->next));
  }
  database_.world_.scheduler().cancel(*this);
  database_.world_.scheduler().cancel(lock_timeout_);
  database_.drop_snapshot(*this);
  while (first_write_ != nullptr) {
    Write* next = first_write_->next;
    database_.world_.pool().release(first_write_, sizeof(Write) + first_write_->table->type().size);
    first_write_ = next;
  }
  (previous_ != nullptr ? previous_->next_ : database_.sessions_) = next_;
  if (next_ != nullptr) {
    next_->previous_ = previous_;
  }
}

void Session::add_lock(TableBase& table, Entry& entry) {
  entry.holder = this;
  Lock* lock = database_.world_.pool().make<Lock>(Lock{&entry, &table, nullptr});
  *last_lock_ = lock;
  last_lock_ = &lock->next;
}

Session::Lock* Session::take_locks() {
  last_lock_ = &first_lock_;
  return std::exchange(first_lock_, nullptr);
}

const Activity* Session::activity() const {
  return client_ != nullptr || waiting_ == nullptr ? client_ : waiting_->activity();
}

Write* Session::written(const TableBase& table, RowKey key) const {
  Write* write = first_write_;
  while (write != nullptr && (write->table != &table || !(write->key == key))) {
    write = write->next;
  }
  return write;
}

// A row that is written again has one change to be committed: from what it was to what it is. The
// session holds its lock, so whether it was there cannot change any more.
void Session::write(TableBase& table, RowKey key, const void* row) {
  Write* write = written(table, key);
  if (write == nullptr) {
    void* memory = database_.world_.pool().allocate(sizeof(Write) + table.type().size);
    write = new (memory) Write{&table, key, Write::Kind::kErase, nullptr};
    (last_write_ != nullptr ? last_write_->next : first_write_) = write;
    last_write_ = write;
  }
  if (row == nullptr) {
    write->kind = Write::Kind::kErase;
    return;
  }
  const Entry* entry = table.find(key);
  const bool was_there = entry != nullptr && entry->exists;
  write->kind = was_there ? Write::Kind::kUpdate : Write::Kind::kInsert;
  std::memcpy(write->row(), row, table.type().size);
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

Sequence& Database::add_sequence(Name name) {
  sequences_.push_back(std::make_unique<Sequence>(name));
  return *sequences_.back();
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
  // Granting a lock may let another session go on and end, but never adds to this one.
  for (Session::Lock* lock = session.take_locks(); lock != nullptr;) {
    Entry& entry = *lock->entry;
    TableBase& table = *lock->table;
    world_.pool().destroy(std::exchange(lock, lock->next));
    entry.holder = nullptr;
    if (DatabaseOperation* next = entry.waiting) {
      entry.waiting = next->next_waiting_;
      next->next_waiting_ = nullptr;
      next->wanted_ = nullptr;
      Session& heir = next->session_;
      heir.waiting_ = nullptr;
      world_.scheduler().cancel(heir.lock_timeout_);
      heir.add_lock(table, entry);
      world_.caused(session.last_operation_, next->operation().id);
      next->proceed();
    } else {
      table.tidy(entry);
    }
  }
}

// A server that dies forgets its sessions: whatever was not committed never was.
void Database::on_crash(Node&, std::uint64_t cause) {
  for (Session* session = sessions_; session != nullptr; session = session->next_) {
    if (session->state_ != Session::State::kActive) {
      continue;
    }
    session->state_ = Session::State::kDoomed;
    world_.caused(cause, session->last_operation_);
    for (Session::Lock* lock = session->first_lock_; lock != nullptr; lock = lock->next) {
      lock->entry->holder = nullptr;
    }
    if (session->waiting_ != nullptr) {
      session->waiting_->broken();
    }
  }
  for (Session* session = sessions_; session != nullptr; session = session->next_) {
    for (Session::Lock* lock = session->take_locks(); lock != nullptr;) {
      lock->table->tidy(*lock->entry);
      world_.pool().destroy(std::exchange(lock, lock->next));
    }
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
  ++commits_;
  while (!history_.empty() && history_.back().until > world_.now() - back) {
    const Past past = history_.back();
    history_.pop_back();
    Entry& entry = past.table->find_or_add(past.key);
    world_.met(cause, entry.writer);
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

// --- what a transaction sees ---

void Database::take_snapshot(Session& session, bool plain_read) {
  const bool whole =
      session.isolation_ == Isolation::kSnapshot || session.isolation_ == Isolation::kSerializable;
  const bool takes = whole || (session.isolation_ == Isolation::kConsistentReads && plain_read);
  if (!takes || session.has_snapshot()) [[likely]] {
    return;
  }
  session.snapshot_ = commits_;
  ++snapshots_;
  if (session.isolation_ == Isolation::kSerializable) {
    session.party_ = &dependencies_.begin(commits_);
  }
}

// What only this one could still have seen is forgotten.
void Database::drop_snapshot(Session& session) {
  if (!session.has_snapshot()) [[likely]] {
    return;
  }
  session.snapshot_ = kNoSnapshot;
  --snapshots_;
  if (session.party_ != nullptr) {
    dependencies_.end(*session.party_, 0);
    session.party_ = nullptr;
  }
  if (keeps_history_) {
    return;
  }
  std::uint64_t oldest = kNoSnapshot;
  for (const Session* other = sessions_; other != nullptr; other = other->next_) {
    oldest = std::min(oldest, other->snapshot_);
  }
  std::erase_if(history_, [&](const Past& past) {
    const bool over = past.version <= oldest;
    if (over && past.row != nullptr) {
      world_.pool().release(past.row, past.table->type().size);
    }
    return over;
  });
}

Database::View Database::view_of(const Session& session) const {
  View view;
  view.version = session.snapshot_;
  if (read_behind_ != Duration{}) [[unlikely]] {
    view.then = world_.now() - read_behind_;
  }
  return view;
}

const void* Database::visible(const TableBase& table, RowKey key, const Entry* entry,
                              const View& view) const {
  const void* now = entry != nullptr && entry->exists ? entry->row() : nullptr;
  if (view.is_now()) [[likely]] {
    return now;
  }
  const Past* past = past_of(table, key, view);
  return past != nullptr ? past->row : now;
}

const Database::Past* Database::past_of(const TableBase& table, RowKey key,
                                        const View& view) const {
  for (const Past& past : history_) {
    if (view.shows(past) && past.table == &table && past.key == key) {
      return &past;
    }
  }
  return nullptr;
}

bool Database::changed_since(const Session& session, const TableBase& table, RowKey key) const {
  View view;
  view.version = session.snapshot_;
  return session.has_snapshot() && past_of(table, key, view) != nullptr;
}

void Database::blame_past(const TableBase& table, RowKey key, const View& view,
                          std::uint64_t effect) const {
  if (view.is_now()) [[likely]] {
    return;
  }
  if (const Past* past = past_of(table, key, view)) {
    world_.met(view.then != kNever ? read_behind_cause_ : 0, effect);
    world_.caused(past->by, effect);
  }
}

template <class Visit>
void Database::for_each_past(const TableBase& table, std::uint64_t first, const View& view,
                             Visit&& visit) const {
  for (const Past& past : history_) {
    const bool counts = view.shows(past) && past.table == &table && past.key.first == first;
    if (counts && past.row != nullptr && past_of(table, past.key, view) == &past) {
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
    session_.add_lock(table, entry);
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
  if (const Duration patience = session_.database_.options_.lock_timeout; patience > Duration{}) {
    world().scheduler().at(world().now() + patience, session_.identity_, session_.lock_timeout_);
  }
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
  world().scheduler().cancel(session_.lock_timeout_);
  table.tidy(entry);
}

void DatabaseOperation::abort() {
  session_.database_.roll_back(session_);
  answer(Outcome::kAborted, 0);
}

// --- statements ---

Statement::Statement(Transaction& transaction, const Operation& operation, const Route& route,
                     TableBase& table)
    : DatabaseOperation(transaction.session(), operation, route, transaction.activity_),
      transaction_(transaction),
      table_(table) {}

bool Statement::begin() {
  if (session_.state_ == Session::State::kActive) {
    return true;
  }
  answer(Outcome::kAborted, 0);
  return false;
}

void Statement::fail() {
  if (session_.database_.options_.failed_statement_aborts) {
    abort();
    return;
  }
  failed_alone_ = true;
  answer(Outcome::kAborted, 0);
}

bool Statement::refuses_to_wait(const Entry& entry) {
  if (!session_.database_.fails_lock_waits_ || !would_wait(entry)) [[likely]] {
    return false;
  }
  failed_alone_ = true;
  world().met(session_.database_.fails_lock_waits_cause_, operation().id);
  world().caused(entry.holder->last_operation_, operation().id);
  answer(Outcome::kAborted, 0);
  return true;
}

bool Statement::comes_too_late(RowKey key) {
  if (session_.isolation_ == Isolation::kConsistentReads ||
      session_.written(table_, key) != nullptr ||
      !session_.database_.changed_since(session_, table_, key)) [[likely]] {
    return false;
  }
  const Entry* entry = table_.find(key);
  world().caused(entry != nullptr ? entry->writer : 0, operation().id);
  abort();
  return true;
}

void Statement::conclude_transaction() {
  if (outcome() != Outcome::kOk && !failed_alone_) {
    transaction_.failed_ = true;
  }
}

StatementBase::StatementBase(Transaction& transaction, const Operation& operation,
                             const Route& route, TableBase& table, RowKey key, Mode mode)
    : Statement(transaction, operation, route, table), key_(key), mode_(mode) {}

void StatementBase::execute() {
  if (!begin()) {
    return;
  }
  session_.database_.take_snapshot(session_, mode_ != Mode::kLock);
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
bool StatementBase::came_later(const Entry& entry) const {
  if (!session_.has_snapshot() || session_.isolation_ == Isolation::kConsistentReads) [[likely]] {
    return false;
  }
  Database::View view;
  view.version = session_.snapshot_;
  return session_.written(table_, key_) == nullptr &&
         session_.database_.visible(table_, key_, &entry, view) == nullptr;
}

void StatementBase::proceed() {
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

void StatementBase::read(const Entry* entry) {
  const Database& database = session_.database_;
  const std::uint64_t writer = entry != nullptr ? entry->writer : table_.eraser(key_);
  world().caused(writer, operation().id);
  if (session_.party_ != nullptr) [[unlikely]] {
    session_.party_->reads.push_back({&table_, key_, false});
  }
  const void* now = entry != nullptr && entry->exists ? entry->row() : nullptr;
  const void* row = now;
  if (Write* own = session_.written(table_, key_)) [[unlikely]] {
    row = own->kind == Write::Kind::kErase ? nullptr : own->row();
  } else if (mode_ == Mode::kRead) {
    const Database::View view = database.view_of(session_);
    database.blame_past(table_, key_, view, operation().id);
    row = database.visible(table_, key_, entry, view);
  }
  if (row == nullptr) {
    answer(Outcome::kOk, 0);
    return;
  }
  found(row);
  answer(Outcome::kOk, combine(row == now ? writer : table_.type().digest(row), 1));
}

void StatementBase::find_all() {
  const Database& database = session_.database_;
  const Database::View view = database.view_of(session_);
  if (session_.party_ != nullptr) [[unlikely]] {
    session_.party_->reads.push_back({&table_, key_, true});
  }
  std::uint64_t result = 0;
  table_.for_each_with(key_.first, [&](const Entry& entry) {
    world().caused(entry.writer, operation().id);
    database.blame_past(table_, entry.key, view, operation().id);
    const bool own = session_.written(table_, entry.key) != nullptr;
    if (!own && (view.is_now() || database.past_of(table_, entry.key, view) == nullptr)) {
      result += entry.writer;
      found(entry.row());
    }
  });
  if (!view.is_now()) {
    database.for_each_past(table_, key_.first, view, [&](const Database::Past& past) {
      world().met(view.then != kNever ? database.read_behind_cause_ : 0, operation().id);
      world().caused(past.by, operation().id);
      if (session_.written(table_, past.key) == nullptr) {
        result += table_.type().digest(past.row);
        found(past.row);
      }
    });
  }
  for (Write* own = session_.first_write_; own != nullptr; own = own->next) {
    const bool counts = own->table == &table_ && own->key.first == key_.first;
    if (counts && own->kind != Write::Kind::kErase) {
      result += table_.type().digest(own->row());
      found(own->row());
    }
  }
  answer(Outcome::kOk, result);
}

ChangeBase::ChangeBase(Transaction& transaction, const Operation& operation, const Route& route,
                       TableBase& table, Write::Kind kind, RowKey key, bool all)
    : Statement(transaction, operation, route, table), kind_(kind), key_(key), all_(all) {}

void ChangeBase::execute() {
  if (!begin()) {
    return;
  }
  Database& database = session_.database_;
  database.take_snapshot(session_, false);
  // What it finds: as of its snapshot, or as it is now.
  Database::View view;
  if (session_.isolation_ != Isolation::kConsistentReads) {
    view.version = session_.snapshot_;
  }
  if (!all_) {
    const Write* own = session_.written(table_, key_);
    const bool there = own != nullptr
                           ? own->kind != Write::Kind::kErase
                           : database.visible(table_, key_, table_.find(key_), view) != nullptr;
    if (there || kind_ == Write::Kind::kInsert) {
      rows_.push_back(key_);
    }
    if (session_.party_ != nullptr && kind_ != Write::Kind::kInsert) {
      session_.party_->reads.push_back({&table_, key_, false});
    }
    proceed();
    return;
  }
  if (session_.party_ != nullptr) {
    session_.party_->reads.push_back({&table_, key_, true});
  }
  // InnoDB locks whatever it looks at, and asks afterwards whether it fits.
  const bool locks_all = session_.isolation_ == Isolation::kConsistentReads;
  const auto consider = [&](RowKey key, const void* row) {
    if (session_.written(table_, key) == nullptr && (locks_all || fits(row))) {
      note(key);
    }
  };
  table_.for_each_with(key_.first, [&](const Entry& entry) {
    world().caused(entry.writer, operation().id);
    if (view.is_now() || database.past_of(table_, entry.key, view) == nullptr) {
      consider(entry.key, entry.row());
    }
  });
  if (!view.is_now()) {
    database.for_each_past(table_, key_.first, view, [&](const Database::Past& past) {
      world().caused(past.by, operation().id);
      consider(past.key, past.row);
    });
  }
  for (Write* own = session_.first_write_; own != nullptr; own = own->next) {
    const bool counts = own->table == &table_ && own->key.first == key_.first;
    if (counts && own->kind != Write::Kind::kErase && fits(own->row())) {
      note(own->key);
    }
  }
  proceed();
}

// In the order of the keys, so that the order of the locks is one too.
void ChangeBase::note(RowKey key) {
  const auto place =
      std::upper_bound(rows_.begin(), rows_.end(), key, [](const RowKey& one, const RowKey& other) {
        return one.first != other.first ? one.first < other.first : one.second < other.second;
      });
  rows_.insert(place, key);
}

void ChangeBase::proceed() {
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

bool ChangeBase::write(RowKey key) {
  const Entry* entry = table_.find(key);
  const void* row = entry != nullptr && entry->exists ? entry->row() : nullptr;
  world().caused(entry != nullptr ? entry->writer : table_.eraser(key), operation().id);
  if (Write* own = session_.written(table_, key)) {
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

SequenceOperation::SequenceOperation(Transaction& transaction, const Operation& operation,
                                     const Route& route, Sequence& sequence)
    : DatabaseOperation(transaction.session(), operation, route, transaction.activity_),
      transaction_(transaction),
      sequence_(sequence) {}

void SequenceOperation::execute() {
  if (session_.state_ != Session::State::kActive) {
    answer(Outcome::kAborted, 0);
    return;
  }
  value_ = ++sequence_.last_;
  world().count_change();
  answer(Outcome::kOk, static_cast<std::uint64_t>(value_));
}

std::int64_t SequenceOperation::take() {
  if (outcome() != Outcome::kOk) {
    transaction_.failed_ = true;
    return 0;
  }
  return value_;
}

// --- the commit ---

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
  if (session_.first_write_ != nullptr) [[unlikely]] {  // what was written before comes first
    session_.last_write_->next = writes_;
    writes_ = std::exchange(session_.first_write_, nullptr);
    session_.last_write_ = nullptr;
    next_to_lock_ = writes_;
  }
  if (writes_ != nullptr) {
    session_.database_.take_snapshot(session_, false);
  }
  proceed();
}

// Whether nobody has written, since this transaction's snapshot, what it must not overlook.
bool CommitOperation::in_time() {
  if (!session_.has_snapshot() || session_.isolation_ == Isolation::kConsistentReads) [[likely]] {
    return true;
  }
  for (const Write* write = writes_; write != nullptr; write = write->next) {
    // To insert what somebody has erased since overlooks nothing.
    if (write->kind != Write::Kind::kInsert &&
        session_.database_.changed_since(session_, *write->table, write->key)) {
      world().caused(write->entry->writer, operation().id);
      return false;
    }
    if (session_.party_ != nullptr) {
      session_.party_->writes.push_back({write->table, write->key});
    }
  }
  return session_.party_ == nullptr ||
         session_.database_.dependencies_.may_commit(*session_.party_);
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
  for (Write* write = writes_; write != nullptr; write = write->next) {
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
  Database& database = session_.database_;
  Pool& pool = world().pool();
  auto& changes = database.changes_;
  changes.clear();
  ++database.commits_;
  std::uint64_t digest = 0;
  for (Write* write = writes_; write != nullptr; write = write->next) {
    TableBase& table = *write->table;
    Entry& entry = *write->entry;
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
    entry.version = database.commits_;
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
  if (session_.party_ != nullptr) [[unlikely]] {
    database.dependencies_.end(*std::exchange(session_.party_, nullptr), database.commits_);
  }
  database.publish(operation());
  const bool keeps = database.keeps_history_ || database.snapshots_ != 0;
  for (const RowChange& change : changes) {
    if (keeps) [[unlikely]] {
      database.history_.push_back({world().now(), const_cast<TableBase*>(change.table), change.key,
                                   const_cast<void*>(change.before), operation().id,
                                   database.commits_});
    } else if (change.before != nullptr) {
      pool.release(const_cast<void*>(change.before), change.table->type().size);
    }
  }
  database.release_locks(session_);
  answer(Outcome::kOk, digest);
}

// --- the client's side ---

Transaction::Transaction(Database& database, Context context)
    : Transaction(database, context, database.options().isolation) {}

Transaction::Transaction(Database& database, Context context, Isolation isolation)
    : database_(database), activity_(context.activity()), isolation_(isolation) {}

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
    session_->isolation_ = isolation_;
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

Await<SequenceOperation> Transaction::next(Sequence& sequence) {
  SAGASIM_CHECK(!committing_, "statement after commit");
  if (failed_) {
    return Await<SequenceOperation>();
  }
  const Operation operation =
      activity_.operation(OperationKind::kStatement, sequence.name(),
                          activity_.invocation().subject, &database_.server());
  return Await<SequenceOperation>(
      *pool().make<SequenceOperation>(*this, operation, route(), sequence));
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
