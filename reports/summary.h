// Summary: what the reports say, before any of them says it in its own form. Values only: results
// come in, nothing here looks at a living universe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/plan.h"
#include "reports/format.h"
#include "scenarios/system.h"
#include "search/history.h"
#include "search/recording.h"
#include "search/replay.h"
#include "search/sweep.h"

namespace sagasim::reports {

// What was run.
struct Target {
  std::string scenario;
  std::string architecture;
  std::vector<scenarios::PropertyInfo> properties;
};
Target target_of(const scenarios::System& system);

// One fault in plain words.
struct FaultLine {
  std::optional<sim::Instant> at;  // nothing: not known when
  std::string operation;           // its name; empty for a window
  std::string text;                // what happens to it
};

// One line of how a failure came about.
struct StoryLine {
  enum class Kind : std::uint8_t { kEvent, kFault, kViolation };
  Kind kind = Kind::kEvent;
  sim::Instant at{};
  std::string text;
};

// One failure, told.
struct Failure {
  std::uint64_t seed = 0;
  std::string cause;        // its signature
  std::uint64_t count = 1;  // how many runs failed like this
  std::string property;
  std::string description;  // of the property, in plain words
  std::string message;      // with the amounts
  std::string subject;      // what it happened to
  sim::Instant at{};
  std::uint64_t more_violations = 0;           // of the same run
  std::vector<scenarios::StuckSubject> stuck;  // of the same run
  bool plan_known = false;
  std::vector<FaultLine> plan;  // at most kPlanLines, the most telling ones
  std::uint64_t plan_left_out = 0;
  std::vector<StoryLine> story;    // of its subject, by time; empty: not known
  std::string rerun;               // the command line that repeats it
  std::string minimize;            // the command line that makes it small; empty: it is
  std::string repro;               // the reproduction file, or empty
  std::vector<std::string> files;  // everything that was written, the repro file among it
};
inline constexpr std::size_t kPlanLines = 12;

// Requires: the run failed. With a plan in `result` the failure has one; a recording of the same
// run adds the times at which its faults struck.
Failure failure_of(const Target& target, const scenarios::RunResult& result,
                   const search::Recording* recording);
// The same from what a sweep keeps, without a plan.
Failure failure_of(const Target& target, const search::Cause& cause);

// The fault of a plan with that index: into its operations, or their number plus the window's.
FaultLine fault_line(const faults::Plan& plan, std::size_t index,
                     const search::Recording* recording);

// What an effect does, e.g. "payment crashes before it sees the answer, back after 3 s". `until` is
// what a hold waits for, where it is known.
std::string text_of(const sim::Effect& effect, const std::string& initiator,
                    const std::string& receiver, const std::string& until = "");
// The same of an operation of that recording.
std::string text_of_effect(const search::Recording& recording,
                           const search::RecordedOperation& struck);
std::string text_of(const faults::WindowFault& window);

// A rate that is shown beside the runs: a count of a tally, per second of the wall clock.
struct Rate {
  std::string key;    // in JSON; the text drops "_per_second"
  std::string group;  // of RunResult::tallies
  std::string name;
};

struct RunReport {
  Target target;
  std::string about;  // what somebody has written of this very run
  scenarios::RunResult result;
  std::optional<Failure> failure;
  std::string rerun;     // of this run, failed or not
  std::string minimize;  // as in Failure
  std::vector<std::string> files;
  // Of a replay:
  bool is_replay = false;
  std::vector<search::Difference> differences;
  std::optional<search::Divergence> divergence;
};

struct SweepReport {
  Target target;
  search::SweepResult result;
  std::vector<scenarios::CoverageAxis> axes;  // of what its cells number
  std::optional<search::History> history;     // against the campaign before, if there is one
  std::vector<Failure> failures;              // one per cause, in the same order
  std::string rerun;               // of the sweep, if it passed; else of the first failure
  std::vector<std::string> files;  // beyond those of the failures
  std::vector<Rate> rates;
};

// How many seeds there are from the first to the last that was run, whether or not all of them
// were.
std::uint64_t seeds_of(const search::SweepResult& result);

// kFail before kInconclusive before kPass.
scenarios::Verdict verdict_of(const search::SweepResult& result);
// "new" or "ongoing", against the campaign before; empty if there is none.
const char* standing_of(const SweepReport& report, const std::string& cause);
// "3 of 20 known seeds still fail", and how many of them were not run.
std::string known_text(const search::History& history);
// Per second of the wall clock; 0 if no time was measured.
double rate_of(const SweepReport& report, const Rate& rate);

// What can honestly be said of the runs that were not made. Nothing where the seeds were not a
// plain sample, because failures decided when to stop.
struct Outlook {
  std::optional<double> failure_rate_bound_95;  // the chance of failure of the next run is below it
  std::optional<double> unseen_probability;     // that the next run shows a cell not seen so far
};
Outlook outlook_of(const search::SweepResult& result);

}  // namespace sagasim::reports
