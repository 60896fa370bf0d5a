#include "domain/properties/ground_truth.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace sagasim::domain {
namespace {

constexpr std::uint32_t kNowhere = UINT32_MAX;
constexpr std::vector<Reporter::Finding>::size_type kMaxFindings = 200;

// Initial subjects are numbered from 1 without gaps unless a person edited the file; so the number
// is a good guess of the place.
template <class Truth>
Truth* find(std::vector<Truth>& all, sim::Subject name, sim::Subject Truth::* key) {
  const std::uint32_t guess = name.major() - 1;
  if (guess < all.size() && all[guess].*key == name) {
    return &all[guess];
  }
  for (Truth& truth : all) {
    if (truth.*key == name) {
      return &truth;
    }
  }
  return nullptr;
}

// 0 for the manager.
std::uint32_t customer_of(sim::Subject command) {
  return command.letter() == 'm' ? 0 : command.major();
}

}  // namespace

const char* to_text(Party party) {
  switch (party) {
    case Party::kBalance:
      return "balance";
    case Party::kCoupon:
      return "coupon";
    case Party::kStock:
      return "stock";
  }
  return "?";
}

Reporter::Reporter() : evaluated_(kPropertyCount) {}

void Reporter::report(PropertyId property, const char* kind, sim::Subject subject, sim::Instant at,
                      std::string message) {
  for (const Finding& known : findings_) {
    if (known.property == property && known.subject == subject) {
      return;
    }
  }
  if (findings_.size() < kMaxFindings) {
    findings_.push_back(Finding{property, kind, subject, at, std::move(message), operation_});
  }
}

bool UserTruth::had(Money amount, sim::Instant since, sim::Instant until) const {
  for (std::size_t i = amounts.size(); i-- > 0;) {
    if (amounts[i].from <= until && amounts[i].amount == amount) {
      return true;
    }
    if (amounts[i].from <= since) {
      return false;  // what was before that was over by then
    }
  }
  return false;
}

Money UserTruth::most(sim::Instant since, sim::Instant until) const {
  Money most = 0;
  for (std::size_t i = amounts.size(); i-- > 0;) {
    most = amounts[i].from <= until ? std::max(most, amounts[i].amount) : most;
    if (amounts[i].from <= since) {
      break;
    }
  }
  return most;
}

bool ProductTruth::cost(Money price, sim::Instant since, sim::Instant until) const {
  for (std::size_t i = offers.size(); i-- > 0;) {
    if (offers[i].from <= until && offers[i].price == price) {
      return true;
    }
    if (offers[i].from <= since) {
      return false;
    }
  }
  return false;
}

bool ProductTruth::sold(sim::Instant since, sim::Instant until) const {
  for (std::size_t i = offers.size(); i-- > 0;) {
    if (offers[i].from <= until && offers[i].status == SellStatus::kSelling) {
      return true;
    }
    if (offers[i].from <= since) {
      return false;
    }
  }
  return false;
}

bool CouponTruth::valid(sim::Instant reading) const {
  const bool withdrawn = campaign != nullptr && (campaign->status == CampaignStatus::kCanceled ||
                                                 reading > campaign->expires);
  return exists && !withdrawn && reading <= expires;
}

