// Plan: everything that goes wrong in one run, by name. What chance writes, a person edits and a
// test pins; a run under a plan repeats the run that it was recorded from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "faults/kind.h"
#include "sim/operation.h"
#include "sim/time.h"

namespace sagasim::faults {

// A fault that strikes one operation.
struct OperationFault {
  std::string operation;       // its name, see sim::to_text(Operation)
  std::uint64_t identity = 0;  // what the name stands for; 0: to be found by the name
  sim::Effect effect;
  std::string until{};  // for a hold: the name of the operation whose end it waits for
};

// A fault that lasts for a while, or happens at a moment. Anchored, it counts its times from the
// end of a named operation, so that it stays where it belongs in the story when times change.
struct WindowFault {
  Kind kind = Kind::kOutage;  // not one of an operation
  std::string target;         // see Target; empty for kinds without one
  std::string peer;           // the other end of a partition
  sim::Instant from{};        // with `after`: so long after its end
  sim::Instant until{};       // likewise; not for moments. Later than `from`
  sim::Duration by{};         // for kinds that take an amount
  std::string after{};        // the operation that it is anchored to; empty: absolute times
  std::string until_after{};  // it is over once that operation has ended, or else at `until`
};

struct Plan {
  std::vector<OperationFault> operations;  // in the order in which they struck, or as written
  std::vector<WindowFault> windows;
  std::size_t size() const { return operations.size() + windows.size(); }
};

// "isolation of payment", "partition of payment and broker", "power-cut": for people.
std::string label_of(const WindowFault& window);

// The name of a window as a cause and in ties: a hash of all that it says, so that it is the same
// in the run that drew the window and in every run that replays it.
std::uint64_t identity_of(const WindowFault& window);

}  // namespace sagasim::faults
