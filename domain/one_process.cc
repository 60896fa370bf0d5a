#include "domain/one_process.h"

#include "domain/names.h"
#include "domain/subscriptions.h"

namespace sagasim::domain {

OneProcess::OneProcess(sim::Node& node, const ProcessParts& parts)
    : bus_(node, parts.executor, parts.losses),
      users_(parts.user),
      balances_(ports(parts, parts.balance), parts.balance),
      coupons_(ports(parts, parts.coupon), parts.coupon),
      products_(ports(parts, parts.product), parts.product, parts.rank_days),
      payments_(ports(parts, parts.payment), parts.payment, parts.gateway,
                parts.reconcile_interval),
      orders_(ports(parts, parts.order), parts.order,
              OrderPeers{.users = {nullptr, &users_},
                         .products = {nullptr, &products_},
                         .coupons = {nullptr, &coupons_}},
              parts.cache != nullptr ? std::make_unique<OrderCache>(*parts.cache, node) : nullptr),
      messages_(parts.policy, parts.platform),
      facade_(balances_, coupons_, products_, parts.payment, parts.order) {
  if (parts.policy.transport == Transport::kInProcess) {
    listen();
  }
  bus_.listen(
      group::kMessage, subscriptions(group::kMessage),
      [this](sim::Context context, Event event) { return messages_.forward(context, event); });
}

Ports OneProcess::ports(const ProcessParts& parts, Store& store) {
  const bool at_once = parts.policy.transport == Transport::kOneTransaction;
  return {parts.policy,      store, parts.broker,
          parts.extra_reads, &bus_, at_once ? &facade_ : nullptr};
}

void OneProcess::listen() {
  const auto by = [](ShopService& service) {
    return [&service](sim::Context context, Event event) { return service.handle(context, event); };
  };
  bus_.listen(group::kBalance, subscriptions(group::kBalance), by(balances_));
  bus_.listen(group::kCoupon, subscriptions(group::kCoupon), by(coupons_));
  bus_.listen(group::kStock, subscriptions(group::kStock), by(products_));
  bus_.listen(group::kPayment, subscriptions(group::kPayment), by(payments_));
  bus_.listen(group::kOrder, subscriptions(group::kOrder), by(orders_));
  bus_.listen(group::kRank, subscriptions(group::kRank), by(products_));
}

sim::Process& OneProcess::service_of(sim::Name method) {
  if (method == method::kCharge || method == method::kGetBalance) {
    return balances_;
  }
  if (method == method::kGetUser) {
    return users_;
  }
  if (method == method::kGetProduct || method == method::kReprice ||
      method == method::kSetSelling || method == method::kRestock || method == method::kGetTop) {
    return products_;
  }
  if (method == method::kGetCoupon || method == method::kIssueCoupon ||
      method == method::kSetCampaign || method == method::kExpireCoupon) {
    return coupons_;
  }
  return orders_;
}

sim::Task<sim::Payload> OneProcess::serve(sim::Context context, sim::Name method,
                                          sim::Payload request) {
  return service_of(method).serve(context, method, std::move(request));
}

}  // namespace sagasim::domain
