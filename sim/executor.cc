#include "sim/executor.h"

#include <utility>

#include "sim/world.h"

namespace sagasim::sim {

Executor::Executor(Node& node, const ExecutorOptions& options)
    : node_(node), options_(options), threads_(options.threads) {}

bool Executor::submit(Invocation invocation, std::uint64_t cause, std::unique_ptr<Work> work) {
  if (shut_down_) {
    return false;
  }
  invocation.attempt = 0;
  invocation.attempt = node_.world().next_attempt(invocation.id());
  Job job{invocation, cause, std::move(work)};
  for (std::uint32_t i = 0; i < threads_.size(); ++i) {
    if (threads_[i].activity == nullptr) {
      begin(i, std::move(job), 0);
      return true;
    }
  }
  if (queue_.size() >= options_.queue) {
    return false;
  }
  queue_.push_back(std::move(job));
  return true;
}

void Executor::begin(std::uint32_t thread, Job job, std::uint64_t freed_by) {
  threads_[thread].work = std::move(job.work);
  Activity& activity =
      node_.start(job.invocation, job.cause, [&](Context context) { return run(context, thread); });
  threads_[thread].activity = &activity;
  node_.world().caused(freed_by, activity.next_step());
}

Task<> Executor::run(Context context, std::uint32_t thread) {
  const std::uint64_t draw = context.draw("thread");
  auto start = context.sleep(options_.start.at(draw), "thread");
  co_await start;
  auto work = threads_[thread].work->run(context);
  co_await std::move(work);
  threads_[thread] = Thread{};
  if (!queue_.empty()) {
    Job next = std::move(queue_.front());
    queue_.pop_front();
    begin(thread, std::move(next), context.activity().cause());
  }
}

bool Executor::has_room() const {
  return !shut_down_ && (busy() < threads_.size() || queue_.size() < options_.queue);
}

std::uint32_t Executor::busy() const {
  std::uint32_t count = 0;
  for (const Thread& thread : threads_) {
    count += thread.activity != nullptr ? 1u : 0u;
  }
  return count;
}

std::uint32_t Executor::thread_of(const Activity& activity) const {
  for (std::uint32_t i = 0; i < threads_.size(); ++i) {
    if (threads_[i].activity == &activity) {
      return i + 1;
    }
  }
  return 0;
}

}  // namespace sagasim::sim
