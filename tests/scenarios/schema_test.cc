// The JSON Schema is for editors and the reader is the judge; these tests hold the two together.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <utility>

#include "domain/messages/events.h"
#include "scenarios/embedded.h"
#include "scenarios/library.h"
#include "scenarios/object_reader.h"
#include "scenarios/plan_json.h"
#include "scenarios/scenario_json.h"
#include "scenarios/shop_vocabulary.h"

namespace sagasim::scenarios {
namespace {

// The part of JSON Schema that ours uses.
class Validator {
 public:
  explicit Validator(const Json& root) : root_(root) {}

  // The first thing that does not fit, with its place; empty if all does.
  std::string validate(const Json& value) const { return check(root_, value, "#"); }

 private:
  std::string check(const Json& schema, const Json& value, const std::string& place) const {
    for (const auto& item : schema.items()) {
      std::string error = check_keyword(schema, item.key(), item.value(), value, place);
      if (!error.empty()) {
        return error;
      }
    }
    return "";
  }

  std::string check_keyword(const Json& schema, const std::string& keyword, const Json& rule,
                            const Json& value, const std::string& place) const {
    bool holds = true;
    if (keyword == "$ref") {
      return check(root_.at(Json::json_pointer(rule.get<std::string>().substr(1))), value, place);
    }
    if (keyword == "properties") {
      return check_members(rule, value, place);
    }
    if (keyword == "items") {
      return check_items(rule, value, place);
    }
    if (keyword == "type") {
      holds = has_type(value, rule.get<std::string>());
    } else if (keyword == "additionalProperties") {
      holds = !value.is_object() ||
              std::all_of(value.items().begin(), value.items().end(), [&schema](const auto& item) {
                return schema["properties"].contains(item.key());
              });
    } else if (keyword == "required") {
      holds =
          !value.is_object() || std::all_of(rule.begin(), rule.end(), [&value](const Json& key) {
            return value.contains(key.get<std::string>());
          });
    } else if (keyword == "enum") {
      holds = std::find(rule.begin(), rule.end(), value) != rule.end();
    } else if (keyword == "const") {
      holds = value == rule;
    } else if (keyword == "minimum") {
      holds = !value.is_number() || value >= rule;
    } else if (keyword == "maximum") {
      holds = !value.is_number() || value <= rule;
    } else if (keyword == "minItems") {
      holds = !value.is_array() || value.size() >= rule.get<std::size_t>();
    } else if (keyword == "maxItems") {
      holds = !value.is_array() || value.size() <= rule.get<std::size_t>();
    } else if (keyword == "pattern") {
      holds = !value.is_string() ||
              std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()));
    } else if (keyword == "anyOf") {
      holds = std::any_of(rule.begin(), rule.end(),
                          [&](const Json& each) { return check(each, value, place).empty(); });
    } else if (keyword == "oneOf") {
      holds = std::count_if(rule.begin(), rule.end(), [&](const Json& each) {
                return check(each, value, place).empty();
              }) == 1;
    } else if (!is_annotation(keyword)) {
      return "the validator does not know " + keyword;
    }
    return holds ? "" : place + " breaks " + keyword + " " + rule.dump() + ": " + value.dump();
  }

  std::string check_members(const Json& rules, const Json& value, const std::string& place) const {
    for (const auto& item : rules.items()) {
      if (value.is_object() && value.contains(item.key())) {
        std::string error = check(item.value(), value[item.key()], place + '/' + item.key());
        if (!error.empty()) {
          return error;
        }
      }
    }
    return "";
  }

  std::string check_items(const Json& rule, const Json& value, const std::string& place) const {
    for (Json::size_type i = 0; value.is_array() && i < value.size(); ++i) {
      std::string error = check(rule, value[i], place + '/' + std::to_string(i));
      if (!error.empty()) {
        return error;
      }
    }
    return "";
  }

  static bool has_type(const Json& value, const std::string& type) {
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
           (type == "string" && value.is_string()) || (type == "boolean" && value.is_boolean()) ||
           (type == "integer" && value.is_number_integer());
  }

  static bool is_annotation(const std::string& keyword) {
    const std::vector<std::string> annotations = {"$schema", "$defs",    "title",
                                                  "default", "examples", "description"};
    return std::find(annotations.begin(), annotations.end(), keyword) != annotations.end();
  }

  const Json& root_;
};

class Schema : public testing::Test {
 protected:
  std::string validate(const Json& value) const { return Validator(schema_).validate(value); }
  std::string validate(const std::string& text) const {
    return validate(Json::parse(text, nullptr, true, true));
  }

  const Json schema_ = Json::parse(kEmbeddedSchema);
};

bool is_accepted(const Json& scenario) {
  try {
    parse_scenario(scenario.dump(), "test");
    return true;
  } catch (const BadInput&) {
    return false;
  }
}

TEST_F(Schema, EveryShippedScenarioFits) {
  for (unsigned i = 0; i < kEmbeddedScenarioCount; ++i) {
    EXPECT_EQ(validate(std::string(kEmbeddedScenarios[i].text)), "") << kEmbeddedScenarios[i].name;
  }
}

