// Shop: the whole system, put together: nodes, databases, broker, gateway, services, customers, and
// the watchers that do the background work. One per world.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "domain/client.h"
#include "domain/commands.h"
#include "domain/gateway.h"
#include "domain/one_process.h"
#include "domain/policy.h"
#include "sim/broker.h"
#include "sim/diagnosis.h"
#include "sim/http_service.h"
#include "sim/network.h"
#include "sim/watcher.h"
#include "sim/world.h"

namespace sagasim::domain {

struct ShopOptions {
  std::uint32_t instances = 1;   // of each service
  std::uint32_t partitions = 2;  // of each topic
  sim::Route call{{sim::milliseconds(1), sim::milliseconds(10)},
                  {sim::milliseconds(1), sim::milliseconds(10)},
                  sim::seconds(3)};
  sim::DatabaseOptions database;
  sim::BrokerOptions broker;
  sim::HttpOptions gateway;
  sim::CacheOptions cache;
  sim::ExecutorOptions executor;  // of the process that all services share, if they do
  sim::Capacity capacity;         // of each service
  // How many reads more a service makes before it handles an event. They change nothing: a stand-in
  // for what code gains over time.
  std::uint32_t extra_reads = 0;
  std::uint32_t decline_percent = 10;
  sim::Duration relay_interval = sim::milliseconds(100);
  sim::Duration reconcile_interval = sim::seconds(5);
  std::uint32_t rank_days = 0;  // nights after which a day of the ranking is history; 0: never
  ClientOptions client;
};

// How much is kept for the sake of the transport.
struct ShopSizes {
  std::uint32_t open_databases = 0;  // with a transaction open or a lock held
  std::uint64_t inbox_rows = 0;
  std::uint64_t request_rows = 0;
};

class Shop {
 public:
  // `workload`, `policy` and `observer` outlive the shop; the world does too.
  Shop(sim::World& world, const ShopOptions& options, const Policy& policy,
       const Workload& workload, ClientObserver& observer);
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;
  // Ends the world's activities first: they refer to the parts.
  ~Shop();

  // --- for judges, injectors and reports ---
  const BalanceStore& balance() const { return *balance_; }
  const CouponStore& coupon() const { return *coupon_; }
  const ProductStore& product() const { return *product_; }
  const PaymentStore& payment() const { return *payment_; }
  const OrderStore& order() const { return *order_; }
  const sim::Broker& broker() const { return *broker_; }
  // Null where nobody needs one.
  const sim::Cache* cache() const { return cache_.get(); }
  // What was lost between services that share a process.
  const LocalLosses& local_losses() const { return local_losses_; }
  // Of the services that have one.
  std::vector<const sim::Database*> databases() const;
  const std::deque<CommandHistory>& histories() const { return histories_; }
  // The nodes that run programs, and the servers of the parts.
  const std::vector<sim::Node*>& processes() const { return processes_; }
  const std::vector<sim::Node*>& servers() const { return servers_; }
  // Folds what is durable now.
  std::uint64_t digest() const;
  // The same of the business alone, without what the transport keeps for itself.
  std::uint64_t business_digest() const;
  // Delivers up to `count` records of the log once more, chosen by `random`. Returns how many: none
  // where there is no log.
  std::uint64_t redeliver(std::uint32_t count, const sim::Random& random);
  ShopSizes sizes() const;
  sim::Instant now() const { return world_.now(); }
  // The number of the day on which a clock shows `reading`.
  std::uint32_t day(sim::Instant reading) const { return world_.day(reading); }
  // What is still to be published, and what some group has not yet dealt with.
  std::uint64_t unpublished() const;
  // Why things go no further; `witness` is that of the standstill, or null.
  sim::Diagnosis diagnosis(const sim::Witness* witness) const;

 private:
  sim::Node& add_server(sim::Name role);
  Backing& add_backing(sim::Name name);
  void add_stores();
  void add_processes(sim::Service& service, std::uint32_t instances,
                     const sim::ProcessFactory& program);
  template <class Program, class Row>
  void watch(const sim::Service& service, Store& store, sim::Table<Row>& table, sim::Name name,
             typename sim::WatcherOf<Program, Row>::Matches matches,
             typename sim::WatcherOf<Program, Row>::NameOf name_of,
             typename sim::WatcherOf<Program, Row>::Work work,
             typename sim::WatcherOf<Program, Row>::ProgramOf part);
  void seed(const Workload& workload);
  // All services in one process; or each in processes of its own, with a broker between them.
  void add_one_process(const Policy& policy);
  void add_services(const Policy& policy);
  void add_groups();
  void add_jobs(const Policy& policy);
  void add_customers(const Workload& workload, ClientObserver& observer);
  void add_client(sim::Service& service, std::vector<CommandHistory*> histories,
                  ClientObserver& observer);

  sim::World& world_;
  const ShopOptions options_;
  const bool in_process_;
  const bool has_broker_;
  std::vector<sim::Node*> processes_;
  std::vector<sim::Node*> servers_;

  Gateway gateway_business_;
  DataPlatform platform_business_;
  std::unique_ptr<sim::Broker> broker_;
  std::unique_ptr<sim::HttpService> gateway_;
  std::unique_ptr<sim::HttpService> platform_;
  std::unique_ptr<sim::Cache> cache_;  // null where nobody needs one
  std::unique_ptr<sim::Database> user_database_;
  std::vector<std::unique_ptr<Backing>> backings_;  // of all other services, or one of them all
  std::unique_ptr<UserStore> user_;
  std::unique_ptr<BalanceStore> balance_;
  std::unique_ptr<CouponStore> coupon_;
  std::unique_ptr<ProductStore> product_;
  std::unique_ptr<PaymentStore> payment_;
  std::unique_ptr<OrderStore> order_;

  sim::Service users_;
  sim::Service balances_;
  sim::Service coupons_;
  sim::Service products_;
  sim::Service payments_;
  sim::Service orders_;
  sim::Service messages_;
  sim::Service clients_;
  sim::Service manager_;

  LocalLosses local_losses_;
  std::deque<CommandHistory> histories_;
  std::vector<std::unique_ptr<sim::Watcher>> watchers_;
};

}  // namespace sagasim::domain
