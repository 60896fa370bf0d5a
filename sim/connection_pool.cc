#include "sim/connection_pool.h"

#include "sim/world.h"

namespace sagasim::sim {

void Connection::give_back() noexcept {
  if (pool_ != nullptr) {
    std::exchange(pool_, nullptr)->give_back(*holder_);
  }
}

ConnectionPool::Take::Take(ConnectionPool& pool, Activity& activity)
    : Event([](Event& event) {
        auto& take = static_cast<Take&>(event);
        take.leave_line();
        take.pool_.world_.scheduler().make_ready(*take.waiter_);
      }),
      pool_(pool),
      activity_(activity) {}

ConnectionPool::Take::~Take() {
  pool_.world_.scheduler().cancel(*this);
  leave_line();
  if (taken_) {
    pool_.give_back(activity_);
  }
}

bool ConnectionPool::Take::await_ready() noexcept {
  taken_ = pool_.in_use_ < pool_.options_.size;
  pool_.in_use_ += taken_ ? 1u : 0u;
  return taken_;
}

void ConnectionPool::Take::wait() {
  Take** last = &pool_.first_;
  while (*last != nullptr) {
    last = &(*last)->next_;
  }
  *last = this;
  in_line_ = true;
  World& world = pool_.world_;
  world.scheduler().at(world.now() + pool_.options_.patience, activity_.identity(), *this);
}

void ConnectionPool::Take::leave_line() noexcept {
  if (!in_line_) {
    return;
  }
  in_line_ = false;
  Take** link = &pool_.first_;
  while (*link != this) {
    link = &(*link)->next_;
  }
  *link = next_;
}

Connection ConnectionPool::Take::await_resume() {
  if (!std::exchange(taken_, false)) {
    return Connection();
  }
  return Connection(pool_, activity_);
}

// The first in line has it at once: nobody who comes now can overtake him.
void ConnectionPool::give_back(const Activity& holder) noexcept {
  Take* heir = first_;
  if (heir == nullptr) {
    --in_use_;
    return;
  }
  heir->leave_line();
  heir->taken_ = true;
  world_.scheduler().cancel(*heir);
  world_.caused(holder.cause(), heir->activity_.next_step());
  world_.scheduler().make_ready(*heir->waiter_);
}

}  // namespace sagasim::sim
