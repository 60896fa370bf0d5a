// Architectures: the named points of the policy space, and the words for every policy and its
// values. The one list of them, for files, messages and `sagasim list`.
#pragma once

#include <string>
#include <vector>

#include "domain/policy.h"
#include "scenarios/scenario.h"

namespace sagasim::scenarios {

struct Preset {
  const char* id;
  const char* description;  // one sentence
  domain::Policy policy;
};
extern const Preset kPresets[];
extern const int kPresetCount;

struct PolicyValue {
  const char* id;
  const char* description;
};

// A policy that chooses among values: the n-th value is the n-th of its enum, the reference first.
struct PolicyChoice {
  const char* id;  // the key in `architecture`
  const char* description;
  std::vector<PolicyValue> values;
};
const PolicyChoice& publish_choice();
const PolicyChoice& consume_choice();
const PolicyChoice& natural_keys_choice();
const PolicyChoice& tombstones_choice();
const PolicyChoice& retries_choice();
// `off`, or a duration instead.
const PolicyChoice& saga_timeout_choice();

// All of the above.
std::vector<PolicyChoice> policy_choices();

// The preset and what it changes: "resilient, publish=after_commit". Requires: the preset is known.
std::string to_text(const Architecture& architecture);

// Calls visitor.choice(choice, value) for every policy that is one, in the order of the list.
template <class Visitor, class Policy>
void visit_choices(Visitor& visitor, Policy& policy) {
  visitor.choice(publish_choice(), policy.publish);
  visitor.choice(consume_choice(), policy.consume);
  visitor.choice(natural_keys_choice(), policy.natural_keys);
  visitor.choice(tombstones_choice(), policy.tombstones);
  visitor.choice(retries_choice(), policy.retries);
}

}  // namespace sagasim::scenarios
