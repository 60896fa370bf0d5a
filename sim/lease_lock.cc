#include "sim/lease_lock.h"

#include <algorithm>

namespace sagasim::sim {
namespace {

constexpr CacheKey kOwner{"owner", {}};
constexpr CacheKey kHolds{"holds", {}};
constexpr CacheKey kToken{"token", {}};

CacheKey counter_of(CacheKey lock) { return CacheKey{"fencing-token", lock.subject}; }

// A lock is a hash of its owner, how often he holds it, and his token. It is given to whoever finds
// none, or his own; `value` is the token, or for how long it is not free.
CacheReply take_lock(CacheData& data, const CacheArguments& with) {
  CacheReply reply;
  const auto owner = data.hash_get(with.key, kOwner);
  if (owner && *owner != with.value) {
    reply.value = data.time_to_live(with.key).value_or(with.ttl).count();
    return reply;
  }
  if (!owner) {
    data.hash_set(with.key, kOwner, with.value);
    data.hash_set(with.key, kToken, data.add(counter_of(with.key), 1));
  }
  data.hash_add(with.key, kHolds, 1);
  data.expire(with.key, with.ttl);
  reply.found = true;
  reply.value = data.hash_get(with.key, kToken).value_or(0);
  return reply;
}

// `found`: it was the owner's. `value`: how often he still holds it.
CacheReply give_back(CacheData& data, const CacheArguments& with) {
  CacheReply reply;
  reply.found = data.hash_get(with.key, kOwner) == with.value;
  if (!reply.found) {
    return reply;
  }
  reply.value = data.hash_add(with.key, kHolds, -1);
  if (reply.value == 0) {
    data.erase(with.key);
  } else {
    data.expire(with.key, with.ttl);
  }
  return reply;
}

CacheReply prolong(CacheData& data, const CacheArguments& with) {
  CacheReply reply;
  reply.found = data.hash_get(with.key, kOwner) == with.value;
  if (reply.found) {
    data.expire(with.key, with.ttl);
  }
  return reply;
}

std::uint64_t process_of(const Node& node) {
  return combine(node.role().hash(), std::uint64_t{node.instance()} << 32 | node.incarnation());
}

}  // namespace

LeaseLock::LeaseLock(Cache& cache, Node& node, const LeaseLockOptions& options)
    : cache_(cache), node_(node), options_(options) {}

Await<CommandOperation> LeaseLock::ask(Context context, Name name, CacheScript script,
                                       const Lease& lease) {
  CacheArguments arguments;
  arguments.key = lease.key;
  arguments.value = static_cast<std::int64_t>(lease.owner);
  arguments.ttl = options_.lease;
  return cache_.run(context, name, script, arguments);
}

Task<Lease> LeaseLock::acquire(Context context, CacheKey key) {
  return acquire_as(context, key, context.activity().identity());
}

Task<Lease> LeaseLock::acquire_as(Context context, CacheKey key, std::uint64_t thread) {
  World& world = node_.world();
  const Instant give_up = world.now() + options_.wait;
  Lease lease;
  lease.key = key;
  lease.owner = combine(process_of(node_), thread);
  for (;;) {
    lease.valid_until = world.now() + options_.lease;
    auto asked = ask(context, "lock", &take_lock, lease);
    const CacheReply reply = co_await asked;
    if (reply.outcome != Outcome::kOk) {
      lease.locked = Locked::kUnknown;
      co_return lease;
    }
    if (reply.found) {
      lease.locked = Locked::kHeld;
      lease.token = reply.value;
      break;
    }
    const Duration left = give_up - world.now();
    if (left <= Duration{}) {
      lease.locked = Locked::kBusy;
      co_return lease;
    }
    const Duration pause = std::min({left, options_.retry, Duration{reply.value}});
    auto wait = context.sleep(std::max(pause, nanoseconds(1)), "lock");
    co_await wait;
  }
  if (options_.watchdog) {
    watch(context, lease);
  }
  co_return lease;
}

Task<Released> LeaseLock::release(Context context, Lease lease) {
  forget_watchdog(lease, true);
  auto asked = ask(context, "unlock", &give_back, lease);
  const CacheReply reply = co_await asked;
  if (reply.outcome != Outcome::kOk) {
    co_return Released::kUnknown;
  }
  if (reply.value > 0 && options_.watchdog) {
    watch(context, lease);
  }
  co_return reply.found ? Released::kDone : Released::kNotHeld;
}

void LeaseLock::watch(Context context, const Lease& lease) {
  forget_watchdog(lease, true);
  Invocation invocation{.role = node_.role(),
                        .scope = "watchdog",
                        .trigger = lease.key.name,
                        .subject = lease.key.subject,
                        .version = node_.instance() + 1,
                        .attempt = 0};
  invocation.attempt = node_.world().next_attempt(invocation.id());
  Activity& activity = node_.start(invocation, context.activity().cause(), [&](Context watchdog) {
    return renew_again_and_again(watchdog, lease);
  });
  watchdogs_.push_back(Watchdog{lease.key, lease.owner, &activity});
}

Task<> LeaseLock::renew_again_and_again(Context context, Lease lease) {
  for (;;) {
    auto rest = context.sleep(options_.lease / 3, "renewal");
    co_await rest;
    auto asked = ask(context, "renew", &prolong, lease);
    const CacheReply reply = co_await asked;
    const bool answered = reply.outcome == Outcome::kOk;
    if ((answered && !reply.found) || (!answered && options_.watchdog_gives_up)) {
      break;
    }
  }
  forget_watchdog(lease, false);
}

bool LeaseLock::forget_watchdog(const Lease& lease, bool retire) {
  const auto found =
      std::find_if(watchdogs_.begin(), watchdogs_.end(), [&](const Watchdog& watchdog) {
        return watchdog.key == lease.key && watchdog.owner == lease.owner;
      });
  if (found == watchdogs_.end()) {
    return false;
  }
  Activity* activity = found->activity;
  watchdogs_.erase(found);
  if (retire) {
    node_.retire(*activity);
  }
  return true;
}

}  // namespace sagasim::sim
