#include "domain/gateway.h"

#include "sim/random.h"

namespace sagasim::domain {

const char* to_text(GatewayStatus status) {
  switch (status) {
    case GatewayStatus::kCaptured:
      return "captured";
    case GatewayStatus::kDeclined:
      return "declined";
    case GatewayStatus::kRefunded:
      return "refunded";
    case GatewayStatus::kNothingToRefund:
      return "nothing to refund";
  }
  return "?";
}

sim::Payload Gateway::decide(const sim::HttpRequest& request, std::uint64_t draw) {
  const auto& body = request.body.as<GatewayBody>();
  Account& account = accounts_[body.order];
  GatewayAnswer answer;
  if (request.method == gateway_method::kCharge) {
    const bool declined = sim::below(draw, 100) < decline_percent_;
    answer.status = declined ? GatewayStatus::kDeclined : GatewayStatus::kCaptured;
    answer.amount = declined ? 0 : body.amount;
    account.captured += answer.amount;
  } else {
    const bool covered = account.captured - account.refunded >= body.amount;
    answer.status = covered ? GatewayStatus::kRefunded : GatewayStatus::kNothingToRefund;
    answer.amount = covered ? body.amount : 0;
    account.refunded += answer.amount;
  }
  return sim::Payload::of(pool_, answer);
}

std::uint64_t Gateway::digest() const {
  std::uint64_t state = 0;
  for (const auto& [order, account] : accounts_) {
    state = sim::combine(sim::combine(state, order.bits()),
                         static_cast<std::uint64_t>(account.captured - account.refunded));
  }
  return state;
}

sim::Payload DataPlatform::decide(const sim::HttpRequest&, std::uint64_t) {
  return sim::Payload::of(pool_, GatewayAnswer{});
}

}  // namespace sagasim::domain
