// Measures how soon each bug of the catalogue is found, and prints the table of docs/bugs.md.
//
//   measure_bugs [BUG…]
//   measure_bugs --varied [BUG…]
//
// Five campaigns for each bug, each from another first seed, and each until a property that names
// the damage is violated; then the same with every kind of fault at its usual rate in every run,
// and with duplicates alone. Medians are printed. Seeds are a function of the sources, seconds of
// the machine.
//
// --varied: one campaign for each bug, in which each seed has a workload and a size of the shop of
// its own, drawn at random: whether bugs are found by what scenarios were written to show, or
// anyhow.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/bugs.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "sim/hash.h"

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

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The property that names the damage, if one was violated.
std::optional<std::string> named(const RunResult& result, const Bug& bug) {
  for (const Violation& violation : result.violations) {
    if (std::find(bug.properties.begin(), bug.properties.end(), violation.property) !=
        bug.properties.end()) {
      return violation.property;
    }
  }
  return std::nullopt;
}

std::optional<Found> search(const System& system, const Bug& bug, std::uint64_t first) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < kBudget; ++i) {
    if (const auto property = named(system.run({.seed = first + i}), bug)) {
      return Found{i + 1, seconds_since(begin), *property};
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

// A workload and a shop for that seed. Prices, balances and whatever goes wrong are the scenario's.
std::vector<std::string> varied(std::uint64_t seed) {
  std::vector<std::string> settings;
  const auto draw = [&](const char* key, std::uint64_t least, std::uint64_t most,
                        const char* unit = "") {
    const std::uint64_t number =
        least + sim::mix(sim::combine(seed, sim::hash_text(key))) % (most - least + 1);
    settings.push_back(std::string(key) + "=" + std::to_string(number) + unit);
  };
  draw("shop.users", 1, 8);
  draw("shop.products", 1, 6);
  draw("shop.stock_min", 0, 10);
  draw("shop.stock_max", 10, 60);
  draw("shop.coupons_per_user", 0, 4);
  draw("shop.edge_percent", 0, 50);
  draw("shop.partitions", 1, 4);
  draw("shop.instances", 1, 3);
  draw("workload.orders", 5, 60);
  draw("workload.span", 1, 40, " s");
  draw("workload.lines_max", 1, 5);
  draw("workload.quantity_max", 1, 5);
  draw("workload.coupon_percent", 0, 100);
  draw("workload.cancel_percent", 0, 40);
  draw("workload.charges", 0, 20);
  draw("workload.reads", 0, 10);
  return settings;
}

constexpr double kPatience = 300;  // seconds for one bug

// True iff it was found.
bool measure_varied(const Bug& bug) {
  const auto begin = std::chrono::steady_clock::now();
  std::optional<Found> found;
  std::uint64_t seed = 0;
  for (; !found && seconds_since(begin) < kPatience; ++seed) {
    std::vector<std::string> settings = varied(seed);
    settings.push_back(std::string("architecture.bug=") + bug.id);
    const auto system = make_shop(load(bug.scenario, settings));
    if (const auto property = named(system->run({.seed = seed}), bug)) {
      found = Found{seed + 1, seconds_since(begin), *property};
    }
  }
  std::printf("| %s | %s | %s | %s | %.2f |\n", full_name(bug).c_str(), bug.scenario,
              found ? found->property.c_str() : "",
              ((found ? "" : "not in ") + std::to_string(seed)).c_str(), seconds_since(begin));
  std::fflush(stdout);
  return found.has_value();
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
  std::vector<std::string> wanted(argv + 1, argv + argc);
  const bool is_varied = !wanted.empty() && wanted.front() == "--varied";
  if (is_varied) {
    wanted.erase(wanted.begin());
    std::puts("| bug | scenario | found by | seeds | seconds |\n| --- | --- | --- | --- | --- |");
  } else {
    std::puts("| bug | scenario | found by | seeds | seconds | all faults at once | duplicates |");
    std::puts("| --- | --- | --- | --- | --- | --- | --- |");
  }
  int tried = 0;
  int found = 0;
  for (const Bug& bug : bugs()) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), bug.id) == wanted.end()) {
      continue;
    }
    ++tried;
    if (!is_varied) {
      measure(bug);
    } else if (measure_varied(bug)) {
      ++found;
    }
  }
  if (is_varied) {
    std::printf("\n%d of %d were found.\n", found, tried);
  }
  return 0;
}
