// System: a universe that can be run, as everything that searches or reports sees it. The shop is
// one; a user's own system is another. Nothing here knows what is inside.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "faults/plan.h"
#include "sim/name.h"
#include "sim/observer.h"
#include "sim/snapshot.h"
#include "sim/time.h"

namespace sagasim::scenarios {

// A property that did not hold.
struct Violation {
  std::string property;  // its id, e.g. "MON-4"
  std::string message;   // a sentence with the amounts
  std::string kind;      // what sort of thing it happened to, for grouping: "balance", "order"
  sim::Instant at{};
  sim::Subject subject;         // what it happened to
  std::uint64_t operation = 0;  // in which it came to light, by its identity; 0: in none
};

// Something that will never come to its end, and why.
struct StuckSubject {
  sim::Subject subject;
  std::string reason;   // "parked", "node-down", "deadlock", "retry-loop" or "lost"
  std::string message;  // a sentence that names the culprit
};

enum class Verdict : std::uint8_t { kPass, kFail, kInconclusive };

// What one run gave. Everything in it is a function of the request, but for wall_seconds.
struct RunResult {
  std::uint64_t seed = 0;
  std::uint64_t fingerprint = 0;
  Verdict verdict = Verdict::kPass;
  std::vector<Violation> violations;  // most specific first, then by time
  // What was left open. Of an inconclusive run only what could not have gone on by its end.
  std::vector<StuckSubject> stuck;
  std::uint64_t operations = 0;
  sim::Duration virtual_time{};
  // Named counts of the system's own, in groups: {"orders": {"accepted": 30, …}, …}.
  std::map<std::string, std::map<std::string, std::uint64_t>> tallies;
  // How often each property was evaluated on something that it could have found wrong, in the order
  // of System::properties(). A list, as a map would be the dearest part of a small run's end.
  std::vector<std::pair<std::string, std::uint64_t>> properties;
  // How many faults of each kind struck something, indexed by faults::Kind.
  std::uint64_t faults[faults::kKinds] = {};
  // Windows and moments that happened and made no difference to anything, likewise.
  std::uint64_t met_nothing[faults::kKinds] = {};
  // The faults as an explicit plan; filled iff the request asked for it.
  faults::Plan plan;
  // Faults of an explicit plan that found nothing to strike, by index into its operations.
  std::vector<std::uint32_t> not_applied;
  // The same in words, and what of the plan met nothing or waited in vain.
  std::vector<std::string> left_over;
  // What was met of what System::coverage() spans: cells, each once, in ascending order.
  std::vector<std::uint32_t> cells;
  // The state at each moment that the request asked for, in the same order; one after the end is
  // the state at the end. None from a system that cannot be looked into.
  std::vector<sim::Snapshot> states;
  // When all had come to rest and old messages were delivered once more, to see whether that
  // changes anything; nothing: they were not.
  std::optional<sim::Instant> redelivered;
  double wall_seconds = 0;

  bool failed() const { return verdict == Verdict::kFail; }
  // Groups failures of one cause: the first violation's property and kind.
  std::string signature() const {
    return violations.empty() ? "" : violations.front().property + "/" + violations.front().kind;
  }
};

// From `at` on, everything that is left to chance comes out as it does under `seed`. What was drawn
// before stays: another future of the same past.
struct Reseed {
  sim::Instant at{};
  std::uint64_t seed = 0;
};

struct RunRequest {
  std::uint64_t seed = 0;
  const faults::Plan* plan = nullptr;  // null: chance decides, by the scenario's profile
  bool record = false;                 // fill RunResult::plan
  std::vector<sim::Subject> without;   // commands of the workload to leave out
  std::uint64_t tie_salt = 0;
  std::optional<Reseed> reseed;
  std::vector<sim::Instant> looks;  // ascending: moments at which to write down the state
  sim::Tracer* tracer = nullptr;
};

struct PropertyInfo {
  std::string id;
  std::string description;
};

// One way to tell apart the situations that a run can meet: a name, and the values that it takes.
struct CoverageAxis {
  std::string name;
  std::vector<std::string> values;
};

// What a run came to, for a search that makes a great many and looks at few.
struct Judgement {
  Verdict verdict = Verdict::kPass;
  std::string signature;  // as RunResult has it; empty if no property was violated
  std::uint64_t fingerprint = 0;
  std::uint64_t operations = 0;

