// The lattice over systems that break by a rule: without all guards of one of some sets.

#include "search/lattice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <numeric>

#include "sim/hash.h"
#include "tests/search/fake_system.h"

namespace sagasim::search {
namespace {

// Fails without all guards of one of `culprits`, in about one of `rarity` runs.
struct Rule {
  unsigned guards = 0;
  std::vector<GuardSet> culprits;
  std::uint64_t rarity = 1;

  bool breaks(GuardSet left_out) const {
    return std::any_of(culprits.begin(), culprits.end(),
                       [&](GuardSet each) { return contains(left_out, each); });
  }
};

class FakeGuarded final : public GuardedSystem {
 public:
  explicit FakeGuarded(Rule rule) : rule_(std::move(rule)) {}
  unsigned guards() const override { return rule_.guards; }
  std::unique_ptr<scenarios::System> without(GuardSet left_out) const override {
    auto system = std::make_unique<fake::FakeSystem>();
    system->after_run = [this, left_out](scenarios::RunResult& result) {
      ++runs;
      const bool fails =
          std::any_of(rule_.culprits.begin(), rule_.culprits.end(), [&](GuardSet each) {
            return contains(left_out, each) &&
                   sim::combine(sim::mix(result.seed), each) % rule_.rarity == 0;
          });
      result.verdict = fails ? scenarios::Verdict::kFail : scenarios::Verdict::kPass;
      result.violations.clear();
      if (fails) {
        result.violations.push_back({"SUM-1", "12 went in; 11 came out", "sum", sim::kStart, {}});
      }
      if (result.seed == throwing_seed) {
        throw std::runtime_error("a defect");
      }
    };
    return system;
  }
  mutable std::atomic<std::uint64_t> runs{0};
  std::uint64_t throwing_seed = UINT64_MAX;

