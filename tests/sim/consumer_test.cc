// What consumers do with positions, and what becomes of those: threads, commits by the program,
// positions that expire, logs that begin later, and two services under one name.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "sim/consumer_group.h"
#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Toy;

Task<> publish(Toy* toy, Context context) {
  for (std::int64_t i = 1; i <= 12; ++i) {
    const auto about = static_cast<std::uint32_t>(i % 4) + 1;
    auto append = toy->broker.append(context, toy->draft(Subject('c', about), i));
    co_await append;
  }
}

Task<> publish_one(Toy* toy, Context context) {
  const Subject about = context.invocation().subject;
  auto append = toy->broker.append(context, toy->draft(Subject('c', 1), about.major()));
  co_await append;
}

Task<Handled> take_a_second(Toy*, Context context, Delivery) {
  auto nap = context.sleep(seconds(1), "work");
  co_await nap;
  co_return Handled::kDone;
}

Task<Handled> refuse(Toy*, Context, Delivery) { co_return Handled::kRetry; }

std::vector<std::uint64_t> offsets(const Toy& toy) {
  std::vector<std::uint64_t> result;
  for (const Toy::Handling& handling : toy.consumed) {
    result.push_back(handling.offset);
  }
  return result;
}

// --- records handed to other threads ---

BrokerOptions by_threads() {
  return {.commits = PositionCommit::kHandedOver, .commit_interval = milliseconds(100)};
}

TEST(HandedOver, LosesWhatOtherThreadsHadNotDoneWhenTheProcessDies) {
  for (const auto commits : {PositionCommit::kHandedOver, PositionCommit::kAtIntervals}) {
    BrokerOptions options = by_threads();
    options.commits = commits;
    Toy toy(publish, {.broker = options});
    toy.on_record = take_a_second;
    toy.run(milliseconds(700));
    const bool threads = commits == PositionCommit::kHandedOver;
    EXPECT_EQ(toy.consumed.size(), threads ? 12u : 1u);
    EXPECT_EQ(toy.broker.progress()[0].committed, threads ? 12u : 0u);
    toy.worker_nodes[0]->crash(seconds(1), 0);
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.consumed.size(), threads ? 12u : 13u) << "none comes again, or the one at work";
    EXPECT_EQ(toy.broker.lag(), threads ? 12u : 0u);
  }
}

TEST(HandedOver, LosesNothingWhileNobodyDies) {
  Toy toy(publish, {.broker = by_threads()});
  toy.on_record = take_a_second;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.consumed.size(), 12u);
  EXPECT_LT(toy.consumed.back().at, toy.consumed.front().at + seconds(1)) << "beside one another";
  EXPECT_EQ(toy.broker.lag(), 0u);
}

TEST(HandedOver, NeverHearsOfAThreadThatFailed) {
  Toy toy(publish, {.broker = by_threads()});
  toy.on_record = refuse;
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.consumed.size(), 12u);
  EXPECT_EQ(toy.broker.progress()[0].committed, 12u);
}

// --- positions that the program commits ---

// At its first record the program commits what it pleases.
Task<Handled> commit_something(Toy* toy, Context context, Delivery delivery, std::uint64_t what) {
  if (delivery.record->offset == 4) {
    auto commit = toy->broker.commit(context, delivery, what);
    const Outcome outcome = co_await commit;
    toy->saw(outcome);
  }
  co_return Handled::kDone;
}
Task<Handled> commit_two(Toy* toy, Context context, Delivery delivery) {
  return commit_something(toy, context, delivery, 2);
}
Task<Handled> commit_ten(Toy* toy, Context context, Delivery delivery) {
  return commit_something(toy, context, delivery, 10);
}

