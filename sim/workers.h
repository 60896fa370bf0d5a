// Workers: how much a node can do at once. A fixed number of workers serve what arrives, each for a
// service time; what finds none free waits in a queue, and what finds the queue full is refused.
// Nobody tells the queue that an initiator has given up, so work is done for nothing, and retries
// can keep a server busy long after the cause of its trouble is gone (a metastable failure: Bronson
// and others, HotOS 2021).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/event_queue.h"
#include "sim/random.h"
#include "sim/time.h"

namespace sagasim::sim {

class Node;
class RemoteOperation;

struct Capacity {
  std::uint32_t workers = 0;  // 0: as many as are needed, and no time is spent
  std::uint32_t queue = 100;  // how many may wait
  Latency service;            // how long a worker is busy with one request
};

class Workers {
 public:
  Workers(Node& node, const Capacity& capacity);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();

  // Whether what arrives has to be taken in here at all.
  bool limited() const { return capacity_.workers != 0 || !loads_.empty(); }
  // Takes in an operation that has arrived; serves it when its turn has come and its time is spent.
  // Returns false iff the queue is full. Requires: limited().
  bool admit(RemoteOperation& operation);
  // The node has crashed: nobody waits and nobody works.
  void clear() noexcept;

  // From now on each request takes `by` longer; a node without a limit has one worker and a queue
  // of the default length meanwhile. Until end_load() with the same cause.
  void begin_load(Duration by, std::uint64_t cause);
  void end_load(std::uint64_t cause);
  std::uint64_t cause() const { return loads_.empty() ? 0 : loads_.back().cause; }

 private:
  struct Worker : Event {
    explicit Worker(Workers& owner);
    Workers& workers;
    RemoteOperation* operation = nullptr;
  };
  struct Load {
    Duration by;
    std::uint64_t cause;
  };

  void begin(Worker& worker, RemoteOperation& operation);
  void finish(Worker& worker);
  std::uint32_t staff() const { return capacity_.workers == 0 ? 1 : capacity_.workers; }

  Node& node_;
  const Capacity capacity_;
  std::vector<Load> loads_;
  std::vector<std::unique_ptr<Worker>> workers_;  // hired as they are needed
  std::deque<RemoteOperation*> queue_;
};

}  // namespace sagasim::sim
