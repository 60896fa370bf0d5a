// Measures how soon each bug of the catalogue is found, and prints the table of docs/bugs.md.
//
//   measure_bugs [BUG…]
//
// Five campaigns for each bug, each from another first seed, and each until a property that names
// the damage is violated; then the same with every kind of fault at its usual rate in every run,
// and with duplicates alone. Medians are printed. Seeds are a function of the sources, seconds of
// the machine.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/bugs.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"

namespace sagasim::scenarios {
namespace {

constexpr std::uint64_t kCampaigns = 5;
constexpr std::uint64_t kApart = 1'000'000;  // between the first seeds of two campaigns
constexpr std::uint64_t kBudget = 400;       // seeds of one campaign

struct Found {
  std::uint64_t seeds = 0;  // that it took
  double seconds = 0;
  std::string property;
};

std::optional<Found> search(const System& system, const Bug& bug, std::uint64_t first) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < kBudget; ++i) {
    const RunResult result = system.run({.seed = first + i});
    for (const Violation& violation : result.violations) {
      const bool names_it = std::find(bug.properties.begin(), bug.properties.end(),
                                      violation.property) != bug.properties.end();
      if (names_it) {
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
        return Found{i + 1, passed.count(), violation.property};
      }
    }
  }
  return std::nullopt;
}

// The median campaign: the third of five, where those that found nothing come last.
std::optional<Found> median(const Bug& bug, const std::vector<std::string>& settings) {
  std::vector<std::string> all = {std::string("architecture.bug=") + bug.id};
  all.insert(all.end(), settings.begin(), settings.end());
  const auto system = make_shop(load(bug.scenario, all));
  std::vector<Found> found;
  for (std::uint64_t campaign = 0; campaign < kCampaigns; ++campaign) {
    if (auto one = search(*system, bug, campaign * kApart)) {
      found.push_back(*one);
    } else if (campaign + 1 - found.size() > kCampaigns / 2) {
      return std::nullopt;
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.seeds < b.seeds; });
  return found[kCampaigns / 2];
}

std::string seeds_text(const std::optional<Found>& found) {
  return found ? std::to_string(found->seeds) : "not in " + std::to_string(kBudget);
}

void measure(const Bug& bug) {
  const auto steered = median(bug, {});
  const auto uniform = median(bug, {"faults.swarm=false", "shop.edge_percent=0"});
  const auto duplicates = median(bug, {"faults.profile=duplicates"});
  char seconds[32] = "";
  if (steered) {
    std::snprintf(seconds, sizeof seconds, "%.2f", steered->seconds);
  }
  std::printf("| %s | %s | %s | %s | %s | %s | %s |\n", full_name(bug).c_str(), bug.scenario,
              steered ? steered->property.c_str() : "", seeds_text(steered).c_str(), seconds,
              seeds_text(uniform).c_str(), seeds_text(duplicates).c_str());
  std::fflush(stdout);
}

}  // namespace
}  // namespace sagasim::scenarios

int main(int argc, char** argv) {
  using namespace sagasim::scenarios;
  const std::vector<std::string> wanted(argv + 1, argv + argc);
  std::puts("| bug | scenario | found by | seeds | seconds | all faults at once | duplicates |");
  std::puts("| --- | --- | --- | --- | --- | --- | --- |");
  for (const Bug& bug : bugs()) {
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), bug.id) != wanted.end()) {
      measure(bug);
    }
  }
  return 0;
}
