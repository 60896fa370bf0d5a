// The claims of the design report as experiments: each file of scenarios/claims/ is a scenario with
// what the report says of it, run here under the architectures that it names. What is measured is
// virtual: counts of runs and orders, and times of the universe. docs/claims.md shows it all.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "domain/names.h"
#include "scenarios/files.h"
#include "scenarios/object_reader.h"
#include "scenarios/scenario_json.h"
#include "scenarios/shop_system.h"
#include "scenarios/workload.h"
#include "tests/docs/page.h"
#include "tests/scenarios/rows.h"

namespace sagasim::scenarios {
namespace {

using domain::Command;
using domain::CommandKind;

constexpr const char* kFolder = "scenarios/claims";

// An architecture that is compared with others.
struct Arm {
  std::string name;
  std::vector<std::string> settings;
};

struct Claim {
  std::string name;  // of the file, and of the scenario
  std::string text;  // the file
  std::string section;
  std::string sentence;  // of the report, in our words
  std::int64_t runs = 1;
  bool plain = false;  // only orders without a coupon count
  bool tells_log = false;
  std::vector<Arm> arms;
  std::vector<std::string> measures;
  std::vector<std::string> holds_if;  // what the report says, in figures
  std::vector<std::string> because;   // what explains it, or contradicts it
  bool holds = false;
  std::string why;
};

std::vector<std::string> texts(const Document& document, const Json& list) {
  std::vector<std::string> all;
  for (const Json& each : read_list(document, list, "a list of texts")) {
    all.push_back(read_text(document, each, "a text"));
  }
  return all;
}

Claim read_claim(const std::filesystem::path& path) {
  Claim claim;
  claim.name = path.stem().string();
  claim.text = read_file(path.string());
  const Document document(claim.text, path.string());
  const Json& value = document.root().at("claim");
  ObjectReader reader(document, value, "a claim");
  reader.text("section", claim.section, "a heading of the report");
  reader.text("sentence", claim.sentence, "what the report says there");
  reader.integer("runs", claim.runs, {1, 200});
  reader.boolean("without_coupons_only", claim.plain);
  reader.boolean("log", claim.tells_log);
  for (const Json& each : read_list(document, reader.require("arms", "architectures"), "arms")) {
    ObjectReader arm(document, each, "an arm");
    Arm& added = claim.arms.emplace_back();
    arm.text("name", added.name, "its name");
    added.settings = texts(document, arm.require("set", "settings, as after --set"));
    arm.finish();
  }
  claim.measures = texts(document, reader.require("measures", "what is measured"));
  claim.holds_if = texts(document, reader.require("holds_if", "what the sentence comes to"));
  if (const Json* because = reader.find("because"); because != nullptr) {
    claim.because = texts(document, *because);
  }
  reader.boolean("holds", claim.holds);
  reader.text("why", claim.why, "a sentence");
  reader.finish();
  return claim;
}

const std::vector<Claim>& claims() {
  static const std::vector<Claim> kClaims = [] {
    std::vector<std::filesystem::path> files;
    const std::filesystem::path folder = std::filesystem::path(SAGASIM_SOURCE_DIR) / kFolder;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      files.push_back(entry.path());
    }
    std::stable_sort(files.begin(), files.end());
    std::vector<Claim> all;
    for (const std::filesystem::path& file : files) {
      all.push_back(read_claim(file));
    }
    return all;
  }();
  return kClaims;
}

// How long customers wait for the answer that an order is taken, and what happens in which order.
class Watch final : public sim::Tracer {
 public:
  void on_begin(const sim::Operation& operation, const sim::Effect&) override {
    const bool asks = operation.invocation.role == domain::role::kClient &&
                      operation.detail == domain::method::kCreateOrder;
    if (asks) {
      asked_.emplace(operation.subject, operation.at);
    }
  }
  void on_complete(const sim::Operation& operation, sim::Outcome outcome, std::uint64_t,
                   sim::Instant at) override {
    const bool answered = operation.invocation.role == domain::role::kClient &&
                          operation.detail == domain::method::kCreateOrder;
    if (answered && outcome == sim::Outcome::kOk && !answers_.contains(operation.subject)) {
      answers_.emplace(operation.subject, at - asked_.at(operation.subject));
    }
    if (operation.kind == sim::OperationKind::kCommit && outcome == sim::Outcome::kOk) {
      log_.push_back(std::to_string((at - sim::kStart) / sim::milliseconds(1)) + " ms  " +
                     sim::to_text(operation.invocation));
    }
  }
  void on_cause(std::uint64_t, std::uint64_t) override {}

