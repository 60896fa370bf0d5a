// UnitOfWork: one transaction of a service, with the events that it emits and the event that it
// answers. Here, and only here, the policies `publish` and `consume` take effect.
//
//   UnitOfWork work(*this, context, event);
//   const bool fresh = co_await work.is_new();
//   if (!fresh) co_return Handled::kDone;
//   … read, lock, change through work.transaction(), work.emit(…) …
//   co_return co_await work.finish();
#pragma once

#include <optional>

#include "domain/runtime/service.h"
#include "sim/inline_vector.h"
#include "sim/transaction.h"

namespace sagasim::domain {

// Whether a unit heeds the inbox and the natural keys where they are on.
enum class Guards : std::uint8_t { kHeeded, kIgnored };

class UnitOfWork {
 public:
  // `consumed` is the event being handled; without one there is no inbox to look at.
  UnitOfWork(ShopService& service, sim::Context context,
             std::optional<Event> consumed = std::nullopt, Guards guards = Guards::kHeeded);
  UnitOfWork(const UnitOfWork&) = delete;
  UnitOfWork& operator=(const UnitOfWork&) = delete;

  sim::Pool& frame_pool() { return context_.frame_pool(); }
  sim::Transaction& transaction() { return transaction_; }
  sim::Context context() const { return context_; }

  // False iff this consumer group has dealt with the event already.
  sim::Task<bool> is_new();
  // Makes the event known, by the policy's way. At most two per unit.
  void emit(EventType type, const OrderFacts& facts, Reason reason = Reason::kNone,
            const Steps& steps = {});
  // The event as it would be made known.
  Event event_of(EventType type, const OrderFacts& facts, Reason reason = Reason::kNone,
                 const Steps& steps = {}) const;
  // From now on the unit can only fail.
  void abandon() { abandoned_ = true; }

  // --- commands (G17) ---
  // The answer that the command of this key has had, if any; a key that came with another body is
  // refused. `body` digests the request.
  sim::Task<std::optional<CommandReply>> answered(sim::Subject key, std::uint64_t body);
  // Commits, and with it keeps the answer. What is not known to be kept is no answer.
  sim::Task<CommandReply> answer(sim::Subject key, std::uint64_t body, CommandReply reply);

  // Commits. kUnknown stays unknown: the caller must not take it for either answer (G10).
  sim::Task<sim::Outcome> commit();
  // Commits and says what that means for the record: anything but a known success is tried again.
  sim::Task<sim::Handled> finish();

  // What keeps rows apart where natural keys are off: 0 while they are on.
  std::uint64_t salt() const;

 private:
  InboxRow inbox_row() const;
  bool has_inbox() const;
  Publish publish() const;

  ShopService& service_;
  sim::Context context_;
  const std::optional<Event> consumed_;
  const Guards guards_;
  bool abandoned_ = false;
  sim::Transaction transaction_;
  sim::InlineVector<Event, 2> emitted_;
};

// For a state that has been committed without its event: tells `success` in a transaction of its
// own, and `failure` in another if that is not known to have committed.
sim::Task<> tell_afterwards(ShopService* service, sim::Context context, Event consumed,
                            EventType success, EventType failure, OrderFacts facts);

}  // namespace sagasim::domain
