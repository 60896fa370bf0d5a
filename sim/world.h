// World: one universe. It owns time, chance, memory and every node of one run, and nothing outside
// it; thousands live side by side, and one leaves nothing behind.
//
// Parts (broker, databases, external services) are built on a World by whoever assembles a system,
// who calls shut_down() before destroying them: what nodes still do may refer to them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "sim/counters.h"
#include "sim/fingerprint.h"
#include "sim/milestones.h"
#include "sim/node.h"
#include "sim/observer.h"
#include "sim/operation.h"
#include "sim/pool.h"
#include "sim/random.h"
#include "sim/scheduler.h"

namespace sagasim::sim {

// How far a message travels, and how long its sender waits. One per kind of connection.
struct Route {
  Latency request;
  Latency reply;
  Duration timeout = seconds(5);  // from the request to giving up
};

// How fast the universe is altogether, while a fault says so.
enum class Pace : std::uint8_t {
  kAsConfigured,
  kShort,       // every message takes its shortest time
  kHeavyTails,  // one in eight takes 16 to 2,048 times as long
  kPriorities,  // each invocation has a rank, and takes up to 128 times as long as the first
};

// A part that cares about connections: the broker about its members' heartbeats.
class LinkListener {
 public:
  virtual ~LinkListener() = default;
  // The link between the two, in either direction, was cut or healed.
  virtual void on_link(const Node& from, const Node& to, std::uint64_t cause) = 0;
};

class World {
 public:
  explicit World(std::uint64_t seed, std::uint64_t tie_salt = 0);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // --- building ---
  // The instances of a role are added in order, from 0. A node with a program boots when the run
  // starts; one without (the server of a part) is up at once.
  Node& add_node(Name role, std::uint32_t instance, ProcessFactory program);
  Node& add_server(Name role) { return add_node(role, 0, {}); }
  std::uint32_t instances(Name role) const;
  void set_interceptor(Interceptor* interceptor) { interceptor_ = interceptor; }
  void set_tracer(Tracer* tracer) { tracer_ = tracer; }
  Tracer* tracer() const { return tracer_; }
  void add_observer(Observer& observer) { observers_.push_back(&observer); }

  // Ends everything that is still going on, without letting it happen. Safe to call twice.
  void shut_down();

  // --- running ---
  // Boots every node that has a program. Called once, before run().
  void boot();
  // Runs until nothing is left to happen, or until the next event lies after `end`, or until more
  // than `max_steps` events ran. Returns true iff nothing is left: the universe is quiescent.
  bool run(Instant end, std::uint64_t max_steps = UINT64_MAX);
  Instant now() const { return scheduler_.now(); }
  // Calls `look` once everything that happens up to and including `at` has happened, between two
  // steps. It must change nothing. One for which the run does not get that far is not called.
  void look_at(Instant at, std::function<void()> look);

  // --- counterfactuals ---
  // From `at` on, before anything ordinary at that instant, all draws are those of another seed.
  // Draws are keyed and made when they are needed, so what was drawn before stays as it was. For
  // questions about a run; never part of one that is reproduced. Called before the run begins.
  void reseed(Instant at, std::uint64_t seed);

  // --- faults: windows and the like, public so that an injector needs nothing else ---
  // Runs `action` at `at`, before anything ordinary at that instant.
  void schedule_fault(Instant at, std::uint64_t identity, std::function<void()> action);
  void cut(const Node& from, const Node& to, std::uint64_t cause);
  void heal(const Node& from, const Node& to);
  void listen_to_links(LinkListener& listener) { link_listeners_.push_back(&listener); }
  bool connected(const Node& from, const Node& to) const {
    return links_cut_ == 0 || cut_count(from, to) == 0;
  }
  // From now on latencies are drawn so, until the next call. `salt` deals the ranks of kPriorities.
  // A message that is stretched arrives by `until`, or when it would have anyway.
  void set_pace(Pace pace, std::uint64_t salt, std::uint64_t cause, Instant until);
  // The date changes at that instant; without a call it changes after a whole day, as the universe
  // begins at midnight. Called before the run.
  void set_midnight(Instant at, std::uint64_t cause);
  std::uint64_t midnight_cause() const { return midnight_cause_; }
  // The number of the day on which a clock shows `reading`; the universe begins on day 0.
  std::uint32_t day(Instant reading) const;
  Instant midnight() const { return midnight_; }
  Milestones& milestones() { return milestones_; }
  // The window that cut the link last, cut now or healed since; 0 if none ever did.
  std::uint64_t cut_cause(const Node& from, const Node& to) const;
  // Since when without a break. Requires: !connected(from, to).
  Instant cut_since(const Node& from, const Node& to) const;

