// Trials: candidates that are tried several at once and answered for as if one after the other.
// What minimise and explain do with threads is here.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sagasim::search {

// Calls work(0), work(1), … work(count - 1) over `jobs` threads, the caller's among them, begun in
// that order. `on` is asked before each on the caller's thread, and now and then while others work;
// once it says no, nothing more begins. `enough(i)` says, under a lock, that what comes after i is
// not wanted; what was begun is finished all the same. What `work` throws is not caught.
struct TrialOptions {
  unsigned jobs = 1;
  std::function<bool()> on{};
};
void for_each_trial(std::size_t count, const TrialOptions& options,
                    const std::function<void(std::size_t)>& work,
                    const std::function<bool(std::size_t)>& enough = {});

}  // namespace sagasim::search
