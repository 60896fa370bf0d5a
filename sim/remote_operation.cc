#include "sim/remote_operation.h"

#include <algorithm>

#include "sim/node.h"
#include "sim/task.h"

namespace sagasim::sim {

RemoteOperation::RemoteOperation(World& world, const Operation& operation, const Route& route,
                                 Activity* activity, Ways ways)
    : Event([](Event& event) { static_cast<RemoteOperation&>(event).on_event(); }),
      world_(world),
      activity_(activity),
      one_way_(ways == Ways::kOneWay),
      operation_(operation),
      route_(route),
      next_(world.in_flight_) {
  if (next_ != nullptr) {
    next_->previous_ = this;
  }
  world.in_flight_ = this;
}

RemoteOperation::~RemoteOperation() {
  world_.scheduler_.cancel(*this);
  world_.scheduler_.forget_arrival(*this);
  if (is_held()) {
    world_.milestones().forget(effect_.until, *this);
  }
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else {
    world_.in_flight_ = next_;
  }
  if (next_ != nullptr) {
    next_->previous_ = previous_;
  }
}

void RemoteOperation::issue_after(Duration delay) {
  abandoned_ = operation_.duplicate != 0;
  world_.scheduler().at(world_.now() + delay, operation_.id, *this);
}

void RemoteOperation::issue() {
  if (!world_.begin(operation_, effect_)) {
    finish();
    return;
  }
  const Instant now = world_.now();
  deadline_ = now + route_.timeout;
  if (effect_.kind == Effect::Kind::kFail) {
    reply_at(now + request_time(), Outcome::kRefused);
    return;
  }
  if (effect_.kind == Effect::Kind::kDrop || effect_.kind == Effect::Kind::kNotDone) {
    lose(0);
    return;
  }
  if (!world_.connected(initiator(), receiver())) {
    lose(world_.cut_cause(initiator(), receiver()));
    return;
  }
  arrival_ = now + request_time();
  if (effect_.kind == Effect::Kind::kDelay) {
    arrival_ += effect_.duration;
  } else if (effect_.kind == Effect::Kind::kLate) {
    arrival_ = deadline_ + effect_.duration;
  } else if (is_held()) {
    if (world_.milestones().reached(effect_.until)) {
      world_.caused(effect_.until, operation_.id);
    } else {
      arrival_ = std::max(arrival_, now + effect_.duration);
      world_.milestones().hold(effect_.until, *this);
    }
  }
  travel();
}

// On its way until `arrival_`, unless the initiator gives up before.
void RemoteOperation::travel() {
  const bool patient = arrival_ < deadline_ || !expected();
  stage_ = patient ? Stage::kRequest : Stage::kGiveUpFirst;
  world_.scheduler().at(patient ? arrival_ : deadline_, operation_.id, *this);
}

// What it was held for has happened: it arrives now, or when it would have without the fault.
void RemoteOperation::let_go_on() {
  if (stage_ != Stage::kRequest && stage_ != Stage::kGiveUpFirst) {
    return;
  }
  world_.caused(effect_.until, operation_.id);
  world_.scheduler().cancel(*this);
  arrival_ = std::max(world_.now(), operation_.at + request_time());
  travel();
}

Duration RemoteOperation::request_time() const {
  return world_.latency(route_.request, operation_, "request");
}

Duration RemoteOperation::reply_time() const {
  return world_.latency(route_.reply, operation_, "reply");
}

void RemoteOperation::cancel() { release(); }

void RemoteOperation::on_event() {
  switch (stage_) {
    case Stage::kNew:
      if (initiator().paused() && operation_.duplicate == 0) {
        initiator().park(*this);
      } else {
        issue();
      }
      break;
    case Stage::kRequest:
      arrive();
      break;
    case Stage::kGiveUpFirst:
      stage_ = Stage::kRequest;
      world_.scheduler().at(arrival_, operation_.id, *this);
      conclude(Outcome::kUnknown);
      break;
    case Stage::kParked:
    case Stage::kExecuting:
      conclude(Outcome::kUnknown);
      break;
    case Stage::kReply: {
      const Outcome outcome = pending_;
      stage_ = Stage::kDone;
      conclude(outcome);
      finish();
      break;
    }
    case Stage::kDone:
      SAGASIM_CHECK(false, "event of an operation that is over");
  }
}

void RemoteOperation::unpark() {
  const Node& stopped = stage_ == Stage::kNew ? initiator() : receiver();
  world_.met(stopped.condition_cause(), operation_.id);
  if (stage_ == Stage::kNew) {
    issue();
  } else {
    world_.scheduler().cancel(*this);
    arrive();
  }
}

// The event becomes the initiator's patience.
void RemoteOperation::wait_for_answer() {
  if (expected()) {
    world_.scheduler().at(std::max(deadline_, world_.now()), operation_.id, *this);
  }
}

void RemoteOperation::arrive() {
  Node& there = receiver();
  if (there.paused()) {
    stage_ = Stage::kParked;
    there.park(*this);
    wait_for_answer();
    return;
  }
  if (!world_.connected(initiator(), there)) {
    lose(world_.cut_cause(initiator(), there));
    return;
  }
  if (!there.available()) {
    world_.met(there.condition_cause(), operation_.id);
    reply_at(world_.now() + reply_time(), Outcome::kRefused);
    return;
  }
  if (there.silenced() || effect_.crashes(Side::kReceiver, Phase::kBefore)) {
    world_.caused(there.condition_cause(), operation_.id);
    there.crash_soon(effect_.duration, operation_.id);
    reply_at(world_.now() + reply_time(), Outcome::kUnknown);
    return;
  }
  if (Workers* workers = there.limited_workers()) [[unlikely]] {
    if (!workers->admit(*this)) {
      world_.met(workers->cause(), operation_.id);
      reply_at(world_.now() + reply_time(), Outcome::kRefused);
      return;
    }
    stage_ = Stage::kExecuting;
    enlist();
    wait_for_answer();
    return;
  }
  stage_ = Stage::kExecuting;
  serve();
}

void RemoteOperation::enlist() {
  if (!listed_) {
    world_.scheduler_.settle_arrival();
    listed_ = true;
    receiver().executing(*this);
  }
}

void RemoteOperation::strike_off() noexcept {
  if (listed_) {
    listed_ = false;
    receiver().executed(*this);
  }
}

void RemoteOperation::serve() {
  Node& there = receiver();
  if (there.paused()) [[unlikely]] {  // its worker stopped in the middle, and will begin again
    strike_off();
    world_.scheduler().cancel(*this);
    arrive();
    return;
  }
  busy_ = true;
  if (effect_.kind == Effect::Kind::kDuplicate) {
    duplicate(effect_.duration);
  }
  execute();
  busy_ = false;
  if (stage_ == Stage::kDone) {
    finish();
  } else if (stage_ == Stage::kExecuting) {
    world_.scheduler_.arrived(*this);
  }
}

void RemoteOperation::settle_in() {
  if (stage_ == Stage::kExecuting) {
    enlist();
    if (!queued()) {
      wait_for_answer();
    }
  }
}

void RemoteOperation::answer(Outcome outcome, std::uint64_t result) {
  SAGASIM_CHECK(stage_ == Stage::kExecuting, "answer without a question");
  Node& there = receiver();
  strike_off();
  world_.scheduler().cancel(*this);
  result_ = result;
  Outcome told = outcome;
  bool lost = effect_.kind == Effect::Kind::kReplyLost;
  if (effect_.crashes(Side::kReceiver, Phase::kUnseen)) {
    there.crash_soon(effect_.duration, operation_.id);
    told = Outcome::kUnknown;
  } else if (effect_.crashes(Side::kReceiver, Phase::kSeen)) {
    there.crash_soon(effect_.duration, operation_.id);
  }
  if (one_way_) {
    stage_ = Stage::kDone;
    conclude(told);
    finish();
    return;
  }
  if (!world_.connected(there, initiator())) {
    world_.met(world_.cut_cause(there, initiator()), operation_.id);
    lost = true;
  }
  if (lost) {
    reply_at(std::max(deadline_, world_.now()), Outcome::kUnknown);
    return;
  }
  reply_at(world_.now() + reply_time(), told);
}

// The receiver has died, and with it its list.
void RemoteOperation::disconnect(std::uint64_t cause) {
  listed_ = false;
  world_.met(cause, operation_.id);
  world_.scheduler().cancel(*this);
  broken();
  reply_at(world_.now() + reply_time(), Outcome::kUnknown);
}

// The answer comes at `at`, unless the initiator has lost patience by then.
void RemoteOperation::reply_at(Instant at, Outcome outcome) {
  if (!expected()) {
    stage_ = Stage::kDone;
    finish();
    return;
  }
  stage_ = Stage::kReply;
  pending_ = at <= deadline_ ? outcome : Outcome::kUnknown;
  const Instant heard = std::max(std::min(at, deadline_), world_.now());
  world_.scheduler().at(heard, operation_.id, *this);
}

void RemoteOperation::lose(std::uint64_t cause) {
  world_.met(cause, operation_.id);
  reply_at(std::max(deadline_, world_.now()), Outcome::kUnknown);
}

void RemoteOperation::conclude(Outcome outcome) {
  told_ = true;
  seen_ = outcome;
  if (operation_.duplicate != 0) {
    return;
  }
  const std::uint64_t result = outcome == Outcome::kUnknown ? 0 : result_;
  if (!world_.complete(operation_, effect_, outcome, result)) {
    world_.caused(initiator().condition_cause(), operation_.id);
    return;
  }
  if (activity_ != nullptr && waiter_ != nullptr) {
    activity_->set_cause(operation_.id);
    world_.scheduler().make_ready(*waiter_);
  }
  concluded(outcome);
}

void RemoteOperation::end_with(const RemoteOperation& carrier) {
  told_ = true;
  seen_ = carrier.seen_;
  stage_ = Stage::kDone;
  if (activity_ != nullptr && waiter_ != nullptr) {
    activity_->set_cause(carrier.operation_.id);
    world_.scheduler().make_ready(*waiter_);
  }
  finish();
}

void RemoteOperation::let_go() noexcept {
  held_ = false;
  waiter_ = nullptr;
  activity_ = nullptr;
  if (!told_) {
    abandoned_ = true;
    if (stage_ == Stage::kReply) {
      stage_ = Stage::kDone;
    } else if (stage_ == Stage::kExecuting || stage_ == Stage::kParked) {
      world_.scheduler().cancel(*this);
    } else if (stage_ == Stage::kGiveUpFirst) {
      world_.scheduler().cancel(*this);
      stage_ = Stage::kRequest;
      world_.scheduler().at(arrival_, operation_.id, *this);
    }
  }
  if (stage_ == Stage::kNew || stage_ == Stage::kDone) {
    stage_ = Stage::kDone;
    finish();
  }
}

void RemoteOperation::finish() noexcept {
  if (!held_ && !busy_) {
    release();
  }
}

}  // namespace sagasim::sim
