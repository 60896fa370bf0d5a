// The bug catalogue against whole runs: every bug is found within a fixed number of seeds by a
// property that names the damage, every weaker value of every policy is accounted for, and what
// only looks like a bug stays silent. Seeds are counted, never time.

#include "scenarios/bugs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "domain/policy_catalog.h"
#include "domain/properties/catalog.h"
#include "sagasim/testing.h"
#include "scenarios/files.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "tests/docs/page.h"

namespace sagasim::scenarios {
namespace {

using docs::expect_between;
using Properties = std::vector<const char*>;

// The first of the seeds in which one of the properties is violated, or -1; what was violated
// beside them goes to `others`.
int first_found(const std::string& scenario, const std::vector<std::string>& settings, int seeds,
                const Properties& properties, std::set<std::string>& others) {
  const auto system = make_shop(load(scenario, settings));
  for (int seed = 0; seed < seeds; ++seed) {
    const RunResult result = system->run({.seed = static_cast<std::uint64_t>(seed)});
    for (const Violation& violation : result.violations) {
      others.insert(violation.property);
      if (std::find(properties.begin(), properties.end(), violation.property) != properties.end()) {
        return seed;
      }
    }
  }
  return -1;
}

void expect_found(const std::string& scenario, const std::vector<std::string>& settings, int seeds,
                  const Properties& properties) {
  std::set<std::string> others;
  if (first_found(scenario, settings, seeds, properties, others) < 0) {
    std::string text;
    for (const std::string& id : others) {
      text += " " + id;
    }
    ADD_FAILURE() << "not found in " << seeds << " seeds of " << scenario
                  << "; violated instead:" << text;
  }
}

// --- bugs ---

// A bug that needs more seeds than this is not found by a developer who waits for it.
constexpr int kSeeds = 400;

class Bugs : public testing::TestWithParam<std::size_t> {
 protected:
  const Bug& bug() const { return bugs()[GetParam()]; }
};

TEST_P(Bugs, AreFoundByAPropertyThatNamesTheDamage) {
  expect_found(bug().scenario, {std::string("architecture.bug=") + bug().id}, kSeeds,
               bug().properties);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Bugs, testing::Range<std::size_t>(0, bugs().size()),
                         [](const auto& param) { return std::string(bugs()[param.param].id); });

TEST(BugCatalogue, NamesWhatThereIs) {
  std::set<std::string> ids;
  const std::vector<LibraryEntry> shipped = library();
  int by_liveness_alone = 0;
  for (const Bug& bug : bugs()) {
    EXPECT_TRUE(ids.insert(bug.id).second) << bug.id << " is there twice";
    EXPECT_FALSE(bug.settings.empty()) << bug.id;
    EXPECT_TRUE(std::any_of(shipped.begin(), shipped.end(), [&](const LibraryEntry& each) {
      return each.name == std::string(bug.scenario);
    })) << bug.id;
    EXPECT_FALSE(bug.properties.empty()) << bug.id;
    bool only_liveness = true;
    for (const std::string id : bug.properties) {
      const bool known =
          std::any_of(domain::kPropertyCatalog, domain::kPropertyCatalog + domain::kPropertyCount,
                      [&](const domain::PropertyEntry& entry) { return entry.id == id; });
      EXPECT_TRUE(known) << bug.id << " expects " << id;
      only_liveness = only_liveness && id.starts_with("LIV");
    }
    by_liveness_alone += only_liveness ? 1 : 0;
  }
  EXPECT_LE(by_liveness_alone, 2);
}

TEST(BugCatalogue, IsOffInTheReference) {
  for (const Bug& bug : bugs()) {
    domain::Policy policy;
    apply(bug, policy);
    EXPECT_FALSE(policy == domain::Policy{}) << bug.id;
  }
}

// --- every weaker value ---

struct Weaker {
  std::vector<Setting> settings;
  const char* scenario;
  Properties properties;
};

// The values that neither a bug nor an equivalent has.
const std::vector<Weaker>& weaker_values() {
  static const std::vector<Weaker> kWeaker = {
      {{{"transport", "in_process"}}, "checkout", {"ORP-1", "MON-4", "STK-4"}},
      {{{"transport", "calls"}}, "checkout", {"ORP-1", "MON-4", "STK-4"}},
      {{{"transport", "one_transaction"}}, "checkout", {"DPL-2"}},
      {{{"publish", "after_commit"}}, "checkout", {"EVT-2"}},
      {{{"publish", "before_commit"}}, "checkout", {"EVT-1"}},
      {{{"publish", "direct"}}, "checkout", {"EVT-1"}},
      {{{"consume", "marked_first"}}, "checkout", {"CMP-1", "MON-4", "STK-4", "CPN-3"}},
      {{{"retries", "park"}}, "checkout", {"DLQ-1"}},
      {{{"retries", "set_aside"}}, "checkout", {"DLQ-1"}},
      {{{"aggregate", "plain_read"}}, "patient", {"PRC-1", "PRC-4"}},
      {{{"consume", "none"}, {"natural_keys", "off"}}, "checkout", {"IDM-1"}},
      {{{"transient_errors", "failure"}}, "checkout", {"OUT-2"}},
      {{{"unknown_commit", "failure"}}, "checkout", {"EVT-1"}},
      {{{"balance_write", "versioned"}}, "rush", {"OUT-2"}},
      {{{"compensation", "flags"}}, "checkout", {"CMP-1", "MON-4", "STK-4", "CPN-3"}},
  };
  return kWeaker;
}

TEST(WeakerValues, ViolateWhatNamesTheirDamage) {
  for (const Weaker& weaker : weaker_values()) {
    SCOPED_TRACE(to_settings(weaker.settings).front());
    expect_found(weaker.scenario, to_settings(weaker.settings), kSeeds, weaker.properties);
  }
}

TEST(WeakerValues, AreAllAccountedFor) {
  std::set<std::string> shown;
  const auto add = [&](const std::vector<Setting>& settings) {
    for (const Setting& setting : settings) {
      shown.insert(std::string(setting.policy) + "=" + setting.value);
    }
  };
  for (const Bug& bug : bugs()) {
    add(bug.settings);
  }
  for (const Equivalent& equivalent : equivalents()) {
    add(equivalent.settings);
  }
  for (const Weaker& weaker : weaker_values()) {
    add(weaker.settings);
  }
  for (const domain::PolicyEntry& policy : domain::policy_catalog()) {
    for (std::size_t i = 1; i < policy.values.size(); ++i) {
      const std::string value = std::string(policy.id) + "=" + policy.values[i].id;
      EXPECT_TRUE(shown.contains(value))
          << value << " is neither a bug nor equivalent, and nothing shows its damage";
    }
  }
}

// --- equivalents ---

constexpr std::uint64_t kSilent = 60;

TEST(Equivalents, StaySilent) {
  for (const Equivalent& equivalent : equivalents()) {
    EXPECT_HOLDS(Tested(equivalent.scenario, to_settings(equivalent.settings)), kSilent);
  }
}

TEST(Equivalents, TheReferenceIsSilentWhereBugsShow) {
  std::set<std::string> names;
  for (const Bug& bug : bugs()) {
    names.insert(bug.scenario);
  }
  for (const std::string& name : names) {
    EXPECT_HOLDS(name, kSilent);
  }
}

// --- docs/bugs.md ---

std::string section_of(const Bug& bug) {
  std::string text = "### " + full_name(bug) + "\n\n" + bug.sentence + "\n\n";
  text += "`./run sweep " + std::string(bug.scenario) + " --set architecture.bug=" + bug.id +
          "`, which is";
  for (const std::string& setting : to_settings(bug.settings)) {
    text += " `" + setting + "`";
  }
  text += "; named by";
  for (const char* id : bug.properties) {
    text += std::string(" ") + id;
  }
  return text + ".\nRemedy: " + bug.remedy + "\n\n";
}

TEST(BugsPage, DescribesEveryBug) {
  std::string expected = "\n";
  for (const Bug& bug : bugs()) {
    expected += section_of(bug);
  }
  expect_between("docs/bugs.md", "<!-- catalogue -->\n", "<!-- end of catalogue -->", expected);
}

TEST(BugsPage, DescribesEveryEquivalent) {
  std::string expected = "\n";
  for (const Equivalent& equivalent : equivalents()) {
    expected += "-";
    for (const std::string& setting : to_settings(equivalent.settings)) {
      expected += " `" + setting + "`";
    }
    expected += std::string(": ") + equivalent.reason + "\n";
  }
  expect_between("docs/bugs.md", "<!-- equivalents -->\n", "<!-- end of equivalents -->",
                 expected + "\n");
}

TEST(BugsPage, HasMeasuredEveryBug) {
  const std::string page = read_file(SAGASIM_SOURCE_DIR "/docs/bugs.md");
  for (const Bug& bug : bugs()) {
    EXPECT_NE(page.find("| " + full_name(bug) + " |"), std::string::npos)
        << bug.id << " was never measured: tests/mutants/run";
  }
}

}  // namespace
}  // namespace sagasim::scenarios
