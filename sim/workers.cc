#include "sim/workers.h"

#include <algorithm>

#include "sim/node.h"
#include "sim/remote_operation.h"
#include "sim/world.h"

namespace sagasim::sim {

Workers::Worker::Worker(Workers& owner)
    : Event([](Event& event) {
        auto& worker = static_cast<Worker&>(event);
        worker.workers.finish(worker);
      }),
      workers(owner) {}

Workers::Workers(Node& node, const Capacity& capacity) : node_(node), capacity_(capacity) {}

Workers::~Workers() { clear(); }

bool Workers::admit(RemoteOperation& operation) {
  for (const auto& worker : workers_) {
    if (worker->operation == nullptr) {
      begin(*worker, operation);
      return true;
    }
  }
  if (workers_.size() < staff()) {
    workers_.push_back(std::make_unique<Worker>(*this));
    begin(*workers_.back(), operation);
    return true;
  }
  // What it waits for, or is refused for, is the one before it.
  const RemoteOperation& ahead = queue_.empty() ? *workers_.front()->operation : *queue_.back();
  node_.world().caused(ahead.operation().id, operation.operation().id);
  if (queue_.size() >= capacity_.queue) {
    return false;
  }
  queue_.push_back(&operation);
  return true;
}

void Workers::begin(Worker& worker, RemoteOperation& operation) {
  World& world = node_.world();
  worker.operation = &operation;
  const std::uint64_t id = operation.operation().id;
  Duration busy = capacity_.service.at(world.random().draw(id, "service"));
  for (const Load& load : loads_) {
    busy += load.by;
    world.met(load.cause, id);
  }
  world.scheduler().at(world.now() + busy, id, worker);
}

void Workers::finish(Worker& worker) {
  RemoteOperation& operation = *worker.operation;
  worker.operation = nullptr;
  if (!queue_.empty()) {
    RemoteOperation& next = *queue_.front();
    queue_.pop_front();
    node_.world().caused(operation.operation().id, next.operation().id);
    begin(worker, next);
  }
  operation.serve();
}

void Workers::clear() noexcept {
  queue_.clear();
  for (const auto& worker : workers_) {
    node_.world().scheduler().cancel(*worker);
    worker->operation = nullptr;
  }
}

void Workers::begin_load(Duration by, std::uint64_t cause) { loads_.push_back(Load{by, cause}); }

void Workers::end_load(std::uint64_t cause) {
  std::erase_if(loads_, [cause](const Load& load) { return load.cause == cause; });
}

}  // namespace sagasim::sim
