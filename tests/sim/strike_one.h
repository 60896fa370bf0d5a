// StrikeOne: an interceptor that lets one effect strike the first operation of a kind and a name.
#pragma once

#include "sim/observer.h"

namespace sagasim::sim {

class StrikeOne final : public Interceptor {
 public:
  StrikeOne(OperationKind kind, Name detail, const Effect& effect)
      : kind_(kind), detail_(detail), effect_(effect) {}

  Effect decide(const Operation& operation) override {
    const bool strikes = !struck_ && operation.kind == kind_ && operation.detail == detail_;
    struck_ = struck_ || strikes;
    return strikes ? effect_ : Effect{};
  }
  bool struck() const { return struck_; }

 private:
  const OperationKind kind_;
  const Name detail_;
  const Effect effect_;
  bool struck_ = false;
};

}  // namespace sagasim::sim
