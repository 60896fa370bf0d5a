#include "reports/mermaid.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "sim/operation.h"

namespace sagasim::reports {
namespace {

using search::RecordedOperation;

bool is_about(const RecordedOperation& recorded, sim::Subject subject) {
  return recorded.operation.subject == subject || recorded.operation.invocation.subject == subject;
}

// What the reader of a sequence wants to see; the rest only where a fault struck it.
bool is_arrow(const RecordedOperation& recorded) {
  switch (recorded.operation.kind) {
    case sim::OperationKind::kSend:
    case sim::OperationKind::kCall:
    case sim::OperationKind::kCommit:
    case sim::OperationKind::kAppend:
    case sim::OperationKind::kDelivery:
    case sim::OperationKind::kRequest:
    case sim::OperationKind::kCommand:
      return true;
    case sim::OperationKind::kStatement:
    case sim::OperationKind::kPoll:
    case sim::OperationKind::kOffsetCommit:
    case sim::OperationKind::kTimer:
      return false;
  }
  return false;
}

std::vector<std::size_t> steps_of(const search::Recording& recording, sim::Subject subject) {
  std::vector<std::size_t> steps;
  const auto& operations = recording.operations();
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const bool shown = is_arrow(operations[i]) || !operations[i].effect.none();
    if (shown && is_about(operations[i], subject)) {
      steps.push_back(i);
    }
  }
  return steps;
}

// Keeps the steps nearest to a fault or to the last step before `until`.
std::vector<std::size_t> nearest(const search::Recording& recording,
                                 const std::vector<std::size_t>& steps, sim::Instant until) {
  if (steps.size() <= kDiagramSteps) {
    return steps;
  }
  const auto& operations = recording.operations();
  std::size_t last = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    last = operations[steps[i]].operation.at <= until ? i : last;
  }
  // Distances from both sides, in two passes.
  std::vector<std::size_t> distances(steps.size(), steps.size());
  std::size_t distance = steps.size();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool marks = i == last || !operations[steps[i]].effect.none();
    distance = marks ? 0 : distance + 1;
    distances[i] = distance;
  }
  distance = steps.size();
  for (std::size_t i = steps.size(); i-- > 0;) {
    distance = distances[i] == 0 ? 0 : distance + 1;
    distances[i] = std::min(distances[i], distance);
  }
  std::set<std::pair<std::size_t, std::size_t>> ranked;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    ranked.emplace(distances[i], i);
  }
  std::set<std::size_t> kept;
  for (const auto& [rank, place] : ranked) {
    if (kept.size() < kDiagramSteps) {
      kept.insert(place);
    }
  }
  std::vector<std::size_t> result;
  for (const std::size_t place : kept) {
    result.push_back(steps[place]);
  }
  return result;
}

// Short names for roles, because a role may hold characters that the grammar gives a meaning.
class Participants {
 public:
  void add(sim::Name role) {
    if (!role.empty() && std::find(roles_.begin(), roles_.end(), role) == roles_.end()) {
      roles_.push_back(role);
    }
  }
  std::string id(sim::Name role) const {
    const auto place = std::find(roles_.begin(), roles_.end(), role);
    return "P" + std::to_string(place - roles_.begin() + 1);
  }
  void write(std::ostream& out) const {
    for (const sim::Name role : roles_) {
      out << "  participant " << id(role) << " as " << mermaid_label(role.text()) << "\n";
    }
  }

 private:
  std::vector<sim::Name> roles_;
};

std::string label_of(const RecordedOperation& recorded) {
  const sim::Operation& operation = recorded.operation;
  std::string label = sim::to_text(operation.kind);
  // What is delivered is named by the work that it triggers.
  const bool is_delivery = operation.kind == sim::OperationKind::kDelivery;
  const sim::Name detail = is_delivery ? operation.invocation.trigger : operation.detail;
  if (!detail.empty()) {
    label += std::string(" ") + detail.text();
  }
  if (!operation.subject.none()) {
    label += " " + sim::to_text(operation.subject);
  }
  if (operation.invocation.attempt > 1) {
    label += ", attempt " + std::to_string(operation.invocation.attempt);
  }
  if (!recorded.outcome) {
    label += ", never answered";
  } else if (*recorded.outcome != sim::Outcome::kOk) {
    label += std::string(", ") + sim::to_text(*recorded.outcome);
  }
  return label + " (" + text_of(operation.at) + ")";
}

void write_step(std::ostream& out, const search::Recording& recording,
                const RecordedOperation& recorded, const Participants& participants) {
  const std::string from = participants.id(recorded.initiator);
  const std::string to = recorded.receiver.empty() ? from : participants.id(recorded.receiver);
  const bool arrives = recorded.effect.kind != sim::Effect::Kind::kDrop &&
                       recorded.effect.kind != sim::Effect::Kind::kFail;
  out << "  " << from << (arrives ? "->>" : "-x") << to << ": " << mermaid_label(label_of(recorded))
      << "\n";
  if (!recorded.effect.none()) {
    const bool at_receiver = recorded.effect.kind == sim::Effect::Kind::kCrash &&
                             recorded.effect.side == sim::Side::kReceiver;
    out << "  Note over " << (at_receiver ? to : from) << ": FAULT "
        << mermaid_label(text_of_effect(recording, recorded)) << "\n";
  }
}

}  // namespace

void write_mermaid(std::ostream& out, const search::Recording& recording, sim::Subject subject,
                   const scenarios::Violation* violation) {
  const auto& operations = recording.operations();
  const std::vector<std::size_t> all = steps_of(recording, subject);
  const std::vector<std::size_t> steps =
      nearest(recording, all, violation != nullptr ? violation->at : sim::kNever);

  Participants participants;
  for (const std::size_t step : steps) {
    participants.add(operations[step].initiator);
    participants.add(operations[step].receiver);
  }
  const sim::Name nowhere("nothing happened");
  if (steps.empty()) {
    participants.add(nowhere);
  }

  out << "sequenceDiagram\n";
  out << "  %% " << mermaid_label(sim::to_text(subject)) << ": " << all.size() << " steps, "
      << all.size() - steps.size() << " left out\n";
  participants.write(out);
  const sim::Name first = steps.empty() ? nowhere : operations[steps.front()].initiator;
  const auto note = [&](const std::string& text) {
    out << "  Note over " << participants.id(first) << ": " << mermaid_label(text) << "\n";
  };
  bool told = violation == nullptr;
  std::size_t next = 0;  // in `all`
  for (const std::size_t step : steps) {
    if (!told && operations[step].operation.at > violation->at) {
      told = true;
      note("VIOLATION " + violation->property + " at " + text_of(violation->at) + ", " +
           violation->message);
    }
    std::size_t skipped = 0;
    while (all[next] != step) {
      ++next;
      ++skipped;
    }
    ++next;
    if (skipped > 0) {
      note(plural(skipped, "step") + " left out");
    }
    write_step(out, recording, operations[step], participants);
  }
  if (next < all.size()) {
    note(plural(all.size() - next, "step") + " left out");
  }
  if (!told) {
    note("VIOLATION " + violation->property + " at " + text_of(violation->at) + ", " +
         violation->message);
  }
}

std::string mermaid_label(std::string_view text) {
  std::string label = printable(text);
  for (char& c : label) {
    if (c == ';' || c == ':' || c == '#' || c == '<' || c == '>' || c == '%') {
      c = ' ';
    }
  }
  return label;
}

}  // namespace sagasim::reports
