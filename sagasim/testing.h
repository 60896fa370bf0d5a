// The test kit: sagasim inside GoogleTest, for the shop and for systems of your own.
//
//   #include "sagasim/testing.h"
//
//   TEST(Checkout, SurvivesEverything) { EXPECT_HOLDS("checkout", 500); }
//   TEST(Checkout, NeedsItsOutbox) {
//     EXPECT_BREAKS(sagasim::Tested("checkout", {"architecture.publish=after_commit"}), 500,
//     "EVT-2");
//   }
//
//   class Refund : public sagasim::Story {};            // one small shop, told in verbs: story.h
//   TEST_F(Refund, ComesOnce) {
//     order("c1.1").of("p1", 2);
//     cancel("c1.2", "c1.1");
//     run();
//     EXPECT_EQ(balance("u1"), 10'000);
//   }
//
// Link sagasim::testing, and sagasim::testing_main for a main() that reads options in layers and
// ends every failed test with the line that makes it fail again, on the screen and in the XML
// report.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sagasim/options.h"
#include "sagasim/story.h"
#include "scenarios/system.h"

// Every property holds under each of so many seeds, and every run comes to its end.
#define EXPECT_HOLDS(tested, seeds) EXPECT_PRED_FORMAT2(::sagasim::holds, tested, seeds)
#define ASSERT_HOLDS(tested, seeds) ASSERT_PRED_FORMAT2(::sagasim::holds, tested, seeds)
// Under at least one of so many seeds the property of this id, such as "MON-2", is violated: what
// shows that a test could fail.
#define EXPECT_BREAKS(tested, seeds, property) \
  EXPECT_PRED_FORMAT3(::sagasim::breaks, tested, seeds, property)
#define ASSERT_BREAKS(tested, seeds, property) \
  ASSERT_PRED_FORMAT3(::sagasim::breaks, tested, seeds, property)

namespace sagasim {

using domain::Story;

// What a sweep runs: a scenario of the shop, shipped or in a file, or any System.
class Tested {
 public:
  // As `sagasim run SCENARIO --set SETTING` takes them. Throws scenarios::BadInput.
  Tested(const char* scenario, std::vector<std::string> settings = {});
  Tested(const std::string& scenario, std::vector<std::string> settings = {});
  // Not owned; it outlives this.
  Tested(const scenarios::System& system);

  const scenarios::System& system() const { return *system_; }
  // The command line that shows this seed, or nothing where the system is none of the command's.
  std::string command(std::uint64_t seed) const;

 private:
  std::string words_;  // of the command: the scenario and its settings
  std::shared_ptr<const scenarios::System> own_;
  const scenarios::System* system_;
};

// What the macros call; the first arguments are the expressions as they were written. Seeds from 0
// on, unless the options of the program say otherwise.
testing::AssertionResult holds(const char* tested_text, const char* seeds_text,
                               const Tested& tested, std::uint64_t seeds);
testing::AssertionResult breaks(const char* tested_text, const char* seeds_text,
                                const char* property_text, const Tested& tested,
                                std::uint64_t seeds, const std::string& property);

}  // namespace sagasim
