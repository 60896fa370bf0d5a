// Campaigns: coupons for those who come first, one to each user while they last.
#include "domain/services/coupon_service.h"

namespace sagasim::domain {

bool may_become(CampaignStatus from, CampaignStatus to) {
  switch (to) {
    case CampaignStatus::kPublishable:
      return from == CampaignStatus::kRegistered || from == CampaignStatus::kCanceled;
    case CampaignStatus::kCanceled:
      return from == CampaignStatus::kRegistered || from == CampaignStatus::kPublishable;
    case CampaignStatus::kRegistered:
    case CampaignStatus::kFinished:
      return false;
  }
  return false;
}

// The campaign's row is locked, so that those who come at once are counted one after the other;
// that nobody gets two, the key of the coupon sees to as well.
sim::Task<CommandReply> CouponService::issue(sim::Context context, IssueCoupon request) {
  const std::uint64_t body = sim::digest_of(request);
  UnitOfWork work(*this, context);
  auto remembering = work.answered(request.key, body);
  const std::optional<CommandReply> known = co_await std::move(remembering);
  if (known) {
    co_return *known;
  }
  sim::Transaction& transaction = work.transaction();
  auto locking = transaction.lock(tables_.campaigns, sim::key_of(request.campaign));
  std::optional<CampaignRow> campaign = co_await locking;
  const sim::Subject coupon = coupon_of(request.campaign, request.user);
  auto looking = transaction.read(tables_.coupons, sim::key_of(coupon));
  const std::optional<UserCouponRow> held = co_await looking;
  const bool publishable = campaign && campaign->status == CampaignStatus::kPublishable &&
                           campaign->quantity > 0 && context.clock() <= campaign->expires;
  CommandReply reply{Answer::kRejected, {}};
  if (publishable && !held) {
    --campaign->quantity;
    if (campaign->quantity == 0) {
      campaign->status = CampaignStatus::kFinished;
    }
    transaction.update(tables_.campaigns, *campaign);
    transaction.insert(tables_.coupons,
                       UserCouponRow{coupon, request.user, campaign->rate_bp, sim::kNever, {}, {}});
    reply.answer = Answer::kAccepted;
  }
  auto answering = work.answer(request.key, body, reply);
  const CommandReply kept = co_await std::move(answering);
  co_return kept;
}

sim::Task<CommandReply> CouponService::set_campaign(sim::Context context, SetCampaign request) {
  const std::uint64_t body = sim::digest_of(request);
  UnitOfWork work(*this, context);
  auto remembering = work.answered(request.key, body);
  const std::optional<CommandReply> known = co_await std::move(remembering);
  if (known) {
    co_return *known;
  }
  sim::Transaction& transaction = work.transaction();
  auto locking = transaction.lock(tables_.campaigns, sim::key_of(request.campaign));
  std::optional<CampaignRow> campaign = co_await locking;
  CommandReply reply{Answer::kRejected, {}};
  if (campaign && may_become(campaign->status, request.status)) {
    campaign->status = request.status;
    transaction.update(tables_.campaigns, *campaign);
    reply.answer = Answer::kAccepted;
  }
  auto answering = work.answer(request.key, body, reply);
  const CommandReply kept = co_await std::move(answering);
  co_return kept;
}

// Orders that hold the coupon, or one of the campaign, keep it.
sim::Task<CommandReply> CouponService::expire(sim::Context context, ExpireCoupon request) {
  const std::uint64_t body = sim::digest_of(request);
  UnitOfWork work(*this, context);
  auto remembering = work.answered(request.key, body);
  const std::optional<CommandReply> known = co_await std::move(remembering);
  if (known) {
    co_return *known;
  }
  sim::Transaction& transaction = work.transaction();
  auto locking_campaign = transaction.lock(tables_.campaigns, sim::key_of(request.coupon));
  std::optional<CampaignRow> campaign = co_await locking_campaign;
  auto locking_coupon = transaction.lock(tables_.coupons, sim::key_of(request.coupon));
  std::optional<UserCouponRow> coupon = co_await locking_coupon;
  const sim::Instant now = context.clock();
  CommandReply reply{Answer::kRejected, {}};
  if (campaign && now < campaign->expires) {
    campaign->expires = now;
    transaction.update(tables_.campaigns, *campaign);
    reply.answer = Answer::kAccepted;
  } else if (coupon && now < coupon->expires) {
    coupon->expires = now;
    transaction.update(tables_.coupons, *coupon);
    reply.answer = Answer::kAccepted;
  }
  auto answering = work.answer(request.key, body, reply);
  const CommandReply kept = co_await std::move(answering);
  co_return kept;
}

}  // namespace sagasim::domain
