#include "domain/properties/serial.h"

#include <algorithm>

#include "domain/model/sequential_shop.h"

namespace sagasim::domain {
namespace {

model::Purchase purchase_of(const OrderTruth& order) {
  const OrderFacts& facts = order.row.facts;
  model::Purchase purchase{facts.order, facts.user, facts.coupon, {}};
  for (const OrderLine& line : facts.lines) {
    purchase.lines.push_back({line.product, line.quantity, line.unit_price});
  }
  return purchase;
}

}  // namespace

// Charges and restocks happened, whenever they did; so did the prices, which MON-7 looks after. All
// that orders do to each other is take something away, so facts go first.
void SerialProperties::at_end(const Workload& workload, sim::Instant at) {
  std::vector<const OrderTruth*> done;
  for (const OrderTruth& order : truth_.orders()) {
    if (order.done()) {
      done.push_back(&order);
    }
  }
  std::stable_sort(done.begin(), done.end(), [](const OrderTruth* one, const OrderTruth* two) {
    return one->ended != two->ended ? one->ended < two->ended
                                    : one->command->name < two->command->name;
  });
  model::SequentialShop shop(workload);
  for (std::size_t i = 0; i < truth_.users().size(); ++i) {
    const UserTruth& user = truth_.users()[i];
    shop.charge(user.user, user.charged - workload.users[i].balance);
  }
  for (const ProductTruth& product : truth_.products()) {
    shop.restock(product.product, product.restocked);
  }
  std::vector<model::Purchase> purchases;
  for (const OrderTruth* order : done) {
    purchases.push_back(purchase_of(*order));
  }
  const bool possible = model::sell_all(shop, std::move(purchases));
  expect(PropertyId::kMet14, possible, "order", sim::Subject(), at, [&] {
    return "no shop that serves one customer after the other could have completed these " +
           std::to_string(done.size()) + " orders";
  });
  if (!possible) {
    return;
  }
  for (const OrderTruth* order : done) {
    const sim::Subject name = order->command->name;
    expect(PropertyId::kMet14, order->captured - order->given_back == shop.paid(name), "order",
           name, at, [&] {
             return "served one after the other, " + order_text(name) + " costs " +
                    money_text(shop.paid(name)) + "; the gateway keeps " +
                    money_text(order->captured - order->given_back);
           });
  }
  for (const UserTruth& user : truth_.users()) {
    expect(PropertyId::kMet14, user.balance == shop.balance(user.user), "balance", user.user, at,
           [&] {
             return "served one after the other, " + to_text(user.user) + " is left with " +
                    money_text(shop.balance(user.user)) + " instead of " + money_text(user.balance);
           });
  }
  for (const ProductTruth& product : truth_.products()) {
    const std::int64_t left = shop.stock(product.product);
    expect(PropertyId::kMet14, product.quantity == left, "stock", product.product, at, [&] {
      return "served one after the other, " + std::to_string(left) + " of " +
             to_text(product.product) + " are left instead of " + std::to_string(product.quantity);
    });
  }
  for (const CouponTruth& coupon : truth_.coupons()) {
    const sim::Subject holder = shop.holder(coupon.coupon);
    expect(PropertyId::kMet14, coupon.holder == holder, "coupon", coupon.coupon, at, [&] {
      return "served one after the other, coupon " + to_text(coupon.coupon) + " is held by " +
             order_text(holder) + " instead of " + order_text(coupon.holder);
    });
  }
}

}  // namespace sagasim::domain
