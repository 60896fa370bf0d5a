// The state of a universe at a moment, of every kind of part.
#include "sim/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Toy;

constexpr Subject kAda('u', 1);
constexpr Subject kBob('u', 2);

// The text of a fact, or "" where the item or the fact is not there.
std::string told(const Snapshot& snapshot, const std::string& list, const std::string& item,
                 const std::string& fact) {
  for (const ItemList& each : snapshot.lists) {
    for (const Item& candidate : each.items) {
      if (each.part + " " + each.name != list || candidate.name != item) {
        continue;
      }
      for (const Fact& known : candidate.facts) {
        if (known.name == fact) {
          const auto* text = std::get_if<std::string>(&known.value);
          const auto* number = std::get_if<std::int64_t>(&known.value);
          return text != nullptr ? *text : number != nullptr ? std::to_string(*number) : "set";
        }
      }
    }
  }
  return "";
}

std::vector<std::string> names(const Snapshot& snapshot, const std::string& list) {
  std::vector<std::string> names;
  for (const ItemList& each : snapshot.lists) {
    for (const Item& item : each.items) {
      if (each.part + " " + each.name == list) {
        names.push_back(item.name);
      }
    }
  }
  return names;
}

// A toy with somebody who looks at it.
struct Watched {
  explicit Watched(toy::Script script = toy::no_script) : toy(script), inspector(toy.world) {
    inspector.add("bank", toy.database);
    inspector.add(toy.broker);
  }
  // Runs, and gives the state after so many milliseconds.
  Snapshot at(std::int64_t time) {
    std::optional<Snapshot> state;
    toy.world.look_at(kStart + milliseconds(time), [&] { state = inspector.take(); });
    toy.run(milliseconds(time + 1));
    return state ? *state : inspector.take();  // it was over before
  }

  Toy toy;
  Inspector inspector;
};

Task<> pay_in(Toy* toy, Context context) {
  auto nap = context.sleep(seconds(1), "wait");
  co_await nap;
  Transaction transaction(toy->database, context);
  transaction.insert(toy->accounts, toy::Account{kAda, 70});
  auto commit = transaction.commit();
  const Outcome outcome = co_await commit;
  toy->saw(outcome);
}

