#include "sim/cache.h"

#include <algorithm>

namespace sagasim::sim {
namespace {

// The place of an item among others in the order of their keys' hashes.
template <class Items>
auto place_of(Items& items, CacheKey key) {
  return std::lower_bound(
      items.begin(), items.end(), key.hash(),
      [](const CacheItem& item, std::uint64_t hash) { return item.key.hash() < hash; });
}

const CacheItem* find_item(const std::vector<CacheItem>& items, CacheKey key) {
  const auto place = place_of(items, key);
  return place != items.end() && place->key == key ? &*place : nullptr;
}

// The item of that key, made with a value of zero if there is none.
CacheItem& item_of(std::vector<CacheItem>& items, CacheKey key) {
  const auto place = place_of(items, key);
  if (place != items.end() && place->key == key) {
    return *place;
  }
  return *items.insert(place, CacheItem{key, 0});
}

std::uint64_t digest_of(const std::vector<CacheItem>& items) {
  std::uint64_t state = items.size();
  for (const CacheItem& item : items) {
    state = combine(combine(state, item.key.hash()), static_cast<std::uint64_t>(item.value));
  }
  return state;
}

CacheReply found_if(bool found, std::int64_t value = 0) {
  CacheReply reply;
  reply.found = found;
  reply.value = value;
  return reply;
}

CacheReply found_if(const std::optional<std::int64_t>& value) {
  return found_if(value.has_value(), value.value_or(0));
}

CacheReply listed(std::vector<CacheItem> items) {
  CacheReply reply;
  reply.found = !items.empty();
  reply.items = std::move(items);
  return reply;
}

}  // namespace

// --- what a command sees and changes ---

// Looks up and changes entries of one sort on behalf of one command.
struct CacheData::Sorted {
  CacheData& data;
  CacheKey key;
  Cache::Sort sort;

