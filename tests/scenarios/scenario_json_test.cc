#include "scenarios/scenario_json.h"

#include <gtest/gtest.h>

#include "domain/policy_catalog.h"
#include "domain/properties/catalog.h"
#include "tests/scenarios/complaint.h"

namespace sagasim::scenarios {
namespace {

Scenario parse(const std::string& text, const std::vector<std::string>& settings = {}) {
  return parse_scenario(text, "bad.json", settings);
}

void expect_bad(const std::vector<Bad>& list) {
  expect_complaints(list, [](const std::string& text) { parse(text); });
}

// What is said about `setting`, over the scenario in `text`.
std::string complaint_about(const std::string& setting, const std::string& text = "{}") {
  const InputError error = complaint_of([&] { parse(text, {setting}); });
  EXPECT_EQ(error.file, "--set " + setting);
  EXPECT_EQ(error.line, 0);
  return error.message;
}

TEST(ScenarioJson, AnEmptyObjectIsTheDefaultScenario) {
  EXPECT_EQ(write_scenario(parse("{}")), write_scenario(Scenario{}));
}

TEST(ScenarioJson, ReadsEverySection) {
  const Scenario scenario = parse(R"({
    // A comment, and /* another one */
    "$schema": "somewhere.json",
    "name": "small",
    "description": "For this test.",
    "architecture": {"preset": "resilient", "publish": "direct", "consume": "marked_first",
                     "natural_keys": "off", "tombstones": "off", "retries": "park",
                     "saga_timeout": "15 s"},
    "shop": {"users": 2, "stock_min": 0, "stock_max": 1000000000},
    "workload": {"orders": 100000, "span": "30 d"},
    "environment": {"call": {"max": "20 ms"}, "gateway_timeout": "1.5 s"},
    "faults": {"profile": "swarm", "rates": {"drop": 7}, "window_max": "1 min"},
    "horizon": {"heal_at": "0 s", "limit": "2 h"},
    "properties": ["MON-1"]
  })");
  EXPECT_EQ(scenario.name, "small");
  EXPECT_EQ(scenario.architecture.policy.publish, domain::Publish::kDirect);
  EXPECT_EQ(scenario.architecture.policy.consume, domain::Consume::kMarkedFirst);
  EXPECT_EQ(scenario.architecture.policy.natural_keys, domain::Switch::kOff);
  EXPECT_EQ(scenario.architecture.policy.tombstones, domain::Switch::kOff);
  EXPECT_EQ(scenario.architecture.policy.retries, domain::Retries::kPark);
  EXPECT_EQ(scenario.architecture.policy.saga_timeout, sim::seconds(15));
  EXPECT_EQ(scenario.shop.stock_max, 1'000'000'000);
  EXPECT_EQ(scenario.workload.span, sim::seconds(30 * 86'400));
  EXPECT_EQ(scenario.environment.call.min, sim::milliseconds(1)) << "the default";
  EXPECT_EQ(scenario.environment.call.max, sim::milliseconds(20));
  EXPECT_EQ(scenario.environment.gateway_timeout, sim::milliseconds(1'500));
  EXPECT_EQ(scenario.faults.rates[static_cast<unsigned>(faults::Kind::kDrop)], 7u);
  EXPECT_GT(scenario.faults.rates[static_cast<unsigned>(faults::Kind::kDelay)], 0u);
  EXPECT_TRUE(scenario.faults.swarm);
  EXPECT_FALSE(scenario.explicit_plan);
  EXPECT_EQ(scenario.horizon.limit, sim::seconds(7'200));
  EXPECT_EQ(scenario.properties, std::vector<std::string>{"MON-1"});
}

TEST(ScenarioJson, WhatIsWrittenIsReadBackAsTheSame) {
  Scenario scenario;
  scenario.name = "other";
  scenario.description = "With \"quotes\" and 한글.";
  for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
    if (!entry.duration) {
      entry.set(scenario.architecture.policy, entry.values.size() - 1);
    }
  }
  scenario.architecture.policy.saga_timeout = sim::nanoseconds(1'234'567'891);
  scenario.shop.coupons_per_user = 0;
  scenario.workload.span = sim::nanoseconds(1);
  scenario.environment.broker = {sim::nanoseconds(1), sim::nanoseconds(1), 0};
  scenario.faults = *faults::find_profile("gateway-down");
  scenario.faults.operations_outside_only = true;
  scenario.faults.rates[3] = 1'000'000;
  scenario.horizon.heal_at = sim::microseconds(1);
  scenario.properties = {domain::kPropertyCatalog[1].id, domain::kPropertyCatalog[0].id};
  const std::string text = write_scenario(scenario);
  const Scenario again = parse(text);
  EXPECT_EQ(write_scenario(again), text);
  EXPECT_EQ(again.description, scenario.description);
  EXPECT_EQ(again.architecture.policy, scenario.architecture.policy);
  EXPECT_EQ(again.faults.rates, scenario.faults.rates);
  EXPECT_TRUE(again.faults.outages_outside_only);
  EXPECT_TRUE(again.faults.operations_outside_only);
  EXPECT_EQ(again.environment.broker.tail_one_in, 0u);
}

TEST(ScenarioJson, AnExplicitPlanIsReadBackAsTheSame) {
  const Scenario scenario = parse(R"({"faults": {"plan": [
      {"fault": "outage", "target": "gateway", "from": "1 s", "until": "2 s"}]}})");
  ASSERT_TRUE(scenario.explicit_plan);
  EXPECT_EQ(scenario.plan.windows.size(), 1u);
  const std::string text = write_scenario(scenario);
  EXPECT_EQ(write_scenario(parse(text)), text);
}

TEST(ScenarioJson, TheArchitectureMayBeANameAlone) {
  EXPECT_EQ(parse(R"({"architecture": "resilient"})").architecture.preset, "resilient");
}

TEST(ScenarioJson, ComplainsAboutSyntaxWithItsPlace) {
  const std::string deep(1'000'000, '[');
  std::string pointer;
  for (int i = 0; i < 64; ++i) {
    pointer += "/0";
  }
  expect_bad({
      {"", 1, 1, "", {"nothing in it", "{}"}},
      {" \n", 2, 1, "", {"nothing in it"}},
      {"{", 1, 2, "", {"unexpected end of input", "key in double quotes"}},
      {"{}}", 1, 3, "", {"unexpected '}'", "end of input"}},
      {"{\n  users: 3}", 2, 3, "", {"invalid literal", "key in double quotes"}},
      {"{\"shop\": {\"users\": 3,}}", 1, 22, "/shop", {"a comma before '}'"}},
      {"{\"properties\": [\"MON-1\", ]}", 1, 26, "/properties/1", {"a comma before ']'"}},
      {"{\"shop\": {\"users\": 3 \"products\": 1}}", 1, 22, "/shop", {"a comma or '}'"}},
      {"{\"shop\": {\"users\": tru}}", 1, 20, "/shop/users", {"invalid literal", "expected"}},
      {"{\"shop\": {\"users\": 1e999}}", 1, 20, "/shop/users", {"overflow"}},
      {"{\"name\": \"a", 1, 12, "/name", {"missing closing quote"}},
      {"{\"name\": \"\xff\"}", 1, 11, "/name", {"UTF-8"}},
      {"/* never closed", 1, 16, "", {"invalid comment"}},
      {deep, 1, 65, pointer, {"nested too deeply", "64 levels"}},
  });
}

TEST(ScenarioJson, ComplainsAboutTypesAndRanges) {
  expect_bad({
      {"[]", 1, 1, "", {"this is a list", "expected an object"}},
      {"{\"shop\": 3}", 1, 10, "/shop", {"3 is a number", "expected an object"}},
      {"{\"shop\": {\"users\": \"three\"}}",
       1,
       20,
       "/shop/users",
       {"\"three\" is a text", "1,000"}},
      {"{\"shop\": {\"users\": 1.5}}", 1, 20, "/shop/users", {"1.5 is no integer"}},
      {"{\"shop\": {\"users\": true}}", 1, 20, "/shop/users", {"true is a boolean"}},
      {"{\"shop\": {\"users\": null}}", 1, 20, "/shop/users", {"null is no value"}},
      {"{\"shop\": {\"users\": {}}}", 1, 20, "/shop/users", {"this is an object"}},
      {"{\"shop\": {\"users\": 0}}", 1, 20, "/shop/users", {"0 is too small", "from 1 to 1,000"}},
      {"{\"shop\": {\"stock_min\": -1}}", 1, 24, "/shop/stock_min", {"-1 is too small", "from 0"}},
      {"{\"shop\": {\"users\": 18446744073709551615}}", 1, 20, "/shop/users", {"too large"}},
      {"{\"shop\": {\"users\": 99999999999999999999}}", 1, 20, "/shop/users", {"too large"}},
      {"{\"shop\": {\"users\": -9999999999999999999}}", 1, 20, "/shop/users", {"too small"}},
      {"{\"name\": 3}", 1, 10, "/name", {"3 is a number", "letters"}},
      {"{\"name\": \"../x\"}", 1, 10, "/name", {"\"../x\" is no name"}},
      {"{\"description\": []}", 1, 17, "/description", {"this is a list", "a sentence"}},
      {"{\"faults\": {\"swarm\": 1}}", 1, 22, "/faults/swarm", {"true or false"}},
      {"{\"faults\": {\"rates\": {\"drop\": 1000001}}}",
       1,
       31,
       "/faults/rates/drop",
       {"1,000,000"}},
      {"{\"faults\": {\"rates\": {\"outage\": 1001}}}", 1, 33, "/faults/rates/outage", {"1,000"}},
  });
}

TEST(ScenarioJson, ComplainsAboutRangesTheWrongWayRound) {
  expect_bad({
      {"{\"shop\": {\"balance_min\": 200000}}",
       1,
       26,
       "/shop/balance_min",
       {"larger than \"balance_max\""}},
      {"{\"shop\": {\"price_max\": 2}}", 1, 24, "/shop/price_max", {"smaller than \"price_min\""}},
      {"{\"shop\": {\"stock_min\": 26}}", 1, 24, "/shop/stock_min", {"stock_max"}},
      {"{\"shop\": {\"discount_min_bp\": 9000}}", 1, 30, "/shop/discount_min_bp", {"discount_max"}},
      {"{\"workload\": {\"charge_max\": 1}}", 1, 29, "/workload/charge_max", {"charge_min"}},
      {"{\"environment\": {\"call\": {\"min\": \"1 s\"}}}",
       1,
       34,
       "/environment/call/min",
       {"max"}},
      {"{\"horizon\": {\"heal_at\": \"2 h\"}}", 1, 25, "/horizon/heal_at", {"\"limit\""}},
  });
}

TEST(ScenarioJson, ComplainsAboutDurations) {
  const auto span = [](const std::string& value) {
    return "{\"workload\":{\"span\":" + value + "}}";
  };
  const std::string pointer = "/workload/span";
  expect_bad({
      {span("20"), 1, 21, pointer, {"20 has no unit", "\"20 s\""}},
      {span("\"20\""), 1, 21, pointer, {"no duration", "\"250 ms\""}},
      {span("\"20 parsecs\""), 1, 21, pointer, {"no duration", "ns, us, ms, s, min, h, d"}},
      {span("\"-3 s\""), 1, 21, pointer, {"no duration"}},
      {span("\"0.1 ns\""), 1, 21, pointer, {"no duration", "whole nanoseconds"}},
      {span("\"999999999999 d\""), 1, 21, pointer, {"no duration"}},
      {span("\"31 d\""), 1, 21, pointer, {"too long", "\"30 d\""}},
      {span("[]"), 1, 21, pointer, {"this is a list"}},
      {"{\"environment\":{\"call_timeout\":\"0 s\"}}",
       1,
       32,
       "/environment/call_timeout",
       {"too short", "\"1 ms\""}},
      {"{\"architecture\":{\"saga_timeout\":\"0 s\"}}",
       1,
       33,
       "/architecture/saga_timeout",
       {"too short"}},
      {"{\"architecture\":{\"saga_timeout\":\"on\"}}",
       1,
       33,
       "/architecture/saga_timeout",
       {"neither \"off\" nor a duration"}},
      {"{\"architecture\":{\"saga_timeout\":15}}",
       1,
       33,
       "/architecture/saga_timeout",
       {"15 has no unit"}},
  });
}

TEST(ScenarioJson, ComplainsAboutUnknownNamesAndOffersTheNearest) {
  expect_bad({
      {"{\"shp\": {}}", 1, 2, "/shp", {"unknown key \"shp\"", "did you mean \"shop\"?"}},
      {"{\"shop\": {\"usres\": 1}}",
       1,
       11,
       "/shop/usres",
       {"did you mean \"users\"?", "partitions"}},
      {"{\"\\u0061/~b\": 1}", 1, 2, "/a~1~0b", {"unknown key \"a/~b\""}},
      {"{\"seed\": 7}", 1, 2, "/seed", {"--seed 7"}},
      {"{\"architecture\": \"resilent\"}", 1, 18, "/architecture", {"\"resilient\""}},
      {"{\"architecture\": {\"publish\": \"outbx\"}}",
       1,
       30,
       "/architecture/publish",
       {"\"outbox\""}},
      {"{\"architecture\": {\"publsh\": \"outbox\"}}",
       1,
       19,
       "/architecture/publsh",
       {"\"publish\""}},
      {"{\"architecture\": {\"tombstones\": true}}",
       1,
       33,
       "/architecture/tombstones",
       {"boolean"}},
      {"{\"faults\": {\"profile\": \"swrm\"}}", 1, 24, "/faults/profile", {"\"swarm\""}},
      {"{\"faults\": {\"rates\": {\"drp\": 1}}}", 1, 23, "/faults/rates/drp", {"\"drop\""}},
      {"{\"properties\": [\"MON-1\", \"MNO-2\"]}", 1, 26, "/properties/1", {"\"MON-2\""}},
      {"{\"properties\": \"MON-1\"}", 1, 16, "/properties", {"a list of properties"}},
  });
}

TEST(ScenarioJson, ComplainsAboutContradictions) {
  expect_bad({
      {"{\"shop\": {\"users\": 1,\n  \"users\": 2}}", 2, 3, "/shop/users", {"there twice"}},
      {"{\"properties\": [\"MON-1\", \"MON-1\"]}", 1, 26, "/properties/1", {"there twice"}},
      {"{\"faults\": {\"plan\": [], \"profile\": \"swarm\"}}",
       1,
       25,
       "/faults/profile",
       {"exclude each other", "remove one"}},
  });
}

TEST(ScenarioJson, APlanAsASettingTakesThePlaceOfTheProfile) {
  const std::string chance = R"({"faults": {"profile": "lossy", "delay_max": "3 s"}})";
  const std::string crash =
      R"(faults.plan=[{"fault": "power-cut", "from": "1 s", "until": "2 s"}])";
  const Scenario planned = parse(chance, {crash});
  EXPECT_TRUE(planned.explicit_plan);
  EXPECT_EQ(planned.plan.windows.size(), 1u);
  EXPECT_FALSE(parse(write_scenario(planned), {"faults.profile=lossy"}).explicit_plan);
  EXPECT_EQ(parse(write_scenario(planned), {"faults.profile=lossy"}).faults.name, "lossy");
  EXPECT_THROW(parse(chance, {crash, "faults.delay_max=1 s"}), BadInput) << "who wants both?";
  EXPECT_THROW(parse(write_scenario(planned), {"faults.delay_max=1 s"}), BadInput);
}

TEST(ScenarioJson, FindsThePlaceBehindCommentsAndOtherAlphabets) {
  expect_bad({
      {"/* a\n */ // b {\n{\n  // \"shop\": {}\n  \"shop\": { /* : { */ \"users\": 0}}",
       5,
       32,
       "/shop/users",
       {"too small"}},
      {"\xef\xbb\xbf{\"shop\": {\"users\": 0}}", 1, 20, "/shop/users", {"too small"}},
      {"{\"description\": \"한글 \\\" {\", \"shop\": {\"users\": 0}}", 1, 46, "/shop/users", {}},
      {"{\r\n\"shop\":\r\n{\"users\":0}}", 3, 10, "/shop/users", {}},
  });
}

TEST(ScenarioJson, ASettingReplacesAValue) {
  const Scenario scenario =
      parse(R"({"architecture": "resilient", "shop": {"users": 5}})",
            {"architecture.publish=after_commit", "architecture.saga_timeout=30 s", "shop.users=7",
             "workload.orders=50", "faults.profile=swarm", "name=mine", R"(properties=["MON-1"])",
             "shop.products=2", "shop.products=9"});
  EXPECT_EQ(scenario.architecture.policy.publish, domain::Publish::kAfterCommit);
  EXPECT_EQ(scenario.architecture.policy.saga_timeout, sim::seconds(30));
  EXPECT_EQ(scenario.shop.users, 7u);
  EXPECT_EQ(scenario.shop.products, 9u) << "the last one counts";
  EXPECT_EQ(scenario.workload.orders, 50u);
  EXPECT_EQ(scenario.faults.name, "swarm");
  EXPECT_EQ(scenario.name, "mine");
  EXPECT_EQ(scenario.properties.size(), 1u);
}

TEST(ScenarioJson, ASettingReachesIntoAList) {
  const std::string text = R"({"faults": {"plan": [
      {"fault": "outage", "target": "gateway", "from": "1 s", "until": "2 s"}]}})";
  const Scenario scenario = parse(text, {"faults.plan.0.until=5 s"});
  EXPECT_EQ(scenario.plan.windows[0].until, sim::kStart + sim::seconds(5));
}

TEST(ScenarioJson, AComplaintAboutASettingNamesIt) {
  EXPECT_NE(complaint_about("architecture.publsh=after_commit").find("did you mean \"publish\"?"),
            std::string::npos);
  EXPECT_NE(complaint_about("shop.users=-1").find("too small"), std::string::npos);
  EXPECT_NE(complaint_about("shop.users.x=1").find("this is an object"), std::string::npos);
  EXPECT_NE(complaint_about("shop.users.x=1", R"({"shop": {"users": 1}})").find("has no keys"),
            std::string::npos);
  EXPECT_NE(complaint_about("workload.span=50").find("\"50 s\""), std::string::npos);
  EXPECT_NE(complaint_about("shop").find("path=value"), std::string::npos);
  EXPECT_NE(complaint_about("=3").find("path=value"), std::string::npos);
  EXPECT_NE(complaint_about("shop..users=3").find("empty"), std::string::npos);
  EXPECT_NE(complaint_about("shop={\"users\": 1").find("end of input"), std::string::npos);
  EXPECT_NE(complaint_about("name=\xff").find("UTF-8"), std::string::npos);
  EXPECT_NE(complaint_about("properties.3=MON-1", R"({"properties": []})").find("no element"),
            std::string::npos);
  EXPECT_NE(complaint_about("shop.balance_max=5").find("balance_min"), std::string::npos);
  EXPECT_NE(complaint_about("faults.swarm=true", R"({"faults": {"plan": []}})").find("exclude"),
            std::string::npos);
}

TEST(ScenarioJson, ASettingOfManyKeysIsRefused) {
  std::string path = "a";
  for (int i = 0; i < 1'000; ++i) {
    path += ".a";
  }
  const InputError error = complaint_of([&] { parse("{}", {path + "=1"}); });
  EXPECT_NE(error.message.find("nested too deeply"), std::string::npos);
}

TEST(ScenarioJson, TheWholeComplaintIsOneLine) {
  try {
    parse("{\n  \"shop\": {\"users\": 0}}");
    FAIL();
  } catch (const BadInput& bad) {
    EXPECT_STREQ(
        bad.what(),
        "bad.json:2:21: /shop/users: 0 is too small (expected an integer from 1 to 1,000)");
  }
}

TEST(ScenarioJson, ATextOfTooManyBytesIsRefusedUnread) {
  const std::string text(65u << 20, ' ');
  const InputError error = complaint_of([&] { parse(text); });
  EXPECT_NE(error.message.find("64 MiB"), std::string::npos);
}

}  // namespace
}  // namespace sagasim::scenarios
