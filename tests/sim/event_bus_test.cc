#include "sim/event_bus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "sim/lease_lock.h"
#include "tests/sim/strike_one.h"
#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Account;
using toy::Note;
using toy::Toy;

constexpr Subject kAbout('c', 1);

// A toy whose client publishes on a bus. The bus lives as long as the client's process, which a
// test says by reset(): nothing of it may survive a crash.
struct Shop : Toy {
  explicit Shop(const ExecutorOptions& with = {}, bool registered = false)
      : publications(database.add_table<PublicationRow>("publication", true)),
        registry{database, publications},
        executor(with),
        has_registry(registered) {
    reset();
  }
  ~Shop() override {
    world.shut_down();
    bus.reset();
  }
  void reset() {
    bus = std::make_unique<EventBus>(client, executor, has_registry ? &registry : nullptr,
                                     connections.get());
  }

  // Adds a listener that writes down when it hears of an event, and what it sees then.
  void listen(Name name, ListenerPhase phase, bool async = false, Duration work = {},
              bool throws = false) {
    BusListener listener;
    listener.name = name;
    listener.type = "created";
    listener.phase = phase;
    listener.async = async;
    listener.payload = &type_of<Note>();
    listener.handle = [this, name, work, throws](Context context, BusDelivery delivery) {
      return hear(context, delivery, name, work, throws);
    };
    bus->listen(std::move(listener));
  }
  Task<bool> hear(Context context, BusDelivery delivery, Name name, Duration work, bool throws) {
    heard.push_back({name.text(), world.now(), amount(kAbout), context.invocation().subject});
    if (in_listener != nullptr) {
      auto more = in_listener(this, context, delivery);
      co_await std::move(more);
    }
    if (work > Duration{}) {
      auto busy = context.sleep(work, "work");
      co_await busy;
    }
    ended.push_back(name.text());
    co_return !throws;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const Heard& each : heard) {
      result.push_back(each.who);
    }
    return result;
  }
  BusEvent event() { return {"created", kAbout, 1, 99, note(kAbout, 5)}; }

  struct Heard {
    std::string who;
    Instant at;
    std::int64_t amount;  // of the publisher's row, as committed
    Subject work;         // in which it was heard
  };
  Table<PublicationRow>& publications;
  PublicationRegistry registry;
  const ExecutorOptions executor;
  const bool has_registry;
  std::unique_ptr<ConnectionPool> connections;
  std::unique_ptr<EventBus> bus;
  Task<> (*in_listener)(Shop*, Context, BusDelivery) = nullptr;
  bool commits = true;  // the publisher
  std::vector<Heard> heard;
  std::vector<std::string> ended;
  std::vector<bool> published;
  std::vector<Outcome> outcomes;
};

// Inserts a row and publishes, in one transaction.
Task<> create(Toy* toy, Context context) {
  auto* shop = static_cast<Shop*>(toy);
  UnitOfWork unit(*shop->bus, shop->database, context);
  auto begin = unit.begin();
  const bool begun = co_await std::move(begin);
  if (!begun) {
    shop->published.push_back(false);
    co_return;
  }
  unit.rows().insert(shop->accounts, Account{kAbout, 5});
  BusEvent event = shop->event();
  auto publish = unit.publish(std::move(event));
  const bool ok = co_await std::move(publish);
  shop->published.push_back(ok);
  if (!ok || !shop->commits) {
    co_return;
  }
  auto commit = unit.commit();
  const Outcome outcome = co_await std::move(commit);
  shop->outcomes.push_back(outcome);
}

Task<> create_without_a_transaction(Toy* toy, Context context) {
  auto* shop = static_cast<Shop*>(toy);
  BusEvent event = shop->event();
  auto publish = shop->bus->publish(context, std::move(event));
  const bool ok = co_await std::move(publish);
  shop->published.push_back(ok);
}

void run(Shop& shop, toy::Script script = create) {
  shop.run(Duration{});
  shop.start(script, Subject('t', 1));
  EXPECT_TRUE(shop.run());
}

