#include "search/lattice.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "search/sweep.h"
#include "sim/check.h"

namespace sagasim::search {
namespace {

// The first round, and how many times as many seeds the next one has. A set that fails often is
// found out for a few runs, and one that fails rarely does not keep the others waiting.
constexpr std::uint64_t kFirstRound = 64;
constexpr std::uint64_t kGrowth = 4;

constexpr GuardSet bit(unsigned guard) { return GuardSet{1} << guard; }

// Leaves those that contain no other, each once, in their order.
void keep_minimal(std::vector<GuardSet>& sets) {
  std::vector<GuardSet> kept;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    bool is_minimal = true;
    for (std::size_t j = 0; j < sets.size() && is_minimal; ++j) {
      const bool is_twin = sets[j] == sets[i];
      is_minimal = is_twin ? j >= i : !contains(sets[i], sets[j]);
    }
    if (is_minimal) {
      kept.push_back(sets[i]);
    }
  }
  sets = std::move(kept);
}

class Search {
 public:
  Search(const GuardedSystem& system, const LatticeOptions& options)
      : system_(system),
        options_(options),
        refuted_(options.known),
        start_(options.seconds_now ? options.seconds_now() : 0) {
    SAGASIM_CHECK(system.guards() <= kGuardsMax, "more guards than a set has room for");
    for (const Held& held : options.held) {
      held_[held.left_out] = held;
    }
  }

  LatticeResult run() {
    const std::uint64_t last = std::max<std::uint64_t>(1, options_.seeds);
    round_ = std::min(kFirstRound, last);
    while (!is_over()) {
      keep_minimal(refuted_);
      candidates_ = largest_without(refuted_, system_.guards());
      const auto next = std::find_if(candidates_.begin(), candidates_.end(),
                                     [this](GuardSet set) { return held_[set].runs < round_; });
      if (next != candidates_.end()) {
        try_out(*next);
      } else if (round_ < last) {
        round_ = std::min(round_ * kGrowth, last);
      } else {
        result_.complete = true;
        break;
      }
    }
    for (const GuardSet set : candidates_) {
      result_.held.push_back({set, held_[set].runs, held_[set].inconclusive});
    }
    std::erase_if(result_.refuted, [this](const Refuted& each) {
      return std::find(refuted_.begin(), refuted_.end(), each.left_out) == refuted_.end();
    });
    return std::move(result_);
  }

 private:
  bool is_over() {
    if (options_.stop != nullptr && options_.stop->load()) {
      result_.interrupted = true;
    } else if (options_.seconds > 0 && seconds_left() <= 0) {
      result_.out_of_time = true;
    }
    return result_.interrupted || result_.out_of_time || result_.internal_error;
  }

  double seconds_left() const {
    return options_.seconds_now ? start_ + options_.seconds - options_.seconds_now()
                                : options_.seconds;
  }

  void try_out(GuardSet left_out) {
    Held& held = held_[left_out];
    SweepOptions sweep_options;
    sweep_options.from = options_.from + held.runs;
    sweep_options.seeds = round_ - held.runs;
    sweep_options.jobs = options_.jobs;
    sweep_options.stop_after = 1;
    sweep_options.stop = options_.stop;
    sweep_options.seconds_now = options_.seconds_now;
    sweep_options.seconds = options_.seconds > 0 ? seconds_left() : 0;
    const std::uint64_t runs_before = result_.runs;
    sweep_options.progress = [&](const SweepProgress& progress) {
      result_.runs = runs_before + progress.runs;
      report();
    };
    const SweepResult swept = sweep(*system_.without(left_out), sweep_options);
    result_.runs = runs_before + swept.runs;
    if (swept.internal_error) {
      result_.internal_error = "seed " + std::to_string(swept.internal_error->seed) + ": " +
                               swept.internal_error->message;
      return;
    }
    if (swept.failed > 0) {
      refute({left_out, swept.last});
      return;
    }
    held.left_out = left_out;
    held.runs += swept.runs;
    held.inconclusive += swept.inconclusive;
    report();
  }

  // Puts back each guard without which this very run still fails.
  void refute(Refuted failure) {
    for (unsigned guard = 0; guard < system_.guards(); ++guard) {
      const GuardSet fewer = failure.left_out & ~bit(guard);
      scenarios::RunRequest request;
      request.seed = failure.seed;
      if (fewer != failure.left_out && ++result_.runs != 0 &&
          system_.without(fewer)->run(request).failed()) {
        failure.left_out = fewer;
      }
    }
    if (options_.found) {
      const GuardSet smaller = options_.found(failure);
      SAGASIM_CHECK(contains(failure.left_out, smaller), "a refuted set can only lose guards");
      failure.left_out = smaller;
    }
    refuted_.push_back(failure.left_out);
    result_.refuted.push_back(failure);
    report();
  }

  void report() const {
    if (!options_.progress) {
      return;
    }
    LatticeProgress progress;
    progress.candidates = candidates_.size();
    for (const GuardSet set : candidates_) {
      const auto known = held_.find(set);
      progress.holding += known != held_.end() && known->second.runs >= round_ ? 1U : 0U;
    }
    progress.refuted = refuted_.size();
    progress.round = round_;
    progress.last_round = std::max<std::uint64_t>(1, options_.seeds);
    progress.runs = result_.runs;
    options_.progress(progress);
  }

  const GuardedSystem& system_;
  const LatticeOptions& options_;
  std::vector<GuardSet> refuted_;  // with those that were known
  std::map<GuardSet, Held> held_;  // whatever was tried and did not fail
  std::vector<GuardSet> candidates_;
  std::uint64_t round_ = 0;
  const double start_;
  LatticeResult result_;
};

}  // namespace

std::vector<GuardSet> largest_without(const std::vector<GuardSet>& refuted, unsigned guards) {
  // What is kept must hit every refuted set: all minimal ways to do that, one set after the other.
  std::vector<GuardSet> kept = {0};
  for (const GuardSet set : refuted) {
    std::vector<GuardSet> hitting;
    for (const GuardSet each : kept) {
      if ((each & set) != 0) {
        hitting.push_back(each);
        continue;
      }
      for (unsigned guard = 0; guard < guards; ++guard) {
        if ((set & bit(guard)) != 0) {
          hitting.push_back(each | bit(guard));
        }
      }
    }
    keep_minimal(hitting);
    kept = std::move(hitting);
  }
  const GuardSet all = guards == kGuardsMax ? ~GuardSet{0} : bit(guards) - 1;
  for (GuardSet& each : kept) {
    each = all & ~each;
  }
  std::stable_sort(kept.begin(), kept.end(), [](GuardSet one, GuardSet other) {
    const int more = std::popcount(one) - std::popcount(other);
    return more != 0 ? more > 0 : one < other;
  });
  return kept;
}

LatticeResult lattice(const GuardedSystem& system, const LatticeOptions& options) {
  return Search(system, options).run();
}

}  // namespace sagasim::search
