// WriteSet: what a transaction has written and not committed, in that order.
#pragma once

#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "sim/pool.h"
#include "sim/table.h"

namespace sagasim::sim {

// The row's bytes follow it in memory.
struct Write {
  enum class Kind : std::uint8_t { kInsert, kUpdate, kErase };
  TableBase* table;
  RowKey key;
  Kind kind;
  Write* next;
  Entry* entry = nullptr;  // once the server has asked for its lock; stays from then on
  void* row() { return this + 1; }
  const void* row() const { return this + 1; }
};

class WriteSet {
 public:
  explicit WriteSet(Pool& pool) : pool_(pool) {}
  WriteSet(WriteSet&& other) noexcept
      : pool_(other.pool_),
        first_(std::exchange(other.first_, nullptr)),
        last_(std::exchange(other.last_, nullptr)) {}
  WriteSet& operator=(WriteSet&&) = delete;
  ~WriteSet() {
    while (first_ != nullptr) {
      Write* next = first_->next;
      pool_.release(first_, sizeof(Write) + first_->table->type().size);
      first_ = next;
    }
  }

  bool empty() const { return first_ == nullptr; }
  // Linked by next.
  Write* first() const { return first_; }
  // The first of that key, or null.
  Write* find(const TableBase& table, RowKey key) const {
    Write* write = first_;
    while (write != nullptr && (write->table != &table || !(write->key == key))) {
      write = write->next;
    }
    return write;
  }
  // The row's bytes are the caller's to fill.
  Write& add(TableBase& table, RowKey key, Write::Kind kind) {
    void* memory = pool_.allocate(sizeof(Write) + table.type().size);
    Write* write = new (memory) Write{&table, key, kind, nullptr};
    (last_ != nullptr ? last_->next : first_) = write;
    last_ = write;
    return *write;
  }
  // Those of `earlier`, which has none then, come before its own.
  void prepend(WriteSet& earlier) {
    if (earlier.first_ == nullptr) {
      return;
    }
    earlier.last_->next = first_;
    if (last_ == nullptr) {
      last_ = earlier.last_;
    }
    first_ = std::exchange(earlier.first_, nullptr);
    earlier.last_ = nullptr;
  }

 private:
  Pool& pool_;
  Write* first_ = nullptr;
  Write* last_ = nullptr;
};

}  // namespace sagasim::sim
