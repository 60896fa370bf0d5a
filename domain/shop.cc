#include "domain/shop.h"

#include "domain/names.h"
#include "domain/services/message_service.h"
#include "domain/subscriptions.h"

namespace sagasim::domain {
namespace {

bool needs_cache(const Policy& policy) {
  return policy.steps != StepStore::kDatabase || policy.decide == Decide::kLock ||
         policy.decide == Decide::kCacheFlag;
}

sim::BrokerOptions broker_options(const ShopOptions& options, const Policy& policy) {
  sim::BrokerOptions broker = options.broker;
  switch (policy.acknowledge) {
    case Acknowledge::kAfterCommit:
      broker.commits = sim::PositionCommit::kAfterHandling;
      break;
    case Acknowledge::kWithoutWaiting:
      broker.commits = sim::PositionCommit::kWithoutWaiting;
      break;
    case Acknowledge::kAtIntervals:
      broker.commits = sim::PositionCommit::kAtIntervals;
      break;
    case Acknowledge::kBeforeProcessing:
      broker.commits = sim::PositionCommit::kBeforeHandling;
      break;
  }
  switch (policy.retries) {
    case Retries::kForever:
      broker.exhausted = sim::Exhausted::kRetryForever;
      break;
    case Retries::kPark:
      broker.exhausted = sim::Exhausted::kPark;
      break;
    case Retries::kSkip:
      broker.exhausted = sim::Exhausted::kSkip;
      break;
    case Retries::kSetAside:
      broker.exhausted = sim::Exhausted::kRetryLater;
      break;
  }
  broker.parks_malformed = policy.malformed == Malformed::kPark;
  return broker;
}

}  // namespace

Shop::Shop(sim::World& world, const ShopOptions& options, const Policy& policy,
           const Workload& workload, ClientObserver& observer)
    : world_(world),
      options_(options),
      in_process_(policy.transport == Transport::kInProcess ||
                  policy.transport == Transport::kOneTransaction),
      has_broker_(policy.transport == Transport::kBroker),
      gateway_business_(world.pool(), options.decline_percent),
      platform_business_(world.pool()),
      users_(in_process_ ? role::kShop : role::kUser, options.call),
      balances_(in_process_ ? role::kShop : role::kBalance, options.call),
      coupons_(in_process_ ? role::kShop : role::kCoupon, options.call),
      products_(in_process_ ? role::kShop : role::kProduct, options.call),
      payments_(in_process_ ? role::kShop : role::kPayment, options.call),
      orders_(in_process_ ? role::kShop : role::kOrder, options.call),
      messages_(in_process_ ? role::kShop : role::kMessage, options.call),
      clients_(role::kClient, options.call),
      manager_(role::kManager, options.call) {
  // Where nothing goes through a broker, it is there in name alone.
  sim::Node& broker = has_broker_ ? add_server(role::kBroker) : world.add_server(role::kBroker);
  broker_ = std::make_unique<sim::Broker>(world, broker, broker_options(options, policy));
  gateway_ = std::make_unique<sim::HttpService>(world, add_server(role::kGateway),
                                                gateway_business_, options.gateway);
  platform_ = std::make_unique<sim::HttpService>(world, add_server(role::kDataPlatform),
                                                 platform_business_, options.gateway);
  add_stores();
  if (needs_cache(policy)) {
    cache_ = std::make_unique<sim::Cache>(world, add_server(role::kCache), options.cache);
  }
  seed(workload);
  if (in_process_) {
    add_one_process(policy);
  } else {
    add_services(policy);
  }
  if (has_broker_) {
    add_groups();
  }
  add_jobs(policy);
  add_customers(workload, observer);
}

Shop::~Shop() { world_.shut_down(); }

sim::Node& Shop::add_server(sim::Name role) {
  sim::Node& node = world_.add_server(role);
  servers_.push_back(&node);
  return node;
}

Backing& Shop::add_backing(sim::Name name) {
  if (!in_process_ || backings_.empty()) {
    backings_.push_back(
        std::make_unique<Backing>(world_, add_server(name), name, options_.database));
  }
  return *backings_.back();
}

void Shop::add_stores() {
  if (in_process_) {
    add_backing("shop-db");
  } else {
    constexpr sim::Name kName = "user-db";
    user_database_ =
        std::make_unique<sim::Database>(world_, add_server(kName), kName, options_.database);
  }
  user_ = std::make_unique<UserStore>(in_process_ ? backings_.back()->database : *user_database_);
  balance_ = std::make_unique<BalanceStore>(add_backing("balance-db"));
  coupon_ = std::make_unique<CouponStore>(add_backing("coupon-db"));
  product_ = std::make_unique<ProductStore>(add_backing("product-db"));
  payment_ = std::make_unique<PaymentStore>(add_backing("payment-db"));
  order_ = std::make_unique<OrderStore>(add_backing("order-db"));
}

void Shop::add_processes(sim::Service& service, std::uint32_t instances,
                         const sim::ProcessFactory& program) {
  for (std::uint32_t i = 0; i < instances; ++i) {
    sim::Node& node = world_.add_node(service.role(), i, program);
    if (options_.capacity.workers != 0) {
      node.set_capacity(options_.capacity);
    }
    service.add(node);
    processes_.push_back(&node);
  }
}

template <class Program, class Row>
void Shop::watch(const sim::Service& service, Store& store, sim::Table<Row>& table, sim::Name name,
                 typename sim::WatcherOf<Program, Row>::Matches matches,
                 typename sim::WatcherOf<Program, Row>::NameOf name_of,
                 typename sim::WatcherOf<Program, Row>::Work work,
                 typename sim::WatcherOf<Program, Row>::ProgramOf part) {
  const sim::WatcherOptions options{name, options_.relay_interval, options_.database.route};
  const auto program = in_process_ ? part : &sim::WatcherOf<Program, Row>::whole;
  for (sim::Node* node : service.instances()) {
    watchers_.push_back(std::make_unique<sim::WatcherOf<Program, Row>>(
        *node, store.database, table, options, matches, name_of, work, program));
  }
}

void Shop::seed(const Workload& workload) {
  for (const InitialUser& user : workload.users) {
    user_->users.seed(UserRow{user.user});
    if (user.balance > 0) {
      balance_->balances.seed(BalanceRow{user.user, user.balance, 0});
      balance_->entries.seed(
          BalanceEntry{user.user, EntryKind::kCharge, 0, user.user, user.balance});
    }
  }
  for (const InitialProduct& product : workload.products) {
    product_->products.seed(ProductRow{product.product, product.price, product.status});
    product_->stocks.seed(StockRow{product.product, product.stock});
  }
  for (const InitialCoupon& coupon : workload.coupons) {
    coupon_->coupons.seed(
        UserCouponRow{coupon.coupon, coupon.owner, coupon.rate_bp, coupon.expires, {}, {}});
  }
  for (const InitialCampaign& campaign : workload.campaigns) {
    coupon_->campaigns.seed(CampaignRow{campaign.campaign, campaign.rate_bp, campaign.quantity,
                                        campaign.status, campaign.expires});
  }
}

void Shop::add_one_process(const Policy& policy) {
  const ProcessParts parts{policy,
                           *user_,
                           *balance_,
                           *coupon_,
                           *product_,
                           *payment_,
                           *order_,
                           *broker_,
                           *gateway_,
                           *platform_,
                           cache_.get(),
                           local_losses_,
                           options_.executor,
                           options_.extra_reads,
                           options_.rank_days,
                           options_.reconcile_interval};
  add_processes(orders_, options_.instances,
                [parts](sim::Node& node) { return std::make_unique<OneProcess>(node, parts); });
  for (sim::Node* node : orders_.instances()) {
    for (sim::Service* service :
         {&users_, &balances_, &coupons_, &products_, &payments_, &messages_}) {
      service->add(*node);
    }
  }
}

void Shop::add_services(const Policy& policy) {
  const auto ports = [&](Store& store) {
    return Ports{policy, store, *broker_, options_.extra_reads};
  };
  const std::uint32_t n = options_.instances;
  add_processes(users_, n, [this](sim::Node&) { return std::make_unique<UserService>(*user_); });
  add_processes(balances_, n, [this, p = ports(*balance_)](sim::Node&) {
    return std::make_unique<BalanceService>(p, *balance_);
  });
  add_processes(coupons_, n, [this, p = ports(*coupon_)](sim::Node&) {
    return std::make_unique<CouponService>(p, *coupon_);
  });
  add_processes(products_, n, [this, p = ports(*product_)](sim::Node&) {
    return std::make_unique<ProductService>(p, *product_, options_.rank_days);
  });
  add_processes(payments_, n, [this, p = ports(*payment_)](sim::Node&) {
    return std::make_unique<PaymentService>(p, *payment_, *gateway_, options_.reconcile_interval);
  });
  add_processes(orders_, n, [this, p = ports(*order_)](sim::Node& node) {
    const OrderPeers peers{{&users_},  {&products_}, {&coupons_},
                           &balances_, &payments_,   &messages_};
    return std::make_unique<OrderService>(
        p, *order_, peers,
        cache_ != nullptr ? std::make_unique<OrderCache>(*cache_, node) : nullptr);
  });
  add_processes(messages_, n, [this, &policy](sim::Node&) {
    return std::make_unique<MessageService>(policy, *platform_);
  });
}

void Shop::add_groups() {
  for (int i = 0; i < kEventTypes; ++i) {
    broker_->add_topic(name_of(static_cast<EventType>(i)), options_.partitions);
  }
  const auto add = [this](sim::Name group, const sim::Service& members) {
    std::vector<sim::Name> topics;
    for (const EventType type : subscriptions(group)) {
      topics.push_back(name_of(type));
    }
    broker_->add_group(group, members, topics);
  };
  add(group::kBalance, balances_);
  add(group::kCoupon, coupons_);
  add(group::kStock, products_);
  add(group::kPayment, payments_);
  add(group::kOrder, orders_);
  add(group::kRank, products_);
  add(group::kMessage, messages_);
}

void Shop::add_jobs(const Policy& policy) {
  const auto relay = [&](const sim::Service& service, Store& store) {
    const bool everybody = policy.relay == Relay::kEveryInstance;
    const bool marked = policy.relay == Relay::kWatermark;
    watch<ShopService>(
        service, store, store.outbox, "relay",
        everybody ? &ShopService::relays_all : &ShopService::relays, &ShopService::relay_name,
        marked ? &ShopService::relay_above_mark : &ShopService::relay, &OneProcess::any);
  };
  const bool by_calls = policy.transport == Transport::kCalls;
  if (has_broker_) {
    relay(balances_, *balance_);
    relay(coupons_, *coupon_);
    relay(products_, *product_);
    relay(payments_, *payment_);
  }
  if (!by_calls) {  // there, whoever asks for something waits for it
    relay(orders_, *order_);
    watch<PaymentService>(payments_, *payment_, payment_->payments, "charge-job",
                          &PaymentService::waits, &PaymentService::settle_name,
                          &PaymentService::settle, &OneProcess::payment);
    watch<PaymentService>(payments_, *payment_, payment_->payments, "refund-job",
                          &PaymentService::refunds, &PaymentService::settle_name,
                          &PaymentService::settle, &OneProcess::payment);
  }
  if (options_.rank_days != 0) {
    watch<ProductService>(products_, *product_, product_->ranks, "rank-job",
                          &ProductService::persists, &ProductService::persist_name,
                          &ProductService::persist, &OneProcess::product);
  }
  if (policy.payment_timeout) {
    watch<OrderService>(orders_, *order_, order_->orders, "payment-timeout",
                        &OrderService::may_give_up_payment, &OrderService::give_up_payment_name,
                        &OrderService::give_up_payment, &OneProcess::order);
  }
  if (policy.saga_timeout) {
    watch<OrderService>(orders_, *order_, order_->orders, "saga-timeout",
                        &OrderService::may_time_out, &OrderService::time_out_name,
                        &OrderService::time_out, &OneProcess::order);
  }
}

// One client process per customer: the commands of c2 run on the second. The manager has one of his
// own, if there is anything for him to do.
void Shop::add_customers(const Workload& workload, ClientObserver& observer) {
  std::vector<std::vector<CommandHistory*>> by_customer;
  std::vector<CommandHistory*> of_manager;
  for (const Command& command : workload.commands) {
    histories_.emplace_back().command = &command;
    if (is_of_manager(command.kind)) {
      of_manager.push_back(&histories_.back());
      continue;
    }
    const std::uint32_t customer = command.name.major();
    if (by_customer.size() < customer) {
      by_customer.resize(customer);
    }
    by_customer[customer - 1].push_back(&histories_.back());
  }
  for (std::vector<CommandHistory*>& histories : by_customer) {
    add_client(clients_, std::move(histories), observer);
  }
  if (!of_manager.empty()) {
    add_client(manager_, std::move(of_manager), observer);
  }
}

void Shop::add_client(sim::Service& service, std::vector<CommandHistory*> histories,
                      ClientObserver& observer) {
  const auto number = static_cast<std::uint32_t>(service.instances().size());
  sim::Node& node =
      world_.add_node(service.role(), number, [this, histories, &observer](sim::Node&) {
        const ClientPeers peers{orders_, balances_, coupons_, products_};
        return std::make_unique<Client>(histories, peers, options_.client, observer);
      });
  service.add(node);
  processes_.push_back(&node);
}

std::vector<const sim::Database*> Shop::databases() const {
  std::vector<const sim::Database*> databases;
  if (user_database_ != nullptr) {
    databases.push_back(user_database_.get());
  }
  for (const auto& backing : backings_) {
    databases.push_back(&backing->database);
  }
  return databases;
}

std::uint64_t Shop::digest() const {
  std::uint64_t state = broker_->digest();
  for (const sim::Database* database : databases()) {
    state = sim::combine(state, database->digest());
  }
  return state;
}

std::uint64_t Shop::business_digest() const {
  std::uint64_t state = gateway_business_.digest();
  for (const auto& backing : backings_) {
    for (const auto& table : backing->database.tables()) {
      state = table->technical() ? state : sim::combine(state, table->digest());
    }
  }
  return state;
}

std::uint64_t Shop::redeliver(std::uint32_t count, const sim::Random& random) {
  std::vector<const sim::Record*> all;
  for (const auto& topic : broker_->topics()) {
    for (const auto& log : topic.partitions) {
      for (const sim::Record& record : log) {
        if (!record.corrupt) {
          all.push_back(&record);
        }
      }
    }
  }
  if (all.empty()) {
    return 0;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    broker_->append_again(*all[sim::below(random.draw(i, "redeliver"), all.size())]);
  }
  return count;
}

sim::Diagnosis Shop::diagnosis(const sim::Witness* witness) const {
  return sim::Diagnosis(world_, *broker_, databases(), witness);
}

ShopSizes Shop::sizes() const {
  ShopSizes sizes;
  for (const sim::Database* database : databases()) {
    sizes.open_databases += database->at_rest() ? 0u : 1u;
  }
  for (const auto& backing : backings_) {
    sizes.inbox_rows += backing->inbox.rows();
    sizes.request_rows += backing->requests.rows();
  }
  return sizes;
}

std::uint64_t Shop::unpublished() const {
  std::uint64_t events = broker_->lag();
  for (const auto& backing : backings_) {
    events += backing->outbox.rows();
  }
  return events;
}

}  // namespace sagasim::domain
