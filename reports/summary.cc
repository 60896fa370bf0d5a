#include "reports/summary.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "sim/operation.h"

namespace sagasim::reports {
namespace {

std::string description_of(const Target& target, const std::string& property) {
  for (const scenarios::PropertyInfo& info : target.properties) {
    if (info.id == property) {
      return info.description;
    }
  }
  return {};
}

// The role is the first word of an operation's name.
std::string role_of(const std::string& operation) {
  return operation.substr(0, operation.find('/'));
}

FaultLine line_of(const faults::OperationFault& fault, const search::Recording* recording) {
  FaultLine line;
  line.operation = fault.operation;
  std::string initiator = role_of(fault.operation);
  std::string receiver = "the receiver";
  if (recording != nullptr) {
    if (const auto place = recording->find(fault.identity)) {
      const search::RecordedOperation& struck = recording->operations()[*place];
      line.at = struck.operation.at;
      initiator = struck.initiator.text();
      if (!struck.receiver.empty()) {
        receiver = struck.receiver.text();
      }
    }
  }
  line.text = text_of(fault.effect, initiator, receiver, fault.until);
  return line;
}

// Which faults to show first when there is no room for all: those of the subject, then those that
// came before the violation, which alone can have caused it.
int distance(const FaultLine& line, const Failure& failure) {
  // A subject stands in brackets, alone or before a version: `(c2.1)`, `(c2.1,3)`, never `(c2.10)`.
  const bool same_subject = line.operation.find("(" + failure.subject + ")") != std::string::npos ||
                            line.operation.find("(" + failure.subject + ",") != std::string::npos;
  const bool is_later = line.at && *line.at > failure.at;
  return is_later ? 2 : same_subject ? 0 : 1;
}

// An anchored window's times count from the end of its anchor.
FaultLine line_of(const faults::WindowFault& window) {
  if (window.after.empty()) {
    return {window.from, "", text_of(window)};
  }
  return {std::nullopt, window.after, "after it, " + text_of(window)};
}

void tell_plan(const faults::Plan& plan, const search::Recording* recording, Failure& failure) {
  std::vector<FaultLine> lines;
  for (const faults::WindowFault& window : plan.windows) {
    lines.push_back(line_of(window));
  }
  for (const faults::OperationFault& fault : plan.operations) {
    lines.push_back(line_of(fault, recording));
  }
  std::set<std::pair<int, std::size_t>> telling;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    telling.emplace(distance(lines[i], failure), i);
  }
  while (telling.size() > kPlanLines) {
    telling.erase(std::prev(telling.end()));
    ++failure.plan_left_out;
  }
  // By time where it is known for all of them, else windows first and the rest as in the plan.
  const bool timed = std::all_of(telling.begin(), telling.end(), [&](const auto& each) {
    return lines[each.second].at.has_value();
  });
  std::set<std::pair<sim::Instant, std::size_t>> shown;
  for (const auto& [rank, place] : telling) {
    shown.emplace(timed ? *lines[place].at : sim::kStart, place);
  }
  failure.plan_known = true;
  for (const auto& [at, place] : shown) {
    failure.plan.push_back(std::move(lines[place]));
  }
}

}  // namespace

Target target_of(const scenarios::System& system) {
  return {system.scenario(), system.architecture(), system.properties()};
}

Failure failure_of(const Target& target, const scenarios::RunResult& result,
                   const search::Recording* recording) {
  Failure failure;
  failure.seed = result.seed;
  failure.cause = result.signature();
  if (!result.violations.empty()) {
    const scenarios::Violation& first = result.violations.front();
    failure.property = first.property;
    failure.description = description_of(target, first.property);
    failure.message = first.message;
    failure.subject = sim::to_text(first.subject);
    failure.at = first.at;
    failure.more_violations = result.violations.size() - 1;
  }
  failure.stuck = result.stuck;
  tell_plan(result.plan, recording, failure);
  return failure;
}