TEST(EventBus, CallsThoseWhoWaitForTheCommitAfterIt) {
  Shop shop;
  shop.listen("plain", ListenerPhase::kAtOnce);
  shop.listen("before", ListenerPhase::kBeforeCommit);
  shop.listen("after", ListenerPhase::kAfterCommit);
  shop.listen("rollback", ListenerPhase::kAfterRollback);
  shop.listen("completion", ListenerPhase::kAfterCompletion);
  run(shop);
  EXPECT_EQ(shop.names(), (std::vector<std::string>{"plain", "before", "after", "completion"}));
  EXPECT_EQ(shop.heard[1].amount, 0);
  EXPECT_EQ(shop.heard[2].amount, 5);
}

TEST(EventBus, NeverTellsOfATransactionThatWasRolledBack) {
  Shop shop;
  shop.listen("after", ListenerPhase::kAfterCommit);
  shop.listen("rollback", ListenerPhase::kAfterRollback);
  shop.listen("completion", ListenerPhase::kAfterCompletion);
  shop.accounts.seed(Account{kAbout, 1});  // so the insert fails
  run(shop);
  EXPECT_EQ(shop.outcomes.at(0), Outcome::kAborted);
  EXPECT_EQ(shop.names(), (std::vector<std::string>{"rollback", "completion"}));
}

TEST(EventBus, TellsNobodyAfterTheCommitThatItsOutcomeIsUnknown) {
  StrikeOne lost(OperationKind::kCommit, "", {.kind = Effect::Kind::kReplyLost});
  Shop shop;
  shop.world.set_interceptor(&lost);
  shop.listen("after", ListenerPhase::kAfterCommit);
  shop.listen("completion", ListenerPhase::kAfterCompletion);
  run(shop);
  EXPECT_EQ(shop.amount(kAbout), 5);
  EXPECT_EQ(shop.outcomes.at(0), Outcome::kUnknown);
  EXPECT_EQ(shop.names(), std::vector<std::string>{"completion"});
}

TEST(EventBus, LosesWhatWaitedForTheCommitWhenTheProcessDiesRightAfterIt) {
  StrikeOne crash(OperationKind::kCommit, "",
                  {.kind = Effect::Kind::kCrash, .phase = Phase::kUnseen, .duration = seconds(1)});
  Shop shop;
  shop.world.set_interceptor(&crash);
  shop.listen("after", ListenerPhase::kAfterCommit, true);
  run(shop);
  EXPECT_EQ(shop.amount(kAbout), 5);
  EXPECT_TRUE(shop.heard.empty());
}

TEST(EventBus, DropsEventsForAListenerOfATransactionIfThereIsNone) {
  Shop shop;
  shop.listen("after", ListenerPhase::kAfterCommit);
  shop.listen("plain", ListenerPhase::kAtOnce);
  run(shop, create_without_a_transaction);
  EXPECT_EQ(shop.names(), std::vector<std::string>{"plain"});
  EXPECT_EQ(shop.bus->counts().dropped, 1u);
}

TEST(EventBus, CallsAListenerThatNeedsNoTransactionAtOnceIfThereIsNone) {
  Shop shop;
  BusListener listener;
  listener.name = "after";
  listener.type = "created";
  listener.phase = ListenerPhase::kAfterCommit;
  listener.without_transaction = true;
  listener.handle = [&shop](Context context, BusDelivery delivery) {
    return shop.hear(context, delivery, "after", {}, false);
  };
  shop.bus->listen(std::move(listener));
  run(shop, create_without_a_transaction);
  EXPECT_EQ(shop.names(), std::vector<std::string>{"after"});
}