TEST_F(Schema, WhatIsWrittenFits) {
  EXPECT_EQ(validate(std::string("{}")), "");
  EXPECT_EQ(validate(write_scenario(Scenario{})), "");
  for (int i = 0; i < faults::kProfileCount; ++i) {
    Scenario scenario;
    scenario.faults = faults::kProfiles[i];
    EXPECT_EQ(validate(write_scenario(scenario)), "");
  }
}

// --- plans: one entry at a time ---

const std::string kCommit = "balance/balance:OrderCreated(c2.3)/commit(c2.3)";

class SchemaOfFaults : public Schema, public testing::WithParamInterface<int> {
 protected:
  const faults::KindInfo& kind() const { return faults::kCatalog[GetParam()]; }
  Json example() const { return Json::parse(example_entry(kind().kind, shop_vocabulary())); }

  // Schema and reader are of one opinion about an entry, and it is this one.
  void expect_accepted(const Json& entry, bool accepted = true) const {
    const Json scenario = {{"faults", {{"plan", Json::array({entry})}}}};
    EXPECT_EQ(validate(scenario).empty(), accepted) << entry.dump() << ' ' << validate(scenario);
    EXPECT_EQ(is_accepted(scenario), accepted) << entry.dump();
  }
  void expect_agreement(const Json& entry) const {
    const Json scenario = {{"faults", {{"plan", Json::array({entry})}}}};
    EXPECT_EQ(validate(scenario).empty(), is_accepted(scenario)) << entry.dump();
  }
};

TEST_P(SchemaOfFaults, AcceptTheExampleAndWhatIsWrittenOfIt) {
  expect_accepted(example());
  const Json text = {{"faults", {{"plan", Json::array({example()})}}}};
  const Scenario scenario = parse_scenario(text.dump(), "test");
  EXPECT_EQ(validate(write_scenario(scenario)), "");
}

TEST_P(SchemaOfFaults, RefuseEveryFieldThatIsMissingOrWrongOrTooMuch) {
  const Json whole = example();
  for (const auto& item : whole.items()) {
    for (const Json& wrong : {Json(), Json(7), Json("nonsense"), Json::array(), Json::object()}) {
      Json entry = example();
      entry[item.key()] = wrong;
      expect_accepted(entry, false);
    }
    Json entry = example();
    entry.erase(item.key());
    expect_accepted(entry, false);
  }
  for (const char* key : {"surprise", "operation", "for", "target", "peer", "between", "group",
                          "topic", "by", "from", "at"}) {
    Json entry = example();
    const bool known = entry.contains(key);
    entry[key] = known ? entry[key] : Json("1 s");
    expect_accepted(entry, known);
  }
}

TEST_P(SchemaOfFaults, AgreeAboutTargets) {
  for (const char* key : {"target", "peer"}) {
    for (const std::string& role : shop_vocabulary().role_names()) {
      for (const char* instance : {"", "#1", "#8", "#9", "#0", "#02", "#", "#two"}) {
        Json entry = example();
        const std::string name = role + instance;
        // Both ends alike is for the reader to see.
        if (entry.contains(key) && entry.value("peer", "") != name &&
            (!entry.contains("peer") || entry["target"] != name)) {
          entry[key] = name;
          expect_agreement(entry);
        }
      }
    }
  }
}

TEST_P(SchemaOfFaults, AgreeAboutAmounts) {
  if (!example().contains("by")) {
    return;
  }
  for (const char* amount : {"1 ns", "500 ms", "1.5 s", "1500", "ms", "+1 s", "--1 s"}) {
    Json entry = example();
    entry["by"] = amount;
    expect_agreement(entry);
  }
  Json entry = example();
  entry["by"] = "-500 ms";
  expect_accepted(entry, kind().by.either_sign);
}

