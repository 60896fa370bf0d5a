#include "scenarios/scenario_json.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "domain/policy_catalog.h"
#include "domain/properties/catalog.h"
#include "scenarios/architecture.h"
#include "scenarios/bugs.h"
#include "scenarios/duration_text.h"
#include "scenarios/nearest.h"
#include "scenarios/object_reader.h"
#include "scenarios/plan_json.h"
#include "scenarios/shop_vocabulary.h"

namespace sagasim::scenarios {
namespace {

constexpr IntegerRange kCount{0, 100'000};
constexpr IntegerRange kDeeds{0, 10'000};
constexpr IntegerRange kMoney{0, 10'000'000};
constexpr IntegerRange kCharge{1, 10'000'000};
constexpr IntegerRange kPrice{1, 1'000'000'000};
constexpr IntegerRange kStock{0, 1'000'000'000};
constexpr IntegerRange kBasisPoints{0, 10'000};
constexpr IntegerRange kPercent{0, 100};
constexpr IntegerRange kPerMillion{0, 1'000'000};
constexpr IntegerRange kPerRun{0, 1'000};
constexpr DurationRange kLatency{sim::Duration{}, kDay};
constexpr DurationRange kPatience{kMillisecond, kDay * 30};
constexpr std::string::size_type kLongestName = 64;
constexpr std::uint32_t kRankDaysLeast = 4;

// The words of an enum, in its order.
using Words = std::vector<std::string>;
const Words kPopularities = {"leaning", "uniform", "zipf"};
const Words kArrivals = {"open", "closed"};

// ---- The fields, each described once: for reading and for writing -------------------------------

template <class Visitor, class Value>
void visit_shop(Visitor& visitor, Value& shop) {
  visitor.integer("users", shop.users, {1, 1'000});
  visitor.integer("balance_min", shop.balance_min, kMoney);
  visitor.integer("balance_max", shop.balance_max, kMoney);
  visitor.integer("products", shop.products, {1, 1'000});
  visitor.integer("price_min", shop.price_min, kPrice);
  visitor.integer("price_max", shop.price_max, kPrice);
  visitor.integer("stock_min", shop.stock_min, kStock);
  visitor.integer("stock_max", shop.stock_max, kStock);
  visitor.integer("coupons_per_user", shop.coupons_per_user, {0, 100});
  visitor.integer("coupons_expiring_percent", shop.coupons_expiring_percent, kPercent);
  visitor.integer("discount_min_bp", shop.discount_min_bp, kBasisPoints);
  visitor.integer("discount_max_bp", shop.discount_max_bp, kBasisPoints);
  visitor.integer("campaigns", shop.campaigns, {0, 20});
  visitor.integer("campaign_quantity_max", shop.campaign_quantity_max, {1, 1'000});
  visitor.integer("edge_percent", shop.edge_percent, kPercent);
  visitor.integer("rank_days", shop.rank_days, {0, 40});
  visitor.integer("instances", shop.instances, {1, 8});
  visitor.integer("partitions", shop.partitions, {1, 64});
}

template <class Visitor, class Value>
void visit_workload(Visitor& visitor, Value& workload) {
  visitor.integer("orders", workload.orders, kCount);
  visitor.duration("span", workload.span, {sim::Duration{}, kDay * 30});
  visitor.integer("lines_max", workload.lines_max, {1, 5});
  visitor.integer("quantity_max", workload.quantity_max, {1, 1'000});
  visitor.integer("coupon_percent", workload.coupon_percent, kPercent);
  visitor.integer("cancel_percent", workload.cancel_percent, kPercent);
  visitor.integer("charges", workload.charges, kCount);
  visitor.integer("charge_min", workload.charge_min, kCharge);
  visitor.integer("charge_max", workload.charge_max, kCharge);
  visitor.integer("reads", workload.reads, kCount);
  visitor.integer("top_reads", workload.top_reads, kCount);
  visitor.integer("issues", workload.issues, kCount);
  visitor.integer("repeat_percent", workload.repeat_percent, kPercent);
  visitor.integer("reuse_percent", workload.reuse_percent, kPercent);
  visitor.integer("abandon_percent", workload.abandon_percent, kPercent);
  visitor.integer("reprices", workload.reprices, kDeeds);
  visitor.integer("stops", workload.stops, kDeeds);
  visitor.integer("restocks", workload.restocks, kDeeds);
  visitor.integer("expiries", workload.expiries, kDeeds);
  visitor.word("popularity", workload.popularity, kPopularities);
  visitor.word("arrivals", workload.arrivals, kArrivals);
}

template <class Visitor, class Value>
void visit_environment(Visitor& visitor, Value& environment) {
  visitor.latency("call", environment.call);
  visitor.latency("database", environment.database);
  visitor.latency("broker", environment.broker);
  visitor.latency("gateway", environment.gateway);
  visitor.latency("gateway_processing", environment.gateway_processing);
  visitor.integer("decline_percent", environment.decline_percent, kPercent);
  visitor.duration("call_timeout", environment.call_timeout, kPatience);
  visitor.duration("database_timeout", environment.database_timeout, kPatience);
  visitor.duration("broker_timeout", environment.broker_timeout, kPatience);
  visitor.duration("gateway_timeout", environment.gateway_timeout, kPatience);
  visitor.duration("session_timeout", environment.session_timeout, kPatience);
  visitor.duration("relay_interval", environment.relay_interval, kPatience);
  visitor.duration("reconcile_interval", environment.reconcile_interval, kPatience);
  visitor.integer("workers", environment.workers, {0, 1'000});
  visitor.integer("queue_limit", environment.queue_limit, kCount);
  visitor.latency("service_time", environment.service_time);
  visitor.integer("extra_reads", environment.extra_reads, {0, 100});
  visitor.integer("listener_threads", environment.listener_threads, {1, 1'000});
  visitor.integer("listener_queue", environment.listener_queue, kCount);
  visitor.duration("client_retry", environment.client_retry, kPatience);
  visitor.integer("client_attempts", environment.client_attempts, {1, 1'000});
}

template <class Visitor, class Value>
void visit_horizon(Visitor& visitor, Value& horizon) {
  visitor.duration("heal_at", horizon.heal_at, {sim::Duration{}, kYear});
  visitor.duration("limit", horizon.limit, {kMillisecond, kYear});
}

template <class Visitor, class Value>
void visit_profile_bounds(Visitor& visitor, Value& profile) {
  visitor.boolean("swarm", profile.swarm);
  visitor.duration("delay_max", profile.delay_max, kPatience);
  visitor.duration("downtime_max", profile.downtime_max, kPatience);
  visitor.duration("window_min", profile.window_min, kPatience);
  visitor.duration("window_max", profile.window_max, kPatience);
  visitor.boolean("outages_outside_only", profile.outages_outside_only);
  visitor.boolean("operations_outside_only", profile.operations_outside_only);
}

// ---- Reading ------------------------------------------------------------------------------------

struct ReadVisitor {
  ObjectReader& reader;

  template <class Integer>
  void integer(const char* key, Integer& target, IntegerRange range) {
    reader.integer(key, target, range);
  }
  void duration(const char* key, sim::Duration& target, DurationRange range) {
    reader.duration(key, target, range);
  }
  void boolean(const char* key, bool& target) { reader.boolean(key, target); }
  template <class Value>
  void word(const char* key, Value& target, const Words& words) {
    if (const Json* value = reader.find(key); value != nullptr) {
      target = static_cast<Value>(read_choice(reader.document(), *value, key, words));
    }
  }
  void latency(const char* key, sim::Latency& target) {
    const Json* value = reader.find(key);
    if (value == nullptr) {
      return;
    }
    ObjectReader inner(reader.document(), *value,
                       R"(such as {"min": "1 ms", "max": "10 ms", "tail_one_in": 50})");
    inner.duration("min", target.min, kLatency);
    inner.duration("max", target.max, kLatency);
    inner.integer("tail_one_in", target.tail_one_in, kPerMillion);
    inner.finish();
    inner.check_range("min", target.min, "max", target.max);
  }
};

void read_preset(const Document& document, const Json& value, Architecture& architecture) {
  std::vector<std::string> ids;
  for (int i = 0; i < kPresetCount; ++i) {
    ids.emplace_back(kPresets[i].id);
  }
  const Preset& preset = kPresets[read_choice(document, value, "architecture", ids)];
  architecture = {preset.id, preset.policy};
}

// One of the policy's words; in place of the word of a duration, a duration.
void read_policy(const Document& document, const Json& value, const domain::PolicyEntry& entry,
                 domain::Policy& policy) {
  if (entry.duration != nullptr && value != entry.values.front().id) {
    if (value.is_string() && !parse_duration(value.get_ref<const std::string&>())) {
      document.fail(value, quote(value.get_ref<const std::string&>()) +
                               " is neither \"off\" nor a duration (expected \"off\", or a "
                               "duration such as \"15 s\"; units are " +
                               kDurationUnits + ')');
    }
    policy.*entry.duration = read_duration(document, value, {kMillisecond, kYear});
    return;
  }
  std::vector<std::string> ids;
  for (const domain::PolicyValue& each : entry.values) {
    ids.emplace_back(each.id);
  }
  const std::string what = std::string(entry.id) + " policy";
  entry.set(policy, read_choice(document, value, what.c_str(), ids));
}

// A bug is named by its number or by number and name: "X05", "X05-ack-before-processing".
void read_bug(const Document& document, const Json& value, domain::Policy& policy) {
  std::vector<std::string> ids;
  std::vector<std::string> names;
  for (const Bug& bug : bugs()) {
    ids.emplace_back(bug.id);
    names.push_back(full_name(bug));
  }
  const bool is_full = value.is_string() && value.get_ref<const std::string&>().size() > 4;
  apply(bugs()[read_choice(document, value, "bug", is_full ? names : ids)], policy);
}

void read_architecture(const Document& document, const Json& value, Architecture& architecture) {
  if (value.is_string()) {
    read_preset(document, value, architecture);
    return;
  }
  ObjectReader reader(document, value, R"(or the name of a preset, such as "resilient")");
  if (const Json* preset = reader.find("preset"); preset != nullptr) {
    read_preset(document, *preset, architecture);
  }
  if (const Json* bug = reader.find("bug"); bug != nullptr) {
    read_bug(document, *bug, architecture.policy);
  }
  for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
    if (const Json* chosen = reader.find(entry.id); chosen != nullptr) {
      read_policy(document, *chosen, entry, architecture.policy);
    }
  }
  reader.finish();
}

void read_shop(const Document& document, const Json& value, Shop& shop) {
  ObjectReader reader(document, value, "who and what is in the shop");
  ReadVisitor visitor{reader};
  visit_shop(visitor, shop);
  reader.finish();
  reader.check_range("balance_min", shop.balance_min, "balance_max", shop.balance_max);
  reader.check_range("price_min", shop.price_min, "price_max", shop.price_max);
  reader.check_range("stock_min", shop.stock_min, "stock_max", shop.stock_max);
  if (shop.rank_days != 0 && shop.rank_days < kRankDaysLeast) {
    document.fail_at_key(
        value, "rank_days",
        std::to_string(shop.rank_days) +
            " nights are too few: what sells best is asked for three days (expected "
            "0 for never, or 4 to 40)");
  }
  reader.check_range("discount_min_bp", shop.discount_min_bp, "discount_max_bp",
                     shop.discount_max_bp);
}

void read_workload_options(const Document& document, const Json& value, WorkloadOptions& workload) {
  ObjectReader reader(document, value, "what the customers do");
  ReadVisitor visitor{reader};
  visit_workload(visitor, workload);
  reader.finish();
  reader.check_range("charge_min", workload.charge_min, "charge_max", workload.charge_max);
}

void read_environment(const Document& document, const Json& value, Environment& environment) {
  ObjectReader reader(document, value, "how fast and how patient the parts are");
  ReadVisitor visitor{reader};
  visit_environment(visitor, environment);
  reader.finish();
}

void read_horizon(const Document& document, const Json& value, Horizon& horizon) {
  ObjectReader reader(document, value, "when faults end and when the run does");
  ReadVisitor visitor{reader};
  visit_horizon(visitor, horizon);
  reader.finish();
  reader.check_range("heal_at", horizon.heal_at, "limit", horizon.limit);
}

void read_rates(const Document& document, const Json& value, faults::Profile& profile) {
  ObjectReader reader(document, value, R"(such as {"drop": 2000, "partition": 1})");
  for (const faults::KindInfo& info : faults::kCatalog) {
    reader.integer(info.id, profile.rates[static_cast<std::uint8_t>(info.kind)],
                   info.window ? kPerRun : kPerMillion);
  }
  reader.finish();
}

void read_profile(ObjectReader& reader, faults::Profile& profile) {
  const Document& document = reader.document();
  if (const Json* name = reader.find("profile"); name != nullptr) {
    std::vector<std::string> names;
    for (int i = 0; i < faults::kProfileCount; ++i) {
      names.push_back(faults::kProfiles[i].name);
    }
    profile = faults::kProfiles[read_choice(document, *name, "profile", names)];
  }
  if (const Json* rates = reader.find("rates"); rates != nullptr) {
    read_rates(document, *rates, profile);
  }
  ReadVisitor visitor{reader};
  visit_profile_bounds(visitor, profile);
  reader.check_range("window_min", profile.window_min, "window_max", profile.window_max);
}

void read_faults(const Document& document, const Json& value, Scenario& scenario) {
  ObjectReader reader(document, value, R"(such as {"profile": "swarm"} or {"plan": []})");
  read_profile(reader, scenario.faults);
  const Json* plan = reader.find("plan");
  reader.finish();
  if (plan == nullptr) {
    return;
  }
  for (const auto& item : value.items()) {
    if (item.key() != "plan") {
      // Of the two, the complaint is about the one that a setting brought in.
      const bool blames_plan = document.is_from_setting(*plan);
      document.fail_at_key(value, blames_plan ? "plan" : item.key(),
                           "\"plan\" and " + quote(item.key()) +
                               " exclude each other (expected an explicit plan, or what chance may "
                               "do; remove one)");
    }
  }
  scenario.explicit_plan = true;
  scenario.plan = read_plan(document, *plan, shop_vocabulary());
}

void read_properties(const Document& document, const Json& value,
                     std::vector<std::string>& properties) {
  properties.clear();
  for (const Json& each : read_list(document, value, "properties, or none for all of them")) {
    const std::string id = read_property(document, each);
    if (std::find(properties.begin(), properties.end(), id) != properties.end()) {
      document.fail(each, quote(id) + " is there twice (expected once; remove one)");
    }
    properties.push_back(id);
  }
}

bool is_name_character(char c, bool is_first) {
  const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return is_word || (!is_first && (c == '.' || c == '_' || c == '-'));
}

void read_name(const Document& document, const Json& value, std::string& target) {
  const char* const kExpected =
      "a name of 1 to 64 letters, digits, dots, hyphens and underscores that begins with a letter "
      "or a digit";
  const std::string& name = read_text(document, value, kExpected);
  if (!is_scenario_name(name)) {
    document.fail(value, quote(name) + " is no name (expected " + std::string(kExpected) + ')');
  }
  target = name;
}

// ---- Writing ------------------------------------------------------------------------------------

struct WriteVisitor {
  OrderedJson& out;

  template <class Integer>
  void integer(const char* key, const Integer& value, IntegerRange) {
    out[key] = value;
  }
  void duration(const char* key, const sim::Duration& value, DurationRange) {
    out[key] = to_text(value);
  }
  void boolean(const char* key, const bool& value) { out[key] = value; }
  template <class Value>
  void word(const char* key, const Value& value, const Words& words) {
    out[key] = words[static_cast<std::uint8_t>(value)];
  }
  void latency(const char* key, const sim::Latency& value) {
    out[key] = {{"min", to_text(value.min)},
                {"max", to_text(value.max)},
                {"tail_one_in", value.tail_one_in}};
  }
};

OrderedJson to_json(const Architecture& architecture) {
  OrderedJson out;
  out["preset"] = architecture.preset;
  for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
    const domain::Policy& policy = architecture.policy;
    const auto duration = entry.duration ? policy.*entry.duration : std::nullopt;
    out[entry.id] = duration ? to_text(*duration) : entry.values[entry.get(policy)].id;
  }
  return out;
}

OrderedJson to_json(const faults::Profile& profile) {
  OrderedJson out;
  out["profile"] = profile.name;
  OrderedJson& rates = out["rates"];
  for (const faults::KindInfo& info : faults::kCatalog) {
    rates[info.id] = profile.rates[static_cast<std::uint8_t>(info.kind)];
  }
  WriteVisitor visitor{out};
  visit_profile_bounds(visitor, profile);
  return out;
}

}  // namespace

bool is_scenario_name(std::string_view name) {
  bool is_valid = !name.empty() && name.size() <= kLongestName;
  for (std::string_view::size_type i = 0; i < name.size(); ++i) {
    is_valid = is_valid && is_name_character(name[i], i == 0);
  }
  return is_valid;
}

namespace {

// A plan and chance exclude each other. Where the file has the one and a setting brings in the
// other, the setting takes the place of the whole.
void let_settings_replace_faults(Document& document) {
  const Json& root = document.root();
  if (!root.is_object() || !root.contains("faults") || !root["faults"].is_object()) {
    return;
  }
  const Json& faults = root["faults"];
  const auto is_set = [&](const char* key) {
    return faults.contains(key) && document.is_from_setting(faults[key]);
  };
  if (is_set("plan")) {
    std::vector<std::string> replaced;
    for (const auto& item : faults.items()) {
      if (!document.is_from_setting(item.value())) {
        replaced.push_back(item.key());
      }
    }
    for (const std::string& key : replaced) {
      document.drop("faults", key);
    }
  } else if (is_set("profile")) {
    document.drop("faults", "plan");
  }
}

}  // namespace

Scenario parse_scenario(std::string_view text, const std::string& file,
                        const std::vector<std::string>& settings) {
  Document document(text, file);
  for (const std::string& setting : settings) {
    if (setting.starts_with("architecture.")) {
      document.expand("architecture", "preset");
    }
    if (document.root().is_object()) {
      document.set(setting);
    }
  }
  let_settings_replace_faults(document);
  return read_scenario(document, document.root());
}

Scenario read_scenario(const Document& document, const Json& value) {
  ObjectReader reader(document, value, "a scenario; {} is the shortest");
  Scenario scenario;
  const auto section = [&](const char* key, auto read, auto& target) {
    if (const Json* found = reader.find(key); found != nullptr) {
      read(document, *found, target);
    }
  };
  // Keys that are no part of the scenario: for editors, for what it is to show, and often tried.
  reader.find("$schema");
  reader.find("claim");
  if (value.contains("seed")) {
    document.fail_at_key(value, "seed",
                         "a scenario has no seed (expected it on the command line: "
                         "--seed 7)");
  }
  section("name", read_name, scenario.name);
  reader.text("description", scenario.description, "a sentence");
  section("architecture", read_architecture, scenario.architecture);
  section("shop", read_shop, scenario.shop);
  section("workload", read_workload_options, scenario.workload);
  section("environment", read_environment, scenario.environment);
  section("faults", read_faults, scenario);
  section("horizon", read_horizon, scenario.horizon);
  section("properties", read_properties, scenario.properties);
  reader.finish();
  return scenario;
}

std::string read_property(const Document& document, const Json& value) {
  std::vector<std::string> ids;
  for (unsigned i = 0; i < domain::kPropertyCount; ++i) {
    ids.emplace_back(domain::kPropertyCatalog[i].id);
  }
  return ids[read_choice(document, value, "property", ids)];
}

OrderedJson scenario_to_json(const Scenario& scenario) {
  OrderedJson out;
  out["name"] = scenario.name;
  out["description"] = scenario.description;
  out["architecture"] = to_json(scenario.architecture);
  WriteVisitor shop{out["shop"]};
  visit_shop(shop, scenario.shop);
  WriteVisitor workload{out["workload"]};
  visit_workload(workload, scenario.workload);
  WriteVisitor environment{out["environment"]};
  visit_environment(environment, scenario.environment);
  if (scenario.explicit_plan) {
    out["faults"]["plan"] = plan_to_json(scenario.plan);
  } else {
    out["faults"] = to_json(scenario.faults);
  }
  WriteVisitor horizon{out["horizon"]};
  visit_horizon(horizon, scenario.horizon);
  out["properties"] = scenario.properties;
  return out;
}

std::string write_scenario(const Scenario& scenario) { return to_text(scenario_to_json(scenario)); }

}  // namespace sagasim::scenarios
