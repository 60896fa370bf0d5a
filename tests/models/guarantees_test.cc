// What each part but the broker and the database never does, whatever goes wrong: under every fault
// but the breakers, drawn anew for each case. Nothing here knows how a part works; it compares what
// clients were told with what is there in the end.
//
//   models_test --cases 100000 --gtest_filter='PartGuarantees.*'     is the nightly command.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/event_bus.h"
#include "sim/lease_lock.h"
#include "tests/models/storm.h"

namespace sagasim::sim::models {
namespace {

using faults::Kind;
using toy::Account;
using toy::Toy;

// --- the network ---

struct Talking : Storm {
  explicit Talking(const Case& drawn) : Storm(drawn, options_of(drawn.seed)) {}
  std::int64_t sent = 0;
};

Task<> talk(Toy* toy, Context context) {
  auto* storm = static_cast<Talking*>(toy);
  const Latency latency{milliseconds(1), milliseconds(500), 4};
  for (int i = 0; i < 5; ++i) {
    if (toy->mailbox != nullptr) {
      const Subject about = context.invocation().subject;
      Payload note = toy->note(about, ++storm->sent);
      toy->mailbox->send(context, "hello", about, latency, std::move(note));
    }
    auto pause = context.sleep(milliseconds(20), "pause");
    co_await pause;
  }
}

// The same by the first worker, on a connection of its own.
void let_a_worker_talk(Talking& storm) {
  Node& worker = *storm.worker_nodes[0];
  if (!worker.up() || worker.paused()) {
    return;
  }
  const Invocation invocation{.role = worker.role(),
                              .scope = "script",
                              .trigger = {},
                              .subject = Subject('w', static_cast<std::uint32_t>(storm.sent + 1))};
  worker.start(invocation, 0, [&storm](Context context) { return talk(&storm, context); });
  storm.world.scheduler().settle();
}

std::string judge_network(const Case& drawn, Evidence& evidence, bool two_connections) {
  Talking storm(drawn);
  if (two_connections) {
    storm.now_and_then("worker", 40, [&storm](std::uint64_t) { let_a_worker_talk(storm); });
  }
  if (!storm.rage(talk, 20)) {
    return "it does not come to rest";
  }
  storm.tell(evidence);
  // A message may come again; for the first time it comes after those that were sent before it.
  std::set<std::int64_t> known;
  for (const std::int64_t number : storm.heard) {
    if (!known.contains(number) && !known.empty() && number < *known.rbegin()) {
      return "a message overtook another one of its connection";
    }
    known.insert(number);
  }
  evidence.saw("heard", known.size());
  evidence.saw("lost", static_cast<std::uint64_t>(storm.sent) - known.size());
  evidence.saw("heard again", storm.heard.size() - known.size());
  return "";
}

TEST(PartGuarantees, TheNetworkKeepsTheOrderOfAConnection) {
  holds([](const Case& drawn, Evidence& evidence) { return judge_network(drawn, evidence, false); },
        {"heard", "lost", "heard again"},
        {Kind::kDrop, Kind::kDelay, Kind::kHold, Kind::kDuplicate, Kind::kCrashBefore, Kind::kPause,
         Kind::kPowerCut, Kind::kUpgrade, Kind::kSlowness, Kind::kHeavyTails, Kind::kPriorities});
}

TEST(PartGuaranteesCanary, TwoConnectionsKeepNoOrder) {
  finds_fault(
      [](const Case& drawn, Evidence& evidence) { return judge_network(drawn, evidence, true); });
}

// --- the HTTP service ---

struct Shopping : Storm {
  explicit Shopping(const Case& drawn) : Storm(drawn, options_of(drawn.seed)) {}
  std::map<std::uint64_t, std::set<std::int64_t>> answers;  // by key
  std::map<HttpStatus, std::uint64_t> said;
  std::uint64_t unknown = 0;
};

// Asks up to four times with one key, as somebody does who was not answered.
Task<> pay_until_answered(Toy* toy, Context context) {
  auto* storm = static_cast<Shopping*>(toy);
  const Subject me = context.invocation().subject;
  const std::uint64_t key = 1 + me.major() % 6;
  for (int attempt = 0; attempt < 4; ++attempt) {
    auto request = toy->gateway.request(
        context, toy->payment(key, Subject('c', 1), static_cast<std::int64_t>(key)));
    const HttpReply reply = co_await request;
    if (reply.outcome == Outcome::kOk) {
      ++storm->said[reply.status];
      if (reply.status == HttpStatus::kDone) {
        storm->answers[key].insert(reply.body.as<toy::Note>().value);
        co_return;
      }
    }
    storm->unknown += reply.outcome == Outcome::kUnknown ? 1 : 0;
    auto pause = context.sleep(seconds(1), "retry");
    co_await pause;
  }
}

std::string judge_http(const Case& drawn, Evidence& evidence, bool forgets) {
  Shopping storm(drawn);
  Chronicle chronicle;
  storm.world.add_observer(chronicle);
  if (forgets) {
    storm.now_and_then("forget", 4, [&storm](std::uint64_t i) {
      storm.bank.intervene({Intervention::Kind::kForgetKeys, "", {}, i});
    });
  }
  if (!storm.rage(pay_until_answered, 20)) {
    return "it does not come to rest";
  }
  storm.tell(evidence);
  for (const auto& [key, count] : chronicle.decided) {
    if (count != 1) {
      return "a key was decided twice";
    }
  }
  for (const auto& [key, values] : storm.answers) {
    if (values.size() != 1u) {
      return "a key was answered in two ways";
    }
    if (!chronicle.decided.contains(key)) {
      return "a key was answered that was never decided";
    }
  }
  evidence.saw("decided", chronicle.decided.size());
  evidence.saw("not answered", storm.unknown);
  evidence.saw("told to come back", storm.said[HttpStatus::kInProgress]);
  evidence.saw("answered", storm.said[HttpStatus::kDone]);
  return "";
}

TEST(PartGuarantees, TheHttpServiceDecidesAKeyOnceAndAnswersItAlike) {
  holds([](const Case& drawn, Evidence& evidence) { return judge_http(drawn, evidence, false); },
        {"decided", "answered", "not answered", "told to come back"},
        {Kind::kDelay, Kind::kDuplicate, Kind::kFail, Kind::kReplyLost, Kind::kNotDone, Kind::kLate,
         Kind::kPause, Kind::kPowerCut, Kind::kIsolation});
}

TEST(PartGuaranteesCanary, KeysThatExpireAreDecidedTwice) {
  finds_fault(
      [](const Case& drawn, Evidence& evidence) { return judge_http(drawn, evidence, true); });
}

// --- the cache ---

constexpr CacheKey kOne{"one", {}};
constexpr CacheKey kOther{"other", {}};
constexpr CacheKey kStamp{"stamp", {}};
constexpr Duration kLife = seconds(2);

// Moves both counters, and notes when it was: all of it, or nothing.
CacheReply count_both(CacheData& data, const CacheArguments&) {
  data.add(kOne, 1);
  data.add(kOther, 1);
  data.set(kStamp, (data.now() - kStart).count(), kLife);
  return {};
}

// `found`: the counters differ. `value`: how old the stamp is; -1 if there is none.
CacheReply look_at_both(CacheData& data, const CacheArguments&) {
  CacheReply reply;
  reply.found = data.get(kOne).value_or(0) != data.get(kOther).value_or(0);
  const auto stamp = data.get(kStamp);
  reply.value = stamp ? (data.now() - kStart).count() - *stamp : -1;
  return reply;
}

struct Counting : Storm {
  explicit Counting(const Case& drawn) : Storm(drawn, options_of(drawn.seed)) {}
  bool in_two_commands = false;  // instead of one script
  bool saw_half = false;
  bool saw_the_dead = false;
  std::uint64_t counted = 0;
  std::uint64_t unknown = 0;
  std::uint64_t alive = 0;
  std::uint64_t expired = 0;
};

Task<> count_and_look(Toy* toy, Context context) {
  auto* storm = static_cast<Counting*>(toy);
  const CacheArguments arguments;
  if (storm->in_two_commands) {
    auto one = toy->cache.add(context, kOne, 1);
    co_await one;
    auto other = toy->cache.add(context, kOther, 1);
    co_await other;
  } else {
    auto count = toy->cache.run(context, "count", &count_both, arguments);
    const CacheReply counted = co_await count;
    storm->counted += counted.outcome == Outcome::kOk ? 1 : 0;
    storm->unknown += counted.outcome == Outcome::kUnknown ? 1 : 0;
  }
  // Sometimes for longer than the stamp lives.
  const std::int64_t rest = context.invocation().subject.major() % 4 + 1;
  auto pause = context.sleep(rest * milliseconds(700), "pause");
  co_await pause;
  auto look = toy->cache.run(context, "look", &look_at_both, arguments);
  const CacheReply reply = co_await look;
  if (reply.outcome == Outcome::kOk) {
    storm->saw_half = storm->saw_half || reply.found;
    storm->saw_the_dead = storm->saw_the_dead || reply.value >= kLife.count();
    ++(reply.value >= 0 ? storm->alive : storm->expired);
  }
}

std::string judge_cache(const Case& drawn, Evidence& evidence, bool in_two_commands) {
  Counting storm(drawn);
  storm.in_two_commands = in_two_commands;
  if (!storm.rage(count_and_look, 40)) {
    return "it does not come to rest";
  }
  storm.tell(evidence);
  if (storm.saw_half || storm.cache.peek(kOne) != storm.cache.peek(kOther)) {
    return "half of a command was seen";
  }
  if (storm.saw_the_dead) {
    return "a key was seen after its time";
  }
  evidence.saw("done", storm.counted);
  evidence.saw("unknown", storm.unknown);
  evidence.saw("seen alive", storm.alive);
  evidence.saw("expired or lost", storm.expired);
  return "";
}

TEST(PartGuarantees, TheCacheDoesNoHalfOfACommandAndShowsNoKeyAfterItsTime) {
  holds([](const Case& drawn, Evidence& evidence) { return judge_cache(drawn, evidence, false); },
        {"done", "unknown", "seen alive", "expired or lost"},
        {Kind::kDelay, Kind::kDuplicate, Kind::kFail, Kind::kReplyLost, Kind::kNotDone, Kind::kLate,
         Kind::kPause, Kind::kPowerCut, Kind::kCacheFailover});
}

TEST(PartGuaranteesCanary, TwoCommandsAreSeenInHalves) {
  finds_fault(
      [](const Case& drawn, Evidence& evidence) { return judge_cache(drawn, evidence, true); });
}

// --- the lock ---

struct Locking : Storm {
  explicit Locking(const Case& drawn) : Storm(drawn, options_of(drawn.seed)) {}
  struct Hold {
    Instant from;
    Instant until;
    std::int64_t token;
  };
  std::vector<Hold> holds;  // while their holders may be sure of it
  std::uint64_t busy = 0;
  std::uint64_t unknown = 0;
  std::uint64_t overrun = 0;  // worked on after its lease
};

constexpr CacheKey kLock{"lock", Subject('p', 1)};
constexpr LeaseLockOptions kLockOptions{};

Task<> hold_for_a_while(Toy* toy, Context context) {
  auto* storm = static_cast<Locking*>(toy);
  LeaseLock locks(toy->cache, toy->client, kLockOptions);
  auto acquire = locks.acquire(context, kLock);
  const Lease lease = co_await std::move(acquire);
  if (!lease.held()) {
    ++(lease.locked == Locked::kBusy ? storm->busy : storm->unknown);
    co_return;
  }
  const Instant from = toy->world.now();
  // One in eight works for longer than the lease runs.
  const bool lingers = context.invocation().subject.major() % 8 == 0;
  auto work = context.sleep(lingers ? seconds(4) : milliseconds(500), "work");
  co_await work;
  storm->overrun += toy->world.now() > lease.valid_until ? 1u : 0u;
  const Instant until = std::min(toy->world.now(), lease.valid_until);
  if (from < until) {
    storm->holds.push_back({from, until, lease.token});
  }
  auto release = locks.release(context, lease);
  co_await std::move(release);
}

std::string judge_lock(const Case& drawn, Evidence& evidence, bool loses) {
  Case without = drawn;
  without.profile.rates[static_cast<unsigned>(Kind::kCacheFailover)] = 0;
  without.profile.rates[static_cast<unsigned>(Kind::kCacheWipe)] = 0;
  Locking storm(without);
  if (loses) {
    storm.now_and_then("wipe", 20, [&storm](std::uint64_t i) {
      storm.memory.intervene({Intervention::Kind::kWipe, "", {}, i});
    });
  }
  if (!storm.rage(hold_for_a_while, 40)) {
    return "it does not come to rest";
  }
  storm.tell(evidence);
  auto& holds = storm.holds;
  std::stable_sort(holds.begin(), holds.end(),
                   [](const auto& one, const auto& other) { return one.from < other.from; });
  for (std::size_t i = 1; i < holds.size(); ++i) {
    if (holds[i].from < holds[i - 1].until) {
      return "two held the lock";
    }
    if (holds[i].token <= holds[i - 1].token) {
      return "a later holder has no greater token";
    }
  }
  evidence.saw("held", holds.size());
  evidence.saw("busy", storm.busy);
  evidence.saw("unknown", storm.unknown);
  evidence.saw("worked on after the lease", storm.overrun);
  return "";
}

TEST(PartGuarantees, TheLockHasOneHolderWhoseLeaseRunsWhileTheCacheLosesNothing) {
  holds([](const Case& drawn, Evidence& evidence) { return judge_lock(drawn, evidence, false); },
        {"held", "busy", "unknown", "worked on after the lease"},
        {Kind::kDrop, Kind::kDelay, Kind::kReplyLost, Kind::kNotDone, Kind::kLate, Kind::kPause,
         Kind::kPartition});
}

TEST(PartGuaranteesCanary, ACacheThatIsWipedLetsTwoHoldALock) {
  finds_fault(
      [](const Case& drawn, Evidence& evidence) { return judge_lock(drawn, evidence, true); });
}

// --- the bus ---

struct Telling : Storm {
  explicit Telling(const Case& drawn) : Storm(drawn, options_of(drawn.seed)) {}
  ~Telling() override { world.shut_down(); }
  ListenerPhase phase = ListenerPhase::kAfterCommit;
  bool told_of_nothing = false;
  std::uint64_t told = 0;
  std::uint64_t aborted = 0;
};

Task<bool> look_it_up(Context context, Telling* storm, BusDelivery delivery) {
  const bool is_there = storm->amount(delivery.event->subject) == 1;
  storm->told_of_nothing = storm->told_of_nothing || !is_there;
  ++storm->told;
  auto pause = context.sleep(milliseconds(100), "work");
  co_await pause;
  co_return true;
}

// A bus of its own for each piece of work, as nobody else holds it.
Task<> write_and_tell(Toy* toy, Context context) {
  auto* storm = static_cast<Telling*>(toy);
  EventBus bus(toy->client, {});
  BusListener listener;
  listener.name = "hears";
  listener.type = "written";
  listener.phase = storm->phase;
  listener.handle = [storm](Context own, BusDelivery delivery) {
    return look_it_up(own, storm, delivery);
  };
  bus.listen(std::move(listener));
  UnitOfWork unit(bus, toy->database, context);
  const Subject me = context.invocation().subject;
  unit.rows().insert(toy->accounts, Account{me, 1});
  // Half of them have been there before, and their transactions fail.
  unit.rows().insert(toy->accounts, Account{Subject('a', me.major() / 2), 1});
  BusEvent event{"written", me, 1, me.bits(), toy->note(me)};
  auto publish = unit.publish(std::move(event));
  co_await std::move(publish);
  auto commit = unit.commit();
  const Outcome outcome = co_await std::move(commit);
  storm->aborted += outcome == Outcome::kAborted ? 1 : 0;
}

std::string judge_bus(const Case& drawn, Evidence& evidence, ListenerPhase phase) {
  Telling storm(drawn);
  storm.phase = phase;
  if (!storm.rage(write_and_tell, 20)) {
    return "it does not come to rest";
  }
  storm.tell(evidence);
  evidence.saw("told", storm.told);
  evidence.saw("aborted", storm.aborted);
  return storm.told_of_nothing ? "it told of a transaction that was not committed" : "";
}

TEST(PartGuarantees, TheBusTellsOfNoTransactionThatIsNotCommitted) {
  holds([](const Case& drawn,
           Evidence& evidence) { return judge_bus(drawn, evidence, ListenerPhase::kAfterCommit); },
        {"told", "aborted"},
        {Kind::kDelay, Kind::kFail, Kind::kReplyLost, Kind::kNotDone, Kind::kLate, Kind::kPause,
         Kind::kPowerCut});
}

TEST(PartGuaranteesCanary, AListenerBeforeTheCommitHearsOfWhatIsNotCommitted) {
  finds_fault([](const Case& drawn, Evidence& evidence) {
    return judge_bus(drawn, evidence, ListenerPhase::kBeforeCommit);
  });
}

}  // namespace
}  // namespace sagasim::sim::models
