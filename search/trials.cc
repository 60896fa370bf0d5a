#include "search/trials.h"

#include <algorithm>
#include <mutex>
#include <system_error>
#include <thread>

namespace sagasim::search {
namespace {

class Trials {
 public:
  Trials(std::size_t count, const std::function<void(std::size_t)>& work,
         const std::function<bool(std::size_t)>& enough)
      : end_(count), work_(work), enough_(enough) {}

  // Does trials until none is left to begin. `on` is null on every thread but the caller's.
  void help(const std::function<bool()>* on) {
    while (const std::optional<std::size_t> place = take(on)) {
      work_(*place);
      const std::lock_guard lock(mutex_);
      if (enough_ && enough_(*place)) {
        end_ = std::min(end_, *place);
      }
    }
  }

 private:
  std::optional<std::size_t> take(const std::function<bool()>* on) {
    const bool goes_on = on == nullptr || !*on || (*on)();
    const std::lock_guard lock(mutex_);
    if (!goes_on) {
      end_ = std::min(end_, next_);
    }
    if (next_ >= end_) {
      return std::nullopt;
    }
    return next_++;
  }

  std::mutex mutex_;
  std::size_t next_ = 0;
  std::size_t end_;
  const std::function<void(std::size_t)>& work_;
  const std::function<bool(std::size_t)>& enough_;
};

}  // namespace

void for_each_trial(std::size_t count, const TrialOptions& options,
                    const std::function<void(std::size_t)>& work,
                    const std::function<bool(std::size_t)>& enough) {
  Trials trials(count, work, enough);
  const std::size_t helpers = std::min<std::size_t>(std::max(1u, options.jobs), count);
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < helpers; ++i) {
    try {
      threads.emplace_back([&trials] { trials.help(nullptr); });
    } catch (const std::system_error&) {
      break;  // Fewer threads do the same work.
    }
  }
  trials.help(&options.on);
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace sagasim::search
