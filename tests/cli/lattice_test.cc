// The lattice as a user computes and checks it, and the one that docs/lattice.md shows.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/cli/command.h"
#include "tests/docs/page.h"

namespace sagasim::cli {
namespace {

using Json = nlohmann::json;

const std::string kFolder = SAGASIM_SOURCE_DIR "/scenarios/lattice/";
const std::string kShipped = kFolder + "lattice.json";

// Two lattices of the same seeds differ in these alone.
Json without_effort(const std::string& text) {
  Json json = Json::parse(text);
  json.erase("jobs");
  json.erase("wall_seconds");
  return json;
}

// Small, and yet guards are needed, one of two is, and some are not.
TEST(Lattice, IsTheSameForAnyNumberOfThreadsAndNamesRunsThatBreak) {
  const Workshop workshop;
  const std::string command =
      "lattice checkout-two-orders --class duplicates --seeds 10 --format json ";
  const Answer two = workshop.sagasim(command + "--jobs 2 --out two");
  ASSERT_EQ(two.code, 0) << two.err;
  const Json json = Json::parse(two.out);
  EXPECT_EQ(json["verdict"], "pass");
  ASSERT_EQ(json["classes"].size(), 1u);
  ASSERT_FALSE(json["classes"][0]["minimal_sets"].empty());
  for (const Json& set : json["classes"][0]["minimal_sets"]) {
    EXPECT_EQ(set["runs"], 10);
    EXPECT_EQ(set["guards"].size() + set["left_out"].size(), 18u);
    EXPECT_EQ(set["without"].size(), set["guards"].size());
    EXPECT_GT(set["certificate"]["combinations"], 1);
  }
  EXPECT_EQ(without_effort(workshop.read("two/lattice.json")), without_effort(two.out));

  const Answer one = workshop.sagasim(command + "--jobs 1 --out one");
  EXPECT_EQ(without_effort(one.out), without_effort(two.out));
  ASSERT_FALSE(json["breaks"].empty());
  for (const Json& each : json["breaks"]) {
    const std::string file = each["repro"];
    EXPECT_EQ(workshop.read("one/" + file), workshop.read("two/" + file));
    EXPECT_EQ(workshop.sagasim("replay two/" + file).code, 1) << file;
  }
  const Answer check =
      workshop.sagasim("lattice --check two/lattice.json --from 0 --seeds 10 --format json");
  EXPECT_EQ(check.code, 0) << check.err;
  EXPECT_EQ(Json::parse(check.out)["classes"][0]["minimal_sets"][0]["check"]["runs"], 10);
}

// The shipped lattice in a folder where it can be changed.
class ChangedLattice : public testing::Test {
 protected:
  ChangedLattice() {
    for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
      const std::string name = entry.path().filename().string();
      workshop_.write(name, shipped_file(name));
    }
    json_ = Json::parse(workshop_.read("lattice.json"));
  }

