// ShopService: what every service process has: its policy, its database, its way to the broker, and
// the relay that empties its outbox.
#pragma once

#include <cstdint>

#include "domain/policy.h"
#include "domain/runtime/tables.h"
#include "sim/broker.h"
#include "sim/process.h"

namespace sagasim::domain {

// What a service is given when its process starts; all of it outlives the process.
struct Ports {
  const Policy& policy;
  Store& store;
  sim::Broker& broker;
  std::uint32_t extra_reads = 0;  // see ShopOptions
};

class ShopService : public sim::Process {
 public:
  explicit ShopService(const Ports& ports) : ports_(ports) {}

  const Policy& policy() const { return ports_.policy; }
  Store& store() const { return ports_.store; }
  sim::Broker& broker() const { return ports_.broker; }
  std::uint32_t extra_reads() const { return ports_.extra_reads; }

  // Publishes one row of the outbox until the broker has acknowledged it, then removes the row
  // (G1).
  sim::Task<> relay(sim::Context context, OutboxRow row);
  // The same of every row up to this one whose number is above the highest one published.
  sim::Task<> relay_above_mark(sim::Context context, OutboxRow row);
  static bool relays_all(const sim::Node& node, const OutboxRow& row);
  static bool relays(const sim::Node& node, const OutboxRow& row);
  static sim::Invocation relay_name(const sim::Node& node, const OutboxRow& row);

 private:
  const Ports ports_;
};

// The event as the broker takes it.
sim::Draft draft_of(sim::Pool& pool, const Event& event);

// True iff `node` is the one among its instances that does the background work on `subject`.
bool responsible(const sim::Node& node, sim::Subject subject);

}  // namespace sagasim::domain
