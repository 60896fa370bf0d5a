// LeaseLock: a lock between processes that is a key of a cache, held for a time and no longer.
// Modelled on Redisson's RLock (its documentation, "Lock") and the debate about such locks
// (Kleppmann 2016, "How to do distributed locking").
//
// Whoever has to wait asks again every now and then, as Spring Integration's registry of Redis
// locks does; the message by which Redisson wakes a waiter may be lost, so it is no more than
// haste.
//
// What it does not do is the point of it. Nothing stops a holder whose lease is over, and another
// one enters. A lock that was not released before the transaction ended, or was released before,
// is the caller's affair. The cache may lose it (two hold it) or bring it back (nobody does, until
// it expires), and an answer that was lost leaves a lock to nobody. A number that grows with every
// holder tells a store which of two is late, if the store compares it; a cache that was wiped
// counts from one again.
//
// Must never happen while the cache loses nothing: two holders whose leases both run.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/cache.h"
#include "sim/task.h"

namespace sagasim::sim {

struct LeaseLockOptions {
  Duration wait = seconds(5);          // for a lock that somebody else holds
  Duration lease = seconds(3);         // from the instant at which the cache gives it
  Duration retry = milliseconds(100);  // between two looks at a lock that is not free
  // A watchdog prolongs the lease every third of it, for as long as the process runs and nobody
  // releases the lock.
  bool watchdog = false;
  // Redisson's earlier watchdogs give up when the cache does not answer once; otherwise they try
  // again after the same time.
  bool watchdog_gives_up = false;
};

enum class Locked : std::uint8_t {
  kHeld,
  kBusy,     // somebody else's, all the time
  kUnknown,  // the cache refused or did not answer; the lock may be held, for the lease
};

// A lock that was asked for.
struct Lease {
  Locked locked = Locked::kUnknown;
  CacheKey key;
  std::uint64_t owner = 0;
  std::int64_t token = 0;  // greater than that of any holder before, by what the cache remembers
  // Until when the holder may be sure of it without a watchdog, as the cache cannot have given it
  // before it was asked. By virtual time, which is what a monotonic clock shows.
  Instant valid_until{};
  bool held() const { return locked == Locked::kHeld; }
};

enum class Released : std::uint8_t {
  kDone,
  kNotHeld,  // the lease was over, or the cache has lost it; Redisson throws
  kUnknown,
};

// The locks of one process; it dies with the process, and its leases run on without it.
class LeaseLock {
 public:
  LeaseLock(Cache& cache, Node& node, const LeaseLockOptions& options);
  LeaseLock(const LeaseLock&) = delete;
  LeaseLock& operator=(const LeaseLock&) = delete;

  // Lease lease = co_await locks.acquire(ctx, key). Whoever holds it already, by owner, holds it
  // once more and has to release it as often. The owner is the present piece of work.
  Task<Lease> acquire(Context context, CacheKey key);
  // The owner is a thread of this process: work that later runs on the same thread passes for the
  // holder.
  Task<Lease> acquire_as(Context context, CacheKey key, std::uint64_t thread);
  Task<Released> release(Context context, Lease lease);

  const LeaseLockOptions& options() const { return options_; }

 private:
  struct Watchdog {
    CacheKey key;
    std::uint64_t owner;
    Activity* activity;
  };

  Await<CommandOperation> ask(Context context, Name name, CacheScript script, const Lease& lease);
  void watch(Context context, const Lease& lease);
  Task<> renew_again_and_again(Context context, Lease lease);
  // True iff there was one.
  bool forget_watchdog(const Lease& lease, bool retire);

  Cache& cache_;
  Node& node_;
  const LeaseLockOptions options_;
  std::vector<Watchdog> watchdogs_;
};

}  // namespace sagasim::sim