TEST(Snapshot, HasTheRowsOfThatMomentAndNamesThemByTheirKeys) {
  Watched watched(pay_in);
  watched.toy.accounts.seed(toy::Account{kBob, 5});
  EXPECT_EQ(names(watched.at(999), "bank account"), std::vector<std::string>{"u2"});
  const Snapshot later = watched.at(1'500);
  EXPECT_EQ(names(later, "bank account"), (std::vector<std::string>{"u1", "u2"}));
  EXPECT_EQ(told(later, "bank account", "u1", "amount"), "70");
  EXPECT_EQ(told(later, "bank account", "u1", "id"), "u1");
}

Task<> say_three(Toy* toy, Context context) {
  for (std::int64_t i = 1; i <= 3; ++i) {
    auto append = toy->broker.append(context, toy->draft(kAda, i));
    const Outcome outcome = co_await append;
    toy->saw(outcome);
  }
}

Task<Handled> take_a_minute(Toy*, Context context, Delivery) {
  auto nap = context.sleep(seconds(60), "work");
  co_await nap;
  co_return Handled::kDone;
}

TEST(Snapshot, TellsHowFarAGroupGotAndWhatItIsAt) {
  Watched watched(say_three);
  watched.toy.on_record = take_a_minute;
  const Snapshot first = watched.at(30'000);
  EXPECT_EQ(told(first, "bus topics", "noted/0", "records"), "3");
  EXPECT_EQ(told(first, "bus groups", "readers noted/0", "lag"), "3");
  EXPECT_EQ(told(first, "bus groups", "readers noted/0", "handles"), "noted(u1)");
  EXPECT_EQ(told(first, "bus groups", "readers noted/0", "owner"), "worker");
  const Snapshot second = watched.at(90'000);
  EXPECT_EQ(told(second, "bus groups", "readers noted/0", "committed"), "1");
  EXPECT_EQ(told(second, "bus groups", "readers noted/0", "lag"), "2");
  EXPECT_EQ(names(second, "bus records").size(), 3u);
  const auto work = names(second, "processes work");
  EXPECT_TRUE(std::any_of(work.begin(), work.end(), [](const std::string& name) {
    return name.find("readers:noted(u1,") != std::string::npos;
  }));
}

TEST(Snapshot, TellsWhoIsDownPausedSlowOrCutOff) {
  Watched watched;
  World& world = watched.toy.world;
  Node& worker = *watched.toy.worker_nodes.front();
  const auto fault = [&](std::int64_t at, std::function<void()> action) {
    world.schedule_fault(kStart + milliseconds(at), static_cast<std::uint64_t>(at),
                         std::move(action));
  };
  fault(10, [&] { worker.crash(seconds(1), 7); });
  fault(10, [&] { watched.toy.client.pause(seconds(1), 8); });
  fault(10, [&] { world.cut(watched.toy.client, watched.toy.bus, 9); });
  fault(10, [&] { watched.toy.store.begin_outage(10); });
  fault(2'000, [&] { watched.toy.store.end_outage(10); });
  fault(2'000, [&] { world.heal(watched.toy.client, watched.toy.bus); });
  const Snapshot during = watched.at(500);
  EXPECT_EQ(told(during, "processes nodes", "worker", "state"), "down");
  EXPECT_EQ(told(during, "processes nodes", "client", "state"), "paused");
  EXPECT_EQ(told(during, "processes nodes", "store", "state"), "refuses");
  EXPECT_EQ(names(during, "processes links"), std::vector<std::string>{"client → bus"});
  const Snapshot after = watched.at(3'000);
  EXPECT_EQ(told(after, "processes nodes", "worker", "state"), "up");
  EXPECT_EQ(told(after, "processes nodes", "worker", "incarnation"), "2");
  EXPECT_TRUE(names(after, "processes links").empty());
}

Task<> charge(Toy* toy, Context context) {
  auto request = toy->payment(3, kAda, 40);
  auto asking = toy->gateway.request(context, std::move(request));
  const HttpReply reply = co_await asking;
  toy->saw(reply.outcome);
}

TEST(Snapshot, KeepsWhatAnExternalServiceDecidedAndWhatIsUnderWay) {
  Watched watched(charge);
  const Snapshot before = watched.at(2);
  EXPECT_TRUE(names(before, "bank decided").empty());
  const auto under_way = names(before, "processes operations");
  ASSERT_EQ(under_way.size(), 1u);
  EXPECT_NE(under_way.front().find("/request:"), std::string::npos);
  EXPECT_EQ(told(before, "processes operations", under_way.front(), "to"), "bank");
  const Snapshot after = watched.at(5'000);
  ASSERT_EQ(names(after, "bank decided").size(), 1u);
  EXPECT_TRUE(names(after, "processes operations").empty());
}

TEST(Snapshot, CallsAHashByItsWordAndElseByItsDigits) {
  Item item;
  const std::map<std::uint64_t, std::string> words = {{0x9000000000000001u, "OrderCreated"}};
  FactSink sink(item, words);
  sink.number("event", static_cast<std::int64_t>(0x9000000000000001u));
  sink.number("event", static_cast<std::int64_t>(0x9000000000000002u));
  sink.number("amount", -5);
  sink.begin("facts");
  sink.element(1);
  sink.begin("line");
  sink.subject("product", Subject('p', 3));
  EXPECT_EQ(item.facts[0].value, Fact::Value("OrderCreated"));
  EXPECT_EQ(item.facts[1].value, Fact::Value("#9000000000000002"));
  EXPECT_EQ(item.facts[2].value, Fact::Value(std::int64_t{-5}));
  EXPECT_EQ(item.facts[3].name, "facts.line[1].product");
  EXPECT_EQ(item.about, std::vector<Subject>{Subject('p', 3)});
}

TEST(Look, ComesAfterAllOfItsInstantAndNeverOnceTheRunIsOver) {
  Toy toy(pay_in);
  std::vector<int> looks;
  toy.world.look_at(kStart + seconds(500), [&] { looks.push_back(3); });
  toy.world.look_at(kStart + seconds(1), [&] {
    looks.push_back(2);
    EXPECT_EQ(toy.world.now(), kStart + seconds(1));  // the sleeper has woken by then
  });
  toy.world.look_at(kStart, [&] { looks.push_back(1); });
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(looks, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace sagasim::sim
