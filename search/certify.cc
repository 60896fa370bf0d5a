#include "search/certify.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "search/tree_walk.h"
#include "search/trials.h"

namespace sagasim::search {
namespace {

constexpr double kShowInterval = 0.1;  // seconds
constexpr double kKeepInterval = 5;
// Looking at the clock costs more than looking at a number.
constexpr std::uint64_t kRunsPerLook = 32;

void add(CertifyCounts& sum, const CertifyCounts& counts) {
  sum.combinations += counts.combinations;
  sum.runs += counts.runs;
  sum.pruned += counts.pruned;
  sum.inconclusive += counts.inconclusive;
  for (const auto& [signature, count] : counts.outcomes) {
    sum.outcomes[signature] += count;
  }
  sum.operations_max = std::max(sum.operations_max, counts.operations_max);
}

CertifyCounts counts_of(const scenarios::Judgement& calm) {
  CertifyCounts counts;
  counts.combinations = 1;
  counts.runs = 1;
  counts.inconclusive = calm.verdict == scenarios::Verdict::kInconclusive ? 1 : 0;
  counts.outcomes[calm.signature] = 1;
  counts.operations_max = calm.operations;
  return counts;
}

// Size after size; the branches of one size are shared out among threads, and what they give is
// added up in their order.
class Certifier {
 public:
  Certifier(const scenarios::System& system, const CertifyOptions& options)
      : system_(system),
        options_(options),
        menu_(system, options),
        caller_(std::this_thread::get_id()) {}

  CertifyResult run() {
    start_ = last_shown_ = last_kept_ = now();
    describe_menu();
    if (begin()) {
      const std::uint32_t sizes = options_.max_faults + options_.max_postponements;
      while (state_.size <= sizes && try_size()) {
        ++state_.size;
        state_.branches = 0;
      }
      result_.complete = state_.size > sizes;
      result_.size = state_.size - 1;
      result_.branches = state_.branches;
      result_.branches_total = branches_.size();
      if (options_.keep) {
        options_.keep(kept());
      }
    }
    result_.counts = state_.counts;
    result_.seconds = now() - start_;
    return std::move(result_);
  }

 private:
  double now() const { return options_.seconds_now ? options_.seconds_now() : 0.0; }

  void describe_menu() {
    for (int kind = 0; kind < sim::kOperationKinds; ++kind) {
      result_.menu.push_back({static_cast<sim::OperationKind>(kind), menu_.faults[kind]});
    }
    result_.delays = menu_.delays;
    result_.hold = menu_.hold;
  }

  std::unique_ptr<TreeWalk> new_walk() {
    return std::make_unique<TreeWalk>(system_, options_, menu_,
                                      [this](std::uint64_t weight) { return goes_on(weight); });
  }

  // The run without faults, and where to go on from. False if there is nothing to go on with.
  bool begin() {
    std::unique_ptr<TreeWalk> root = new_walk();
    std::optional<scenarios::Judgement> calm;
    try {
      calm = root->live_without_faults();
    } catch (const std::exception& error) {
      result_.internal_error = error.what();
      return false;
    }
    result_.impossible = !calm;
    if (!calm) {
      return false;
    }
    result_.operations = calm->operations;
    result_.fingerprint = calm->fingerprint;
    result_.too_large = root->operations().size() > kOperationsMax;
    if (!result_.too_large) {
      branches_ = root->branches();
    }
    if (options_.resume != nullptr) {
      state_ = *options_.resume;
      result_.earlier = state_.counts.combinations;
      result_.other_search = state_.fingerprint != calm->fingerprint || goes_beyond(state_);
    } else {
      state_.fingerprint = calm->fingerprint;
      state_.counts = counts_of(*calm);
    }
    if (calm->failed()) {
      result_.counterexample = FaultyCombination{{}, *calm};
    } else if (calm->verdict == scenarios::Verdict::kInconclusive) {
      result_.undecided = FaultyCombination{{}, *calm};
    }
    if (result_.too_large || result_.other_search || (result_.counterexample && !options_.all)) {
      return false;
    }
    walks_.push_back(std::move(root));
    return true;
  }

  // More than there are sizes, or branches of one.
  bool goes_beyond(const CertifyState& state) const {
    return state.size > options_.max_faults + options_.max_postponements + 1 ||
           state.branches > branches_.size();
  }

  // Every set of the present size, from where the state says. True iff all were tried and bigger
  // ones are wanted.
  bool try_size() {
    first_ = static_cast<std::size_t>(state_.branches);
    done_.assign(branches_.size() - first_, std::nullopt);
    taken_ = 0;
    combinations_ = state_.counts.combinations;
    for_each_trial(
        done_.size(), {options_.jobs, [this] { return look(); }},
        [this](std::size_t i) { work(i); }, [this](std::size_t i) { return ends_with(i); });
    const std::lock_guard lock(mutex_);
    take();
    return taken_ == done_.size() && (options_.all || !result_.counterexample);
  }

