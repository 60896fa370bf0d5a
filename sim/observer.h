// Observer: what happened, as facts. Judges, coverage and reports read these and nothing else.
// Tracer: every operation and every cause, for the runs that are looked at. A run without a tracer
// pays one predictable branch per operation for it.
#pragma once

#include <cstdint>

#include "sim/operation.h"
#include "sim/time.h"

namespace sagasim::sim {

class Node;
struct Commit;
struct Record;
struct Exchange;
struct HttpRequest;

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_commit(const Commit&) {}                        // a transaction is durable
  virtual void on_append(const Record&) {}                        // a record is in the log
  virtual void on_delivered(const Record&, const Invocation&) {}  // a consumer has got a record,
  virtual void on_handled(const Record&, const Invocation&) {}    // and is done with it
  virtual void on_parked(const Record&, Name /*group*/) {}        // it has become a dead letter
  virtual void on_request(const Node&, const HttpRequest&) {}     // an external service is asked,
  virtual void on_exchange(const Exchange&) {}                    // and has decided a request
};

class Tracer {
 public:
  virtual ~Tracer() = default;
  virtual void on_begin(const Operation& operation, const Effect& effect) = 0;
  // The end of it as its initiator sees it. Operations of a crashed initiator never end.
  virtual void on_complete(const Operation& operation, Outcome outcome, std::uint64_t result,
                           Instant at) = 0;
  // `effect` could have been otherwise without `cause`. Either may name an operation, a fault or a
  // condition of a node. 0 is no cause.
  virtual void on_cause(std::uint64_t cause, std::uint64_t effect) = 0;
};

// Decides what becomes of one operation. Asked once per operation, in the order in which they
// begin. With the windows that World offers, this is the only road by which faults come in.
class Interceptor {
 public:
  virtual ~Interceptor() = default;
  virtual Effect decide(const Operation& operation) = 0;
};

}  // namespace sagasim::sim