  static std::string shipped_file(const std::string& name) {
    std::ifstream in(kFolder + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // What a check says of it.
  Answer check(const std::string& options = "--seeds 0") const {
    workshop_.write("lattice.json", json_.dump());
    return workshop_.sagasim("lattice --check lattice.json --class calm --format json " + options);
  }

  Json& first_set() { return json_["classes"][0]["minimal_sets"][0]; }

  const Workshop workshop_;
  Json json_;
};

// It leaves out more than it may: the check meets what breaks.
TEST_F(ChangedLattice, IsFoundWrongWhereASetIsNotEnough) {
  EXPECT_EQ(check("--seeds 20").code, 0);
  ASSERT_TRUE(first_set()["without"].contains("G5"));
  first_set()["without"].erase("G5");
  first_set()["left_out"].push_back("G5");
  const Answer answer = check("--seeds 20");
  EXPECT_EQ(answer.code, 1) << answer.err;
  const Json found = Json::parse(answer.out)["classes"][0]["minimal_sets"][0]["check"];
  EXPECT_GT(found["failed"], 0);
  EXPECT_TRUE(found["first_seed"].is_string());
}

// It keeps more than it must, so it has no run for that.
TEST_F(ChangedLattice, IsFoundWrongWhereASetIsNotMinimal) {
  Json& left_out = first_set()["left_out"];
  const auto spared = std::find(left_out.begin(), left_out.end(), "G7");
  ASSERT_NE(spared, left_out.end());
  left_out.erase(spared);
  EXPECT_EQ(check().code, 2);
  first_set()["without"]["G7"] = "calm-without-G2-G3.json";
  const Answer answer = check();
  EXPECT_EQ(answer.code, 1) << answer.err;
  const Json wrong = Json::parse(answer.out)["classes"][0]["minimal_sets"][0]["wrong"];
  EXPECT_NE(std::find(wrong.begin(), wrong.end(), "G7"), wrong.end()) << wrong;
}

TEST_F(ChangedLattice, IsFoundWrongWhereARunDoesNotBreak) {
  const std::string file = json_["breaks"][0]["repro"];
  Json run = Json::parse(workshop_.read(file));
  run["workload"]["commands"] = Json::array();
  workshop_.write(file, run.dump());
  const Answer answer = check();
  EXPECT_EQ(answer.code, 1) << answer.err;
  EXPECT_EQ(Json::parse(answer.out)["breaks"][0]["fails"], false);
}

TEST_F(ChangedLattice, OfOtherGuardsOrWithoutItsFilesIsBadInput) {
  const Json good = json_;
  json_["guards"][0]["left_out"][0] = "architecture.publish=direct";
  EXPECT_EQ(check().code, 2);
  json_ = good;
  json_["classes"][0]["settings"][0][0] = "faults.profile=swarm";
  EXPECT_EQ(check().code, 2);
  json_ = good;
  json_["breaks"][0]["repro"] = "../outside.json";
  EXPECT_EQ(check().code, 2);
  json_ = good;
  json_["breaks"][0]["repro"] = "missing.json";
  EXPECT_EQ(check().code, 2);
}

TEST(Lattice, EndsWhenTheTimeIsOverAndKeepsWhatItHas) {
  const Workshop workshop;
  const Answer answer =
      workshop.sagasim("lattice --class calm --seeds 1000000 --seconds 1 --format json --out l");
  EXPECT_EQ(answer.code, 3) << answer.err;
  const Json json = Json::parse(answer.out);
  EXPECT_EQ(json["verdict"], "inconclusive");
  EXPECT_EQ(json["out_of_time"], true);
  EXPECT_EQ(without_effort(workshop.read("l/lattice.json")), without_effort(answer.out));
}

// docs/lattice.md shows the lattice of scenarios/lattice/, all of whose runs break as it says.
TEST(LatticePage, ShowsTheLatticeWhoseRunsBreak) {
  const Workshop workshop;
  const Answer answer = workshop.sagasim("lattice --check " + kShipped + " --seeds 0 --format md");
  EXPECT_EQ(answer.code, 0) << answer.out << answer.err;
  docs::expect_between("docs/lattice.md", "<!-- lattice -->\n", "<!-- end of lattice -->",
                       answer.out);
}

TEST(LatticePage, HasEveryGuardAndEveryClassAndNoOtherFiles) {
  const Workshop workshop;
  const Json json =
      Json::parse(workshop.sagasim("lattice --check " + kShipped + " --seeds 0 --format json").out);
  EXPECT_EQ(json["guards"].size(), 18u);
  EXPECT_EQ(json["classes"].size(), 9u);
  std::set<std::string> named = {"lattice.json"};
  for (const Json& each : json["breaks"]) {
    named.insert(each["repro"].get<std::string>());
  }
  std::set<std::string> there;
  for (const auto& entry :
       std::filesystem::directory_iterator(SAGASIM_SOURCE_DIR "/scenarios/lattice")) {
    there.insert(entry.path().filename().string());
  }
  EXPECT_EQ(there, named);
}

// The same lattice comes out again, within half an hour on two processors.
TEST(LatticePageSlow, IsComputedAgain) {
  const Workshop workshop;
  const Json shipped =
      Json::parse(workshop.sagasim("lattice --check " + kShipped + " --seeds 0 --format json").out);
  std::string command = shipped["rerun"];
  command = command.substr(command.find(" lattice") + 1);
  const Answer answer = workshop.sagasim(command + " --format json --out l");
  EXPECT_EQ(answer.code, 0) << answer.err;
  const Json again = Json::parse(answer.out);
  EXPECT_LT(again["wall_seconds"], 1'800);
  ASSERT_EQ(again["classes"].size(), shipped["classes"].size());
  for (std::size_t i = 0; i < again["classes"].size(); ++i) {
    Json known = shipped["classes"][i];
    for (Json& set : known["minimal_sets"]) {
      set["check"] = nullptr;
    }
    EXPECT_EQ(again["classes"][i], known);
  }
  EXPECT_EQ(again["breaks"], shipped["breaks"]);
}

TEST(LatticePageSlow, StandsTwentyThousandOtherSeedsACell) {
  const Answer answer = Workshop().sagasim("lattice --check " + kShipped + " --seeds 20000");
  EXPECT_EQ(answer.code, 0) << answer.out << answer.err;
}

}  // namespace
}  // namespace sagasim::cli
