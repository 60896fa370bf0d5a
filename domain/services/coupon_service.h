// Coupon: discounts that users hold. A coupon is used by one order at a time, and only that order
// can give it back. A campaign hands out coupons to those who come first, one to each (G14).
#pragma once

#include "domain/participant.h"
#include "sim/network.h"

namespace sagasim::domain {

struct UserCouponRow {
  sim::Subject coupon;  // k1; or d1.2: issued of campaign d1 to u2, so nobody gets two of one
  sim::Subject owner;
  std::uint32_t rate_bp = 0;
  sim::Instant expires = sim::kNever;
  sim::Subject used_by;    // the order that holds it; none: unused
  sim::Instant used_at{};  // by the coupon service's clock
  sim::RowKey key() const { return sim::key_of(coupon); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("coupon", self.coupon);
    visit("owner", self.owner);
    visit("rate_bp", self.rate_bp);
    visit("expires", self.expires);
    visit("used_by", self.used_by);
    visit("used_at", self.used_at);
  }
};

// A campaign's end and its being canceled hold for every coupon that was issued of it. Whoever uses
// or issues one locks the campaign first and the coupon then.
struct CampaignRow {
  sim::Subject campaign;
  std::uint32_t rate_bp = 0;
  std::int64_t quantity = 0;  // that are left to issue
  CampaignStatus status = CampaignStatus::kRegistered;
  sim::Instant expires = sim::kNever;
  sim::RowKey key() const { return sim::key_of(campaign); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("campaign", self.campaign);
    visit("rate_bp", self.rate_bp);
    visit("quantity", self.quantity);
    visit("status", self.status);
    visit("expires", self.expires);
  }
};

// Whether the status may change like that by a command; that a campaign is finished comes by
// itself.
bool may_become(CampaignStatus from, CampaignStatus to);

struct CouponStore : Store {
  explicit CouponStore(Backing& backing);
  sim::Table<CampaignRow>& campaigns;
  sim::Table<UserCouponRow>& coupons;
  sim::Table<ParticipantRow>& participants;
};

// The campaign that a coupon is of; none if it was there from the start.
constexpr sim::Subject campaign_of(sim::Subject coupon) {
  return coupon.minor() == 0 ? sim::Subject() : sim::Subject(coupon.letter(), coupon.major());
}

class CouponService final : public Participant {
 public:
  CouponService(const Ports& ports, CouponStore& store);

  sim::Task<sim::Handled> handle(sim::Context context, Event event) override;

 protected:
  sim::Task<sim::Payload> answer(sim::Context context, sim::Name method,
                                 sim::Payload request) override;
  sim::Task<Reason> apply(sim::Context context, UnitOfWork* work, OrderFacts facts) override;
  sim::Task<> compensate(sim::Context context, UnitOfWork* work, OrderFacts facts) override;

 private:
  sim::Task<LookupReply> get(sim::Context context, Lookup request);

  // --- campaigns ---
  sim::Task<CommandReply> issue(sim::Context context, IssueCoupon request);
  sim::Task<CommandReply> set_campaign(sim::Context context, SetCampaign request);
  sim::Task<CommandReply> expire(sim::Context context, ExpireCoupon request);

  CouponStore& tables_;
};

}  // namespace sagasim::domain
