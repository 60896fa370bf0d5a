#include "scenarios/guards.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "domain/policy_catalog.h"
#include "faults/profile.h"
#include "scenarios/library.h"

namespace sagasim::scenarios {
namespace {

const domain::PolicyEntry& policy_of(const Setting& setting) {
  const auto catalog = domain::policy_catalog();
  return *std::find_if(catalog.begin(), catalog.end(), [&](const domain::PolicyEntry& entry) {
    return std::string(entry.id) == setting.policy;
  });
}

TEST(Guards, AreTheEighteenOfThePolicies) {
  std::set<std::string> of_policies;
  for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
    of_policies.insert(entry.guard);
  }
  of_policies.erase("");
  std::set<std::string> ids;
  for (std::size_t i = 0; i < guards().size(); ++i) {
    const Guard& guard = guards()[i];
    EXPECT_EQ(guard.id, "G" + std::to_string(i + 1));
    EXPECT_FALSE(guard.left_out.empty()) << guard.id;
    for (const Setting& setting : guard.left_out) {
      EXPECT_STREQ(policy_of(setting).guard, guard.id);
    }
    ids.insert(guard.id);
  }
  EXPECT_EQ(ids, of_policies);
  EXPECT_EQ(ids.size(), 18u);
}

TEST(Guards, AreLeftOutOneByOneAndTogether) {
  for (std::size_t i = 0; i < guards().size(); ++i) {
    domain::Policy policy;
    leave_out(std::uint32_t{1} << i, policy);
    std::size_t weaker = 0;
    for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
      weaker += entry.get(policy) != 0 ? 1U : 0U;
      EXPECT_TRUE(entry.get(policy) == 0 || std::string(entry.guard) == guards()[i].id);
    }
    EXPECT_EQ(weaker, guards()[i].left_out.size()) << guards()[i].id;
  }
  domain::Policy all;
  leave_out((1u << guards().size()) - 1, all);
  domain::Policy one_by_one;
  for (std::size_t i = 0; i < guards().size(); ++i) {
    leave_out(std::uint32_t{1} << i, one_by_one);
  }
  EXPECT_EQ(all, one_by_one);
  domain::Policy none;
  leave_out(0, none);
  EXPECT_EQ(none, domain::Policy{});
}

using Rates = std::array<std::uint32_t, faults::kKinds>;

// Of all the ways of a class together.
Rates rates_of(const TroubleClass& trouble) {
  Rates rates{};
  for (const std::vector<std::string>& settings : trouble.settings) {
    const Scenario scenario = load("checkout", settings);
    for (std::size_t kind = 0; kind < rates.size(); ++kind) {
      rates[kind] += scenario.faults.rates[kind];
    }
  }
  return rates;
}

TEST(TroubleClasses, HaveTheFirstInThemAndAreInTheLast) {
  const auto classes = trouble_classes();
  EXPECT_EQ(rates_of(classes.front()), Rates{});
  const Rates last = rates_of(classes.back());
  std::set<Rates> different;
  for (const TroubleClass& each : classes) {
    const Rates rates = rates_of(each);
    different.insert(rates);
    for (const faults::KindInfo& info : faults::kCatalog) {
      const auto kind = static_cast<std::size_t>(info.kind);
      EXPECT_TRUE(rates[kind] == 0 || last[kind] > 0) << each.id << ": " << info.id;
      EXPECT_FALSE(rates[kind] != 0 && info.breaker) << each.id << ": " << info.id;
    }
  }
  EXPECT_EQ(different.size(), classes.size());
}

// As search::CertifyOptions::tries wants it.
TEST(TroubleClasses, HaveEveryPhaseOfACrashOrNone) {
  for (const TroubleClass& each : trouble_classes()) {
    const Rates rates = rates_of(each);
    EXPECT_EQ(rates[static_cast<std::size_t>(faults::Kind::kCrashBefore)],
              rates[static_cast<std::size_t>(faults::Kind::kCrashSeen)])
        << each.id;
  }
}

}  // namespace
}  // namespace sagasim::scenarios