  const std::map<sim::Subject, sim::Duration>& answers() const { return answers_; }
  const std::vector<std::string>& log() const { return log_; }

 private:
  std::map<sim::Subject, sim::Instant> asked_;
  std::map<sim::Subject, sim::Duration> answers_;
  std::vector<std::string> log_;  // what was committed when by whom, in answer to what
};

struct Measured {
  std::map<std::string, std::int64_t> counts;
  std::vector<sim::Duration> answer;      // until the customer knew that the order was taken
  std::vector<sim::Duration> completion;  // from then until it was completed
  std::vector<std::string> log;           // of the first run
};

// Milliseconds; -1: nothing to take it of.
std::int64_t median(std::vector<sim::Duration> all) {
  std::stable_sort(all.begin(), all.end());
  return all.empty() ? -1 : all[all.size() / 2] / sim::milliseconds(1);
}

// Orders count that were wanted while the first window of the plan was open, if there is one.
void count_orders(const Claim& claim, const Scenario& scenario, const domain::Workload& workload,
                  const RunResult& result, const Watch& watch, Measured& measured) {
  const auto& windows = scenario.plan.windows;
  const sim::Instant from = windows.empty() ? sim::kStart : windows.front().from;
  const sim::Instant until =
      windows.empty() ? sim::kStart + scenario.horizon.limit : windows.front().until;
  for (const Command& command : workload.commands) {
    const bool counts = command.kind == CommandKind::kCreateOrder && command.at >= from &&
                        command.at < until && (!claim.plain || command.coupon.none());
    if (!counts) {
      continue;
    }
    ++measured.counts["wanted"];
    if (const auto answer = watch.answers().find(command.name); answer != watch.answers().end()) {
      measured.answer.push_back(answer->second);
    }
    const sim::Item* order = row(result.states.front(), "orders", sim::to_text(command.name));
    if (order == nullptr) {
      continue;
    }
    const std::string status = text(*order, "status");
    const auto created = field<sim::Instant>(*order, "created");
    const auto completed = field<sim::Instant>(*order, "completed");
    const bool done = status == "COMPLETED";
    measured.counts["accepted_in_time"] += created < until ? 1 : 0;
    measured.counts["completed"] += done ? 1 : 0;
    measured.counts["completed_in_time"] += done && completed < until ? 1 : 0;
    measured.counts["canceled"] += status == "CANCELED" ? 1 : 0;
    measured.counts["open"] += status == "CREATED" ? 1 : 0;
    if (done) {
      measured.completion.push_back(completed - created);
    }
  }
}

Measured measure(const Claim& claim, const Arm& arm) {
  const Scenario scenario = parse_scenario(claim.text, claim.name, arm.settings);
  Measured measured;
  for (std::int64_t seed = 0; seed < claim.runs; ++seed) {
    Watch watch;
    RunRequest request{.seed = static_cast<std::uint64_t>(seed), .tracer = &watch};
    request.looks = {sim::kStart + scenario.horizon.limit};
    const domain::Workload workload = generate_workload(scenario, request.seed);
    const RunResult result = make_shop(scenario, workload)->run(request);
    EXPECT_NE(result.verdict, Verdict::kInconclusive) << claim.name << " seed " << seed;
    count_orders(claim, scenario, workload, result, watch, measured);
    std::map<std::string, std::int64_t> violated;
    for (const Violation& violation : result.violations) {
      violated[violation.property] = 1;
    }
    measured.counts["runs_violating_anything"] += violated.empty() ? 0 : 1;
    for (const auto& [property, once] : violated) {
      measured.counts["runs_violating_" + property] += once;
    }
    if (seed == 0) {
      measured.log = watch.log();
    }
  }
  measured.counts["answer_ms"] = median(measured.answer);
  measured.counts["completion_ms"] = median(measured.completion);
  return measured;
}

using Results = std::map<std::string, Measured>;  // by arm

const Results& results_of(const Claim& claim) {
  static std::map<std::string, Results> kept;
  Results& results = kept[claim.name];
  if (results.empty()) {
    for (const Arm& arm : claim.arms) {
      results[arm.name] = measure(claim, arm);
    }
  }
  return results;
}

// "rest.answer_ms", or a number.
std::optional<std::int64_t> value_of(const Results& results, const std::string& text) {
  const std::string::size_type dot = text.find('.');
  if (dot == std::string::npos) {
    return std::stoll(text);
  }
  const auto arm = results.find(text.substr(0, dot));
  if (arm == results.end()) {
    return std::nullopt;
  }
  const auto found = arm->second.counts.find(text.substr(dot + 1));
  return found == arm->second.counts.end() ? 0 : found->second;
}

// "rest.answer_ms > events.answer_ms"
bool is_so(const Results& results, const std::string& condition) {
  std::istringstream words(condition);
  std::string left;
  std::string relation;
  std::string right;
  words >> left >> relation >> right;
  const auto one = value_of(results, left);
  const auto two = value_of(results, right);
  const bool known = relation == "<" || relation == ">" || relation == "=";
  EXPECT_TRUE(one && two && known) << condition << " compares nothing";
  if (!one || !two) {
    return false;
  }
  return relation == "<" ? *one < *two : relation == ">" ? *one > *two : *one == *two;
}

bool all_so(const Results& results, const std::vector<std::string>& conditions) {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&](const std::string& each) { return is_so(results, each); });
}

