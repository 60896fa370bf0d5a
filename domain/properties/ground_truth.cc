#include "domain/properties/ground_truth.h"

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
    findings_.push_back(Finding{property, kind, subject, at, std::move(message)});
  }
}

GroundTruth::GroundTruth(const Workload& workload) {
  for (const InitialUser& user : workload.users) {
    users_.push_back(UserTruth{user.user, user.balance, user.balance, user.balance});
    total_balance = add(total_balance, user.balance);
    total_charged = add(total_charged, user.balance);
  }
  for (const InitialProduct& product : workload.products) {
    products_.push_back(
        ProductTruth{product.product, product.price, product.stock, product.stock, 0});
  }
  for (const InitialCoupon& coupon : workload.coupons) {
    coupons_.push_back(
        CouponTruth{coupon.coupon, coupon.owner, coupon.rate_bp, coupon.expires, {}});
  }
  orders_.reserve(workload.commands.size());
  for (const Command& command : workload.commands) {
    const std::uint32_t customer = command.name.major() - 1;
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

OrderTruth* GroundTruth::order(sim::Subject name) {
  const std::uint32_t customer = name.major() - 1;
  const std::uint32_t number = name.minor() - 1;
  if (customer >= by_customer_.size() || number >= by_customer_[customer].size()) {
    return nullptr;
  }
  const std::uint32_t place = by_customer_[customer][number];
  return place == kNowhere ? nullptr : &orders_[place];
}

UserTruth* GroundTruth::user(sim::Subject name) { return find(users_, name, &UserTruth::user); }

ProductTruth* GroundTruth::product(sim::Subject name) {
  return find(products_, name, &ProductTruth::product);
}

CouponTruth* GroundTruth::coupon(sim::Subject name) {
  return find(coupons_, name, &CouponTruth::coupon);
}

std::string money_text(Money amount) {
  std::string digits = std::to_string(amount < 0 ? -amount : amount);
  for (auto place = static_cast<int>(digits.size()) - 3; place > 0; place -= 3) {
    digits.insert(static_cast<std::string::size_type>(place), ",");
  }
  return (amount < 0 ? "-" : "") + digits + " KRW";
}

}  // namespace sagasim::domain
