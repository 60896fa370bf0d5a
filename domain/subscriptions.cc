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

}  // namespace sagasim::domain
