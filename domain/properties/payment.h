// Payment properties, PAY-1 to PAY-8: payment rows and the gateway's ledger.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class PaymentProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  void on_payment(const PaymentRow* before, const PaymentRow& after, sim::Instant at);
  void on_gateway(bool charge, const GatewayBody& body, const GatewayAnswer& answer,
                  sim::Instant at);
  void on_announced(OrderTruth& order, EventType type, sim::Instant at);
  void at_end(const OrderTruth& order, sim::Instant at);
};

}  // namespace sagasim::domain
