// The test kit: what it says when all is well, when something breaks, and how to see it again.

#include "sagasim/testing.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "scenarios/bad_input.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"

namespace sagasim {
namespace {

const std::vector<std::string> kWithoutOutbox = {"architecture.publish=after_commit"};

// The options are the whole program's.
class Kit : public testing::Test {
 protected:
  void TearDown() override {
    test_options() = before_;
    rerun_arguments().clear();
  }

  const TestOptions before_ = test_options();
};

std::string text_of(const testing::AssertionResult& answer) { return answer.message(); }

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(Kit, TheReferenceHoldsAndWithoutItsOutboxItBreaks) {
  EXPECT_HOLDS("calm", 20);
  EXPECT_BREAKS(Tested("checkout", kWithoutOutbox), 100, "EVT-2");
}

TEST_F(Kit, AnySystemCanBeTested) {
  const auto system = scenarios::make_shop(scenarios::load("calm", {}));
  EXPECT_HOLDS(*system, 5);
  EXPECT_EQ(Tested(*system).command(3), "");
}

TEST_F(Kit, AFailureTellsTheCauseItsFirstSeedAndHowToSeeIt) {
  const Tested tested("checkout", kWithoutOutbox);
  const auto answer = holds("the shop", "100", tested, 100);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(has(text_of(answer), "the shop: ")) << answer.message();
  EXPECT_TRUE(has(text_of(answer), "of 100 runs, seeds 0 to 99, fail")) << answer.message();
  EXPECT_TRUE(has(text_of(answer), "EVT-2/event in ")) << answer.message();
  // The first of them is the lowest seed that fails, and alone it fails again.
  const auto system = scenarios::make_shop(scenarios::load("checkout", kWithoutOutbox));
  std::uint64_t first = 0;
  while (!system->run({.seed = first}).failed()) {
    ++first;
  }
  EXPECT_TRUE(has(text_of(answer),
                  "sagasim run checkout --set architecture.publish=after_commit"
                  " --seed " +
                      std::to_string(first)))
      << answer.message();
  EXPECT_EQ(rerun_arguments(), "--from " + std::to_string(first) + " --seeds 1");
  test_options().from = first;
  test_options().seeds = 1;
  const auto again = holds("the shop", "100", tested, 100);
  EXPECT_TRUE(has(text_of(again), "1 of 1 runs")) << again.message();
}

TEST_F(Kit, AShopThatHoldsBreaksNothing) {
  const auto answer = breaks("calm", "20", "EVT-2", "calm", 20, "EVT-2");
  EXPECT_FALSE(answer);
  EXPECT_TRUE(has(text_of(answer), "none of 20 runs, seeds 0 to 19, violates EVT-2"))
      << answer.message();
}

TEST_F(Kit, WhatAnotherPropertyNamesIsNotTakenForThisOne) {
  const Tested tested("checkout", kWithoutOutbox);
  const auto answer = breaks("the shop", "100", "RNK-3", tested, 100, "RNK-3");
  EXPECT_FALSE(answer);
  EXPECT_TRUE(has(text_of(answer), "violate EVT-2 first")) << answer.message();
}

TEST_F(Kit, AnUnknownPropertyIsNoTest) {
  const auto answer = breaks("calm", "1", "MON-99", "calm", 1, "MON-99");
  EXPECT_FALSE(answer);
  EXPECT_TRUE(has(text_of(answer), "has no property 'MON-99'")) << answer.message();
}

TEST_F(Kit, ARunWithoutAnEndIsNoPass) {
  const auto answer =
      holds("a shop", "3", Tested("checkout", {"horizon.limit=30 s", "horizon.heal_at=29 s"}), 3);
  EXPECT_FALSE(answer);
  EXPECT_TRUE(has(text_of(answer), "come to no end")) << answer.message();
}

TEST_F(Kit, AnUnknownScenarioIsToldAtOnce) { EXPECT_THROW(Tested("chekout"), scenarios::BadInput); }

// --- the examples of sagasim/README.md ---

TEST(Checkout, SurvivesEverything) { EXPECT_HOLDS("checkout", 50); }

class Refund : public Story {};

TEST_F(Refund, GivesBackWhatTheOrderCost) {
  order("c1.1").of("p1", 2);
  cancel("c1.2", "c1.1").after("c1.1");
  run();
  EXPECT_EQ(balance("u1"), 10'000);
  EXPECT_EQ(broken(), Ids{}) << complaints();
}

// --- as a program ---

const std::string kFilter = "--gtest_filter=KitProgram.FailsOnDemand";

// What this program prints when it is called with these arguments, for that one test: with all it
// would call itself for ever.
struct Answer {
  int code = 0;
  std::string out;
};

Answer call(const std::string& arguments, const std::string& environment = "") {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  Answer answer;
  FILE* pipe =
      popen((environment + " " + self + " " + kFilter + " " + arguments + " 2>&1").c_str(), "r");
  std::array<char, 4096> piece{};
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), pipe)) {
    answer.out.append(piece.data(), size);
  }
  answer.code = WEXITSTATUS(pclose(pipe));
  return answer;
}

