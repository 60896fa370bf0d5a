#include "sim/session.h"

#include <utility>

namespace sagasim::sim {

Session::Session(Database& database, std::uint64_t identity, Isolation isolation,
                 const Activity& client)
    : Event([](Event& event) {
        auto& session = static_cast<Session&>(event);
        session.roll_back();
        session.end();
      }),
      database_(database),
      identity_(identity),
      client_(&client),
      isolation_(isolation),
      writes_(database.world_.pool()),
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
  if (has_snapshot()) [[unlikely]] {
    drop_snapshot();
  }
  (previous_ != nullptr ? previous_->next_ : database_.sessions_) = next_;
  if (next_ != nullptr) {
    next_->previous_ = previous_;
  }
}

const Activity* Session::activity() const {
  return client_ != nullptr || waiting_ == nullptr ? client_ : waiting_->activity();
}

// --- what it sees and has written ---

void Session::take_first_snapshot(bool plain_read) {
  if (isolation_ == Isolation::kConsistentReads && !plain_read) {
    return;
  }
  snapshot_ = database_.commits_;
  ++database_.snapshots_;
  if (isolation_ == Isolation::kSerializable) {
    party_ = &database_.dependencies_.begin(snapshot_);
  }
}

// What only this one could still have seen is forgotten.
void Session::drop_snapshot() {
  snapshot_ = kNoSnapshot;
  if (party_ != nullptr) {
    database_.dependencies_.end(*std::exchange(party_, nullptr), 0);
  }
  database_.end_snapshot();
}

bool Session::overlooks_change(const TableBase& table, RowKey key) const {
  return has_snapshot() && isolation_ != Isolation::kConsistentReads &&
         database_.history_.find(table, key, view_to_write()) != nullptr;
}

