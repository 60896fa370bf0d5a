// Certify: every combination of a few faults over a small workload, each in a universe of its own:
// either none of them breaks anything, or here is the smallest that does.
//
// It walks a tree. A run gives a list of its operations; a child adds one fault at an operation
// that began after the one struck last. So each set of faults comes up once, and what a fault
// brings about (a retry, a redelivery, a recovery) can be struck as well. Postponements change only
// when something happens, and are counted apart.
//
// The search goes by size, so the counterexample that it finds is one with the fewest faults, and
// among those the first in the order of the tree. The answer is the same for any number of threads.
//
// Pruned is by equal states alone, and only where that is certain without a digest of the whole
// universe: a process that dies once it has seen the answer to one operation, and a process that
// dies before it issues the next one, leave the same universe, if it issues that in the very step
// in which the answer came and nothing else before it. The process is gone either way, with all
// that it knew; nothing has left it in between; it dies at the same instant and returns at the same
// one. So the second is not tried, nor anything after it: what follows from it is among what
// follows from the first. How many combinations that stands for is counted, not estimated.
//
// Not pruned: by independence. Properties compare what all parts hold in the end, so nearly all
// that two faults of one piece of work touch is read together after all; and states that become
// equal elsewhere are rare, as time is part of a state.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faults/kind.h"
#include "faults/menu.h"
#include "faults/plan.h"
#include "scenarios/system.h"
#include "search/memory.h"
#include "sim/operation.h"

namespace sagasim::search {

// Sums over combinations. One is a set of faults, the empty one too.
struct CertifyCounts {
  std::uint64_t combinations = 0;  // runs + pruned
  std::uint64_t runs = 0;          // one for each set that was run to its end
  std::uint64_t pruned = 0;        // sets known to come to the same as one that was run
  std::uint64_t inconclusive = 0;  // combinations whose run was given up
  // Combinations by what they came to: a signature, or "" for none.
  std::map<std::string, std::uint64_t> outcomes;
  std::uint64_t operations_max = 0;  // of one run
};

// Whether every combination was run or pruned, came to something, and was decided or not.
bool adds_up(const CertifyCounts& counts);

// How far a search is, to go on from there: everything of fewer faults, and the first branches of
// the present size.
struct CertifyState {
  std::uint64_t fingerprint = 0;  // of the run without faults: tells whether it is the same search
  std::uint32_t size = 1;         // of the sets that come next
  std::uint64_t branches = 0;     // of that size that are done
  CertifyCounts counts;
};

struct CertifyProgress {
  std::uint32_t size = 0;            // of the sets that are tried
  std::uint64_t branches = 0;        // done
  std::uint64_t branches_total = 0;  // of this size
  std::uint64_t combinations = 0;    // so far, of all sizes
  double seconds = 0;                // since the start
  double seconds_limit = 0;          // 0: none
};

// An operation of a run, as the walk sees it.
struct ListedOperation {
  sim::Operation operation;             // its nodes are gone
  std::uint64_t initiator = 0;          // tells nodes apart
  std::uint64_t step = 0;               // in which it began; 0: when the processes started
  std::uint64_t ended_in = UINT64_MAX;  // the step in which its initiator learnt of its end
};

// Says whether a crash once the answer to `learnt` is seen and one before `next` is issued are the
// same: the index of `learnt`, or nothing. `list` is in the order in which they began.
using SameCrash = std::function<std::optional<std::size_t>(const std::vector<ListedOperation>& list,
                                                           std::size_t next)>;
std::optional<std::size_t> same_crash(const std::vector<ListedOperation>& list, std::size_t next);

struct CertifyOptions {
  std::uint64_t seed = 0;
  std::uint32_t max_faults = 1;
  std::uint32_t max_postponements = 0;
  bool brute_force = false;  // no pruning, and every run from the beginning: to check the rest
  bool all = false;          // does not end with the first counterexample, but counts them
  // Which faults are tried on which operations; null: all that can strike. Requires: crash-before
  // is iff crash-seen is, as the one stands for the other.
  std::function<bool(sim::OperationKind, faults::Kind)> tries{};
  unsigned jobs = 1;                        // threads, at least 1
  double seconds = 0;                       // no run begins later than this; 0: no limit
  const std::atomic<bool>* stop = nullptr;  // no run begins once it is true
  // The wall clock, from anywhere. Null: `seconds` is no limit, and `keep` is called once.
  std::function<double()> seconds_now{};
  // Called on the caller's thread, at most ten times a second.
  std::function<void(const CertifyProgress&)> progress{};
  // Makes memory for the universes of one thread. Null: every run starts at its beginning, which
  // gives the same answer later.
  std::function<std::unique_ptr<Memory>()> memory{};
  // Where an earlier search of the same was, and what is told now and then of this one, on the
  // caller's thread, and at its end.
  const CertifyState* resume = nullptr;
  std::function<void(const CertifyState&)> keep{};
  SameCrash same = same_crash;  // the pruning
};

// One that breaks something, or one that could not be decided.
struct FaultyCombination {
  faults::Plan plan;
  scenarios::Judgement judgement;
};

// What is tried on operations of one kind.
struct MenuLine {
  sim::OperationKind operation = sim::OperationKind::kSend;
  std::vector<sim::Effect> effects;
};

struct CertifyResult {
  std::uint64_t operations = 0;  // of the run without faults
  std::uint64_t fingerprint = 0;
  CertifyCounts counts;
  std::uint64_t earlier = 0;  // of these combinations: tried before this was resumed
  std::uint32_t size = 0;     // every combination of up to so many was tried
  // Where it ended before it was complete: of the sets of one more, all that begin with one of the
  // first `branches` of so many single faults were tried.
  std::uint64_t branches = 0;
  std::uint64_t branches_total = 0;
  bool complete = false;  // all were, and each was decided or breaks something
  std::optional<FaultyCombination> counterexample;  // the smallest
  std::optional<FaultyCombination> undecided;       // likewise
  bool impossible = false;                          // the system cannot be lived step by step
  bool too_large = false;                           // more operations than kOperationsMax
  bool other_search = false;                        // `resume` belongs to another one, or says
                                                    // more than there is to do
  bool interrupted = false;                         // `stop` came before the end
  bool out_of_time = false;                         // `seconds` did
  std::optional<std::string> internal_error;        // what a run threw
  std::vector<MenuLine> menu;
  std::vector<sim::Duration> delays;  // the postponements, beside holds
  sim::Duration hold{};               // how long one lasts at most
  double seconds = 0;
};

inline constexpr std::size_t kOperationsMax = 4'096;  // of the run without faults

CertifyResult certify(const scenarios::System& system, const CertifyOptions& options);

}  // namespace sagasim::search