  // The entry if it is there and of this sort.
  const Cache::Entry* find() const {
    const Cache::Entry* entry = data.cache_.find(key);
    if (entry == nullptr) {
      return nullptr;
    }
    data.cache_.world_.caused(entry->writer, data.operation_);
    if (!data.cache_.alive(*entry)) {
      return nullptr;
    }
    if (entry->sort != sort) {
      data.failed_ = true;
      return nullptr;
    }
    return entry;
  }
  // The same to be changed, made if there is none; null if the command has failed. `change` is
  // what happens to it, as a digest.
  Cache::Entry* edit(std::uint64_t change) const {
    find();
    if (data.failed_) {
      return nullptr;
    }
    Cache::Entry& entry = data.cache_.change(key, data.operation_);
    if (entry.sort == Cache::Sort::kNone) {
      entry.sort = sort;
    }
    data.written_ = combine(data.written_ + key.hash(), change + 1);
    return &entry;
  }
};

Instant CacheData::now() const { return cache_.world_.now(); }

bool CacheData::exists(CacheKey key) {
  const Cache::Entry* entry = cache_.find(key);
  if (entry != nullptr) {
    cache_.world_.caused(entry->writer, operation_);
  }
  return entry != nullptr && cache_.alive(*entry);
}

bool CacheData::erase(CacheKey key) {
  if (failed_ || !exists(key)) {
    return false;
  }
  Cache::Entry& entry = cache_.change(key, operation_);
  entry.sort = Cache::Sort::kNone;
  entry.items.clear();
  written_ = combine(written_ + key.hash(), 0);
  return true;
}

bool CacheData::expire(CacheKey key, Duration ttl) {
  SAGASIM_CHECK(ttl > Duration{}, "a time to live that is over");
  if (failed_ || !exists(key)) {
    return false;
  }
  cache_.change(key, operation_).expires = now() + ttl;
  written_ = combine(written_ + key.hash(), static_cast<std::uint64_t>(ttl.count()));
  return true;
}

std::optional<Duration> CacheData::time_to_live(CacheKey key) {
  if (!exists(key)) {
    return std::nullopt;
  }
  const Instant expires = cache_.find(key)->expires;
  return expires == kNever ? std::nullopt : std::optional<Duration>(expires - now());
}

std::optional<std::int64_t> CacheData::get(CacheKey key) {
  const Cache::Entry* entry = Sorted{*this, key, Cache::Sort::kString}.find();
  return entry != nullptr ? std::optional(entry->value) : std::nullopt;
}

void CacheData::set(CacheKey key, std::int64_t value, Duration ttl) {
  erase(key);
  const auto change = static_cast<std::uint64_t>(value);
  if (Cache::Entry* entry = Sorted{*this, key, Cache::Sort::kString}.edit(change)) {
    entry->value = value;
    entry->expires = ttl == Duration{} ? kNever : now() + ttl;
  }
}

std::int64_t CacheData::add(CacheKey key, std::int64_t by) {
  const auto change = static_cast<std::uint64_t>(by);
  Cache::Entry* entry = Sorted{*this, key, Cache::Sort::kString}.edit(change);
  return entry != nullptr ? entry->value += by : 0;
}

std::optional<std::int64_t> CacheData::hash_get(CacheKey key, CacheKey field) {
  const Cache::Entry* entry = Sorted{*this, key, Cache::Sort::kHash}.find();
  const CacheItem* item = entry != nullptr ? find_item(entry->items, field) : nullptr;
  return item != nullptr ? std::optional(item->value) : std::nullopt;
}

bool CacheData::hash_set(CacheKey key, CacheKey field, std::int64_t value) {
  const std::uint64_t change = combine(field.hash(), static_cast<std::uint64_t>(value));
  Cache::Entry* entry = Sorted{*this, key, Cache::Sort::kHash}.edit(change);
  if (entry == nullptr) {
    return false;
  }
  const bool is_new = find_item(entry->items, field) == nullptr;
  item_of(entry->items, field).value = value;
  return is_new;
}

std::int64_t CacheData::hash_add(CacheKey key, CacheKey field, std::int64_t by) {
  const std::uint64_t change = combine(field.hash(), static_cast<std::uint64_t>(by));
  Cache::Entry* entry = Sorted{*this, key, Cache::Sort::kHash}.edit(change);
  return entry != nullptr ? item_of(entry->items, field).value += by : 0;
}

std::vector<CacheItem> CacheData::hash_items(CacheKey key) {
  const Cache::Entry* entry = Sorted{*this, key, Cache::Sort::kHash}.find();
  return entry != nullptr ? entry->items : std::vector<CacheItem>();
}

std::int64_t CacheData::score_add(CacheKey key, CacheKey member, std::int64_t by) {
  const std::uint64_t change = combine(member.hash(), static_cast<std::uint64_t>(by));
  Cache::Entry* entry = Sorted{*this, key, Cache::Sort::kSortedSet}.edit(change);
  return entry != nullptr ? item_of(entry->items, member).value += by : 0;
}

std::vector<CacheItem> CacheData::ranking(CacheKey key) {
  const Cache::Entry* entry = Sorted{*this, key, Cache::Sort::kSortedSet}.find();
  std::vector<CacheItem> items = entry != nullptr ? entry->items : std::vector<CacheItem>();
  // Stable: those of one score stay in the order of their names.
  std::stable_sort(items.begin(), items.end(), [](const CacheItem& one, const CacheItem& other) {
    return one.value > other.value;
  });
  return items;
}

std::int64_t CacheData::score_union(CacheKey target, const InlineVector<CacheKey, 8>& sources) {
  std::vector<CacheItem> sum;
  for (const CacheKey& source : sources) {
    const Cache::Entry* entry = Sorted{*this, source, Cache::Sort::kSortedSet}.find();
    if (entry != nullptr) {
      for (const CacheItem& item : entry->items) {
        item_of(sum, item.key).value += item.value;
      }
    }
  }
  erase(target);
  if (sum.empty()) {
    return 0;
  }
  if (Cache::Entry* entry = Sorted{*this, target, Cache::Sort::kSortedSet}.edit(digest_of(sum))) {
    entry->items = std::move(sum);
    return static_cast<std::int64_t>(entry->items.size());
  }
  return 0;
}

// --- the operation ---

CommandOperation::CommandOperation(Cache& cache, const Operation& operation, Activity* activity,
                                   CacheScript script, const CacheArguments& arguments)
    : RemoteOperation(cache.world_, operation, cache.options_.route, activity),
      cache_(cache),
      script_(script),
      arguments_(arguments) {}

void CommandOperation::execute() {
  CacheData data(cache_, operation().id);
  reply_ = script_(data, arguments_);
  if (data.written() != 0) {
    world().fingerprint().fold(data.written());
    world().count_change();
  }
  const std::uint64_t said = combine(reply_.found, static_cast<std::uint64_t>(reply_.value));
  answer(data.failed() ? Outcome::kAborted : Outcome::kOk, combine(said, digest_of(reply_.items)));
}

void CommandOperation::duplicate(Duration delay) {
  auto* copy = world().pool().make<CommandOperation>(cache_, duplicate_of(operation(), 1), nullptr,
                                                     script_, arguments_);
  copy->issue_after(delay);
}

CacheReply CommandOperation::take() {
  CacheReply reply;
  if (outcome() == Outcome::kOk) {
    reply = std::move(reply_);
  }
  reply.outcome = outcome();
  return reply;
}

// --- the server ---

Cache::Cache(World& world, Node& server, const CacheOptions& options)
    : world_(world), server_(server), options_(options) {
  server.listen(*this);
}

const Cache::Entry* Cache::find(CacheKey key) const {
  const auto found = entries_.find(key.hash());
  return found != entries_.end() ? &found->second : nullptr;
}

Cache::Entry& Cache::change(CacheKey key, std::uint64_t operation) {
  Entry& entry = entries_[key.hash()];
  entry.key = key;
  if (keeps_history_) [[unlikely]] {
    history_.push_back(Past{world_.now(), entry});
  }
  if (!alive(entry)) {
    const std::uint64_t writer = entry.writer;
    entry = Entry{.key = key, .items = {}, .writer = writer};
  }
  entry.writer = operation;
  return entry;
}

void Cache::on_crash(Node&, std::uint64_t cause) {
  if (!options_.survives_restart) {
    wipe(cause);
  }
}

bool Cache::on_intervention(Node&, const Intervention& intervention) {
  switch (intervention.kind) {
    case Intervention::Kind::kKeepHistory:
      keeps_history_ = true;
      return true;
    case Intervention::Kind::kRestore:
      restore(intervention.by, intervention.cause);
      return true;
    case Intervention::Kind::kWipe:
      wipe(intervention.cause);
      return true;
    default:
      return false;
  }
}

// The replica that takes over has not seen what was written in the last `back`, and knows the time
// at which each key expires.
void Cache::restore(Duration back, std::uint64_t cause) {
  SAGASIM_CHECK(keeps_history_, "a cache without history has no replica that lags");
  std::uint64_t lost = 0;
  while (!history_.empty() && history_.back().at > world_.now() - back) {
    Entry& entry = entries_[history_.back().before.key.hash()];
    world_.caused(entry.writer, cause);
    world_.met(cause, 0);
    entry = std::move(history_.back().before);
    entry.writer = cause;
    history_.pop_back();
    ++lost;
  }
  world_.fingerprint().fold(combine(cause, lost));
  world_.count_change();
}

void Cache::wipe(std::uint64_t cause) {
  for (auto& [hash, entry] : entries_) {
    if (alive(entry)) {
      world_.caused(entry.writer, cause);
      world_.met(cause, 0);
      Entry& gone = change(entry.key, cause);
      gone = Entry{.key = entry.key, .items = {}, .writer = cause};
    }
  }
  world_.fingerprint().fold(cause);
  world_.count_change();
}

std::uint32_t Cache::size() const {
  std::uint32_t count = 0;
  for (const auto& [hash, entry] : entries_) {
    count += alive(entry) ? 1u : 0u;
  }
  return count;
}

std::optional<std::int64_t> Cache::peek(CacheKey key) const {
  const Entry* entry = find(key);
  const bool there = entry != nullptr && alive(*entry) && entry->sort == Sort::kString;
  return there ? std::optional(entry->value) : std::nullopt;
}

std::optional<std::int64_t> Cache::peek(CacheKey key, CacheKey item) const {
  const Entry* entry = find(key);
  const CacheItem* found =
      entry != nullptr && alive(*entry) ? find_item(entry->items, item) : nullptr;
  return found != nullptr ? std::optional(found->value) : std::nullopt;
}

std::vector<CacheKey> Cache::lasting() const {
  std::vector<CacheKey> keys;
  for (const auto& [hash, entry] : entries_) {
    if (alive(entry) && entry.expires == kNever) {
      keys.push_back(entry.key);
    }
  }
  return keys;
}

std::uint64_t Cache::digest() const {
  std::uint64_t state = server_.role().hash();
  for (const auto& [hash, entry] : entries_) {
    if (alive(entry)) {
      state = combine(combine(state, hash), ticks(entry.expires));
      state =
          combine(combine(state, static_cast<std::uint64_t>(entry.value)), digest_of(entry.items));
    }
  }
  return state;
}

// --- commands ---

Cache::Command Cache::run(Context context, Name name, CacheScript script,
                          const CacheArguments& arguments) {
  Activity& activity = context.activity();
  const Subject subject =
      arguments.key.subject.none() ? activity.invocation().subject : arguments.key.subject;
  const Operation operation = activity.operation(OperationKind::kCommand, name, subject, &server_);
  return Command(
      *world_.pool().make<CommandOperation>(*this, operation, &activity, script, arguments));
}

Cache::Command Cache::get(Context context, CacheKey key) {
  const CacheArguments arguments{.key = key};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    return found_if(data.get(with.key));
  };
  return run(context, "get", script, arguments);
}

