#include "sim/event_bus.h"

#include <cstring>
#include <utility>

namespace sagasim::sim {

// A listener's work on a thread of the executor.
class EventBus::HandlerWork final : public Executor::Work {
 public:
  HandlerWork(EventBus& bus, const BusListener& listener, BusEvent event)
      : bus_(bus), listener_(listener), event_(std::move(event)) {}

  Task<> run(Context context) override {
    auto work = bus_.hand_over(context, &listener_, &event_, nullptr);
    const bool ok = co_await std::move(work);
    if (!ok) {
      ++bus_.counts_.failed;
    }
  }

 private:
  EventBus& bus_;
  const BusListener& listener_;
  const BusEvent event_;
};

EventBus::EventBus(Node& node, const ExecutorOptions& options, PublicationRegistry* registry,
                   ConnectionPool* connections)
    : node_(node), executor_(node, options), registry_(registry), connections_(connections) {}

void EventBus::listen(BusListener listener) {
  SAGASIM_CHECK(registry_ == nullptr || listener.payload != nullptr,
                "a registry has to know what it stores");
  listeners_.push_back(std::make_unique<BusListener>(std::move(listener)));
}

Task<bool> EventBus::hand_over(Context context, const BusListener* listener, const BusEvent* event,
                               UnitOfWork* unit) {
  const BusDelivery delivery{event, unit};
  auto work = listener->handle(context, delivery);
  const bool ok = co_await std::move(work);
  if (ok && event->publication != 0) {
    auto completion = complete(context, event->publication);
    co_await std::move(completion);
  }
  co_return ok;
}

bool EventBus::submit(std::uint64_t cause, const BusListener& listener, BusEvent event) {
  const Invocation invocation{.role = node_.role(),
                              .scope = listener.name,
                              .trigger = event.type,
                              .subject = event.subject,
                              .version = event.version};
  const bool taken = executor_.submit(
      invocation, cause, std::make_unique<HandlerWork>(*this, listener, std::move(event)));
  counts_.rejected += taken ? 0u : 1u;
  return taken;
}

Task<bool> EventBus::publish(Context context, BusEvent event) {
  for (const auto& listener : listeners_) {
    if (listener->type != event.type) {
      continue;
    }
    if (listener->phase != ListenerPhase::kAtOnce && !listener->without_transaction) {
      ++counts_.dropped;
      continue;
    }
    if (listener->async) {
      const bool taken = submit(context.activity().cause(), *listener, event.clone());
      if (!taken) {
        co_return false;
      }
      continue;
    }
    auto work = hand_over(context, listener.get(), &event, nullptr);
    const bool ok = co_await std::move(work);
    if (!ok) {
      co_return false;
    }
  }
  co_return true;
}

bool EventBus::post(std::uint64_t cause, const BusEvent& event) {
  for (const auto& listener : listeners_) {
    if (listener->type != event.type) {
      continue;
    }
    SAGASIM_CHECK(listener->async && listener->phase == ListenerPhase::kAtOnce,
                  "only listeners on other threads take no time");
    if (!submit(cause, *listener, event.clone())) {
      return false;
    }
  }
  return true;
}

// --- the registry ---

PublicationRow EventBus::publication(Context context, const BusListener& listener,
                                     const BusEvent& event) const {
  PublicationRow row;
  row.registry = registry_key();
  row.id = combine(combine(event.event_id, listener.name.hash()), context.activity().next_step());
  row.listener = listener.name.hash();
  row.subject = event.subject;
  row.version = event.version;
  row.event_id = event.event_id;
  row.published_at = context.clock();
  if (!event.payload.empty()) {
    SAGASIM_CHECK(listener.payload == &event.payload.type(), "an event of another type");
    std::uint64_t words[InlineVector<std::uint64_t, 16>::capacity()] = {};
    SAGASIM_CHECK(listener.payload->size <= sizeof(words), "an event too large for the registry");
    std::memcpy(words, event.payload.data(), listener.payload->size);
    for (std::uint32_t i = 0; i * sizeof(words[0]) < listener.payload->size; ++i) {
      row.payload.push_back(words[i]);
    }
  }
  return row;
}

Task<> EventBus::complete(Context context, std::uint64_t publication) {
  PublicationRow row;
  row.registry = registry_key();
  row.id = publication;
  Transaction transaction(registry_->database, context);
  transaction.erase(registry_->table, row);
  auto commit = transaction.commit();
  co_await commit;  // whether it succeeds or not: the row is found again if it is there
}

Task<std::uint32_t> EventBus::resubmit(Context context, Duration older_than) {
  SAGASIM_CHECK(registry_ != nullptr, "a bus without a registry has nothing to resubmit");
  std::vector<PublicationRow> rows;
  {
    Transaction transaction(registry_->database, context);
    auto find = transaction.find_all(registry_->table, registry_key());
    rows = co_await find;
  }
  const Instant now = context.clock();
  std::uint32_t count = 0;
  for (const PublicationRow& row : rows) {
    for (const auto& listener : listeners_) {
      if (listener->name.hash() != row.listener || now - row.published_at < older_than) {
        continue;
      }
      BusEvent event{listener->type, row.subject, row.version, row.event_id, Payload(), row.id};
      if (!row.payload.empty()) {
        event.payload = Payload::copy(context.frame_pool(), *listener->payload, &row.payload[0]);
      }
      count += submit(context.activity().cause(), *listener, std::move(event)) ? 1u : 0u;
    }
  }
  co_return count;
}

// --- a unit of work ---

UnitOfWork::UnitOfWork(EventBus& bus, Database& database, Context context)
    : bus_(bus), database_(database), context_(context) {
  rows_.emplace(database, context);
}

Task<bool> UnitOfWork::begin() {
  if (bus_.connections_ == nullptr) {
    co_return true;
  }
  auto take = bus_.connections_->take(context_);
  connection_ = co_await take;
  co_return !connection_.empty();
}

Task<bool> UnitOfWork::publish(BusEvent event) {
  for (const auto& listener : bus_.listeners_) {
    if (listener->type != event.type) {
      continue;
    }
    if (listener->phase != ListenerPhase::kAtOnce) {
      if (ended_) {
        ++bus_.counts_.dropped;
      } else {
        waiting_.push_back(std::make_unique<Waiting>(Waiting{listener.get(), event.clone()}));
      }
      continue;
    }
    if (listener->async) {
      const bool taken = bus_.submit(context_.activity().cause(), *listener, event.clone());
      if (!taken) {
        co_return false;
      }
      continue;
    }
    auto work = bus_.hand_over(context_, listener.get(), &event, this);
    const bool ok = co_await std::move(work);
    if (!ok) {
      co_return false;
    }
  }
  co_return true;
}

Task<Outcome> UnitOfWork::commit() {
  SAGASIM_CHECK(!ended_, "a unit of work ends once");
  auto before = run_before_commit();
  const bool ready = co_await std::move(before);
  Outcome outcome = Outcome::kAborted;
  if (ready) {
    if (bus_.registry_ != nullptr) {
      for (const auto& waiting : waiting_) {
        if (waiting->listener->phase == ListenerPhase::kAfterCommit) {
          const PublicationRow row = bus_.publication(context_, *waiting->listener, waiting->event);
          rows_->insert(bus_.registry_->table, row);
          waiting->event.publication = row.id;
        }
      }
    }
    auto commit = rows_->commit();
    outcome = co_await commit;
  }
  ended_ = true;
  rows_.reset();
  rows_.emplace(database_, context_);
  auto after = run_after(outcome);
  co_await std::move(after);
  connection_ = Connection();
  co_return outcome;
}

// Listeners may publish more: by index, as the list grows meanwhile.
Task<bool> UnitOfWork::run_before_commit() {
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const BusListener* listener = waiting_[i]->listener;
    if (listener->phase != ListenerPhase::kBeforeCommit) {
      continue;
    }
    if (listener->async) {
      const bool taken =
          bus_.submit(context_.activity().cause(), *listener, waiting_[i]->event.clone());
      if (!taken) {
        co_return false;
      }
      continue;
    }
    auto work = bus_.hand_over(context_, listener, &waiting_[i]->event, this);
    const bool ok = co_await std::move(work);
    if (!ok) {
      co_return false;
    }
  }
  co_return true;
}

Task<> UnitOfWork::run_after(Outcome outcome) {
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const BusListener* listener = waiting_[i]->listener;
    const ListenerPhase phase = listener->phase;
    const bool hears = phase == ListenerPhase::kAfterCompletion ||
                       (phase == ListenerPhase::kAfterCommit && outcome == Outcome::kOk) ||
                       (phase == ListenerPhase::kAfterRollback && outcome == Outcome::kAborted);
    if (!hears) {
      continue;
    }
    if (listener->async) {
      bus_.submit(context_.activity().cause(), *listener, waiting_[i]->event.clone());
      continue;
    }
    auto work = bus_.hand_over(context_, listener, &waiting_[i]->event, this);
    const bool ok = co_await std::move(work);
    bus_.counts_.failed += ok ? 0u : 1u;
  }
}

}  // namespace sagasim::sim
