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

sim::Task<sim::Handled> Participant::take_part(sim::Context context, Event event) {
  UnitOfWork work(*this, context, event);
  auto inbox = work.is_new();
  const bool fresh = co_await std::move(inbox);
  if (!fresh) {
    co_return sim::Handled::kDone;
  }
  auto looking = look(context, &work, event);
  const Standing standing = co_await std::move(looking);
  const std::optional<ParticipantRow>& known = standing.row;
  const ParticipantState state = known ? known->state : ParticipantState::kNone;
  ParticipantRow row;
  row.order = event.facts.order;
  row.facts = event.facts;
  sim::Transaction& transaction = work.transaction();
  switch (decide(state, event.type)) {
    case ParticipantAction::kApply: {
      auto applying = apply(context, &work, event.facts);
      row.reason = co_await std::move(applying);
      const bool applied = row.reason == Reason::kNone;
      row.state = applied ? ParticipantState::kApplied : ParticipantState::kRejected;
      row.salt = work.salt();
      row.decided = context.clock();
      transaction.insert(ledger_, row);
      if (row.salt != 0 && policy().tombstones == Switch::kOn && !standing.fenced) {
        const ParticipantRow fence{row.order, 0, ParticipantState::kSeen, Reason::kNone, {}, {}};
        transaction.insert(ledger_, fence);
      }
      work.emit(applied ? done_ : failed_, event.facts, row.reason);
      break;
    }
    case ParticipantAction::kCompensate: {
      row = *known;
      auto compensating = compensate(context, &work, row.facts);
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
      break;
  }
  auto finishing = work.finish();
  const sim::Handled handled = co_await std::move(finishing);
  co_return handled;
}

}  // namespace sagasim::domain
