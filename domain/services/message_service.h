// Message: passes each completed order on to the data platform, exactly once by its idempotency key
// (G16). Stateless: it acknowledges the event only after the platform has.
#pragma once

#include "domain/messages/events.h"
#include "domain/policy.h"
#include "sim/broker.h"
#include "sim/http_service.h"
#include "sim/process.h"

namespace sagasim::domain {

class MessageService final : public sim::Process {
 public:
  MessageService(const Policy& policy, sim::HttpService& platform)
      : policy_(policy), platform_(platform) {}
  sim::Task<sim::Handled> consume(sim::Context context, sim::Delivery delivery) override;
  // Where services call each other: answers with what it made of an event.
  sim::Task<sim::Payload> serve(sim::Context context, sim::Name method,
                                sim::Payload request) override;

  // Handles OrderCompleted.
  sim::Task<sim::Handled> forward(sim::Context context, Event event);

 private:
  const Policy& policy_;
  sim::HttpService& platform_;
};

}  // namespace sagasim::domain
