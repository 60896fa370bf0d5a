// Producer: what the library of one process remembers of the records that it sends: those that wait
// for their turn, and the batches that are under way. Part of the broker; see
// broker.h for what it models. What waits for its turn is in the process's memory and dies with it.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/broker.h"
#include "sim/event_queue.h"
#include "sim/node.h"

namespace sagasim::sim {

class Producer final : public Event, public NodeListener {
 public:
  Producer(Broker& broker, Node& node);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer() override;

  const Node& node() const { return node_; }
  // Has it sent after those before it, once it has lingered and there is room under way.
  void buffer(AppendOperation& append);
  // Whether one that the same process sent before it, to the same partition, is neither in the log
  // nor given up.
  bool overtakes(const AppendOperation& append) const;
  // It is in the log, or never will be.
  void settled();
  void remove(AppendOperation& append);

 private:
  struct Waiting {
    AppendOperation* append;
    Instant due;
  };

  void on_crash(Node& node, std::uint64_t cause) override;
  void on_resume(Node& node, std::uint64_t cause) override;
  // Looks at that time whether somebody can go on.
  void wake(Instant at);
  void go_on();
  bool has_room() const;
  // Takes the record at that place, and those that go with it, out of what waits.
  AppendOperation& take_batch(std::size_t place);

  Broker& broker_;
  Node& node_;
  std::deque<Waiting> buffered_;
  std::vector<AppendOperation*> under_way_;  // in the order in which they were sent
  Instant next_look_{};
};

}  // namespace sagasim::sim