TEST(ByProgram, APositionIsWhereTheProgramSaysAndNowhereElse) {
  const auto handled_again = [](Task<Handled> (*on_record)(Toy*, Context, Delivery)) {
    Toy toy(publish, {.broker = {.commits = PositionCommit::kByProgram}});
    toy.on_record = on_record;
    EXPECT_TRUE(toy.run(seconds(20)));
    EXPECT_EQ(toy.consumed.size(), 12u);
    toy.consumed.clear();
    toy.worker_nodes[0]->crash(seconds(1), 0);
    EXPECT_TRUE(toy.run());
    return offsets(toy);
  };
  EXPECT_EQ(handled_again(nullptr).front(), 0u) << "nobody has committed anything";
  EXPECT_EQ(handled_again(commit_two).front(), 2u);
  EXPECT_EQ(handled_again(commit_ten), (std::vector<std::uint64_t>{10, 11}));
}

// Works for a while, writes that down and then commits.
Task<Handled> write_and_commit(Toy* toy, Context context, Delivery delivery) {
  auto nap = context.sleep(seconds(1), "work");
  co_await nap;
  Transaction transaction(toy->database, context);
  const Subject row('r', context.activity().node().instance() + 1);
  transaction.insert(toy->accounts, toy::Account{row, 1});
  auto written = transaction.commit();
  co_await written;
  auto commit = toy->broker.commit(context, delivery, delivery.record->offset + 1);
  const Outcome outcome = co_await commit;
  toy->saw(outcome);
  co_return Handled::kDone;
}

TEST(ByProgram, TheCommitOfAMemberThatWasThrownOutIsRefusedAndItsOtherEffectsStand) {
  Toy toy(toy::no_script, {.workers = 2, .broker = {.commits = PositionCommit::kByProgram}});
  toy.on_record = write_and_commit;
  toy.run(seconds(1));
  toy.start(publish_one, Subject('t', 1));
  toy.run(milliseconds(500));
  ASSERT_EQ(toy.consumed.size(), 1u);
  const std::uint32_t first = toy.consumed[0].worker;
  toy.worker_nodes[first]->pause(seconds(40), 0);
  EXPECT_TRUE(toy.run());
  ASSERT_EQ(toy.consumed.size(), 2u);
  EXPECT_NE(toy.consumed[1].worker, first);
  ASSERT_EQ(toy.seen.size(), 2u);
  EXPECT_EQ(toy.seen[0].outcome, Outcome::kOk);
  EXPECT_EQ(toy.seen[1].outcome, Outcome::kAborted);
  EXPECT_GT(toy.seen[1].at, kStart + seconds(40));
  EXPECT_EQ(toy.amount(Subject('r', first + 1)), 1) << "what the zombie wrote";
}

// --- positions that expire ---

