// System: a universe that can be run, as everything that searches or reports sees it. The shop is
// one; a user's own system is another. Nothing here knows what is inside.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "faults/plan.h"
#include "sim/name.h"
#include "sim/observer.h"
#include "sim/time.h"

namespace sagasim::scenarios {

// A property that did not hold.
struct Violation {
  std::string property;  // its id, e.g. "MON-4"
  std::string message;   // a sentence with the amounts
  std::string kind;      // what sort of thing it happened to, for grouping: "balance", "order"
  sim::Instant at{};
  sim::Subject subject;  // what it happened to
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
  // How often each property was evaluated on something that it could have found wrong.
  std::map<std::string, std::uint64_t> properties;
  // How many faults of each kind were injected, indexed by faults::Kind.
  std::uint64_t faults[faults::kKinds] = {};
  // The faults as an explicit plan; filled iff the request asked for it.
  faults::Plan plan;
  // Faults of an explicit plan that found nothing to strike, by index into its operations.
  std::vector<std::uint32_t> not_applied;
  std::vector<std::string> left_over;  // the same in words
  double wall_seconds = 0;

  bool failed() const { return verdict == Verdict::kFail; }
  // Groups failures of one cause: the first violation's property and kind.
  std::string signature() const {
    return violations.empty() ? "" : violations.front().property + "/" + violations.front().kind;
  }
};

struct RunRequest {
  std::uint64_t seed = 0;
  const faults::Plan* plan = nullptr;  // null: chance decides, by the scenario's profile
  bool record = false;                 // fill RunResult::plan
  std::vector<sim::Subject> without;   // commands of the workload to leave out
  std::uint64_t tie_salt = 0;
  sim::Tracer* tracer = nullptr;
};

struct PropertyInfo {
  std::string id;
  std::string description;
};

class System {
 public:
  virtual ~System() = default;
  virtual std::string scenario() const = 0;      // its name
  virtual std::string architecture() const = 0;  // the preset, with its overrides
  virtual std::vector<PropertyInfo> properties() const = 0;
  // Runs one universe. Thread-safe: runs share nothing.
  virtual RunResult run(const RunRequest& request) const = 0;
};

}  // namespace sagasim::scenarios