  // --- kernel services ---
  Scheduler& scheduler() { return scheduler_; }
  const Random& random() const { return random_; }
  Pool& pool() { return pool_; }
  const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }
  const std::vector<Observer*>& observers() const { return observers_; }
  Fingerprint& fingerprint() { return fingerprint_; }
  std::uint64_t operations() const { return operations_; }
  std::uint64_t crashes() const { return crashes_; }
  void count_crash() { ++crashes_; }
  // How often something durable has changed: rows, a log, a position, an external ledger. Parts
  // say so.
  std::uint64_t changes() const { return changes_; }
  void count_change() { ++changes_; }
  // Every operation under way, linked by next_in_flight(); for whoever asks what is waited for.
  const RemoteOperation* in_flight() const { return in_flight_; }
  // The ordinal of the next piece of work with this name; counts across restarts. Simulator's
  // memory, no process can see it.
  std::uint32_t next_attempt(std::uint64_t work) { return ++attempts_.at(work); }
  // How many there have been so far.
  std::uint32_t attempts(std::uint64_t work) const { return attempts_.peek(work); }
  bool traced() const { return tracer_ != nullptr; }

  // How long a message of `operation` takes; `question` tells its two ways apart.
  Duration latency(const Latency& latency, const Operation& operation, Name question) {
    if (disturbed_ == 0) [[likely]] {
      return latency.at(random_.draw(operation.id, question));
    }
    return disturbed_latency(latency, operation, question);
  }
  // For a trace: the last operation under that invocation so far, finished or not; 0: none.
  std::uint64_t latest_of(std::uint64_t invocation) const {
    const auto found = latest_of_invocation_.find(invocation);
    return found != latest_of_invocation_.end() ? found->second : 0;
  }
  // A fault that lay in wait (a window, a condition of a node) has had an effect on `effect`: noted
  // for the count of those that did something, and told to the tracer.
  void met(std::uint64_t fault, std::uint64_t effect) {
    if (fault != last_met_ && fault != 0) [[unlikely]] {
      note_met(fault);
    }
    caused(fault, effect);
  }
  // Whether it ever was reported so.
  bool has_met(std::uint64_t fault) const {
    return std::binary_search(met_.begin(), met_.end(), fault);
  }

  // For a trace: whatever is under way about `subject` caused `effect`, by not having come yet.
  void blame_pending(Subject subject, std::uint64_t effect);
  void begin_slowness() { ++disturbed_; }
  void end_slowness() { --disturbed_; }

  // Begins `operation`: stamps it, asks the interceptor, folds it. Returns false iff it must not be
  // issued because its initiator is dead or dies right now.
  bool begin(Operation& operation, Effect& effect);
  // Ends it, as its initiator learns of it. Returns false iff the initiator dies before it sees
  // that.
  bool complete(const Operation& operation, const Effect& effect, Outcome outcome,
                std::uint64_t result);
  void caused(std::uint64_t cause, std::uint64_t effect) {
    if (tracer_ != nullptr && cause != 0 && effect != 0 && cause != effect) [[unlikely]] {
      tracer_->on_cause(cause, effect);
    }
  }

 private:
  struct FaultEvent;
  struct Cut {
    std::uint32_t from;
    std::uint32_t to;
    int count;
    std::uint64_t cause;
    Instant since;
  };

  friend class RemoteOperation;
  void note_met(std::uint64_t fault);
  void trace_attempt(const Operation& operation);
  bool run_until(Instant end, std::uint64_t max_steps);
  Duration disturbed_latency(const Latency& latency, const Operation& operation, Name question);
  const Cut* find_cut(const Node& from, const Node& to) const;
  int cut_count(const Node& from, const Node& to) const;

  Pool pool_;
  Scheduler scheduler_;
  Random random_;
  Fingerprint fingerprint_;
  Interceptor* interceptor_ = nullptr;
  Tracer* tracer_ = nullptr;
  std::map<std::uint64_t, std::uint64_t> latest_of_invocation_;  // filled for a tracer alone
  std::vector<Observer*> observers_;
  Milestones milestones_;
  Pace pace_ = Pace::kAsConfigured;
  std::uint64_t pace_salt_ = 0;
  std::uint64_t pace_cause_ = 0;
  Instant pace_until_{};
  int disturbed_ = 0;  // slow nodes, and one more for an unusual pace
  Instant midnight_{};
  std::uint64_t midnight_cause_ = 0;
  std::vector<Cut> cuts_;  // every link that ever was cut
  int links_cut_ = 0;      // how many are now
  std::vector<LinkListener*> link_listeners_;
  std::vector<std::uint64_t> met_;  // sorted: what had an effect
  std::uint64_t last_met_ = 0;
  Counters attempts_;
  std::uint64_t operations_ = 0;
  std::uint64_t crashes_ = 0;
  std::uint64_t changes_ = 0;
  // Every operation under way, so that none outlives the world.
  RemoteOperation* in_flight_ = nullptr;
  struct Look {
    Instant at;
    std::function<void()> look;
  };
  std::vector<Look> looks_;  // by time, the next one last
  std::vector<std::unique_ptr<FaultEvent>> faults_;
  std::vector<std::unique_ptr<Node>> nodes_;
  struct Role {
    Name name;
    std::uint32_t instances;
  };
  std::vector<Role> roles_;  // of the nodes
};

}  // namespace sagasim::sim
