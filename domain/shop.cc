#include "domain/shop.h"

#include "domain/names.h"
#include "domain/services/message_service.h"

namespace sagasim::domain {
namespace {

using Types = std::vector<EventType>;

std::vector<sim::Name> topics(const Types& types) {
  std::vector<sim::Name> names;
  for (const EventType type : types) {
    names.push_back(name_of(type));
  }
  return names;
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
  return broker;
}

}  // namespace

Shop::Shop(sim::World& world, const ShopOptions& options, const Policy& policy,
           const Workload& workload, ClientObserver& observer)
    : world_(world),
      options_(options),
      gateway_business_(world.pool(), options.decline_percent),
      platform_business_(world.pool()),
      users_(role::kUser, options.call),
      balances_(role::kBalance, options.call),
      coupons_(role::kCoupon, options.call),
      products_(role::kProduct, options.call),
      payments_(role::kPayment, options.call),
      orders_(role::kOrder, options.call),
      messages_(role::kMessage, options.call),
      clients_(role::kClient, options.call),
      manager_(role::kManager, options.call) {
  broker_ = std::make_unique<sim::Broker>(world, add_server(role::kBroker),
                                          broker_options(options, policy));
  gateway_ = std::make_unique<sim::HttpService>(world, add_server(role::kGateway),
                                                gateway_business_, options.gateway);
  platform_ = std::make_unique<sim::HttpService>(world, add_server(role::kDataPlatform),
                                                 platform_business_, options.gateway);
  user_ = std::make_unique<UserStore>(world, add_server("user-db"), options.database);
  balance_ = std::make_unique<BalanceStore>(world, add_server("balance-db"), options.database);
  coupon_ = std::make_unique<CouponStore>(world, add_server("coupon-db"), options.database);
  product_ = std::make_unique<ProductStore>(world, add_server("product-db"), options.database);
  payment_ = std::make_unique<PaymentStore>(world, add_server("payment-db"), options.database);
  order_ = std::make_unique<OrderStore>(world, add_server("order-db"), options.database);
  for (int i = 0; i < kEventTypes; ++i) {
    broker_->add_topic(name_of(static_cast<EventType>(i)), options.partitions);
  }
  seed(workload);
  add_services(policy);
  add_customers(workload, observer);
}

Shop::~Shop() { world_.shut_down(); }

sim::Node& Shop::add_server(sim::Name role) {
  sim::Node& node = world_.add_server(role);
  servers_.push_back(&node);
  return node;
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
                 typename sim::WatcherOf<Program, Row>::Work work) {
  const sim::WatcherOptions options{name, options_.relay_interval, options_.database.route};
  for (sim::Node* node : service.instances()) {
    watchers_.push_back(std::make_unique<sim::WatcherOf<Program, Row>>(
        *node, store.database, table, options, matches, name_of, work));
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
  add_processes(orders_, n, [this, p = ports(*order_)](sim::Node&) {
    return std::make_unique<OrderService>(p, *order_, OrderPeers{users_, products_, coupons_});
  });
  add_processes(messages_, n, [this, &policy](sim::Node&) {
    return std::make_unique<MessageService>(policy, *platform_);
  });

  const auto saga = topics({EventType::kOrderCreated, EventType::kOrderFailed});
  broker_->add_group(group::kBalance, balances_, saga);
  broker_->add_group(group::kCoupon, coupons_, saga);
  broker_->add_group(group::kStock, products_, saga);
  broker_->add_group(group::kPayment, payments_,
                     topics({EventType::kPaymentWaited, EventType::kOrderCompleteFailed}));
  broker_->add_group(
      group::kOrder, orders_,
      topics({EventType::kBalanceUsed, EventType::kBalanceUseFailed, EventType::kCouponUsed,
              EventType::kCouponUseFailed, EventType::kStockDeducted, EventType::kStockDeductFailed,
              EventType::kPaymentPaid, EventType::kPayFailed, EventType::kPaymentCanceled}));
  broker_->add_group(group::kRank, products_, topics({EventType::kOrderCompleted}));
  broker_->add_group(group::kMessage, messages_, topics({EventType::kOrderCompleted}));

  const auto relay = [&](const sim::Service& service, Store& store) {
    const bool everybody = policy.relay == Relay::kEveryInstance;
    const bool marked = policy.relay == Relay::kWatermark;
    watch<ShopService>(service, store, store.outbox, "relay",
                       everybody ? &ShopService::relays_all : &ShopService::relays,
                       &ShopService::relay_name,
                       marked ? &ShopService::relay_above_mark : &ShopService::relay);
  };
  relay(balances_, *balance_);
  relay(coupons_, *coupon_);
  relay(products_, *product_);
  relay(payments_, *payment_);
  relay(orders_, *order_);
  watch<PaymentService>(payments_, *payment_, payment_->payments, "charge-job",
                        &PaymentService::waits, &PaymentService::settle_name,
                        &PaymentService::settle);
  watch<PaymentService>(payments_, *payment_, payment_->payments, "refund-job",
                        &PaymentService::refunds, &PaymentService::settle_name,
                        &PaymentService::settle);
  if (options_.rank_days != 0) {
    watch<ProductService>(products_, *product_, product_->ranks, "rank-job",
                          &ProductService::persists, &ProductService::persist_name,
                          &ProductService::persist);
  }
  if (policy.payment_timeout) {
    watch<OrderService>(orders_, *order_, order_->orders, "payment-timeout",
                        &OrderService::may_give_up_payment, &OrderService::give_up_payment_name,
                        &OrderService::give_up_payment);
  }
  if (policy.saga_timeout) {
    watch<OrderService>(orders_, *order_, order_->orders, "saga-timeout",
                        &OrderService::may_time_out, &OrderService::time_out_name,
                        &OrderService::time_out);
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
  return {&user_->database,    &balance_->database, &coupon_->database,
          &product_->database, &payment_->database, &order_->database};
}

std::uint64_t Shop::digest() const {
  std::uint64_t state = broker_->digest();
  for (const sim::Database* database : databases()) {
    state = sim::combine(state, database->digest());
  }
  return state;
}

std::uint64_t Shop::business_digest() const {
  const sim::Database* databases[] = {&balance_->database, &coupon_->database, &product_->database,
                                      &payment_->database, &order_->database};
  std::uint64_t state = gateway_business_.digest();
  for (const sim::Database* database : databases) {
    for (const auto& table : database->tables()) {
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
  sizes.open_databases += user_->database.at_rest() ? 0u : 1u;
  const Store* const stores[] = {balance_.get(), coupon_.get(), product_.get(), payment_.get(),
                                 order_.get()};
  for (const Store* store : stores) {
    sizes.open_databases += store->database.at_rest() ? 0u : 1u;
    sizes.inbox_rows += store->inbox.rows();
    sizes.request_rows += store->requests.rows();
  }
  return sizes;
}

std::uint64_t Shop::unpublished() const {
  return balance_->outbox.rows() + coupon_->outbox.rows() + product_->outbox.rows() +
         payment_->outbox.rows() + order_->outbox.rows() + broker_->lag();
}

}  // namespace sagasim::domain
