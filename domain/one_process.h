// OneProcess: all services in one process, as the design report has them: they tell each other over
// a bus in memory, and ask each other by calling. It dies as a whole, with all that waits. Or as it
// has been before: all of an order in one transaction, and the bus for what follows from that.
#pragma once

#include "domain/order_facade.h"
#include "domain/runtime/local_bus.h"
#include "domain/services/balance_service.h"
#include "domain/services/coupon_service.h"
#include "domain/services/message_service.h"
#include "domain/services/order_service.h"
#include "domain/services/payment_service.h"
#include "domain/services/product_service.h"
#include "domain/services/user_service.h"

namespace sagasim::domain {

// What it is made of; all of it outlives the process.
struct ProcessParts {
  const Policy& policy;
  UserStore& user;
  BalanceStore& balance;
  CouponStore& coupon;
  ProductStore& product;
  PaymentStore& payment;
  OrderStore& order;
  sim::Broker& broker;  // which nobody uses
  sim::HttpService& gateway;
  sim::HttpService& platform;
  sim::Cache* cache = nullptr;
  LocalLosses& losses;
  sim::ExecutorOptions executor;
  std::uint32_t extra_reads = 0;
  std::uint32_t rank_days = 0;
  sim::Duration reconcile_interval{};
};

class OneProcess final : public sim::Process {
 public:
  OneProcess(sim::Node& node, const ProcessParts& parts);

  sim::Task<sim::Payload> serve(sim::Context context, sim::Name method,
                                sim::Payload request) override;

  LocalBus& bus() { return bus_; }
  // The service of a process of this type.
  static ShopService& any(sim::Process& process) { return of(process).orders_; }
  static OrderService& order(sim::Process& process) { return of(process).orders_; }
  static PaymentService& payment(sim::Process& process) { return of(process).payments_; }
  static ProductService& product(sim::Process& process) { return of(process).products_; }

 private:
  static OneProcess& of(sim::Process& process) { return static_cast<OneProcess&>(process); }
  Ports ports(const ProcessParts& parts, Store& store);
  sim::Process& service_of(sim::Name method);
  void listen();

  LocalBus bus_;
  UserService users_;
  BalanceService balances_;
  CouponService coupons_;
  ProductService products_;
  PaymentService payments_;
  OrderService orders_;
  MessageService messages_;
  OrderFacade facade_;  // at work where all of an order is one transaction
};

}  // namespace sagasim::domain
