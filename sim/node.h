// Node: one process of the simulated system, or the server of one infrastructure part.
//
// A crash takes everything volatile: the process object, its activities, what it had queued to
// send. What it asked others to do goes on. A pause stops the process and nothing else: its timers
// and messages wait, while leases and sessions elsewhere run out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/activity.h"
#include "sim/event_queue.h"
#include "sim/intervention.h"
#include "sim/name.h"
#include "sim/process.h"
#include "sim/wall_clock.h"
#include "sim/workers.h"

namespace sagasim::sim {

class RemoteOperation;
class World;

// A part that cares about the fate of nodes: the broker about its members, a database about its
// own.
class NodeListener {
 public:
  virtual ~NodeListener() = default;
  virtual void on_start(Node&, std::uint64_t /*cause*/) {}
  virtual void on_crash(Node&, std::uint64_t /*cause*/) {}
  virtual void on_pause(Node&, std::uint64_t /*cause*/) {}
  // It is down, and will be down for longer than it would have been without `cause`.
  virtual void on_start_delayed(Node&, std::uint64_t /*cause*/) {}
  virtual void on_resume(Node&, std::uint64_t /*cause*/) {}
  // Somebody does something to the part from outside. Returns true iff it is known here and had a
  // place to happen.
  virtual bool on_intervention(Node&, const Intervention&) { return false; }
};

// Makes the program of a node. Called at each start, so that nothing volatile survives a crash.
using ProcessFactory = std::function<std::unique_ptr<Process>(Node&)>;

class alignas(64) Node {
 public:
  // Made by World::add_node() only. An empty factory makes the server of a part: it has no program.
  Node(World& world, Name role, std::uint32_t instance, std::uint32_t index,
       ProcessFactory program);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  World& world() const { return world_; }
  Name role() const { return role_; }
  std::uint32_t instance() const { return instance_; }
  std::uint32_t index() const { return index_; }  // dense, in order of creation
  // How many nodes share the role.
  std::uint32_t instances() const;
  std::uint32_t incarnation() const { return incarnation_; }
  // Of the program that runs: 1, and 2 once it has been upgraded.
  std::uint32_t version() const { return version_; }
  // The next program to start is version 2, if it does not run yet.
  bool upgraded() const { return next_version_ == 2; }
  Process& process() const { return *process_; }
  // What it is working on, linked by next().
  const Activity* activities() const { return activities_; }

  bool up() const { return up_; }
  bool paused() const { return paused_; }
  // Not refusing every request, as in an outage that loses nothing.
  bool available() const { return up_ && unavailable_ == 0; }
  // Down, stopped, or refusing every request; and since when without a break. Requires: absent().
  bool absent() const { return !available() || paused_; }
  Instant absent_since() const { return absent_since_; }
  // About to crash at this very instant: it begins no more operations.
  bool silenced() const { return silenced_; }

  // Starts work: `make(Context)` gives the root task. Requires: up().
  template <class Make>
  Activity& start(const Invocation& invocation, std::uint64_t cause, Make&& make) {
    return start(invocation, invocation.id(), cause, std::forward<Make>(make));
  }
  // The same where the invocation's identity is known already.
  template <class Make>
  Activity& start(const Invocation& invocation, std::uint64_t identity, std::uint64_t cause,
                  Make&& make) {
    Activity& activity = adopt(invocation, identity, cause);
    activity.root_ = make(Context(activity));
    activity.root_.promise().start(activity, nullptr);
    return activity;
  }
  // Destroys an activity: its frames, and with them whatever they were waiting for.
  void retire(Activity& activity);

  // Queues an operation that nobody awaits; it begins right after the present step, in order.
  void queue_send(RemoteOperation& operation) { sends_.push_back(&operation); }
  void flush_sends() {
    if (!sends_.empty()) [[unlikely]] {
      issue_sends();
    }
  }

  void listen(NodeListener& listener) { listeners_.push_back(&listener); }

  // What its own clock shows now, and the faults that made it wrong.
  Instant clock() const;
  // How far its calendar is ahead of the universe's: the date changes that much earlier there. Set
  // before the run.
  Duration zone() const { return zone_; }
  void set_zone(Duration ahead) { zone_ = ahead; }
  const WallClock& wall_clock() const { return clock_; }
  // The fault that brought its present version; 0 for the first.
  std::uint64_t upgrade_cause() const { return upgrade_cause_; }
  // How much it can do at once; no limit unless set. Called before the run.
  void set_capacity(const Capacity& capacity);
  // The workers that what arrives has to go through, or null if there is no limit now.
  Workers* limited_workers() { return workers_ && workers_->limited() ? workers_.get() : nullptr; }

