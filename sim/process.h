// Process: the program of a node, written by the user of the kernel. A new one is made at each
// start, and a crash destroys it with all it remembers.
#pragma once

#include "sim/activity.h"
#include "sim/payload.h"
#include "sim/task.h"

namespace sagasim::sim {

struct Claim;
struct Record;

// What a consumer says of a record that it was handed.
enum class Handled : std::uint8_t {
  kDone,   // its effects are committed: the position may move past it
  kRetry,  // nothing happened, or nobody knows: hand it over again later
};

// A record on loan to its consumer; it outlives the handler.
struct Delivery {
  const Record* record = nullptr;
  const Claim* claim = nullptr;  // by which its position may be committed; while it is handled
};

class Process {
 public:
  virtual ~Process() = default;

  // Runs once after each start, before or beside everything else.
  virtual Task<> start(Context context);
  // Answers a call. The reply's type is part of the method's contract.
  virtual Task<Payload> serve(Context context, Name method, Payload request);
  // Handles a record of a topic that the process's group subscribes to.
  virtual Task<Handled> consume(Context context, Delivery delivery);
};

}  // namespace sagasim::sim
