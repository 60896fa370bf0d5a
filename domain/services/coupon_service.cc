#include "domain/services/coupon_service.h"

#include "domain/names.h"

namespace sagasim::domain {

CouponStore::CouponStore(sim::World& world, sim::Node& server, const sim::DatabaseOptions& options)
    : Store(world, server, "coupon-db", options),
      coupons(database.add_table<UserCouponRow>("user_coupons")),
      participants(database.add_table<ParticipantRow>("coupon_participants")) {}

CouponService::CouponService(const Ports& ports, CouponStore& store)
    : Participant(ports, store.participants, EventType::kCouponUsed, EventType::kCouponUseFailed),
      tables_(store) {}

sim::Task<sim::Handled> CouponService::consume(sim::Context context, sim::Delivery delivery) {
  return take_part(context, delivery.record->payload.as<Event>());
}

sim::Task<Reason> CouponService::apply(sim::Context context, UnitOfWork* work, OrderFacts facts) {
  if (facts.coupon.none()) {
    co_return Reason::kNone;
  }
  sim::Transaction& transaction = work->transaction();
  auto locking = transaction.lock(tables_.coupons, sim::key_of(facts.coupon));
  std::optional<UserCouponRow> coupon = co_await locking;
  const sim::Instant now = context.clock();
  if (!coupon || coupon->owner != facts.user || !coupon->used_by.none() || now > coupon->expires) {
    co_return Reason::kCouponUnusable;
  }
  coupon->used_by = facts.order;
  coupon->used_at = now;
  transaction.update(tables_.coupons, *coupon);
  co_return Reason::kNone;
}

sim::Task<> CouponService::compensate([[maybe_unused]] sim::Context context, UnitOfWork* work,
                                      OrderFacts facts) {
  if (facts.coupon.none()) {
    co_return;
  }
  sim::Transaction& transaction = work->transaction();
  auto locking = transaction.lock(tables_.coupons, sim::key_of(facts.coupon));
  std::optional<UserCouponRow> coupon = co_await locking;
  if (coupon && coupon->used_by == facts.order) {
    coupon->used_by = sim::Subject();
    coupon->used_at = sim::Instant();
    transaction.update(tables_.coupons, *coupon);
  }
}

sim::Task<sim::Payload> CouponService::serve(sim::Context context,
                                             [[maybe_unused]] sim::Name method,
                                             sim::Payload request) {
  sim::Transaction transaction(tables_.database, context);
  auto reading = transaction.read(tables_.coupons, sim::key_of(request.as<Lookup>().what));
  const std::optional<UserCouponRow> coupon = co_await reading;
  LookupReply reply;
  reply.available = !transaction.failed();
  reply.found = coupon.has_value();
  reply.usable = coupon && coupon->used_by.none() && context.clock() <= coupon->expires;
  reply.rate_bp = coupon ? coupon->rate_bp : 0;
  co_return sim::Payload::of(context.frame_pool(), reply);
}

}  // namespace sagasim::domain
