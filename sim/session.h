// Session: the server's side of one transaction: the row locks that it holds, what it has written
// and not committed, the instant that it sees, and its fate. Part of the database; see database.h
// for what it models.
//
// A lock is handed on to whoever has waited for it longest. Where a wait would close a circle, one
// of the circle is rolled back.
#pragma once

#include <cstdint>

#include "sim/database.h"
#include "sim/remote_operation.h"
#include "sim/row_history.h"
#include "sim/serializable.h"
#include "sim/table.h"
#include "sim/world.h"
#include "sim/write_set.h"

namespace sagasim::sim {

class Session final : public Event {
 public:
  // Made by Database::open() alone.
  Session(Database& database, std::uint64_t identity, Isolation isolation, const Activity& client);
  ~Session();

  Database& database() const { return database_; }
  bool active() const { return state_ == State::kActive; }
  Isolation isolation() const { return isolation_; }

  // --- what it sees and has written ---
  // Takes its snapshot, if it has to have one and this statement is the one to take it.
  void take_snapshot(bool plain_read) {
    if (isolation_ != Isolation::kReadCommitted && snapshot_ == kNoSnapshot) [[unlikely]] {
      take_first_snapshot(plain_read);
    }
  }
  // Whether it has to see all that it reads at one instant, as of the commit of that number.
  bool has_snapshot() const { return snapshot_ != kNoSnapshot; }
  // What its plain reads see.
  View view_to_read() const {
    View view;
    view.version = snapshot_;
    if (const Duration lag = database_.read_behind(); lag != Duration{}) [[unlikely]] {
      view.then = database_.world().now() - lag;
    }
    return view;
  }
  // What its locking reads and its writes look for: as of its snapshot, or what is there now.
  View view_to_write() const {
    View view;
    view.version = isolation_ != Isolation::kConsistentReads ? snapshot_ : kNoSnapshot;
    return view;
  }
  // Whether somebody has changed the row since the snapshot of a session that must not overlook it.
  bool overlooks_change(const TableBase& table, RowKey key) const;
  // What the serializable ones have read and written; null for all others.
  Dependencies::Party* party() const { return party_; }
  WriteSet& writes() { return writes_; }
  const WriteSet& writes() const { return writes_; }
  // Requires: it holds the row's lock. A null row: erased.
  void write(TableBase& table, RowKey key, const void* row);

  // --- how it ends ---
  // Its client has no use for it any more: the server rolls back when it notices that.
  void leave(const Node& client);
  // Its client waits for the commit alone from now on.
  void hand_over() { client_ = nullptr; }
  void commit();
  // Unless it is decided already.
  void roll_back();
  // Hands its locks on.
  void release_locks();

 private:
  friend class Database;
  friend class DatabaseOperation;
  enum class State : std::uint8_t { kActive, kDoomed, kCommitted, kAborted };

  struct Lock {
    Entry* entry;
    TableBase* table;
    Lock* next;
  };
  // The wait of its statement for a lock was too long.
  struct LockTimeout : Event {
    explicit LockTimeout(Session& owner);
    Session& session;
  };

  // Who has to go on before this session lets go of its locks; null if nobody does.
  const Activity* activity() const;
  void add_lock(TableBase& table, Entry& entry);
  std::uint32_t locks() const;
  // Leaves it with none; the caller frees them.
  Lock* take_locks();
  // The server has died: it holds nothing any more, and whoever waited is not to have it.
  void doom(std::uint64_t cause);
  void forget_locks();
  void take_first_snapshot(bool plain_read);
  void drop_snapshot();
  // Nobody needs it any more but operations still under way.
  void end();

  Database& database_;
  const std::uint64_t identity_;
  const Activity* client_;  // whose transaction it is, until that commits or ends
  std::uint64_t last_operation_ = 0;
  State state_ = State::kActive;
  bool ended_ = false;
  std::uint32_t operations_ = 0;          // under way
  DatabaseOperation* waiting_ = nullptr;  // the statement of this session that waits for a lock
  const Isolation isolation_;
  std::uint64_t snapshot_ = kNoSnapshot;  // the number of the last commit that it sees
  Dependencies::Party* party_ = nullptr;  // of a serializable one, once it has a snapshot
  WriteSet writes_;                       // by statements that write at once
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
  DatabaseOperation(Session& session, const Operation& operation, Activity& activity);
  ~DatabaseOperation() override;

  bool would_wait(const Entry& entry) const {
    return entry.holder != nullptr && entry.holder != &session_;
  }
  // For a trace: whoever holds the lock is why `entry` is not to be had.
  void blame_holder(const Entry& entry) const {
    world().caused(entry.holder->last_operation_, operation().id);
  }
  // Takes the row lock or queues for it. Returns true iff it is held now; otherwise proceed() comes
  // later, or the session has been aborted as the victim of a deadlock.
  bool acquire(TableBase& table, Entry& entry);
  // The lock that it waited for is held now.
  virtual void proceed() = 0;
  // The lock that it waits for takes too long: it is not in the queue any more.
  virtual void give_up_waiting() = 0;
  // False, and answered, if its transaction is over already.
  bool begin();
  // Ends the transaction, and this with it.
  void abort();
  void broken() override;

  Session& session_;

 private:
  friend class Session;
  // Who of the circle has to go that a wait for `entry` closes; null: it closes none.
  Session* victim(const Entry& entry) const;
  Entry* wanted_ = nullptr;
  TableBase* wanted_table_ = nullptr;
  DatabaseOperation* next_waiting_ = nullptr;
};

}  // namespace sagasim::sim
