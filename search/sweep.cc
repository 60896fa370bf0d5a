#include "search/sweep.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace sagasim::search {
namespace {

// How many seeds a thread may be ahead of the oldest unfinished one, per thread.
constexpr std::uint64_t kWindowPerJob = 64;
constexpr std::chrono::milliseconds kProgressInterval{100};

// A seed that is to be run.
struct Turn {
  std::uint64_t place = 0;  // in the order of the runs
  std::uint64_t seed = 0;
  bool goes_on = false;  // no seed of the partition was passed over since the turn before
};

// What remains of a run until its turn comes: its result, or what it threw.
struct Finished {
  bool done = false;
  Turn turn;
  scenarios::RunResult result;
  std::optional<std::string> error;
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
        failed_(options.failed_before) {
    for (const scenarios::PropertyInfo& property : system.properties()) {
      result_.properties[property.id] = 0;
    }
    result_.from = options.from;
    result_.last = options.from;
    result_.partition = options.partition;
    result_.jobs = jobs_;
    ended_ = options.stop_after != 0 && failed_ >= options.stop_after;
    result_.stopped_after = ended_;
  }

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
    watch(threads.size());
    for (std::thread& thread : threads) {
      thread.join();
    }
    if (unkept_) {
      std::rethrow_exception(unkept_);
    }
    const bool complete = !result_.interrupted && !result_.out_of_time && !result_.stopped_after &&
                          !result_.internal_error;
    if (complete && options_.seeds != 0) {
      result_.last = options_.from + (options_.seeds - 1);  // which may be another share's
    }
    result_.causes = causes_of(result_);
    result_.coverage = coverage_of(result_, cells_of(system_.coverage()));
    result_.seconds = now() - start_;
    return std::move(result_);
  }

 private:
  double now() const { return options_.seconds_now ? options_.seconds_now() : 0.0; }

  // Adds up what was finished, reports progress, and looks at the clock and the stop flag until
  // every thread has left.
  void watch(std::size_t threads) {
    std::unique_lock lock(mutex_);
    while (left_ < threads) {
      changed_.wait_for(lock, kProgressInterval, [&] { return left_ >= threads; });
      look_for_the_end();
      const SweepProgress progress{runs_,          failed_,        skipped_,
                                   options_.seeds, now() - start_, options_.seconds};
      const bool more = left_ < threads;
      const std::vector<Stretch> finished = std::exchange(finished_, {});
      lock.unlock();
      take_in(finished);
      if (options_.progress && more) {
        options_.progress(progress);
      }
      lock.lock();
      if (unkept_) {
        ended_ = true;
        room_.notify_all();
      }
    }
    take_in(finished_);
  }

  void take_in(const std::vector<Stretch>& finished) {
    for (const Stretch& stretch : finished) {
      result_.add(stretch.figures);
    }
    if (finished.empty() || !options_.keep || unkept_) {
      return;
    }
    try {
      options_.keep(finished);
    } catch (...) {
      unkept_ = std::current_exception();
    }
  }

  // Requires: the lock is held.
  void look_for_the_end() {
    if (ended_ || all_passed()) {
      return;
    }
    if (options_.stop != nullptr && options_.stop->load()) {
      result_.interrupted = true;
    } else if (options_.seconds > 0 && options_.seconds_now && now() - start_ >= options_.seconds) {
      result_.out_of_time = true;
    }
    if (result_.interrupted || result_.out_of_time) {
      ended_ = true;
      room_.notify_all();
    }
  }

  bool all_passed() const { return options_.seeds != 0 && passed_ >= options_.seeds; }

  // The next run to do, or nothing.
  std::optional<Turn> take() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return ended_ || all_passed() || next_ < taken_ + window_; });
    look_for_the_end();
    while (!ended_ && !all_passed()) {
      const std::uint64_t seed = options_.from + passed_++;
      const bool is_own = options_.partition.has(seed);
      if (is_own && !(options_.is_done && options_.is_done(seed))) {
        return Turn{next_++, seed, std::exchange(goes_on_, true)};
      }
      ++skipped_;
      goes_on_ = goes_on_ && !is_own;
    }
    return std::nullopt;
  }

  void give(Finished finished) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t place = finished.turn.place;
    waiting_[static_cast<std::size_t>(place % window_)] = std::move(finished);
    const std::uint64_t taken_before = taken_;
    while (!closed_) {
      Finished& oldest = waiting_[static_cast<std::size_t>(taken_ % window_)];
      if (!oldest.done) {
        break;
      }
      const Finished run = std::exchange(oldest, {});
      const bool goes_on = add(run);
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

  // Returns false iff the sweep ends with this run.
  bool add(const Finished& run) {
    const std::uint64_t seed = run.turn.seed;
    if (run.error) {
      result_.internal_error = InternalError{seed, *run.error};
      return false;
    }
    const bool same_block = runs_ > 0 && block_of(seed) == block_of(result_.last);
    const bool goes_on = run.turn.goes_on && same_block;
    if (finished_.empty() || !goes_on) {
      finished_.emplace_back().first = seed;
      finished_.back().goes_on = goes_on;
    }
    Stretch& stretch = finished_.back();
    stretch.last = seed;
    stretch.figures.add(run.result);
    result_.last = seed;
    ++runs_;
    if (run.result.failed()) {
      ++failed_;
      if (options_.keep) {
        stretch.failures.push_back(failed_run_of(run.result));
      }
    }
    result_.stopped_after = options_.stop_after != 0 && failed_ >= options_.stop_after;
    return !result_.stopped_after;
  }

  void work() {
    while (const std::optional<Turn> turn = take()) {
      Finished finished;
      finished.done = true;
      finished.turn = *turn;
      try {
        scenarios::RunRequest request;
        request.seed = turn->seed;
        finished.result = system_.run(request);
      } catch (const std::exception& error) {
        finished.error = error.what();
      }
      give(std::move(finished));
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
  std::exception_ptr unkept_;  // of the caller's thread alone

  std::mutex mutex_;
  std::condition_variable room_;     // the next seed may be handed out, or none will be
  std::condition_variable changed_;  // a thread has left
  SweepResult result_;               // its figures are the caller's thread's, the rest the lock's
  std::vector<Finished> waiting_;    // a ring: finished, and an older seed is not
  std::vector<Stretch> finished_;    // in order, and not yet added up
  std::uint64_t passed_ = 0;         // seeds: handed out, or not to be run
  std::uint64_t skipped_ = 0;        // of those: not to be run
  std::uint64_t next_ = 0;           // place to hand out
  std::uint64_t taken_ = 0;          // places whose runs have finished, without a gap
  std::uint64_t runs_ = 0;
  std::uint64_t failed_ = 0;  // with those before
  std::size_t left_ = 0;      // threads
  bool goes_on_ = false;      // no seed was passed over since the last one that was handed out
  bool ended_ = false;        // no more runs begin
  bool closed_ = false;       // no more results count
};

}  // namespace

SweepResult sweep(const scenarios::System& system, const SweepOptions& options) {
  return Pool(system, options).run();
}

}  // namespace sagasim::search
