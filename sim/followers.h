// Followers: the replicas of one partition but its leader: how much of the leader's log they have,
// and who waits until they have more. Part of the broker; see broker.h for what it models.
#pragma once

#include <cstdint>
#include <list>

#include "sim/event_queue.h"
#include "sim/time.h"

namespace sagasim::sim {

class AppendOperation;
class Broker;

class Followers final : public Event {
 public:
  Followers(Broker& broker, std::uint32_t topic, std::uint32_t partition);
  Followers(const Followers&) = delete;
  Followers& operator=(const Followers&) = delete;
  ~Followers();

  // How many records they have, from the first of the log on.
  std::uint64_t end() const { return end_; }
  // The leader has one record more, written by that operation: they have it a while later, and none
  // before those in front of it.
  void follow(std::uint64_t operation);
  // `append` is answered once they have the last record of the leader.
  void await_last(AppendOperation& append);
  // Nobody waits for that any more.
  void forget(AppendOperation& append);
  // The log ends there from now on. Who waited for what is gone does not learn what became of it.
  void cut(std::uint64_t end);

 private:
  struct Missing {
    Instant at;  // when they have it
    std::uint64_t operation;
    AppendOperation* waiting = nullptr;
  };
  void fetch();
  void expect_next();

  Broker& broker_;
  const std::uint32_t topic_;
  const std::uint32_t partition_;
  std::uint64_t end_ = 0;
  std::list<Missing> missing_;  // of the leader's log, in its order; empty costs nothing
};

}  // namespace sagasim::sim
