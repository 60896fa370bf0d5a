// What the order service keeps in the cache: the steps of an order, who decided it first, its lock.
#include "domain/services/order_service.h"

namespace sagasim::domain {
namespace {

constexpr sim::LeaseLockOptions kLockOptions{.wait = sim::seconds(5), .lease = sim::seconds(3)};

constexpr sim::Name kStepsName = "steps";
constexpr sim::Name kDecidedName = "decided";
constexpr sim::Name kFields[kSteps] = {"balance", "coupon", "stock"};

sim::CacheKey key_of_steps(sim::Subject order) { return {kStepsName, order}; }
sim::CacheKey field_of(std::uint32_t step) { return {kFields[step], sim::Subject()}; }

// The steps as digits of one number, the first one lowest: what a script takes along.
constexpr std::int64_t kStates = 3;

sim::CacheArguments to_arguments(sim::Subject order, const Steps& steps) {
  sim::CacheArguments arguments{.key = key_of_steps(order), .ttl = OrderCache::kStepsLive};
  for (const StepState state : {steps.stock, steps.coupon, steps.balance}) {
    arguments.value = arguments.value * kStates + static_cast<std::int64_t>(state);
  }
  return arguments;
}

sim::CacheReply copy_steps(sim::CacheData& data, const sim::CacheArguments& arguments) {
  std::int64_t digits = arguments.value;
  for (std::uint32_t i = 0; i < kSteps; ++i, digits /= kStates) {
    if (digits % kStates != static_cast<std::int64_t>(StepState::kPending)) {
      data.hash_set(arguments.key, field_of(i), digits % kStates);
    }
  }
  return {.outcome = sim::Outcome::kOk, .found = data.expire(arguments.key, arguments.ttl)};
}

}  // namespace

OrderCache::OrderCache(sim::Cache& cache, sim::Node& node)
    : cache_(cache), locks_(cache, node, kLockOptions) {}

sim::Task<bool> OrderCache::put(sim::Context context, sim::Subject order, Step step,
                                StepState state) {
  const sim::CacheKey key = key_of_steps(order);
  auto writing = cache_.hash_set(context, key, field_of(static_cast<std::uint32_t>(step)),
                                 static_cast<std::int64_t>(state));
  const sim::CacheReply written = co_await writing;
  if (written.outcome != sim::Outcome::kOk) {
    co_return false;
  }
  auto limiting = cache_.expire(context, key, kStepsLive);
  const sim::CacheReply limited = co_await limiting;
  co_return limited.outcome == sim::Outcome::kOk;
}

sim::Task<> OrderCache::copy(sim::Context context, sim::Subject order, Steps steps) {
  auto copying = cache_.run(context, "copy", &copy_steps, to_arguments(order, steps));
  co_await copying;
}

sim::Task<std::optional<Steps>> OrderCache::get(sim::Context context, sim::Subject order) {
  auto reading = cache_.hash_get_all(context, key_of_steps(order));
  const sim::CacheReply reply = co_await reading;
  if (reply.outcome != sim::Outcome::kOk) {
    co_return std::nullopt;
  }
  Steps steps;
  StepState* const states[kSteps] = {&steps.balance, &steps.coupon, &steps.stock};
  for (const sim::CacheItem& item : reply.items) {
    for (std::uint32_t i = 0; i < kSteps; ++i) {
      if (item.key == field_of(i)) {
        *states[i] = static_cast<StepState>(item.value);
      }
    }
  }
  co_return steps;
}

std::optional<StepState> OrderCache::peek(const sim::Cache& cache, sim::Subject order, Step step) {
  const std::optional<std::int64_t> state =
      cache.peek(key_of_steps(order), field_of(static_cast<std::uint32_t>(step)));
  return state ? std::optional(static_cast<StepState>(*state)) : std::nullopt;
}

std::vector<sim::CacheKey> OrderCache::lasting(const sim::Cache& cache) {
  std::vector<sim::CacheKey> keys = cache.lasting();
  std::erase_if(keys, [](const sim::CacheKey& key) {
    return key.name != kStepsName && key.name != kDecidedName;
  });
  return keys;
}

sim::Task<std::optional<bool>> OrderCache::decide(sim::Context context, sim::Subject order) {
  auto setting = cache_.set_if_absent(context, {kDecidedName, order}, 1, kStepsLive);
  const sim::CacheReply reply = co_await setting;
  if (reply.outcome != sim::Outcome::kOk) {
    co_return std::nullopt;
  }
  co_return reply.found;
}

sim::Task<sim::Lease> OrderCache::lock(sim::Context context, sim::Subject order) {
  auto acquiring = locks_.acquire(context, {"lock", order});
  const sim::Lease lease = co_await std::move(acquiring);
  co_return lease;
}

sim::Task<> OrderCache::unlock(sim::Context context, sim::Lease lease) {
  auto releasing = locks_.release(context, lease);
  co_await std::move(releasing);
}

}  // namespace sagasim::domain
