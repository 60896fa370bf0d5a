#include "apps/sagasim/compare_axes.h"

#include <utility>

#include "apps/sagasim/arguments.h"
#include "domain/policy_catalog.h"
#include "scenarios/nearest.h"

namespace sagasim::apps {
namespace {

AxisPoint profile_point(const std::string& label, const std::string& profile) {
  return {label, {"faults.profile=" + profile}};
}

// Every guard as it is, then each weaker value of each one, alone.
Axis guards() {
  Axis axis{"guards", {{"all", {}}}};
  for (const domain::PolicyEntry& policy : domain::policy_catalog()) {
    if (*policy.guard == '\0') {
      continue;
    }
    for (std::size_t i = 1; i < policy.values.size(); ++i) {
      const std::string value = std::string(policy.id) + "=" + policy.values[i].id;
      axis.points.push_back({value, {"architecture." + value}});
    }
  }
  return axis;
}

Axis durations(const std::string& name, const std::string& key,
               const std::vector<std::string>& values) {
  Axis axis{name, {}};
  for (const std::string& value : values) {
    axis.points.push_back({value, {key + "=" + value}});
  }
  return axis;
}

std::vector<ComparePreset> presets() {
  const Axis faults{"faults",
                    {profile_point("twice", "duplicates"), profile_point("late", "reorder"),
                     profile_point("lossy", "lossy"), profile_point("crashy", "crashy"),
                     profile_point("swarm", "swarm")}};
  const Axis delivery{"what the broker may do",
                      {profile_point("deliver once, in order", "calm"),
                       profile_point("deliver twice", "duplicates"),
                       profile_point("deliver late, out of order", "reorder"),
                       profile_point("lose what nobody acknowledged", "lossy"),
                       profile_point("expire what nobody read", "short-retention"),
                       profile_point("lose what was acknowledged", "acks1"),
                       profile_point("elect a stale leader", "unclean-election")}};
  return {{"patterns",
           "each guard weakened alone, against each kind of trouble",
           {guards(), faults},
           false,
           false},
          {"delivery",
           "the weakest guarantee of the broker under which each property holds",
           {delivery},
           true,
           false},
          {"timeouts",
           "the saga's patience against how late messages can be",
           {durations("saga timeout", "architecture.saga_timeout",
                      {"off", "1 s", "3 s", "10 s", "30 s", "100 s"}),
            {"delays up to",
             {{"1 s", {"faults.profile=reorder", "faults.delay_max=1 s"}},
              {"3 s", {"faults.profile=reorder", "faults.delay_max=3 s"}},
              {"10 s", {"faults.profile=reorder", "faults.delay_max=10 s"}},
              {"30 s", {"faults.profile=reorder", "faults.delay_max=30 s"}},
              {"60 s", {"faults.profile=reorder", "faults.delay_max=60 s"}}}}},
           false,
           true}};
}

}  // namespace

Axis parse_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
    bad_input("--vary", scenarios::quote(text) +
                            " names no key with values (expected KEY=V1,V2, as in "
                            "architecture.publish=outbox,direct)");
  }
  Axis axis{text.substr(0, equals), {}};
  std::string value;
  int depth = 0;
  bool quoted = false;
  for (const char c : text.substr(equals + 1) + ",") {
    quoted = quoted != (c == '"');
    depth += quoted ? 0 : (c == '[' || c == '{') ? 1 : (c == ']' || c == '}') ? -1 : 0;
    if (c != ',' || quoted || depth > 0) {
      value += c;
      continue;
    }
    if (value.empty()) {
      bad_input("--vary", scenarios::quote(text) + " has an empty value (expected KEY=V1,V2)");
    }
    axis.points.push_back({value, {axis.name + "=" + value}});
    value.clear();
  }
  if (!value.empty()) {
    bad_input("--vary", scenarios::quote(text) + " has a bracket or a quote that never ends");
  }
  return axis;
}

ComparePreset find_preset(const std::string& name) {
  std::vector<std::string> names;
  for (ComparePreset& preset : presets()) {
    if (name == preset.id) {
      return std::move(preset);
    }
    names.push_back(preset.id);
  }
  bad_input("--preset", scenarios::unknown_name("preset", name, names));
}

}  // namespace sagasim::apps
