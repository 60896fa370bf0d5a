#include "search/sweep.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "sim/hash.h"

namespace sagasim::search {
namespace {

// How many seeds a thread may be ahead of the oldest unfinished one, per thread.
constexpr std::uint64_t kWindowPerJob = 64;
constexpr std::chrono::milliseconds kProgressInterval{100};

// What remains of a run until its turn comes: its result, or what it threw.
struct Finished {
  bool done = false;
  scenarios::RunResult result;
  std::optional<std::string> error;
};

// Adds results up, one seed after the other.
class Sum {
 public:
  Sum(const scenarios::System& system, const SweepOptions& options) {
    for (const scenarios::PropertyInfo& property : system.properties()) {
      property_ids_.push_back(property.id);
      result_.properties[property.id] = 0;
      cells_[property.id].fill(0);
    }
    result_.from = options.from;
    result_.jobs = std::max(1u, options.jobs);
    stop_after_ = options.stop_after;
  }

  // Returns false iff the sweep ends with this run.
  bool add(std::uint64_t seed, const Finished& run) {
    if (run.error) {
      result_.internal_error = InternalError{seed, *run.error};
      return false;
    }
    ++result_.runs;
    result_.digest += sim::mix(sim::combine(sim::mix(seed), run.result.fingerprint));
    add_counts(run.result);
    if (run.result.verdict == scenarios::Verdict::kInconclusive) {
      ++result_.inconclusive;
      if (!result_.first_inconclusive_seed) {
        result_.first_inconclusive_seed = seed;
      }
    }
    if (run.result.failed()) {
      add_failure(seed, run.result);
    }
    result_.stopped_after = stop_after_ != 0 && result_.failed >= stop_after_;
    return !result_.stopped_after;
  }

  std::uint64_t runs() const { return result_.runs; }
  std::uint64_t failed() const { return result_.failed; }

  SweepResult take() {
    result_.coverage.cells = static_cast<std::uint64_t>(faults::kKinds) * property_ids_.size();
    for (const auto& [property, counts] : cells_) {
      for (const std::uint64_t count : counts) {
        result_.coverage.seen += count > 0 ? 1 : 0;
        result_.coverage.seen_once += count == 1 ? 1 : 0;
      }
    }
    return std::move(result_);
  }

 private:
  void add_counts(const scenarios::RunResult& run) {
    for (const auto& [property, count] : run.properties) {
      result_.properties[property] += count;
      const auto cell = cells_.find(property);
      if (count == 0 || cell == cells_.end()) {
        continue;
      }
      for (std::size_t kind = 0; kind < faults::kKinds; ++kind) {
        cell->second[kind] += run.faults[kind] > 0 ? 1 : 0;
      }
    }
    for (std::size_t kind = 0; kind < faults::kKinds; ++kind) {
      result_.faults[kind] += run.faults[kind];
    }
    for (const auto& [group, counts] : run.tallies) {
      auto& sums = result_.tallies[group];
      for (const auto& [name, count] : counts) {
        sums[name] += count;
      }
    }
    for (const std::string& fault : run.left_over) {
      ++result_.left_over[fault];
    }
    result_.operations += run.operations;
    result_.virtual_time += run.virtual_time;
  }

  void add_failure(std::uint64_t seed, const scenarios::RunResult& run) {
    ++result_.failed;
    if (!result_.first_seed) {
      result_.first_seed = seed;
    }
    std::vector<std::string> violated;
    for (const scenarios::Violation& violation : run.violations) {
      if (std::find(violated.begin(), violated.end(), violation.property) == violated.end()) {
        violated.push_back(violation.property);
        ++result_.property_failures[violation.property];
      }
    }
    const std::string signature = run.signature();
    const auto [place, is_new] = cause_index_.emplace(signature, result_.causes.size());
    if (is_new) {
      Cause cause;
      cause.signature = signature;
      cause.first_seed = seed;
      cause.fingerprint = run.fingerprint;
      if (!run.violations.empty()) {
        const scenarios::Violation& first = run.violations.front();
        cause.property = first.property;
        cause.message = first.message;
        cause.subject = first.subject;
        cause.at = first.at;
      }
      result_.causes.push_back(std::move(cause));
    }
    ++result_.causes[place->second].count;
  }

  std::uint64_t stop_after_ = 0;
  std::vector<std::string> property_ids_;
  std::map<std::string, std::array<std::uint64_t, faults::kKinds>> cells_;
  std::map<std::string, std::size_t> cause_index_;
  SweepResult result_;
};

// Hands out seeds and takes results. Everything below is shared by the threads, under one lock that
// is taken twice per run.
class Pool {
 public:
  Pool(const scenarios::System& system, const SweepOptions& options)
      : system_(system),
        options_(options),
        jobs_(std::max(1u, options.jobs)),
        window_(kWindowPerJob * jobs_),
        sum_(system, options) {}

