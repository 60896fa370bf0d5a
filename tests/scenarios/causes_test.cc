// Causes: failures of one planted bug are few causes, and those of two bugs are none in common.

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "search/sweep.h"

namespace sagasim::scenarios {
namespace {

struct Bug {
  const char* name;
  std::vector<std::string> settings;
};

// Mistakes of which each pair is two: 21 pairs.
const std::vector<Bug>& bugs() {
  static const std::vector<Bug> kBugs = {
      {"events lost after the commit", {"architecture.publish=after_commit"}},
      {"events sent before the commit", {"architecture.publish=before_commit"}},
      {"events handled twice", {"architecture.consume=none", "architecture.natural_keys=off"}},
      {"events put aside for ever", {"architecture.retries=park"}},
      {"events dropped", {"architecture.retries=skip"}},
      {"late actions not refused", {"architecture.tombstones=off"}},
      {"charges repeated under new keys", {"faults.profile=key-expiry"}},
  };
  return kBugs;
}

search::SweepResult swept(const Bug& bug, std::uint64_t seeds) {
  return search::sweep(*make_shop(load("checkout", bug.settings)), {.seeds = seeds, .jobs = 2});
}

std::string text_of(const search::SweepResult& result) {
  std::string text;
  for (const search::Cause& cause : result.causes) {
    text += cause.signature + " " + std::to_string(cause.count) + "  ";
  }
  return text;
}

void expect_few_and_apart(std::uint64_t seeds) {
  std::vector<search::SweepResult> results;
  for (const Bug& bug : bugs()) {
    results.push_back(swept(bug, seeds));
    EXPECT_GT(results.back().failed, 0u) << bug.name;
    EXPECT_LE(results.back().causes.size(), 3u) << bug.name << ": " << text_of(results.back());
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      for (const search::Cause& cause : results[i].causes) {
        EXPECT_EQ(results[j].by_signature.count(cause.signature), 0u)
            << bugs()[i].name << " and " << bugs()[j].name << " share " << cause.signature;
      }
    }
  }
}

TEST(Causes, AreFewForOneBugAndNoneInCommonForTwo) { expect_few_and_apart(60); }

TEST(CausesSlow, AreFewForOneBugAndNoneInCommonForTwo) { expect_few_and_apart(3000); }

TEST(CausesSlow, TenThousandFailuresOfOneBugAreAtMostThree) {
  std::uint64_t from = 0;
  search::Figures all;
  const auto shop = make_shop(load("checkout", {"architecture.tombstones=off"}));
  while (all.failed < 10'000) {
    all.add(search::sweep(*shop, {.from = from, .seeds = 2000, .jobs = 2}));
    from += 2000;
  }
  EXPECT_LE(all.by_signature.size(), 3u);
}

TEST(Coverage, OfAShopIsThePhaseOfTheOrderTheEventAndTheFault) {
  const auto calm = make_shop(load("calm"));
  const std::vector<CoverageAxis> axes = calm->coverage();
  ASSERT_EQ(axes.size(), 3u);
  const auto place = [&](std::uint32_t cell) {
    const auto faults = static_cast<std::uint32_t>(axes[2].values.size());
    const auto events = static_cast<std::uint32_t>(axes[1].values.size());
    return axes[0].values.at(cell / faults / events) + " " +
           axes[1].values.at(cell / faults % events) + " " + axes[2].values.at(cell % faults);
  };
  std::set<std::string> met;
  for (const std::uint32_t cell : calm->run({.seed = 1}).cells) {
    met.insert(place(cell));
  }
  // Without faults, what happens on the happy way and nothing else.
  EXPECT_EQ(met.count("COLLECTING OrderCreated none"), 1u);
  EXPECT_EQ(met.count("PAY_WAIT PaymentPaid none"), 1u);
  EXPECT_EQ(met.count("DONE OrderCompleted none"), 1u);
  for (const std::string& cell : met) {
    EXPECT_TRUE(cell.ends_with(" none")) << cell;
    EXPECT_EQ(cell.find("OrderFailed"), std::string::npos) << cell;
  }
}

TEST(Coverage, CountsAFaultWhereItStrikes) {
  const auto shop = make_shop(load("checkout"));
  const RunResult run = shop->run({.seed = 3});
  const auto kinds = static_cast<std::uint32_t>(shop->coverage()[2].values.size());
  std::set<std::uint32_t> met;
  for (std::size_t i = 0; i < run.cells.size(); ++i) {
    EXPECT_TRUE(i == 0 || run.cells[i - 1] < run.cells[i]);
    met.insert(run.cells[i] % kinds);
  }
  for (std::uint32_t kind = 0; kind < faults::kOperationKindsOfFault; ++kind) {
    EXPECT_EQ(met.count(kind + 1) != 0, run.faults[kind] != 0) << faults::kCatalog[kind].id;
  }
}

}  // namespace
}  // namespace sagasim::scenarios
