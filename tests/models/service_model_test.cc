// The HTTP service and the lease lock against models of them: a table of keys, and who holds what
// until when.
#include <map>
#include <optional>
#include <set>

#include "sim/lease_lock.h"
#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

// --- the HTTP service ---

struct Ledger {
  std::map<int, int> bodies;  // by key
  int decided = 0;
};

struct Paying : Bench {
  HttpReply reply;
};

Task<> pay(Context context, Paying* part, int key, int body) {
  const auto id = static_cast<std::uint64_t>(key);
  auto request = part->gateway.request(context, part->payment(id, Subject('c', 1), body));
  part->reply = co_await request;
}

struct Pay : Act<Ledger, Paying> {
  int key = *rc::gen::inRange(0, 3);  // 0: a request without one
  int body = *rc::gen::inRange(1, 3);
  bool is_new(const Ledger& ledger) const { return key == 0 || !ledger.bodies.contains(key); }
  void apply(Ledger& ledger) const override {
    ledger.decided += is_new(ledger) ? 1 : 0;
    if (key != 0) {
      ledger.bodies.emplace(key, body);
    }
  }
  void run(const Ledger& before, Paying& part) const override {
    part.perform([&](Context context) { return pay(context, &part, key, body); });
    Ledger after = before;
    apply(after);
    RC_ASSERT(part.reply.outcome == Outcome::kOk);
    RC_ASSERT(part.charged == after.decided);
    const bool fits = is_new(before) || before.bodies.at(key) == body;
    RC_ASSERT(part.reply.status == (fits ? HttpStatus::kDone : HttpStatus::kMismatch));
    if (fits) {
      RC_ASSERT(part.reply.body.as<toy::Note>().value == body);
    }
  }
  std::string name() const override {
    return "pay " + std::to_string(key) + " " + std::to_string(body);
  }
};

struct ForgetKeys : Act<Ledger, Paying> {
  void apply(Ledger& ledger) const override { ledger.bodies.clear(); }
  void run(const Ledger&, Paying& part) const override {
    part.bank.intervene({Intervention::Kind::kForgetKeys, "", {}, 1});
  }
  std::string name() const override { return "the keys expire"; }
};

struct Restart : Act<Ledger, Paying> {
  void run(const Ledger&, Paying& part) const override {
    part.bank.crash(seconds(1), 1);
    part.wait(seconds(2));
  }
  std::string name() const override { return "the service restarts"; }
};

RC_GTEST_PROP(HttpModel, TheServiceIsATableOfKeysAndACountOfDecisions, ()) {
  Paying part;
  rc::state::check(Ledger{}, part, rc::state::gen::execOneOfWithArgs<Pay, ForgetKeys, Restart>());
}

// --- the lock ---

constexpr int kLease = 3;  // seconds

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

struct Locking : Bench {
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
  void run(const Holding&, Locking& part) const override {
    const std::int64_t second = (part.world.now() - kStart) / seconds(1);
    const Instant until = kStart + seconds(second + length) + milliseconds(500);
    part.wait(until - part.world.now());
  }
  std::string name() const override { return "wait " + std::to_string(length); }
};

RC_GTEST_PROP(LockModel, TheLockIsAnOwnerACountAndATime, ()) {
  Locking part;
  part.wait(milliseconds(500));
  rc::state::check(Holding{}, part, rc::state::gen::execOneOfWithArgs<Acquire, Release, Wait>());
}

}  // namespace
}  // namespace sagasim::sim::models
