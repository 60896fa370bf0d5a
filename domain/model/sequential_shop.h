// SequentialShop: the shop as one person with one book would run it: one thing after the other,
// each done or refused at once, nothing that fails. It says what a run must have come to, and
// shares neither code nor arithmetic with the services.
#pragma once

#include <map>
#include <vector>

#include "domain/commands.h"

namespace sagasim::domain::model {

// An order that went through, at the prices that its customer was shown.
struct Purchase {
  struct Line {
    sim::Subject product;
    std::int64_t quantity = 0;
    Money price = 0;
  };
  sim::Subject order;
  sim::Subject user;
  sim::Subject coupon;  // or none
  std::vector<Line> lines;
};

class SequentialShop {
 public:
  explicit SequentialShop(const Workload& workload);

  // What happened and is not in question. A charge has no cap here: when it came, it fitted.
  void charge(sim::Subject user, Money amount);
  void restock(sim::Subject product, std::int64_t quantity);

  // Sells, or changes nothing and returns false: not enough money or goods, or the coupon is not to
  // be had.
  bool sell(const Purchase& purchase);

  // --- the book; what was never heard of is 0 or none ---
  Money balance(sim::Subject user) const;
  std::int64_t stock(sim::Subject product) const;
  sim::Subject holder(sim::Subject coupon) const;
  Money paid(sim::Subject order) const;

 private:
  Money price_of(const Purchase& purchase) const;

  std::map<sim::Subject, Money> balances_;
  std::map<sim::Subject, std::int64_t> stocks_;
  std::map<sim::Subject, std::uint32_t> rates_;   // of coupons and campaigns
  std::map<sim::Subject, sim::Subject> owners_;   // of coupons that are there from the start
  std::map<sim::Subject, sim::Subject> holders_;  // of coupons that are used
  std::map<sim::Subject, Money> paid_;
};

// Sells all of them in some order; true if there is one. `purchases` comes in the likeliest order;
// up to six are tried in every order, more of them in that one only.
bool sell_all(SequentialShop& shop, std::vector<Purchase> purchases);

}  // namespace sagasim::domain::model
