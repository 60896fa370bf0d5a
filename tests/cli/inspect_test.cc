// Looking into a run: what is shown, and what is refused.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/command.h"

namespace sagasim::cli {
namespace {

using nlohmann::json;

TEST(Inspect, ShowsTheStateOfASeedAndOfItsFileAlike) {
  Workshop workshop;
  ASSERT_EQ(workshop.sagasim("run calm --seed 3 --save-repro r.json").code, 0);
  const Answer of_seed = workshop.sagasim("inspect calm --seed 3 --at 60s --format json");
  EXPECT_EQ(of_seed.code, 0) << of_seed.err;
  EXPECT_EQ(of_seed.err, "");
  const Answer of_file = workshop.sagasim("inspect r.json --at 60s --format json");
  EXPECT_EQ(of_file.code, 0) << of_file.err;
  json one = json::parse(of_seed.out);
  json other = json::parse(of_file.out);
  EXPECT_EQ(one["at"], 60.0);
  EXPECT_FALSE(one["state"]["order"]["orders"].empty());
  EXPECT_FALSE(one["state"]["broker"]["groups"].empty());
  one.erase("rerun");
  other.erase("rerun");
  EXPECT_EQ(one, other);
}

TEST(Inspect, NamesOneOrderOnOneScreen) {
  const Answer answer = Workshop().sagasim("inspect calm --seed 3 --at end --about c1.1");
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find("\norder · orders\n"), std::string::npos) << answer.out;
  EXPECT_EQ(answer.out.find("c2.1"), std::string::npos) << answer.out;
}

TEST(Inspect, TellsWhatChangedAndWhatAnotherRunHasInstead) {
  Workshop workshop;
  ASSERT_EQ(workshop.sagasim("run calm --seed 3 --save-repro a.json").code, 0);
  ASSERT_EQ(workshop.sagasim("run calm --seed 4 --save-repro b.json").code, 0);
  const Answer still = workshop.sagasim("inspect a.json --at 60s --until 60s");
  EXPECT_EQ(still.code, 0) << still.err;
  EXPECT_NE(still.out.find("nothing differs"), std::string::npos) << still.out;
  const Answer until =
      workshop.sagasim("inspect a.json --at start --until end --format json --part balance");
  EXPECT_EQ(until.code, 0) << until.err;
  EXPECT_FALSE(json::parse(until.out)["changes"].empty());
  const Answer against = workshop.sagasim("inspect a.json --at end --against b.json --format json");
  EXPECT_EQ(against.code, 0) << against.err;
  EXPECT_EQ(json::parse(against.out)["against"], "b.json");
  EXPECT_FALSE(json::parse(against.out)["changes"].empty());
  const Answer itself = workshop.sagasim("inspect a.json --at end --against a.json --all");
  EXPECT_NE(itself.out.find("nothing differs"), std::string::npos) << itself.out;
}

struct Refused {
  const char* arguments;
  const char* said;
};

class BadInspect : public testing::TestWithParam<Refused> {};

TEST_P(BadInspect, SaysWhatWasExpected) {
  Workshop workshop;
  const Answer answer = workshop.sagasim(std::string("inspect ") + GetParam().arguments);
  EXPECT_EQ(answer.code, 2) << answer.out;
  EXPECT_EQ(answer.out, "");
  EXPECT_NE(answer.err.find(GetParam().said), std::string::npos) << answer.err;
  EXPECT_TRUE(workshop.files().empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, BadInspect,
    testing::Values(Refused{"calm --seed 3", "--at is required"},
                    Refused{"calm --seed 3 --at soon", "\"soon\" is no time (expected a time such"},
                    Refused{"calm --seed 3 --at 12", "units are ns, us, ms, s, min, h, d"},
                    Refused{"calm --seed 3 --at=-5s", "is no time"},
                    Refused{"calm --seed 3 --at 400d", "lies after the end of everything"},
                    Refused{"calm --seed 3 --at violation", "this run violates nothing"},
                    Refused{"calm --seed 3 --at 5s --until 4s", "expected a later time"},
                    Refused{"calm --seed 3 --at 5s --until 6s --against x.json", "one of the two"},
                    Refused{"calm --seed 3 --at 5s --against x.json", "x.json"},
                    Refused{"calm --seed 3 --at 5s --about c77.1", "there is no c77.1"},
                    Refused{"calm --seed 3 --at 5s --about seven", "is no subject"},
                    Refused{"calm --seed 3 --at 5s --part blance", "did you mean \"balance\""},
                    Refused{"calm --at 5s", "is no file"}));

}  // namespace
}  // namespace sagasim::cli
