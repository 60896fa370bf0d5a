// Policy: which guards the services use. One enum per guard, the reference value first, then the
// weaker ways that teams ship. The services are written once and ask; an architecture is a point in
// this space.
//
// A guard that is switched off is off altogether, so that no other mechanism hides its absence.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/time.h"

namespace sagasim::domain {

// How an event leaves a service.
enum class Publish : std::uint8_t {
  kOutbox,  // a row in the transaction of the state change; a relay sends it until acknowledged
  kAfterCommit,   // sent from memory once the commit is known: a crash in between loses it
  kBeforeCommit,  // sent and acknowledged just before the commit: the log runs ahead of the truth,
                  // and an abort leaves a lie in it
  kDirect,        // sent where the code says so, in the middle of the transaction
};

// How a service keeps from handling an event twice.
enum class Consume : std::uint8_t {
  kInbox,         // an inbox row in the transaction of the effect
  kInboxOutside,  // the effect commits first, the inbox row in a transaction of its own
  kMarkedFirst,   // the inbox row commits first, the effect in a transaction of its own
  kNone,          // not at all
};

enum class Switch : std::uint8_t { kOn, kOff };

// What a consumer group does with an event that it keeps failing on. A malformed one is always
// parked.
enum class Retries : std::uint8_t {
  kForever,  // tried again in place until it succeeds; what comes behind it waits
  kPark,     // a dead letter after four attempts, and nobody reads those
  kSkip,     // dropped after four attempts
};

struct Policy {
  Publish publish = Publish::kOutbox;
  Consume consume = Consume::kInbox;
  // The unique keys per order, and each handler's look at its own per-order row before it acts.
  Switch natural_keys = Switch::kOn;
  // A compensation that comes first leaves a mark, so that the late action does nothing.
  Switch tombstones = Switch::kOn;
  Retries retries = Retries::kForever;
  // An order that still collects its steps after this long is failed. Nothing: it waits for ever.
  std::optional<sim::Duration> saga_timeout;
};

}  // namespace sagasim::domain