TEST_P(SchemaOfFaults, AgreeAboutAnchors) {
  if (!kind().window) {
    return;
  }
  const bool can_be_anchored = kind().kind != faults::Kind::kMidnight;
  Json entry = example();
  entry["after"] = kCommit;
  expect_accepted(entry, can_be_anchored);
  entry.erase(kind().moment ? "at" : "from");
  expect_accepted(entry, can_be_anchored);
  entry = example();
  entry["until_after"] = kCommit;
  expect_accepted(entry, !kind().moment);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SchemaOfFaults, testing::Range(0, faults::kKinds),
                         [](const auto& param) {
                           std::string name = faults::kCatalog[param.param].id;
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(Schema, KnowsTheGroupsAndTopicsOfTheShop) {
  for (const auto& [key, fault] : {std::pair("group", faults::Kind::kRedrive),
                                   std::pair("topic", faults::Kind::kExpandPartitions)}) {
    for (const Json& name : schema_["$defs"][key]["enum"]) {
      Json entry = Json::parse(example_entry(fault, shop_vocabulary()));
      entry[key] = name;
      EXPECT_TRUE(is_accepted({{"faults", {{"plan", Json::array({entry})}}}})) << name;
    }
  }
  EXPECT_EQ(schema_["$defs"]["topic"]["enum"].size(),
            static_cast<std::size_t>(domain::kEventTypes));
  EXPECT_EQ(schema_["$defs"]["group"]["enum"].size(), 7u);
}

TEST_F(Schema, AcceptsLongNamesOfOperations) {
  const std::string operation = "order/create-order:command(c1.1,2)+1+d2~3/call:get-user(u1)#2+d1";
  const Json entry = {{"fault", "drop"}, {"operation", operation}};
  const Json scenario = {{"faults", {{"plan", Json::array({entry})}}}};
  EXPECT_EQ(validate(scenario), "");
  EXPECT_TRUE(is_accepted(scenario));
}

TEST_F(Schema, HasTheKeysThatAreWrittenAndNoOthers) {
  const Json written = Json::parse(write_scenario(Scenario{}));
  for (const char* section : {"shop", "workload", "environment", "horizon"}) {
    const Json& known = schema_["properties"][section]["properties"];
    EXPECT_EQ(known.size(), written[section].size()) << section;
  }
  EXPECT_EQ(schema_["properties"].size(), written.size() + 2)
      << "$schema and claim are not written";
}

TEST_F(Schema, ItsDefaultsAreTheDefaults) {
  const Scenario defaults;
  for (const char* section : {"shop", "workload", "environment", "horizon"}) {
    for (const auto& item : schema_["properties"][section]["properties"].items()) {
      Json scenario = {{section, {{item.key(), item.value().at("default")}}}};
      EXPECT_EQ(write_scenario(parse_scenario(scenario.dump(), "test")), write_scenario(defaults))
          << section << '.' << item.key();
    }
  }
}

// Draws its limits where the reader does: the last value that fits is accepted, the next is not.
TEST_F(Schema, ItsBoundsAreThoseOfTheReader) {
  for (const char* section : {"shop", "workload", "environment"}) {
    for (const auto& item : schema_["properties"][section]["properties"].items()) {
      if (!item.value().contains("minimum")) {
        continue;
      }
      const auto minimum = item.value()["minimum"].get<std::int64_t>();
      const auto maximum = item.value()["maximum"].get<std::int64_t>();
      const auto accepts = [&](std::int64_t value) {
        Json values = {{item.key(), value}};
        // The other end of a range must not be in the way.
        std::string other = item.key();
        if (const auto at = other.find("_min"); at != std::string::npos) {
          values[other.replace(at, 4, "_max")] = maximum;
        } else if (const auto end = other.find("_max"); end != std::string::npos) {
          other.replace(end, 4, "_min");
          if (schema_["properties"][section]["properties"].contains(other)) {
            values[other] = minimum;
          }
        }
        return is_accepted({{section, values}});
      };
      SCOPED_TRACE(item.key());
      EXPECT_TRUE(accepts(minimum));
      EXPECT_TRUE(accepts(maximum));
      EXPECT_FALSE(accepts(minimum - 1));
      EXPECT_FALSE(accepts(maximum + 1));
    }
  }
}

TEST_F(Schema, KnowsEveryRoleFaultAndProfile) {
  const Json& roles = schema_["$defs"]["role"]["enum"];
  EXPECT_EQ(roles, Json(shop_vocabulary().role_names()));
  const Json& chance = schema_["properties"]["faults"]["oneOf"][0]["properties"];
  EXPECT_EQ(chance["rates"]["properties"].size(), static_cast<std::size_t>(faults::kKinds));
  for (const faults::KindInfo& info : faults::kCatalog) {
    EXPECT_TRUE(chance["rates"]["properties"].contains(info.id)) << info.id;
  }
  Json profiles = Json::array();
  for (int i = 0; i < faults::kProfileCount; ++i) {
    profiles.push_back(faults::kProfiles[i].name);
  }
  EXPECT_EQ(chance["profile"]["enum"], profiles);
}

TEST_F(Schema, RefusesWhatTheReaderRefuses) {
  for (const char* text :
       {R"({"shp": {}})", R"({"shop": {"users": 0}})", R"({"shop": {"users": "3"}})",
        R"({"workload": {"span": 20}})", R"({"workload": {"span": "20 parsecs"}})",
        R"({"architecture": "resilent"})", R"({"architecture": {"publish": "none"}})",
        R"({"architecture": {"saga_timeout": "on"}})", R"({"name": "../x"})",
        R"({"faults": {"plan": [], "profile": "swarm"}})", R"({"faults": {"plan": [{}]}})",
        R"({"faults": {"plan": [{"fault": "fail", "operation": "commit"}]}})",
        R"({"faults": {"rates": {"drp": 1}}})", R"({"properties": ["money"]})"}) {
    EXPECT_NE(validate(std::string(text)), "") << text;
    EXPECT_FALSE(is_accepted(Json::parse(text))) << text;
  }
}

}  // namespace
}  // namespace sagasim::scenarios
