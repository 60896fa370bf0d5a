#include "sim/row_history.h"

namespace sagasim::sim {

RowHistory::~RowHistory() {
  for (const PastRow& past : rows_) {
    release(past);
  }
}

void RowHistory::release(const PastRow& past) {
  if (past.row != nullptr) {
    pool_.release(past.row, past.table->type().size);
  }
}

bool RowHistory::take_newest(Instant since, PastRow& past) {
  if (rows_.empty() || rows_.back().until <= since) {
    return false;
  }
  past = rows_.back();
  rows_.pop_back();
  return true;
}

void RowHistory::forget(std::uint64_t version) {
  std::erase_if(rows_, [&](const PastRow& past) {
    const bool over = past.version <= version;
    if (over) {
      release(past);
    }
    return over;
  });
}

const PastRow* RowHistory::find(const TableBase& table, RowKey key, const View& view) const {
  for (const PastRow& past : rows_) {
    if (view.shows(past) && past.table == &table && past.key == key) {
      return &past;
    }
  }
  return nullptr;
}

}  // namespace sagasim::sim
