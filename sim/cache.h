// Cache: a store in memory that processes share: strings, hashes and sorted sets, under keys that
// may expire. Modelled on Redis (its documentation: "Keys and values", "Replication", "Scripting").
//
// A command is a function that the server runs alone, from beginning to end; those of this file and
// the scripts of whoever uses it are the same thing. Two commands are two round trips: between an
// HSET and its EXPIRE everything can happen. A key expires on the server's timer, which is virtual
// time; nothing is scheduled for that. Values are integers: what a program would put into text
// stays what it is.
//
// Must never happen, whatever the fault: half a command, two commands mixed, a key seen after its
// time. What does happen: all keys are lost (kWipe), the latest writes are lost although they were
// acknowledged, as replicas follow asynchronously (kRestore), and a command is done twice, or late,
// or nobody knows. So a fact that must last has no place here.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "sim/inline_vector.h"
#include "sim/node.h"
#include "sim/remote_operation.h"
#include "sim/world.h"

namespace sagasim::sim {

struct CacheOptions {
  Route route{
      {microseconds(100), microseconds(800)}, {microseconds(100), microseconds(800)}, seconds(3)};
  bool survives_restart = true;  // false: nothing is written to disk, and a crash loses all
};

// Names a key, the field of a hash, or the member of a sorted set: `stock` of `p1`.
struct CacheKey {
  Name name;
  Subject subject;

  std::uint64_t hash() const { return combine(name.hash(), subject.bits()); }
  friend bool operator==(const CacheKey& one, const CacheKey& other) {
    return one.name == other.name && one.subject == other.subject;
  }
};

// A field of a hash with its value, or a member of a sorted set with its score.
struct CacheItem {
  CacheKey key;
  std::int64_t value = 0;
};

// Everything that a command may take along; each says what it looks at.
struct CacheArguments {
  CacheKey key;
  CacheKey item;  // a field or a member
  std::int64_t value = 0;
  Duration ttl{};                       // zero: the key does not expire
  InlineVector<CacheKey, 8> more_keys;  // of commands about several
};

struct CacheReply {
  Outcome outcome = Outcome::kUnknown;  // kAborted: the key holds a value of another sort
  bool found = false;                   // what was asked for is there, or was done
  std::int64_t value = 0;
  std::vector<CacheItem> items;
};

class Cache;

// What a command sees and changes, all at one instant. A key that is not there, or no longer, is
// an empty one of any sort; one of another sort makes the whole command fail, with nothing changed
// by it from then on.
class CacheData {
 public:
  Instant now() const;
  bool failed() const { return failed_; }
  // What the command has changed, as a digest; 0 if nothing.
  std::uint64_t written() const { return written_; }

  bool exists(CacheKey key);
  bool erase(CacheKey key);
  // False if there is no such key. Requires: ttl > 0.
  bool expire(CacheKey key, Duration ttl);
  // How long it still has; nothing if it is not there or does not expire.
  std::optional<Duration> time_to_live(CacheKey key);

  std::optional<std::int64_t> get(CacheKey key);
  // Whatever was there is gone, with its time; a `ttl` of zero is none.
  void set(CacheKey key, std::int64_t value, Duration ttl = {});
  // Keeps the time that the key has.
  std::int64_t add(CacheKey key, std::int64_t by);

  std::optional<std::int64_t> hash_get(CacheKey key, CacheKey field);
  // Both keep the key's time, and make a key without one if there is none. True: a new field.
  bool hash_set(CacheKey key, CacheKey field, std::int64_t value);
  std::int64_t hash_add(CacheKey key, CacheKey field, std::int64_t by);
  // In the order of the fields' names as hashed: as good as none.
  std::vector<CacheItem> hash_items(CacheKey key);

  std::int64_t score_add(CacheKey key, CacheKey member, std::int64_t by);
  // Highest score first; equal ones in an order that depends on their names alone.
  std::vector<CacheItem> ranking(CacheKey key);
  // `target` becomes the union of the others, scores added up; its time is gone. The number of its
  // members.
  std::int64_t score_union(CacheKey target, const InlineVector<CacheKey, 8>& sources);

 private:
  friend class CommandOperation;
  CacheData(Cache& cache, std::uint64_t operation) : cache_(cache), operation_(operation) {}
  struct Sorted;

