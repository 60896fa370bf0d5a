// Intervention: what a person or a machine below does to a part from outside: an operator resets a
// group's offsets, a replica that lacks the latest records becomes the leader, a backup is played
// back. Each part takes those that it knows and ignores the others.
#pragma once

#include <cstdint>
#include <string>

#include "sim/time.h"

namespace sagasim::sim {

struct Intervention {
  enum class Kind : std::uint8_t {
    kRunJobsAgain,  // node with jobs: each runs once more over the rows that wait, beside itself
    kResetOffsets,  // broker: group `name` goes back to what was appended in the last `by`
    kRedrive,       // broker: the dead letters of group `name` are handed to it again
    kExpandPartitions,  // broker: topic `name` gets one more partition, and keys move
    kAppendCorrupt,     // broker: a malformed record is added to topic `name`
    kLoseTail,          // broker: what was appended in the last `by` is gone, acknowledged or not
    kFailOver,     // broker: a follower is the leader from now on, and what no follower has is gone
    kTruncate,     // broker: what was appended more than `by` ago is no longer readable
    kKeepHistory,  // database, cache: from now on it remembers what it changes, for the next
    kRestore,      // the same: what was committed or written in the last `by` is undone
    kReadBehind,   // database: plain reads show what was true `by` ago; zero ends it
    kFailLockWaits,  // database: a statement that meets a lock fails alone, and the transaction
                     // goes on without it; `by` zero ends it
    kForgetKeys,     // HTTP service: the idempotency keys are forgotten
    kWipe,           // cache: all keys are gone
  };
  Kind kind = Kind::kRunJobsAgain;
  std::string name;  // group or topic
  Duration by{};
  std::uint64_t cause = 0;  // the fault
};

}  // namespace sagasim::sim
