#include "sim/standstill.h"

#include <algorithm>

#include "sim/world.h"

namespace sagasim::sim {
namespace {

// The name that all attempts at one piece of work share.
std::uint64_t work_of(const Invocation& invocation) {
  Invocation any = invocation;
  any.attempt = 0;
  return any.id();
}

}  // namespace

const Witness::Trial* Witness::find(const Invocation& invocation) const {
  const auto found = trials_.find(work_of(invocation));
  return found == trials_.end() ? nullptr : &found->second;
}

void Witness::on_begin(const Operation& operation, const Effect& effect) {
  if (next_ != nullptr) {
    next_->on_begin(operation, effect);
  }
}

void Witness::on_complete(const Operation& operation, Outcome outcome, std::uint64_t result,
                          Instant at) {
  if (next_ != nullptr) {
    next_->on_complete(operation, outcome, result, at);
  }
  if (operation.kind == OperationKind::kTimer) {
    return;
  }
  Trial& trial = trials_[work_of(operation.invocation)];
  trial.invocation = operation.invocation;
  // Some work is begun anew for each attempt, other work repeats an operation.
  trial.attempts = std::max({trial.attempts, operation.invocation.attempt, operation.ordinal});
  if (outcome != Outcome::kOk) {
    trial.failed = operation;
    trial.outcome = outcome;
  }
}

void Witness::on_cause(std::uint64_t cause, std::uint64_t effect) {
  if (next_ != nullptr) {
    next_->on_cause(cause, effect);
  }
}

Ending Standstill::run(Instant calm_from, Instant limit, std::uint64_t max_steps) {
  Scheduler& scheduler = world_.scheduler();
  const std::uint64_t start = scheduler.steps();
  if (!next_look_) {
    next_look_ = std::min(calm_from, limit);
  }
  for (;;) {
    if (world_.run(*next_look_, max_steps - (scheduler.steps() - start))) {
      stop_watching();
      return Ending::kQuiescent;
    }
    if (scheduler.steps() - start >= max_steps) {
      return Ending::kUndecided;
    }
    if (*next_look_ >= limit) {
      stop_watching();
      return Ending::kUndecided;
    }
    if (look()) {
      stop_watching();
      return Ending::kStuck;
    }
    next_look_ = std::min(limit, std::max(*next_look_ + kRoundMin, scheduler.next_time()));
  }
}

// Ends the present round if it is over. True iff that was the last one needed.
bool Standstill::look() {
  Scheduler& scheduler = world_.scheduler();
  if (!looked_ || world_.changes() != changes_) {
    looked_ = true;
    changes_ = world_.changes();
    looks_ = 0;
    rounds_ = 0;
    stop_watching();
    scheduler.begin_round();
    return false;
  }
  if (++looks_ == kLooksBeforeWitness) {
    watching_ = true;
    witness_.next_ = world_.tracer();
    witness_.trials_.clear();
    world_.set_tracer(&witness_);
  }
  if (!scheduler.round_complete()) {
    return false;
  }
  scheduler.begin_round();
  return ++rounds_ >= kRounds;
}

void Standstill::stop_watching() {
  if (watching_) {
    watching_ = false;
    world_.set_tracer(witness_.next_);
  }
}

}  // namespace sagasim::sim
