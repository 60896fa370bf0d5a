// Dependencies: which of the serializable transactions of a database have read what another one
// then wrote. A transaction that has such an edge coming in and one going out, to one that was
// committed before, may close a cycle, and is not committed. Modelled on serializable snapshot
// isolation (Cahill, Röhm, Fekete 2008; Ports, Grittner 2012, which is PostgreSQL's).
//
// Sound, and not exact: one that could have been committed may be turned away.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/table.h"

namespace sagasim::sim {

class Dependencies {
 public:
  // What a transaction has looked at: a row that is there or is not, or all that share the first
  // half of a key.
  struct Read {
    const TableBase* table;
    RowKey key;
    bool range;
  };
  struct Written {
    const TableBase* table;
    RowKey key;
  };
  struct Party {
    std::uint64_t snapshot = 0;   // the last commit that it sees
    std::uint64_t committed = 0;  // the number of its own commit; 0: not yet, or never
    bool ended = false;
    bool leads_to_committed =
        false;  // it has read what a transaction wrote that was committed first
    std::vector<Read> reads;
    std::vector<Written> writes;
  };

  Party& begin(std::uint64_t snapshot);
  // Whether it may be committed, with what it has written down by now.
  bool may_commit(Party& party) const;
  // It was committed, or rolled back (`committed` is 0): `party` is not used any more.
  void end(Party& party, std::uint64_t committed);

 private:
  std::vector<std::unique_ptr<Party>> parties_;
};

}  // namespace sagasim::sim
