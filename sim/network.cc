#include "sim/network.h"

#include <utility>

#include "sim/node.h"

namespace sagasim::sim {

void CallOperation::execute() {
  const Operation& asked = operation();
  const Invocation& caller = asked.invocation;
  Invocation invocation;
  invocation.role = receiver().role();
  invocation.scope = asked.detail;
  invocation.trigger = caller.scope;
  invocation.subject = asked.subject;
  invocation.version = asked.ordinal - 1;
  if (caller.subject != asked.subject || !caller.trigger.empty() || caller.version != 0) {
    // Two orders may ask for one product, two events about one order for one thing: each time it is
    // work of its own, although all that the name could show of it is the same.
    const std::uint64_t whose = combine(caller.role.hash(), caller.subject.bits());
    const std::uint64_t why = combine(caller.trigger.hash(), caller.version);
    invocation.version += static_cast<std::uint32_t>(combine(whose, why));
  }
  invocation.copy =
      duplicated(caller.copy, asked.duplicate == 0 ? Repeated::kNot : Repeated::kCall);
  invocation.attempt = caller.attempt;
  serving_ = &receiver().start(invocation, asked.id,
                               [this](Context context) { return serve(context, this); });
}

Task<> CallOperation::serve(Context context, CallOperation* call) {
  Process& process = call->receiver().process();
  Payload request = std::move(call->request_);
  auto work = process.serve(context, call->operation().detail, std::move(request));
  call->reply_ = co_await std::move(work);
  context.activity().world().caused(context.activity().cause(), call->operation().id);
  call->answer(Outcome::kOk, call->reply_.digest());
}

void CallOperation::duplicate(Duration delay) {
  auto* copy = world().pool().make<CallOperation>(world(), duplicate_of(operation(), 1), route(),
                                                  nullptr, request_.clone());
  copy->issue_after(delay);
}

Await<CallOperation> Service::call(Context context, Name method, Subject subject,
                                   Payload request) const {
  Activity& activity = context.activity();
  World& world = activity.world();
  Operation operation =
      activity.operation(OperationKind::kCall, method, subject, instances_.front());
  if (instances_.size() > 1) {
    const std::uint64_t draw = world.random().draw(operation.id, "instance");
    operation.receiver = instances_[below(draw, instances_.size())];
  }
  return Await<CallOperation>(
      *world.pool().make<CallOperation>(world, operation, route_, &activity, std::move(request)));
}

// One message between two nodes: under way first, then in the mailbox. Unlike a call it ends where
// it arrives, so of its operation it keeps the identity alone.
class Message final : public Event {
 public:
  Message(Mailbox& to, std::uint64_t operation, Payload content)
      : Event([](Event& event) { static_cast<Message&>(event).deliver(); }),
        to_(to),
        operation_(operation),
        content_(std::move(content)),
        next_(to.under_way_) {
    if (next_ != nullptr) {
      next_->previous_ = this;
    }
    to.under_way_ = this;
  }

  // `operation` has not begun yet.
  static void send(World& world, Mailbox& to, Operation& operation, const Latency& latency,
                   Payload content) {
    Effect effect;
    if (!world.begin(operation, effect) || effect.kind == Effect::Kind::kDrop ||
        !world.connected(*operation.initiator, *operation.receiver)) {
      return;
    }
    Instant at = world.now() + world.latency(latency, operation, "request");
    if (effect.kind == Effect::Kind::kDelay) {
      at += effect.duration;
    }
    Mailbox::Sender& sender = to.sender(operation.initiator->index());
    if (at <= sender.last) {  // at one instant, order would be left to chance
      at = sender.last + nanoseconds(1);
      world.caused(sender.last_message, operation.id);
    }
    sender.last = at;
    sender.last_message = operation.id;
    if (effect.kind == Effect::Kind::kDuplicate) {
      const std::uint64_t id = duplicate_of(operation, 1).id;
      auto* copy = world.pool().make<Message>(to, id, content.clone());
      world.scheduler().at(at + effect.duration, id, *copy);
    }
    auto* message = world.pool().make<Message>(to, operation.id, std::move(content));
    world.scheduler().at(at, operation.id, *message);
  }

  std::uint64_t operation() const { return operation_; }
  Message* next() const { return next_; }
  Payload take() { return std::move(content_); }

 private:
  void deliver() {
    unlink();
    World& world = to_.owner_.world();
    if (!to_.owner_.up()) {
      world.pool().destroy(this);
      return;
    }
    world.fingerprint().fold(operation_ ^ ticks(world.now()));
    if (!world.milestones().empty()) [[unlikely]] {
      world.milestones().on_end(operation_);
    }
    (to_.first_arrived_ != nullptr ? to_.last_arrived_->next_ : to_.first_arrived_) = this;
    to_.last_arrived_ = this;
    if (to_.waiter_ != nullptr) {
      world.scheduler().make_ready(*std::exchange(to_.waiter_, nullptr));
    }
  }
  void unlink() {
    (previous_ != nullptr ? previous_->next_ : to_.under_way_) = next_;
    if (next_ != nullptr) {
      next_->previous_ = previous_;
    }
    previous_ = nullptr;
    next_ = nullptr;
  }

  Mailbox& to_;
  const std::uint64_t operation_;
  Payload content_;
  Message* previous_ = nullptr;  // of those under way
  Message* next_;                // of those under way, later of those that have arrived
};

Mailbox::~Mailbox() {
  World& world = owner_.world();
  while (under_way_ != nullptr) {
    Message* message = std::exchange(under_way_, under_way_->next());
    world.scheduler().cancel(*message);
    world.pool().destroy(message);
  }
  while (first_arrived_ != nullptr) {
    world.pool().destroy(std::exchange(first_arrived_, first_arrived_->next()));
  }
}

void Mailbox::send(Context context, Name what, Subject subject, const Latency& latency,
                   Payload message) {
  Activity& activity = context.activity();
  Operation operation = activity.operation(OperationKind::kSend, what, subject, &owner_);
  Message::send(activity.world(), *this, operation, latency, std::move(message));
}

Mailbox::Sender& Mailbox::sender(std::uint32_t node) {
  if (first_sender_.node == node) [[likely]] {
    return first_sender_;
  }
  if (first_sender_.node == kNobody) {
    first_sender_.node = node;
    return first_sender_;
  }
  if (other_senders_ == nullptr) {
    other_senders_ = std::make_unique<std::vector<Sender>>();
  }
  for (Sender& known : *other_senders_) {
    if (known.node == node) {
      return known;
    }
  }
  return other_senders_->emplace_back(Sender{node, kStart, 0});
}

Payload Mailbox::Receive::await_resume() {
  Message* message = mailbox_.first_arrived_;
  mailbox_.first_arrived_ = message->next();
  reader_.set_cause(message->operation());
  Payload content = message->take();
  mailbox_.owner_.world().pool().destroy(message);
  return content;
}

}  // namespace sagasim::sim
