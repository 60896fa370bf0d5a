#include "domain/model/sequential_counter.h"

namespace sagasim::domain::model {
namespace {

// The most that the shop knows of: an account, a price, a shelf.
constexpr Money kAccountMost = 10'000'000;
constexpr Money kPriceMost = 1'000'000'000;
constexpr std::int64_t kShelfMost = 1'000'000'000;

sim::Subject whole(sim::Subject coupon) { return sim::Subject(coupon.letter(), coupon.major()); }
bool is_of_campaign(sim::Subject coupon) { return coupon.minor() != 0; }

}  // namespace

SequentialCounter::SequentialCounter(const Workload& workload) : shop_(workload) {
  for (const InitialProduct& product : workload.products) {
    goods_[product.product] = {product.price, product.status};
  }
  for (const InitialCampaign& campaign : workload.campaigns) {
    offers_[campaign.campaign] = {campaign.status, campaign.quantity, campaign.expires};
  }
  for (const InitialCoupon& coupon : workload.coupons) {
    coupons_[coupon.coupon] = coupon.expires;
  }
}

bool SequentialCounter::was_issued(sim::Subject coupon) const { return coupons_.contains(coupon); }

bool SequentialCounter::serve(const Command& command) {
  switch (command.kind) {
    case CommandKind::kCreateOrder:
      return sell(command);
    case CommandKind::kCharge:
      return charge(command);
    case CommandKind::kIssueCoupon:
      return issue(command);
    case CommandKind::kExpireCoupon:
      return expire(command);
    case CommandKind::kReprice:
      return reprice(command);
    case CommandKind::kRestock:
      return restock(command);
    case CommandKind::kStopSelling:
      return set_selling(command.product, false);
    case CommandKind::kResumeSelling:
      return set_selling(command.product, true);
    case CommandKind::kOpenCampaign:
      return open(command.coupon);
    case CommandKind::kCancelCampaign:
      return cancel(command.coupon);
    case CommandKind::kCancelOrder:
    case CommandKind::kRepeatOrder:
    case CommandKind::kReuseKey:
    case CommandKind::kGetOrder:
    case CommandKind::kGetBalance:
    case CommandKind::kGetTop:
      return false;
  }
  return false;
}

bool SequentialCounter::is_good(sim::Subject coupon, sim::Instant now) const {
  const auto mine = coupons_.find(coupon);
  if (mine == coupons_.end() || now > mine->second) {
    return false;
  }
  if (!is_of_campaign(coupon)) {
    return true;
  }
  const Offer& offer = offers_.at(whole(coupon));
  return offer.status != CampaignStatus::kCanceled && now <= offer.ends;
}

bool SequentialCounter::sell(const Command& command) {
  if (command.lines.empty() || (!command.coupon.none() && !is_good(command.coupon, command.at))) {
    return false;
  }
  Purchase purchase{command.name, command.user, command.coupon, {}};
  for (const CommandLine& line : command.lines) {
    const auto good = goods_.find(line.product);
    if (good == goods_.end() || good->second.status != SellStatus::kSelling || line.quantity == 0) {
      return false;
    }
    purchase.lines.push_back({line.product, line.quantity, good->second.price});
  }
  return shop_.sell(purchase);
}

bool SequentialCounter::charge(const Command& command) {
  const bool fits = command.amount > 0 && command.amount <= kAccountMost &&
                    shop_.balance(command.user) <= kAccountMost - command.amount;
  if (fits) {
    shop_.charge(command.user, command.amount);
  }
  return fits;
}

bool SequentialCounter::issue(const Command& command) {
  const auto found = offers_.find(command.coupon);
  const sim::Subject coupon(command.coupon.letter(), command.coupon.major(), command.user.major());
  if (found == offers_.end() || was_issued(coupon)) {
    return false;
  }
  Offer& offer = found->second;
  if (offer.status != CampaignStatus::kPublishable || offer.left == 0 || command.at > offer.ends) {
    return false;
  }
  coupons_[coupon] = sim::kNever;
  offer.left -= 1;
  if (offer.left == 0) {
    offer.status = CampaignStatus::kFinished;
  }
  return true;
}

bool SequentialCounter::expire(const Command& command) {
  sim::Instant* ends = nullptr;
  if (const auto offer = offers_.find(command.coupon); offer != offers_.end()) {
    ends = &offer->second.ends;
  } else if (const auto coupon = coupons_.find(command.coupon); coupon != coupons_.end()) {
    ends = &coupon->second;
  }
  if (ends == nullptr || *ends <= command.at) {
    return false;
  }
  *ends = command.at;
  return true;
}

bool SequentialCounter::reprice(const Command& command) {
  const auto good = goods_.find(command.product);
  if (good == goods_.end() || command.amount <= 0 || command.amount > kPriceMost) {
    return false;
  }
  good->second.price = command.amount;
  return true;
}

bool SequentialCounter::restock(const Command& command) {
  const bool fits = goods_.contains(command.product) && command.amount > 0 &&
                    command.amount <= kShelfMost &&
                    shop_.stock(command.product) <= kShelfMost - command.amount;
  if (fits) {
    shop_.restock(command.product, command.amount);
  }
  return fits;
}

bool SequentialCounter::set_selling(sim::Subject product, bool selling) {
  const auto good = goods_.find(product);
  if (good == goods_.end()) {
    return false;
  }
  const bool sells = good->second.status == SellStatus::kSelling;
  if (sells != selling) {
    good->second.status = selling ? SellStatus::kSelling : SellStatus::kStopped;
  }
  return sells != selling;
}

bool SequentialCounter::open(sim::Subject campaign) {
  const auto found = offers_.find(campaign);
  const bool can = found != offers_.end() && (found->second.status == CampaignStatus::kRegistered ||
                                              found->second.status == CampaignStatus::kCanceled);
  if (can) {
    found->second.status = CampaignStatus::kPublishable;
  }
  return can;
}

bool SequentialCounter::cancel(sim::Subject campaign) {
  const auto found = offers_.find(campaign);
  const bool can = found != offers_.end() && (found->second.status == CampaignStatus::kRegistered ||
                                              found->second.status == CampaignStatus::kPublishable);
  if (can) {
    found->second.status = CampaignStatus::kCanceled;
  }
  return can;
}

}  // namespace sagasim::domain::model
