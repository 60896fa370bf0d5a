// What is selected of a snapshot, and what two of them do not have in common.
#include "search/inspection.h"

#include <gtest/gtest.h>

namespace sagasim::search {
namespace {

using sim::Fact;
using sim::Item;
using sim::ItemList;
using sim::Snapshot;
using sim::Subject;

constexpr Subject kOrder('c', 1, 4);
constexpr Subject kUser('u', 1);

Item item(const std::string& name, std::vector<Subject> about, std::vector<Fact> facts = {}) {
  return {name, std::move(about), std::move(facts), false};
}

Snapshot shop() {
  Snapshot snapshot;
  snapshot.lists.push_back({"balance",
                            "balances",
                            false,
                            {item("u1", {kUser}, {{"amount", std::int64_t{5}}}),
                             item("u2", {Subject('u', 2)}, {{"amount", std::int64_t{7}}})}});
  snapshot.lists.push_back({"order", "orders", false, {item("c1.4", {kOrder, kUser})}});
  snapshot.lists.push_back(
      {"processes",
       "nodes",
       false,
       {item("order", {}, {{"state", std::string("up")}}), item("balance.1", {})}});
  return snapshot;
}

std::vector<std::string> names(const Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const ItemList& list : snapshot.lists) {
    for (const Item& each : list.items) {
      names.push_back(list.part + " " + each.name);
    }
  }
  return names;
}

TEST(Select, KeepsWhatIsAboutASubjectAndWhatIsAboutNone) {
  EXPECT_EQ(names(select(shop(), {{kUser}, {}})),
            (std::vector<std::string>{"balance u1", "order c1.4", "processes order",
                                      "processes balance.1"}));
  EXPECT_EQ(names(select(shop(), {{kOrder}, {"order"}})),
            (std::vector<std::string>{"order c1.4", "processes order"}));
}

TEST(Select, APartIsItsListsAndWhatIsCalledAfterIt) {
  EXPECT_EQ(names(select(shop(), {{}, {"balance"}})),
            (std::vector<std::string>{"balance u1", "balance u2", "processes balance.1"}));
  EXPECT_EQ(part_names(shop()), (std::vector<std::string>{"balance", "order", "processes"}));
}

TEST(Select, MentionsWhatStandsSomewhere) {
  EXPECT_TRUE(mentions(shop(), kOrder));
  EXPECT_FALSE(mentions(shop(), Subject('c', 9)));
}

TEST(Changes, NothingDiffersFromItself) { EXPECT_TRUE(changes(shop(), shop()).empty()); }

TEST(Changes, AreNewGoneAndChangedItems) {
  Snapshot later = shop();
  later.lists[0].items[0].facts[0].value = std::int64_t{6};
  later.lists[0].items.erase(later.lists[0].items.begin() + 1);
  later.lists[1].items.push_back(item("c1.5", {}));
  const std::vector<ItemChange> found = changes(shop(), later);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].how, ItemChange::How::kChanged);
  ASSERT_EQ(found[0].facts.size(), 1u);
  EXPECT_EQ(found[0].facts[0].name, "amount");
  EXPECT_EQ(found[0].facts[0].before, Fact::Value(std::int64_t{5}));
  EXPECT_EQ(found[0].facts[0].after, Fact::Value(std::int64_t{6}));
  EXPECT_EQ(found[1].how, ItemChange::How::kGone);
  EXPECT_EQ(found[1].item.name, "u2");
  EXPECT_EQ(found[2].how, ItemChange::How::kNew);
  EXPECT_EQ(found[2].item.name, "c1.5");
}

TEST(Changes, AFactThatComesOrGoesIsAChangeAndAnUnsetOneIsNone) {
  Snapshot one = shop();
  Snapshot other = shop();
  one.lists[1].items[0].facts = {{"left", std::int64_t{1}}, {"never", Fact::Value{}}};
  other.lists[1].items[0].facts = {{"came", std::int64_t{2}}};
  const std::vector<ItemChange> found = changes(one, other);
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(found[0].facts.size(), 2u);
  EXPECT_EQ(found[0].facts[0].name, "came");
  EXPECT_EQ(found[0].facts[1].name, "left");
  EXPECT_EQ(found[0].facts[1].after, Fact::Value{});
}

TEST(Changes, AListThatOnlyOneHasIsAllNewOrAllGone) {
  Snapshot without = shop();
  without.lists.pop_back();
  EXPECT_EQ(changes(without, shop()).size(), 2u);
  const std::vector<ItemChange> gone = changes(shop(), without);
  ASSERT_EQ(gone.size(), 2u);
  EXPECT_EQ(gone[0].how, ItemChange::How::kGone);
}

}  // namespace
}  // namespace sagasim::search
