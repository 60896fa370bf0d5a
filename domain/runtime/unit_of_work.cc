#include "domain/runtime/unit_of_work.h"

namespace sagasim::domain {

using sim::Outcome;

UnitOfWork::UnitOfWork(ShopService& service, sim::Context context, std::optional<Event> consumed,
                       Guards guards)
    : service_(service),
      context_(context),
      consumed_(consumed),
      guards_(guards),
      transaction_(service.store().database, context) {}

std::uint64_t UnitOfWork::salt() const {
  if (service_.policy().natural_keys == Switch::kOn && guards_ == Guards::kHeeded) {
    return 0;
  }
  return context_.activity().identity();
}

InboxRow UnitOfWork::inbox_row() const {
  return InboxRow{consumed_->facts.order, consumed_->id, context_.invocation().scope.hash()};
}

// A call is no record that comes again: what is asked once more is answered once more.
bool UnitOfWork::has_inbox() const {
  const Policy& policy = service_.policy();
  return consumed_.has_value() && guards_ == Guards::kHeeded && policy.consume != Consume::kNone &&
         policy.transport != Transport::kCalls;
}

// What an answer says is so.
Publish UnitOfWork::publish() const {
  const Policy& policy = service_.policy();
  return policy.transport == Transport::kCalls ? Publish::kAfterCommit : policy.publish;
}

sim::Task<bool> UnitOfWork::is_new() {
  for (std::uint32_t i = 0; consumed_ && i < service_.extra_reads(); ++i) {
    auto extra = transaction_.read(service_.store().inbox, inbox_row().key());
    co_await extra;
  }
  if (!has_inbox()) {
    co_return true;
  }
  const InboxRow row = inbox_row();
  auto read = transaction_.read(service_.store().inbox, row.key());
  const std::optional<InboxRow> seen = co_await read;
  if (seen) {
    co_return false;
  }
  if (service_.policy().consume == Consume::kMarkedFirst) {
    sim::Transaction mark(service_.store().database, context_);
    mark.insert(service_.store().inbox, row);
    auto marking = mark.commit();
    const Outcome marked = co_await marking;
    co_return marked == Outcome::kOk;
  }
  co_return true;
}

Event UnitOfWork::event_of(EventType type, const OrderFacts& facts, Reason reason,
                           const Steps& steps) const {
  Event event;
  event.type = type;
  event.id = event_id(type, facts.order, event.version);
  event.reason = reason;
  event.steps = steps;
  event.facts = facts;
  event.causation = consumed_ ? consumed_->id : 0;
  event.occurred = context_.clock();
  return event;
}

void UnitOfWork::emit(EventType type, const OrderFacts& facts, Reason reason, const Steps& steps) {
  if (service_.facade() != nullptr && type != EventType::kOrderCompleted) {
    return;  // whoever it concerns is at work in this very transaction
  }
  const Event event = event_of(type, facts, reason, steps);
  Store& store = service_.store();
  switch (publish()) {
    case Publish::kOutbox:
      transaction_.insert(store.outbox, OutboxRow{salt(), ++store.numbered, event});
      break;
    case Publish::kDirect:
      service_.say(context_, event);
      break;
    case Publish::kAfterCommit:
    case Publish::kBeforeCommit:
      emitted_.push_back(event);
      break;
  }
}

sim::Task<std::optional<CommandReply>> UnitOfWork::answered(sim::Subject key, std::uint64_t body) {
  if (service_.policy().request_keys == Switch::kOff) {
    co_return std::nullopt;
  }
  auto remembering = transaction_.read(service_.store().requests, sim::key_of(key));
  const std::optional<RequestRow> known = co_await remembering;
  std::optional<CommandReply> reply;
  if (known) {
    reply = known->body == body ? known->reply : CommandReply{Answer::kRejected, {}};
  }
  co_return reply;
}

sim::Task<CommandReply> UnitOfWork::answer(sim::Subject key, std::uint64_t body,
                                           CommandReply reply) {
  if (service_.policy().request_keys == Switch::kOn) {
    transaction_.insert(service_.store().requests, RequestRow{key, body, reply});
  }
  auto committing = commit();
  const Outcome outcome = co_await std::move(committing);
  if (outcome != Outcome::kOk) {
    reply = CommandReply{Answer::kTryAgain, {}};
  }
  co_return reply;
}

sim::Task<Outcome> UnitOfWork::commit() {
  const Policy& policy = service_.policy();
  const Publish how = publish();
  if (abandoned_) {
    co_return Outcome::kAborted;
  }
  if (has_inbox() && policy.consume == Consume::kInbox) {
    transaction_.insert(service_.store().inbox, inbox_row());
  }
  if (how == Publish::kBeforeCommit && !transaction_.failed()) {
    for (const Event& event : emitted_) {
      Outcome appended = Outcome::kOk;
      if (service_.bus() != nullptr) {
        appended = service_.say(context_, event) ? Outcome::kOk : Outcome::kAborted;
      } else {
        auto append = service_.broker().append(context_, draft_of(frame_pool(), event));
        appended = co_await append;
      }
      if (appended != Outcome::kOk) {
        co_return Outcome::kAborted;
      }
    }
  }
  auto committing = transaction_.commit();
  const Outcome outcome = co_await committing;
  if (outcome != Outcome::kOk) {
    co_return outcome;
  }
  if (how == Publish::kAfterCommit) {
    for (const Event& event : emitted_) {
      service_.say(context_, event);
    }
  }
  if (has_inbox() && policy.consume == Consume::kInboxOutside) {
    sim::Transaction mark(service_.store().database, context_);
    mark.insert(service_.store().inbox, inbox_row());
    auto marking = mark.commit();
    const Outcome marked = co_await marking;
    co_return marked;
  }
  co_return outcome;
}

sim::Task<sim::Handled> UnitOfWork::finish() {
  auto work = commit();
  const Outcome outcome = co_await std::move(work);
  co_return outcome == Outcome::kOk ? sim::Handled::kDone : sim::Handled::kRetry;
}

namespace {

// Until whoever has caught an exception has logged it and goes on.
constexpr sim::Duration kCatching = sim::milliseconds(2);

// The same where there is nothing to write: the success is said, and if the executor rejects that,
// the exception is caught, and the failure is said.
sim::Task<> say_afterwards(ShopService* service, sim::Context context, Event consumed,
                           EventType success, EventType failure, OrderFacts facts) {
  const UnitOfWork telling(*service, context, consumed, Guards::kIgnored);
  if (service->say(context, telling.event_of(success, facts))) {
    co_return;
  }
  auto catching = context.sleep(kCatching, "catch");
  co_await catching;
  service->say(context, telling.event_of(failure, facts));
}

}  // namespace

sim::Task<> tell_afterwards(ShopService* service, sim::Context context, Event consumed,
                            EventType success, EventType failure, OrderFacts facts) {
  if (service->bus() != nullptr) {
    auto saying = say_afterwards(service, context, consumed, success, failure, facts);
    co_await std::move(saying);
    co_return;
  }
  UnitOfWork telling(*service, context, consumed, Guards::kIgnored);
  telling.emit(success, facts);
  auto committing = telling.commit();
  const Outcome outcome = co_await std::move(committing);
  if (outcome != Outcome::kOk) {
    UnitOfWork correcting(*service, context, consumed, Guards::kIgnored);
    correcting.emit(failure, facts);
    auto correction = correcting.commit();
    co_await std::move(correction);
  }
}

}  // namespace sagasim::domain
