// LocalBus: how events travel where all services share a process: from memory to memory. Each event
// is handed to its listeners, each on a thread of the process's executor, as Spring's @Async
// listeners are. Nothing is written down: what waits dies with the process, what finds no place in
// the executor's queue is rejected, and what a listener fails on is logged and gone.
//
// Observers hear of an event as of a record: appended when the first thread is there for it,
// handled when a listener is done.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "domain/messages/events.h"
#include "sim/broker.h"
#include "sim/event_bus.h"
#include "sim/process.h"

namespace sagasim::domain {

// An event of which a listener made nothing. The simulator's memory: no process sees it.
struct LocalLoss {
  enum class How : std::uint8_t { kRejected, kFailed };
  How how = How::kRejected;
  sim::Name listener;  // empty: whoever had not got it yet
  EventType type = EventType::kOrderCreated;
  sim::Subject order;
};

// Of all processes of a run, for judges. It survives them.
using LocalLosses = std::vector<LocalLoss>;

class LocalBus {
 public:
  using Handle = std::function<sim::Task<sim::Handled>(sim::Context, Event)>;

  // Belongs to a process and dies with it; `losses` outlives it.
  LocalBus(sim::Node& node, const sim::ExecutorOptions& options, LocalLosses& losses);
  LocalBus(const LocalBus&) = delete;
  LocalBus& operator=(const LocalBus&) = delete;

  // Called before the first event. `name` is that of the consumer group that this would be.
  void listen(sim::Name name, const std::vector<EventType>& types, const Handle& handle);

  // False: the executor rejected, and listeners that come after the one that it had no place for
  // hear nothing. `cause` is what led to the event.
  bool post(std::uint64_t cause, const Event& event);

 private:
  sim::BusEvent bus_event(const Event& event) const;
  sim::Task<bool> hear(sim::Context context, const Handle* handle, Event event);

  sim::Node& node_;
  LocalLosses& losses_;
  std::vector<std::unique_ptr<Handle>> handles_;
  sim::EventBus bus_;
};

}  // namespace sagasim::domain
