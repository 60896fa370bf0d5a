#include "scenarios/architecture.h"

#include "domain/policy_catalog.h"
#include "scenarios/duration_text.h"

namespace sagasim::scenarios {
namespace {

const Preset& preset_of(const Architecture& architecture) {
  for (int i = 0; i < kPresetCount; ++i) {
    if (architecture.preset == kPresets[i].id) {
      return kPresets[i];
    }
  }
  return kPresets[0];
}

// Everything that a team gets without asking: events after the commit, handlers that trust what
// comes, exceptions taken for outcomes.
domain::Policy events_broker() {
  domain::Policy policy;
  policy.publish = domain::Publish::kAfterCommit;
  policy.balance_use = domain::BalanceUse::kThenRecord;
  policy.completion = domain::Completion::kThenRecord;
  policy.consume = domain::Consume::kNone;
  policy.natural_keys = domain::Switch::kOff;
  policy.decide = domain::Decide::kNothing;
  policy.tombstones = domain::Switch::kOff;
  policy.gateway = domain::GatewayUse::kTimeoutAsDecline;
  policy.retries = domain::Retries::kSkip;
  policy.transient_errors = domain::TransientErrors::kFailure;
  policy.stock_locks = domain::StockLocks::kAsRequested;
  policy.coupon_owner = domain::Switch::kOff;
  policy.rank = domain::RankCount::kIncrement;
  policy.platform_key = domain::Switch::kOff;
  policy.request_keys = domain::Switch::kOff;
  policy.compensation = domain::Compensation::kFlagsForgotten;
  return policy;
}

// The design report as it is written: one process, listeners on threads of an executor, the steps
// in a hash of the cache, a lock around the decision; and what its code does besides.
domain::Policy events_in_process() {
  domain::Policy policy = events_broker();
  policy.transport = domain::Transport::kInProcess;
  policy.decide = domain::Decide::kLock;
  policy.final_states = domain::Switch::kOff;
  policy.steps = domain::StepStore::kCache;
  policy.unknown_commit = domain::UnknownCommit::kFailure;
  policy.balance_write = domain::BalanceWrite::kVersioned;
  return policy;
}

// The shop before it was taken apart.
domain::Policy monolith() {
  domain::Policy policy;
  policy.transport = domain::Transport::kOneTransaction;
  policy.publish = domain::Publish::kAfterCommit;
  return policy;
}

// Services that are sound each by itself, and one that asks the others in turn. What it cannot
// reach has failed; what it cannot take back after a few attempts it leaves.
domain::Policy rest() {
  domain::Policy policy;
  policy.transport = domain::Transport::kCalls;
  policy.failure = domain::Failure::kAtFirst;
  policy.transient_errors = domain::TransientErrors::kFailure;
  policy.unknown_commit = domain::UnknownCommit::kFailure;
  policy.retries = domain::Retries::kSkip;
  return policy;
}

}  // namespace

const Preset kPresets[] = {
    {"resilient",
     "The reference: every guard is on, and an order waits for its steps for ever.",
     {}},
    {"monolith",
     "All services in one process on one database, and all of an order in one transaction; what "
     "follows from it is told from memory.",
     monolith()},
    {"rest",
     "The six services, of which one asks the others in turn and waits for each: what it cannot "
     "reach has failed, and what it has in mind dies with it.",
     rest()},
    {"events_broker",
     "The same choreography with a broker that delivers at least once, and no guard beyond that.",
     events_broker()},
    {"events_in_process",
     "The design report as it is written: events in the memory of one process, the steps in a "
     "cache, a lock around the decision.",
     events_in_process()},
};
const int kPresetCount = sizeof(kPresets) / sizeof(kPresets[0]);

std::string to_text(const Architecture& architecture) {
  const domain::Policy& before = preset_of(architecture).policy;
  const domain::Policy& after = architecture.policy;
  std::string text = architecture.preset;
  for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
    const std::size_t value = entry.get(after);
    const auto duration = entry.duration ? after.*entry.duration : std::nullopt;
    const bool same = entry.get(before) == value &&
                      (entry.duration == nullptr || before.*entry.duration == duration);
    if (!same) {
      text += std::string(", ") + entry.id + '=' +
              (duration ? to_text(*duration) : entry.values[value].id);
    }
  }
  return text;
}

}  // namespace sagasim::scenarios
