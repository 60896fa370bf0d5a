// A part that waits schedules nothing.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <vector>

#include "sim/broker.h"
#include "sim/cache.h"
#include "sim/connection_pool.h"
#include "sim/event_bus.h"
#include "sim/http_service.h"
#include "sim/lease_lock.h"
#include "sim/network.h"
#include "sim/transaction.h"
#include "sim/watcher.h"
#include "tests/sim/bustle.h"

namespace sagasim::sim {
namespace {

using toy::Job;

constexpr Duration kHour = seconds(3'600);
constexpr Duration kDay = 24 * kHour;
constexpr std::array<const char*, 6> kRoles{"order",   "stock",   "coupon",
                                            "balance", "payment", "rank"};

// A service with all that a process can have: a mailbox that it reads, a bus with threads and a
// pool of connections, a lock. The first has a job of every hour, and nobody has anything else to
// do.
class Clerk final : public Process {
 public:
  Clerk(Node& node, Cache& cache, int* ticks)
      : mailbox_(node),
        bus_(node, {}),
        locks_(cache, node, {.watchdog = true}),
        connections_(node.world(), {}),
        ticks_(ticks) {}
  Task<> start(Context context) override {
    if (ticks_ == nullptr) {
      auto next = mailbox_.receive(context);
      co_await next;
      co_return;
    }
    for (;;) {
      auto hour = context.sleep(kHour, "hourly");
      co_await hour;
      ++*ticks_;
    }
  }
  Task<> work(Context, Job) { co_return; }

 private:
  Mailbox mailbox_;
  EventBus bus_;
  LeaseLock locks_;
  ConnectionPool connections_;
  int* const ticks_;
};

class Bank final : public HttpBusiness {
  Payload decide(const HttpRequest& request, std::uint64_t) override {
    return request.body.clone();
  }
};

// Six services, each with a database of its own, a job over its rows and a group that reads what
// all write to; a broker whose followers follow, a cache and an external service.
struct Company {
  struct Department {
    Department(Company& company, const char* role, bool has_ticks)
        : node(company.world.add_node(role, 0,
                                      [&company, has_ticks](Node& own) {
                                        return std::make_unique<Clerk>(
                                            own, company.cache,
                                            has_ticks ? &company.ticks : nullptr);
                                      })),
          store(company.world.add_server(role)),
          database(company.world, store, role, {.lock_timeout = seconds(1)}),
          jobs(database.add_table<Job>("job")),
          service(role, kRoute),
          watcher(
              node, database, jobs,
              {.name = "sweep", .interval = milliseconds(100), .route = kRoute},
              [](const Node&, const Job& job) { return job.open; },
              [](const Node& own, const Job& job) {
                return Invocation{
                    .role = own.role(), .scope = "sweep", .trigger = {}, .subject = job.id};
              },
              &Clerk::work) {
      database.add_sequence("ids");
      service.add(node);
      company.broker.add_group(role, service, {"noted"});
    }
    Node& node;
    Node& store;
    Database database;
    Table<Job>& jobs;
    Service service;
    WatcherOf<Clerk, Job> watcher;
  };
  static constexpr Route kRoute{
      {milliseconds(1), milliseconds(4)}, {milliseconds(1), milliseconds(4)}, seconds(5)};

  Company() {
    broker.add_topic("noted", 6);
    for (const char* role : kRoles) {
      departments.push_back(std::make_unique<Department>(*this, role, role == kRoles[0]));
    }
    world.boot();
  }
  ~Company() { world.shut_down(); }

  World world{1};
  Bank business;
  Node& bus = world.add_server("bus");
  Node& memory = world.add_server("memory");
  Node& bank = world.add_server("bank");
  Broker broker{world,
                bus,
                {.max_poll_interval = seconds(300),
                 .idempotent_producers = true,
                 .replication = {milliseconds(1), milliseconds(9)},
                 .linger = milliseconds(5),
                 .discovery = seconds(300)}};
  Cache cache{world, memory, {}};
  HttpService gateway{world, bank, business, {.key_lifetime = kHour}};
  int ticks = 0;
  std::vector<std::unique_ptr<Department>> departments;
};

TEST(Idle, AUniverseOfSixServicesExecutesItsBackgroundTicksAndNothingElseInADay) {
  Company company;
  // Six groups have been joined: each has its first assignment still to come.
  EXPECT_EQ(company.world.scheduler().pending(), 6u + 1u);
  company.world.run(kStart + seconds(1));
  const std::uint64_t steps = company.world.scheduler().steps();
  const std::uint64_t operations = company.world.operations();
  EXPECT_EQ(company.world.scheduler().pending(), 1u);
  company.world.run(kStart + kDay);
  EXPECT_EQ(company.ticks, 24);
  EXPECT_EQ(company.world.scheduler().steps(), steps + 24);
  EXPECT_EQ(company.world.operations(), operations + 24);
}

TEST(Idle, AUniverseThatWasBusyExecutesNothingOnceItsWorkIsDone) {
  toy::Bustle bustle(1);
  EXPECT_TRUE(bustle.run());
  const std::uint64_t steps = bustle.toy.world.scheduler().steps();
  EXPECT_GT(steps, 100u);
  EXPECT_TRUE(bustle.toy.run(kDay));
  EXPECT_EQ(bustle.toy.world.scheduler().steps(), steps);
}

}  // namespace
}  // namespace sagasim::sim
