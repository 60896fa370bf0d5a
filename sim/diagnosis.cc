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

std::string state_of(const Node& node) {
  if (!node.up()) {
    return "is down";
  }
  return node.paused() ? "is paused" : "refuses every request";
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
      work.obstacle = before(*activity);
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
    work.obstacle = away(broker.server());
    if (!work.obstacle) {
      work.obstacle = without_members(*record.service, broker.server());
    }
    if (!work.obstacle) {
      work.obstacle = work.activity != nullptr ? before(*work.activity) : at_last_attempt(first);
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
    const Obstacle obstacle = on_the_way_of(asked);
    if (obstacle || asked.kind == OperationKind::kPoll) {
      Work work{.subject = asked.invocation.subject, .invocation = asked.invocation};
      work.obstacle = obstacle;
      works_.push_back(work);
    }
  }
}

// Rows that wait for a watcher that cannot look.
void Diagnosis::add_rows(const Database& database) {
  for (const auto& table : database.tables()) {
    for (const Watcher* watcher : table->watchers()) {
      Obstacle obstacle = away(watcher->node());
      if (!obstacle) {
        obstacle = between(watcher->node(), database.server());
      }
      if (!obstacle) {
        continue;
      }
      watcher->for_each_waiting([&](const Invocation& invocation) {
        Work work{.subject = invocation.subject, .invocation = invocation};
        work.obstacle = obstacle;
        works_.push_back(work);
      });
    }
  }
}

Diagnosis::Obstacle Diagnosis::away(const Node& node) const {
  return node.absent() ? Obstacle{&node, nullptr, node.absent_since()} : Obstacle{};
}

// `from` is there and wants something of `to`, and an answer.
Diagnosis::Obstacle Diagnosis::between(const Node& from, const Node& to) const {
  if (const Obstacle obstacle = away(to)) {
    return obstacle;
  }
  if (!world_.connected(from, to)) {
    return {&to, &from, world_.cut_since(from, to)};
  }
  return world_.connected(to, from) ? Obstacle{} : Obstacle{&to, &from, world_.cut_since(to, from)};
}

Diagnosis::Obstacle Diagnosis::on_the_way_of(const Operation& operation) const {
  return operation.receiver == nullptr ? Obstacle{}
                                       : between(*operation.initiator, *operation.receiver);
}

// The first member, if the group has none that could work and that the broker hears.
Diagnosis::Obstacle Diagnosis::without_members(const Service& service, const Node& broker) const {
  Obstacle first;
  Instant since{};
  for (const Node* node : service.instances()) {
    Obstacle obstacle = away(*node);
    if (!obstacle) {
      obstacle = between(*node, broker);
    }
    if (!obstacle) {
      return {};
    }
    since = std::max(since, obstacle.since);
    first = first ? first : obstacle;
  }
  first.since = since;
  return first;
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

// What keeps the activity, or one that it waits for, from going on.
Diagnosis::Obstacle Diagnosis::before(const Activity& activity) const {
  const Activity* waiting = &activity;
  for (int i = 0; i < kChain && waiting != nullptr; ++i) {
    if (const Obstacle obstacle = away(waiting->node())) {
      return obstacle;
    }
    const RemoteOperation* awaited = awaited_by(*waiting);
    if (awaited == nullptr) {
      break;
    }
    if (const Obstacle obstacle = on_the_way_of(awaited->operation())) {
      return obstacle;
    }
    waiting = awaited->waits_for();
  }
  return at_last_attempt(activity.invocation());
}

// Between two attempts nothing is under way; what stood in the way of the last one tells.
Diagnosis::Obstacle Diagnosis::at_last_attempt(const Invocation& invocation) const {
  const Witness::Trial* trial = witness_ == nullptr ? nullptr : witness_->find(invocation);
  const bool failed = trial != nullptr && trial->failed.id != 0;
  return failed ? on_the_way_of(trial->failed) : Obstacle{};
}

// "a waits for b, which waits for a"; nothing if the waiting leads into no circle. The same circle
// is told alike from wherever it was entered.
std::optional<Stuck> Diagnosis::circle_of(const Activity& activity) const {
  std::vector<const Activity*> chain;
  const Activity* waiting = &activity;
  while (waiting != nullptr && chain.size() < kChain) {
    const auto entered = std::find(chain.begin(), chain.end(), waiting);
    if (entered != chain.end()) {
      std::vector<std::string> names;
      Instant closed{};
      for (auto each = entered; each != chain.end(); ++each) {
        names.push_back(to_text((*each)->invocation()));
        closed = std::max(closed, awaited_by(**each)->operation().at);
      }
      std::rotate(names.begin(), std::min_element(names.begin(), names.end()), names.end());
      names.push_back(names.front());
      std::string text = names.front();
      for (std::size_t i = 1; i < names.size(); ++i) {
        text += (i == 1 ? " waits for " : ", which waits for ") + names[i];
      }
      return Stuck{StuckReason::kDeadlock, std::move(text), closed};
    }
    chain.push_back(waiting);
    const RemoteOperation* awaited = awaited_by(*waiting);
    waiting = awaited == nullptr ? nullptr : awaited->waits_for();
  }
  return std::nullopt;
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
      return Stuck{StuckReason::kParked,
                   std::string("its ") + letter->record.type.text() +
                       " is a dead letter of consumer group " + letter->group.text() +
                       ", given up after " + std::to_string(letter->attempts) + " attempts",
                   {}};
    }
  }
  const Work* blocked = nullptr;  // for the longest time
  for (auto work = begin; work != end; ++work) {
    if (work->obstacle && (blocked == nullptr || work->obstacle.since < blocked->obstacle.since)) {
      blocked = &*work;
    }
  }
  if (blocked != nullptr) {
    const Obstacle& obstacle = blocked->obstacle;
    const Node& node = *obstacle.node;
    const std::string state =
        obstacle.from == nullptr ? state_of(node) : "is cut off from " + to_text(*obstacle.from);
    return Stuck{StuckReason::kNodeDown,
                 work_text(blocked->invocation) + " waits for " + to_text(node) + ", which " +
                     state + " to the end of the run",
                 obstacle.since};
  }
  for (auto work = begin; work != end; ++work) {
    std::optional<Stuck> circle =
        work->activity != nullptr ? circle_of(*work->activity) : std::nullopt;
    if (circle) {
      return circle;
    }
  }
  if (begin == end) {
    return std::nullopt;
  }
  // What is tried most often tells most.
  const auto worst = std::max_element(begin, end, [this](const Work& a, const Work& b) {
    return attempts_at(a.invocation) < attempts_at(b.invocation);
  });
  return Stuck{StuckReason::kRetryLoop, told(*worst), {}};
}

}  // namespace sagasim::sim