// --- the page ---

std::string heading(const std::string& measure) {
  std::string text = measure;
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string table_of(const Claim& claim) {
  std::string text = "| architecture |";
  std::string rule = "| --- |";
  for (const std::string& measure : claim.measures) {
    text += " " + heading(measure) + " |";
    rule += " --- |";
  }
  text += "\n" + rule + "\n";
  for (const Arm& arm : claim.arms) {
    const auto& counts = results_of(claim).at(arm.name).counts;
    text += "| `" + arm.name + "` |";
    for (const std::string& measure : claim.measures) {
      const auto found = counts.find(measure);
      text += " " + std::to_string(found == counts.end() ? 0 : found->second) + " |";
    }
    text += "\n";
  }
  return text;
}

std::string section_of(const Claim& claim) {
  std::string text = "### " + claim.name + ": " + (claim.holds ? "holds" : "contradicted") + "\n\n";
  text += "> " + claim.sentence + " (\"" + claim.section + "\")\n\n";
  text += table_of(claim) + "\n" + claim.why + "\n\n";
  for (const Arm& arm : claim.arms) {
    if (claim.tells_log) {
      text += "```text\n";
      for (const std::string& line : results_of(claim).at(arm.name).log) {
        text += line + "\n";
      }
      text += "```\n\n";
    }
  }
  return text;
}

// --- the tests ---

class Claims : public testing::TestWithParam<std::size_t> {};

TEST_P(Claims, ComeOutAsTheFileAndThePageSay) {
  const Claim& claim = claims()[GetParam()];
  const Results& results = results_of(claim);
  EXPECT_FALSE(claim.section.empty() || claim.sentence.empty() || claim.why.empty()) << claim.name;
  EXPECT_FALSE(claim.holds_if.empty()) << claim.name;
  EXPECT_EQ(all_so(results, claim.holds_if), claim.holds) << claim.name;
  for (const std::string& condition : claim.because) {
    EXPECT_TRUE(is_so(results, condition)) << claim.name << ": " << condition;
  }
  EXPECT_EQ(parse_scenario(claim.text, claim.name).name, claim.name);
  docs::expect_between("docs/claims.md", "<!-- claim " + claim.name + " -->\n", "<!-- end -->",
                       "\n" + section_of(claim));
}

INSTANTIATE_TEST_SUITE_P(All, Claims, testing::Range<std::size_t>(0, claims().size()),
                         [](const testing::TestParamInfo<std::size_t>& info) {
                           std::string name = claims()[info.param].name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(ClaimsPage, ListsThemAll) {
  std::string expected = "\n| claim | of the report's section | |\n| --- | --- | --- |\n";
  for (const Claim& claim : claims()) {
    const std::string verdict = claim.holds ? "holds" : "**contradicted**";
    const std::string anchor = claim.name + (claim.holds ? "-holds" : "-contradicted");
    expected +=
        "| [" + claim.name + "](#" + anchor + ") | " + claim.section + " | " + verdict + " |\n";
  }
  docs::expect_between("docs/claims.md", "<!-- list -->\n", "<!-- end of the list -->",
                       expected + "\n");
}

}  // namespace
}  // namespace sagasim::scenarios
