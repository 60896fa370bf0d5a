// Task: the one coroutine type. Lazy: it runs when it is awaited, or when a node starts it.
//
// Starting and finishing go through the scheduler's ready list, never by symmetric transfer: g++
// without optimisation would overflow the stack, and there is one place where order is decided. A
// frame is owned by exactly one Task; destroying the Task cancels the work, and whatever the frame
// was waiting for is unlinked by the awaiters' destructors.
//
// A coroutine's frame lies in its world's pool, which is found through its parameters: one of them,
// or the object whose member it is, must offer `Pool& frame_pool()`. A Context does, so handlers
// take one first; anything else does not compile.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "sim/check.h"
#include "sim/pool.h"

namespace sagasim::sim {

class Activity;

namespace detail {

template <class T>
concept OffersFramePool = requires(T& object) {
  { object.frame_pool() } -> std::convertible_to<Pool&>;
};

template <class First, class... Rest>
Pool& frame_pool_of(First& first, Rest&... rest) {
  if constexpr (OffersFramePool<First>) {
    return first.frame_pool();
  } else {
    static_assert(sizeof...(Rest) > 0, "a coroutine needs a Context among its parameters");
    return frame_pool_of(rest...);
  }
}

}  // namespace detail

// What the scheduler knows of a suspended coroutine.
class Promise {
 public:
  Promise() = default;
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  ~Promise();  // leaves the ready list, or its paused node's

  template <class... Parameters>
  static void* operator new(std::size_t size, Parameters&&... parameters) {
    Pool& pool = detail::frame_pool_of(parameters...);
    auto* block = static_cast<std::byte*>(pool.allocate(size + kHeader));
    *reinterpret_cast<Pool**>(block) = &pool;
    return block + kHeader;
  }
  static void operator delete(void* frame, std::size_t size) noexcept {
    auto* block = static_cast<std::byte*>(frame) - kHeader;
    (*reinterpret_cast<Pool**>(block))->release(block, size + kHeader);
  }

  std::suspend_always initial_suspend() noexcept { return {}; }

  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> finished) noexcept {
      finished.promise().on_finished();
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }

  // Stored, and rethrown where the task is awaited or at the boundary of the run.
  void unhandled_exception() noexcept { error_ = std::current_exception(); }

  Activity& activity() const { return *activity_; }
  void resume() { handle_.resume(); }
  void rethrow_if_failed() const {
    if (error_) {
      std::rethrow_exception(error_);
    }
  }

  // Puts the coroutine on the ready list, for its first step. Called once.
  void start(Activity& activity, Promise* continuation);

 private:
  friend class Scheduler;
  friend class Node;
  template <class T>
  friend class Task;
  static constexpr std::size_t kHeader = 16;  // keeps the frame aligned to 16

  void on_finished() noexcept;

  std::coroutine_handle<> handle_;
  Activity* activity_ = nullptr;
  Promise* continuation_ = nullptr;  // null at the root of an activity
  bool ready_ = false;
  bool parked_ = false;
  std::exception_ptr error_;
};

template <class T = void>
class [[nodiscard]] Task;

namespace detail {

template <class T>
struct ValuePromise : Promise {
  Task<T> get_return_object();
  void return_value(T value) { value_.emplace(std::move(value)); }
  T take() { return std::move(*value_); }

  std::optional<T> value_;
};

template <>
struct ValuePromise<void> : Promise {
  Task<void> get_return_object();
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::ValuePromise<T>;

  Task() = default;
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() { reset(); }

  bool empty() const { return !handle_; }
  bool done() const { return handle_ && handle_.done(); }
  Promise& promise() const { return handle_.promise(); }
  // Destroys the frame: cancels whatever the task was doing.
  void reset() noexcept {
    if (handle_) {
      std::exchange(handle_, nullptr).destroy();
    }
  }

  // Awaiting runs the task to its end and gives its value or rethrows its exception.
  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> awaiting) {
    Promise& caller = awaiting.promise();
    handle_.promise().start(caller.activity(), &caller);
  }
  T await_resume() {
    handle_.promise().rethrow_if_failed();
    return handle_.promise().take();
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {
    handle_.promise().handle_ = handle;
  }

  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
Task<T> ValuePromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<ValuePromise>::from_promise(*this));
}
inline Task<void> ValuePromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<ValuePromise>::from_promise(*this));
}

}  // namespace detail

}  // namespace sagasim::sim
