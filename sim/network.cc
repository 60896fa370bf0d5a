#include "sim/network.h"

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
  auto* copy = world().pool().make<CallOperation>(world(), duplicate_of(operation(), 1), route_,
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

// One message between two nodes. Unlike a call it ends where it arrives.
class Message final : public Event {
 public:
  Message(World& world, Mailbox& to, const Operation& operation, Payload content)
      : Event([](Event& event) { static_cast<Message&>(event).deliver(); }),
        world_(world),
        to_(&to),
        operation_(operation),
        content_(std::move(content)),
        next_(to.under_way_) {
    if (next_ != nullptr) {
      next_->previous_ = this;
    }
    to.under_way_ = this;
  }
  ~Message() {
    world_.scheduler().cancel(*this);
    (previous_ != nullptr ? previous_->next_ : to_->under_way_) = next_;
    if (next_ != nullptr) {
      next_->previous_ = previous_;
    }
  }

  static void send(World& world, Mailbox& to, const Operation& asked, const Latency& latency,
                   Payload content) {
    Operation operation = asked;
    Effect effect;
    if (!world.begin(operation, effect) || effect.kind == Effect::Kind::kDrop ||
        !world.connected(*operation.initiator, *operation.receiver)) {
      return;
    }
    Instant at = world.now() + world.latency(latency, operation, "request");
    if (effect.kind == Effect::Kind::kDelay) {
      at += effect.duration;
    }
    Mailbox::Sender* sender = nullptr;
    for (Mailbox::Sender& known : to.senders_) {
      if (known.node == operation.initiator->index()) {
        sender = &known;
      }
    }
    if (sender == nullptr) {
      sender = &to.senders_.emplace_back(Mailbox::Sender{operation.initiator->index(), kStart, 0});
    }
    if (at <= sender->last) {  // at one instant, order would be left to chance
      at = sender->last + nanoseconds(1);
      world.caused(sender->last_message, operation.id);
    }
    sender->last = at;
    sender->last_message = operation.id;
    if (effect.kind == Effect::Kind::kDuplicate) {
      auto* copy =
          world.pool().make<Message>(world, to, duplicate_of(operation, 1), content.clone());
      world.scheduler().at(at + effect.duration, copy->operation_.id, *copy);
    }
    auto* message = world.pool().make<Message>(world, to, operation, std::move(content));
    world.scheduler().at(at, operation.id, *message);
  }

 private:
  void deliver() {
    World& world = world_;
    if (to_->owner_.up()) {
      world.fingerprint().fold(operation_.id ^ ticks(world.now()));
      if (!world.milestones().empty()) [[unlikely]] {
        world.milestones().on_end(operation_.id);
      }
      to_->messages_.push_back(Mailbox::Arrived{std::move(content_), operation_.id});
      if (to_->waiter_ != nullptr) {
        Promise& waiter = *to_->waiter_;
        to_->waiter_ = nullptr;
        world.scheduler().make_ready(waiter);
      }
    }
    world.pool().destroy(this);
  }

  World& world_;
  Mailbox* to_;
  Operation operation_;
  Payload content_;
  Message* previous_ = nullptr;
  Message* next_;
};

Mailbox::~Mailbox() {
  while (under_way_ != nullptr) {
    owner_.world().pool().destroy(under_way_);
  }
}

void Mailbox::send(Context context, Name what, Subject subject, const Latency& latency,
                   Payload message) {
  Activity& activity = context.activity();
  const Operation operation = activity.operation(OperationKind::kSend, what, subject, &owner_);
  Message::send(activity.world(), *this, operation, latency, std::move(message));
}

Payload Mailbox::Receive::await_resume() {
  Arrived arrived = std::move(mailbox_.messages_.front());
  mailbox_.messages_.pop_front();
  reader_.set_cause(arrived.cause);
  return std::move(arrived.message);
}

}  // namespace sagasim::sim
