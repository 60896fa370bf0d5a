// docs/policies.md and the schema show the policies as the catalogue has them. With the variable
// SAGASIM_UPDATE set, both are written anew instead: tests/golden/update does that.

#include <gtest/gtest.h>

#include "domain/policy_catalog.h"
#include "scenarios/architecture.h"
#include "scenarios/json_text.h"
#include "scenarios/scenario_json.h"
#include "tests/docs/page.h"

namespace sagasim::scenarios {
namespace {

using docs::expect_between;
using domain::policy_catalog;
using domain::PolicyEntry;
using domain::PolicyValue;

std::string section_of(const PolicyEntry& policy) {
  const std::string guard = policy.guard;
  std::string text = "### `" + std::string(policy.id) + "`" +
                     (guard.empty() ? "" : " (" + guard + ")") + "\n\n" + policy.sentence + "\n\n";
  for (const PolicyValue& value : policy.values) {
    text += "- **" + std::string(value.id) + "**";
    text += &value == &policy.values.front() ? " (the reference): " : ": ";
    text += std::string(value.sentence) + "\n";
  }
  if (policy.duration != nullptr) {
    text += "- or a duration, such as `15 s`\n";
  }
  return text + "\n";
}

TEST(PoliciesPage, ShowsEveryPolicyWithItsValues) {
  std::string expected = "\n";
  for (const PolicyEntry& policy : policy_catalog()) {
    expected += section_of(policy);
  }
  expect_between("docs/policies.md", "<!-- policies -->\n", "<!-- end of policies -->", expected);
}

TEST(PoliciesPage, ShowsEveryArchitecture) {
  std::string expected = "\n| architecture | is |\n| --- | --- |\n";
  for (int i = 0; i < kPresetCount; ++i) {
    expected += std::string("| `") + kPresets[i].id + "` | " + kPresets[i].description + " |\n";
  }
  expect_between("docs/policies.md", "<!-- architectures -->\n", "<!-- end of architectures -->",
                 expected + "\n");
}

// One member of the schema's `architecture`, as the file is laid out.
std::string schema_of(const PolicyEntry& policy) {
  std::string description = policy.sentence;
  OrderedJson words = OrderedJson::array();
  for (const PolicyValue& value : policy.values) {
    words.push_back(value.id);
    description += std::string(" ") + value.id + ": " + value.sentence;
  }
  std::string rule = "\"enum\": [";
  for (const PolicyValue& value : policy.values) {
    rule += std::string(&value == &policy.values.front() ? "" : ", ") + "\"" + value.id + "\"";
  }
  rule += "]";
  if (policy.duration != nullptr) {
    rule = R"("oneOf": [{"const": "off"}, {"$ref": "#/$defs/duration"}])";
  }
  return ",\n            \"" + std::string(policy.id) +
         "\": {\n              \"description\": " + OrderedJson(description).dump() +
         ",\n              " + rule + ",\n              \"default\": \"" +
         policy.values.front().id + "\"\n            }";
}

TEST(PoliciesPage, TheSchemaHasEveryPolicy) {
  std::string expected;
  for (const PolicyEntry& policy : policy_catalog()) {
    expected += schema_of(policy);
  }
  expect_between("scenarios/schema/scenario.schema.json", "(-[a-z0-9-]+)?$\"\n            }",
                 "\n          }\n        }\n      ],\n      \"default\": \"resilient\"", expected);
}

TEST(PoliciesPage, TheSchemaHasEveryArchitecture) {
  std::string expected;
  for (int i = 0; i < kPresetCount; ++i) {
    expected += std::string(i == 0 ? "" : ", ") + "\"" + kPresets[i].id + "\"";
  }
  expect_between("scenarios/schema/scenario.schema.json",
                 "docs/policies.md describes them.\",\n      \"enum\": [", "]", expected);
}

// --- the catalogue itself ---

TEST(PolicyCatalog, SetsAndReadsEveryValue) {
  for (const PolicyEntry& policy : policy_catalog()) {
    domain::Policy point;
    EXPECT_EQ(policy.get(point), 0u) << policy.id << ": the reference comes first";
    for (std::size_t i = 0; i < policy.values.size(); ++i) {
      policy.set(point, i);
      EXPECT_EQ(policy.get(point), i) << policy.id;
    }
    policy.set(point, 0);
    EXPECT_EQ(point, domain::Policy{}) << policy.id << " touches nothing else";
  }
}

TEST(PolicyCatalog, EveryValueIsReadWrittenAndNamedByItsWord) {
  for (const PolicyEntry& policy : policy_catalog()) {
    for (std::size_t i = 0; i < policy.values.size(); ++i) {
      const std::string word = policy.values[i].id;
      const Scenario scenario =
          parse_scenario("{}", "test", {"architecture." + std::string(policy.id) + "=" + word});
      EXPECT_EQ(policy.get(scenario.architecture.policy), i) << policy.id << '=' << word;
      EXPECT_EQ(parse_scenario(write_scenario(scenario), "test").architecture.policy,
                scenario.architecture.policy);
      const std::string text = to_text(scenario.architecture);
      EXPECT_EQ(text, i == 0 ? "resilient" : "resilient, " + std::string(policy.id) + "=" + word);
    }
  }
}

TEST(PolicyCatalog, EveryWordHasASentence) {
  for (const PolicyEntry& policy : policy_catalog()) {
    EXPECT_EQ(std::string(policy.sentence).back(), '.') << policy.id;
    for (const PolicyValue& value : policy.values) {
      EXPECT_EQ(std::string(value.sentence).back(), '.') << policy.id << '=' << value.id;
    }
  }
}

}  // namespace
}  // namespace sagasim::scenarios