TEST(EventBus, SwallowsWhatIsThrownAfterTheCommitAndGoesOn) {
  Shop shop;
  shop.listen("first", ListenerPhase::kAfterCommit, false, {}, true);
  shop.listen("second", ListenerPhase::kAfterCommit);
  run(shop);
  EXPECT_EQ(shop.outcomes.at(0), Outcome::kOk);
  EXPECT_EQ(shop.names(), (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(shop.bus->counts().failed, 1u);
}

TEST(EventBus, RollsBackWhenAListenerThrowsBeforeTheCommit) {
  Shop shop;
  shop.listen("before", ListenerPhase::kBeforeCommit, false, {}, true);
  shop.listen("after", ListenerPhase::kAfterCommit);
  run(shop);
  EXPECT_EQ(shop.outcomes.at(0), Outcome::kAborted);
  EXPECT_EQ(shop.amount(kAbout), 0);
  EXPECT_EQ(shop.names(), std::vector<std::string>{"before"});
}

Task<> write_more(Shop* shop, Context, BusDelivery delivery) {
  delivery.unit->rows().insert(shop->accounts, Account{Subject('a', 9), 1});
  co_return;
}

TEST(EventBus, DiscardsWhatIsWrittenAfterTheCommitWithoutATransactionOfItsOwn) {
  Shop shop;
  shop.in_listener = write_more;
  shop.listen("after", ListenerPhase::kAfterCommit);
  run(shop);
  EXPECT_EQ(shop.names(), std::vector<std::string>{"after"});
  EXPECT_EQ(shop.accounts.rows(), 1u);
}

TEST(EventBus, KeepsWhatIsWrittenBeforeTheCommit) {
  Shop shop;
  shop.in_listener = write_more;
  shop.listen("before", ListenerPhase::kBeforeCommit);
  run(shop);
  EXPECT_EQ(shop.accounts.rows(), 2u);
}

TEST(EventBus, MayRunAnotherThreadBeforeTheCommitThatItIsAbout) {
  StrikeOne slow(OperationKind::kCommit, "",
                 {.kind = Effect::Kind::kDelay, .duration = seconds(1)});
  Shop shop;
  shop.world.set_interceptor(&slow);
  shop.listen("async", ListenerPhase::kAtOnce, true);
  run(shop);
  ASSERT_EQ(shop.heard.size(), 1u);
  EXPECT_EQ(shop.heard[0].amount, 0);
  EXPECT_EQ(shop.amount(kAbout), 5);
}

TEST(EventBus, TellsAnotherThreadOfATransactionThatIsRolledBackLater) {
  Shop shop;
  shop.commits = false;
  shop.listen("async", ListenerPhase::kAtOnce, true);
  run(shop);
  EXPECT_EQ(shop.names(), std::vector<std::string>{"async"});
  EXPECT_EQ(shop.amount(kAbout), 0);
}

TEST(EventBus, RejectsWhenItsExecutorIsFullAfterThePublishersCommit) {
  Shop shop({.threads = 1, .queue = 0});
  shop.listen("first", ListenerPhase::kAfterCommit, true, seconds(1));
  shop.listen("second", ListenerPhase::kAfterCommit, true, seconds(1));
  run(shop);
  EXPECT_EQ(shop.outcomes.at(0), Outcome::kOk);
  EXPECT_EQ(shop.names(), std::vector<std::string>{"first"});
  EXPECT_EQ(shop.bus->counts().rejected, 1u);
}

TEST(EventBus, ThrowsTheRejectionAtAPublisherOutsideOfATransaction) {
  Shop shop({.threads = 1, .queue = 0});
  shop.listen("first", ListenerPhase::kAtOnce, true, seconds(1));
  shop.listen("second", ListenerPhase::kAtOnce, true, seconds(1));
  shop.listen("third", ListenerPhase::kAtOnce);
  run(shop, create_without_a_transaction);
  EXPECT_EQ(shop.published, std::vector<bool>{false});
  EXPECT_EQ(shop.names(), std::vector<std::string>{"first"});
}

TEST(EventBus, RejectsWhileItShutsDownAndFinishesWhatWaits) {
  Shop shop({.threads = 1, .queue = 5});
  shop.listen("first", ListenerPhase::kAfterCommit, true, seconds(1));
  shop.listen("second", ListenerPhase::kAfterCommit, true, seconds(1));
  shop.run(Duration{});
  shop.listen("at once", ListenerPhase::kAtOnce, true);
  shop.start(create, Subject('t', 1));
  shop.run(milliseconds(500));
  EXPECT_EQ(shop.bus->executor().waiting(), 1u);
  shop.bus->shut_down();
  shop.start(create_without_a_transaction, Subject('t', 2));
  EXPECT_TRUE(shop.run());
  EXPECT_EQ(shop.ended, (std::vector<std::string>{"at once", "first", "second"}));
  EXPECT_EQ(shop.bus->counts().rejected, 1u);
  EXPECT_EQ(shop.bus->counts().dropped, 2u);
}

TEST(EventBus, LosesItsQueueWithTheProcess) {
  Shop shop({.threads = 1, .queue = 5});
  shop.listen("first", ListenerPhase::kAfterCommit, true, seconds(1));
  shop.listen("second", ListenerPhase::kAfterCommit, true, seconds(1));
  shop.run(Duration{});
  shop.start(create, Subject('t', 1));
  shop.run(milliseconds(500));
  shop.client.crash(seconds(1), 0);
  shop.reset();
  EXPECT_TRUE(shop.run());
  EXPECT_EQ(shop.names(), std::vector<std::string>{"first"});
  EXPECT_TRUE(shop.ended.empty());
}

TEST(EventBus, HandsOutNoMoreThreadsThanItHasAndKeepsTheOrderOfTheQueue) {
  Shop shop({.threads = 2, .queue = 5});
  for (const char* name : {"a", "b", "c", "d"}) {
    shop.listen(name, ListenerPhase::kAfterCommit, true, seconds(1));
  }
  run(shop);
  ASSERT_EQ(shop.heard.size(), 4u);
  EXPECT_LT(shop.heard[1].at, kStart + milliseconds(100));
  EXPECT_GE(shop.heard[2].at, kStart + seconds(1));
  EXPECT_LE(shop.world.now(), kStart + milliseconds(2'100));
}

// --- the registry ---

Task<> resubmit(Toy* toy, Context context) {
  auto* shop = static_cast<Shop*>(toy);
  auto resubmit = shop->bus->resubmit(context, seconds(1));
  co_await std::move(resubmit);
}

TEST(EventBus, WritesDownAPublicationUntilItsListenerIsDone) {
  Shop shop({}, true);
  shop.listen("after", ListenerPhase::kAfterCommit, true, seconds(1));
  shop.run(Duration{});
  shop.start(create, Subject('t', 1));
  shop.run(milliseconds(500));
  EXPECT_EQ(shop.publications.rows(), 1u);
  EXPECT_TRUE(shop.run());
  EXPECT_EQ(shop.publications.rows(), 0u);
}

TEST(EventBus, ResubmitsAfterARestartWhatWasLostWithTheProcess) {
  StrikeOne crash(OperationKind::kCommit, "",
                  {.kind = Effect::Kind::kCrash, .phase = Phase::kUnseen, .duration = seconds(2)});
  Shop shop({}, true);
  shop.world.set_interceptor(&crash);
  shop.listen("after", ListenerPhase::kAfterCommit, true);
  run(shop);
  EXPECT_TRUE(shop.heard.empty());
  shop.reset();
  shop.listen("after", ListenerPhase::kAfterCommit, true);
  shop.start(resubmit, Subject('t', 2));
  EXPECT_TRUE(shop.run());
  EXPECT_EQ(shop.names(), std::vector<std::string>{"after"});
  EXPECT_EQ(shop.publications.rows(), 0u);
}

TEST(EventBus, ResubmitsWhatIsStillUnderWay) {
  Shop shop({}, true);
  shop.listen("after", ListenerPhase::kAfterCommit, true, seconds(5));
  shop.run(Duration{});
  shop.start(create, Subject('t', 1));
  shop.world.schedule_fault(kStart + seconds(2), 0, [&] { shop.start(resubmit, Subject('t', 2)); });
  shop.world.schedule_fault(kStart + seconds(3), 0, [&] { shop.start(resubmit, Subject('t', 3)); });
  EXPECT_TRUE(shop.run());
  EXPECT_EQ(shop.names(), (std::vector<std::string>{"after", "after", "after"}));
}

// --- the pool of connections ---

// A listener in the publisher's thread that needs a connection of its own.
Task<> take_another(Shop* shop, Context context, BusDelivery) {
  UnitOfWork unit(*shop->bus, shop->database, context);
  auto begin = unit.begin();
  const bool begun = co_await std::move(begin);
  shop->published.push_back(begun);
}

struct PooledShop : Shop {
  explicit PooledShop(std::uint32_t size) {
    connections = std::make_unique<ConnectionPool>(
        world, ConnectionPoolOptions{.size = size, .patience = seconds(10)});
    reset();
  }
  const LeaseLockOptions lock_options{.lease = seconds(3)};
};

TEST(ConnectionPool, KeepsTheConnectionWhileListenersAfterTheCommitWantOneMore) {
  for (const std::uint32_t size : {1u, 2u}) {
    PooledShop shop(size);
    shop.in_listener = take_another;
    shop.listen("after", ListenerPhase::kAfterCommit);
    run(shop);
    EXPECT_EQ(shop.published, (std::vector<bool>{true, size == 2}));
    EXPECT_EQ(shop.connections->in_use(), 0u);
    EXPECT_EQ(shop.world.now() > kStart + seconds(10), size == 1);
  }
}

TEST(ConnectionPool, GivesConnectionsToThoseWhoWaitInTheirOrder) {
  PooledShop shop(1);
  shop.listen("plain", ListenerPhase::kAtOnce, false, seconds(3));
  shop.run(Duration{});
  for (std::uint32_t i = 1; i <= 5; ++i) {
    shop.world.schedule_fault(kStart + milliseconds(i), i,
                              [&shop, i] { shop.start(create, Subject('t', i)); });
  }
  EXPECT_TRUE(shop.run());
  // Each holds it for three seconds: four are served, and the fifth gives up after ten.
  ASSERT_EQ(shop.heard.size(), 4u);
  for (std::uint32_t i = 1; i <= 4; ++i) {
    EXPECT_EQ(shop.heard[i - 1].work, Subject('t', i));
  }
  EXPECT_EQ(std::count(shop.published.begin(), shop.published.end(), false), 1);
}

// Takes a lock first, and then a connection, which somebody else has for four seconds.
Task<> lock_and_connect(Toy* toy, Context context) {
  auto* shop = static_cast<PooledShop*>(toy);
  LeaseLock locks(shop->cache, shop->client, shop->lock_options);
  auto acquire = locks.acquire(context, CacheKey{"lock", {}});
  const Lease lease = co_await std::move(acquire);
  auto take = shop->connections->take(context);
  const Connection connection = co_await take;
  const bool holds = toy->world.now() < lease.valid_until;
  shop->published.push_back(holds);
}
Task<> connect_for_a_while(Toy* toy, Context context) {
  auto take = static_cast<PooledShop*>(toy)->connections->take(context);
  const Connection connection = co_await take;
  auto work = context.sleep(seconds(4), "work");
  co_await work;
}

TEST(ConnectionPool, LetsTheLeaseRunOutOfWhoWaitsForAConnection) {
  for (const std::uint32_t size : {1u, 2u}) {
    PooledShop shop(size);
    shop.run(Duration{});
    shop.start(connect_for_a_while, Subject('t', 1));
    shop.start(lock_and_connect, Subject('t', 2));
    EXPECT_TRUE(shop.run());
    EXPECT_EQ(shop.published, std::vector<bool>{size == 2});
  }
}

}  // namespace
}  // namespace sagasim::sim
