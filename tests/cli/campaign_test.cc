// Campaigns as a user meets them: killed, resumed, sharded, merged, compared, reported.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>

#include "sim/hash.h"
#include "tests/cli/command.h"

namespace sagasim::cli {
namespace {

using Json = nlohmann::json;

// Small, and failing now and then.
const std::string kWeak = "checkout --set workload.orders=8 --set architecture.tombstones=off";

// What does not depend on the machine.
Json timeless(const std::string& text) {
  Json json = Json::parse(text);
  for (const char* key :
       {"jobs", "wall_seconds", "runs_per_second", "orders_per_second", "operations_per_second"}) {
    json.erase(key);
  }
  return json;
}

Json report_of(const Workshop& shop, const std::string& file) {
  return timeless(shop.sagasim("report " + file + " --format json").out);
}

TEST(Campaign, IsTheSameForAnyNumberOfThreads) {
  const Workshop shop;
  const std::string sweep = "sweep " + kWeak + " --seeds 150 --format json";
  const Answer one = shop.sagasim(sweep + " --jobs 1");
  const Answer two = shop.sagasim(sweep + " --jobs 2");
  EXPECT_EQ(one.code, 1);
  EXPECT_EQ(timeless(one.out), timeless(two.out));
  const Answer kept = shop.sagasim(sweep + " --jobs 2 --campaign c.db");
  EXPECT_EQ(timeless(kept.out), timeless(one.out));
  EXPECT_EQ(report_of(shop, "c.db"), timeless(one.out));
}

// Kills a sweep that often, each time within so many milliseconds, goes on with it, and says what
// came of it and what should have.
std::pair<Json, Json> killed_and_uninterrupted(int kills, unsigned within, int seeds) {
  const Workshop shop;
  const std::string sweep = "sweep " + kWeak + " --seeds " + std::to_string(seeds) +
                            " --jobs 2 --format json --campaign ";
  int killed = 0;
  for (int i = 0; i < kills; ++i) {
    const std::uint64_t moment = 10 + sim::mix(static_cast<std::uint64_t>(i)) % within;
    std::string digits = std::to_string(1000 + moment);
    digits[0] = '.';
    killed += shop.sagasim(sweep + "killed.db --resume", "timeout -s KILL 0" + digits).code != 1;
  }
  EXPECT_GT(killed, 0);
  const Answer resumed = shop.sagasim(sweep + "killed.db --resume");
  const Answer whole = shop.sagasim(sweep + "whole.db");
  EXPECT_EQ(resumed.code, 1) << resumed.err;
  EXPECT_EQ(timeless(whole.out)["runs"], seeds);
  return {timeless(resumed.out), timeless(whole.out)};
}

TEST(Campaign, KilledAndResumedSaysWhatAnUninterruptedOneSays) {
  const auto [resumed, whole] = killed_and_uninterrupted(6, 60, 300);
  EXPECT_EQ(resumed, whole);
}

TEST(CampaignSlow, KilledAHundredTimesAndResumedSaysWhatAnUninterruptedOneSays) {
  const auto [resumed, whole] = killed_and_uninterrupted(100, 300, 20'000);
  EXPECT_EQ(resumed, whole);
}

TEST(Campaign, ShardsMergeIntoTheWholeAndTwiceCountsOnce) {
  const Workshop shop;
  const std::string sweep = "sweep " + kWeak + " --seeds 200 --campaign ";
  shop.sagasim(sweep + "whole.db");
  shop.sagasim(sweep + "1.db --partition hash:1/2");
  shop.sagasim(sweep + "2.db", "GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=1");
  const Answer merged = shop.sagasim("merge all.db 1.db 2.db 1.db");
  EXPECT_EQ(merged.code, 0) << merged.err;
  EXPECT_NE(merged.out.find("nothing that was not there"), std::string::npos) << merged.out;
  EXPECT_EQ(report_of(shop, "all.db"), report_of(shop, "whole.db"));
  EXPECT_EQ(shop.sagasim("merge all.db 2.db all.db").code, 0);
  EXPECT_EQ(report_of(shop, "all.db"), report_of(shop, "whole.db"));
  EXPECT_FALSE(shop.exists("all.db.merging"));
}

TEST(Campaign, GoesOnWithNothingButTheSameScenario) {
  const Workshop shop;
  shop.sagasim("sweep " + kWeak + " --seeds 20 --campaign c.db");
  const Json before = report_of(shop, "c.db");
  const Answer again = shop.sagasim("sweep " + kWeak + " --seeds 20 --campaign c.db");
  EXPECT_EQ(again.code, 2);
  EXPECT_NE(again.err.find("--resume"), std::string::npos) << again.err;
  const Answer other = shop.sagasim(
      "sweep checkout --set workload.orders=9 --set architecture.tombstones=off --campaign c.db "
      "--resume");
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("workload.orders is 8 there and 9 here"), std::string::npos)
      << other.err;
  EXPECT_EQ(report_of(shop, "c.db"), before);
  const Answer merged = shop.sagasim("merge out.db c.db nowhere.db");
  EXPECT_EQ(merged.code, 2);
  EXPECT_FALSE(shop.exists("out.db"));
  EXPECT_FALSE(shop.exists("out.db.merging"));
}

TEST(Campaign, KeepsWhatItWasAskedForFromTheFirstMoment) {
  const Workshop shop;
  shop.sagasim("sweep " + kWeak + " --seeds 60 --campaign old.db");
  int begun = 0;
  for (int i = 0; i < 12; ++i) {
    const std::string file = std::to_string(i) + ".db";
    shop.sagasim("sweep " + kWeak + " --seeds 7 --before old.db --campaign " + file,
                 "timeout -s KILL 0.0" + std::to_string(10 + 4 * i));
    if (shop.exists(file)) {
      ++begun;
      const Answer resumed =
          shop.sagasim("sweep " + kWeak + " --campaign " + file + " --resume --format json");
      const Json json = Json::parse(resumed.out);
      EXPECT_EQ(json["runs"], 7);
      EXPECT_GT(json["before"]["known_runs"], 0);
    }
  }
  RecordProperty("begun", begun);
}

TEST(Campaign, SaysWhatItCannotGoOnWith) {
  const Workshop shop;
  shop.sagasim("sweep " + kWeak + " --seconds 0.05 --campaign timed.db");
  const Answer timed = shop.sagasim("sweep " + kWeak + " --campaign timed.db --resume");
  EXPECT_EQ(timed.code, 2);
  EXPECT_NE(timed.err.find("expected --seconds or --seeds"), std::string::npos) << timed.err;
  const Answer late =
      shop.sagasim("sweep " + kWeak + " --campaign timed.db --resume --seeds 9 --before timed.db");
  EXPECT_EQ(late.code, 2);
  EXPECT_NE(late.err.find("comes too late"), std::string::npos) << late.err;

  // The very runs that it stopped after have no bound, whoever asks for just as many.
  const std::string sweep = "sweep " + kWeak + " --format json --campaign stopped.db --resume";
  const Json stopped = Json::parse(shop.sagasim(sweep + " --seeds 500 --stop-after 2").out);
  const Json again = Json::parse(
      shop.sagasim(sweep + " --seeds " + std::to_string(stopped["runs"].get<int>())).out);
  EXPECT_TRUE(stopped["stopped_after"]);
  EXPECT_TRUE(again["stopped_after"]);
  EXPECT_EQ(again["coverage"], stopped["coverage"]);
}

TEST(Campaign, AShareSaysTheSameKeptAndNotKept) {
  const Workshop shop;
  const std::string sweep = "sweep " + kWeak + " --seeds 30 --partition hash:1/3 --format json";
  EXPECT_EQ(timeless(shop.sagasim(sweep).out),
            timeless(shop.sagasim(sweep + " --campaign c.db").out));
}

TEST(Campaign, RunsFirstWhatFailedBeforeAndTellsWhatIsNew) {
  const Workshop shop;
  shop.sagasim("sweep " + kWeak + " --seeds 60 --campaign old.db");
  const Answer mended = shop.sagasim(
      "sweep checkout --set workload.orders=8 --seeds 5 --campaign new.db --before old.db "
      "--format json");
  EXPECT_EQ(mended.code, 0) << mended.err;
  const Json now = Json::parse(mended.out);
  EXPECT_GT(now["before"]["known_runs"], 0);
  EXPECT_EQ(now["before"]["known_failed"], 0);
  EXPECT_EQ(now["before"]["resolved"][0]["cause"], "CMP-2/order/late");

  // Two seeds that do not fail, and those known from before that do.
  const Answer still = shop.sagasim("sweep " + kWeak +
                                    " --seeds 1 --campaign same.db --before old.db --format json");
  EXPECT_EQ(still.code, 1);
  EXPECT_EQ(Json::parse(still.out)["failures"][0]["standing"], "ongoing");

  const Answer fresh = shop.sagasim(
      "sweep checkout --set workload.orders=8 --set architecture.publish=before_commit --seeds 5 "
      "--campaign other.db --before old.db");
  EXPECT_NE(fresh.out.find("EVT-1/event"), std::string::npos);
  EXPECT_NE(fresh.out.find("1 new, 0 ongoing"), std::string::npos) << fresh.out;
}

TEST(Campaign, AFullDiskIsAnErrorAndLosesNothingThatWasStored) {
  const Workshop shop;
  const std::string sweep = "sweep " + kWeak + " --format json --campaign c.db";
  shop.sagasim(sweep + " --seeds 40");
  // Blocks of 512 bytes: enough for what is there, not for what comes.
  const Answer full =
      shop.sagasim(sweep + " --seeds 4000 --resume", "sh -c 'ulimit -f 400; exec \"$0\" \"$@\"'");
  EXPECT_EQ(full.code, 2);
  EXPECT_NE(full.err.find("c.db: cannot be"), std::string::npos) << full.err;
  const Json kept = report_of(shop, "c.db");
  EXPECT_GE(kept["runs"], 40);
  const Answer resumed = shop.sagasim(sweep + " --seeds 300 --resume");
  EXPECT_EQ(resumed.code, 1) << resumed.err;
  const Answer whole =
      shop.sagasim("sweep " + kWeak + " --format json --seeds " +
                   std::to_string(kept["runs"].get<int>() > 300 ? kept["runs"].get<int>() : 300));
  EXPECT_EQ(timeless(resumed.out), timeless(whole.out));
}

TEST(Campaign, FilesThatAreNoneAreRefusedByEveryVerb) {
  const Workshop shop;
  shop.write("text.db", "a text and no campaign, long enough to be read as a database file head");
  for (const std::string& verb :
       {std::string("report text.db"), std::string("merge out.db text.db"),
        "sweep " + kWeak + " --campaign text.db --resume",
        "sweep " + kWeak + " --campaign new.db --before text.db"}) {
    const Answer answer = shop.sagasim(verb);
    EXPECT_EQ(answer.code, 2) << verb;
    EXPECT_NE(answer.err.find("text.db: is no campaign file"), std::string::npos) << answer.err;
  }
  EXPECT_FALSE(shop.exists("out.db"));
  EXPECT_FALSE(shop.exists("new.db"));
  EXPECT_EQ(shop.read("text.db").size(), 70u);
  EXPECT_EQ(shop.sagasim("sweep " + kWeak + " --campaign nowhere/c.db").code, 2);
  EXPECT_EQ(shop.sagasim("sweep " + kWeak + " --resume").code, 2);
  EXPECT_EQ(shop.sagasim("sweep " + kWeak + " --partition hash:3/2").code, 2);
  EXPECT_EQ(shop.sagasim("sweep " + kWeak + " --partition slice:1/2").code, 2);
}

TEST(Campaign, FoldersDevicesAndCampaignsInTheWrongPlaceAreNamed) {
  const Workshop shop;
  shop.sagasim("sweep " + kWeak + " --seeds 20 --campaign c.db");
  for (const auto& [words, complaint] : std::map<std::string, std::string>{
           {"report .", ".: is a folder"},
           {"report /dev/null", "/dev/null: is a device"},
           {"merge out.db c.db .", ".: is a folder"},
           {"merge /dev/null c.db", "/dev/null: is a device"},
           {"minimize c.db", "c.db: is a campaign (expected a reproduction file; "},
           {"replay c.db", "report c.db --repros DIR"}}) {
    const Answer answer = shop.sagasim(words);
    EXPECT_EQ(answer.code, 2) << words;
    EXPECT_NE(answer.err.find(complaint), std::string::npos) << words << ": " << answer.err;
  }
  EXPECT_FALSE(shop.exists("out.db"));
}

// What cannot be told apart is not the fault of a file that nobody has heard of.
TEST(Campaign, AMergeNamesTheFilesThatItWasGiven) {
  const Workshop shop;
  shop.sagasim("sweep " + kWeak + " --seeds 30 --campaign 1.db");
  shop.sagasim("sweep " + kWeak + " --seeds 30 --from 20 --campaign 2.db");
  const Answer answer = shop.sagasim("merge all.db 1.db 2.db");
  EXPECT_EQ(answer.code, 2);
  EXPECT_NE(answer.err.find("2.db: has seeds 20 to 49 in one sum"), std::string::npos)
      << answer.err;
  EXPECT_EQ(answer.err.find("merging"), std::string::npos) << answer.err;
  const Answer full = shop.sagasim("merge all.db 1.db", "sh -c 'ulimit -f 20; exec \"$0\" \"$@\"'");
  EXPECT_EQ(full.code, 2);
  EXPECT_NE(full.err.find("all.db: cannot be"), std::string::npos) << full.err;
  EXPECT_FALSE(shop.exists("all.db"));
  EXPECT_FALSE(shop.exists("all.db.merging"));
}

TEST(Campaign, IsReportedInEveryForm) {
  const Workshop shop;
  shop.sagasim("sweep " + kWeak + " --seeds 60 --campaign c.db");
  const Answer html = shop.sagasim("report c.db --format html --out c.html");
  EXPECT_EQ(html.code, 1) << html.err;
  const std::string page = shop.read("c.html");
  for (const char* part : {"CMP-2/order/late", "class=\"heat\"", "class=\"story\"", "run checkout",
                           "PaymentWaited", "</html>"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  for (const char* elsewhere : {"http:", "https:", "<script", "src=", "@import", "url("}) {
    EXPECT_EQ(page.find(elsewhere), std::string::npos) << elsewhere;
  }
  EXPECT_NE(shop.sagasim("report c.db --format md").out.find("### 1. CMP-2"), std::string::npos);
  EXPECT_NE(shop.sagasim("report c.db --format junit").out.find("<testcase"), std::string::npos);
  EXPECT_NE(shop.sagasim("report c.db").out.find("FAIL  checkout"), std::string::npos);
  EXPECT_EQ(shop.sagasim("report c.db --format pdf").code, 2);
  shop.sagasim("report c.db --repros again");
  EXPECT_FALSE(shop.files("again").empty());
}

TEST(Compare, TellsWhichValuesFail) {
  const Workshop shop;
  const Answer answer = shop.sagasim(
      "compare checkout --set workload.orders=8 --seeds 12 --vary "
      "architecture.publish=outbox,before_commit --vary faults.profile=calm,swarm --format json");
  EXPECT_EQ(answer.code, 1) << answer.err;
  const Json json = Json::parse(answer.out);
  EXPECT_EQ(json["axes"][0]["key"], "architecture.publish");
  EXPECT_EQ(json["axes"][1]["values"][1], "swarm");
  ASSERT_EQ(json["cells"].size(), 4u);
  EXPECT_EQ(json["cells"][1]["values"], (Json{"outbox", "swarm"}));
  EXPECT_EQ(json["cells"][0]["failed"], 0);
  EXPECT_EQ(json["cells"][1]["failed"], 0);
  EXPECT_EQ(json["cells"][3]["runs"], 12);
  EXPECT_EQ(json["cells"][3]["failed"], 12);
  EXPECT_EQ(json["cells"][3]["properties"]["EVT-1"], 12);
  // The same seeds in each cell, and the same runs as in a sweep of it alone.
  std::string rerun = json["cells"][3]["rerun"];
  const Json alone =
      Json::parse(shop.sagasim(rerun.substr(rerun.find(' ') + 1) + " --format json").out);
  EXPECT_EQ(alone["failed"], 12);
}

TEST(Compare, PresetsFitIntoEightyColumns) {
  const Workshop shop;
  for (const char* preset : {"patterns", "delivery", "timeouts"}) {
    const Answer answer = shop.sagasim("compare checkout-one-order --seeds 1 --preset " +
                                       std::string(preset) + " --color never");
    EXPECT_TRUE(answer.code == 0 || answer.code == 1) << answer.err;
    std::istringstream lines(answer.out);
    std::string line;
    std::getline(lines, line);  // the verdict
    while (std::getline(lines, line)) {
      const auto columns =
          std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
      EXPECT_TRUE(columns <= 80 || line.starts_with("rerun")) << line;
    }
  }
}

TEST(Compare, RefusesWhatItCannotVaryBeforeItRunsAnything) {
  const Workshop shop;
  for (const char* wrong :
       {"compare checkout", "compare checkout --vary shop.users", "compare checkout --vary =3",
        "compare checkout --vary shop.users=2,,3", "compare checkout --vary shop.usres=2,3",
        "compare checkout --vary shop.users=2,none", "compare checkout --preset pattern"}) {
    const Answer answer = shop.sagasim(wrong);
    EXPECT_EQ(answer.code, 2) << wrong;
    EXPECT_EQ(answer.out, "") << wrong;
  }
}

}  // namespace
}  // namespace sagasim::cli
