#include "domain/properties/coupon.h"

#include <algorithm>
#include <vector>

namespace sagasim::domain {

void CouponProperties::on_coupon(const UserCouponRow* before, const UserCouponRow& after,
                                 sim::Subject by, sim::Instant at) {
  CouponTruth* coupon = truth_.coupon(after.coupon);
  if (coupon == nullptr) {
    return;
  }
  if (before == nullptr) {
    coupon->exists = true;
    campaign_ = truth_.campaign(campaign_of(after.coupon));
    if (campaign_ != nullptr) {
      ++campaign_->issued;
    }
    return;
  }
  coupon->holder = after.used_by;
  coupon->expires = after.expires;
  const bool used = before->used_by.none() && !after.used_by.none();
  const bool returned = !before->used_by.none() && after.used_by.none();
  const bool same = before->used_by == after.used_by;
  expect(PropertyId::kCpn1, used || returned || same, "coupon", after.coupon, at, [&] {
    return "coupon " + to_text(after.coupon) + " went from " + order_text(before->used_by) +
           " straight to " + order_text(after.used_by);
  });
  if (used) {
    on_use(*coupon, after, at);
  }
  if (returned) {
    expect(PropertyId::kCpn2, before->used_by == by, "coupon", after.coupon, at, [&] {
      return order_text(by) + " gave back coupon " + to_text(after.coupon) + ", which " +
             order_text(before->used_by) + " held";
    });
  }
}

// By what the coupon service's clock showed, which the row says.
void CouponProperties::on_use(const CouponTruth& coupon, const UserCouponRow& row,
                              sim::Instant at) {
  const OrderTruth* order = truth_.order(row.used_by);
  const bool own = order != nullptr && order->command->user == coupon.owner;
  expect(PropertyId::kCpn5, own && coupon.valid(row.used_at), "coupon", row.coupon, at, [&] {
    return order_text(row.used_by) + " took coupon " + to_text(row.coupon) + " of " +
           to_text(coupon.owner) + (own ? ", which was over" : ", which is somebody else's");
  });
}

void CouponProperties::on_campaign(const CampaignRow& after) {
  CampaignTruth* campaign = truth_.campaign(after.campaign);
  if (campaign == nullptr) {
    return;
  }
  campaign->left = after.quantity;
  campaign->status = after.status;
  campaign->expires = after.expires;
  campaign_ = campaign;
}

void CouponProperties::settle(sim::Instant at) {
  if (campaign_ == nullptr) {
    return;
  }
  const CampaignTruth& campaign = *campaign_;
  const bool adds_up = campaign.left >= 0 && campaign.left + campaign.issued == campaign.registered;
  expect(PropertyId::kCpn6, adds_up, "coupon", campaign.campaign, at, [&] {
    return "campaign " + to_text(campaign.campaign) + " has issued " +
           std::to_string(campaign.issued) + " of " + std::to_string(campaign.registered) +
           " coupons and has " + std::to_string(campaign.left) + " left";
  });
  campaign_ = nullptr;
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
  struct Use {
    sim::Subject coupon;
    bool completed;
  };
  std::vector<Use> uses;
  for (const OrderTruth& order : truth_.orders()) {
    if (order.exists && !order.row.facts.coupon.none()) {
      uses.push_back({order.row.facts.coupon, order.done()});
    }
  }
  const auto by_coupon = [](const Use& a, const Use& b) { return a.coupon < b.coupon; };
  std::stable_sort(uses.begin(), uses.end(), by_coupon);
  for (const CouponTruth& coupon : truth_.coupons()) {
    const auto [first, last] =
        std::equal_range(uses.begin(), uses.end(), Use{coupon.coupon, false}, by_coupon);
    if (!coupon.exists || first == last) {
      continue;
    }
    const auto completed = std::count_if(first, last, [](const Use& use) { return use.completed; });
    const bool held = !coupon.holder.none();
    expect(PropertyId::kCpn3, completed == (held ? 1 : 0), "coupon", coupon.coupon, at, [&] {
      return "coupon " + to_text(coupon.coupon) + " is " +
             (held ? "held by " + order_text(coupon.holder) : std::string("unused")) + ", but " +
             std::to_string(completed) + " completed orders used it";
    });
  }
}

}  // namespace sagasim::domain