  Cache& cache_;
  const std::uint64_t operation_;
  std::uint64_t written_ = 0;
  bool failed_ = false;
};

// What a command does at the server. A plain function: it has no memory of its own.
using CacheScript = CacheReply (*)(CacheData& data, const CacheArguments& arguments);

class CommandOperation final : public RemoteOperation {
 public:
  CommandOperation(Cache& cache, const Operation& operation, Activity* activity, CacheScript script,
                   const CacheArguments& arguments);
  // Unless the outcome is kOk, the reply says nothing else.
  CacheReply take();

 private:
  void execute() override;
  // A client library that repeats what was not answered in time.
  void duplicate(Duration delay) override;
  void release() noexcept override { world().pool().destroy(this); }

  Cache& cache_;
  const CacheScript script_;
  const CacheArguments arguments_;
  CacheReply reply_;
};

class Cache final : public NodeListener {
 public:
  Cache(World& world, Node& server, const CacheOptions& options);
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;
  ~Cache() override = default;

  // CacheReply r = co_await cache.run(ctx, "swap", &swap, arguments); the name is the operation's.
  [[nodiscard]] Await<CommandOperation> run(Context context, Name name, CacheScript script,
                                            const CacheArguments& arguments);

  // --- the commands that everybody knows, each named as in Redis ---
  using Command = Await<CommandOperation>;
  Command get(Context context, CacheKey key);  // GET: found, value
  Command set(Context context, CacheKey key, std::int64_t value, Duration ttl = {});  // SET PX
  // SET NX PX: found iff it was set.
  Command set_if_absent(Context context, CacheKey key, std::int64_t value, Duration ttl);
  Command add(Context context, CacheKey key, std::int64_t by);  // INCRBY: value
  Command erase(Context context, CacheKey key);                 // DEL: found iff it was there
  Command expire(Context context, CacheKey key, Duration ttl);  // PEXPIRE: likewise
  Command hash_set(Context context, CacheKey key, CacheKey field, std::int64_t value);  // HSET
  Command hash_get(Context context, CacheKey key, CacheKey field);  // HGET: found, value
  Command hash_get_all(Context context, CacheKey key);              // HGETALL: items
  Command score_add(Context context, CacheKey key, CacheKey member, std::int64_t by);  // ZINCRBY
  Command ranking(Context context, CacheKey key, std::uint32_t count);  // ZREVRANGE 0 count-1
  // ZUNIONSTORE: value is the number of members.
  Command score_union(Context context, CacheKey target, const std::vector<CacheKey>& sources);

  Node& server() const { return server_; }
  // How many keys there are now. For judges and tests, as are the next three.
  std::uint32_t size() const;
  std::optional<std::int64_t> peek(CacheKey key) const;
  std::optional<std::int64_t> peek(CacheKey key, CacheKey item) const;
  // Those that do not expire.
  std::vector<CacheKey> lasting() const;
  std::uint64_t digest() const;

 private:
  friend class CacheData;
  friend class CommandOperation;

  enum class Sort : std::uint8_t { kNone, kString, kHash, kSortedSet };
  // What is or was under a key. One that is gone remembers who wrote it: to find nothing has a
  // cause as well.
  struct Entry {
    CacheKey key;
    Sort sort = Sort::kNone;
    Instant expires = kNever;
    std::int64_t value = 0;        // of a string
    std::vector<CacheItem> items;  // of the others, by the hashes of their keys
    std::uint64_t writer = 0;
  };
  struct Past {
    Instant at;    // when it was replaced
    Entry before;  // what was there
  };

  void on_crash(Node& node, std::uint64_t cause) override;
  bool on_intervention(Node& node, const Intervention& intervention) override;
  bool alive(const Entry& entry) const {
    return entry.sort != Sort::kNone && entry.expires > world_.now();
  }
  const Entry* find(CacheKey key) const;
  // The entry to be changed by `operation`, as it is now; remembers how it was for replicas that
  // lag.
  Entry& change(CacheKey key, std::uint64_t operation);
  void restore(Duration back, std::uint64_t cause);
  void wipe(std::uint64_t cause);

  World& world_;
  Node& server_;
  const CacheOptions options_;
  std::map<std::uint64_t, Entry> entries_;  // by the key's hash
  bool keeps_history_ = false;              // it costs memory for every write
  std::deque<Past> history_;                // oldest first
};

}  // namespace sagasim::sim
