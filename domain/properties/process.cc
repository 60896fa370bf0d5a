#include "domain/properties/process.h"

#include "domain/names.h"
#include "domain/properties/events.h"

namespace sagasim::domain {
namespace {

StepState step_of(const OrderRow& row, Party party) {
  switch (party) {
    case Party::kBalance:
      return row.balance;
    case Party::kCoupon:
      return row.coupon;
    case Party::kStock:
      return row.stock;
  }
  return StepState::kPending;
}

constexpr EventSet kOutcomes[kParties] = {
    set_of(EventType::kBalanceUsed) | set_of(EventType::kBalanceUseFailed),
    set_of(EventType::kCouponUsed) | set_of(EventType::kCouponUseFailed),
    set_of(EventType::kStockDeducted) | set_of(EventType::kStockDeductFailed)};

}  // namespace

void ProcessProperties::on_order(const OrderTruth& truth, const OrderRow* before,
                                 const OrderRow& after, sim::Instant at) {
  for (int i = 0; i < kParties; ++i) {
    const auto party = static_cast<Party>(i);
    const StepState old = before != nullptr ? step_of(*before, party) : StepState::kPending;
    const StepState now = step_of(after, party);
    if (old == now) {
      continue;
    }
    expect(PropertyId::kPrc1, old == StepState::kPending, "step", after.facts.order, at, [&] {
      return "step " + std::string(to_text(party)) + " of " + order_text(after.facts.order) +
             " went from " + to_text(old) + " to " + to_text(now);
    });
    check_outcome(party, now, truth, at);
  }
}

void ProcessProperties::on_participant(Party party, const OrderTruth& truth, sim::Instant at) {
  if (truth.exists) {
    check_outcome(party, step_of(truth.row, party), truth, at);
  }
}

// A success was one, even if it has been undone since; of a failure nothing is left.
void ProcessProperties::check_outcome(Party party, StepState step, const OrderTruth& truth,
                                      sim::Instant at) {
  if (step == StepState::kPending) {
    return;
  }
  const PartyTruth& there = truth.parties[static_cast<int>(party)];
  const bool real = step == StepState::kSuccess ? there.did_its_part()
                                                : there.state != ParticipantState::kApplied;
  const sim::Subject name = truth.command->name;
  expect(PropertyId::kPrc2, real, "step", name, at, [&] {
    return "step " + std::string(to_text(party)) + " of " + order_text(name) + " is " +
           to_text(step) + ", but " +
           (step == StepState::kSuccess ? "nothing was taken there" : "it was taken there");
  });
}

// The order's row knows a step once the order is decided; until then its party does.
void ProcessProperties::on_cached(Party party, StepState cached, const OrderTruth& truth, bool over,
                                  sim::Instant at) {
  const PartyTruth& there = truth.parties[static_cast<int>(party)];
  const StepState known = truth.exists ? step_of(truth.row, party) : StepState::kPending;
  const StepState durable = known != StepState::kPending ? known
                            : there.applied != 0         ? StepState::kSuccess
                            : there.rejected             ? StepState::kFailed
                                                         : StepState::kPending;
  if (durable == StepState::kPending && !over) {
    return;
  }
  const sim::Subject name = truth.command->name;
  expect(PropertyId::kPrc3, cached == durable, "step", name, at, [&] {
    return "the cache says that step " + std::string(to_text(party)) + " of " + order_text(name) +
           " is " + to_text(cached) + ", but it is " + to_text(durable);
  });
}

void ProcessProperties::on_handled(const OrderTruth& truth, sim::Instant at) {
  const EventSet heard = truth.handled[number_of(group::kOrder)];
  bool all = truth.exists;
  for (const EventSet outcome : kOutcomes) {
    all = all && (heard & outcome) != 0;
  }
  if (!all) {
    return;
  }
  const sim::Subject name = truth.command->name;
  expect(PropertyId::kPrc4, truth.row.phase != OrderPhase::kCollecting, "step", name, at, [&] {
    return "the outcome of every step of " + order_text(name) +
           " has been heard and acknowledged, but nothing was decided";
  });
}

}  // namespace sagasim::domain
