// ConnectionPool: how many connections to a database a process may have open at once. Whoever finds
// none free waits in line, and gives up after a while. Modelled on HikariCP (its documentation,
// "maximumPoolSize" and "connectionTimeout").
//
// It lives in a process's memory. Work that waits here goes on holding whatever else it has: a
// lock's lease runs out meanwhile, and who needs a second connection while holding one can wait for
// himself.
#pragma once

#include <coroutine>
#include <cstdint>
#include <utility>

#include "sim/activity.h"
#include "sim/event_queue.h"
#include "sim/task.h"

namespace sagasim::sim {

struct ConnectionPoolOptions {
  std::uint32_t size = 10;
  Duration patience = seconds(30);
};

class ConnectionPool;

// A connection on loan; gives it back when it is destroyed. Empty if none was to be had.
class Connection {
 public:
  Connection() = default;
  Connection(ConnectionPool& pool, Activity& holder) : pool_(&pool), holder_(&holder) {}
  Connection(Connection&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), holder_(other.holder_) {}
  Connection& operator=(Connection&& other) noexcept {
    if (this != &other) {
      give_back();
      pool_ = std::exchange(other.pool_, nullptr);
      holder_ = other.holder_;
    }
    return *this;
  }
  ~Connection() { give_back(); }
  bool empty() const { return pool_ == nullptr; }

 private:
  void give_back() noexcept;

  ConnectionPool* pool_ = nullptr;
  Activity* holder_ = nullptr;
};

class ConnectionPool {
 public:
  ConnectionPool(World& world, const ConnectionPoolOptions& options)
      : world_(world), options_(options) {}
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  class [[nodiscard]] Take final : Event {
   public:
    Take(ConnectionPool& pool, Activity& activity);
    Take(const Take&) = delete;
    Take& operator=(const Take&) = delete;
    ~Take();

    bool await_ready() noexcept;
    template <class P>
    void await_suspend(std::coroutine_handle<P> awaiting) {
      waiter_ = &awaiting.promise();
      wait();
    }
    Connection await_resume();

   private:
    friend class ConnectionPool;
    void wait();
    void leave_line() noexcept;

    ConnectionPool& pool_;
    Activity& activity_;
    Promise* waiter_ = nullptr;
    bool taken_ = false;
    bool in_line_ = false;
    Take* next_ = nullptr;
  };

  // Connection c = co_await pool.take(ctx);
  Take take(Context context) { return Take(*this, context.activity()); }

  std::uint32_t in_use() const { return in_use_; }

 private:
  friend class Connection;
  void give_back(const Activity& holder) noexcept;

  World& world_;
  const ConnectionPoolOptions options_;
  std::uint32_t in_use_ = 0;
  Take* first_ = nullptr;  // in line
};

}  // namespace sagasim::sim