// Everything has been handled; then nobody is there for `absence`, and one record comes meanwhile.
struct Absence {
  std::size_t handled;  // after it
  std::size_t missed;
};
Absence absent(Duration absence, BrokerOptions::Begin begin) {
  Toy toy(toy::no_script, {.broker = {.begin = begin, .position_retention = seconds(60)}});
  toy.run(seconds(1));
  toy.start(publish, Subject('t', 1));
  toy.run(seconds(5));
  EXPECT_EQ(toy.consumed.size(), 12u);
  toy.consumed.clear();
  toy.worker_nodes[0]->crash(absence, 0);
  toy.run(seconds(20));
  toy.start(publish_one, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  return {toy.consumed.size(), toy.broker.missed().size()};
}

TEST(PositionRetention, ForgetsWhereAGroupWasThatHadNoMemberForTooLong) {
  const Absence earliest = absent(seconds(100), BrokerOptions::Begin::kEarliest);
  EXPECT_EQ(earliest.handled, 13u) << "everything comes again";
  EXPECT_EQ(earliest.missed, 0u);
  const Absence latest = absent(seconds(100), BrokerOptions::Begin::kLatest);
  EXPECT_EQ(latest.handled, 0u) << "what came meanwhile is skipped";
  EXPECT_EQ(latest.missed, 1u);
}

TEST(PositionRetention, ForgetsNothingOfAGroupThatIsBackInTime) {
  for (const auto begin : {BrokerOptions::Begin::kEarliest, BrokerOptions::Begin::kLatest}) {
    const Absence absence = absent(seconds(60), begin);  // thrown out after some seconds
    EXPECT_EQ(absence.handled, 1u);
    EXPECT_EQ(absence.missed, 0u);
  }
}

// --- logs that keep so many records and no more ---

TEST(RetentionBySize, SkipsWhatALateGroupHasNotReadAndNoMore) {
  Toy toy(toy::no_script, {.broker = {.retention_records = 3}});
  toy.run(seconds(1));
  toy.worker_nodes[0]->crash(seconds(30), 0);
  toy.run(seconds(2));
  toy.start(publish, Subject('t', 1));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(offsets(toy), (std::vector<std::uint64_t>{9, 10, 11}));
  EXPECT_EQ(toy.broker.missed().size(), 9u);
  EXPECT_EQ(toy.broker.lag(), 0u);
}

TEST(RetentionBySize, LetsWhoIsAtARecordFinishItAndGoOnWithTheFirstThatIsThere) {
  Toy toy(toy::no_script, {.broker = {.retention_records = 3}});
  toy.on_record = take_a_second;
  toy.run(seconds(1));
  toy.start(publish, Subject('t', 1));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(offsets(toy), (std::vector<std::uint64_t>{0, 9, 10, 11}));
  EXPECT_EQ(toy.broker.progress()[0].committed, 12u);
  EXPECT_EQ(toy.broker.lag(), 0u);
}

// A leader that lacks all that retention had left begins again with nothing.
TEST(RetentionBySize, GivesOutWhatComesAfterItsTailWasLost) {
  Toy toy(toy::no_script, {.broker = {.retention_records = 3}});
  toy.run(seconds(1));
  toy.start(publish, Subject('t', 1));
  EXPECT_TRUE(toy.run());
  toy.bus.intervene({Intervention::Kind::kLoseTail, "", seconds(1'000), 1});
  EXPECT_TRUE(toy.broker.topics()[0].partitions[0].empty());
  EXPECT_TRUE(toy.run());
  toy.consumed.clear();
  toy.start(publish, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(offsets(toy).front(), 0u);
  EXPECT_EQ(toy.broker.lag(), 0u);
}

// --- two services under one name ---

class Stranger final : public Process {
 public:
  explicit Stranger(std::set<std::uint64_t>& read) : read_(read) {}
  Task<Handled> consume(Context, Delivery delivery) override {
    read_.insert(delivery.record->event_id);
    co_return Handled::kDone;
  }

 private:
  std::set<std::uint64_t>& read_;
};

TEST(SharedGroup, SplitsTheRecordsBetweenTwoServicesThatHaveOneName) {
  for (const bool shared : {true, false}) {
    std::set<std::uint64_t> read;
    Toy toy(publish, {.partitions = 2});
    Service strangers("stranger", Route{});
    strangers.add(
        toy.world.add_node("stranger", 0, [&](Node&) { return std::make_unique<Stranger>(read); }));
    toy.broker.add_group(shared ? "readers" : "strangers", strangers, {"noted"});
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.broker.lag(), 0u);
    EXPECT_EQ(toy.broker.groups().size(), shared ? 1u : 2u);
    EXPECT_GT(toy.consumed.size(), 0u);
    EXPECT_GT(read.size(), 0u);
    EXPECT_EQ(toy.consumed.size() + read.size(), shared ? 12u : 24u);
  }
}

TEST(SharedGroup, GivesAPartitionToNobodyWhoHasNotSubscribedToItsTopic) {
  std::set<std::uint64_t> read;
  Toy toy(publish, {.partitions = 2});
  toy.broker.add_topic("rumoured", 2);
  Service strangers("stranger", Route{});
  strangers.add(
      toy.world.add_node("stranger", 0, [&](Node&) { return std::make_unique<Stranger>(read); }));
  toy.broker.add_group("readers", strangers, {"rumoured"});
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.consumed.size(), 12u);
  EXPECT_TRUE(read.empty());
}

}  // namespace
}  // namespace sagasim::sim
