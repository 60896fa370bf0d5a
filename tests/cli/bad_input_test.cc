// Files that are wrong: each gets one clear error that names the file, the place and the remedy.

#include <gtest/gtest.h>

#include "tests/cli/command.h"

namespace sagasim::cli {
namespace {

struct BadFile {
  const char* text;
  std::vector<const char*> said;  // line, key, what was expected
};

class BadScenario : public testing::TestWithParam<BadFile> {};

TEST_P(BadScenario, IsRefusedByEveryVerbThatReadsIt) {
  Workshop workshop;
  workshop.write("bad.json", GetParam().text);
  for (const char* verb : {"check", "run", "sweep"}) {
    const Answer answer = workshop.sagasim(std::string(verb) + " ./bad.json");
    EXPECT_EQ(answer.code, 2) << answer.out;
    EXPECT_EQ(answer.out, "");
    EXPECT_NE(answer.err.find("./bad.json:"), std::string::npos) << answer.err;
    for (const char* word : GetParam().said) {
      EXPECT_NE(answer.err.find(word), std::string::npos) << word << "\n" << answer.err;
    }
  }
  EXPECT_EQ(workshop.files(), std::vector<std::string>{"bad.json"});
}

INSTANTIATE_TEST_SUITE_P(
    All, BadScenario,
    testing::Values(
        BadFile{"", {":1:1:", "expected"}},                  // nothing
        BadFile{"{\n  \"shop\": {\n", {":3:", "expected"}},  // cut off
        BadFile{"\xff\xfe{}", {":1:", "expected"}},          // no UTF-8
        BadFile{"[]", {":1:1:", "expected an object"}},      // wrong type
        BadFile{"{\"shop\":\n {\"users\": \"three\"}}", {":2:12:", "/shop/users", "expected"}},
        BadFile{"{\"shop\":\n {\"usres\": 3}}", {":2:3:", "usres", "did you mean \"users\""}},
        BadFile{"{\"shop\": {\"stock_min\": -1}}", {":1:", "/shop/stock_min", "expected"}},
        BadFile{"{\"shop\": {\"stock_min\": 9, \"stock_max\": 3}}", {"/shop/stock_m"}},
        BadFile{"{\"shop\": {\"price_max\": 99999999999999999999999}}",
                {"/shop/price_max", "expected"}},  // overflow
        BadFile{"{\"shop\": {\"users\": 1.5}}", {"/shop/users", "expected"}},
        BadFile{"{\"shop\": {\"users\": 3, \"users\": 4}}", {"users", "twice"}},
        BadFile{"{\"horizon\": {\"limit\": \"5 parsecs\"}}", {"/horizon/limit", "expected"}},
        BadFile{"{\"architecture\": \"resilent\"}",
                {"/architecture", "did you mean \"resilient\""}},
        BadFile{"{\"properties\": [\"MON-44\"]}", {"/properties/0", "MON-44"}},
        BadFile{"{\"faults\": {\"plan\": [{\"fault\": \"outage\", \"target\": \"warehouse\", "
                "\"from\": \"1 s\", \"until\": \"2 s\"}]}}",
                {"/faults/plan/0/target", "warehouse"}},  // unknown service
        BadFile{"{\"faults\": {\"plan\": [{\"fault\": \"drop\", \"operation\": \"nonsense\"}]}}",
                {"/faults/plan/0/operation", "nonsense"}},
        BadFile{"{\"faults\": {\"plan\": [{\"fault\": \"drop\", \"operation\":\n"
                "\"product/stok:OrderCreated(c1.1,1)/delivery(c1.1)\"}]}}",
                {":2:1:", "/faults/plan/0/operation", "did you mean \"stock\""}}));

TEST(BadRepro, CutOffIsRefused) {
  Workshop workshop;
  ASSERT_EQ(workshop.sagasim("run calm --save-repro good.json").code, 0);
  const std::string good = workshop.read("good.json");
  for (const std::size_t size : {good.size() / 3, good.size() - 3}) {
    workshop.write("bad.json", good.substr(0, size));
    const Answer answer = workshop.sagasim("replay bad.json");
    EXPECT_EQ(answer.code, 2) << answer.out;
    EXPECT_NE(answer.err.find("bad.json:"), std::string::npos) << answer.err;
    EXPECT_EQ(workshop.sagasim("check bad.json").code, 2);
  }
}

TEST(BadRepro, HasItsSeedAndItsFaultsAreNotCertified) {
  Workshop workshop;
  const std::string verb = "run checkout-one-order --seed 3 --set faults.profile=lossy";
  ASSERT_EQ(workshop.sagasim(verb + " --save-repro good.json").code, 0);
  EXPECT_EQ(workshop.sagasim("certify good.json --faults 0").code, 0);
  EXPECT_EQ(workshop.sagasim("certify good.json --faults 0 --set architecture.tombstoned=off").code,
            2);
  const Answer answer = workshop.sagasim("certify good.json --seed 4");
  EXPECT_EQ(answer.code, 2);
  EXPECT_NE(answer.err.find("--seed"), std::string::npos) << answer.err;
}

TEST(BadRepro, AScenarioIsNone) {
  Workshop workshop;
  workshop.write("scenario.json", "{}");
  EXPECT_EQ(workshop.sagasim("check scenario.json").code, 0);
  const Answer answer = workshop.sagasim("replay scenario.json");
  EXPECT_EQ(answer.code, 2);
  EXPECT_NE(answer.err.find("scenario.json:"), std::string::npos) << answer.err;
}

TEST(BadFiles, DeepNestingEndsInAnErrorAndNotInACrash) {
  Workshop workshop;
  workshop.write("deep.json", std::string(200'000, '['));
  const Answer answer = workshop.sagasim("check deep.json");
  EXPECT_EQ(answer.code, 2);
  EXPECT_LT(answer.err.size(), 1000u);
}

TEST(BadFiles, AFailedWriteLeavesTheOldFile) {
  Workshop workshop;
  workshop.write("r.json", "old");
  // The answer cannot be kept in a folder that is a file, and what is there stays.
  EXPECT_EQ(workshop.sagasim("run calm --save-repro r.json/x.json").code, 2);
  EXPECT_EQ(workshop.read("r.json"), "old");
  EXPECT_EQ(workshop.files(), std::vector<std::string>{"r.json"});
}

}  // namespace
}  // namespace sagasim::cli
