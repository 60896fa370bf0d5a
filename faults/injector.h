// Injector: makes a run's faults happen, as chance will have it or as a plan says. Works through
// the kernel's Interceptor and the windows that World offers, and through nothing else.
//
// What becomes of an operation is a hash of (seed, identity, question): an identity has the same
// fate under one profile and seed whatever else happens in the run, and a fault that a plan leaves
// out changes no other. Whatever strikes is recorded; a run under its own recorded plan has the
// same fingerprint.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "faults/plan.h"
#include "faults/profile.h"
#include "sim/random.h"
#include "sim/world.h"

namespace sagasim::faults {

// The nodes among which chance picks the targets of its windows; every instance of a role is hit
// alike, so that it does not matter which one carries an operation.
struct InjectorTargets {
  std::vector<sim::Node*> services;   // nodes with a program
  std::vector<sim::Node*> servers;    // of databases, of the broker
  std::vector<sim::Node*> externals;  // of services outside the system
};

class Injector : public sim::Interceptor {
 public:
  // Makes this the interceptor of `world` and schedules the windows. Called once, after all nodes
  // were added and before the run begins; the world does not outlive the injector.
  void install(sim::World& world, const InjectorTargets& targets);

  // What struck, in the order in which it struck, and every window. Renders names: for the runs
  // that are looked at.
  Plan recorded() const;
  // How often each kind struck, indexed by Kind. A window counts when it begins.
  const std::array<std::uint64_t, kKinds>& counts() const { return counts_; }
  // The entries of an explicit plan that struck nothing: the index into its operations, or the
  // number of its operations plus the index into its windows. Ask after the run.
  virtual std::vector<std::uint32_t> not_applied() const { return {}; }

 protected:
  virtual std::vector<WindowFault> windows(const InjectorTargets& targets) = 0;
  void record(const sim::Operation& operation, const sim::Effect& effect);
  // By index into what windows() gave: whether it began, at nodes that exist.
  bool began(std::size_t window) const { return armed_[window].began; }

 private:
  struct Strike {
    sim::Operation operation;
    sim::Effect effect;
  };
  struct Armed {
    WindowFault fault;
    std::vector<sim::Node*> targets;
    std::vector<sim::Node*> peers;
    bool began = false;
  };

  void begin(Armed& armed);
  void end(const Armed& armed);

  sim::World* world_ = nullptr;
  std::vector<Strike> strikes_;
  std::vector<Armed> armed_;
  std::array<std::uint64_t, kKinds> counts_{};
};

// Chance decides, by a profile. Nothing begins at `heal_at` or later, and what begins before ends
// by then as far as its length is known when it begins: the time that an answer takes is not, so
// what strikes with the answer is not drawn close to the end.
class RandomInjector final : public Injector {
 public:
  RandomInjector(const Profile& profile, std::uint64_t seed, sim::Instant heal_at);
  sim::Effect decide(const sim::Operation& operation) override;

 private:
  static constexpr int kOperationFaults = static_cast<int>(Kind::kPause) + 1;
  // One ticket is drawn per operation; each kind that can strike it wins on a range of its own.
  struct Lottery {
    std::uint64_t winning = 0;  // tickets below this one win something
    std::array<std::uint64_t, kOperationFaults> below{};
  };

  sim::Effect strike(const sim::Operation& operation, const Lottery& lottery, std::uint64_t ticket);
  struct Roles;
  std::vector<WindowFault> windows(const InjectorTargets& targets) override;
  WindowFault outage_at(std::uint64_t id, const Roles& roles) const;
  WindowFault partition_of(std::uint64_t id, const Roles& roles, Kind kind) const;
  void place(std::uint64_t id, WindowFault& window) const;

  const Profile profile_;  // as drawn for this seed
  const sim::Random random_;
  const sim::Instant heal_at_;
  std::array<Lottery, sim::kOperationKinds> lotteries_{};
};

// A plan decides, and chance does nothing.
class PlanInjector final : public Injector {
 public:
  // A fault whose identity is 0 is found by its name. Throws std::invalid_argument, naming the
  // entry, if a name is not one of an operation, if two faults strike one operation, or if a window
  // ends before it begins.
  explicit PlanInjector(Plan plan);
  sim::Effect decide(const sim::Operation& operation) override;
  std::vector<std::uint32_t> not_applied() const override;

 private:
  struct Entry {
    std::uint64_t identity;
    std::uint32_t index;  // into the plan's operations
  };

  std::vector<Entry>::const_iterator find(std::uint64_t identity) const;
  std::vector<WindowFault> windows(const InjectorTargets& targets) override;

  Plan plan_;
  std::vector<Entry> entries_;  // sorted by identity
  std::vector<bool> struck_;    // by index into the plan's operations
};

}  // namespace sagasim::faults