  // --- what faults do; `cause` is the operation or window responsible ---
  void boot(std::uint64_t cause);
  // One that is down already stays down for that long at least.
  void crash(Duration downtime, std::uint64_t cause);
  // It is down no longer on account of `cause`: starts now, unless something else keeps it down.
  void end_downtime(std::uint64_t cause);
  // Silences the node and crashes it: right after the present event, or, so that the process still
  // sees the answer that just came, once everything ready now has run.
  enum class Moment : std::uint8_t { kNow, kAfterSeeing };
  void crash_soon(Duration downtime, std::uint64_t cause, Moment moment = Moment::kNow);
  void pause(Duration duration, std::uint64_t cause);
  void begin_outage(std::uint64_t cause);
  void end_outage(std::uint64_t cause);
  // The program is stopped and started again as version 2 after `downtime`.
  void upgrade(Duration downtime, std::uint64_t cause);
  // Every message to and from this node takes up to `by` longer.
  void begin_slowness(Duration by, std::uint64_t cause);
  void end_slowness(std::uint64_t cause);
  struct Slowness {
    Duration by;
    std::uint64_t cause;
  };
  const std::vector<Slowness>& slownesses() const { return slownesses_; }
  // Each request takes a worker `by` longer; see Workers.
  void begin_load(Duration by, std::uint64_t cause);
  void end_load(std::uint64_t cause);
  void begin_clock_offset(Duration by, std::uint64_t cause);
  void begin_clock_drift(Instant until, Duration by, std::uint64_t cause);
  void end_clock_error(std::uint64_t cause);
  // Returns true iff a part of this node took it.
  bool intervene(const Intervention& intervention);

  // The last crash, restart, pause or resumption of this node, by its cause: what depends on the
  // node's state depends on that.
  std::uint64_t condition_cause() const { return condition_cause_; }

  // --- kernel only ---
  // Ends all activities and the process; nothing is reported to anybody.
  void shut_down();
  void park(Promise& promise);
  void unpark(Promise& promise) noexcept;
  void park(RemoteOperation& arrival) { parked_arrivals_.push_back(&arrival); }
  // Operations that this node is executing now: a crash breaks their connections.
  void executing(RemoteOperation& operation) { executing_.push_back(&operation); }
  void executed(RemoteOperation& operation) noexcept;

 private:
  struct Alarm : Event {
    Alarm(Node& owner, Action action) : Event(action), node(owner) {}
    Node& node;
  };

  Activity& adopt(const Invocation& invocation, std::uint64_t identity, std::uint64_t cause);
  void issue_sends();
  void resume();
  void set_condition(std::uint64_t cause);
  void note_absence();
  void restart_at(Instant at, std::uint64_t cause);

  // What every operation looks at comes first and fills one line of the cache: with thousands of
  // nodes the rest of them is not there.
  World& world_;
  const Name role_;
  const std::uint32_t instance_;
  const std::uint32_t index_;
  bool up_ = false;
  bool paused_ = false;
  bool silenced_ = false;
  int unavailable_ = 0;
  std::vector<RemoteOperation*> sends_;

  Activity* activities_ = nullptr;
  std::vector<RemoteOperation*> executing_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<Workers> workers_;  // made when there is a limit for the first time
  const ProcessFactory program_;
  Instant absent_since_{};
  std::uint32_t incarnation_ = 0;
  std::uint32_t version_ = 1;
  std::uint32_t next_version_ = 1;
  std::vector<Slowness> slownesses_;
  std::uint64_t upgrade_cause_ = 0;
  WallClock clock_;
  Duration zone_{};
  std::uint64_t condition_cause_ = 0;
  std::vector<Promise*> parked_;
  std::vector<RemoteOperation*> parked_arrivals_;
  std::vector<NodeListener*> listeners_;

  Duration downtime_{};
  Instant restart_at_{};
  std::uint64_t crash_cause_ = 0;
  Instant paused_until_{};
  Alarm crash_alarm_;
  Alarm restart_alarm_;
  Alarm resume_alarm_;
};

// "payment", or "payment#2" where the role has several: as plans, traces and reports name it.
std::string to_text(const Node& node);

}  // namespace sagasim::sim
