// The tables of docs/certify.md, as the command fills them: what breaks each weaker policy, and how
// many sets were tried where nothing does.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/cli/command.h"
#include "tests/docs/page.h"

namespace sagasim::cli {
namespace {

using Json = nlohmann::json;

const std::vector<std::string> kScenarios = {"checkout-one-order", "checkout-two-orders"};
const std::string kOneCharge =
    "checkout-one-order --set workload.orders=0 --set workload.charges=1";

// "publish=after_commit consume=none"
std::string settings_of(const std::string& policies) {
  std::string arguments;
  for (std::size_t at = 0; at < policies.size();) {
    const std::size_t end = std::min(policies.find(' ', at), policies.size());
    arguments += " --set architecture." + policies.substr(at, end - at);
    at = end + 1;
  }
  return arguments;
}

Json certify(const std::string& scenario, const std::string& policies, int faults,
             int postponements = 0) {
  const Answer answer = Workshop().sagasim(
      "certify " + scenario + settings_of(policies) + " --faults " + std::to_string(faults) +
      " --postponements " + std::to_string(postponements) + " --format json --color never");
  EXPECT_TRUE(answer.code == 0 || answer.code == 1) << answer.err;
  return Json::parse(answer.out);
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) {
    text.insert(at - 3, ",");
  }
  return text;
}

// The reference, every weaker value alone, and those that the look at one's own rows hides: with
// and without it.
std::vector<std::string> policies() {
  std::vector<std::string> all = {""};
  std::vector<std::string> unguarded;
  std::set<std::string> seen;
  const Json list = Json::parse(Workshop().sagasim("list policies --format json").out);
  for (const Json& entry : list["entries"]) {
    const std::string name = entry["id"];
    const std::size_t equals = name.find('=');
    // The first value is the reference.
    if (equals == std::string::npos || seen.insert(name.substr(0, equals)).second) {
      continue;
    }
    all.push_back(name);
    if (name.starts_with("consume=")) {
      unguarded.push_back(name + " natural_keys=off");
    }
  }
  all.insert(all.end(), unguarded.begin(), unguarded.end());
  return all;
}

std::string in_words(const std::string& policies) {
  std::string text = policies.empty() ? "the reference" : "`" + policies + "`";
  if (const std::size_t space = text.find(' '); !policies.empty() && space != std::string::npos) {
    text.replace(space, 1, "` `");
  }
  return text;
}

std::string in_words(const Json& result) {
  if (result["cause"].is_null()) {
    return "none of " + grouped(result["combinations"]);
  }
  std::string text = result["cause"].get<std::string>() + ": ";
  if (result["faults"].empty()) {
    return text + "without a fault";
  }
  for (const Json& fault : result["faults"]) {
    text += (text.ends_with(": ") ? "" : ", ") + fault["fault"].get<std::string>() + " at `" +
            fault["operation"].get<std::string>() + "`";
  }
  return text;
}

TEST(CertifyPage, ShowsWhatOneFaultBreaks) {
  std::string table = "\n| policy | one order | two orders |\n| --- | --- | --- |\n";
  for (const std::string& policy : policies()) {
    table += "| " + in_words(policy);
    for (const std::string& scenario : kScenarios) {
      const Json result = certify(scenario, policy, 1);
      table += " | " + in_words(result);
      EXPECT_TRUE(!policy.empty() || result["verdict"] == "pass") << scenario;
    }
    table += " |\n";
  }
  docs::expect_between("docs/certify.md", "<!-- one fault -->\n", "<!-- end of one fault -->",
                       table + "\n");
}

// Where a weaker policy harms nobody in these two workloads, something was missing: somebody
// else's coupon, a new price. The stories have just that, and no more.
TEST(CertifyPage, ShowsWhatOneFaultBreaksInTheWorkloadsOfTheStories) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(SAGASIM_SOURCE_DIR "/tests/stories/repros")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  EXPECT_GT(files.size(), 40u);
  std::string table = "\n| story of | with it | with the reference |\n| --- | --- | --- |\n";
  for (const std::filesystem::path& file : files) {
    const Json weaker = certify(file.string(), "", 1);
    // A record that comes from outside needs nobody's work, so there is no operation to strike.
    const bool works = !Json::parse(std::ifstream(file))["workload"]["commands"].empty();
    EXPECT_EQ(weaker["verdict"], works ? "fail" : "pass") << file;
    const Json reference = certify(file.string() + " --set architecture=resilient", "", 1);
    EXPECT_EQ(reference["verdict"], "pass") << file;
    EXPECT_EQ(reference["complete"], true) << file;
    table += "| `" + file.stem().string() + "` | " + in_words(weaker) + " | " +
             in_words(reference) + " |\n";
  }
  docs::expect_between("docs/certify.md", "<!-- stories -->\n", "<!-- end of stories -->",
                       table + "\n");
}