Failure failure_of(const Target& target, const search::Cause& cause) {
  Failure failure;
  failure.seed = cause.first_seed;
  failure.cause = cause.signature;
  failure.count = cause.count;
  failure.property = cause.property;
  failure.description = description_of(target, cause.property);
  failure.message = cause.message;
  failure.subject = sim::to_text(cause.subject);
  failure.at = cause.at;
  return failure;
}

FaultLine fault_line(const faults::Plan& plan, std::size_t index,
                     const search::Recording* recording) {
  if (index < plan.operations.size()) {
    return line_of(plan.operations[index], recording);
  }
  const faults::WindowFault& window = plan.windows[index - plan.operations.size()];
  return line_of(window);
}

std::string text_of_effect(const search::Recording& recording,
                           const search::RecordedOperation& struck) {
  const auto until = recording.find(struck.effect.until);
  return text_of(struck.effect, struck.initiator.text(), struck.receiver.text(),
                 until ? sim::to_text(recording.operations()[*until].operation) : std::string());
}

std::string text_of(const sim::Effect& effect, const std::string& initiator,
                    const std::string& receiver, const std::string& until) {
  using Kind = sim::Effect::Kind;
  const std::string duration = text_of(effect.duration);
  switch (effect.kind) {
    case Kind::kNone:
      return "nothing happens to it";
    case Kind::kDrop:
      return "is lost on the way";
    case Kind::kDelay:
      return "arrives " + duration + " late";
    case Kind::kHold:
      return "is kept back until " + (until.empty() ? "another operation" : until) +
             " has ended, " + duration + " at most";
    case Kind::kDuplicate:
      return "arrives a second time " + duration + " later";
    case Kind::kFail:
      return "is refused";
    case Kind::kReplyLost:
      return "is done, but the answer is lost";
    case Kind::kNotDone:
      return "is not done, and the answer is lost";
    case Kind::kLate:
      return "is done " + duration + " after " + initiator + " gave up";
    case Kind::kPause:
      return initiator + " stops for " + duration;
    case Kind::kCrash:
      break;
  }
  const bool at_initiator = effect.side == sim::Side::kInitiator;
  std::string moment;
  switch (effect.phase) {
    case sim::Phase::kBefore:
      moment = at_initiator ? "before it is issued" : "before it is executed";
      break;
    case sim::Phase::kUnseen:
      moment = at_initiator ? "before it sees the answer" : "before it answers";
      break;
    case sim::Phase::kSeen:
      moment = at_initiator ? "right after it saw the answer" : "right after it answered";
      break;
  }
  return (at_initiator ? initiator : receiver) + " crashes " + moment + ", back after " + duration;
}

