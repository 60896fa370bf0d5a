#include "faults/menu.h"

#include <gtest/gtest.h>

namespace sagasim::faults {
namespace {

TEST(Menu, HasEveryKindThatStrikesButPostponements) {
  for (int operation = 0; operation < sim::kOperationKinds; ++operation) {
    const auto on = static_cast<sim::OperationKind>(operation);
    const std::vector<sim::Effect> menu = menu_of(on, {});
    for (int i = 0; i < kOperationKindsOfFault; ++i) {
      const auto kind = static_cast<Kind>(i);
      bool listed = false;
      for (const sim::Effect& effect : menu) {
        listed = listed || kind_of(effect) == kind;
      }
      const bool postpones = kind == Kind::kDelay || kind == Kind::kHold;
      // A call that is dropped is one that is not done.
      const bool twice = kind == Kind::kNotDone && can_strike(Kind::kDrop, on);
      EXPECT_EQ(listed, can_strike(kind, on) && !postpones && !twice)
          << info_of(kind).id << " on " << sim::to_text(on);
    }
  }
}

TEST(Menu, NamesNoEffectTwice) {
  for (int operation = 0; operation < sim::kOperationKinds; ++operation) {
    const auto menu = menu_of(static_cast<sim::OperationKind>(operation), {});
    for (std::size_t i = 0; i < menu.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        EXPECT_NE(menu[i].digest(), menu[j].digest());
      }
    }
  }
}

TEST(Menu, LastsLongerThanAnybodyWaitsOrShorter) {
  const MenuOptions options = menu_options({sim::seconds(10), sim::milliseconds(500)});
  EXPECT_LT(options.at_once, options.brief);
  EXPECT_LT(options.brief, sim::milliseconds(500));
  EXPECT_GT(options.lasting, sim::seconds(10));
}

}  // namespace
}  // namespace sagasim::faults
