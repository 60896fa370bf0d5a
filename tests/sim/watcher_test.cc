// Jobs: a watcher per instance, each of which finds whatever waits, and a clock that nobody makes
// up for.
#include "sim/watcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Job;
using toy::Toy;

constexpr Duration kHour = seconds(3'600);

// Two instances that have the same job over one table, and one that goes by the clock.
class Crew {
 public:
  class Hand final : public Process {
   public:
    Hand(Crew& crew, Node& node) : crew_(crew), node_(node) {}
    Task<> start(Context context) override {
      const World& world = crew_.toy.world;
      while (world.now() < kStart + 4 * kHour) {  // at every full hour
        auto hour = context.sleep(kHour - (world.now() - kStart) % kHour, "hourly");
        co_await hour;
        crew_.hourly.push_back(node_.instance());
      }
    }
    Task<> work(Context context, Job job) {
      crew_.worked.push_back({node_.instance(), crew_.toy.world.now()});
      Transaction transaction(crew_.toy.database, context);
      const Job done{job.id, false};
      transaction.update(crew_.jobs, done);
      auto commit = transaction.commit();
      co_await commit;
    }

   private:
    Crew& crew_;
    Node& node_;
  };

  enum class Share { kEverybodyAll, kEachHisOwn };
  explicit Crew(Share share) : jobs(toy.database.add_table<Job>("chore")) {
    for (std::uint32_t i = 0; i < 2; ++i) {
      Node& node = toy.world.add_node(
          "hand", i, [this](Node& own) { return std::make_unique<Hand>(*this, own); });
      nodes.push_back(&node);
      watchers_.push_back(std::make_unique<WatcherOf<Hand, Job>>(
          node, toy.database, jobs,
          WatcherOptions{.name = "chores", .interval = milliseconds(1), .route = {}},
          share == Share::kEverybodyAll ? &open : &open_and_mine,
          [](const Node& own, const Job& job) {
            return Invocation{
                .role = own.role(), .scope = "chores", .trigger = {}, .subject = job.id};
          },
          &Hand::work));
    }
  }
  ~Crew() { toy.world.shut_down(); }
  static bool open(const Node&, const Job& job) { return job.open; }
  static bool open_and_mine(const Node& node, const Job& job) {
    return job.open && job.id.major() % 2 == node.instance();
  }

  struct Run {
    std::uint32_t instance;
    Instant at;
  };
  Toy toy;
  Table<Job>& jobs;
  std::vector<Node*> nodes;
  std::vector<Run> worked;
  std::vector<std::uint32_t> hourly;

 private:
  std::vector<std::unique_ptr<Watcher>> watchers_;
};

TEST(Jobs, OfSeveralInstancesRunOnceInEachUnlessTheyShareTheRows) {
  for (const auto share : {Crew::Share::kEverybodyAll, Crew::Share::kEachHisOwn}) {
    Crew crew(share);
    crew.jobs.seed(Job{Subject('j', 1)});
    EXPECT_TRUE(crew.toy.run(5 * kHour));
    const bool both = share == Crew::Share::kEverybodyAll;
    ASSERT_EQ(crew.worked.size(), both ? 2u : 1u);
    if (both) {
      EXPECT_NE(crew.worked[0].instance, crew.worked[1].instance);
    }
    EXPECT_EQ(crew.hourly.size(), 8u);
  }
}

TEST(Jobs, OverRowsRunLateAndThoseByTheClockNotAtAllIfTheirInstanceIsDown) {
  Crew crew(Crew::Share::kEachHisOwn);
  crew.toy.world.schedule_fault(kStart + kHour - seconds(1), 1, [&crew] {
    crew.nodes[1]->crash(seconds(10), 1);
    crew.jobs.seed(Job{Subject('j', 1)});  // of the instance that is down
  });
  EXPECT_TRUE(crew.toy.run(6 * kHour));
  ASSERT_EQ(crew.worked.size(), 1u);
  EXPECT_EQ(crew.worked[0].instance, 1u);
  EXPECT_GT(crew.worked[0].at, kStart + kHour + seconds(8));
  EXPECT_EQ(std::count(crew.hourly.begin(), crew.hourly.end(), 0u), 4);
  EXPECT_EQ(std::count(crew.hourly.begin(), crew.hourly.end(), 1u), 3) << "the first is missed";
}

}  // namespace
}  // namespace sagasim::sim