// A row that is written again has one change to be committed: from what it was to what it is. The
// session holds its lock, so whether it was there cannot change any more.
void Session::write(TableBase& table, RowKey key, const void* row) {
  Write* write = writes_.find(table, key);
  if (write == nullptr) {
    write = &writes_.add(table, key, Write::Kind::kErase);
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

// --- how it ends ---

void Session::end() {
  ended_ = true;
  if (operations_ == 0) {
    database_.world_.pool().destroy(this);
  }
}

void Session::leave(const Node& client) {
  client_ = nullptr;
  if (!active()) {
    end();
    return;
  }
  // A dying process resets its connections at once; through a cut the server hears nothing.
  World& world = database_.world_;
  const DatabaseOptions& options = database_.options_;
  const Duration notice = world.connected(client, database_.server_) ? options.route.request.max
                                                                     : options.orphan_timeout;
  world.scheduler().at(world.now() + notice, identity_, *this);
}

void Session::commit() {
  state_ = State::kCommitted;
  if (party_ != nullptr) [[unlikely]] {
    database_.dependencies_.end(*std::exchange(party_, nullptr), database_.commits_);
  }
}

void Session::roll_back() {
  if (!active()) {
    return;
  }
  state_ = State::kAborted;
  ++operations_;  // the answer may be the end of a commit that nobody awaits, and so of this
  if (DatabaseOperation* waiting = waiting_) {
    waiting->broken();
    waiting->answer(Outcome::kAborted, 0);
  }
  release_locks();
  --operations_;
  if (ended_) {
    end();
  }
}

void Session::doom(std::uint64_t cause) {
  if (!active()) {
    return;
  }
  state_ = State::kDoomed;
  database_.world_.caused(cause, last_operation_);
  for (Lock* lock = first_lock_; lock != nullptr; lock = lock->next) {
    lock->entry->holder = nullptr;
  }
  if (waiting_ != nullptr) {
    waiting_->broken();
  }
}

// --- row locks ---

void Session::add_lock(TableBase& table, Entry& entry) {
  entry.holder = this;
  Lock* lock = database_.world_.pool().make<Lock>(Lock{&entry, &table, nullptr});
  *last_lock_ = lock;
  last_lock_ = &lock->next;
}

std::uint32_t Session::locks() const {
  std::uint32_t count = 0;
  for (const Lock* lock = first_lock_; lock != nullptr; lock = lock->next) {
    ++count;
  }
  return count;
}

Session::Lock* Session::take_locks() {
  last_lock_ = &first_lock_;
  return std::exchange(first_lock_, nullptr);
}

void Session::release_locks() {
  World& world = database_.world_;
  // Granting a lock may let another session go on and end, but never adds to this one.
  for (Lock* lock = take_locks(); lock != nullptr;) {
    Entry& entry = *lock->entry;
    TableBase& table = *lock->table;
    world.pool().destroy(std::exchange(lock, lock->next));
    entry.holder = nullptr;
    if (DatabaseOperation* next = entry.waiting) {
      entry.waiting = next->next_waiting_;
      next->next_waiting_ = nullptr;
      next->wanted_ = nullptr;
      Session& heir = next->session_;
      heir.waiting_ = nullptr;
      world.scheduler().cancel(heir.lock_timeout_);
      heir.add_lock(table, entry);
      world.caused(last_operation_, next->operation().id);
      next->proceed();
    } else {
      table.tidy(entry);
    }
  }
}

void Session::forget_locks() {
  for (Lock* lock = take_locks(); lock != nullptr;) {
    lock->table->tidy(*lock->entry);
    database_.world_.pool().destroy(std::exchange(lock, lock->next));
  }
}

// --- operations ---

DatabaseOperation::DatabaseOperation(Session& session, const Operation& operation,
                                     Activity& activity)
    : RemoteOperation(session.database_.world_, operation, session.database_.options_.route,
                      &activity),
      session_(session) {
  ++session.operations_;
  // From now on whoever waits for this session's locks waits for this operation.
  session.last_operation_ = operation.id;
}

DatabaseOperation::~DatabaseOperation() {
  --session_.operations_;
  if (session_.ended_) {
    session_.end();
  }
}

const Activity* DatabaseOperation::waits_for() const {
  return wanted_ != nullptr && wanted_->holder != nullptr ? wanted_->holder->activity() : nullptr;
}

bool DatabaseOperation::begin() {
  if (session_.active()) {
    return true;
  }
  answer(Outcome::kAborted, 0);
  return false;
}

void DatabaseOperation::abort() {
  session_.roll_back();
  answer(Outcome::kAborted, 0);
}

Session* DatabaseOperation::victim(const Entry& entry) const {
  const Session* last = entry.holder;
  std::uint32_t others = 1;
  for (; last->waiting_ != nullptr && last->waiting_->wanted_->holder != &session_; ++others) {
    last = last->waiting_->wanted_->holder;
  }
  if (last->waiting_ == nullptr) [[likely]] {
    return nullptr;
  }
  const DeadlockVictim rule = session_.database_.options_.victim;
  std::uint64_t drawn = 0;
  if (rule == DeadlockVictim::kAny) {
    drawn = below(world().random().draw(operation().id, "victim"), others + 1);
  }
  Session* victim = &session_;
  Session* each = entry.holder;
  for (std::uint64_t i = 1; i <= others; ++i, each = each->waiting_->wanted_->holder) {
    const bool smaller = rule == DeadlockVictim::kSmallest && each->locks() < victim->locks();
    if (smaller || (rule == DeadlockVictim::kAny && i == drawn)) {
      victim = each;
    }
  }
  return victim;
}

bool DatabaseOperation::acquire(TableBase& table, Entry& entry) {
  if (entry.holder == &session_) {
    return true;
  }
  if (entry.holder == nullptr) {
    session_.add_lock(table, entry);
    return true;
  }
  blame_holder(entry);
  Session* const victim = this->victim(entry);
  if (victim == &session_) {
    abort();
    return false;
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
  if (victim != nullptr) [[unlikely]] {
    world().caused(operation().id, victim->waiting_->operation().id);
    victim->roll_back();  // which may hand the lock to this one, and so let it proceed
  }
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

}  // namespace sagasim::sim
