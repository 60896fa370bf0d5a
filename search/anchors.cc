#include "search/anchors.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/operation.h"

namespace sagasim::search {
namespace {

using sim::Effect;
using sim::OperationKind;

// So many of each are worth trying.
constexpr std::size_t kSlowest = 24;
constexpr std::size_t kEvents = 12;

// A hold ends at the latest after this long, whatever becomes of what it waits for.
constexpr sim::Duration kPatience = sim::seconds(60);

constexpr sim::Duration kUnits[] = {
    sim::milliseconds(1),   sim::milliseconds(2),  sim::milliseconds(5),   sim::milliseconds(10),
    sim::milliseconds(20),  sim::milliseconds(50), sim::milliseconds(100), sim::milliseconds(200),
    sim::milliseconds(500), sim::seconds(1),       sim::seconds(2),        sim::seconds(5),
    sim::seconds(10),       sim::seconds(20),      sim::seconds(30)};

// The shortest of them that is no shorter, or the longest of all.
sim::Duration rounded_up(sim::Duration duration) {
  const auto unit = std::lower_bound(std::begin(kUnits), std::end(kUnits), duration);
  return unit == std::end(kUnits) ? kPatience : *unit;
}

// Of a window, as far as the run shows it; nothing if its anchor never came.
struct Span {
  sim::Instant from;
  sim::Instant until;
};
std::optional<Span> span_of(const faults::WindowFault& window, const Recording& recording) {
  Span span{window.from, window.until};
  if (!window.after.empty()) {
    const auto anchor = recording.find(sim::identity_of(window.after).value_or(0));
    if (!anchor || !recording.operations()[*anchor].outcome) {
      return std::nullopt;
    }
    const sim::Duration start = recording.operations()[*anchor].end - sim::kStart;
    span.from += start;
    span.until += start;
  }
  return span;
}

// One that a plan can name: not what a fault made of another, and with an answer to wait for.
bool can_strike(const sim::Operation& operation, const Effect& effect) {
  return operation.duplicate == 0 && faults::can_strike(faults::kind_of(effect), operation.kind);
}

bool is_struck(const faults::Plan& plan, std::uint64_t identity) {
  return std::any_of(plan.operations.begin(), plan.operations.end(),
                     [&](const auto& fault) { return fault.identity == identity; });
}

faults::OperationFault fault_on(const sim::Operation& operation, const Effect& effect) {
  return {sim::to_text(operation), operation.id, effect};
}

// What has words, ended within (after, until], and is told for the first time then; the last first.
std::vector<std::size_t> events_between(const Told& told, sim::Instant after, sim::Instant until) {
  const auto& operations = told.recording.operations();
  std::vector<std::size_t> events;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const RecordedOperation& each = operations[i];
    if (!told.sentences[i].empty() && each.outcome == sim::Outcome::kOk && each.end > after &&
        each.end <= until && each.operation.duplicate == 0) {
      events.push_back(i);
    }
  }
  std::stable_sort(events.begin(), events.end(), [&](std::size_t a, std::size_t b) {
    return operations[a].end > operations[b].end;
  });
  if (events.size() > kEvents) {
    events.resize(kEvents);
  }
  return events;
}

}  // namespace

Told tell(const Case& what) {
  Told told;
  scenarios::RunRequest request;
  request.seed = what.seed;
  request.plan = &what.plan;
  request.tracer = &told.recording;
  what.setup->system()->run(request);
  told.sentences = what.setup->tell(happenings_of(told.recording));
  return told;
}

std::vector<Case> singled_out(const Case& what, const Told& told, std::size_t window) {
  const auto span = span_of(what.plan.windows[window], told.recording);
  if (!span || faults::info_of(what.plan.windows[window].kind).moment) {
    return {};
  }
  std::vector<const RecordedOperation*> slow;
  std::vector<const RecordedOperation*> failed;
  for (const RecordedOperation& each : told.recording.operations()) {
    const bool meanwhile = each.operation.at >= span->from && each.operation.at <= span->until;
    if (meanwhile && each.effect.none() && each.operation.kind != OperationKind::kTimer) {
      (each.outcome == sim::Outcome::kOk ? slow : failed).push_back(&each);
    }
  }
  const auto time_of = [](const RecordedOperation* each) { return each->end - each->operation.at; };
  std::stable_sort(slow.begin(), slow.end(),
                   [&](const auto* a, const auto* b) { return time_of(a) > time_of(b); });
  slow.resize(std::min(slow.size(), kSlowest));
  failed.resize(std::min(failed.size(), kSlowest));

  std::vector<Case> cases;
  const auto instead = [&](const RecordedOperation& struck, const Effect& effect) {
    if (can_strike(struck.operation, effect) && !is_struck(what.plan, struck.operation.id)) {
      Case& other = cases.emplace_back(what);
      other.plan.windows.erase(other.plan.windows.begin() + static_cast<std::ptrdiff_t>(window));
      other.plan.operations.push_back(fault_on(struck.operation, effect));
    }
  };
  for (const RecordedOperation* each : slow) {
    instead(*each, faults::effect_of(faults::Kind::kDelay, rounded_up(time_of(each))));
  }
  for (const RecordedOperation* each : failed) {
    for (const faults::Kind kind : {faults::Kind::kDrop, faults::Kind::kFail,
                                    faults::Kind::kReplyLost, faults::Kind::kNotDone}) {
      instead(*each, faults::effect_of(kind, {}));
    }
  }
  return cases;
}