  void work(std::size_t i) {
    std::unique_ptr<TreeWalk> walk = borrow();
    Branch branch;
    try {
      if (!walk) {
        walk = new_walk();
        walk->live_without_faults();
      }
      branch = walk->walk(branches_[first_ + i], state_.size);
    } catch (const std::exception& error) {
      branch.finished = false;
      const std::lock_guard lock(mutex_);
      errors_.emplace(i, error.what());
      walk.reset();
    }
    const std::lock_guard lock(mutex_);
    done_[i] = std::move(branch);
    if (walk) {
      walks_.push_back(std::move(walk));
    }
  }

  std::unique_ptr<TreeWalk> borrow() {
    const std::lock_guard lock(mutex_);
    if (walks_.empty()) {
      return nullptr;
    }
    std::unique_ptr<TreeWalk> walk = std::move(walks_.back());
    walks_.pop_back();
    return walk;
  }

  bool ends_with(std::size_t i) {
    const std::lock_guard lock(mutex_);
    return !done_[i]->finished || (done_[i]->counterexample && !options_.all);
  }

  // Asked before each run, on any thread.
  bool goes_on(std::uint64_t weight) {
    combinations_ += weight;
    if (++runs_ % kRunsPerLook == 0) {
      return look();
    }
    return !ended_;
  }

  // Whether there is time for more; tells how far it is.
  bool look() {
    std::unique_lock lock(mutex_);
    if (!ended_) {
      if (options_.stop != nullptr && options_.stop->load()) {
        result_.interrupted = true;
      } else if (options_.seconds > 0 && options_.seconds_now &&
                 now() - start_ >= options_.seconds) {
        result_.out_of_time = true;
      }
      ended_ = result_.interrupted || result_.out_of_time;
    }
    if (std::this_thread::get_id() == caller_) {
      tell(lock);
    }
    return !ended_;
  }

  // Requires: on the caller's thread.
  void tell(std::unique_lock<std::mutex>& lock) {
    const double time = now();
    if (options_.progress && time - last_shown_ >= kShowInterval) {
      last_shown_ = time;
      take();
      const CertifyProgress progress{state_.size,   state_.branches, branches_.size(),
                                     combinations_, time - start_,   options_.seconds};
      lock.unlock();
      options_.progress(progress);
      lock.lock();
    }
    if (options_.keep && options_.seconds_now && time - last_kept_ >= kKeepInterval) {
      last_kept_ = time;
      take();
      const CertifyState state = kept();
      lock.unlock();
      options_.keep(state);
      lock.lock();
    }
  }

  // For whoever goes on later: not past a counterexample, which is found again then.
  const CertifyState& kept() const { return before_it_ ? *before_it_ : state_; }

  // Adds up what is done without a gap. Requires: the lock is held.
  void take() {
    while (taken_ < done_.size() && done_[taken_]) {
      const Branch& branch = *done_[taken_];
      if (const auto error = errors_.find(taken_);
          error != errors_.end() && !result_.internal_error) {
        result_.internal_error = error->second;
      }
      if (!branch.finished || (result_.counterexample && !options_.all)) {
        return;
      }
      if (branch.counterexample && !options_.all) {
        before_it_ = state_;
      }
      add(state_.counts, branch.counts);
      if (!result_.counterexample) {
        result_.counterexample = branch.counterexample;
      }
      if (!result_.undecided) {
        result_.undecided = branch.undecided;
      }
      done_[taken_]->counts = {};
      ++taken_;
      ++state_.branches;
    }
  }

  const scenarios::System& system_;
  const CertifyOptions& options_;
  const TreeMenu menu_;
  const std::thread::id caller_;
  std::vector<Pick> branches_;
  std::atomic<std::uint64_t> combinations_{0};  // begun
  std::atomic<std::uint64_t> runs_{0};
  std::atomic<bool> ended_{false};

  std::mutex mutex_;  // for all that follows while threads work
  CertifyResult result_;
  CertifyState state_;
  std::optional<CertifyState> before_it_;  // the branch with the counterexample
  double start_ = 0;
  double last_shown_ = 0;
  double last_kept_ = 0;
  std::size_t first_ = 0;                         // of branches_, the first of done_
  std::vector<std::optional<Branch>> done_;       // of this size
  std::size_t taken_ = 0;                         // of those, added up
  std::map<std::size_t, std::string> errors_;     // by place in done_
  std::vector<std::unique_ptr<TreeWalk>> walks_;  // at rest
};

}  // namespace

bool adds_up(const CertifyCounts& counts) {
  std::uint64_t outcomes = 0;
  for (const auto& [signature, count] : counts.outcomes) {
    outcomes += count;
  }
  return counts.runs + counts.pruned == counts.combinations && outcomes == counts.combinations &&
         counts.inconclusive <= counts.combinations;
}

CertifyResult certify(const scenarios::System& system, const CertifyOptions& options) {
  return Certifier(system, options).run();
}

}  // namespace sagasim::search
