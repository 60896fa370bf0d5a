// RowHistory: the versions of rows that are no longer, for those who are to see the past: a
// transaction that sees one instant, a replica that lags, a server that is restored. Kept in the
// order in which they were replaced.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/pool.h"
#include "sim/table.h"
#include "sim/time.h"

namespace sagasim::sim {

inline constexpr std::uint64_t kNoSnapshot = UINT64_MAX;

// A version of a row that is no longer, and until when it was.
struct PastRow {
  Instant until;
  TableBase* table;
  RowKey key;
  void* row;              // null: there was none
  std::uint64_t by;       // the commit that replaced it
  std::uint64_t version;  // that commit's number
};

// What a read is to see: nothing of commits beyond a number, or later than an instant.
struct View {
  std::uint64_t version = kNoSnapshot;
  Instant then = kNever;
  bool is_now() const { return version == kNoSnapshot && then == kNever; }
  bool shows(const PastRow& past) const { return past.version > version || past.until > then; }
};

class RowHistory {
 public:
  explicit RowHistory(Pool& pool) : pool_(pool) {}
  RowHistory(const RowHistory&) = delete;
  RowHistory& operator=(const RowHistory&) = delete;
  ~RowHistory();

  // Takes over the row's memory.
  void add(const PastRow& past) { rows_.push_back(past); }
  // The newest, if it was replaced after `since`: takes it out. The caller frees its row.
  bool take_newest(Instant since, PastRow& past);
  // Nobody is to see any more what the commit of that number, or an earlier one, has replaced.
  void forget(std::uint64_t version);

  // The version of a row that the view shows, if that is not the present one.
  const PastRow* find(const TableBase& table, RowKey key, const View& view) const;
  // The row of that key in a view; `entry` is what the table has under it. Null: none.
  const void* visible(const TableBase& table, RowKey key, const Entry* entry,
                      const View& view) const {
    const void* now = entry != nullptr && entry->exists ? entry->row() : nullptr;
    if (view.is_now()) [[likely]] {
      return now;
    }
    const PastRow* past = find(table, key, view);
    return past != nullptr ? past->row : now;
  }
  // Calls visit(const PastRow&) for every such version that is a row, of those whose key begins
  // with `first`.
  template <class Visit>
  void for_each(const TableBase& table, std::uint64_t first, const View& view,
                Visit&& visit) const {
    for (const PastRow& past : rows_) {
      const bool counts = view.shows(past) && past.table == &table && past.key.first == first;
      if (counts && past.row != nullptr && find(table, past.key, view) == &past) {
        visit(past);
      }
    }
  }

 private:
  void release(const PastRow& past);

  Pool& pool_;
  std::vector<PastRow> rows_;  // oldest first
};

}  // namespace sagasim::sim
