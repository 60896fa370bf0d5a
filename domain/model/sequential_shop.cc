#include "domain/model/sequential_shop.h"

#include <algorithm>
#include <cstddef>

namespace sagasim::domain::model {
namespace {

constexpr std::size_t kPermuted = 6;

template <class Value>
Value found(const std::map<sim::Subject, Value>& book, sim::Subject name) {
  const auto entry = book.find(name);
  return entry == book.end() ? Value{} : entry->second;
}

// A coupon of a campaign is named after both.
sim::Subject campaign(sim::Subject coupon) { return sim::Subject(coupon.letter(), coupon.major()); }

}  // namespace

SequentialShop::SequentialShop(const Workload& workload) {
  for (const InitialUser& user : workload.users) {
    balances_[user.user] = user.balance;
  }
  for (const InitialProduct& product : workload.products) {
    stocks_[product.product] = product.stock;
  }
  for (const InitialCoupon& coupon : workload.coupons) {
    rates_[coupon.coupon] = coupon.rate_bp;
    owners_[coupon.coupon] = coupon.owner;
  }
  for (const InitialCampaign& each : workload.campaigns) {
    rates_[each.campaign] = each.rate_bp;
  }
}

void SequentialShop::charge(sim::Subject user, Money amount) { balances_[user] += amount; }

void SequentialShop::restock(sim::Subject product, std::int64_t quantity) {
  stocks_[product] += quantity;
}

// What is off is rounded down, so what remains is the rest of the hundred percent rounded up.
Money SequentialShop::price_of(const Purchase& purchase) const {
  __extension__ using Wide = __int128;
  Wide gross = 0;
  for (const Purchase::Line& line : purchase.lines) {
    gross += static_cast<Wide>(line.quantity) * line.price;
  }
  if (purchase.coupon.none()) {
    return static_cast<Money>(gross);
  }
  const sim::Subject rated =
      purchase.coupon.minor() == 0 ? purchase.coupon : campaign(purchase.coupon);
  const Wide remaining = 10'000 - static_cast<Wide>(found(rates_, rated));
  return static_cast<Money>((gross * remaining + 9'999) / 10'000);
}

bool SequentialShop::sell(const Purchase& purchase) {
  const Money price = price_of(purchase);
  if (balance(purchase.user) < price) {
    return false;
  }
  std::map<sim::Subject, std::int64_t> wanted;
  for (const Purchase::Line& line : purchase.lines) {
    wanted[line.product] += line.quantity;
  }
  for (const auto& [product, quantity] : wanted) {
    if (stock(product) < quantity) {
      return false;
    }
  }
  if (!purchase.coupon.none()) {
    const bool own = purchase.coupon.minor() == 0
                         ? found(owners_, purchase.coupon) == purchase.user
                         : purchase.coupon.minor() == purchase.user.major();
    if (!own || !holder(purchase.coupon).none()) {
      return false;
    }
    holders_[purchase.coupon] = purchase.order;
  }
  for (const auto& [product, quantity] : wanted) {
    stocks_[product] -= quantity;
  }
  balances_[purchase.user] -= price;
  paid_[purchase.order] = price;
  return true;
}

Money SequentialShop::balance(sim::Subject user) const { return found(balances_, user); }
std::int64_t SequentialShop::stock(sim::Subject product) const { return found(stocks_, product); }
sim::Subject SequentialShop::holder(sim::Subject coupon) const { return found(holders_, coupon); }
Money SequentialShop::paid(sim::Subject order) const { return found(paid_, order); }

bool sell_all(SequentialShop& shop, std::vector<Purchase> purchases) {
  std::vector<std::size_t> order(purchases.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  const bool permutes = purchases.size() <= kPermuted;
  do {
    SequentialShop attempt = shop;
    const bool sold = std::all_of(order.begin(), order.end(),
                                  [&](std::size_t i) { return attempt.sell(purchases[i]); });
    if (sold) {
      shop = std::move(attempt);
      return true;
    }
  } while (permutes && std::next_permutation(order.begin(), order.end()));
  return false;
}

}  // namespace sagasim::domain::model
