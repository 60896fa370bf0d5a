// Names of the shop that more than one file needs: roles, groups, methods.
#pragma once

#include "sim/name.h"

namespace sagasim::domain {

namespace role {
inline constexpr sim::Name kUser = "user";
inline constexpr sim::Name kBalance = "balance";
inline constexpr sim::Name kCoupon = "coupon";
inline constexpr sim::Name kProduct = "product";
inline constexpr sim::Name kPayment = "payment";
inline constexpr sim::Name kOrder = "order";
inline constexpr sim::Name kMessage = "message";
inline constexpr sim::Name kClient = "client";
inline constexpr sim::Name kManager = "manager";
inline constexpr sim::Name kShop = "shop";  // all services in one process
inline constexpr sim::Name kBroker = "broker";
inline constexpr sim::Name kCache = "cache";
inline constexpr sim::Name kGateway = "gateway";
inline constexpr sim::Name kDataPlatform = "data-platform";
}  // namespace role

namespace group {
inline constexpr sim::Name kBalance = "balance";
inline constexpr sim::Name kCoupon = "coupon";
inline constexpr sim::Name kStock = "stock";
inline constexpr sim::Name kPayment = "payment";
inline constexpr sim::Name kOrder = "order";
inline constexpr sim::Name kRank = "rank";
inline constexpr sim::Name kMessage = "message";
}  // namespace group

namespace method {
inline constexpr sim::Name kCreateOrder = "create-order";
inline constexpr sim::Name kCancelOrder = "cancel-order";
inline constexpr sim::Name kGetOrder = "get-order";
inline constexpr sim::Name kCharge = "charge";
inline constexpr sim::Name kGetBalance = "get-balance";
inline constexpr sim::Name kGetUser = "get-user";
inline constexpr sim::Name kGetProduct = "get-product";
inline constexpr sim::Name kGetCoupon = "get-coupon";
inline constexpr sim::Name kReprice = "reprice";
inline constexpr sim::Name kSetSelling = "set-selling";
inline constexpr sim::Name kRestock = "restock";
inline constexpr sim::Name kGetTop = "get-top";
inline constexpr sim::Name kIssueCoupon = "issue-coupon";
inline constexpr sim::Name kSetCampaign = "set-campaign";
inline constexpr sim::Name kExpireCoupon = "expire-coupon";
// What the order service asks for where services call each other; see domain/subscriptions.h.
inline constexpr sim::Name kUseBalance = "use-balance";
inline constexpr sim::Name kRefundBalance = "refund-balance";
inline constexpr sim::Name kUseCoupon = "use-coupon";
inline constexpr sim::Name kReturnCoupon = "return-coupon";
inline constexpr sim::Name kDeductStock = "deduct-stock";
inline constexpr sim::Name kRestoreStock = "restore-stock";
inline constexpr sim::Name kPay = "pay";
inline constexpr sim::Name kRefundPayment = "refund-payment";
inline constexpr sim::Name kCountSales = "count-sales";
inline constexpr sim::Name kPassOn = "pass-on";
}  // namespace method

}  // namespace sagasim::domain
