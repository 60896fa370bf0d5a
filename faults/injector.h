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
#include <string>
#include <vector>

#include "faults/listener.h"
#include "faults/plan.h"
#include "faults/profile.h"
#include "faults/windows.h"
#include "sim/random.h"
#include "sim/world.h"

namespace sagasim::faults {

class Injector : public sim::Interceptor {
 public:
  // Makes this the interceptor of `world` and schedules the windows. Called once, after all nodes
  // were added and before the run begins; the world does not outlive the injector.
  void install(sim::World& world, const InjectorTargets& targets);

  // Who is told of what strikes; null: nobody. Set before the run; it outlives the run.
  void set_listener(FaultListener* listener);

  // What struck, in the order in which it struck, and the windows that happened. Renders names: for
  // the runs that are looked at.
  Plan recorded() const;
  // How often each kind struck something, indexed by Kind. Ask after the run.
  using Counts = std::array<std::uint64_t, kKinds>;
  Counts counts() const;
  // How many windows and moments of each kind happened and made no difference to anything: nobody
  // was at work, nobody called. They are part of what is recorded all the same.
  Counts met_nothing() const;
  // The entries of an explicit plan that struck nothing, as there is no such operation, node, group
  // or topic, or nothing there for them to do: the index into its operations, or the number of its
  // operations plus the index into its windows. Ask after the run.
  virtual std::vector<std::uint32_t> not_applied() const { return {}; }
  // In words, a sentence each: those, with the reason; windows and moments that met nothing; and
  // what was waited for in vain.
  virtual std::vector<std::string> left_over() const { return {}; }

 protected:
  virtual std::vector<WindowFault> windows(const InjectorTargets& targets) = 0;
  // What a recorded plan says of windows. Even one that did nothing may have kept a run waiting.
  virtual std::vector<WindowFault> recorded_windows() const { return windows_.happened(); }
  // `until`: for a hold, the name of what it waits for.
  void record(const sim::Operation& operation, const sim::Effect& effect, std::string until = {});
  // By index into what windows() gave.
  bool happened(std::size_t window) const { return windows_.happened(window); }
  bool met_something(std::size_t window) const { return windows_.met_something(window); }
  const char* why_not(std::size_t window) const { return windows_.why_not(window); }
  sim::World& world() const { return *world_; }

 private:
  struct Strike {
    sim::Operation operation;
    sim::Effect effect;
    std::string until;
  };

  sim::World* world_ = nullptr;
  FaultListener* listener_ = nullptr;
  std::vector<Strike> strikes_;
  Counts struck_{};
  Windows windows_;
};

// Where a kind strikes, when a swarm has narrowed it: a pure function of an operation's name, so
// that an operation keeps its fate whatever else happens.
class Focus {
 public:
  Focus() = default;  // everywhere
  // What a swarm draws for `kind`; `roles` are there to choose from.
  Focus(const sim::Random& random, Kind kind, const std::vector<std::string>& roles);

  bool accepts(const sim::Operation& operation) const;
  // How much more often it strikes there, so that as much goes wrong in all.
  std::uint32_t factor() const;

 private:
  enum class What : std::uint8_t { kEverywhere, kRole, kKeys, kTopics, kBursts };
  What what_ = What::kEverywhere;
  std::uint64_t which_ = 0;  // the role's hash, or the salt of a share
};

// Chance decides, by a profile. Nothing begins at `heal_at` or later, and what begins before ends
// by then as far as its length is known when it begins: the time that an answer takes is not, so
// what strikes with the answer is not drawn close to the end.
class RandomInjector final : public Injector {
 public:
  RandomInjector(const Profile& profile, std::uint64_t seed, sim::Instant heal_at);
  sim::Effect decide(const sim::Operation& operation) override;

 private:
  // One ticket is drawn per operation; each kind that can strike it wins on a range of its own.
  struct Lottery {
    std::uint64_t winning = 0;  // tickets below this one win something
    std::array<std::uint64_t, kOperationKindsOfFault> below{};
  };
  struct Candidates;

  sim::Effect strike(const sim::Operation& operation, const Lottery& lottery, std::uint64_t ticket);
  sim::Operation repetition_of(const sim::Operation& operation) const;
  std::vector<WindowFault> windows(const InjectorTargets& targets) override;
  void fill_lotteries();
  void choose_target(std::uint64_t id, const Candidates& candidates, WindowFault& window) const;
  void choose_amount(std::uint64_t id, WindowFault& window) const;
  void place(std::uint64_t id, WindowFault& window) const;
  // How much of the time before `heal_at_` is too late for a kind to begin.
  static sim::Duration reserve_of(Kind kind);

  const bool narrows_;
  const Profile profile_;  // as drawn for this seed
  const sim::Random random_;
  const sim::Instant heal_at_;
  std::array<Focus, kOperationKindsOfFault> focus_{};
  std::array<Lottery, sim::kOperationKinds> lotteries_{};
};

// A plan decides, and chance does nothing.
class PlanInjector final : public Injector {
 public:
  // A fault whose identity is 0 is found by its name. Throws std::invalid_argument, naming the
  // entry, if a name is not one of an operation, if two faults strike one operation, if a window
  // ends before it begins, or if its amount has the wrong sign.
  explicit PlanInjector(Plan plan);
  sim::Effect decide(const sim::Operation& operation) override;
  std::vector<std::uint32_t> not_applied() const override;
  std::vector<std::string> left_over() const override;

 private:
  struct Entry {
    std::uint64_t identity;
    std::uint32_t index;  // into the plan's operations
  };

  std::vector<Entry>::const_iterator find(std::uint64_t identity) const;
  std::vector<WindowFault> windows(const InjectorTargets& targets) override;
  std::vector<WindowFault> recorded_windows() const override { return plan_.windows; }

  Plan plan_;
  std::vector<Entry> entries_;  // sorted by identity
  std::vector<bool> struck_;    // by index into the plan's operations
};

}  // namespace sagasim::faults
