// Activity: one invocation being carried out on a node, from its first step to its last. It is the
// root of a tree of coroutines, counts the ordinals of its operations, and dies with its node.
//
// Context: the handle by which a coroutine reaches its own activity: its clock, its draws, its
// sleep. A Context is as narrow as a service's view of the world has to be; ports (a transaction, a
// producer, a caller) take one and act on behalf of its activity.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/event_queue.h"
#include "sim/milestones.h"
#include "sim/operation.h"
#include "sim/task.h"
#include "sim/time.h"

namespace sagasim::sim {

class World;
class Node;

// Counts equal keys. A handler asks for a dozen different things at most, and many for one, so a
// few places searched in order beat a map; what they do not hold goes to the pool, a few at a time.
class Ordinals {
 public:
  std::uint32_t next(std::uint64_t key, Pool& pool);
  void clear(Pool& pool) noexcept;

 private:
  static constexpr std::uint32_t kInline = 3;
  static constexpr std::uint32_t kMore = 8;
  struct More {
    More* next = nullptr;
    std::uint32_t used = 0;
    std::uint32_t counts[kMore];
    std::uint64_t keys[kMore];
  };
  std::uint32_t used_ = 0;
  std::uint32_t counts_[kInline];
  std::uint64_t keys_[kInline];
  More* more_ = nullptr;  // the latest first
};

// Laid out for the cache: what every operation reads and writes fills the first line, what it
// counts and copies the next two.
class Activity {
 public:
  // Made by Node::start() only.
  Activity(Node& node, const Invocation& invocation, std::uint64_t identity, std::uint64_t cause);
  Activity(const Activity&) = delete;
  Activity& operator=(const Activity&) = delete;
  ~Activity();

  Node& node() const { return node_; }
  World& world() const { return world_; }
  const Invocation& invocation() const { return invocation_; }
  std::uint64_t identity() const { return identity_; }

  // Names the next operation of this activity.
  Operation operation(OperationKind kind, Name detail, Subject subject, Node* receiver);

  // How often it has asked for the like, this time included: for what it names by itself.
  std::uint32_t next_ordinal(std::uint64_t key);

  // The operation by which this activity last learnt something; what it does next is caused by it.
  std::uint64_t cause() const { return cause_; }
  void set_cause(std::uint64_t operation) { cause_ = operation; }
  // For a trace: a name for whatever it does next, known before that is; what has an influence on
  // the activity (a wrong clock that it read, a stop, its death) is a cause of this.
  std::uint64_t next_step() const { return combine(identity_, steps_ + 1); }
  // The operation that it named last, which may still be under way.
  std::uint64_t latest() const { return latest_; }
  const Activity* next() const { return next_; }  // of the same node

 private:
  friend class Node;
  friend class Promise;

  Node& node_;
  World& world_;
  const std::uint64_t identity_;
  std::uint64_t cause_;
  std::uint64_t latest_ = 0;
  Task<> root_;
  Activity* next_ = nullptr;  // the node's list
  std::uint32_t steps_ = 0;   // operations named so far
  Ordinals ordinals_;
  const Invocation invocation_;
  Activity* previous_ = nullptr;
};

class Sleep;

class Context {
 public:
  explicit Context(Activity& activity) : activity_(&activity) {}

  const Invocation& invocation() const { return activity_->invocation(); }
  Activity& activity() const { return *activity_; }
  Pool& frame_pool() const;

  // The node's own wall clock, which may be wrong.
  Instant clock() const;
  // The number of the day on which a clock shows `reading`.
  std::uint32_t day(Instant reading) const;
  // Uniform over 2^64, keyed by this invocation and `question`.
  std::uint64_t draw(Name question) const;

  // co_await ctx.sleep(seconds(1), "backoff"): a timer, named by its reason.
  Sleep sleep(Duration duration, Name reason);
  // The same, for giving up on what should have come by then about the subject of this work: for a
  // trace, whatever is still under way about it when the timer fires is among its causes.
  Sleep timeout(Duration duration, Name reason);
  // Between nothing and `base` doubled `attempt` times but at most `cap`: exponential with full
  // jitter.
  Duration backoff(std::uint32_t attempt, Duration base, Duration cap) const;

 private:
  Activity* activity_;
};

// The awaiter of a timer. Destroying it cancels the timer.
class Sleep final : Holdable {
 public:
  Sleep(Activity& activity, Duration duration, Name reason, bool gives_up = false);
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;
  ~Sleep();

  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> awaiting) {
    waiter_ = &awaiting.promise();
    begin();
  }
  void await_resume() const noexcept {}

 private:
  struct Alarm : Event {
    explicit Alarm(Sleep& owner);
    Sleep& sleep;
  };
  void begin();
  void ring();
  void let_go_on() override;

  Activity& activity_;
  Duration duration_;
  Name reason_;
  const bool gives_up_;
  Promise* waiter_ = nullptr;
  Operation operation_;
  Effect effect_;
  Alarm alarm_;
};

}  // namespace sagasim::sim
