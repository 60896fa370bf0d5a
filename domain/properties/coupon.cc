#include "domain/properties/coupon.h"

namespace sagasim::domain {

void CouponProperties::on_coupon(const UserCouponRow* before, const UserCouponRow& after,
                                 sim::Subject by, sim::Instant at) {
  CouponTruth* coupon = truth_.coupon(after.coupon);
  if (coupon == nullptr || before == nullptr) {
    return;
  }
  coupon->holder = after.used_by;
  const bool used = before->used_by.none() && !after.used_by.none();
  const bool returned = !before->used_by.none() && after.used_by.none();
  const bool same = before->used_by == after.used_by;
  expect(PropertyId::kCpn1, used || returned || same, "coupon", after.coupon, at, [&] {
    return "coupon " + to_text(after.coupon) + " went from " + order_text(before->used_by) +
           " straight to " + order_text(after.used_by);
  });
  if (returned) {
    expect(PropertyId::kCpn2, before->used_by == by, "coupon", after.coupon, at, [&] {
      return order_text(by) + " gave back coupon " + to_text(after.coupon) + ", which " +
             order_text(before->used_by) + " held";
    });
  }
}

void CouponProperties::at_end(const OrderTruth& order, sim::Instant at) {
  if (!order.done()) {
    return;
  }
  const OrderFacts& facts = order.row.facts;
  if (facts.coupon.none()) {
    expect(PropertyId::kCpn4, facts.discount == 0, "coupon", facts.order, at, [&] {
      return order_text(facts.order) + " has a discount of " + money_text(facts.discount) +
             " without a coupon";
    });
    return;
  }
  const CouponTruth* coupon = truth_.coupon(facts.coupon);
  const bool holds = coupon != nullptr && coupon->holder == facts.order;
  expect(PropertyId::kCpn4, holds, "coupon", facts.order, at, [&] {
    return order_text(facts.order) + " completed with coupon " + to_text(facts.coupon) +
           ", which it does not hold";
  });
}

void CouponProperties::coupons_at_end(sim::Instant at) {
  for (const CouponTruth& coupon : truth_.coupons()) {
    std::uint32_t completed = 0;
    bool tried = false;
    for (const OrderTruth& order : truth_.orders()) {
      const bool uses = order.exists && order.row.facts.coupon == coupon.coupon;
      tried = tried || uses;
      completed += uses && order.done() ? 1u : 0u;
    }
    if (!tried) {
      continue;
    }
    const bool held = !coupon.holder.none();
    expect(PropertyId::kCpn3, completed == (held ? 1u : 0u), "coupon", coupon.coupon, at, [&] {
      return "coupon " + to_text(coupon.coupon) + " is " +
             (held ? "held by " + order_text(coupon.holder) : std::string("unused")) + ", but " +
             std::to_string(completed) + " completed orders used it";
    });
  }
}

}  // namespace sagasim::domain
