// Coupon: discounts that users hold. A coupon is used by one order at a time, and only that order
// can give it back (G14).
#pragma once

#include "domain/participant.h"
#include "sim/network.h"

namespace sagasim::domain {

struct UserCouponRow {
  sim::Subject coupon;
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

struct CouponStore : Store {
  CouponStore(sim::World& world, sim::Node& server, const sim::DatabaseOptions& options);
  sim::Table<UserCouponRow>& coupons;
  sim::Table<ParticipantRow>& participants;
};

class CouponService final : public Participant {
 public:
  CouponService(const Ports& ports, CouponStore& store);

  sim::Task<sim::Payload> serve(sim::Context context, sim::Name method,
                                sim::Payload request) override;
  sim::Task<sim::Handled> consume(sim::Context context, sim::Delivery delivery) override;

 protected:
  sim::Task<Reason> apply(sim::Context context, UnitOfWork* work, OrderFacts facts) override;
  sim::Task<> compensate(sim::Context context, UnitOfWork* work, OrderFacts facts) override;

 private:
  CouponStore& tables_;
};

}  // namespace sagasim::domain
