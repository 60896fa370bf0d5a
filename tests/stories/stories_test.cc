// Every weaker policy and every bug of the shop: how small its first failure gets, whether the tool
// explains it as people do, and whether the page says so.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "domain/policy_catalog.h"
#include "scenarios/files.h"
#include "scenarios/repro.h"
#include "scenarios/shop_reduction.h"
#include "scenarios/shop_system.h"
#include "tests/stories/story.h"

namespace sagasim::stories {
namespace {

std::string page() {
  std::ifstream file(SAGASIM_SOURCE_DIR "/docs/stories.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What stands behind `from` at the beginning of a line, up to `to`, for each line that begins so.
std::vector<std::string> beginnings(const std::string& from, const std::string& to) {
  std::vector<std::string> found;
  std::istringstream lines(page());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(from)) {
      found.push_back(line.substr(from.size(), line.find(to, from.size()) - from.size()));
    }
  }
  return found;
}

// A fault of a plan as the table speaks of it.
struct Struck {
  faults::Kind kind;
  std::string where;
};
Struck struck_of(const faults::Plan& plan, std::size_t index) {
  if (index < plan.operations.size()) {
    const faults::OperationFault& fault = plan.operations[index];
    return {faults::kind_of(fault.effect), fault.operation};
  }
  const faults::WindowFault& window = plan.windows[index - plan.operations.size()];
  return {window.kind, faults::label_of(window)};
}

bool is_expected(const Weakening& weakening, const Struck& struck) {
  return std::any_of(weakening.takes.begin(), weakening.takes.end(),
                     [&](const Blow& blow) { return does(blow, struck.kind, struck.where); });
}

std::vector<std::vector<std::string>> remedies_of(const Story& story) {
  std::vector<std::vector<std::string>> remedies;
  for (const search::Remedy& remedy : story.explained.remedies) {
    remedies.push_back(remedy.changes);
  }
  return remedies;
}

// --- the table ---

std::string text_of(const scenarios::Setting& setting) {
  return std::string(setting.policy) + "=" + setting.value;
}

TEST(Expected, EveryBugIsThereAsItIsCatalogued) {
  std::vector<std::string> known;
  for (const Weakening& weakening : expected()) {
    if (weakening.bug != nullptr) {
      known.emplace_back(weakening.bug->id);
      EXPECT_EQ(scenarios::to_settings(weakening.settings),
                scenarios::to_settings(weakening.bug->settings));
      EXPECT_STREQ(weakening.scenario, weakening.bug->scenario);
    }
  }
  std::vector<std::string> catalogued;
  for (const scenarios::Bug& bug : scenarios::bugs()) {
    catalogued.emplace_back(bug.id);
  }
  EXPECT_EQ(known, catalogued);
}

// A policy that takes a duration has no weaker values: with it the reference protocol is another.
TEST(Expected, EveryWeakerValueOfEveryPolicyIsThereOnceByItself) {
  std::vector<std::string> known;
  for (const Weakening& weakening : expected()) {
    if (weakening.settings.size() == 1) {
      known.push_back(text_of(weakening.settings.front()));
    }
  }
  for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
    for (std::size_t i = 1; i < entry.values.size(); ++i) {
      const std::string value = std::string(entry.id) + "=" + entry.values[i].id;
      EXPECT_EQ(std::count(known.begin(), known.end(), value), 1) << value;
    }
  }
}

TEST(Expected, WhatDoesHarmHasARemedyAndTheRestIsDeclaredEquivalent) {
  for (const Weakening& weakening : expected()) {
    const bool harmless = weakening.properties.empty();
    EXPECT_EQ(weakening.takes.empty(), harmless) << name_of(weakening);
    EXPECT_EQ(weakening.remedies.empty(), harmless) << name_of(weakening);
    const auto declared = scenarios::equivalents();
    const bool equivalent =
        std::any_of(declared.begin(), declared.end(), [&](const scenarios::Equivalent& each) {
          return scenarios::to_settings(each.settings) ==
                 scenarios::to_settings(weakening.settings);
        });
    EXPECT_EQ(equivalent, harmless) << name_of(weakening);
  }
}

const Weakening& weakening_named(const std::string& name) {
  return *std::find_if(expected().begin(), expected().end(),
                       [&](const Weakening& each) { return file_name_of(each) == name; });
}

// What a story found, held against the table of every other one: it does only for the few that are
// about the same moment.
TEST(Expected, TakesTheFaultOfItsStoryAndOfFewOthers) {
  std::size_t pairs = 0;
  std::vector<std::string> taken;
  for (const Weakening& story : expected()) {
    const std::string file =
        SAGASIM_SOURCE_DIR "/tests/stories/repros/" + file_name_of(story) + ".json";
    if (!std::filesystem::exists(file)) {
      continue;
    }
    const faults::Plan plan = scenarios::parse_repro(scenarios::read_file(file), file).plan;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const Struck struck = struck_of(plan, i);
      EXPECT_TRUE(is_expected(story, struck)) << name_of(story);
      for (const Weakening& other : expected()) {
        pairs += &other != &story ? 1 : 0;
        if (&other != &story && is_expected(other, struck)) {
          taken.push_back(name_of(other) + " takes that of " + name_of(story));
        }
      }
    }
  }
  EXPECT_GE(pairs, 1000u);
  EXPECT_LE(taken.size() * 40, pairs) << testing::PrintToString(taken);
}

