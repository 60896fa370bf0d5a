// The workloads that kernels are compared by, each through the kernel's public interface and with
// everything on: identities, keyed draws, an interceptor that is asked about every operation, an
// observer, the fingerprint, nodes that can crash.
//
// ping  pairs of processes, one message in flight per pair, latency uniform 1 to 10 ms
// saga  per order three calls at once and then a fourth, each a coroutine of its own with a timeout
//       of one second: eight messages and four timers that never fire
// hold  the event queue alone: take the earliest event, put it back a random step later
#pragma once

#include <cstdint>
#include <deque>

#include "sim/event_queue.h"

namespace sagasim::bench {

struct PingResult {
  std::uint64_t messages = 0;
  std::uint64_t fingerprint = 0;
  double cpu_seconds = 0;  // of the run, without setting up
};
// Stops soon after that many messages have arrived.
PingResult ping(std::uint32_t pairs, std::uint64_t messages, std::uint64_t seed);

struct SagaResult {
  std::uint64_t orders = 0;
  std::uint64_t operations = 0;
  std::uint64_t fingerprint = 0;
  double cpu_seconds = 0;
};
// `in_flight` orders at any time until `orders` are done. Requires: 1 <= in_flight <= orders.
SagaResult saga(std::uint64_t orders, std::uint64_t in_flight, std::uint64_t seed);

// Owns `pending` events and the queue that they are in.
class Hold {
 public:
  explicit Hold(std::uint32_t pending);
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold();
  // Takes and puts back so many times.
  void run(std::uint64_t operations);
  // Of the times at which events were taken.
  std::uint64_t digest() const { return digest_; }

 private:
  sim::Duration step();

  sim::EventQueue queue_;
  std::deque<sim::Event> events_;
  std::uint64_t state_ = 1;
  std::uint64_t tie_ = 0;
  std::uint64_t digest_ = 0;
};

// The processor time that this process has used so far.
double cpu_seconds();

}  // namespace sagasim::bench
