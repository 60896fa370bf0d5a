#include "scenarios/plan_json.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/duration_text.h"
#include "scenarios/nearest.h"
#include "scenarios/object_reader.h"
#include "sim/operation.h"

namespace sagasim::scenarios {
namespace {

using WindowKind = faults::WindowFault::Kind;

constexpr const char* kRoleExample = "a role, such as \"payment\"";
constexpr const char* kOperationExample =
    "the name of an operation, such as \"balance/balance:OrderCreated(c2.3)/commit(c2.3)\"";

std::vector<std::string> role_names() { return {kRoles.begin(), kRoles.end()}; }

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const faults::KindInfo& info : faults::kCatalog) {
    names.emplace_back(info.id);
  }
  return names;
}

const faults::KindInfo& info_of(faults::Kind kind) {
  return faults::kCatalog[static_cast<std::uint8_t>(kind)];
}

// The kind of the operation called `name`: what follows the invocation. Requires: `name` is valid.
sim::OperationKind operation_kind(std::string_view name) {
  name.remove_prefix(name.find(')'));
  name.remove_prefix(name.find('/') + 1);
  return sim::parse_operation_kind(name.substr(0, name.find_first_of(":("))).value();
}

std::string read_role(const Document& document, const Json& value) {
  const std::vector<std::string> names = role_names();
  return names[read_choice(document, value, "role", names)];
}

std::string read_operation_name(const Document& document, const Json& value,
                                std::uint64_t& identity) {
  const std::string& name = read_text(document, value, kOperationExample);
  const std::vector<std::string> roles = role_names();
  const std::string role = name.substr(0, name.find('/'));
  const bool is_known = std::find(roles.begin(), roles.end(), role) != roles.end();
  const auto found = sim::identity_of(name);
  if (!found) {
    document.fail(value, quote(name) + " is not the name of an operation (expected " +
                             std::string(kOperationExample) +
                             "; traces and recorded plans show "
                             "the names)");
  }
  if (!is_known) {
    document.fail(value, unknown_name("role", role, roles));
  }
  identity = *found;
  return name;
}

// "send, call, append": the kinds of operation to which the fault means something.
std::string strikable(faults::Kind fault) {
  std::string names;
  for (int i = 0; i < sim::kOperationKinds; ++i) {
    const auto kind = static_cast<sim::OperationKind>(i);
    if (faults::can_strike(fault, kind)) {
      names += (names.empty() ? "" : ", ") + std::string(sim::to_text(kind));
    }
  }
  return names;
}

faults::OperationFault read_operation_fault(ObjectReader& reader, const faults::KindInfo& info) {
  const Document& document = reader.document();
  faults::OperationFault fault;
  const Json& operation = reader.require("operation", kOperationExample);
  fault.operation = read_operation_name(document, operation, fault.identity);
  sim::Duration duration{};
  if (info.timed) {
    const Json& length = reader.require("for", "how long it lasts, such as \"3 s\"");
    duration = read_duration(document, length, {sim::Duration{}, kYear});
  }
  reader.finish();
  if (const auto kind = operation_kind(fault.operation); !faults::can_strike(info.kind, kind)) {
    document.fail(operation, std::string("the operation is of the kind ") + sim::to_text(kind) +
                                 ", to which " + quote(info.id) + " means nothing (expected " +
                                 strikable(info.kind) + ')');
  }
  fault.effect = faults::effect_of(info.kind, duration);
  return fault;
}

// "between": the two ends of a partition, whose order means nothing.
void read_ends(ObjectReader& reader, faults::WindowFault& window) {
  const Document& document = reader.document();
  const char* const kExpected = "two roles, such as [\"payment\", \"broker\"]";
  const Json& between = reader.require("between", kExpected);
  if (!between.is_array() || between.size() != 2) {
    document.fail(between, std::string("a partition has two ends (expected ") + kExpected + ')');
  }
  window.target = read_role(document, between[0]);
  window.peer = read_role(document, between[1]);
  if (window.target == window.peer) {
    document.fail(between[1],
                  quote(window.peer) + " is both ends (expected two roles that differ)");
  }
}

