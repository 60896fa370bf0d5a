// EventBus: events inside one process. Whoever publishes one hands it to listeners that live in the
// same memory: at once, or bound to the end of the transaction in which it was published; in the
// publisher's own thread, or on one of an executor. Modelled on Spring's application events,
// @TransactionalEventListener and @Async (its documentation, "Transaction-bound Events"), and on
// Spring Modulith's registry of publications.
//
// What comes of that, and is no mistake of this file: an event that waits for a commit dies with
// the process. Without a transaction those who are bound to one hear nothing. What they throw after
// the commit is swallowed, and what they write there without a transaction of their own is gone.
// Those on other threads may begin before the commit, and see nothing of it. A full executor
// rejects: one listener has the event, the next has not, and the publisher's rows are committed. A
// commit of unknown outcome counts as no commit, for everybody but those who wait for any end.
//
// Must never happen: a listener that is bound to the commit hears of a transaction that was rolled
// back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sim/connection_pool.h"
#include "sim/executor.h"
#include "sim/payload.h"
#include "sim/transaction.h"

namespace sagasim::sim {

struct BusEvent {
  Name type;
  Subject subject;
  std::uint32_t version = 0;
  std::uint64_t event_id = 0;
  Payload payload;
  std::uint64_t publication = 0;  // its row in the registry, for one listener; 0: none

  BusEvent clone() const {
    return {type, subject, version, event_id, payload.clone(), publication};
  }
};

// When a listener hears of an event.
enum class ListenerPhase : std::uint8_t {
  kAtOnce,
  kBeforeCommit,     // in the transaction; a failure rolls it back
  kAfterCommit,      // of a transaction that is known to be committed
  kAfterRollback,    // of one that was rolled back
  kAfterCompletion,  // of any, also of unknown outcome
};

class UnitOfWork;

// An event on loan to a listener; it outlives the listener's work.
struct BusDelivery {
  const BusEvent* event = nullptr;
  UnitOfWork* unit = nullptr;  // the publisher's, for those who work in its thread; may be null
};

// Handles an event. False: it threw.
using BusHandler = std::function<Task<bool>(Context, BusDelivery)>;

struct BusListener {
  Name name;  // of its work
  Name type;  // of the events
  ListenerPhase phase = ListenerPhase::kAtOnce;
  bool async = false;                // on a thread of the executor
  bool without_transaction = false;  // hears at once what is published outside of any transaction
  const Type* payload = nullptr;     // type_of<T>() of the events; needed for a registry alone
  BusHandler handle;
};

// A listener that an event was for, as long as it is not known to have handled it.
struct PublicationRow {
  std::uint64_t registry = 0;
  std::uint64_t id = 0;
  std::uint64_t listener = 0;
  Subject subject;
  std::uint32_t version = 0;
  std::uint64_t event_id = 0;
  Instant published_at{};  // by the publisher's clock
  InlineVector<std::uint64_t, 16> payload;

  RowKey key() const { return RowKey{registry, id}; }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("registry", self.registry);
    visit("id", self.id);
    visit("listener", self.listener);
    visit("subject", self.subject);
    visit("version", self.version);
    visit("event_id", self.event_id);
    visit("published_at", self.published_at);
    visit("payload", self.payload);
  }
};

// Where publications are written down, in the publisher's transaction. It says who has not finished
// and nothing about who has begun: a listener that is still at work is given the event again, and
// by every process that looks.
struct PublicationRegistry {
  Database& database;
  Table<PublicationRow>& table;
};

class EventBus {
 public:
  struct Counts {
    std::uint64_t failed = 0;    // listeners that threw where nobody cares
    std::uint64_t rejected = 0;  // events that the executor did not take
    std::uint64_t dropped = 0;   // events for listeners of a transaction that there was not
  };

  // Belongs to a process and dies with it. `registry` and `connections` may be null.
  EventBus(Node& node, const ExecutorOptions& options, PublicationRegistry* registry = nullptr,
           ConnectionPool* connections = nullptr);
  EventBus(const EventBus&) = delete;
  EventBus& operator=(const EventBus&) = delete;

  // Listeners hear of an event in the order in which they were added. Called before the first one.
  void listen(BusListener listener);

  // const bool ok = co_await bus.publish(ctx, std::move(event)): outside of any transaction. False:
  // the publisher gets an exception, as a listener threw in its thread or the executor rejected;
  // those who come after that one hear nothing.
  Task<bool> publish(Context context, BusEvent event);

  // The same for events whose listeners are all on threads of the executor: it takes no time.
  // `cause` is what led to the event.
  bool post(std::uint64_t cause, const BusEvent& event);

  // Gives every publication that is older than that, and not known to be handled, to its listener
  // once more. The number of them.
  Task<std::uint32_t> resubmit(Context context, Duration older_than);

  // The executor takes nothing more, as when the process is about to end in an orderly way.
  void shut_down() { executor_.shut_down(); }
  Executor& executor() { return executor_; }
  const Counts& counts() const { return counts_; }

 private:
  friend class UnitOfWork;
  class HandlerWork;

  Task<bool> hand_over(Context context, const BusListener* listener, const BusEvent* event,
                       UnitOfWork* unit);
  bool submit(std::uint64_t cause, const BusListener& listener, BusEvent event);
  Task<> complete(Context context, std::uint64_t publication);
  std::uint64_t registry_key() const { return node_.role().hash(); }
  PublicationRow publication(Context context, const BusListener& listener,
                             const BusEvent& event) const;

  Node& node_;
  Executor executor_;
  PublicationRegistry* registry_;
  ConnectionPool* connections_;
  std::vector<std::unique_ptr<BusListener>> listeners_;
  Counts counts_;
};

// What @Transactional makes of a method: a transaction, a connection for it, and the events that
// wait for its end. A local variable of a coroutine; destroying it undecided rolls back, and nobody
// hears of it.
class UnitOfWork {
 public:
  UnitOfWork(EventBus& bus, Database& database, Context context);
  UnitOfWork(const UnitOfWork&) = delete;
  UnitOfWork& operator=(const UnitOfWork&) = delete;

  // Takes a connection, where the bus knows a pool. False: none was to be had, and nothing can be
  // done. Called first, if at all.
  Task<bool> begin();
  // After the end: a transaction that nobody will ever commit.
  Transaction& rows() { return *rows_; }
  // Like EventBus::publish(); events for those who are bound to the transaction wait for its end.
  Task<bool> publish(BusEvent event);
  // The transaction's outcome, however those fare who hear of it.
  Task<Outcome> commit();

  Pool& frame_pool() const { return context_.frame_pool(); }

 private:
  struct Waiting {
    const BusListener* listener;
    BusEvent event;
  };
  Task<bool> run_before_commit();
  Task<> run_after(Outcome outcome);

  EventBus& bus_;
  Database& database_;
  Context context_;
  Connection connection_;  // given back after all listeners in this thread are done
  std::optional<Transaction> rows_;
  std::vector<std::unique_ptr<Waiting>> waiting_;
  bool ended_ = false;
};

}  // namespace sagasim::sim
