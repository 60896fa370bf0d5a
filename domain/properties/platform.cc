#include "domain/properties/platform.h"

namespace sagasim::domain {

void PlatformProperties::on_record(const GatewayBody& body, sim::Instant at) {
  OrderTruth* order = truth_.order(body.order);
  if (order == nullptr) {
    return;
  }
  ++order->platform_records;
  const bool true_one = order->done() && order->row.facts.total == body.amount;
  expect(PropertyId::kDpl1, true_one && order->platform_records == 1, "platform", body.order, at,
         [&] {
           return "the data platform took " + std::to_string(order->platform_records) +
                  " records of " + order_text(body.order) + ", now of " + money_text(body.amount) +
                  (true_one ? "" : ", which is not what completed");
         });
}

void PlatformProperties::at_end(const OrderTruth& order, sim::Instant at) {
  if (!order.done()) {
    return;
  }
  const sim::Subject name = order.command->name;
  expect(PropertyId::kDpl2, order.platform_records != 0, "platform", name, at,
         [&] { return order_text(name) + " completed, but the data platform never heard of it"; });
}

}  // namespace sagasim::domain
