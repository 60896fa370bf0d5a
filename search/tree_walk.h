// TreeWalk: one thread's part of a certificate. It lives one universe at a time, lists the
// operations of a run, and goes through the sets of faults that begin alike, from where they begin
// to differ.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "scenarios/system.h"
#include "search/certify.h"
#include "search/memory.h"
#include "sim/observer.h"

namespace sagasim::search {

// What is tried, the same for all threads.
struct TreeMenu {
  TreeMenu(const scenarios::System& system, const CertifyOptions& options);

  std::vector<sim::Effect> faults[sim::kOperationKinds];
  std::vector<sim::Duration> delays;
  sim::Duration hold{};
};

// One fault of a set, at an operation of the list of the run without it and those after it.
struct Pick {
  std::size_t place = 0;  // in that list
  sim::Operation operation;
  sim::Effect effect;
  bool postpones = false;
  sim::Operation until;  // for a hold
  // A crash that stands for another one as well: the place of the operation before which that is.
  std::optional<std::size_t> stands_for;
};

// Faults by identity. Writes down the operations of a run while it is told to.
class FaultSet final : public sim::Interceptor, public sim::Tracer {
 public:
  // More operations than a run of a small workload has, whatever goes wrong.
  static constexpr std::size_t kListMax = 65'536;

  FaultSet() { list_.reserve(kListMax); }
  void push(const Pick& pick) { faults_.push_back({pick.operation.id, pick.effect}); }
  void pop() { faults_.pop_back(); }
  std::size_t size() const { return faults_.size(); }

  // From now on writes down what begins in `universe`, which has come to before `step`: after those
  // of `known`, another run's list, that began earlier and so are this one's as well.
  void listen(const scenarios::Universe& universe, const std::vector<ListedOperation>& known = {},
              std::uint64_t step = 0);
  void end_listening() { universe_ = nullptr; }
  const std::vector<ListedOperation>& list() const { return list_; }

  sim::Effect decide(const sim::Operation& operation) override;
  void on_begin(const sim::Operation&, const sim::Effect&) override {}
  void on_complete(const sim::Operation& operation, sim::Outcome outcome, std::uint64_t result,
                   sim::Instant at) override;
  void on_cause(std::uint64_t, std::uint64_t) override {}

 private:
  struct Fault {
    std::uint64_t identity;
    sim::Effect effect;
  };

  std::vector<Fault> faults_;
  const scenarios::Universe* universe_ = nullptr;  // null: nothing is written down
  // Its room is there before a universe begins: what is allocated in between belongs to that.
  std::vector<ListedOperation> list_;
};

// What came out of one branch of the tree.
struct Branch {
  CertifyCounts counts;
  std::optional<FaultyCombination> counterexample;  // the first
  std::optional<FaultyCombination> undecided;
  bool finished = false;  // to its end, or to the counterexample that ends the search
};

class TreeWalk {
 public:
  // Everything outlives it. `goes_on` is asked before each run.
  TreeWalk(const scenarios::System& system, const CertifyOptions& options, const TreeMenu& menu,
           std::function<bool(std::uint64_t combinations)> goes_on);
  ~TreeWalk();

  // The run without faults. Null if the system cannot be lived in steps. Throws if a universe of it
  // keeps something outside the memory that it was given.
  std::optional<scenarios::Judgement> live_without_faults();
  // Its operations, in the order in which they began, and what can be done to them: the branches.
  const std::vector<ListedOperation>& operations() const { return levels_[0].list; }
  std::vector<Pick> branches();

  // Every set of `size` faults that begins with `first`. Size 1 is the branch itself.
  Branch walk(const Pick& first, std::uint32_t size);

 private:
  // A set of faults on the way from the root of the tree.
  struct Level {
    std::vector<ListedOperation> list;  // of its run, from the beginning
    std::vector<std::byte> start;       // where the universe is before its last fault,
    std::uint64_t start_step = 0;       // which is before this step
    std::vector<std::byte> cursor;      // where it is before the operations that are struck now,
    std::uint64_t cursor_step = 0;      // which begin in this step
  };

  bool begin();
  void restore(const std::vector<std::byte>& snapshot);
  void live_to(std::uint64_t steps);
  scenarios::Judgement live_to_the_end();
  void check_memory(const scenarios::Judgement& expected);
  void list_operations(std::size_t depth);
  void expand(std::size_t depth, std::uint32_t size);
  bool strike(std::size_t depth, std::uint32_t size, const Pick& pick, bool& dirty);
  bool run_leaf();
  // For how many sets the first `depth` faults of the path stand, where `next` is the place of the
  // fault after them.
  std::uint64_t sets(std::size_t depth, std::size_t next) const;
  std::vector<Pick> picks_at(const std::vector<ListedOperation>& list, std::size_t place,
                             std::size_t last) const;
  faults::Plan plan() const;

  const scenarios::System& system_;
  const CertifyOptions& options_;
  const TreeMenu& menu_;
  const std::function<bool(std::uint64_t)> goes_on_;
  std::unique_ptr<Memory> memory_;
  FaultSet faults_;
  scenarios::Universe* universe_ = nullptr;     // lives in memory_, if there is one
  std::unique_ptr<scenarios::Universe> owned_;  // otherwise here
  std::vector<std::byte> unborn_;               // before anything happened
  std::vector<Level> levels_;                   // by number of faults
  std::vector<Pick> path_;
  Branch branch_;
};

}  // namespace sagasim::search
