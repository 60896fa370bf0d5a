// The lease lock against a model of it: who holds it, how often, and until when.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "sim/lease_lock.h"
#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

constexpr int kLease = 6;  // seconds
// How long whoever asks waits for an answer that is lost, to the next half of a second.
constexpr int kPatience = 4;

struct Holding {
  std::int64_t now = 0;
  std::optional<int> owner;
  int times = 0;
  std::int64_t until = 0;
  int tokens = 0;
  std::set<int> asked;  // have something to give back, or had
  void expire() {
    if (owner && until <= now) {
      owner.reset();
    }
  }
};

// Before so many whole seconds have passed, as all commands between two waits take less than half
// of one.
constexpr LeaseLockOptions kOptions{.wait = {}, .lease = seconds(kLease) - milliseconds(450)};

// Loses the answer to the next attempt to take the lock, if it is told to.
class LoseAnswer final : public Interceptor {
 public:
  Effect decide(const Operation& operation) override {
    const bool strikes =
        loses && operation.kind == OperationKind::kCommand && operation.detail == Name("lock");
    loses = loses && !strikes;
    return strikes ? Effect{.kind = Effect::Kind::kReplyLost} : Effect{};
  }
  bool loses = false;
};

struct Locking : Bench {
  Locking() { world.set_interceptor(&lose); }
  // Until half a second after a whole one, so many later than the last.
  void wait_for(int length) {
    const std::int64_t second = (world.now() - kStart) / seconds(1);
    wait(kStart + seconds(second + length) + milliseconds(500) - world.now());
  }
  LoseAnswer lose;
  LeaseLock locks{cache, client, kOptions};
  std::map<int, Lease> leases;
  Released released = Released::kUnknown;
};

constexpr CacheKey kLock{"lock", Subject('p', 1)};

Task<> acquire(Context context, Locking* part, int who) {
  auto acquire = part->locks.acquire_as(context, kLock, static_cast<std::uint64_t>(who));
  part->leases[who] = co_await std::move(acquire);
}

Task<> release(Context context, Locking* part, int who) {
  auto release = part->locks.release(context, part->leases.at(who));
  part->released = co_await std::move(release);
}

struct Acquire : Act<Holding, Locking> {
  int who = *rc::gen::inRange(0, 3);
  bool is_given(const Holding& model) const { return !model.owner || *model.owner == who; }
  void apply(Holding& model) const override {
    model.asked.insert(who);
    if (!is_given(model)) {
      return;
    }
    model.tokens += model.owner ? 0 : 1;
    model.times = model.owner ? model.times + 1 : 1;
    model.owner = who;
    model.until = model.now + kLease;
  }
  void run(const Holding& before, Locking& part) const override {
    part.perform([&](Context context) { return acquire(context, &part, who); });
    Holding after = before;
    apply(after);
    const Lease& lease = part.leases.at(who);
    RC_ASSERT(lease.locked == (is_given(before) ? Locked::kHeld : Locked::kBusy));
    if (lease.held()) {
      RC_ASSERT(lease.token == after.tokens);
    }
  }
  std::string name() const override { return std::to_string(who) + " acquires"; }
};

// The lock is his, unless it was another's, but he does not know.
struct AcquireUnheard : Act<Holding, Locking> {
  int who = *rc::gen::inRange(0, 3);
  void apply(Holding& model) const override {
    model.asked.insert(who);
    if (!model.owner || *model.owner == who) {
      model.tokens += model.owner ? 0 : 1;
      model.times = model.owner ? model.times + 1 : 1;
      model.owner = who;
      model.until = model.now + kLease;
    }
    model.now += kPatience;
    model.expire();
  }
  void run(const Holding& before, Locking& part) const override {
    part.lose.loses = true;
    part.perform([&](Context context) { return acquire(context, &part, who); });
    RC_ASSERT(part.leases.at(who).locked == Locked::kUnknown);
    part.wait_for(1);
    Holding after = before;
    apply(after);
    RC_ASSERT(part.cache.peek(kLock, {"owner", {}}).has_value() == after.owner.has_value());
  }
  std::string name() const override { return std::to_string(who) + " acquires unheard"; }
};

