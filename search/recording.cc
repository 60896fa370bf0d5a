#include "search/recording.h"

#include <algorithm>

#include "sim/node.h"

namespace sagasim::search {
namespace {

std::uint32_t number_of(const sim::Node& node) {
  return node.instances() > 1 ? node.instance() + 1 : 0;
}

}  // namespace

void Recording::on_begin(const sim::Operation& operation, const sim::Effect& effect) {
  if (operations_.size() >= limit_) {
    ++left_out_;
    return;
  }
  RecordedOperation recorded;
  recorded.operation = operation;
  recorded.effect = effect;
  if (operation.initiator != nullptr) {
    recorded.initiator = operation.initiator->role();
    recorded.initiator_number = number_of(*operation.initiator);
  } else {
    recorded.initiator = operation.invocation.role;
  }
  if (operation.receiver != nullptr) {
    recorded.receiver = operation.receiver->role();
    recorded.receiver_number = number_of(*operation.receiver);
  }
  recorded.operation.initiator = nullptr;
  recorded.operation.receiver = nullptr;
  index_[operation.id] = operations_.size();
  operations_.push_back(recorded);
}

void Recording::on_complete(const sim::Operation& operation, sim::Outcome outcome,
                            std::uint64_t result, sim::Instant at) {
  const auto place = index_.find(operation.id);
  if (place == index_.end()) {
    return;
  }
  RecordedOperation& recorded = operations_[place->second];
  recorded.outcome = outcome;
  recorded.result = result;
  recorded.end = at;
}

void Recording::on_cause(std::uint64_t cause, std::uint64_t effect) {
  // Causes of what did not fit are of no use, and without this their number would have no bound.
  if (left_out_ != 0 && index_.find(effect) == index_.end()) {
    return;
  }
  std::vector<std::uint64_t>& causes = causes_[effect];
  if (std::find(causes.begin(), causes.end(), cause) == causes.end()) {
    causes.push_back(cause);
  }
}

std::optional<std::size_t> Recording::find(std::uint64_t identity) const {
  const auto place = index_.find(identity);
  if (place == index_.end()) {
    return std::nullopt;
  }
  return place->second;
}

std::vector<std::uint64_t> Recording::causes_of(std::uint64_t effect) const {
  std::vector<std::uint64_t> causes;
  if (const auto place = index_.find(effect); place != index_.end()) {
    if (const std::uint64_t learnt = operations_[place->second].operation.cause; learnt != 0) {
      causes.push_back(learnt);
    }
  }
  if (const auto place = causes_.find(effect); place != causes_.end()) {
    for (const std::uint64_t cause : place->second) {
      if (std::find(causes.begin(), causes.end(), cause) == causes.end()) {
        causes.push_back(cause);
      }
    }
  }
  return causes;
}

sim::Subject story_subject(const Recording& recording, const scenarios::Violation& violation) {
  sim::Subject revealing;
  sim::Subject touched;
  sim::Subject struck;
  for (const RecordedOperation& recorded : recording.operations()) {
    const sim::Subject worker = recorded.operation.invocation.subject;
    if (worker == violation.subject && recorded.operation.kind != sim::OperationKind::kStatement) {
      return violation.subject;
    }
    if (recorded.operation.id == violation.operation) {
      revealing = worker;
    }
    if (recorded.operation.subject == violation.subject && recorded.operation.at <= violation.at &&
        !worker.none()) {
      touched = worker;
    }
    if (!recorded.effect.none() && recorded.operation.at <= violation.at && !worker.none()) {
      struck = worker;
    }
  }
  for (const sim::Subject subject : {revealing, touched, struck}) {
    if (!subject.none()) {
      return subject;
    }
  }
  return violation.subject;
}

std::vector<scenarios::Happening> happenings_of(const Recording& recording) {
  std::vector<scenarios::Happening> run;
  for (const RecordedOperation& each : recording.operations()) {
    run.push_back({&each.operation, each.initiator, each.receiver, each.outcome});
  }
  return run;
}

}  // namespace sagasim::search
