#include "scenarios/nearest.h"

#include <gtest/gtest.h>

namespace sagasim::scenarios {
namespace {

using Names = std::vector<std::string>;

TEST(Nearest, OffersWhatOneSlipOfTheFingersAwayIs) {
  const Names names = {"users", "products", "partitions"};
  for (const char* word : {"usres", "user", "usersx", "uxers", "Users"}) {
    EXPECT_EQ(nearest(word, names), Names{"users"}) << word;
  }
}

TEST(Nearest, TakesHyphensForUnderscoresAndBeginningsForWords) {
  EXPECT_EQ(nearest("after-commit", {"after_commit", "direct"}), Names{"after_commit"});
  EXPECT_EQ(nearest("check", {"calm", "checkout"}), Names{"checkout"});
}

TEST(Nearest, OffersTheNearestFirstAndNoMoreThanThree) {
  EXPECT_EQ(nearest("MON-9", {"STK-9x", "MON-1", "MON-99", "MON-2", "MON-3"}).size(), 3u);
  EXPECT_EQ(nearest("crash", {"crush", "crash-seen"}).front(), "crash-seen");
}

TEST(Nearest, OffersNothingForSomethingElse) {
  EXPECT_TRUE(nearest("banana", {"users", "products"}).empty());
  EXPECT_TRUE(nearest("", {"users"}).empty());
  EXPECT_TRUE(nearest(std::string(1'000'000, 'x'), {"users"}).empty());
}

TEST(Nearest, AnUnknownNameIsAnsweredWithOffersAndTheList) {
  EXPECT_EQ(unknown_name("key", "usres", {"users", "products"}),
            "unknown key \"usres\", did you mean \"users\"? (expected one of users, products)");
  EXPECT_EQ(unknown_name("key", "banana", {"users"}),
            "unknown key \"banana\" (expected one of users)");
}

TEST(Nearest, AQuoteIsShortAndHasNoControlCharacters) {
  EXPECT_EQ(quote("a\n\x1b[31m"), "\"a??[31m\"");
  EXPECT_LT(quote(std::string(1'000, 'x')).size(), 100u);
}

TEST(Nearest, AQuoteIsCutBetweenCharacters) {
  std::string text = "x";
  std::string shown = "x";
  for (int i = 0; i < 50; ++i) {
    text += "한";
    shown += i < 26 ? "한" : "";
  }
  EXPECT_EQ(quote(text), "\"" + shown + "…\"");
}

}  // namespace
}  // namespace sagasim::scenarios
