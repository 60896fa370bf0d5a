// docs/faults.md shows the catalogue, and what it tells a newcomer to write does what it says.

#include <gtest/gtest.h>

#include "scenarios/document.h"
#include "scenarios/duration_text.h"
#include "scenarios/files.h"
#include "scenarios/plan_json.h"
#include "scenarios/scenario_json.h"
#include "scenarios/shop_system.h"
#include "scenarios/shop_vocabulary.h"

namespace sagasim::scenarios {
namespace {

std::string page() { return read_file(SAGASIM_SOURCE_DIR "/docs/faults.md"); }

std::string row_of(const faults::KindInfo& info) {
  std::string text = std::string("**") + info.id + "**: " + info.description;
  if (info.by.meaning != nullptr) {
    text += std::string(" `by`: ") + info.by.meaning + "; chance draws from " +
            to_text(info.by.low) + " to " + to_text(info.by.high) +
            (info.by.either_sign ? ", in either direction." : ".");
  }
  return "- " + text + "\n  `" + example_entry(info.kind, shop_vocabulary()) + "`\n";
}

TEST(FaultsPage, ShowsEveryKindWithAnExample) {
  std::string expected;
  const auto part = [&](const char* title, auto wanted) {
    expected += std::string("### ") + title + "\n\n";
    for (const faults::KindInfo& info : faults::kCatalog) {
      if (wanted(info)) {
        expected += row_of(info);
      }
    }
    expected += "\n";
  };
  part("Of an operation", [](const auto& info) { return !info.window; });
  part("Windows", [](const auto& info) { return info.window && !info.moment && !info.breaker; });
  part("Moments", [](const auto& info) { return info.moment && !info.breaker; });
  part("Breakers", [](const auto& info) { return info.breaker; });
  expected.pop_back();
  EXPECT_NE(page().find(expected), std::string::npos) << "docs/faults.md should contain\n"
                                                      << expected;
}

std::string words(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& word : list) {
    text += (text.empty() ? "`" : ", `") + word + "`";
  }
  return text;
}

// The kinds that take such a target, in the order of the catalogue.
std::string kinds_for(faults::Target target) {
  std::vector<std::string> ids;
  for (const faults::KindInfo& info : faults::kCatalog) {
    if (info.target == target) {
      ids.emplace_back(info.id);
    }
  }
  return words(ids);
}

TEST(FaultsPage, ListsEveryWordThatAPlanCanName) {
  const faults::Vocabulary& shop = shop_vocabulary();
  using Sort = faults::Vocabulary::Sort;
  using faults::Target;
  const std::string text = page();
  for (const std::string& line :
       {"- **services** (for " + kinds_for(Target::kService) +
            "): " + words(shop.role_names(Sort::kProgram)),
        "- **databases** (for " + kinds_for(Target::kDatabase) +
            "): " + words(shop.role_names(Sort::kDatabase)),
        "- **outside** (for " + kinds_for(Target::kExternal) +
            "): " + words(shop.role_names(Sort::kExternal)),
        "- every other window takes any of these, and " + words(shop.role_names(Sort::kBroker)),
        "- **groups**: " + words(shop.groups), "- **topics**: " + words(shop.topics)}) {
    EXPECT_NE(text.find(line + "\n"), std::string::npos) << "docs/faults.md should contain\n"
                                                         << line;
  }
}

TEST(FaultsPage, ShowsWhatCanHappenToWhat) {
  std::string expected = "| fault |";
  std::string rule = "| --- |";
  for (int i = 0; i < sim::kOperationKinds; ++i) {
    expected += std::string(" ") + sim::to_text(static_cast<sim::OperationKind>(i)) + " |";
    rule += " --- |";
  }
  expected += "\n" + rule + "\n";
  for (const faults::KindInfo& info : faults::kCatalog) {
    if (info.window) {
      continue;
    }
    expected += std::string("| ") + info.id + " |";
    for (int i = 0; i < sim::kOperationKinds; ++i) {
      const bool can = faults::can_strike(info.kind, static_cast<sim::OperationKind>(i));
      expected += can ? " x |" : "  |";
    }
    expected += "\n";
  }
  EXPECT_NE(page().find(expected), std::string::npos) << "docs/faults.md should contain\n"
                                                      << expected;
}

// The scenario on the page, taken from the page.
TEST(FaultsPage, ThePlanByHandDoesWhatThePageSays) {
  const std::string text = page();
  const std::size_t begin = text.find("```json\n") + 8;
  const Scenario scenario =
      parse_scenario(text.substr(begin, text.find("```\n", begin) - begin), "mine.json");
  const RunResult result = make_shop(scenario)->run({.seed = 1});
  EXPECT_EQ(result.verdict, Verdict::kPass);
  EXPECT_TRUE(result.left_over.empty());
  EXPECT_EQ(result.tallies.at("orders").at("completed"), 1u);
  EXPECT_EQ(result.faults[static_cast<unsigned>(faults::Kind::kHold)], 1u);
  EXPECT_EQ(result.faults[static_cast<unsigned>(faults::Kind::kReplyLost)], 1u);
  EXPECT_EQ(result.faults[static_cast<unsigned>(faults::Kind::kIsolation)], 1u);
  EXPECT_EQ(result.virtual_time / sim::seconds(1), 31);
}

TEST(FaultsPage, AFaultThatDidNotApplySaysSo) {
  const std::string fault = "order/order:PaymentPaid(c1.9,1)/delivery(c1.9)";
  const Scenario scenario = parse_scenario(
      R"({"workload": {"orders": 1}, "faults": {"plan": [
        {"fault": "drop", "operation": ")" +
          fault + R"("},
        {"fault": "isolation", "target": "order#2", "from": "0 s", "until": "1 s"},
        {"fault": "isolation", "target": "order", "after": ")" +
          fault + R"(", "until": "1 s"}]}})",
      "mine.json");
  const RunResult result = make_shop(scenario)->run({.seed = 1});
  ASSERT_EQ(result.left_over.size(), 3u);
  EXPECT_EQ(result.left_over[0], "drop of " + fault + " did not apply: no such operation");
  EXPECT_NE(result.left_over[1].find("there is nothing of that name"), std::string::npos);
  EXPECT_NE(result.left_over[2].find("anchored to did not end"), std::string::npos);
}

}  // namespace
}  // namespace sagasim::scenarios