// Fails where the environment asks for it, to see what the program makes of that.
TEST(KitProgram, FailsOnDemand) {
  if (std::getenv("SAGASIM_KIT_FAIL") != nullptr) {
    EXPECT_HOLDS(Tested("checkout", kWithoutOutbox), 100);
  }
}

TEST(KitProgram, EndsAFailureWithTheLineThatRepeatsIt) {
  const std::string report = testing::TempDir() + "kit.xml";
  const Answer failed = call("--gtest_output=xml:" + report, "SAGASIM_KIT_FAIL=1");
  EXPECT_EQ(failed.code, 1);
  const std::size_t at = failed.out.find("[  RERUN   ] ");
  ASSERT_NE(at, std::string::npos) << failed.out;
  const std::string line = failed.out.substr(at + 13, failed.out.find('\n', at) - at - 13);
  const std::size_t options = line.find(kFilter);
  ASSERT_NE(options, std::string::npos) << line;
  EXPECT_TRUE(has(line, "--from ")) << line;

  const Answer again = call(line.substr(options + kFilter.size()), "SAGASIM_KIT_FAIL=1");
  EXPECT_EQ(again.code, 1);
  EXPECT_TRUE(has(again.out, "1 of 1 runs")) << again.out;

  std::stringstream xml;
  xml << std::ifstream(report).rdbuf();
  EXPECT_TRUE(has(xml.str(), "name=\"rerun\"")) << xml.str();
  EXPECT_TRUE(has(xml.str(), "--from ")) << xml.str();
}

TEST(KitProgram, ReadsTheCommandLineOverTheEnvironmentOverAFile) {
  const std::string file = testing::TempDir() + "kit.ini";
  std::ofstream(file) << "from = 7\nseeds = 30\n";
  const std::string run = "--config " + file;
  EXPECT_TRUE(has(call(run, "SAGASIM_KIT_FAIL=1").out, "of 30 runs, seeds 7 to 36"));
  EXPECT_TRUE(
      has(call(run, "SAGASIM_KIT_FAIL=1 SAGASIM_TEST_SEEDS=40").out, "of 40 runs, seeds 7 to 46"));
  EXPECT_TRUE(has(call(run + " --seeds 50", "SAGASIM_KIT_FAIL=1 SAGASIM_TEST_SEEDS=40").out,
                  "of 50 runs, seeds 7 to 56"));
}

TEST(KitProgram, RefusesWhatItDoesNotKnow) {
  for (const char* arguments : {"--case 3", "--cases 0", "--jobs 0", "--seeds 0", "--seeds x",
                                "--config /nonexistent/kit.ini"}) {
    EXPECT_EQ(call(arguments).code, 2) << arguments;
  }
}

}  // namespace
}  // namespace sagasim
