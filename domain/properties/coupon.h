// Coupon properties, CPN-1 to CPN-6: who holds a coupon, who got one, and who may use it.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class CouponProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // `by` is the order on whose behalf the commit was made.
  void on_coupon(const UserCouponRow* before, const UserCouponRow& after, sim::Subject by,
                 sim::Instant at);
  void on_campaign(const CampaignRow& after);
  // Closes a commit: the checks that span rows.
  void settle(sim::Instant at);
  void at_end(const OrderTruth& order, sim::Instant at);
  void coupons_at_end(sim::Instant at);

 private:
  void on_use(const CouponTruth& coupon, const UserCouponRow& row, sim::Instant at);

  CampaignTruth* campaign_ = nullptr;  // touched by this commit, which touches one at most
};

}  // namespace sagasim::domain