 private:
  Rule rule_;
};

// A few random sets of at most three guards.
Rule random_rule(std::uint64_t number, unsigned guards) {
  Rule rule;
  rule.guards = guards;
  rule.rarity = 1 + sim::mix(number) % 20;
  const std::uint64_t sets = sim::mix(number + 1'000) % 7;
  for (std::uint64_t i = 0; i < sets; ++i) {
    GuardSet set = 0;
    for (std::uint64_t k = 0; k <= sim::combine(number, i) % 3; ++k) {
      set |= GuardSet{1} << sim::combine(sim::combine(number, i), k) % guards;
    }
    rule.culprits.push_back(set);
  }
  return rule;
}

// By trying all sets, as nobody can with a real system.
std::vector<GuardSet> largest_by_force(const Rule& rule) {
  std::vector<GuardSet> largest;
  const GuardSet all = (GuardSet{1} << rule.guards) - 1;
  for (GuardSet set = 0; set <= all; ++set) {
    bool can_grow = false;
    for (unsigned guard = 0; guard < rule.guards; ++guard) {
      const GuardSet more = set | GuardSet{1} << guard;
      can_grow = can_grow || (more != set && !rule.breaks(more));
    }
    if (!rule.breaks(set) && !can_grow) {
      largest.push_back(set);
    }
  }
  return largest;
}

std::vector<GuardSet> left_out(const LatticeResult& result) {
  std::vector<GuardSet> sets;
  for (const Held& held : result.held) {
    sets.push_back(held.left_out);
  }
  std::stable_sort(sets.begin(), sets.end());
  return sets;
}

LatticeOptions options_of(std::uint64_t seeds) {
  LatticeOptions options;
  options.seeds = seeds;
  return options;
}

TEST(Lattice, LargestSetsWithoutARefutedOneAreThoseOfAllSets) {
  for (std::uint64_t number = 0; number < 300; ++number) {
    const Rule rule = random_rule(number, 1 + static_cast<unsigned>(number % 10));
    std::vector<GuardSet> largest = largest_without(rule.culprits, rule.guards);
    std::stable_sort(largest.begin(), largest.end());
    EXPECT_EQ(largest, largest_by_force(rule)) << number;
  }
  EXPECT_EQ(largest_without({}, 18), std::vector<GuardSet>{(1u << 18) - 1});
  EXPECT_EQ(largest_without({}, kGuardsMax), std::vector<GuardSet>{~0u});
  EXPECT_TRUE(largest_without({0}, 18).empty());
}

TEST(Lattice, FindsWhatTryingAllSetsFinds) {
  for (std::uint64_t number = 0; number < 60; ++number) {
    const Rule rule = random_rule(number, 9);
    const FakeGuarded system(rule);
    const LatticeResult result = lattice(system, options_of(400));
    EXPECT_TRUE(result.complete);
    EXPECT_EQ(left_out(result), largest_by_force(rule)) << number;
    for (const Held& held : result.held) {
      EXPECT_EQ(held.runs, 400u);
    }
    for (const Refuted& refuted : result.refuted) {
      scenarios::RunRequest request;
      request.seed = refuted.seed;
      EXPECT_TRUE(system.without(refuted.left_out)->run(request).failed());
      EXPECT_EQ(std::count(rule.culprits.begin(), rule.culprits.end(), refuted.left_out) > 0, true)
          << "one guard less and it would not have failed";
    }
  }
}

TEST(Lattice, TriesFewOfAllTheSets) {
  Rule rule{18, {0b1, 0b10, 0b1100, 0b110000, 0b1000001000000}};
  rule.rarity = 3;
  const FakeGuarded system(rule);
  const LatticeResult result = lattice(system, options_of(1'000));
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.held.size(), 8u);
  EXPECT_EQ(result.runs, system.runs.load());
  EXPECT_LT(result.runs, 8u * 1'000u + 1'000u);
}

TEST(Lattice, IsTheSameForAnyNumberOfThreads) {
  const auto told = [](unsigned jobs) {
    const FakeGuarded system(random_rule(5, 12));
    LatticeOptions options = options_of(300);
    options.jobs = jobs;
    const LatticeResult result = lattice(system, options);
    std::vector<std::uint64_t> numbers = {result.runs};
    for (const Refuted& each : result.refuted) {
      numbers.insert(numbers.end(), {each.left_out, each.seed});
    }
    for (const Held& each : result.held) {
      numbers.insert(numbers.end(), {each.left_out, each.runs});
    }
    return numbers;
  };
  const auto one = told(1);
  EXPECT_GT(one.size(), 5u);
  EXPECT_EQ(one, told(2));
  EXPECT_EQ(one, told(5));
}

TEST(Lattice, TakesWhatIsKnownAndWhatIsMadeOfAFailure) {
  Rule rule{6, {0b11, 0b100}};
  const FakeGuarded system(rule);
  LatticeOptions options = options_of(50);
  options.known = {0b100};
  std::vector<Refuted> told;
  options.found = [&](const Refuted& refuted) {
    told.push_back(refuted);
    return GuardSet{0b10};
  };
  const LatticeResult result = lattice(system, options);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].left_out, 0b11u);
  ASSERT_EQ(result.refuted.size(), 1u);
  EXPECT_EQ(result.refuted[0].left_out, 0b10u);
  EXPECT_EQ(left_out(result), std::vector<GuardSet>{0b111001});
}

TEST(Lattice, SaysWhenNothingIsEnough) {
  const FakeGuarded system(Rule{4, {0}});
  const LatticeResult result = lattice(system, options_of(50));
  EXPECT_TRUE(result.complete);
  EXPECT_TRUE(result.held.empty());
  ASSERT_EQ(result.refuted.size(), 1u);
  EXPECT_EQ(result.refuted[0].left_out, 0u);
}

TEST(Lattice, GoesOnWhereItWas) {
  const FakeGuarded system(Rule{5, {0b1, 0b110}, 4});
  const LatticeResult first = lattice(system, options_of(100));
  const FakeGuarded again(Rule{5, {0b1, 0b110}, 4});
  LatticeOptions options = options_of(150);
  options.held = first.held;
  for (const Refuted& each : first.refuted) {
    options.known.push_back(each.left_out);
  }
  const LatticeResult second = lattice(again, options);
  EXPECT_TRUE(second.complete);
  EXPECT_EQ(left_out(second), left_out(first));
  EXPECT_EQ(again.runs.load(), first.held.size() * 50);
}

TEST(Lattice, EndsWhenItIsToldToAndWhenARunThrows) {
  FakeGuarded system(Rule{8, {0b1, 0b10}, 2});
  std::atomic<bool> stop{true};
  LatticeOptions options = options_of(1'000);
  options.stop = &stop;
  EXPECT_TRUE(lattice(system, options).interrupted);
  EXPECT_EQ(system.runs.load(), 0u);

  double now = 0;
  options.stop = nullptr;
  options.seconds = 5;
  options.seconds_now = [&now] { return now; };
  options.progress = [&now](const LatticeProgress&) { now += 2; };
  const LatticeResult late = lattice(system, options);
  EXPECT_TRUE(late.out_of_time);
  EXPECT_FALSE(late.complete);

  system.throwing_seed = 3;
  const LatticeResult broken = lattice(system, options_of(100));
  ASSERT_TRUE(broken.internal_error.has_value());
  EXPECT_NE(broken.internal_error->find("a defect"), std::string::npos);
}

}  // namespace
}  // namespace sagasim::search
