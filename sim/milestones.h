// Milestones: named operations whose end something waits for: a held message, a window that begins
// with it. A run in which nothing can wait so pays one predictable branch per operation.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/counters.h"

namespace sagasim::sim {

// Whatever can be held until a milestone: an operation on its way, a timer.
class Holdable {
 public:
  // The milestone is reached: go on. Called once, from within the step that reached it.
  virtual void let_go_on() = 0;

 protected:
  ~Holdable() = default;
};

class Milestones {
 public:
  bool empty() const { return known_.empty() && !remembers_all_; }
  // From now on it is noticed when the operation of that identity ends.
  void expect(std::uint64_t operation) { at(operation); }
  // From now on every end is noticed, also of what nobody has named yet. For chance, which names an
  // operation only when something waits for it: whoever replays that knows the name from the start.
  void expect_all() { remembers_all_ = true; }
  // Calls `action` when it ends, every time that it does.
  void then(std::uint64_t operation, std::function<void()> action);
  // The operation has ended at least once since it was expected.
  bool reached(std::uint64_t operation) const;
  void hold(std::uint64_t operation, Holdable& waiting);
  // Stops waiting; nothing happens if it does not wait.
  void forget(std::uint64_t operation, const Holdable& waiting) noexcept;

  // --- kernel only ---
  void on_end(std::uint64_t operation);

 private:
  struct Milestone {
    std::uint64_t operation;
    bool reached = false;
    std::vector<Holdable*> held;
    std::vector<std::function<void()>> actions;
  };
  Milestone& at(std::uint64_t operation);
  Milestone* find(std::uint64_t operation);
  const Milestone* find(std::uint64_t operation) const;

  static constexpr std::uint64_t filter_bit(std::uint64_t operation) {
    return std::uint64_t{1} << (operation & 63);
  }

  std::vector<Milestone> known_;  // sorted by operation
  // A bit of each that is known: nearly all that ends is not, and is seen here not to be.
  std::uint64_t filter_ = 0;
  bool remembers_all_ = false;
  // If it remembers all: what has ended. Something ends all the time and hardly anybody asks, so
  // the latest are a list, which is searched, and only what is older is looked up.
  static constexpr std::uint32_t kLatest = 4096;
  std::vector<std::uint64_t> latest_ended_;
  Counters ended_;
};

}  // namespace sagasim::sim
