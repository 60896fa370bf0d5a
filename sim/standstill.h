// Standstill: tells when a universe can change no more although events still fire: what retries
// for ever, what polls, what waits for what will never be.
//
// A round is over when every event that was pending at its beginning has run or been cancelled. So
// a long sleep, a distant deadline, a node that restarts late or a fault still to come hold a round
// open, and with it the judgement. When fifty rounds have gone by and nothing durable has changed,
// everything that could happen has happened fifty times, in vain each time.
//
// It looks between steps and changes nothing: a run in pieces is the same run.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "sim/observer.h"
#include "sim/operation.h"
#include "sim/time.h"

namespace sagasim::sim {

class World;

// Witness: what is being tried while nothing changes, and how it ends. Passes on everything to the
// tracer that was there before.
class Witness final : public Tracer {
 public:
  // One piece of work and all its attempts.
  struct Trial {
    Invocation invocation;       // of the latest attempt seen
    std::uint32_t attempts = 0;  // so far, counted from its beginning
    Operation failed;            // the latest of its operations that did not end well; id 0: none
    Outcome outcome = Outcome::kOk;  // of that one
  };

  explicit Witness(Tracer* next) : next_(next) {}
  // Null if nothing that belongs to this work has ended meanwhile.
  const Trial* find(const Invocation& invocation) const;

  void on_begin(const Operation& operation, const Effect& effect) override;
  void on_complete(const Operation& operation, Outcome outcome, std::uint64_t result,
                   Instant at) override;
  void on_cause(std::uint64_t cause, std::uint64_t effect) override;

 private:
  friend class Standstill;
  Tracer* next_;
  std::map<std::uint64_t, Trial> trials_;  // by the work's name, whichever attempt
};

// How a run ended.
enum class Ending : std::uint8_t {
  kQuiescent,  // nothing is left that could happen
  kStuck,      // events still fire, but nothing durable can change any more
  kUndecided,  // it ran out of virtual time or of steps before either
};

class Standstill {
 public:
  static constexpr std::uint32_t kRounds = 50;
  // No round counts as shorter than this: a chain of quick steps that has changed nothing yet, as
  // the look-ups before an order is created, is one round and not one for each step.
  static constexpr Duration kRoundMin = seconds(10);
  // The shortest time in which a run can be found stuck.
  static constexpr Duration kPatience = kRoundMin * kRounds;

  explicit Standstill(World& world) : world_(world), witness_(nullptr) {}
  Standstill(const Standstill&) = delete;
  Standstill& operator=(const Standstill&) = delete;
  ~Standstill() { stop_watching(); }

  // World::run(limit, max_steps) that ends earlier if the world is stuck. It begins to look at
  // `calm_from`, when no more faults are to come. Called again, it goes on: in pieces of so many
  // steps it looks at the same moments as in one.
  Ending run(Instant calm_from, Instant limit, std::uint64_t max_steps = UINT64_MAX);

  // What was tried in vain towards the end of the run.
  const Witness& witness() const { return witness_; }

 private:
  // So many looks without a change, and it begins to write down what is tried: most runs never get
  // there, and a look costs next to nothing.
  static constexpr std::uint32_t kLooksBeforeWitness = 10;

  bool look();
  void stop_watching();

  World& world_;
  Witness witness_;
  bool watching_ = false;
  bool looked_ = false;
  std::optional<Instant> next_look_;
  std::uint64_t changes_ = 0;
  std::uint32_t looks_ = 0;
  std::uint32_t rounds_ = 0;
};

}  // namespace sagasim::sim
