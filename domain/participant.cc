#include "domain/participant.h"

namespace sagasim::domain {

const char* to_text(ParticipantState state) {
  switch (state) {
    case ParticipantState::kNone:
      return "none";
    case ParticipantState::kApplied:
      return "applied";
    case ParticipantState::kRejected:
      return "rejected";
    case ParticipantState::kCompensated:
      return "compensated";
    case ParticipantState::kTombstone:
      return "tombstone";
    case ParticipantState::kRejectedLate:
      return "rejected-late";
    case ParticipantState::kSeen:
      return "seen";
  }
  return "?";
}

ParticipantAction decide(ParticipantState state, EventType trigger) {
  const bool created = trigger == EventType::kOrderCreated;
  switch (state) {
    case ParticipantState::kNone:
      return created ? ParticipantAction::kApply : ParticipantAction::kMark;
    case ParticipantState::kApplied:
      return created ? ParticipantAction::kNothing : ParticipantAction::kCompensate;
    case ParticipantState::kTombstone:
      return created ? ParticipantAction::kRejectLate : ParticipantAction::kNothing;
    case ParticipantState::kRejected:
    case ParticipantState::kCompensated:
    case ParticipantState::kRejectedLate:
    case ParticipantState::kSeen:
      return ParticipantAction::kNothing;
  }
  return ParticipantAction::kNothing;
}

// With natural keys off it does not look at what it did itself: an order is always new to it, a
// failure undoes whatever was ever applied. Tombstones are a guard of their own: they have a row
// that both the action and the compensation write, so that the two cannot pass each other unseen.
sim::Task<Participant::Standing> Participant::look([[maybe_unused]] sim::Context context,
                                                   UnitOfWork* work, Event event) {
  sim::Transaction& transaction = work->transaction();
  const sim::Subject order = event.facts.order;
  Standing standing;
  const bool by_key = policy().natural_keys == Switch::kOn;
  if (by_key || policy().tombstones == Switch::kOn) {
    auto locking = transaction.lock(ledger_, sim::key_of(order));
    standing.row = co_await locking;
  }
  if (by_key) {
    co_return standing;
  }
  standing.fenced = standing.row.has_value();
  if (standing.fenced && standing.row->state != ParticipantState::kSeen) {
    co_return standing;
  }
  standing.row.reset();
  if (event.type == EventType::kOrderCreated) {
    co_return standing;
  }
  auto finding = transaction.find_all(ledger_, order.bits());
  const std::vector<ParticipantRow> rows = co_await finding;
  for (const ParticipantRow& row : rows) {
    const bool was_applied =
        row.state == ParticipantState::kApplied || row.state == ParticipantState::kCompensated;
    if (was_applied && (!standing.row || row.salt < standing.row->salt)) {
      standing.row = row;
    }
  }
  if (standing.row) {
    standing.row->state = ParticipantState::kApplied;
  } else if (standing.fenced) {
    standing.row = ParticipantRow{order, 0, ParticipantState::kSeen, Reason::kNone, {}, {}};
  }
  co_return standing;
}

// The table's answer, and what weaker ways of compensation make of it.
ParticipantAction Participant::action(const Standing& standing, const Event& event) const {
  const ParticipantState state = standing.row ? standing.row->state : ParticipantState::kNone;
  const ParticipantAction by_ledger = decide(state, event.type);
  if (event.type == EventType::kOrderCreated) {
    return by_ledger;
  }
  switch (policy().compensation) {
    case Compensation::kLedger:
    case Compensation::kEventAmount:
      break;
    case Compensation::kFlags:
    case Compensation::kFlagsForgotten: {
      const StepState flag = done_ == EventType::kBalanceUsed  ? event.steps.balance
                             : done_ == EventType::kCouponUsed ? event.steps.coupon
                                                               : event.steps.stock;
      const bool skipped =
          by_ledger == ParticipantAction::kCompensate && flag != StepState::kSuccess;
      return skipped ? ParticipantAction::kNothing : by_ledger;
    }
    case Compensation::kEveryTime:
      return state == ParticipantState::kCompensated ? ParticipantAction::kCompensate : by_ledger;
  }
  return by_ledger;
}

sim::Task<sim::Handled> Participant::take_part(sim::Context context, Event event) {
  const bool every_time =
      policy().compensation == Compensation::kEveryTime && event.type == EventType::kOrderFailed;
  UnitOfWork work(*this, context, event, every_time ? Guards::kIgnored : Guards::kHeeded);
  auto inbox = work.is_new();
  const bool fresh = co_await std::move(inbox);
  if (!fresh) {
    co_return sim::Handled::kDone;
  }
  auto looking = look(context, &work, event);
  const Standing standing = co_await std::move(looking);
  const std::optional<ParticipantRow>& known = standing.row;
  ParticipantRow row;
  row.order = event.facts.order;
  row.facts = event.facts;
  bool applied = false;
  sim::Transaction& transaction = work.transaction();
  switch (action(standing, event)) {
    case ParticipantAction::kApply: {
      auto applying = apply(context, &work, event.facts);
      row.reason = co_await std::move(applying);
      applied = row.reason == Reason::kNone;
      row.state = applied ? ParticipantState::kApplied : ParticipantState::kRejected;
      row.salt = work.salt();
      row.decided = context.clock();
      transaction.insert(ledger_, row);
      if (row.salt != 0 && policy().tombstones == Switch::kOn && !standing.fenced) {
        const ParticipantRow fence{row.order, 0, ParticipantState::kSeen, Reason::kNone, {}, {}};
        transaction.insert(ledger_, fence);
      }
      if (applied && telling() == Telling::kFirst) {
        UnitOfWork early(*this, context, event, Guards::kIgnored);
        early.emit(done_, event.facts);
        auto saying = early.commit();
        co_await std::move(saying);
      } else if (!applied || telling() == Telling::kTogether) {
        work.emit(applied ? done_ : failed_, event.facts, row.reason);
      }
      break;
    }
    case ParticipantAction::kCompensate: {
      row = *known;
      const bool by_event = policy().compensation == Compensation::kEventAmount;
      auto compensating = compensate(context, &work, by_event ? event.facts : row.facts);
      co_await std::move(compensating);
      row.state = ParticipantState::kCompensated;
      transaction.update(ledger_, row);
      break;
    }
    case ParticipantAction::kMark:
      if (policy().tombstones == Switch::kOn) {
        row.state = ParticipantState::kTombstone;
        transaction.insert(ledger_, row);
      }
      break;
    case ParticipantAction::kRejectLate:
      row = *known;
      row.state = ParticipantState::kRejectedLate;
      row.reason = Reason::kTombstone;
      transaction.update(ledger_, row);
      work.emit(failed_, event.facts, row.reason);
      break;
    case ParticipantAction::kNothing:
      // Who asks by a call has not heard the answer, or would not ask again.
      if (policy().transport == Transport::kCalls && event.type == EventType::kOrderCreated) {
        const bool was_applied = known->state == ParticipantState::kApplied ||
                                 known->state == ParticipantState::kCompensated;
        work.emit(was_applied ? done_ : failed_, event.facts, known->reason);
      }
      break;
  }
  auto concluding = conclude(context, &work, event, applied);
  const sim::Handled handled = co_await std::move(concluding);
  co_return handled;
}

sim::Task<Reason> Participant::join(sim::Context context, UnitOfWork* work, OrderFacts facts) {
  auto applying = apply(context, work, facts);
  const Reason reason = co_await std::move(applying);
  if (reason == Reason::kNone) {
    const ParticipantRow row{facts.order,   work->salt(),    ParticipantState::kApplied,
                             Reason::kNone, context.clock(), facts};
    work->transaction().insert(ledger_, row);
  }
  co_return reason;
}

sim::Task<> Participant::leave(sim::Context context, UnitOfWork* work, sim::Subject order) {
  auto finding = work->transaction().find_all(ledger_, order.bits());
  const std::vector<ParticipantRow> rows = co_await finding;
  for (ParticipantRow row : rows) {
    if (row.state == ParticipantState::kApplied) {
      auto compensating = compensate(context, work, row.facts);
      co_await std::move(compensating);
      row.state = ParticipantState::kCompensated;
      work->transaction().update(ledger_, row);
    }
  }
}

// Commits, and makes of the outcome what the policies make of it.
sim::Task<sim::Handled> Participant::conclude(sim::Context context, UnitOfWork* work, Event event,
                                              bool applied) {
  auto committing = work->commit();
  const sim::Outcome outcome = co_await std::move(committing);
  if (outcome == sim::Outcome::kOk) {
    if (applied && telling() == Telling::kAfterwards) {
      auto afterwards = tell_afterwards(this, context, event, done_, failed_, event.facts);
      co_await std::move(afterwards);
    }
    co_return sim::Handled::kDone;
  }
  const bool unknown = outcome == sim::Outcome::kUnknown;
  if (applied && unknown && policy().unknown_commit == UnknownCommit::kFailure) {
    UnitOfWork instead(*this, context, event, Guards::kIgnored);
    instead.emit(failed_, event.facts);
    auto finishing = instead.finish();
    const sim::Handled handled = co_await std::move(finishing);
    co_return handled;
  }
  const bool created = event.type == EventType::kOrderCreated;
  if (created && !unknown && policy().transient_errors == TransientErrors::kFailure) {
    auto rejecting = reject(context, event);
    const sim::Handled handled = co_await std::move(rejecting);
    co_return handled;
  }
  co_return sim::Handled::kRetry;
}

// The step is declared failed for the reason that it usually fails for.
sim::Task<sim::Handled> Participant::reject(sim::Context context, Event event) {
  UnitOfWork work(*this, context, event);
  ParticipantRow row;
  row.order = event.facts.order;
  row.facts = event.facts;
  row.salt = work.salt();
  row.state = ParticipantState::kRejected;
  row.reason = done_ == EventType::kBalanceUsed  ? Reason::kNoBalance
               : done_ == EventType::kCouponUsed ? Reason::kCouponUnusable
                                                 : Reason::kStockShort;
  row.decided = context.clock();
  work.transaction().insert(ledger_, row);
  work.emit(failed_, event.facts, row.reason);
  auto finishing = work.finish();
  const sim::Handled handled = co_await std::move(finishing);
  co_return handled;
}

}  // namespace sagasim::domain
