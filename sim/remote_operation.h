// RemoteOperation: one request on its way to another node and its answer on the way back. The road
// that every part shares: a call, a statement, a commit, an append, a request to the gateway.
//
// Its three outcomes are the heart of the simulator: done and known, not done and known, unknown.
// It lives in the world's pool until its initiator has let go of it and its receiver is done with
// it, so a request goes on after the process that sent it has died.
#pragma once

#include <cstdint>

#include "sim/activity.h"
#include "sim/event_queue.h"
#include "sim/milestones.h"
#include "sim/operation.h"
#include "sim/world.h"

namespace sagasim::sim {

class RemoteOperation : public Event, public Holdable {
 public:
  // `activity` is who asks; null for operations of a part itself, which nobody awaits. One that is
  // `one_way` has no answer: its initiator knows of its arrival at once, as of a long poll's.
  enum class Ways : std::uint8_t { kThereAndBack, kOneWay };
  RemoteOperation(World& world, const Operation& operation, const Route& route, Activity* activity,
                  Ways ways = Ways::kThereAndBack);
  virtual ~RemoteOperation();

  World& world() const { return world_; }
  const Operation& operation() const { return operation_; }
  Node& initiator() const { return *operation_.initiator; }
  Node& receiver() const { return *operation_.receiver; }
  const Effect& effect() const { return effect_; }
  // Who awaits it; null if nobody does, or not any more.
  const Activity* activity() const { return held_ && !told_ ? activity_ : nullptr; }
  // The activity that has to go on before this can be answered; null if it needs nobody's help.
  virtual const Activity* waits_for() const { return nullptr; }
  const RemoteOperation* next_in_flight() const { return next_; }

  // Sends the request. Called once.
  void issue();
  // Issues it `delay` from now. For what no activity awaits: a poll, a copy that a fault makes.
  void issue_after(Duration delay);
  // It will not be issued after all: frees it.
  void cancel();

  // --- for Await only ---
  void hold(Promise& waiter) {
    held_ = true;
    waiter_ = &waiter;
  }
  void let_go() noexcept;
  Outcome outcome() const { return seen_; }

  // --- kernel only ---
  void arrive();
  // A worker of the receiver has spent the time that it takes: does what was asked.
  void serve();
  void let_go_on() final;
  // Its paused node goes on (or died): takes up what had to wait.
  void unpark();
  void disconnect(std::uint64_t cause);
  // The step in which it arrived is over, and it is not answered: see Scheduler::arrived().
  void settle_in();
  void discard() noexcept { release(); }

 protected:
  // At the receiver, at its time: does what was asked and calls answer(), now or later.
  virtual void execute() = 0;
  // A fault makes it arrive a second time, `delay` after now.
  virtual void duplicate([[maybe_unused]] Duration delay) {}
  // The initiator has just learnt the outcome; for operations that nobody awaits.
  virtual void concluded([[maybe_unused]] Outcome outcome) {}
  // The receiver died while executing; what it was doing is void.
  virtual void broken() {}
  // Never issued, it has travelled in `carrier`, which has ended: its initiator learns the same.
  void end_with(const RemoteOperation& carrier);
  // Gives the memory back: world().pool().destroy(this), where the exact type is known.
  virtual void release() noexcept = 0;

  // The receiver is done. `result` is a digest of what it answered.
  void answer(Outcome outcome, std::uint64_t result);
  bool executing() const { return stage_ == Stage::kExecuting; }
  const Route& route() const { return route_; }

 private:
  friend class World;
  enum class Stage : std::uint8_t {
    kNew,
    kRequest,      // under way to the receiver
    kGiveUpFirst,  // under way, and the initiator gives up before it arrives
    kParked,       // at a receiver that is paused; the event is the initiator's patience
    kExecuting,    // at the receiver; likewise
    kReply,        // the answer is under way, or the silence that stands for it
    kDone,
  };

  void on_event();
  void travel();
  void wait_for_answer();
  Duration request_time() const;
  Duration reply_time() const;
  bool is_held() const { return effect_.kind == Effect::Kind::kHold; }
  void reply_at(Instant at, Outcome outcome);
  void lose(std::uint64_t cause);
  void conclude(Outcome outcome);
  void finish() noexcept;
  // The receiver is at it for longer than an instant: a crash there breaks it off. What is done as
  // soon as it arrives, as most is, the receiver never hears of.
  void enlist();
  void strike_off() noexcept;
  bool expected() const { return !told_ && !abandoned_; }

  // Laid out for the cache: what each of its events looks at comes first, with the hot half of the
  // operation in the line after it.
  World& world_;
  Activity* activity_;
  Promise* waiter_ = nullptr;
  Stage stage_ = Stage::kNew;
  Outcome pending_ = Outcome::kUnknown;  // what the answer under way says
  Outcome seen_ = Outcome::kUnknown;     // what the initiator was told
  bool held_ : 1 = false;                // an awaiter refers to it
  bool told_ : 1 = false;                // the initiator has its answer, or gave up
  bool abandoned_ : 1 = false;           // the initiator is gone
  const bool one_way_ : 1;
  bool busy_ : 1 = false;    // in the middle of arrive(): must not be freed yet
  bool listed_ : 1 = false;  // among what the receiver is at
  Operation operation_;
  const Route& route_;
  Effect effect_;
  Instant deadline_{};
  Instant arrival_{};
  std::uint64_t result_ = 0;
  RemoteOperation* previous_ = nullptr;  // the world's list
  RemoteOperation* next_ = nullptr;
};

// Awaits one RemoteOperation. `Op` offers take(), which gives the awaiter's result, and nothing(),
// which gives the result of an operation that could not even be asked for. Made by a part's public
// methods; destroying it abandons the operation, which goes on without its initiator.
template <class Op>
class [[nodiscard]] Await {
 public:
  Await() = default;  // ready at once, with Op::nothing()
  explicit Await(Op& operation) : operation_(&operation) {}
  Await(const Await&) = delete;
  Await& operator=(const Await&) = delete;
  ~Await() {
    if (operation_ == nullptr) {
      return;
    }
    if (issued_) {
      operation_->let_go();
    } else {
      operation_->cancel();
    }
  }

  bool await_ready() const noexcept { return operation_ == nullptr; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> awaiting) {
    issued_ = true;
    operation_->hold(awaiting.promise());
    if constexpr (requires { operation_->enqueue(); }) {
      operation_->enqueue();  // it is issued when its turn comes
    } else {
      operation_->issue();
    }
  }
  auto await_resume() {
    if constexpr (requires { Op::nothing(); }) {
      if (operation_ == nullptr) {
        return Op::nothing();
      }
    }
    return operation_->take();
  }

 private:
  Op* operation_ = nullptr;
  bool issued_ = false;
};

}  // namespace sagasim::sim