GroundTruth::GroundTruth(const Workload& workload) {
  for (const InitialUser& user : workload.users) {
    users_.push_back(UserTruth{
        user.user, user.balance, user.balance, user.balance, {{sim::kStart, user.balance}}});
    total_balance = add(total_balance, user.balance);
    total_charged = add(total_charged, user.balance);
  }
  for (const InitialProduct& product : workload.products) {
    products_.push_back(ProductTruth{product.product,
                                     product.stock,
                                     product.stock,
                                     0,
                                     0,
                                     {{sim::kStart, product.price, product.status}}});
  }
  for (const InitialCampaign& campaign : workload.campaigns) {
    campaigns_.push_back(CampaignTruth{campaign.campaign, campaign.rate_bp, campaign.quantity,
                                       campaign.quantity, 0, campaign.status, campaign.expires});
  }
  for (const InitialCoupon& coupon : workload.coupons) {
    coupons_.push_back(
        CouponTruth{coupon.coupon, coupon.owner, coupon.rate_bp, coupon.expires, {}});
  }
  first_issued_ = coupons_.size();
  for (const CampaignTruth& campaign : campaigns_) {
    for (const UserTruth& user : users_) {
      coupons_.push_back(CouponTruth{coupon_of(campaign.campaign, user.user),
                                     user.user,
                                     campaign.rate_bp,
                                     sim::kNever,
                                     {},
                                     false,
                                     &campaign});
    }
  }
  orders_.reserve(workload.commands.size());
  for (const Command& command : workload.commands) {
    const std::uint32_t customer = customer_of(command.name);
    const std::uint32_t number = command.name.minor() - 1;
    if (by_customer_.size() <= customer) {
      by_customer_.resize(customer + 1);
    }
    auto& places = by_customer_[customer];
    if (places.size() <= number) {
      places.resize(number + 1, kNowhere);
    }
    places[number] = static_cast<std::uint32_t>(orders_.size());
    orders_.emplace_back().command = &command;
  }
}

OrderTruth* GroundTruth::adopt(sim::Subject name) {
  const sim::Subject request = request_behind(name);
  const OrderTruth* first = request == name ? nullptr : order(request);
  if (first == nullptr) {
    return nullptr;
  }
  const Command* command = first->command;
  adopted_.emplace_back(name, static_cast<std::uint32_t>(orders_.size()));
  orders_.emplace_back().command = command;
  return &orders_.back();
}

const OrderTruth* GroundTruth::order(sim::Subject name) const {
  if (request_behind(name) != name) [[unlikely]] {
    for (const auto& [known, place] : adopted_) {
      if (known == name) {
        return &orders_[place];
      }
    }
    return nullptr;
  }
  const std::uint32_t customer = customer_of(name);
  const std::uint32_t number = name.minor() - 1;
  if (customer >= by_customer_.size() || number >= by_customer_[customer].size()) {
    return nullptr;
  }
  const std::uint32_t place = by_customer_[customer][number];
  return place == kNowhere ? nullptr : &orders_[place];
}

OrderTruth* GroundTruth::order(sim::Subject name) {
  return const_cast<OrderTruth*>(std::as_const(*this).order(name));
}

UserTruth* GroundTruth::user(sim::Subject name) { return find(users_, name, &UserTruth::user); }

ProductTruth* GroundTruth::product(sim::Subject name) {
  return find(products_, name, &ProductTruth::product);
}

CouponTruth* GroundTruth::coupon(sim::Subject name) {
  const CampaignTruth* campaign = name.minor() == 0 ? nullptr : this->campaign(campaign_of(name));
  if (campaign == nullptr) {
    return find(coupons_, name, &CouponTruth::coupon);
  }
  const UserTruth* owner = user(sim::Subject('u', name.minor()));
  if (owner == nullptr) {
    return nullptr;
  }
  const auto row = static_cast<std::size_t>(campaign - campaigns_.data());
  const auto column = static_cast<std::size_t>(owner - users_.data());
  return &coupons_[first_issued_ + row * users_.size() + column];
}

CampaignTruth* GroundTruth::campaign(sim::Subject name) {
  return find(campaigns_, name, &CampaignTruth::campaign);
}

std::string money_text(Money amount) {
  std::string digits = std::to_string(amount < 0 ? -amount : amount);
  for (auto place = static_cast<int>(digits.size()) - 3; place > 0; place -= 3) {
    digits.insert(static_cast<std::string::size_type>(place), ",");
  }
  return (amount < 0 ? "-" : "") + digits + " KRW";
}

}  // namespace sagasim::domain