// What one fault does not break: with two, and with what its harm would need.
TEST(CertifyPageSlow, ShowsWhatMoreFaultsBreak) {
  struct Row {
    std::string workload;
    std::string scenario;
    std::string policies;
    int faults;
    int postponements = 0;
  };
  const std::string kTwoOfEach = "checkout-one-order --set shop.instances=2";
  // Both orders are of both products, but not in the same order, and served at once.
  const std::string kCrossed =
      "checkout-two-orders --seed 11 --set workload.lines_max=2 --set shop.products=2"
      " --set shop.stock_min=5 --set shop.stock_max=5 --set shop.balance_min=1000000"
      " --set shop.balance_max=1000000 --set shop.instances=2 --set shop.partitions=2";
  const std::vector<Row> rows = {
      {"one charge", kOneCharge, "", 2},
      {"one charge", kOneCharge, "", 3},
      {"one order", kScenarios[0], "", 2},
      {"one order", kScenarios[0], "saga_timeout=off", 2},
      {"one order", kScenarios[0], "consume=none", 2},
      {"one order", kScenarios[0], "natural_keys=off", 2},
      {"one order", kScenarios[0], "acknowledge=without_waiting", 2},
      {"one order, two instances", kTwoOfEach, "relay=every_instance", 2},
      {"two orders", kScenarios[1], "", 2},
      {"two orders", kScenarios[1], "consume=none", 2},
      {"two orders", kScenarios[1], "natural_keys=off", 2},
      {"two orders", kScenarios[1], "acknowledge=without_waiting", 2},
      {"two orders", kScenarios[1], "acknowledge=at_intervals", 2},
      {"two orders", kScenarios[1], "final_states=off", 2},
      {"two orders", kScenarios[1], "balance_write=versioned", 2},
      {"two orders", kScenarios[1], "failure=at_first", 2},
      {"two orders", kScenarios[1], "coupon_return=unchecked", 2},
      {"crossed orders", kCrossed, "stock_locks=as_requested", 1},
      {"crossed orders", kCrossed, "stock_locks=as_requested", 2},
      {"crossed orders", kCrossed, "stock_locks=as_requested", 0, 1},
      {"crossed orders", kCrossed, "stock_locks=as_requested transient_errors=failure", 0, 1},
  };
  std::string table =
      "\n| workload | policy | faults | postponements | broken |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const Row& row : rows) {
    const Json result = certify(row.scenario, row.policies, row.faults, row.postponements);
    EXPECT_TRUE(result["complete"] == true || result["verdict"] == "fail")
        << row.workload << " " << row.policies;
    table += "| " + row.workload + " | " + in_words(row.policies) + " | " +
             std::to_string(row.faults) + " | " + std::to_string(row.postponements) + " | " +
             in_words(result) + " |\n";
  }
  docs::expect_between("docs/certify.md", "<!-- more faults -->\n", "<!-- end of more faults -->",
                       table + "\n");
}

// What the counts of that table stand on. With three faults a universe is taken up in its middle to
// see what two of them bring about; brute force, which begins at the beginning, must not see more.
void expect_what_brute_force_counts(const std::string& workload, int faults, int postponements) {
  const Json pruned = certify(workload + " --all", "", faults, postponements);
  const Json brute = certify(workload + " --all --brute-force", "", faults, postponements);
  EXPECT_EQ(pruned["complete"], true);
  EXPECT_EQ(brute["complete"], true);
  EXPECT_EQ(pruned["combinations"], brute["combinations"]) << workload;
  EXPECT_EQ(pruned["inconclusive"], brute["inconclusive"]) << workload;
  EXPECT_EQ(pruned["outcomes"], brute["outcomes"]) << workload;
  EXPECT_EQ(pruned["operations_max"], brute["operations_max"]) << workload;
  EXPECT_EQ(brute["pruned"], 0) << workload;
}

const std::string kOneRead =
    "checkout-one-order --set workload.orders=0 --set workload.charges=0 --set workload.reads=1"
    " --set environment.client_attempts=";

TEST(CertifyPage, CountsWhatBruteForceCountsWithThreeFaultsOverARead) {
  expect_what_brute_force_counts(kOneRead + "1", 3, 0);
  expect_what_brute_force_counts(kOneRead + "1", 2, 1);
}

TEST(CertifyPageSlow, CountsWhatBruteForceCountsWithThreeFaults) {
  expect_what_brute_force_counts(kOneRead + "8", 3, 0);
  expect_what_brute_force_counts(kOneRead + "2", 4, 0);
  expect_what_brute_force_counts(kOneRead + "2", 2, 2);
  expect_what_brute_force_counts(kOneCharge, 3, 0);
  expect_what_brute_force_counts(kOneCharge, 2, 1);
}

TEST(CertifyPageSlow, CountsWhatBruteForceCountsWithTwoFaultsOverAWholeOrder) {
  expect_what_brute_force_counts(kScenarios[0], 2, 0);
}

}  // namespace
}  // namespace sagasim::cli
