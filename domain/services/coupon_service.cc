#include "domain/services/coupon_service.h"

#include "domain/names.h"

namespace sagasim::domain {
namespace {

// Whether the coupon can still be used at that reading of the clock, whoever holds it.
bool is_valid(const UserCouponRow& coupon, const std::optional<CampaignRow>& campaign,
              sim::Instant now) {
  if (campaign && (campaign->status == CampaignStatus::kCanceled || now > campaign->expires)) {
    return false;
  }
  return now <= coupon.expires;
}

}  // namespace

CouponStore::CouponStore(Backing& backing)
    : Store(backing),
      campaigns(database.add_table<CampaignRow>("campaigns")),
      coupons(database.add_table<UserCouponRow>("user_coupons")),
      participants(database.add_table<ParticipantRow>("coupon_participants")) {}

CouponService::CouponService(const Ports& ports, CouponStore& store)
    : Participant(ports, store.participants, EventType::kCouponUsed, EventType::kCouponUseFailed),
      tables_(store) {}

sim::Task<sim::Handled> CouponService::handle(sim::Context context, Event event) {
  return take_part(context, event);
}

sim::Task<Reason> CouponService::apply(sim::Context context, UnitOfWork* work, OrderFacts facts) {
  if (facts.coupon.none()) {
    co_return Reason::kNone;
  }
  sim::Transaction& transaction = work->transaction();
  const sim::Subject of = campaign_of(facts.coupon);
  std::optional<CampaignRow> campaign;
  if (!of.none()) {
    auto sharing = transaction.lock(tables_.campaigns, sim::key_of(of));
    campaign = co_await sharing;
  }
  std::optional<UserCouponRow> coupon;
  if (policy().coupon_use == CouponUse::kLocked) {
    auto locking = transaction.lock(tables_.coupons, sim::key_of(facts.coupon));
    coupon = co_await locking;
  } else {
    auto reading = transaction.read(tables_.coupons, sim::key_of(facts.coupon));
    coupon = co_await reading;
  }
  const sim::Instant now = context.clock();
  const bool owned =
      coupon && (coupon->owner == facts.user || policy().coupon_owner == Switch::kOff);
  if (!owned || !coupon->used_by.none() || !is_valid(*coupon, campaign, now)) {
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
  const bool unchecked = policy().coupon_return == CouponReturn::kUnchecked;
  if (coupon && (coupon->used_by == facts.order || unchecked)) {
    coupon->used_by = sim::Subject();
    coupon->used_at = sim::Instant();
    transaction.update(tables_.coupons, *coupon);
  }
}

sim::Task<sim::Payload> CouponService::answer(sim::Context context, sim::Name method,
                                              sim::Payload request) {
  if (method == method::kGetCoupon) {
    auto reading = get(context, request.as<Lookup>());
    const LookupReply reply = co_await std::move(reading);
    co_return sim::Payload::of(context.frame_pool(), reply);
  }
  auto work = method == method::kIssueCoupon   ? issue(context, request.as<IssueCoupon>())
              : method == method::kSetCampaign ? set_campaign(context, request.as<SetCampaign>())
                                               : expire(context, request.as<ExpireCoupon>());
  const CommandReply reply = co_await std::move(work);
  co_return sim::Payload::of(context.frame_pool(), reply);
}

// Only a hint for those who place an order: what counts is what holds when the coupon is used.
sim::Task<LookupReply> CouponService::get(sim::Context context, Lookup request) {
  sim::Transaction transaction(tables_.database, context);
  const sim::Subject of = campaign_of(request.what);
  std::optional<CampaignRow> campaign;
  if (!of.none()) {
    auto looking = transaction.read(tables_.campaigns, sim::key_of(of));
    campaign = co_await looking;
  }
  auto reading = transaction.read(tables_.coupons, sim::key_of(request.what));
  const std::optional<UserCouponRow> coupon = co_await reading;
  LookupReply reply;
  reply.available = !transaction.failed();
  reply.found = coupon.has_value();
  reply.usable = coupon && coupon->used_by.none() && is_valid(*coupon, campaign, context.clock());
  reply.rate_bp = coupon ? coupon->rate_bp : 0;
  co_return reply;
}

}  // namespace sagasim::domain