// The right trouble elsewhere, and another trouble at the right place.
TEST(Expected, RefusesWhatIsNearlyRight) {
  using faults::Kind;
  struct Wrong {
    const char* story;
    Kind kind;
    const char* where;
  };
  const Wrong kWrong[] = {
      {"X01-dual-write-no-outbox", Kind::kFail,
       "order/relay:OrderCompleted(c1.1,1)/append:OrderCompleted(c1.1)"},
      {"X01-dual-write-no-outbox", Kind::kHold,
       "order/order:PaymentPaid(c1.1,1)/append:OrderCompleted(c1.1)"},
      {"X03-inbox-check-outside-tx", Kind::kFail,
       "balance/balance:OrderCreated(c1.1,1)/commit(c1.1)"},
      {"X05-ack-before-processing", Kind::kFail,
       "balance/balance:OrderCreated(c1.1,1)/statement:balances(c1.1)"},
      {"X07-recoverer-drops-record", Kind::kOutage, "outage of order-db"},
      {"X07-recoverer-drops-record", Kind::kSlowness, "outage of product-db"},
      {"B03-missing-tombstone", Kind::kHold, "product/stock:OrderFailed(c1.1,1)/delivery(c1.1)"},
      {"B03-missing-tombstone", Kind::kDrop, "product/stock:OrderCreated(c1.1,1)/delivery(c1.1)"},
      {"B05-unknown-commit-as-failure", Kind::kFail,
       "product/stock:OrderCreated(c1.1,1)/commit(c1.1)"},
      {"C01-coupon-double-use", Kind::kHold, "product/stock:OrderCreated(c1.1,1)/commit(c1.1)"},
      {"P01-timeout-as-decline", Kind::kReplyLost, "payment/refund-job(c1.1)/request:refund(c1.1)"},
      {"P02-fresh-key-per-attempt", Kind::kFail, "payment/charge-job(c1.1)/request:charge(c1.1)"},
      {"consume-inbox_outside", Kind::kLate, "order/order:BalanceUsed(c1.1,1)/commit(c1.1)"},
      {"O08-int32-total", Kind::kDelay, "client/command(c1.1)/call:create-order(c1.1)"},
  };
  for (const Wrong& wrong : kWrong) {
    EXPECT_FALSE(is_expected(weakening_named(wrong.story), {wrong.kind, wrong.where}))
        << wrong.story << " " << faults::info_of(wrong.kind).id << " " << wrong.where;
  }
}

// --- the stories ---

bool happens_by_itself(const Weakening& weakening) {
  return std::any_of(weakening.takes.begin(), weakening.takes.end(),
                     [](const Blow& blow) { return blow.troubles.empty(); });
}

void expect_small(const search::MinimizeResult& result) {
  EXPECT_TRUE(result.minimal);
  EXPECT_FALSE(result.internal_error.has_value());
  EXPECT_EQ(result.after.result.signature(), result.before.result.signature());
  EXPECT_LE(result.after.what.plan.size(), 3u);
  EXPECT_LE(result.after.what.setup->counts().at("orders"), 4u);
}

