// Windows: makes the windows and moments of a plan happen, each by what the kernel offers for it.
// One per world; used by the injector.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "faults/listener.h"
#include "faults/plan.h"
#include "sim/world.h"

namespace sagasim::faults {

// What there is in a world, for chance to choose among and for kinds that strike all of it.
struct InjectorTargets {
  std::vector<sim::Node*> services;   // nodes with a program
  std::vector<sim::Node*> customers;  // the same, of people outside: no power cut, no upgrade
  std::vector<sim::Node*> databases;  // their servers
  std::vector<sim::Node*> brokers;
  std::vector<sim::Node*> caches;
  std::vector<sim::Node*> externals;  // servers of services outside the system
  std::vector<std::string> groups;    // of consumers
  std::vector<std::string> topics;
};

class Windows {
 public:
  // Schedules the windows, or has them wait for what they are anchored to. Called once, before the
  // run; what `world` and `targets` refer to outlives this.
  void arm(sim::World& world, const InjectorTargets& targets, std::vector<WindowFault> faults);

  // Who is told; null: nobody. It outlives this.
  void set_listener(FaultListener* listener) { listener_ = listener; }

  // The faults that happened: their node, group or topic exists, their anchor was reached, and
  // there was something for them to do. In the order of the plan.
  std::vector<WindowFault> happened() const;
  // By index into what arm() was given.
  bool happened(std::size_t index) const { return armed_[index].happened; }
  // Why one did not, in words.
  const char* why_not(std::size_t index) const;
  // Whether one that happened made a difference to anything: an outage while nobody called did not.
  bool met_something(std::size_t index) const {
    return happened(index) && world_->has_met(armed_[index].cause);
  }
  std::size_t size() const { return armed_.size(); }
  const WindowFault& fault(std::size_t index) const { return armed_[index].fault; }

 private:
  struct Armed {
    WindowFault fault;
    std::uint64_t cause = 0;
    std::vector<sim::Node*> targets;
    std::vector<sim::Node*> peers;
    bool begun = false;
    bool ended = false;
    bool happened = false;
    sim::Instant until{};  // absolute
  };

  void prepare(Armed& armed);
  void schedule(Armed& armed, sim::Instant from, sim::Instant until);
  void begin(Armed& armed);
  void end(Armed& armed);
  bool strike(Armed& armed);
  void cut(const Armed& armed, const std::vector<sim::Node*>& others, bool both_ways);
  void heal(const Armed& armed, const std::vector<sim::Node*>& others, bool both_ways);
  bool crash_again(Armed& armed);
  bool upgrade(const Armed& armed);
  bool intervene(const Armed& armed, sim::Intervention::Kind kind, sim::Duration by);
  void set_pace(std::uint64_t cause);
  std::vector<sim::Node*> others_than(const std::vector<sim::Node*>& nodes) const;
  std::vector<sim::Node*> inside() const;

  sim::World* world_ = nullptr;
  FaultListener* listener_ = nullptr;
  InjectorTargets all_;
  std::vector<Armed> armed_;
  std::vector<const Armed*> paces_;  // that are open now; the one that began last rules
};

// The nodes that a target names: all instances of "payment", or the second of "payment#2".
std::vector<sim::Node*> nodes_of(const sim::World& world, const std::string& target);

}  // namespace sagasim::faults