Cache::Command Cache::set(Context context, CacheKey key, std::int64_t value, Duration ttl) {
  const CacheArguments arguments{.key = key, .value = value, .ttl = ttl};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    data.set(with.key, with.value, with.ttl);
    return found_if(true);
  };
  return run(context, "set", script, arguments);
}

Cache::Command Cache::set_if_absent(Context context, CacheKey key, std::int64_t value,
                                    Duration ttl) {
  const CacheArguments arguments{.key = key, .value = value, .ttl = ttl};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    if (data.exists(with.key)) {
      return found_if(false);
    }
    data.set(with.key, with.value, with.ttl);
    return found_if(true);
  };
  return run(context, "setnx", script, arguments);
}

Cache::Command Cache::add(Context context, CacheKey key, std::int64_t by) {
  const CacheArguments arguments{.key = key, .value = by};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    return found_if(true, data.add(with.key, with.value));
  };
  return run(context, "incrby", script, arguments);
}

Cache::Command Cache::erase(Context context, CacheKey key) {
  const CacheArguments arguments{.key = key};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    return found_if(data.erase(with.key));
  };
  return run(context, "del", script, arguments);
}

Cache::Command Cache::expire(Context context, CacheKey key, Duration ttl) {
  const CacheArguments arguments{.key = key, .ttl = ttl};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    return found_if(data.expire(with.key, with.ttl));
  };
  return run(context, "expire", script, arguments);
}

