#include "sim/diagnosis.h"

#include <algorithm>
#include <map>

#include "sim/network.h"
#include "sim/node.h"
#include "sim/remote_operation.h"
#include "sim/watcher.h"
#include "sim/world.h"

namespace sagasim::sim {
namespace {

// Waits are followed this far: longer than any chain of calls, and an end where there is none.
constexpr int kChain = 100;

bool absent(const Node& node) { return !node.available() || node.paused(); }

std::string name_of(const Node& node) {
  std::string name = node.role().text();
  if (node.instances() > 1) {
    name += " " + std::to_string(node.instance() + 1);
  }
  return name;
}

std::string state_of(const Node& node) {
  if (!node.up()) {
    return "is down";
  }
  return node.paused() ? "is paused" : "refuses every request";
}

// The member that a group lacks, if it has none that could work.
const Node* absent_member(const Service& service) {
  for (const Node* node : service.instances()) {
    if (!absent(*node)) {
      return nullptr;
    }
  }
  return service.instances().empty() ? nullptr : service.instances().front();
}

Invocation handling_of(const Outstanding& record, const Record& which) {
  return Invocation{.role = record.service->role(),
                    .scope = record.group,
                    .trigger = which.type,
                    .subject = which.subject,
                    .version = which.version,
                    .copy = which.copy,
                    .attempt = 0};
}

std::string times(std::uint32_t count) {
  return count == 1 ? "once" : std::to_string(count) + " times";
}

// All attempts at one piece of work alike.
Invocation without_attempt(Invocation invocation) {
  invocation.attempt = 0;
  return invocation;
}

// The number of attempts stands elsewhere in a sentence.
std::string work_text(Invocation invocation) {
  invocation.attempt = 1;
  return to_text(invocation);
}

std::string operation_text(const Operation& operation) {
  std::string text = to_text(operation.kind);
  if (!operation.detail.empty()) {
    text += std::string(":") + operation.detail.text();
  }
  return text + "(" + to_text(operation.subject) + ")";
}

}  // namespace

const char* to_text(StuckReason reason) {
  switch (reason) {
    case StuckReason::kParked:
      return "parked";
    case StuckReason::kNodeDown:
      return "node-down";
    case StuckReason::kDeadlock:
      return "deadlock";
    case StuckReason::kRetryLoop:
      return "retry-loop";
    case StuckReason::kLost:
      return "lost";
  }
  return "?";
}

Diagnosis::Diagnosis(const World& world, const Broker& broker,
                     const std::vector<const Database*>& databases, const Witness* witness)
    : world_(world), witness_(witness) {
  add_activities(world);
  add_records(broker);
  add_in_flight(world);
  for (const Database* database : databases) {
    add_rows(*database);
  }
  std::stable_sort(works_.begin(), works_.end(), [](const Work& a, const Work& b) {
    return a.subject != b.subject ? a.subject < b.subject : a.invocation.id() < b.invocation.id();
  });
}

void Diagnosis::add_activities(const World& world) {
  for (const auto& node : world.nodes()) {
    for (const Activity* activity = node->activities(); activity != nullptr;
         activity = activity->next()) {
      Work work{.subject = activity->invocation().subject, .invocation = activity->invocation()};
      work.activity = activity;
      work.absent = absent_for(*activity);
      works_.push_back(work);
    }
  }
}

// After the activities: a record waits for whatever the one that is being handled before it does.
void Diagnosis::add_records(const Broker& broker) {
  std::map<std::uint64_t, const Activity*> handlers;  // by work
  for (const Work& work : works_) {
    handlers.emplace(without_attempt(work.invocation).id(), work.activity);
  }
  for (const Outstanding& record : broker.outstanding()) {
    Work work{.subject = record.record->subject, .invocation = handling_of(record, *record.record)};
    work.record = record;
    const Invocation first = handling_of(record, *record.first);
    const auto handler = handlers.find(first.id());
    work.activity = handler == handlers.end() ? nullptr : handler->second;
    if (const Node* member = absent_member(*record.service)) {
      work.absent = member;
    } else if (absent(broker.server())) {
      work.absent = &broker.server();
    } else {
      work.absent = work.activity != nullptr ? absent_for(*work.activity) : deaf_to(first);
    }
    works_.push_back(work);
  }
  for (const DeadLetter* letter : broker.dead_letters()) {
    if (letter->parked) {
      Work work{.subject = letter->record.subject, .invocation = {}};
      work.parked = letter;
      works_.push_back(work);
    }
  }
}

// What nobody awaits: a poll repeats itself until it is answered; anything else is gone in a
// moment, unless its receiver is not there.
void Diagnosis::add_in_flight(const World& world) {
  for (const RemoteOperation* operation = world.in_flight(); operation != nullptr;
       operation = operation->next_in_flight()) {
    const Operation& asked = operation->operation();
    if (operation->activity() != nullptr || asked.duplicate != 0) {
      continue;
    }
    const bool is_stopped = absent(operation->receiver());
    if (is_stopped || asked.kind == OperationKind::kPoll) {
      Work work{.subject = asked.invocation.subject, .invocation = asked.invocation};
      work.absent = is_stopped ? &operation->receiver() : nullptr;
      works_.push_back(work);
    }
  }
}

// Rows that wait for a watcher whose node is not there to look.
void Diagnosis::add_rows(const Database& database) {
  for (const auto& table : database.tables()) {
    for (const Watcher* watcher : table->watchers()) {
      if (!absent(watcher->node()) && !absent(database.server())) {
        continue;
      }
      watcher->for_each_waiting([&](const Invocation& invocation) {
        Work work{.subject = invocation.subject, .invocation = invocation};
        work.absent = absent(watcher->node()) ? &watcher->node() : &database.server();
        works_.push_back(work);
      });
    }
  }
}

const RemoteOperation* Diagnosis::awaited_by(const Activity& activity) const {
  for (const RemoteOperation* operation = world_.in_flight(); operation != nullptr;
       operation = operation->next_in_flight()) {
    if (operation->activity() == &activity) {
      return operation;
    }
  }
  return nullptr;
}

// The node without which the activity, or one that it waits for, cannot go on.
const Node* Diagnosis::absent_for(const Activity& activity) const {
  const Activity* waiting = &activity;
  for (int i = 0; i < kChain && waiting != nullptr; ++i) {
    if (absent(waiting->node())) {
      return &waiting->node();
    }
    const RemoteOperation* awaited = awaited_by(*waiting);
    if (awaited == nullptr) {
      break;
    }
    if (absent(awaited->receiver())) {
      return &awaited->receiver();
    }
    waiting = awaited->waits_for();
  }
  return deaf_to(activity.invocation());
}

// The node that did not answer when this was tried last; between two attempts nothing is under way.
const Node* Diagnosis::deaf_to(const Invocation& invocation) const {
  const Witness::Trial* trial = witness_ == nullptr ? nullptr : witness_->find(invocation);
  const bool failed = trial != nullptr && trial->failed.id != 0;
  return failed && absent(*trial->failed.receiver) ? trial->failed.receiver : nullptr;
}

// "a waits for b, which waits for a"; empty if the waiting leads into no circle. The same circle is
// told alike from wherever it was entered.
std::string Diagnosis::circle_of(const Activity& activity) const {
  std::vector<const Activity*> chain;
  const Activity* waiting = &activity;
  while (waiting != nullptr && chain.size() < kChain) {
    const auto entered = std::find(chain.begin(), chain.end(), waiting);
    if (entered != chain.end()) {
      std::vector<std::string> names;
      for (auto each = entered; each != chain.end(); ++each) {
        names.push_back(to_text((*each)->invocation()));
      }
      std::rotate(names.begin(), std::min_element(names.begin(), names.end()), names.end());
      names.push_back(names.front());
      std::string text = names.front();
      for (std::size_t i = 1; i < names.size(); ++i) {
        text += (i == 1 ? " waits for " : ", which waits for ") + names[i];
      }
      return text;
    }
    chain.push_back(waiting);
    const RemoteOperation* awaited = awaited_by(*waiting);
    waiting = awaited == nullptr ? nullptr : awaited->waits_for();
  }
  return {};
}

std::uint32_t Diagnosis::attempts_at(const Invocation& invocation) const {
  std::uint32_t attempts =
      std::max(invocation.attempt, world_.attempts(without_attempt(invocation).id()));
  if (const Witness::Trial* trial = witness_ == nullptr ? nullptr : witness_->find(invocation)) {
    attempts = std::max(attempts, trial->attempts);
  }
  return attempts;
}

// "order/order:BalanceUsed(c1.1,1) was tried 57 times; its last failure: commit(c1.1), aborted"
std::string Diagnosis::tried(const Invocation& invocation) const {
  std::string text = work_text(invocation) + " was tried " + times(attempts_at(invocation));
  const Witness::Trial* trial = witness_ == nullptr ? nullptr : witness_->find(invocation);
  if (trial == nullptr) {
    return text;
  }
  if (trial->failed.id == 0) {
    return text + ", each time without an error and without getting any further";
  }
  return text + ", at last its " + operation_text(trial->failed) + " ended " +
         to_text(trial->outcome);
}

std::string Diagnosis::told(const Work& work) const {
  if (!work.record) {
    return tried(work.invocation);
  }
  const Record& record = *work.record->record;
  const Record& first = *work.record->first;
  if (&first == &record) {
    return tried(work.invocation);
  }
  return std::string("its ") + record.type.text() + " waits in consumer group " +
         work.record->group.text() + " behind " + first.type.text() + " of " +
         to_text(first.subject) + ": " + tried(handling_of(*work.record, first));
}

std::optional<Stuck> Diagnosis::of(Subject subject) const {
  const auto begin =
      std::lower_bound(works_.begin(), works_.end(), subject,
                       [](const Work& work, Subject wanted) { return work.subject < wanted; });
  auto end = begin;
  while (end != works_.end() && end->subject == subject) {
    ++end;
  }
  for (auto work = begin; work != end; ++work) {
    if (const DeadLetter* letter = work->parked) {
      return Stuck{StuckReason::kParked, std::string("its ") + letter->record.type.text() +
                                             " is a dead letter of consumer group " +
                                             letter->group.text() + ", given up after " +
                                             std::to_string(letter->attempts) + " attempts"};
    }
  }
  for (auto work = begin; work != end; ++work) {
    if (work->absent != nullptr) {
      return Stuck{StuckReason::kNodeDown, work_text(work->invocation) + " waits for " +
                                               name_of(*work->absent) + ", which " +
                                               state_of(*work->absent) + " to the end of the run"};
    }
  }
  for (auto work = begin; work != end; ++work) {
    std::string circle = work->activity != nullptr ? circle_of(*work->activity) : std::string();
    if (!circle.empty()) {
      return Stuck{StuckReason::kDeadlock, std::move(circle)};
    }
  }
  if (begin == end) {
    return std::nullopt;
  }
  // What is tried most often tells most.
  const auto worst = std::max_element(begin, end, [this](const Work& a, const Work& b) {
    return attempts_at(a.invocation) < attempts_at(b.invocation);
  });
  return Stuck{StuckReason::kRetryLoop, told(*worst)};
}

}  // namespace sagasim::sim
