// Payment properties, PAY-1 to PAY-8 and IDM-9: payment rows and the gateway's ledger.
#pragma once

#include <map>

#include "domain/properties/group.h"

namespace sagasim::domain {

class PaymentProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  void on_payment(const PaymentRow* before, const PaymentRow& after, sim::Instant at);
  // The gateway has decided a request of that key.
  void on_gateway(std::uint64_t key, bool charge, const GatewayBody& body,
                  const GatewayAnswer& answer, sim::Instant at);
  void on_announced(OrderTruth& order, EventType type, sim::Instant at);
  void at_end(const OrderTruth& order, sim::Instant at);

 private:
  std::map<std::uint64_t, std::uint32_t> decided_;  // requests by key
};

}  // namespace sagasim::domain
