// Diagnosis: why something goes no further. Looks at a universe that is over or at a standstill and
// says, for one subject, what keeps the work on it from its end: exactly one reason, the first that
// applies, and a sentence that names the culprit.
//
// It knows dead letters, nodes, activities, locks and records. What should have come next is
// knowledge of the system: where nothing anywhere is left that concerns the subject, the kernel
// says so, and the system says what is missing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/broker.h"
#include "sim/database.h"
#include "sim/name.h"
#include "sim/standstill.h"

namespace sagasim::sim {

class Node;

// In the order of precedence.
enum class StuckReason : std::uint8_t {
  kParked,     // an event about it is a dead letter
  kNodeDown,   // it waits for a node that is down, stopped or out of reach to the end of the run
  kDeadlock,   // activities wait for each other in a circle
  kRetryLoop,  // something is tried again and again and cannot succeed
  kLost,       // nothing anywhere is left that concerns it
};
const char* to_text(StuckReason reason);

struct Stuck {
  StuckReason reason = StuckReason::kLost;
  std::string sentence;  // "its OrderCreated is a dead letter of consumer group balance, …"
  // Of a node and of a circle: since when it has been so without a break. What began just now may
  // be over in a moment, if the run was cut off before it came to rest.
  Instant since{};
};

// A snapshot; made between two steps, and only for runs that did not end well.
class Diagnosis {
 public:
  // `witness` is that of the standstill, or null; all of it outlives the diagnosis.
  Diagnosis(const World& world, const Broker& broker, const std::vector<const Database*>& databases,
            const Witness* witness);

  // Nothing: the subject is lost.
  std::optional<Stuck> of(Subject subject) const;

 private:
  // Who would have to do something and cannot: `node` is away, or `from` cannot reach it.
  struct Obstacle {
    const Node* node = nullptr;  // null: nothing stands in the way
    const Node* from = nullptr;  // null: the node itself is away
    Instant since{};

    explicit operator bool() const { return node != nullptr; }
  };

  // One thing that is still to be done about a subject. What is not known is null.
  struct Work {
    Subject subject;
    Invocation invocation;
    const DeadLetter* parked = nullptr;
    const Activity* activity = nullptr;  // that is at it now, or at what has to be done before it
    std::optional<Outstanding> record;
    Obstacle obstacle;
  };

  void add_activities(const World& world);
  void add_in_flight(const World& world);
  void add_records(const Broker& broker);
  void add_rows(const Database& database);
  const RemoteOperation* awaited_by(const Activity& activity) const;
  Obstacle away(const Node& node) const;
  Obstacle between(const Node& from, const Node& to) const;
  Obstacle on_the_way_of(const Operation& operation) const;
  Obstacle without_members(const Service& service, const Node& broker) const;
  Obstacle before(const Activity& activity) const;
  Obstacle at_last_attempt(const Invocation& invocation) const;
  std::optional<Stuck> circle_of(const Activity& activity) const;
  std::string told(const Work& work) const;
  std::uint32_t attempts_at(const Invocation& invocation) const;
  std::string tried(const Invocation& invocation) const;

  const World& world_;
  const Witness* witness_;
  std::vector<Work> works_;  // by subject
};

}  // namespace sagasim::sim
