// The payment gateway's and the data platform's protocols, as their callers see them.
#pragma once

#include <cstdint>

#include "domain/money.h"
#include "sim/describe.h"
#include "sim/name.h"

namespace sagasim::domain {

namespace gateway_method {
inline constexpr sim::Name kCharge = "charge";
inline constexpr sim::Name kRefund = "refund";
inline constexpr sim::Name kRecord = "record";  // of the data platform
}  // namespace gateway_method

struct GatewayBody {
  sim::Subject order;
  Money amount = 0;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("order", self.order);
    visit("amount", self.amount);
  }
};

enum class GatewayStatus : std::uint8_t { kCaptured, kDeclined, kRefunded, kNothingToRefund };
const char* to_text(GatewayStatus status);

struct GatewayAnswer {
  GatewayStatus status = GatewayStatus::kDeclined;
  Money amount = 0;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("status", self.status);
    visit("amount", self.amount);
  }
};

// The keys of an order's one charge and one refund.
constexpr std::uint64_t charge_key(sim::Subject order) {
  return sim::combine(sim::hash_text("pay"), order.bits());
}
constexpr std::uint64_t refund_key(sim::Subject order) {
  return sim::combine(sim::hash_text("ref"), order.bits());
}

}  // namespace sagasim::domain
