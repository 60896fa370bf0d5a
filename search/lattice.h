// Lattice: which guards of a system are needed, and which are enough. The minimal sets of guards
// under which nothing breaks, each tried as it stands, and for each guard that one of them leaves
// no more out a run that breaks without it.
//
// There are 2^n sets, and hardly any of them is tried. What is known are *refuted* sets: without
// these guards a run failed. The largest sets that contain no refuted one are the candidates for
// being left out, and only they are tried. One that fails gives another refuted set, made as small
// as its run allows; so the candidates change until all of them hold. By then each of them was
// tried itself, and each with one more guard left out contains a refuted set.
//
// What is assumed: a guard more breaks nothing. It matters for the sets that are not reported. What
// is reported was seen.
//
// The candidates are tried over few seeds first, and over more once all of them hold.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/system.h"

namespace sagasim::search {

// One bit for each guard: those that are left out.
using GuardSet = std::uint32_t;
inline constexpr unsigned kGuardsMax = 32;
constexpr bool contains(GuardSet whole, GuardSet part) { return (whole & part) == part; }

// A system with guards that can be left out.
class GuardedSystem {
 public:
  virtual ~GuardedSystem() = default;
  virtual unsigned guards() const = 0;  // how many, at most kGuardsMax
  virtual std::unique_ptr<scenarios::System> without(GuardSet left_out) const = 0;
};

// Something broke without these.
struct Refuted {
  GuardSet left_out = 0;
  std::uint64_t seed = 0;  // the run that did, of without(left_out)
};
// Nothing broke without these.
struct Held {
  GuardSet left_out = 0;
  std::uint64_t runs = 0;
  std::uint64_t inconclusive = 0;  // of these runs: given up before their end
};

// The largest sets of `guards` guards that contain none of `refuted`, the larger ones first and
// those of one size by their bits. None iff the empty set is refuted.
std::vector<GuardSet> largest_without(const std::vector<GuardSet>& refuted, unsigned guards);

struct LatticeProgress {
  std::size_t candidates = 0;
  std::size_t holding = 0;       // of those, the ones that stood the seeds of this round
  std::size_t refuted = 0;       // minimal ones, with those that were known
  std::uint64_t round = 0;       // so many seeds each
  std::uint64_t last_round = 0;  // in the end
  std::uint64_t runs = 0;
};

struct LatticeOptions {
  std::uint64_t from = 0;      // the first seed
  std::uint64_t seeds = 2000;  // that each set has to stand, at least 1
  // Sets that are refuted already, say by less that went wrong.
  std::vector<GuardSet> known;
  // Sets that stood seeds from `from` on before this began.
  std::vector<Held> held;
  unsigned jobs = 1;                        // threads, at least 1
  double seconds = 0;                       // no run begins later than this; 0: no limit
  const std::atomic<bool>* stop = nullptr;  // no run begins once it is true
  // The wall clock, from anywhere. Null: `seconds` is no limit.
  std::function<double()> seconds_now{};
  // Called on the caller's thread.
  std::function<void(const LatticeProgress&)> progress{};
  // Called with each failure, its guards put back as far as its own run still fails. Who makes more
  // of it (a smaller run, say) may return a part of the set that fails as well.
  std::function<GuardSet(const Refuted&)> found{};
};

struct LatticeResult {
  // None contains another; in the order in which they were found. Without those that were known.
  std::vector<Refuted> refuted;
  // The largest sets that can be left out, as largest_without() orders them. Unless `complete`,
  // some were run less than asked for, or not at all, and some may still break.
  std::vector<Held> held;
  std::uint64_t runs = 0;
  bool complete = false;                      // each was run as often as asked for
  bool interrupted = false;                   // `stop` came before
  bool out_of_time = false;                   // `seconds` did
  std::optional<std::string> internal_error;  // what a run threw
};

LatticeResult lattice(const GuardedSystem& system, const LatticeOptions& options);

}  // namespace sagasim::search