Cache::Command Cache::hash_set(Context context, CacheKey key, CacheKey field, std::int64_t value) {
  const CacheArguments arguments{.key = key, .item = field, .value = value};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    return found_if(data.hash_set(with.key, with.item, with.value));
  };
  return run(context, "hset", script, arguments);
}

Cache::Command Cache::hash_get(Context context, CacheKey key, CacheKey field) {
  const CacheArguments arguments{.key = key, .item = field};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    return found_if(data.hash_get(with.key, with.item));
  };
  return run(context, "hget", script, arguments);
}

Cache::Command Cache::hash_get_all(Context context, CacheKey key) {
  const CacheArguments arguments{.key = key};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    return listed(data.hash_items(with.key));
  };
  return run(context, "hgetall", script, arguments);
}

Cache::Command Cache::score_add(Context context, CacheKey key, CacheKey member, std::int64_t by) {
  const CacheArguments arguments{.key = key, .item = member, .value = by};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    return found_if(true, data.score_add(with.key, with.item, with.value));
  };
  return run(context, "zincrby", script, arguments);
}

Cache::Command Cache::ranking(Context context, CacheKey key, std::uint32_t count) {
  const CacheArguments arguments{.key = key, .value = count};
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    std::vector<CacheItem> items = data.ranking(with.key);
    if (items.size() > static_cast<std::uint64_t>(with.value)) {
      items.resize(static_cast<std::size_t>(with.value));
    }
    return listed(std::move(items));
  };
  return run(context, "zrevrange", script, arguments);
}

Cache::Command Cache::score_union(Context context, CacheKey target,
                                  const std::vector<CacheKey>& sources) {
  CacheArguments arguments;
  arguments.key = target;
  for (const CacheKey& source : sources) {
    arguments.more_keys.push_back(source);
  }
  const CacheScript script = [](CacheData& data, const CacheArguments& with) {
    return found_if(true, data.score_union(with.key, with.more_keys));
  };
  return run(context, "zunionstore", script, arguments);
}

}  // namespace sagasim::sim
