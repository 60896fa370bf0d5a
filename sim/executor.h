// Executor: the threads of a process that do work in the background: so many at once, and so much
// that waits. What finds no place is rejected, and so is everything once it shuts down. Modelled on
// Java's ThreadPoolExecutor as Spring sets it up for @Async.
//
// All of it is memory: a crash takes what waits and what runs, and nobody is told.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sim/node.h"
#include "sim/random.h"
#include "sim/task.h"

namespace sagasim::sim {

struct ExecutorOptions {
  std::uint32_t threads = 8;
  std::uint32_t queue = 100;  // how much may wait; work that a free thread takes does not
  Latency start{microseconds(10), microseconds(200)};  // until a thread begins what it was given
};

class Executor {
 public:
  class Work {
   public:
    virtual ~Work() = default;
    virtual Task<> run(Context context) = 0;
  };

  Executor(Node& node, const ExecutorOptions& options);
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // False: rejected, and nothing will come of it. The attempt of `invocation` is filled in here;
  // `cause` is what led to the work.
  bool submit(Invocation invocation, std::uint64_t cause, std::unique_ptr<Work> work);
  // Takes nothing more; what waits is still done.
  void shut_down() { shut_down_ = true; }

  // Whether it would take more now.
  bool has_room() const;
  std::uint32_t busy() const;
  std::uint32_t waiting() const { return static_cast<std::uint32_t>(queue_.size()); }
  // The number of the thread that does this, from 1; 0 if none of these does.
  std::uint32_t thread_of(const Activity& activity) const;

 private:
  struct Job {
    Invocation invocation;
    std::uint64_t cause = 0;
    std::unique_ptr<Work> work;
  };
  struct Thread {
    const Activity* activity = nullptr;  // null: it is free
    std::unique_ptr<Work> work;
  };

  void begin(std::uint32_t thread, Job job, std::uint64_t freed_by);
  Task<> run(Context context, std::uint32_t thread);

  Node& node_;
  const ExecutorOptions options_;
  std::vector<Thread> threads_;
  std::deque<Job> queue_;
  bool shut_down_ = false;
};

}  // namespace sagasim::sim
