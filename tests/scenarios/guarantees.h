// What the reference protocol still promises when a guarantee is taken away from under it: for each
// breaker the properties that may then break. All others must hold. docs/guarantees.md shows the
// table.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "faults/kind.h"

namespace sagasim::scenarios {

struct Guarantee {
  faults::Kind breaker;
  const char* profile;                 // in which chance injects it
  std::vector<std::string> may_break;  // ids of properties, each seen broken
  const char* why;

  bool allows(const std::string& property) const {
    return std::find(may_break.begin(), may_break.end(), property) != may_break.end();
  }
};

inline const std::vector<Guarantee>& guarantees() {
  static const std::vector<std::string> kLostEvents = {"CMP-1",  "CPN-3", "DPL-2", "LIV-1",
                                                       "MET-14", "MON-4", "ORP-1", "PAY-3",
                                                       "PAY-4",  "RNK-1", "RNK-2", "STK-4"};
  static const std::vector<std::string> kLostRows = {
      "CMP-1", "CMP-2", "CPN-1", "CPN-2", "CPN-3",  "CPN-4", "CPN-6", "DPL-1", "DPL-2",
      "EVT-2", "EVT-3", "EVT-7", "EVT-8", "IDM-1",  "IDM-2", "IDM-5", "LIN-2", "LIV-1",
      "LIV-2", "LIV-3", "LIV-5", "LIV-6", "MET-14", "MON-2", "MON-3", "MON-4", "MON-5",
      "MON-6", "ORD-1", "ORD-2", "ORD-3", "ORD-6",  "ORP-1", "OUT-1", "OUT-2", "PAY-1",
      "PAY-3", "PAY-4", "PAY-6", "PAY-7", "PAY-8",  "PRC-1", "PRC-2", "PRC-4", "RNK-1",
      "RNK-2", "RUL-1", "STK-2", "STK-3", "STK-4",  "STK-5", "STK-6"};
  static const std::vector<std::string> kOldRows = [] {
    std::vector<std::string> all = kLostRows;
    all.insert(all.end(), {"CPN-5", "PAY-2", "RNK-3"});
    return all;
  }();
  static const std::vector<Guarantee> kGuarantees = {
      {faults::Kind::kAcks1, "acks1", kLostEvents,
       "The outbox row of an acknowledged record is gone, so nobody sends it again: sagas stop "
       "where they are. What was done stays right; it is not finished or not undone."},
      {faults::Kind::kUncleanElection, "unclean-election", kLostEvents,
       "The same, for more records."},
      {faults::Kind::kShortRetention,
       "short-retention",
       {"CMP-1", "CPN-3", "DPL-2", "IDM-2", "LIV-1", "MET-14", "MON-4", "ORP-1", "PAY-3", "PAY-4",
        "RNK-1", "RNK-2", "STK-4"},
       "A record that nobody has read is as good as lost; delivered after all, it still acts."},
      {faults::Kind::kDatabaseFailover, "database-failover", kLostRows,
       "A fact, its inbox row and its outbox row vanish together, while what was told of it "
       "remains: no guard is left that remembers."},
      {faults::Kind::kDatabaseRestored, "database-restored", kOldRows,
       "The same, for more facts: an order that is made anew may cost something else than what was "
       "paid for it, a reader is told an old ranking, and a coupon that was given back and is over "
       "since is held again."},
      {faults::Kind::kKeyExpiry,
       "key-expiry",
       {"CMP-1", "DPL-1", "IDM-9", "MET-14", "OUT-1", "PAY-4", "PAY-5", "PAY-8"},
       "A charge of unknown outcome is repeated, and captured again: at the gateway a second key "
       "is all that keeps two payments apart. So it is with records at the data platform."},
      {faults::Kind::kReplicaLag,
       "replica-lag",
       {"LIN-2", "MON-7", "MON-8", "ORD-7", "REF-1", "RNK-3"},
       "A customer can read an older status, balance or ranking than before, or that there is no "
       "order, and an order can be made at yesterday's price or of what is no longer sold. What an "
       "order takes is locked where it is read, and is the present."},
      {faults::Kind::kLockTimeoutStatement,
       "lock-timeout-statement",
       {"CPN-3", "LIN-2", "MET-14", "MON-4", "OUT-2", "RUL-1", "STK-2", "STK-4"},
       "A handler that does not find the row that it could not lock decides without it: a balance "
       "is missing, a stock is short, there is no order to cancel."},
  };
  return kGuarantees;
}

}  // namespace sagasim::scenarios
