// ShopService: what every service has: its policy, its database, its way to the others, and the
// relay that empties its outbox.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/policy.h"
#include "domain/runtime/local_bus.h"
#include "domain/runtime/tables.h"
#include "sim/broker.h"
#include "sim/process.h"

namespace sagasim::domain {

class OrderFacade;

// What a service is given when its process starts; all of it outlives the process.
struct Ports {
  const Policy& policy;
  Store& store;
  sim::Broker& broker;
  std::uint32_t extra_reads = 0;  // see ShopOptions
  LocalBus* bus = nullptr;        // of the process that it shares with all others; null: broker
  OrderFacade* facade = nullptr;  // of that process, if it does all of an order in one transaction
};

class ShopService : public sim::Process {
 public:
  explicit ShopService(const Ports& ports) : ports_(ports) {}

  const Policy& policy() const { return ports_.policy; }
  Store& store() const { return ports_.store; }
  sim::Broker& broker() const { return ports_.broker; }
  std::uint32_t extra_reads() const { return ports_.extra_reads; }
  LocalBus* bus() const { return ports_.bus; }
  OrderFacade* facade() const { return ports_.facade; }

  // Answers a command, a look-up, or a request of the order service to deal with an event.
  sim::Task<sim::Payload> serve(sim::Context context, sim::Name method, sim::Payload request) final;
  sim::Task<sim::Handled> consume(sim::Context context, sim::Delivery delivery) final;
  // Handles an event, however it came; the invocation's scope is the consumer group.
  virtual sim::Task<sim::Handled> handle(sim::Context context, Event event) = 0;

  // Makes the event known from memory; nobody waits for it. False: it is known that nobody heard.
  // Where services call each other whoever is at work keeps it: see next_said().
  bool say(sim::Context context, const Event& event);

  // Publishes one row of the outbox until the broker has acknowledged it, then removes the row
  // (G1).
  sim::Task<> relay(sim::Context context, OutboxRow row);
  // The same of every row up to this one whose number is above the highest one published.
  sim::Task<> relay_above_mark(sim::Context context, OutboxRow row);
  static bool relays_all(const sim::Node& node, const OutboxRow& row);
  static bool relays(const sim::Node& node, const OutboxRow& row);
  static sim::Invocation relay_name(const sim::Node& node, const OutboxRow& row);

 protected:
  // Answers a command or a look-up.
  virtual sim::Task<sim::Payload> answer(sim::Context context, sim::Name method,
                                         sim::Payload request);
  // Where services call each other: what this work has said and nobody has taken yet, oldest first.
  std::optional<Event> next_said(sim::Context context);
  bool has_said(sim::Context context) const;

 private:
  struct Said {
    std::uint64_t activity;
    Event event;
  };
  sim::Task<sim::Payload> take(sim::Context context, sim::Name group, Event event);

  const Ports ports_;
  std::vector<Said> said_;
};

// The event as the broker takes it.
sim::Draft draft_of(sim::Pool& pool, const Event& event);

// True iff `node` is the one among its instances that does the background work on `subject`.
bool responsible(const sim::Node& node, sim::Subject subject);

}  // namespace sagasim::domain