std::string text_of(const faults::WindowFault& window) {
  using faults::Kind;
  const std::string span = " for " + text_of(window.until - window.from);
  const bool negative = window.by < sim::Duration{};
  const std::string by = text_of(negative ? -window.by : window.by);
  switch (window.kind) {
    case Kind::kPartition:
      return "nothing passes between " + window.target + " and " + window.peer + span;
    case Kind::kOneWayPartition:
      return "nothing passes from " + window.target + " to " + window.peer + span;
    case Kind::kIsolation:
      return window.target + " is cut off from everybody" + span;
    case Kind::kOutage:
      return window.target + " refuses every request" + span;
    case Kind::kSlowness:
      return "messages to and from " + window.target + " take up to " + by + " longer" + span;
    case Kind::kOverload:
      return "each request costs " + window.target + " " + by + span;
    case Kind::kClockOffset:
      return "the clock of " + window.target + " is " + by + (negative ? " behind" : " ahead") +
             span;
    case Kind::kClockDrift:
      return "the clock of " + window.target + (negative ? " loses " : " gains ") + by + span;
    case Kind::kCrashLoop:
      return window.target + " crashes every " + by + span;
    case Kind::kPowerCut:
      return "all services and their parts are down" + span;
    case Kind::kUpgrade:
      return "the services are upgraded one after another, within " +
             text_of(window.until - window.from);
    case Kind::kShortLatencies:
      return "every message takes its shortest time" + span;
    case Kind::kHeavyTails:
      return "one message in eight is much slower" + span;
    case Kind::kPriorities:
      return "some work is served much later than other" + span;
    case Kind::kMidnight:
      return "the date changes";
    case Kind::kCorruptRecord:
      return "a malformed record is added to " + window.target;
    case Kind::kOffsetReset:
      return "the group " + window.target + " is set back by " + by;
    case Kind::kRedrive:
      return "the dead letters of the group " + window.target + " are handed to it again";
    case Kind::kExpandPartitions:
      return window.target + " gets one more partition";
    case Kind::kRunJobsAgain:
      return "the jobs of " + window.target + " run once more";
    case Kind::kAcks1:
    case Kind::kUncleanElection:
      return "the broker loses what was appended in the " + by + " before";
    case Kind::kShortRetention:
      return "records older than " + by + " are no longer readable";
    case Kind::kDatabaseFailover:
    case Kind::kDatabaseRestored:
      return window.target + " loses what was committed in the " + by + " before";
    case Kind::kCacheFailover:
      return "the cache loses what was written in the " + by + " before";
    case Kind::kCacheWipe:
      return "the cache forgets everything";
    case Kind::kKeyExpiry:
      return window.target + " forgets its idempotency keys";
    case Kind::kReplicaLag:
      return "plain reads of " + window.target + " are " + by + " behind" + span;
    case Kind::kLockTimeoutStatement:
      return "statements that meet a lock in " + window.target + " fail alone" + span;
    default:
      return faults::info_of(window.kind).description;
  }
}

std::uint64_t seeds_of(const search::SweepResult& result) {
  return result.runs == 0 ? 0 : result.last - result.from + 1;
}

scenarios::Verdict verdict_of(const search::SweepResult& result) {
  return !result.causes.empty() || result.failed > 0 ? scenarios::Verdict::kFail
         : result.inconclusive > 0                   ? scenarios::Verdict::kInconclusive
                                                     : scenarios::Verdict::kPass;
}

double rate_of(const SweepReport& report, const Rate& rate) {
  const auto group = report.result.tallies.find(rate.group);
  if (group == report.result.tallies.end() || report.result.seconds <= 0) {
    return 0;
  }
  const auto count = group->second.find(rate.name);
  return count == group->second.end() ? 0
                                      : static_cast<double>(count->second) / report.result.seconds;
}

const char* standing_of(const SweepReport& report, const std::string& cause) {
  return !report.history ? "" : report.history->is_new(cause) ? "new" : "ongoing";
}

std::string known_text(const search::History& history) {
  const std::uint64_t waiting = history.known_seeds - history.known_runs;
  return grouped(history.known_failed) + " of " + plural(history.known_runs, "known seed") +
         " still fail" + (waiting == 0 ? "" : ", " + grouped(waiting) + " were not run");
}

Outlook outlook_of(const search::SweepResult& result) {
  Outlook outlook;
  if (result.runs == 0 || result.stopped_after || result.internal_error) {
    return outlook;
  }
  const auto runs = static_cast<double>(result.runs);
  // The rule of three for none, Wilson's upper limit (one-sided, z = 1.645) for some.
  if (result.failed == 0) {
    outlook.failure_rate_bound_95 = std::min(1.0, 3.0 / runs);
  } else {
    const double z = 1.645;
    const double share = static_cast<double>(result.failed) / runs;
    const double root = std::sqrt(share * (1 - share) / runs + z * z / (4 * runs * runs));
    outlook.failure_rate_bound_95 =
        std::min(1.0, (share + z * z / (2 * runs) + z * root) / (1 + z * z / runs));
  }
  outlook.unseen_probability =
      std::min(1.0, static_cast<double>(result.coverage.runs_with_news) / runs);
  return outlook;
}

}  // namespace sagasim::reports