  SweepResult run() {
    start_ = now();
    waiting_.resize(static_cast<std::size_t>(window_));
    const std::uint64_t threads_wanted =
        options_.seeds == 0 ? jobs_ : std::min<std::uint64_t>(jobs_, options_.seeds);
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < threads_wanted; ++i) {
      try {
        threads.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        // Fewer threads do the same work; without a single one there is no work to be done.
        if (threads.empty()) {
          throw;
        }
        break;
      }
    }
    {
      std::unique_lock lock(mutex_);
      watch(lock, threads.size());
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    SweepResult result = sum_.take();
    result.interrupted = interrupted_;
    result.out_of_time = out_of_time_;
    result.seconds = now() - start_;
    return result;
  }

 private:
  double now() const { return options_.seconds_now ? options_.seconds_now() : 0.0; }

  // Reports progress and looks at the clock and the stop flag until every thread has left.
  void watch(std::unique_lock<std::mutex>& lock, std::size_t threads) {
    while (left_ < threads) {
      changed_.wait_for(lock, kProgressInterval, [&] { return left_ >= threads; });
      look_for_the_end();
      if (options_.progress && left_ < threads) {
        const SweepProgress progress{sum_.runs(), sum_.failed(), options_.seeds, now() - start_,
                                     options_.seconds};
        lock.unlock();
        options_.progress(progress);
        lock.lock();
      }
    }
  }

  // Requires: the lock is held.
  void look_for_the_end() {
    if (ended_ || all_handed_out()) {
      return;
    }
    if (options_.stop != nullptr && options_.stop->load()) {
      interrupted_ = true;
    } else if (options_.seconds > 0 && options_.seconds_now && now() - start_ >= options_.seconds) {
      out_of_time_ = true;
    }
    if (interrupted_ || out_of_time_) {
      ended_ = true;
      room_.notify_all();
    }
  }

  bool all_handed_out() const { return options_.seeds != 0 && next_ >= options_.seeds; }

  // The place in the order of the next run to do, or nothing.
  std::optional<std::uint64_t> take() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return ended_ || all_handed_out() || next_ < taken_ + window_; });
    look_for_the_end();
    if (ended_ || all_handed_out()) {
      return std::nullopt;
    }
    return next_++;
  }

  void give(std::uint64_t place, Finished finished) {
    const std::lock_guard lock(mutex_);
    waiting_[static_cast<std::size_t>(place % window_)] = std::move(finished);
    const std::uint64_t taken_before = taken_;
    while (!closed_) {
      Finished& oldest = waiting_[static_cast<std::size_t>(taken_ % window_)];
      if (!oldest.done) {
        break;
      }
      const Finished run = std::exchange(oldest, {});
      const bool goes_on = sum_.add(options_.from + taken_, run);
      ++taken_;
      if (!goes_on) {
        // Later seeds may have finished already; they are not part of the answer.
        closed_ = true;
        ended_ = true;
      }
    }
    if (taken_ != taken_before || ended_) {
      room_.notify_all();
    }
  }

  void work() {
    while (const std::optional<std::uint64_t> place = take()) {
      Finished finished;
      finished.done = true;
      try {
        scenarios::RunRequest request;
        request.seed = options_.from + *place;
        finished.result = system_.run(request);
      } catch (const std::exception& error) {
        finished.error = error.what();
      }
      give(*place, std::move(finished));
    }
    const std::lock_guard lock(mutex_);
    ++left_;
    changed_.notify_all();
  }

  const scenarios::System& system_;
  const SweepOptions& options_;
  const unsigned jobs_;
  const std::uint64_t window_;
  double start_ = 0;

  std::mutex mutex_;
  std::condition_variable room_;     // the next seed may be handed out, or none will be
  std::condition_variable changed_;  // a thread has left
  Sum sum_;
  std::vector<Finished> waiting_;  // a ring: finished, and an older seed is not
  std::uint64_t next_ = 0;         // to hand out
  std::uint64_t taken_ = 0;        // added up
  std::size_t left_ = 0;           // threads
  bool ended_ = false;             // no more runs begin
  bool closed_ = false;            // no more results count
  bool interrupted_ = false;
  bool out_of_time_ = false;
};

}  // namespace

SweepResult sweep(const scenarios::System& system, const SweepOptions& options) {
  return Pool(system, options).run();
}

}  // namespace sagasim::search