void expect_explained(const Story& story) {
  const Weakening& weakening = *story.weakening;
  const search::Found& smallest = story.minimized.after;
  const std::string property = smallest.result.violations.front().property;
  EXPECT_NE(std::find(weakening.properties.begin(), weakening.properties.end(), property),
            weakening.properties.end())
      << property;
  EXPECT_TRUE(!story.explained.faults.empty() || happens_by_itself(weakening))
      << "without any fault";
  for (const search::FaultRole& role : story.explained.faults) {
    const Struck struck = struck_of(smallest.what.plan, role.index);
    const std::string text = faults::info_of(struck.kind).id + (" at " + struck.where);
    EXPECT_TRUE(role.necessary) << text;
    EXPECT_TRUE(is_expected(weakening, struck)) << text;
  }
  std::vector<std::vector<std::string>> remedies;
  for (const auto& together : weakening.remedies) {
    remedies.emplace_back(together.begin(), together.end());
  }
  EXPECT_EQ(remedies_of(story), remedies);
  EXPECT_EQ(story.explained.around, 200u);
}

void expect_on_the_page(const std::string& text) {
  EXPECT_TRUE(page().find(text) != std::string::npos)
      << "docs/stories.md has not:\n"
      << text << "tests/stories/update writes it anew";
}

// What a file keeps of it is all of it: read again, it is the same run.
void expect_written(const search::Found& smallest) {
  scenarios::Repro repro;
  repro.scenario = scenarios::scenario_of(*smallest.what.setup);
  repro.seed = smallest.what.seed;
  repro.workload = scenarios::workload_of(*smallest.what.setup);
  repro.plan = smallest.what.plan;
  const scenarios::Repro read = scenarios::parse_repro(scenarios::write_repro(repro), "a file");
  const scenarios::RunResult again = scenarios::make_shop(read.scenario, read.workload)
                                         ->run({.seed = read.seed, .plan = &read.plan});
  EXPECT_EQ(again.fingerprint, smallest.result.fingerprint);
}

void expect_as_people_say(const Weakening& weakening) {
  const Story story = tell(weakening, {});
  ASSERT_EQ(story.found, !weakening.properties.empty());
  if (story.found) {
    expect_small(story.minimized);
    expect_written(story.minimized.after);
    expect_explained(story);
  }
  expect_on_the_page(row_of(story));
  // The last section has no empty line behind it.
  std::string section = section_of(story);
  section.pop_back();
  expect_on_the_page(section);
}

std::vector<const Weakening*> those(bool harmless) {
  std::vector<const Weakening*> chosen;
  for (const Weakening& weakening : expected()) {
    if (weakening.properties.empty() == harmless) {
      chosen.push_back(&weakening);
    }
  }
  return chosen;
}

std::string test_name(const testing::TestParamInfo<const Weakening*>& info) {
  std::string name = file_name_of(*info.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class Told : public testing::TestWithParam<const Weakening*> {};
TEST_P(Told, SmallForTheReasonThatPeopleGiveAndAsThePageSays) { expect_as_people_say(*GetParam()); }
INSTANTIATE_TEST_SUITE_P(Each, Told, testing::ValuesIn(those(false)), test_name);

// Many runs for something that the test of the bugs looks at in few.
class HarmlessSlow : public testing::TestWithParam<const Weakening*> {};
TEST_P(HarmlessSlow, NothingIsViolatedAndSoThePageSays) { expect_as_people_say(*GetParam()); }
INSTANTIATE_TEST_SUITE_P(Each, HarmlessSlow, testing::ValuesIn(those(true)), test_name);

// Of each a section and a line of the table, in this order and nothing else.
TEST(Stories, ThePageTellsEachOfThem) {
  std::vector<std::string> names;
  for (const Weakening& weakening : expected()) {
    names.push_back(heading_of(weakening));
  }
  EXPECT_EQ(beginnings("## ", "\n"), names);
  names.insert(names.begin(), {"weaker", "---"});
  EXPECT_EQ(beginnings("| ", " | "), names);
}

}  // namespace
}  // namespace sagasim::stories