struct Release : Act<Holding, Locking> {
  int who = *rc::gen::inRange(0, 3);
  void checkPreconditions(const Holding& model) const override {
    RC_PRE(model.asked.contains(who));
  }
  void apply(Holding& model) const override {
    if (model.owner == who) {
      model.until = model.now + kLease;
      if (--model.times == 0) {
        model.owner.reset();
      }
    }
  }
  void run(const Holding& before, Locking& part) const override {
    part.perform([&](Context context) { return release(context, &part, who); });
    RC_ASSERT(part.released == (before.owner == who ? Released::kDone : Released::kNotHeld));
  }
  std::string name() const override { return std::to_string(who) + " releases"; }
};

struct Wait : Act<Holding, Locking> {
  int length = *rc::gen::inRange(1, 4);
  void apply(Holding& model) const override {
    model.now += length;
    model.expire();
  }
  void run(const Holding&, Locking& part) const override { part.wait_for(length); }
  std::string name() const override { return "wait " + std::to_string(length); }
};

RC_GTEST_PROP(LockModel, TheLockIsAnOwnerACountAndATime, ()) {
  Locking part;
  part.wait(milliseconds(500));
  rc::state::check(
      Holding{}, part,
      rc::state::gen::execOneOfWithArgs<Acquire, Acquire, AcquireUnheard, Release, Wait>());
}

// --- with a watchdog ---

// It runs as long as the process does and the lock is held; then the lease is over some time later.
struct Watched {
  bool held = false;
  int left = 0;  // seconds until it is free for sure, once the process has died
};

constexpr LeaseLockOptions kWatched{.wait = {}, .lease = seconds(kLease), .watchdog = true};

struct Watching : Bench {
  std::unique_ptr<LeaseLock> locks = std::make_unique<LeaseLock>(cache, client, kWatched);
  Lease lease;
  bool is_held() const { return cache.peek(kLock, {"owner", {}}).has_value(); }
};

Task<> take(Context context, Watching* part) {
  auto acquire = part->locks->acquire_as(context, kLock, 1);
  part->lease = co_await std::move(acquire);
}
Task<> give_back(Context context, Watching* part) {
  auto release = part->locks->release(context, part->lease);
  co_await std::move(release);
}

struct Take : Act<Watched, Watching> {
  void checkPreconditions(const Watched& model) const override {
    RC_PRE(!model.held && model.left == 0);
  }
  void apply(Watched& model) const override { model.held = true; }
  void run(const Watched&, Watching& part) const override {
    part.begin([&](Context context) { return take(context, &part); });
    part.tick();
    RC_ASSERT(part.lease.held());
    RC_ASSERT(part.is_held());
  }
  std::string name() const override { return "take"; }
};

struct GiveBack : Act<Watched, Watching> {
  void checkPreconditions(const Watched& model) const override { RC_PRE(model.held); }
  void apply(Watched& model) const override { model.held = false; }
  void run(const Watched&, Watching& part) const override {
    part.begin([&](Context context) { return give_back(context, &part); });
    part.tick();
    RC_ASSERT(!part.is_held());
  }
  std::string name() const override { return "give back"; }
};

struct Pass : Act<Watched, Watching> {
  int length = *rc::gen::inRange(1, 2 * kLease);
  void apply(Watched& model) const override { model.left = std::max(0, model.left - length); }
  void run(const Watched& before, Watching& part) const override {
    for (int i = 0; i < length; ++i) {
      part.tick();
    }
    Watched after = before;
    apply(after);
    if (after.held) {
      RC_ASSERT(part.is_held());
    } else if (after.left == 0) {
      RC_ASSERT(!part.is_held());
    }
  }
  std::string name() const override { return "pass " + std::to_string(length); }
};

// The watchdog dies with the process, and what it has prolonged lasts for two thirds of the lease
// at least.
struct Die : Act<Watched, Watching> {
  void apply(Watched& model) const override {
    model.left = std::max(0, (model.held ? kLease : model.left) - 1);
    model.held = false;
  }
  void run(const Watched& before, Watching& part) const override {
    part.client.crash(milliseconds(100), 1);
    part.locks = std::make_unique<LeaseLock>(part.cache, part.client, kWatched);
    if (before.held) {
      RC_ASSERT(part.is_held());
    }
    part.tick();
  }
  std::string name() const override { return "the process dies"; }
};

RC_GTEST_PROP(LockModel, AWatchedLockIsHeldUntilItIsGivenBackOrItsProcessDies, ()) {
  Watching part;
  part.tick();
  rc::state::check(Watched{}, part,
                   rc::state::gen::execOneOfWithArgs<Take, GiveBack, Pass, Pass, Die>());
}

}  // namespace
}  // namespace sagasim::sim::models
