// What each part never does, whatever goes wrong: under every fault but the breakers, drawn anew
// for each case. Nothing here knows how a part works; it compares what clients were told with what
// is there in the end.
//
//   models_test --cases 100000 --gtest_filter='PartGuarantees.*'     is the nightly command.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "faults/injector.h"
#include "sim/event_bus.h"
#include "sim/lease_lock.h"
#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

using toy::Account;
using toy::Toy;

constexpr Instant kHealAt = kStart + seconds(40);
constexpr Duration kEnd = seconds(1'200);

// Everything that can go wrong but the breakers. Swarms are drawn anew by each seed.
const faults::Profile& any_profile() {
  static const char* const kNames[] = {"swarm", "swarm", "everything", "lossy", "crashy", "slow"};
  return *faults::find_profile(
      *rc::gen::elementOf(std::vector<std::string>(std::begin(kNames), std::end(kNames))));
}

faults::InjectorTargets targets_of(const Toy& toy) {
  faults::InjectorTargets targets;
  targets.services = toy.worker_nodes;
  targets.services.push_back(&toy.client);
  targets.databases = {&toy.store};
  targets.brokers = {&toy.bus};
  targets.caches = {&toy.memory};
  targets.externals = {&toy.bank};
  targets.groups = {"readers"};
  targets.topics = {"noted"};
  return targets;
}

// A toy under chance: some pieces of work of the client, spread over the time in which things go
// wrong, and then calm until nothing is left to happen.
class Storm : public Toy {
 public:
  Storm(const faults::Profile& profile, std::uint64_t seed, const toy::ToyOptions& options)
      : Toy(toy::no_script, options), injector_(profile, seed, kHealAt) {
    injector_.install(world, targets_of(*this));
  }

  // Starts `script` `count` times, each about a subject of its own.
  void rage(toy::Script script, std::uint32_t count) {
    for (std::uint32_t i = 1; i <= count; ++i) {
      const std::uint64_t draw = world.random().draw(i, "when");
      const Duration when = milliseconds(static_cast<std::int64_t>(below(draw, 40'000)) + 1);
      world.schedule_fault(kStart + when, i, [this, script, i] {
        if (client.up() && !client.paused()) {
          start(script, Subject('t', i));
        }
      });
    }
    run(Duration{});
    RC_ASSERT(run(kEnd));
  }

 private:
  faults::RandomInjector injector_;
};

// Writes down what every part says of itself while it happens.
class Chronicle final : public Observer {
 public:
  void on_append(const Record& record) override {
    appended[{record.partition, record.offset}] = combine(record.event_id, record.version);
  }
  void on_commit(const Commit& commit) override {
    for (const RowChange& change : commit.changes) {
      rows[{change.table->name().hash(), change.key.hash()}] =
          change.after == nullptr ? 0 : change.table->type().digest(change.after);
    }
  }
  void on_handled(const Record& record, const Invocation&) override {
    auto& known = handled[record.partition];
    if (std::find(known.begin(), known.end(), record.offset) == known.end()) {
      known.push_back(record.offset);
    }
  }
  void on_exchange(const Exchange& exchange) override {
    if (exchange.request.key != 0) {
      ++decided[exchange.request.key];
    }
  }

  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> appended;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> rows;
  std::map<std::uint32_t, std::vector<std::uint64_t>> handled;  // first time each, in that order
  std::map<std::uint64_t, int> decided;
};

toy::ToyOptions options_of(std::uint64_t seed) {
  toy::ToyOptions options;
  options.seed = seed;
  options.workers = 1 + static_cast<std::uint32_t>(seed % 3);
  options.partitions = 1 + static_cast<std::uint32_t>(seed / 3 % 3);
  return options;
}

// --- the broker ---

struct Publishing : Storm {
  using Storm::Storm;
  std::set<std::uint64_t> acknowledged;  // ids of events
};

Task<> publish_some(Toy* toy, Context context) {
  auto* storm = static_cast<Publishing*>(toy);
  const std::uint32_t me = context.invocation().subject.major();
  for (std::uint32_t i = 0; i < 4; ++i) {
    Draft draft = toy->draft(Subject('c', 1 + me % 5), 10 * me + i);
    const std::uint64_t event_id = draft.event_id;
    auto append = toy->broker.append(context, std::move(draft));
    const Outcome outcome = co_await append;
    if (outcome == Outcome::kOk) {
      storm->acknowledged.insert(event_id);
    }
  }
}

// Every way to send and to commit that loses nothing.
toy::ToyOptions publishing_options(std::uint64_t seed) {
  toy::ToyOptions options = options_of(seed);
  BrokerOptions& broker = options.broker;
  broker.idempotent_producers = seed / 9 % 2 == 0;
  broker.in_flight = static_cast<std::uint32_t>(seed / 18 % 2);
  broker.replication.max = milliseconds(static_cast<std::int64_t>(seed / 36 % 3) * 400);
  broker.max_poll_interval = seconds(static_cast<std::int64_t>(seed / 108 % 2) * 20);
  constexpr PositionCommit kWays[] = {PositionCommit::kAfterHandling,
                                      PositionCommit::kWithoutWaiting,
                                      PositionCommit::kAtIntervals};
  broker.commits = kWays[seed / 216 % 3];
  return options;
}

// Now and then the leader dies, and a follower takes its place.
void lose_leaders(Publishing& storm) {
  for (std::uint64_t i = 1; i <= 4; ++i) {
    const std::uint64_t draw = storm.world.random().draw(i, "leader");
    const Duration when = milliseconds(static_cast<std::int64_t>(below(draw, 40'000)) + 1);
    storm.world.schedule_fault(kStart + when, 1'000 + i, [&storm, i] {
      storm.bus.crash(seconds(2), i);
      storm.bus.intervene({Intervention::Kind::kFailOver, "", {}, i});
    });
  }
}

RC_GTEST_PROP(PartGuarantees, TheBrokerLosesNoAcknowledgedRecordAndKeepsTheOrderOfAPartition, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1ull << 40);
  Publishing storm(any_profile(), seed, publishing_options(seed));
  Chronicle chronicle;
  storm.world.add_observer(chronicle);
  lose_leaders(storm);
  storm.rage(publish_some, 12);
  std::set<std::uint64_t> in_the_log;
  std::size_t records = 0;
  for (const auto& log : storm.broker.topics()[0].partitions) {
    for (std::uint64_t offset = 0; offset < log.size(); ++offset) {
      const Record& record = log[offset];
      ++records;
      RC_ASSERT(record.offset == offset);
      RC_ASSERT(chronicle.appended.at({record.partition, offset}) ==
                combine(record.event_id, record.version));
      in_the_log.insert(record.event_id);
    }
  }
  if (storm.broker.options().replication.max ==
      Duration{}) {  // then a follower has whatever the leader has
    RC_ASSERT(records == chronicle.appended.size());
  }
  for (const std::uint64_t event_id : storm.acknowledged) {
    RC_ASSERT(in_the_log.contains(event_id));
  }
  // Everybody has read everything, and nothing for the first time before what stands in front of
  // it.
  RC_ASSERT(storm.broker.lag() == 0u);
  for (const auto& [partition, offsets] : chronicle.handled) {
    RC_ASSERT(std::is_sorted(offsets.begin(), offsets.end()));
  }
}

// --- the database ---

struct Banking : Storm {
  using Storm::Storm;
  std::map<std::uint64_t, int> done;     // transfers that were acknowledged, by subject
  std::map<std::uint64_t, int> perhaps;  // whose outcome nobody knows
  bool saw_half = false;
};

constexpr Subject account(std::uint32_t number) { return Subject('a', number); }

// Moves one from an account to the next, and writes down that it did, in one transaction.
Task<> transfer(Toy* toy, Context context) {
  auto* storm = static_cast<Banking*>(toy);
  const Subject me = context.invocation().subject;
  const Subject from = account(1 + me.major() % 3);
  const Subject to = account(1 + (me.major() + 1) % 3);
  Transaction transaction(toy->database, context);
  auto debit = transaction.lock(toy->accounts, key_of(from));
  const auto debited = co_await debit;
  auto credit = transaction.lock(toy->accounts, key_of(to));
  const auto credited = co_await credit;
  if (!debited || !credited) {
    co_return;
  }
  const Account less{from, debited->amount - 1};
  const Account more{to, credited->amount + 1};
  const Account receipt{me, 1};
  transaction.update(toy->accounts, less);
  transaction.update(toy->accounts, more);
  transaction.insert(toy->accounts, receipt);
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  if (outcome == Outcome::kOk) {
    ++storm->done[me.bits()];
  } else if (outcome == Outcome::kUnknown) {
    ++storm->perhaps[me.bits()];
  }
}

// Sees what two statements at one instant show: all of a transfer, or nothing.
Task<> audit(Toy* toy, Context context) {
  auto* storm = static_cast<Banking*>(toy);
  Transaction transaction(toy->database, context, Isolation::kSnapshot);
  std::int64_t sum = 0;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    auto read = transaction.read(toy->accounts, key_of(account(number)));
    const auto row = co_await read;
    sum += row ? row->amount : 0;
  }
  storm->saw_half = storm->saw_half || (!transaction.failed() && sum != 300);
}

Task<> transfer_or_audit(Toy* toy, Context context) {
  if (context.invocation().subject.major() % 4 == 0) {
    auto work = audit(toy, context);
    co_await std::move(work);
  } else {
    auto work = transfer(toy, context);
    co_await std::move(work);
  }
}

RC_GTEST_PROP(PartGuarantees, TheDatabaseLosesNoCommittedRowAndShowsNoHalfOfATransaction, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1ull << 40);
  toy::ToyOptions options = options_of(seed);
  options.database.isolation = static_cast<Isolation>(seed / 9 % 4);
  options.database.lock_timeout = milliseconds(static_cast<std::int64_t>(seed / 36 % 2) * 50);
  Banking storm(any_profile(), seed, options);
  Chronicle chronicle;
  storm.world.add_observer(chronicle);
  for (std::uint32_t number = 1; number <= 3; ++number) {
    storm.accounts.seed(Account{account(number), 100});
  }
  storm.rage(transfer_or_audit, 40);
  RC_ASSERT(storm.database.at_rest());
  RC_ASSERT(!storm.saw_half);
  RC_ASSERT(storm.amount(account(1)) + storm.amount(account(2)) + storm.amount(account(3)) == 300);
  for (std::uint32_t i = 1; i <= 40; ++i) {
    const Subject subject('t', i);
    const bool is_there = storm.amount(subject) == 1;
    RC_ASSERT(is_there || !storm.done.contains(subject.bits()));
    RC_ASSERT(!is_there || storm.done.contains(subject.bits()) ||
              storm.perhaps.contains(subject.bits()) || storm.world.crashes() > 0);
  }
  for (const auto& [row, digest] : chronicle.rows) {
    const bool found = [&] {
      for (std::uint32_t i = 1; i <= 40; ++i) {
        for (const Subject subject : {Subject('t', i), account(i)}) {
          const Account* now = storm.accounts.peek(key_of(subject));
          if (now != nullptr && key_of(subject).hash() == row.second) {
            return digest_of(*now) == digest;
          }
        }
      }
      return false;
    }();
    RC_ASSERT(found);
  }
}

// --- the network ---

struct Talking : Storm {
  using Storm::Storm;
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

RC_GTEST_PROP(PartGuarantees, TheNetworkKeepsTheOrderOfAConnection, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1ull << 40);
  Talking storm(any_profile(), seed, options_of(seed));
  storm.rage(talk, 20);
  // A message may come again; for the first time it comes after those that were sent before it.
  std::set<std::int64_t> known;
  for (const std::int64_t number : storm.heard) {
    const bool in_order = known.contains(number) || known.empty() || number > *known.rbegin();
    RC_ASSERT(in_order);
    known.insert(number);
  }
}

// --- the HTTP service ---

struct Shopping : Storm {
  using Storm::Storm;
  std::map<std::uint64_t, std::set<std::int64_t>> answers;  // by key
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
    if (reply.outcome == Outcome::kOk && reply.status == HttpStatus::kDone) {
      storm->answers[key].insert(reply.body.as<toy::Note>().value);
      co_return;
    }
    auto pause = context.sleep(seconds(1), "retry");
    co_await pause;
  }
}

RC_GTEST_PROP(PartGuarantees, TheHttpServiceDecidesAKeyOnceAndAnswersItAlike, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1ull << 40);
  Shopping storm(any_profile(), seed, options_of(seed));
  Chronicle chronicle;
  storm.world.add_observer(chronicle);
  storm.rage(pay_until_answered, 20);
  for (const auto& [key, count] : chronicle.decided) {
    RC_ASSERT(count == 1);
  }
  for (const auto& [key, values] : storm.answers) {
    RC_ASSERT(values.size() == 1u);
    RC_ASSERT(chronicle.decided.contains(key));
  }
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

// `found`: the counters differ. `value`: how old the stamp is; 0 if there is none.
CacheReply look_at_both(CacheData& data, const CacheArguments&) {
  CacheReply reply;
  reply.found = data.get(kOne).value_or(0) != data.get(kOther).value_or(0);
  const auto stamp = data.get(kStamp);
  reply.value = stamp ? (data.now() - kStart).count() - *stamp : 0;
  return reply;
}

struct Counting : Storm {
  using Storm::Storm;
  bool saw_half = false;
  bool saw_the_dead = false;
};

Task<> count_and_look(Toy* toy, Context context) {
  auto* storm = static_cast<Counting*>(toy);
  const CacheArguments arguments;
  auto count = toy->cache.run(context, "count", &count_both, arguments);
  co_await count;
  auto pause = context.sleep(seconds(1), "pause");
  co_await pause;
  auto look = toy->cache.run(context, "look", &look_at_both, arguments);
  const CacheReply reply = co_await look;
  storm->saw_half = storm->saw_half || reply.found;
  storm->saw_the_dead = storm->saw_the_dead || reply.value >= kLife.count();
}

RC_GTEST_PROP(PartGuarantees, TheCacheDoesNoHalfOfACommandAndShowsNoKeyAfterItsTime, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1ull << 40);
  Counting storm(any_profile(), seed, options_of(seed));
  storm.rage(count_and_look, 40);
  RC_ASSERT(!storm.saw_half);
  RC_ASSERT(!storm.saw_the_dead);
  RC_ASSERT(storm.cache.peek(kOne) == storm.cache.peek(kOther));
}

// --- the lock ---

struct Locking : Storm {
  using Storm::Storm;
  struct Hold {
    Instant from;
    Instant until;
    std::int64_t token;
  };
  std::vector<Hold> holds;  // while their holders may be sure of it
};

constexpr CacheKey kLock{"lock", Subject('p', 1)};
constexpr LeaseLockOptions kLockOptions{};

Task<> hold_for_a_while(Toy* toy, Context context) {
  auto* storm = static_cast<Locking*>(toy);
  LeaseLock locks(toy->cache, toy->client, kLockOptions);
  auto acquire = locks.acquire(context, kLock);
  const Lease lease = co_await std::move(acquire);
  if (!lease.held()) {
    co_return;
  }
  const Instant from = toy->world.now();
  auto work = context.sleep(milliseconds(500), "work");
  co_await work;
  const Instant until = std::min(toy->world.now(), lease.valid_until);
  if (from < until) {
    storm->holds.push_back({from, until, lease.token});
  }
  auto release = locks.release(context, lease);
  co_await std::move(release);
}

RC_GTEST_PROP(PartGuarantees, TheLockHasOneHolderWhoseLeaseRunsWhileTheCacheLosesNothing, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1ull << 40);
  faults::Profile profile = any_profile();
  profile.rates[static_cast<unsigned>(faults::Kind::kCacheFailover)] = 0;
  profile.rates[static_cast<unsigned>(faults::Kind::kCacheWipe)] = 0;
  Locking storm(profile, seed, options_of(seed));
  storm.rage(hold_for_a_while, 40);
  auto& holds = storm.holds;
  std::stable_sort(holds.begin(), holds.end(),
                   [](const auto& one, const auto& other) { return one.from < other.from; });
  for (std::size_t i = 1; i < holds.size(); ++i) {
    RC_ASSERT(holds[i - 1].until <= holds[i].from);
    RC_ASSERT(holds[i - 1].token < holds[i].token);
  }
}

// --- the bus ---

struct Telling : Storm {
  Telling(const faults::Profile& profile, std::uint64_t seed, const toy::ToyOptions& options)
      : Storm(profile, seed, options) {}
  ~Telling() override { world.shut_down(); }
  bool told_of_nothing = false;
};

Task<bool> look_it_up(Context context, Telling* storm, BusDelivery delivery) {
  const bool is_there = storm->amount(delivery.event->subject) == 1;
  storm->told_of_nothing = storm->told_of_nothing || !is_there;
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
  listener.phase = ListenerPhase::kAfterCommit;
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
  co_await std::move(commit);
}

RC_GTEST_PROP(PartGuarantees, TheBusTellsOfNoTransactionThatIsNotCommitted, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1ull << 40);
  Telling storm(any_profile(), seed, options_of(seed));
  storm.rage(write_and_tell, 20);
  RC_ASSERT(!storm.told_of_nothing);
}

}  // namespace
}  // namespace sagasim::sim::models