  bool failed() const { return verdict == Verdict::kFail; }
  bool operator==(const Judgement&) const = default;
};

// One run in the hands of a search: it lives on step by step. A step is one event and all that
// becomes ready by it. In pieces it is the same run as in one.
class Universe {
 public:
  virtual ~Universe() = default;
  // Lives on until `steps` steps were made in all, or its run is over. True iff that is over.
  // Before the first call not even the processes have started; that is no step.
  virtual bool live(std::uint64_t steps) = 0;
  virtual std::uint64_t steps() const = 0;  // made so far; one that is being made counts
  virtual void set_tracer(sim::Tracer* tracer) = 0;
  // Requires: the run is over. `faults`: how many struck. Called once.
  virtual Judgement judge(std::uint64_t faults) = 0;
};

// How long something waits before it gives up.
struct Patience {
  std::string what;  // "a call", "the saga timeout"
  sim::Duration time{};
};

class System {
 public:
  virtual ~System() = default;
  virtual std::string scenario() const = 0;      // its name
  virtual std::string architecture() const = 0;  // the preset, with its overrides
  virtual std::vector<PropertyInfo> properties() const = 0;
  // The axes of what runs can meet. A cell has one value of each and a number: that of its values
  // as digits, the last axis counting fastest. None: nothing is covered.
  virtual std::vector<CoverageAxis> coverage() const { return {}; }
  // Runs one universe. Thread-safe: runs share nothing.
  virtual RunResult run(const RunRequest& request) const = 0;
  // The same universe as run() makes of this seed, to be lived step by step; `faults` decides what
  // goes wrong, outlives it and must not want anything of the world. Null: cannot be done.
  virtual std::unique_ptr<Universe> universe(std::uint64_t /*seed*/,
                                             sim::Interceptor& /*faults*/) const {
    return nullptr;
  }
  // What in it gives up waiting, and when; a fault may last longer or not.
  virtual std::vector<Patience> patience() const { return {}; }
};

// One kind of simplification, and each place where it could be made. Any set of a stage's edits can
// be made together, and what they give is valid.
struct Stage {
  enum class Kind : std::uint8_t {
    kRemoval,  // less of it
    kValue,    // a rounder, smaller or calmer value
    kGuard,    // a guard set back to its reference value
  };
  Kind kind = Kind::kRemoval;
  std::string id;                  // "orders"
  std::vector<std::string> edits;  // in words: "without order c2.3"
};

// An operation as it was recorded, for whoever has words for it.
struct Happening {
  const sim::Operation* operation = nullptr;
  sim::Name initiator;  // roles
  sim::Name receiver;
  std::optional<sim::Outcome> outcome;  // nothing: it never ended
};

// Everything that a run is made of but for its seed and its faults, as a value that can be made
// simpler: a scenario with an explicit workload. Immutable, so threads may share it.
class Reducible {
 public:
  virtual ~Reducible() = default;
  // With this very workload.
  virtual std::unique_ptr<System> system() const = 0;
  // With the workload and the faults that each seed gives: what else happens in such a world.
  virtual std::unique_ptr<System> around() const = 0;
  // How much there is of what, by the system's own names: {"orders": 30}.
  virtual std::map<std::string, std::uint64_t> counts() const = 0;

  // In the order in which to try them, always the same ones; a stage may have no edits.
  virtual std::vector<Stage> stages() const = 0;
  // With those edits of that stage made, by index. Requires: stages() has them.
  virtual std::unique_ptr<Reducible> with(std::size_t stage,
                                          const std::vector<std::size_t>& edits) const = 0;
  // The same with everything that should not matter a little different: latencies, as on another
  // machine; a partition or a read more, as after another change. One variation for each number.
  virtual std::unique_ptr<Reducible> shaken(std::uint32_t number) const = 0;

  // What each operation of a run is to somebody who knows the business: a sentence without a full
  // stop, or nothing if it carries no story. Those that come to the same have the same sentence.
  virtual std::vector<std::string> tell(const std::vector<Happening>& run) const = 0;
};

}  // namespace sagasim::scenarios
