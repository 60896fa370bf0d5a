// Participant: a service that takes part in an order's saga by doing something that can be undone:
// Balance, Coupon, Stock. They share one decision table and one ledger per order; what they do to
// whom is their own.
//
//                  OrderCreated                               OrderFailed
//   nothing        apply, emit done; or reject, emit failed   leave a tombstone
//   applied        nothing                                    compensate, by the ledger
//   tombstone      reject, emit failed                        nothing
//   all others     nothing                                    nothing
//
// Weaker policies depart from it where they say so.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/runtime/unit_of_work.h"

namespace sagasim::domain {

enum class ParticipantState : std::uint8_t {
  kNone,
  kApplied,
  kRejected,
  kCompensated,
  kTombstone,
  kRejectedLate,  // came after the tombstone
  kSeen,          // only a fence: makes action and compensation meet where natural keys are off
};
const char* to_text(ParticipantState state);

enum class ParticipantAction : std::uint8_t { kNothing, kApply, kCompensate, kMark, kRejectLate };

// The table above. Pure.
ParticipantAction decide(ParticipantState state, EventType trigger);

// The per-order ledger of one participant (G3).
struct ParticipantRow {
  sim::Subject order;
  std::uint64_t salt = 0;
  ParticipantState state = ParticipantState::kNone;
  Reason reason = Reason::kNone;  // why it was rejected
  sim::Instant decided{};         // applied or rejected, by the service's clock
  OrderFacts facts;  // what was applied: compensation goes by this, not by the event (G18)

  sim::RowKey key() const { return sim::key_of(order, salt); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("order", self.order);
    visit("state", self.state);
    visit("reason", self.reason);
    visit("decided", self.decided);
    visit("facts", self.facts);
  }
};

class Participant : public ShopService {
 public:
  Participant(const Ports& ports, sim::Table<ParticipantRow>& ledger, EventType done,
              EventType failed)
      : ShopService(ports), ledger_(ledger), done_(done), failed_(failed) {}

  // Handles OrderCreated and OrderFailed.
  sim::Task<sim::Handled> take_part(sim::Context context, Event event);

  // --- within the transaction of somebody who does all of an order at once ---
  // Applies the order; or says why it can not, and then the unit must not be committed.
  sim::Task<Reason> join(sim::Context context, UnitOfWork* work, OrderFacts facts);
  // Undoes what join() did.
  sim::Task<> leave(sim::Context context, UnitOfWork* work, sim::Subject order);

 protected:
  // Does this service's part of the order within the unit; or says why it can not and changes
  // nothing.
  virtual sim::Task<Reason> apply(sim::Context context, UnitOfWork* work, OrderFacts facts) = 0;
  // How the outcome of a step becomes known: with its commit, just before it, or after it.
  enum class Telling : std::uint8_t { kTogether, kFirst, kAfterwards };
  virtual Telling telling() const { return Telling::kTogether; }
  // Undoes what apply() did with these facts.
  virtual sim::Task<> compensate(sim::Context context, UnitOfWork* work, OrderFacts facts) = 0;

 private:
  // What the service remembers of an order, and whether a fence row for it exists.
  struct Standing {
    std::optional<ParticipantRow> row;
    bool fenced = false;
  };
  sim::Task<Standing> look(sim::Context context, UnitOfWork* work, Event event);
  ParticipantAction action(const Standing& standing, const Event& event) const;
  sim::Task<sim::Handled> conclude(sim::Context context, UnitOfWork* work, Event event,
                                   bool applied);
  sim::Task<sim::Handled> reject(sim::Context context, Event event);

  sim::Table<ParticipantRow>& ledger_;
  const EventType done_;
  const EventType failed_;
};

}  // namespace sagasim::domain
