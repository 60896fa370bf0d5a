// The policies as a table: for whoever reads, writes, lists, compares or varies them. Its rows are
// those of domain/policies.def, in that order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "domain/policy.h"

namespace sagasim::domain {

struct PolicyValue {
  const char* id;        // as it is written: "after_commit"
  const char* sentence;  // what it means, in plain words
};

struct PolicyEntry {
  const char* id;     // the key in `architecture`, and the field of Policy
  const char* guard;  // of the reference protocol: "G1"; empty if it is no guard
  const char* sentence;
  // The reference first. A duration has the one value "off" and takes a duration instead of it.
  std::span<const PolicyValue> values;
  std::optional<sim::Duration> Policy::* duration;  // null: a choice among the values
  // The index of the chosen value. Of a duration that is set: 1.
  std::size_t (*get)(const Policy& policy);
  // Requires: index < values.size().
  void (*set)(Policy& policy, std::size_t index);
};

std::span<const PolicyEntry> policy_catalog();

}  // namespace sagasim::domain