WindowKind window_kind(faults::Kind kind) {
  if (kind == faults::Kind::kPartition) {
    return WindowKind::kPartition;
  }
  return kind == faults::Kind::kOneWayPartition ? WindowKind::kOneWayPartition
                                                : WindowKind::kOutage;
}

sim::Instant read_instant(ObjectReader& reader, const char* key) {
  const Json& value = reader.require(key, "a time since the start, such as \"10 s\"");
  return sim::kStart + read_duration(reader.document(), value, {sim::Duration{}, kYear});
}

faults::WindowFault read_window(ObjectReader& reader, faults::Kind kind) {
  const Document& document = reader.document();
  faults::WindowFault window;
  window.kind = window_kind(kind);
  if (window.kind == WindowKind::kPartition) {
    read_ends(reader, window);
  } else {
    window.target = read_role(document, reader.require("target", kRoleExample));
  }
  if (window.kind == WindowKind::kOneWayPartition) {
    const Json& peer = reader.require("peer", kRoleExample);
    window.peer = read_role(document, peer);
    if (window.peer == window.target) {
      document.fail(peer, quote(window.peer) + " is both ends (expected two roles that differ)");
    }
  }
  window.from = read_instant(reader, "from");
  window.until = read_instant(reader, "until");
  reader.finish();
  if (window.until <= window.from) {
    document.fail(
        reader.object().at("until"),
        "the end is not after \"from\" (expected more than " + quote(to_text(window.from)) + ')');
  }
  return window;
}

OrderedJson to_json(const faults::OperationFault& fault) {
  const faults::KindInfo& info = info_of(faults::kind_of(fault.effect));
  OrderedJson entry = {{"fault", info.id}, {"operation", fault.operation}};
  if (info.timed) {
    entry["for"] = to_text(fault.effect.duration);
  }
  return entry;
}

OrderedJson to_json(const faults::WindowFault& window) {
  OrderedJson entry = {{"fault", info_of(faults::kind_of(window)).id}};
  if (window.kind == WindowKind::kPartition) {
    entry["between"] = OrderedJson::array({window.target, window.peer});
  } else {
    entry["target"] = window.target;
  }
  if (window.kind == WindowKind::kOneWayPartition) {
    entry["peer"] = window.peer;
  }
  entry["from"] = to_text(window.from);
  entry["until"] = to_text(window.until);
  return entry;
}

}  // namespace

faults::Plan read_plan(const Document& document, const Json& value) {
  const std::vector<std::string> kinds = kind_names();
  std::map<std::uint64_t, int> struck;  // where the operation was named first
  faults::Plan plan;
  int index = -1;
  for (const Json& entry : read_list(document, value, "faults")) {
    ++index;
    ObjectReader reader(document, entry, "a fault");
    const Json& name = reader.require("fault", "a kind of fault, such as \"reply-lost\"");
    const faults::KindInfo& info = faults::kCatalog[read_choice(document, name, "fault", kinds)];
    if (info.window) {
      plan.windows.push_back(read_window(reader, info.kind));
      continue;
    }
    plan.operations.push_back(read_operation_fault(reader, info));
    const auto [first, is_first] = struck.emplace(plan.operations.back().identity, index);
    if (!is_first) {
      document.fail(entry.at("operation"), "entry " + std::to_string(first->second) +
                                               " strikes this operation already (expected at most "
                                               "one fault per operation; remove one)");
    }
  }
  return plan;
}

OrderedJson plan_to_json(const faults::Plan& plan) {
  OrderedJson list = OrderedJson::array();
  for (const faults::OperationFault& fault : plan.operations) {
    list.push_back(to_json(fault));
  }
  for (const faults::WindowFault& window : plan.windows) {
    list.push_back(to_json(window));
  }
  return list;
}

}  // namespace sagasim::scenarios
