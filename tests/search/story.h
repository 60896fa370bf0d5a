// A short recorded run, made by hand: two nodes, a few calls, a fault.
#pragma once

#include <cstdint>

#include "search/recording.h"
#include "sim/node.h"
#include "sim/world.h"

namespace sagasim::fake {

class Story {
 public:
  // The `ordinal`th call about t1.2, begun `at_ms` after the start. Ends 3 ms later with `outcome`.
  sim::Operation call(std::uint32_t ordinal, std::int64_t at_ms) {
    sim::Operation operation;
    operation.at = sim::kStart + sim::milliseconds(at_ms);
    operation.invocation = work();
    operation.kind = sim::OperationKind::kCall;
    operation.detail = "ask";
    operation.subject = sim::Subject('t', 1, 2);
    operation.ordinal = ordinal;
    operation.initiator = &front_;
    operation.receiver = &back_;
    operation.id = sim::operation_identity(
        sim::operation_base(work().id(), operation.kind, operation.detail.hash(),
                            operation.subject.bits()),
        ordinal, 0);
    return operation;
  }

  static void play(sim::Tracer& tracer, const sim::Operation& operation,
                   const sim::Effect& effect = {}, sim::Outcome outcome = sim::Outcome::kOk) {
    tracer.on_begin(operation, effect);
    if (effect.kind != sim::Effect::Kind::kCrash) {
      tracer.on_complete(operation, outcome, 0, operation.at + sim::milliseconds(3));
    }
  }

  static sim::Effect crash() {
    sim::Effect effect;
    effect.kind = sim::Effect::Kind::kCrash;
    effect.phase = sim::Phase::kUnseen;
    effect.duration = sim::seconds(2);
    return effect;
  }

 private:
  static sim::Invocation work() {
    sim::Invocation invocation;
    invocation.role = "front";
    invocation.scope = "desk";
    invocation.subject = sim::Subject('t', 1, 2);
    return invocation;
  }

  sim::World world_{1};
  sim::Node& front_ = world_.add_server("front");
  sim::Node& back_ = world_.add_server("back-office");
};

}  // namespace sagasim::fake
