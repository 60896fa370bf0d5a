#include "reports/minimized.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/explained.h"
#include "tests/search/fake_reducible.h"

namespace sagasim::reports {
namespace {

using Json = nlohmann::json;

// Two parts and three faults come down to one part and one fault.
search::MinimizeResult shrunk() {
  fake::Toy toy;
  toy.parts = {1, 2};
  toy.weak = {"lock"};
  faults::Plan plan;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    plan.operations.push_back(fake::fault_on(fake::operation_name(1, i)));
  }
  return search::minimize(
      fake::case_of(
          toy, plan,
          [](const fake::Toy& t, const scenarios::RunRequest& request) {
            const bool struck = fake::find_fault(request, fake::operation_name(1, 2)) != nullptr;
            return !t.has(2) ? "END-1/thing" : struck && t.lacks("lock") ? "SUM-1/sum" : "";
          }),
      {});
}

MinimizeReport report_of(search::MinimizeResult result) {
  MinimizeReport report;
  report.target = {"toy", "plain, lock=off", {{"SUM-1", "What goes in comes out."}}};
  report.original = {"toy", "plain, lock=off, log=off", {}};
  report.failure = failure_of(report.target, result.after.result, nullptr);
  report.failure->rerun = "sagasim replay x-min.json";
  report.failure->repro = "x-min.json";
  report.failure->files = {"x-min.json"};
  report.others = {{"END-1/thing", "it never ended", 3, "x-min-END-1-thing.json"}};
  report.result = std::move(result);
  return report;
}

TEST(Minimized, TextSaysWhatBecameOfWhat) {
  std::ostringstream out;
  write_text(out, report_of(shrunk()), {});
  const std::string text = out.str();
  EXPECT_TRUE(text.starts_with("FAIL  toy (plain, lock=off) seed 5: SUM-1/sum\n")) << text;
  for (const char* words :
       {"3 faults → 1 · 2 parts → 1", "no single step makes it smaller",
        "it was plain, lock=off, log=off", "8 of 8 variations",
        "met too     END-1/thing: it never ended", "3 faults, kept in x-min-END-1-thing.json",
        "\nrerun: sagasim replay x-min.json\n"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  }
}

TEST(Minimized, JsonHasTheKeysOfTheContract) {
  std::ostringstream out;
  write_json(out, report_of(shrunk()));
  const Json json = Json::parse(out.str());
  EXPECT_EQ(json["before"]["faults"], 3);
  EXPECT_EQ(json["before"]["parts"], 2);
  EXPECT_EQ(json["after"]["faults"], 1);
  EXPECT_EQ(json["after"]["parts"], 1);
  EXPECT_TRUE(json["after"].contains("operations"));
  EXPECT_GT(json["runs"], 1);
  EXPECT_EQ(json["repro"], "x-min.json");
  EXPECT_EQ(json["minimal"], true);
  EXPECT_EQ(json["new_causes"][0]["cause"], "END-1/thing");
}

TEST(Minimized, OneIsNotMany) {
  MinimizeReport report = report_of(shrunk());
  report.result.before = report.result.after;
  std::ostringstream out;
  write_text(out, report, {});
  EXPECT_NE(out.str().find("1 fault → 1 · 1 part → 1"), std::string::npos) << out.str();
}

TEST(Explained, TextAndJsonSayWhatIsNecessaryAndWhatHelps) {
  const search::Case smallest = shrunk().after.what;
  ExplainReport report;
  report.target = {"toy", "plain, lock=off", {{"SUM-1", "What goes in comes out."}}};
  report.seed = smallest.seed;
  report.plan = smallest.plan;
  report.explanation = search::explain(smallest, {});
  report.rerun = "sagasim replay x-min.json";
  std::ostringstream out;
  write_text(out, report, {});
  const std::string text = out.str();
  for (const char* words :
       {"property    SUM-1: What goes in comes out.", "VIOLATED it broke",
        "necessary   front/desk(t1)/call:ask(t1)#2: is done, but the answer is lost",
        "without it all properties hold"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  }
  std::ostringstream json_out;
  write_json(json_out, report);
  const Json json = Json::parse(json_out.str());
  EXPECT_EQ(json["necessary_faults"][0]["operation"], "front/desk(t1)/call:ask(t1)#2");
  EXPECT_EQ(json["chain"].back()["text"], "it broke");
  EXPECT_EQ(json["remedies"], (Json{{"lock=on"}}));
}

}  // namespace
}  // namespace sagasim::reports
