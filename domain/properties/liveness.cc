#include "domain/properties/liveness.h"

namespace sagasim::domain {

void LivenessProperties::at_end(const OrderTruth& order, sim::Instant at) {
  if (!order.exists) {
    return;
  }
  const sim::Subject name = order.command->name;
  expect(PropertyId::kLiv1, !order.open(), "order", name, at, [&] {
    return order_text(name) + " over " + money_text(order.row.facts.total) + " is stuck in phase " +
           to_text(order.row.phase) + ": nothing is left that could move it";
  });
}

void LivenessProperties::queues_at_end(std::uint64_t unpublished, std::uint64_t lag,
                                       sim::Instant at) {
  expect(PropertyId::kLiv2, unpublished == 0 && lag == 0, "queue", sim::Subject(), at, [&] {
    return std::to_string(unpublished) + " events were never published and " + std::to_string(lag) +
           " records never dealt with";
  });
}

}  // namespace sagasim::domain
