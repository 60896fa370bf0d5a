#include "domain/subscriptions.h"

#include <utility>

#include "domain/names.h"
#include "sim/check.h"

namespace sagasim::domain {

const std::vector<EventType>& subscriptions(sim::Name group) {
  using enum EventType;
  static const std::vector<EventType> kSaga = {kOrderCreated, kOrderFailed};
  static const std::vector<EventType> kCompleted = {kOrderCompleted};
  static const std::pair<sim::Name, std::vector<EventType>> kGroups[] = {
      {group::kBalance, kSaga},
      {group::kCoupon, kSaga},
      {group::kStock, kSaga},
      {group::kPayment, {kPaymentWaited, kOrderCompleteFailed}},
      {group::kOrder,
       {kBalanceUsed, kBalanceUseFailed, kCouponUsed, kCouponUseFailed, kStockDeducted,
        kStockDeductFailed, kPaymentPaid, kPayFailed, kPaymentCanceled}},
      {group::kRank, kCompleted},
      {group::kMessage, kCompleted}};
  for (const auto& [name, types] : kGroups) {
    if (name == group) {
      return types;
    }
  }
  SAGASIM_CHECK(false, "there is no such consumer group");
  return kSaga;
}

std::span<const Request> requests() {
  using enum EventType;
  static constexpr Request kRequests[] = {
      {group::kBalance, kOrderCreated, method::kUseBalance},
      {group::kCoupon, kOrderCreated, method::kUseCoupon},
      {group::kStock, kOrderCreated, method::kDeductStock},
      {group::kBalance, kOrderFailed, method::kRefundBalance},
      {group::kCoupon, kOrderFailed, method::kReturnCoupon},
      {group::kStock, kOrderFailed, method::kRestoreStock},
      {group::kPayment, kPaymentWaited, method::kPay},
      {group::kPayment, kOrderCompleteFailed, method::kRefundPayment},
      {group::kRank, kOrderCompleted, method::kCountSales},
      {group::kMessage, kOrderCompleted, method::kPassOn}};
  return kRequests;
}

const Request* request_of(sim::Name method) {
  for (const Request& request : requests()) {
    if (request.method == method) {
      return &request;
    }
  }
  return nullptr;
}

}  // namespace sagasim::domain
