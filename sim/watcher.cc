#include "sim/watcher.h"

#include "sim/remote_operation.h"

namespace sagasim::sim {

// One look at one row that waits. Repeats itself every interval until it has been answered.
class Watcher::Poll final : public RemoteOperation {
 public:
  Poll(Watcher& watcher, const Operation& operation, RowKey key)
      : RemoteOperation(watcher.node_.world(), operation, watcher.options_.route, nullptr),
        watcher_(watcher),
        key_(key),
        incarnation_(watcher.node_.incarnation()),
        row_(world().pool().allocate(watcher.table_.type().size)),
        next_(watcher.polls_) {
    if (next_ != nullptr) {
      next_->previous_ = this;
    }
    watcher.polls_ = this;
  }
  ~Poll() override {
    world().pool().release(row_, watcher_.table_.type().size);
    (previous_ != nullptr ? previous_->next_ : watcher_.polls_) = next_;
    if (next_ != nullptr) {
      next_->previous_ = previous_;
    }
  }
  const Poll* next() const { return next_; }

 private:
  void execute() override {
    const Entry* entry = watcher_.table_.find(key_);
    found_ = entry != nullptr && entry->exists && watcher_.matches(entry->row());
    world().caused(entry != nullptr ? entry->writer : watcher_.table_.eraser(key_), operation().id);
    if (found_) {
      std::memcpy(row_, entry->row(), watcher_.table_.type().size);
    }
    answer(Outcome::kOk, found_ ? entry->writer : 0);
  }

  void concluded(Outcome outcome) override {
    Node& node = watcher_.node_;
    if (incarnation_ != node.incarnation()) {
      return;
    }
    if (outcome != Outcome::kOk) {
      Operation again = operation();
      again.cause = again.id;
      again.ordinal += 1;
      again.id = operation_identity(base_of(again), again.ordinal, 0);
      auto* poll = world().pool().make<Poll>(watcher_, again, key_);
      poll->issue_after(watcher_.options_.interval);
    } else if (found_) {
      node.start(operation().invocation, operation().invocation_id, operation().id,
                 [this](Context context) { return watcher_.work(context, row_); });
    }
  }

  void release() noexcept override { world().pool().destroy(this); }

  Watcher& watcher_;
  const RowKey key_;
  const std::uint32_t incarnation_;
  void* row_;
  bool found_ = false;
  Poll* previous_ = nullptr;
  Poll* next_;
};

Watcher::Watcher(Node& node, Database& database, TableBase& table, const WatcherOptions& options)
    : node_(node), database_(database), table_(table), options_(options) {
  table.watchers().push_back(this);
  node.listen(*this);
}

Watcher::~Watcher() {
  while (polls_ != nullptr) {
    polls_->discard();
  }
}

void Watcher::on_change(const RowChange& change, std::uint64_t cause) {
  if (change.before != nullptr && node_.world().traced()) [[unlikely]] {
    for (const Repeated how : {Repeated::kNot, Repeated::kCall}) {
      foresee_poll(change.before, how, cause);
    }
  }
  if (!node_.up() || change.after == nullptr || !matches(change.after)) {
    return;
  }
  const bool matched_before = change.before != nullptr && matches(change.before);
  if (!matched_before) {
    poll_soon(change.key, change.after, cause);
  }
}

void Watcher::on_start(Node&, std::uint64_t cause) {
  table_.for_each([&](const Entry& entry) {
    if (matches(entry.row())) {
      poll_soon(entry.key, entry.row(), cause);
    } else {
      foresee_poll(entry.row(), Repeated::kNot, entry.writer);
    }
  });
}

// The polls that had not begun are forgotten with the process.
void Watcher::on_crash(Node&, std::uint64_t cause) {
  for (const Poll* poll = polls_; poll != nullptr; poll = poll->next()) {
    node_.world().caused(cause, poll->operation().id);
  }
}

// For a trace: the polls of an earlier start are not there because of `cause`.
void Watcher::on_start_delayed(Node&, std::uint64_t cause) {
  if (node_.world().traced()) [[unlikely]] {
    table_.for_each([&](const Entry& entry) { foresee_poll(entry.row(), Repeated::kNot, cause); });
  }
}

bool Watcher::on_intervention(Node& node, const Intervention& intervention) {
  if (intervention.kind != Intervention::Kind::kRunJobsAgain) {
    return false;
  }
  bool found = false;
  table_.for_each([&](const Entry& entry) {
    if (!node.up()) {
      foresee_poll(entry.row(), Repeated::kCall, node.condition_cause());
    } else if (matches(entry.row())) {
      node.world().met(intervention.cause, 0);
      poll_soon(entry.key, entry.row(), intervention.cause, Repeated::kCall);
      found = true;
    } else {
      foresee_poll(entry.row(), Repeated::kCall, entry.writer);
    }
  });
  return found;
}

// For a trace: `why` there is no poll now, be it who changed the row or who stopped the node.
void Watcher::foresee_poll(const void* row, Repeated how, std::uint64_t why) const {
  World& world = node_.world();
  if (world.traced()) [[unlikely]] {
    Invocation invocation = name(row);
    if (how != Repeated::kNot) {
      invocation.copy = duplicated(invocation.copy, how);
    }
    invocation.attempt = world.attempts(invocation.id()) + 1;
    world.caused(why, poll_of(invocation, invocation.id(), 0).id);
  }
}

Operation Watcher::poll_of(const Invocation& invocation, std::uint64_t identity,
                           std::uint64_t cause) const {
  Operation operation;
  operation.invocation = invocation;
  operation.kind = OperationKind::kPoll;
  operation.detail = table_.name();
  operation.subject = operation.invocation.subject;
  operation.initiator = &node_;
  operation.receiver = &database_.server();
  operation.cause = cause;
  operation.invocation_id = identity;
  operation.id = operation_identity(base_of(operation), operation.ordinal, 0);
  return operation;
}

// What an operator starts is a copy: it consumes none of the numbers of what starts by itself.
void Watcher::poll_soon(RowKey key, const void* row, std::uint64_t cause, Repeated how) {
  World& world = node_.world();
  Invocation invocation = name(row);
  if (how != Repeated::kNot) {
    invocation.copy = duplicated(invocation.copy, how);
  }
  const std::uint64_t work = invocation.work_id();
  invocation.attempt = world.next_attempt(invocation.id_of_attempt(work, 1));
  const Operation operation =
      poll_of(invocation, invocation.id_of_attempt(work, invocation.attempt), cause);
  if (world.traced()) [[unlikely]] {
    if (const Entry* entry = table_.find(key)) {
      world.caused(entry->writer, operation.id);
    }
    if (invocation.attempt > 1) {  // there is another because the one before came to nothing
      Invocation before = invocation;
      --before.attempt;
      world.caused(poll_of(before, before.id(), 0).id, operation.id);
    }
  }
  const std::uint64_t draw = world.random().draw(operation.id, "poll");
  const Duration wait{static_cast<std::int64_t>(
      below(draw, static_cast<std::uint64_t>(options_.interval.count()) + 1))};
  world.pool().make<Poll>(*this, operation, key)->issue_after(wait);
}

}  // namespace sagasim::sim
