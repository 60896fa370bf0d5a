// The sequential shop: what it sells, what it refuses, and that it finds an order if there is one.
#include "domain/model/sequential_shop.h"

#include <gtest/gtest.h>

namespace sagasim::domain::model {
namespace {

using sim::Subject;

constexpr Subject kUser('u', 1);
constexpr Subject kProduct('p', 1);

Workload workload() {
  Workload result;
  result.users = {{kUser, 1'000}, {Subject('u', 2), 1'000}};
  result.products = {{kProduct, 400, 3}};
  result.coupons = {{Subject('k', 1), kUser, 3'333, sim::kNever}};
  result.campaigns = {{Subject('d', 1), 5'000, 1, CampaignStatus::kPublishable, sim::kNever}};
  return result;
}

Purchase purchase(std::uint32_t number, std::int64_t quantity, Subject coupon = {},
                  Subject user = kUser) {
  return {Subject('c', user.major(), number), user, coupon, {{kProduct, quantity, 400}}};
}

TEST(SequentialShop, TakesMoneyGoodsAndCoupon) {
  SequentialShop shop(workload());
  ASSERT_TRUE(shop.sell(purchase(1, 2, Subject('k', 1))));
  EXPECT_EQ(shop.paid(Subject('c', 1, 1)), 534) << "800 less 266, which is 266.64 rounded down";
  EXPECT_EQ(shop.balance(kUser), 466);
  EXPECT_EQ(shop.stock(kProduct), 1);
  EXPECT_EQ(shop.holder(Subject('k', 1)), Subject('c', 1, 1));
}

TEST(SequentialShop, RefusesWhatCannotBeAndChangesNothing) {
  SequentialShop shop(workload());
  EXPECT_FALSE(shop.sell(purchase(1, 3))) << "1,200 of 1,000";
  shop.charge(kUser, 5'000);
  EXPECT_FALSE(shop.sell(purchase(1, 4))) << "three are there";
  EXPECT_FALSE(shop.sell(purchase(1, 1, Subject('k', 1), Subject('u', 2)))) << "somebody else's";
  EXPECT_FALSE(shop.sell(purchase(1, 1, Subject('d', 1, 2)))) << "u2's of the campaign";
  EXPECT_EQ(shop.balance(kUser), 6'000);
  EXPECT_EQ(shop.stock(kProduct), 3);
  EXPECT_TRUE(shop.holder(Subject('k', 1)).none());
  EXPECT_TRUE(shop.sell(purchase(1, 1, Subject('d', 1, 1))));
  EXPECT_FALSE(shop.sell(purchase(2, 1, Subject('d', 1, 1)))) << "used";
  EXPECT_EQ(shop.paid(Subject('c', 1, 1)), 200);
}

TEST(SequentialShop, SellsAllOrNothing) {
  SequentialShop shop(workload());
  EXPECT_FALSE(sell_all(shop, {purchase(1, 2), purchase(2, 2)})) << "three are there";
  EXPECT_EQ(shop.stock(kProduct), 3);
  shop.restock(kProduct, 1);
  EXPECT_FALSE(sell_all(shop, {purchase(1, 2), purchase(2, 2)})) << "1,600 of 1,000";
  shop.charge(kUser, 600);
  EXPECT_TRUE(sell_all(shop, {purchase(1, 2), purchase(2, 2)}));
  EXPECT_EQ(shop.balance(kUser), 0);
  EXPECT_EQ(shop.stock(kProduct), 0);
}

}  // namespace
}  // namespace sagasim::domain::model
