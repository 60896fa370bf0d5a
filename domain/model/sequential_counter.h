// SequentialCounter: the counter of the sequential shop, at which every command of a workload is
// served when it comes, one after the other. It has the rules of the shop in its own words: who is
// refused what, what a coupon is worth when, how many of a campaign are left.
#pragma once

#include <map>

#include "domain/model/sequential_shop.h"

namespace sagasim::domain::model {

class SequentialCounter {
 public:
  explicit SequentialCounter(const Workload& workload);

  // Serves a command at the time that it is wanted. True: something has changed. A question changes
  // nothing, nor does a request that comes again; an order that was sold is final.
  bool serve(const Command& command);

  const SequentialShop& shop() const { return shop_; }
  Money price(sim::Subject product) const { return goods_.at(product).price; }
  SellStatus selling(sim::Subject product) const { return goods_.at(product).status; }
  CampaignStatus status(sim::Subject campaign) const { return offers_.at(campaign).status; }
  std::int64_t left(sim::Subject campaign) const { return offers_.at(campaign).left; }
  bool was_issued(sim::Subject coupon) const;

 private:
  struct Good {
    Money price = 0;
    SellStatus status = SellStatus::kHold;
  };
  struct Offer {
    CampaignStatus status = CampaignStatus::kRegistered;
    std::int64_t left = 0;
    sim::Instant ends = sim::kNever;
  };

  bool sell(const Command& command);
  bool charge(const Command& command);
  bool issue(const Command& command);
  bool expire(const Command& command);
  bool reprice(const Command& command);
  bool restock(const Command& command);
  bool set_selling(sim::Subject product, bool selling);
  bool open(sim::Subject campaign);
  bool cancel(sim::Subject campaign);
  bool is_good(sim::Subject coupon, sim::Instant now) const;

  SequentialShop shop_;
  std::map<sim::Subject, Good> goods_;
  std::map<sim::Subject, Offer> offers_;
  std::map<sim::Subject, sim::Instant> coupons_;  // that somebody has, and when they end
};

}  // namespace sagasim::domain::model
