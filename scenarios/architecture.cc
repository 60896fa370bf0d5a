#include "scenarios/architecture.h"

#include "scenarios/duration_text.h"

namespace sagasim::scenarios {
namespace {

// The values of a policy as indices, so that two policies can be compared.
struct Indices {
  std::vector<int> values;
  template <class Value>
  void choice(const PolicyChoice&, Value value) {
    values.push_back(static_cast<int>(value));
  }
};

const Preset& preset_of(const Architecture& architecture) {
  for (int i = 0; i < kPresetCount; ++i) {
    if (architecture.preset == kPresets[i].id) {
      return kPresets[i];
    }
  }
  return kPresets[0];
}

}  // namespace

const Preset kPresets[] = {
    {"resilient",
     "the reference: every guard is on, and an order waits for its steps for ever",
     {}},
};
const int kPresetCount = 1;

const PolicyChoice& publish_choice() {
  static const PolicyChoice kChoice = {
      "publish",
      "how an event leaves a service",
      {{"outbox", "a row in the transaction of the change; a relay sends it until acknowledged"},
       {"after_commit", "sent from memory after the commit: a crash in between loses it"},
       {"before_commit", "sent just before the commit: an abort leaves a lie in the log"},
       {"direct", "sent in the middle of the transaction"}}};
  return kChoice;
}

const PolicyChoice& consume_choice() {
  static const PolicyChoice kChoice = {
      "consume",
      "how a service keeps from handling an event twice",
      {{"inbox", "an inbox row in the transaction of the effect"},
       {"inbox_outside", "the effect commits first, then the inbox row on its own"},
       {"marked_first", "the inbox row commits first, then the effect on its own"},
       {"none", "not at all"}}};
  return kChoice;
}

const PolicyChoice& natural_keys_choice() {
  static const PolicyChoice kChoice = {
      "natural_keys",
      "unique keys per order, and a look at the own row of the order before acting",
      {{"on", "a second effect for one order is refused"}, {"off", "it is not"}}};
  return kChoice;
}

const PolicyChoice& tombstones_choice() {
  static const PolicyChoice kChoice = {
      "tombstones",
      "a compensation that overtakes its action leaves a mark",
      {{"on", "the late action sees the mark and does nothing"}, {"off", "it acts"}}};
  return kChoice;
}

const PolicyChoice& retries_choice() {
  static const PolicyChoice kChoice = {
      "retries",
      "what a consumer group does with an event that it keeps failing on",
      {{"forever", "tried again in place until it succeeds; what comes behind it waits"},
       {"park", "a dead letter after four attempts, and nobody reads those"},
       {"skip", "dropped after four attempts"}}};
  return kChoice;
}

const PolicyChoice& saga_timeout_choice() {
  static const PolicyChoice kChoice = {
      "saga_timeout",
      "an order that still collects its steps after this duration is failed",
      {{"off", "it waits for ever"}}};
  return kChoice;
}

std::vector<PolicyChoice> policy_choices() {
  return {publish_choice(),    consume_choice(), natural_keys_choice(),
          tombstones_choice(), retries_choice(), saga_timeout_choice()};
}

std::string to_text(const Architecture& architecture) {
  const domain::Policy& base = preset_of(architecture).policy;
  Indices before;
  visit_choices(before, base);
  Indices after;
  visit_choices(after, architecture.policy);
  const std::vector<PolicyChoice> choices = policy_choices();

  std::string text = architecture.preset;
  for (std::vector<int>::size_type i = 0; i < after.values.size(); ++i) {
    if (before.values[i] != after.values[i]) {
      const auto value = static_cast<std::vector<PolicyValue>::size_type>(after.values[i]);
      text += std::string(", ") + choices[i].id + '=' + choices[i].values[value].id;
    }
  }
  const auto& timeout = architecture.policy.saga_timeout;
  if (timeout != base.saga_timeout) {
    text += ", saga_timeout=" + (timeout ? to_text(*timeout) : std::string("off"));
  }
  return text;
}

}  // namespace sagasim::scenarios
