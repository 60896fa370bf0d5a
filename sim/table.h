// Table: the committed rows of one relation, and the locks on them. Rows are plain described
// structs; a row offers `RowKey key() const`, its primary key, and that key is unique.
//
// The first half of a key is a Subject or a hash; rows that share it can be found together, as by
// an index over that column.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include "sim/describe.h"
#include "sim/name.h"
#include "sim/pool.h"

namespace sagasim::sim {

class DatabaseOperation;
class Session;
class Watcher;

struct RowKey {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  friend constexpr bool operator==(const RowKey&, const RowKey&) = default;
  std::uint64_t hash() const { return combine(mix(first), second); }
};
constexpr RowKey key_of(Subject subject, std::uint64_t second = 0) {
  return RowKey{subject.bits(), second};
}

// A key that is, or was, or is about to be in the table. The row's bytes follow it in memory.
struct Entry {
  RowKey key;
  bool exists = false;
  std::uint64_t writer = 0;              // the commit that wrote the present version
  std::uint64_t version = 0;             // that commit's number in its database
  std::uint64_t digest = 0;              // of the row; meaningful iff it exists
  Session* holder = nullptr;             // who holds the row lock
  DatabaseOperation* waiting = nullptr;  // who waits for it, first come first
  Entry* next = nullptr;                 // the bucket's chain

  void* row() { return this + 1; }
  const void* row() const { return this + 1; }
};

// The untyped half: what the database needs to know of any table.
class TableBase {
 public:
  TableBase(Pool& pool, Name name, const Type& type, bool technical)
      : pool_(pool), name_(name), type_(type), technical_(technical), buckets_(64) {}
  TableBase(const TableBase&) = delete;
  TableBase& operator=(const TableBase&) = delete;
  virtual ~TableBase();

  Name name() const { return name_; }
  const Type& type() const { return type_; }
  // Bookkeeping of the transport (inbox, outbox) as opposed to business facts.
  bool technical() const { return technical_; }
  std::uint32_t rows() const { return rows_; }

  Entry* find(RowKey key) const;
  Entry& find_or_add(RowKey key);
  // Frees the entry if nothing refers to it: no row, no lock, nobody waiting.
  void tidy(Entry& entry);
  void write(Entry& entry, const void* row, std::uint64_t writer);
  void erase(Entry& entry, std::uint64_t writer);
  // For a trace: who erased the row that was there last; 0 if nobody did or nobody noted it.
  void note_eraser(RowKey key, std::uint64_t writer) { erasers_[key.hash()] = writer; }
  std::uint64_t eraser(RowKey key) const {
    if (erasers_.empty()) [[likely]] {
      return 0;
    }
    const auto found = erasers_.find(key.hash());
    return found == erasers_.end() ? 0 : found->second;
  }

  // Calls visit(const Entry&) for every row. The order means nothing: fold commutatively, or name
  // things by their keys.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (Entry* entry : buckets_) {
      for (; entry != nullptr; entry = entry->next) {
        if (entry->exists) {
          visit(static_cast<const Entry&>(*entry));
        }
      }
    }
  }
  // Every entry whose key begins with `first`.
  template <class Visit>
  void for_each_with(std::uint64_t first, Visit&& visit) const {
    for (Entry* entry = buckets_[bucket(first)]; entry != nullptr; entry = entry->next) {
      if (entry->key.first == first && entry->exists) {
        visit(static_cast<const Entry&>(*entry));
      }
    }
  }
  std::uint64_t digest() const;

  std::vector<Watcher*>& watchers() { return watchers_; }
  const std::vector<Watcher*>& watchers() const { return watchers_; }

 private:
  std::uint64_t bucket(std::uint64_t first) const { return mix(first) & (buckets_.size() - 1); }
  void grow();

  Pool& pool_;
  const Name name_;
  const Type& type_;
  const bool technical_;
  std::vector<Entry*> buckets_;
  std::uint32_t entries_ = 0;
  std::uint32_t rows_ = 0;
  std::vector<Watcher*> watchers_;
  std::map<std::uint64_t, std::uint64_t> erasers_;
};

template <class Row>
class Table : public TableBase {
 public:
  Table(Pool& pool, Name name, bool technical) : TableBase(pool, name, type_of<Row>(), technical) {
    static_assert(std::is_trivially_copyable_v<Row>, "rows are plain structs");
    static_assert(alignof(Row) <= 8);
  }

  // A row that is there from the start: no operation, no commit.
  void seed(const Row& row) { write(find_or_add(row.key()), &row, 0); }
  // The committed row, or null. For judges and tests; services go through a Transaction.
  const Row* peek(RowKey key) const {
    const Entry* entry = find(key);
    return entry != nullptr && entry->exists ? static_cast<const Row*>(entry->row()) : nullptr;
  }
};

}  // namespace sagasim::sim
