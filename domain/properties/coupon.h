// Coupon properties, CPN-1 to CPN-4: who holds a coupon.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class CouponProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // `by` is the order on whose behalf the commit was made.
  void on_coupon(const UserCouponRow* before, const UserCouponRow& after, sim::Subject by,
                 sim::Instant at);
  void at_end(const OrderTruth& order, sim::Instant at);
  void coupons_at_end(sim::Instant at);
};

}  // namespace sagasim::domain