std::vector<Case> anchored(const Case& what, const Told& told, std::size_t window) {
  const faults::WindowFault& old = what.plan.windows[window];
  if (!old.after.empty()) {
    return {};
  }
  std::vector<Case> cases;
  for (const std::size_t event : events_between(told, sim::kStart, old.from)) {
    const RecordedOperation& anchor = told.recording.operations()[event];
    const sim::Duration gap = old.from - anchor.end;
    for (const sim::Duration wait : {sim::Duration{}, gap}) {
      faults::WindowFault& moved = cases.emplace_back(what).plan.windows[window];
      moved.after = sim::to_text(anchor.operation);
      moved.from = sim::kStart + wait;
      moved.until = old.until == sim::Instant{} ? old.until : moved.from + (old.until - old.from);
    }
  }
  return cases;
}

std::vector<Case> held(const Case& what, const Told& told, std::size_t fault) {
  const faults::OperationFault& old = what.plan.operations[fault];
  const auto place = told.recording.find(old.identity);
  if (old.effect.kind != Effect::Kind::kDelay || !place) {
    return {};
  }
  const RecordedOperation& struck = told.recording.operations()[*place];
  std::vector<Case> cases;
  for (const std::size_t event :
       events_between(told, struck.operation.at, struck.operation.at + old.effect.duration)) {
    const sim::Operation& until = told.recording.operations()[event].operation;
    if (until.id == old.identity) {
      continue;
    }
    faults::OperationFault& hold = cases.emplace_back(what).plan.operations[fault];
    hold.effect = faults::effect_of(faults::Kind::kHold, kPatience);
    hold.effect.until = until.id;
    hold.until = sim::to_text(until);
  }
  return cases;
}

std::vector<Case> moved_to_landmarks(const Case& what, const Told& told, std::size_t fault) {
  const faults::OperationFault& old = what.plan.operations[fault];
  const auto place = told.recording.find(old.identity);
  if (!place) {
    return {};
  }
  const sim::Operation& struck = told.recording.operations()[*place].operation;
  if (struck.kind != OperationKind::kStatement && struck.ordinal == 1) {
    return {};
  }
  std::vector<Case> cases;
  for (const RecordedOperation& each : told.recording.operations()) {
    const sim::Operation& other = each.operation;
    if (other.invocation.id() == struck.invocation.id() && other.ordinal == 1 &&
        other.kind != OperationKind::kStatement && other.kind != OperationKind::kTimer &&
        can_strike(other, old.effect) && !is_struck(what.plan, other.id)) {
      faults::OperationFault moved = fault_on(other, old.effect);
      moved.until = old.until;
      cases.emplace_back(what).plan.operations[fault] = std::move(moved);
    }
  }
  return cases;
}

std::vector<Case> guesses(const Case& what, const Told& told, sim::Subject subject) {
  using faults::Kind;
  const Effect kEffects[] = {faults::effect_of(Kind::kFail, {}),
                             faults::effect_of(Kind::kReplyLost, {}),
                             faults::effect_of(Kind::kDuplicate, sim::seconds(1)),
                             faults::effect_of(Kind::kCrashUnseen, sim::seconds(1)),
                             faults::effect_of(Kind::kCrashSeen, sim::seconds(1)),
                             faults::effect_of(Kind::kDelay, sim::seconds(1)),
                             faults::effect_of(Kind::kDelay, sim::seconds(5)),
                             faults::effect_of(Kind::kCrashUnseen, sim::seconds(20))};
  // First what has words, then what further statements do not move; in both the last first, as it
  // is closest to what is violated.
  const auto rank_of = [&](std::size_t i) {
    const bool statement =
        told.recording.operations()[i].operation.kind == OperationKind::kStatement;
    return !told.sentences[i].empty() ? 0 : statement ? 2 : 1;
  };
  std::vector<std::size_t> places;
  for (std::size_t i = told.recording.operations().size(); i-- > 0;) {
    if (told.recording.operations()[i].operation.invocation.subject == subject) {
      places.push_back(i);
    }
  }
  std::vector<Case> cases;
  for (int rank = 0; rank <= 2; ++rank) {
    for (const Effect& effect : kEffects) {
      for (const std::size_t place : places) {
        const sim::Operation& operation = told.recording.operations()[place].operation;
        if (rank_of(place) == rank && can_strike(operation, effect)) {
          Case& guess = cases.emplace_back(Case{what.setup, what.seed, {}});
          guess.plan.operations.push_back(fault_on(operation, effect));
        }
      }
    }
  }
  return cases;
}

}  // namespace sagasim::search
