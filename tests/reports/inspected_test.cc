// The state of a run on a screen and as JSON.
#include "reports/inspected.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

namespace sagasim::reports {
namespace {

using sim::Fact;
using sim::Item;

Item order(const std::string& phase) {
  Item item;
  item.name = "c1.4";
  item.facts = {{"facts.order", std::string("c1.4")},
                {"facts.total", std::int64_t{9'000}},
                {"facts.coupon", Fact::Value{}},
                {"facts.line[0].product", std::string("p1")},
                {"facts.line[0].quantity", std::int64_t{2}},
                {"phase", phase},
                {"created", sim::kStart + sim::milliseconds(4'312)}};
  return item;
}

InspectReport report(InspectReport::Kind kind) {
  InspectReport report;
  report.kind = kind;
  report.target = {"checkout", "resilient", {}};
  report.result.seed = 7;
  report.result.virtual_time = sim::seconds(60);
  report.result.verdict = scenarios::Verdict::kFail;
  report.result.violations.push_back(
      {"MON-4", "9,000 KRW are missing", "balance", sim::kStart + sim::seconds(8), {}});
  report.first.at = sim::kStart + sim::seconds(5);
  report.first.lists = {{"order", "orders", false, {order("collecting")}},
                        {"order", "inbox", true, {}},
                        {"processes", "nodes", false, {}}};
  for (int i = 0; i < 30; ++i) {
    report.first.lists[1].items.push_back({"event" + std::to_string(i), {}, {}, false});
  }
  report.first.lists[2].items = {{"order", {}, {{"state", std::string("down")}}, false},
                                 {"stock", {}, {{"state", std::string("up")}}, true}};
  report.second = report.first;
  report.second.at = sim::kStart + sim::seconds(9);
  report.second.lists[0].items = {order("done")};
  report.second.lists[1].items.resize(31);
  report.second.lists[1].items.back().name = "event30";
  report.second.lists[2].items.erase(report.second.lists[2].items.begin());
  report.rerun = "sagasim inspect x.json --at 5s";
  return report;
}

std::string text(const InspectReport& report, std::size_t width = 80) {
  std::ostringstream out;
  write_text(out, report, {false, width});
  return out.str();
}

TEST(Inspected, ShowsRowsWithoutWhatIsNotSetOrSaidTwice) {
  const std::string shown = text(report(InspectReport::Kind::kState));
  EXPECT_NE(shown.find("checkout (resilient) seed 7 at 5.000 s\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("c1.4       total 9,000 · line[0] (product p1, quantity 2) ·\n"),
            std::string::npos)
      << shown;
  EXPECT_NE(shown.find("created 4.312 s"), std::string::npos);
  EXPECT_EQ(shown.find("coupon"), std::string::npos);
  EXPECT_NE(shown.find("later       MON-4 at 8.000 s"), std::string::npos);
}

TEST(Inspected, LeavesOutWhatIsAtRestAndWhatIsTooLongAndSaysSo) {
  InspectReport some = report(InspectReport::Kind::kState);
  const std::string shown = text(some);
  EXPECT_NE(shown.find("… and 10 more; --all shows them"), std::string::npos) << shown;
  EXPECT_NE(shown.find("1 at rest"), std::string::npos);
  EXPECT_EQ(shown.find("stock"), std::string::npos);
  some.everything = true;
  const std::string all = text(some);
  EXPECT_NE(all.find("event29"), std::string::npos);
  EXPECT_NE(all.find("stock"), std::string::npos);
}

TEST(Inspected, FitsTheWidth) {
  for (const std::size_t width : {80u, 120u}) {
    for (const auto kind : {InspectReport::Kind::kState, InspectReport::Kind::kUntil}) {
      std::istringstream lines(text(report(kind), width));
      for (std::string line; std::getline(lines, line);) {
        const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
          return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
        });
        EXPECT_LE(static_cast<std::size_t>(columns), width) << line;
      }
    }
  }
}

TEST(Inspected, ADifferenceIsWhatIsNewGoneAndChanged) {
  const std::string shown = text(report(InspectReport::Kind::kUntil));
  EXPECT_NE(shown.find("from 5.000 s until 9.000 s"), std::string::npos) << shown;
  EXPECT_NE(shown.find("violated    MON-4"), std::string::npos);
  EXPECT_NE(shown.find(" ~ c1.4       phase collecting → done\n"), std::string::npos);
  EXPECT_NE(shown.find(" + event30\n"), std::string::npos);
  EXPECT_NE(shown.find(" - order\n"), std::string::npos);
}

TEST(Inspected, TwoRunsThatDifferInTimesAloneDoNotDiffer) {
  InspectReport runs = report(InspectReport::Kind::kAgainst);
  runs.other = "y.json";
  runs.second = runs.first;
  runs.second.lists[0].items[0].facts.back().value = sim::kStart + sim::seconds(1);
  EXPECT_NE(text(runs).find("nothing differs but times; --all shows them"), std::string::npos);
  runs.everything = true;
  EXPECT_NE(text(runs).find("created 4.312 s → 1.000 s"), std::string::npos);
}

TEST(Inspected, JsonHasEveryFactByItsPath) {
  std::ostringstream out;
  write_json(out, report(InspectReport::Kind::kState));
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["at"], 5.0);
  EXPECT_EQ(json["seed"], "7");
  const auto& row = json["state"]["order"]["orders"]["c1.4"];
  EXPECT_EQ(row["facts.total"], 9'000);
  EXPECT_TRUE(row["facts.coupon"].is_null());
  EXPECT_EQ(row["created"], 4.312);
  EXPECT_EQ(json["state"]["order"]["inbox"].size(), 30u);
  EXPECT_TRUE(json["state"]["processes"]["nodes"].contains("stock"));
}

TEST(Inspected, JsonOfADifferenceHasBeforeAndAfter) {
  std::ostringstream out;
  write_json(out, report(InspectReport::Kind::kUntil));
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["until"], 9.0);
  ASSERT_EQ(json["changes"].size(), 3u);
  EXPECT_EQ(json["changes"][0]["how"], "changed");
  EXPECT_EQ(json["changes"][0]["facts"]["phase"]["before"], "collecting");
  EXPECT_EQ(json["changes"][0]["facts"]["phase"]["after"], "done");
}

}  // namespace
}  // namespace sagasim::reports
