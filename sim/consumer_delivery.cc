// How a group hands over records: from the wait for one, by its delivery and its handling, to the
// commit of the position behind it.
#include <algorithm>

#include "sim/consumer_group.h"

namespace sagasim::sim {

// A record on its way to the owner of its partition.
class DeliveryOperation final : public RemoteOperation {
 public:
  DeliveryOperation(Group& group, const Operation& operation, const Claim& claim)
      : RemoteOperation(group.broker_.world_, operation, group.broker_.options_.deliver, nullptr,
                        Ways::kOneWay),
        group_(group),
        claim_(claim) {}

 private:
  void execute() override {
    const Claim claim = claim_;
    const bool expected =
        claim.copy || (group_.valid(claim) && claim.cursor->delivery_ == operation().id);
    if (expected) {
      Invocation invocation = operation().invocation;
      std::uint64_t identity = operation().invocation_id;
      if (claim.copy) {
        invocation.copy = duplicated(invocation.copy, Repeated::kDelivery);
        identity = invocation.id();
      }
      Group& group = group_;
      if (!claim.copy) {
        claim.cursor->delivery_ = 0;
      }
      for (Observer* observer : world().observers()) {
        observer->on_delivered(*claim.record, invocation);
      }
      receiver().start(invocation, identity, operation().id,
                       [&](Context context) { return group.handle(context, claim); });
    } else {
      group_.explain_stale(claim, operation().id);
    }
    answer(Outcome::kOk, 0);
  }
  void duplicate(Duration delay) override {
    Claim claim = claim_;
    claim.copy = true;
    auto* copy =
        world().pool().make<DeliveryOperation>(group_, duplicate_of(operation(), 1), claim);
    copy->issue_after(delay);
  }
  void concluded(Outcome outcome) override {
    if (outcome != Outcome::kOk && group_.valid(claim_) &&
        claim_.cursor->delivery_ == operation().id) {
      group_.fetch_later(*claim_.cursor, operation().id);
    }
  }
  void release() noexcept override { world().pool().destroy(this); }

  Group& group_;
  const Claim claim_;
};

// --- the commit of a position ---

OffsetCommitOperation::OffsetCommitOperation(Group& group, const Operation& operation,
                                             Activity* activity, const Claim& claim,
                                             Group::Fate fate, std::uint64_t position)
    : RemoteOperation(group.broker_.world_, operation, group.broker_.options_.produce, activity),
      group_(group),
      claim_(claim),
      fate_(fate),
      position_(position),
      automatic_(activity == nullptr) {}

void OffsetCommitOperation::execute() {
  if (!group_.may_commit(claim_)) {
    group_.explain_stale(claim_, operation().id);
    answer(Outcome::kAborted, 0);
    return;
  }
  const bool moves_on = claim_.cursor->committed_ < position_;
  claim_.cursor->committed_ = position_;
  claim_.cursor->commit_cause_ = operation().id;
  claim_.cursor->has_place_ = true;
  if (moves_on) {  // not the same commit once more
    world().count_change();
    group_.settle(claim_, fate_, operation().id);
  }
  answer(Outcome::kOk, 0);
}

void OffsetCommitOperation::concluded(Outcome outcome) {
  if (automatic_ && outcome != Outcome::kOk && group_.may_commit(claim_)) {
    group_.commit_in_time(*claim_.cursor, position_);
  }
}

Await<OffsetCommitOperation> Broker::commit(Context context, const Delivery& delivery,
                                            std::uint64_t position) {
  const Claim& claim = *delivery.claim;
  Group& group = claim.cursor->group_;
  return Await<OffsetCommitOperation>(
      *group.make_commit(context, claim, Group::Fate::kHandled, position));
}

void Group::pump_partition(std::uint32_t topic, std::uint32_t partition, std::uint64_t cause) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].topic == topic && places_[i].partition == partition) {
      pump(*cursors_[i], cause);
    }
  }
}

// For a trace: the next delivery could have come earlier without `cause`.
void Group::waited_for(Cursor& cursor, std::uint64_t cause) {
  broker_.world_.met(cause, 0);
  if (broker_.world_.traced() && cause != 0) [[unlikely]] {
    cursor.waited_for_.push_back(cause);
  }
}

// A record waits for the end of a rebalance, or for members: what keeps them away makes a
// difference.
void Group::nobody_takes_it() {
  World& world = broker_.world_;
  for (const std::uint64_t cause : rebalance_causes_) {
    world.met(cause, 0);
  }
  for (const Node* node : nodes_) {
    if (!hears(*node)) {
      world.met(node->condition_cause(), 0);
      world.met(world.cut_cause(*node, broker_.server_), 0);
      world.met(world.cut_cause(broker_.server_, *node), 0);
    }
  }
}

void Group::pump_all(std::uint64_t cause) {
  for (const auto& cursor : cursors_) {
    pump(*cursor, cause);
  }
}

void Group::on_broker_start(std::uint64_t cause) {
  for (const auto& cursor : cursors_) {
    if (cursor->delivery_ != 0) {
      cursor->delivery_ = 0;
      cursor->busy_ = false;
      broker_.world_.scheduler().cancel(*cursor);
    }
    pump(*cursor, cause);
  }
}

const Record* Group::record_at(const Cursor& cursor, std::uint64_t offset) const {
  if (cursor.letter_ != nullptr) {
    const Record& record = cursor.letter_->dead.record;
    return offset == record.offset ? &record : nullptr;
  }
  const auto& log = broker_.topics_[cursor.topic_].partitions[cursor.partition_];
  return offset < broker_.shown(cursor.topic_, cursor.partition_) ? &log[offset] : nullptr;
}

// Behind the last record of the cursor's log.
std::uint64_t Group::end_of(const Cursor& cursor) const {
  return cursor.letter_ != nullptr
             ? cursor.letter_->dead.record.offset + 1
             : broker_.topics_[cursor.topic_].partitions[cursor.partition_].size();
}

void Group::pump(Cursor& cursor, std::uint64_t cause) {
  if (cursor.busy_) {
    waited_for(cursor, cursor.latest_);
    waited_for(cursor, broker_.world_.latest_of(cursor.handler_));
    return;
  }
  if (broker_.options_.retention_records != 0 && cursor.letter_ == nullptr) [[unlikely]] {
    const std::uint64_t start = broker_.topics_[cursor.topic_].starts[cursor.partition_];
    cursor.position_ = std::max(cursor.position_, start);  // out of range: begins at what there is
  }
  const Record* const record = record_at(cursor, cursor.position_);
  if (record == nullptr) {
    return;
  }
  if (rebalancing_ || cursor.owner_ == nullptr) {
    nobody_takes_it();
    return;
  }
  const Node& server = broker_.server_;
  const Node& member = cursor.owner_->node_;
  if (!server.available() || server.paused() || server.silenced()) {
    waited_for(cursor, server.condition_cause());
    return;
  }
  if (!hears(member)) {
    waited_for(cursor, member.condition_cause());
    waited_for(cursor, broker_.world_.cut_cause(member, server));
    waited_for(cursor, broker_.world_.cut_cause(server, member));
    return;
  }
  deliver(cursor, *record, cause);
}

void Group::deliver(Cursor& cursor, const Record& record, std::uint64_t cause) {
  World& world = broker_.world_;
  Node& member = cursor.owner_->node_;
  Operation operation;
  operation.invocation = Invocation{.role = member.role(),
                                    .scope = name_,
                                    .trigger = record.type,
                                    .subject = record.subject,
                                    .version = record.version,
                                    .copy = record.copy};
  Invocation& handling = operation.invocation;
  const std::uint64_t work = handling.work_id();
  handling.attempt = world.next_attempt(handling.id_of_attempt(work, 0));
  operation.invocation_id = handling.id_of_attempt(work, handling.attempt);
  operation.kind = OperationKind::kDelivery;
  operation.subject = record.subject;
  operation.initiator = &broker_.server_;
  operation.receiver = &member;
  operation.cause = cause;
  operation.id = operation_identity(base_of(operation), 1, 0);
  world.caused(record.append_operation, operation.id);
  for (const std::uint64_t reason : cursor.waited_for_) {
    world.caused(reason, operation.id);
  }
  cursor.waited_for_.clear();
  if (cursor.position_ == cursor.committed_) {
    world.caused(cursor.commit_cause_, operation.id);
  }
  cursor.busy_ = true;
  cursor.delivery_ = operation.id;
  cursor.latest_ = operation.id;
  cursor.handler_ = operation.invocation_id;
  const Claim claim{
      &cursor, cursor.generation_, ++cursor.deliveries_, &record, cursor.retries_, false, &member};
  world.pool().make<DeliveryOperation>(*this, operation, claim)->issue();
}

Task<> Group::handle(Context context, Claim claim) {
  Activity& activity = context.activity();
  const PositionCommit commits = broker_.options_.commits;
  const bool committed_before = commits == PositionCommit::kBeforeHandling && !claim.copy;
  expect_return(claim, activity.identity());
  if (committed_before) {
    Await<OffsetCommitOperation> commit(
        *make_commit(context, claim, Fate::kHandled, claim.record->offset + 1));
    co_await commit;
  }
  // The library takes it as done once another thread has it, and comes back for more.
  const bool handed_over =
      commits == PositionCommit::kHandedOver && !claim.copy && claim.cursor->letter_ == nullptr;
  if (handed_over && valid(claim)) {
    commit_in_time(*claim.cursor, claim.record->offset + 1);
    advance(claim, activity.cause());
  }
  const Delivery delivery{claim.record, &claim};
  // A malformed record fails before the process sees it, and so does one that a newer program
  // wrote; but the one stays what it is, and the other waits for an upgrade.
  const bool known_schema = claim.record->schema <= activity.node().version();
  Handled handled = Handled::kRetry;
  if (!claim.record->corrupt && known_schema) {
    auto work = activity.node().process().consume(context, delivery);
    handled = co_await std::move(work);
  }
  std::optional<Fate> fate;
  if (handled == Handled::kDone) {
    fate = Fate::kHandled;
    note_handled(context, claim);
  } else if (known_schema && !committed_before && !handed_over) {
    fate = fate_after_failure(claim);
  }
  if (handed_over) {  // whatever has become of it, nobody asks
    co_return;
  }
  if (committed_before) {  // whatever has become of it, it does not come again
    advance(claim, activity.cause());
    co_return;
  }
  if (!fate) {
    const std::uint32_t retries = claim.copy ? context.invocation().attempt : claim.retries;
    auto pause = context.sleep(backoff(activity.identity(), retries), "backoff");
    co_await pause;
    retry(claim, activity.cause());
    co_return;
  }
  if (fate == Fate::kHandled && commits == PositionCommit::kWithoutWaiting && valid(claim)) {
    activity.node().queue_send(*make_commit(context, claim, *fate, claim.record->offset + 1));
    advance(claim, activity.cause());
    co_return;
  }
  if (fate == Fate::kHandled && commits == PositionCommit::kByProgram &&
      claim.cursor->letter_ == nullptr) {
    advance(claim, activity.cause());
    co_return;
  }
  if (fate == Fate::kHandled && commits_at_intervals() && !rebalancing_ && valid(claim) &&
      claim.cursor->letter_ == nullptr) {
    commit_in_time(*claim.cursor, claim.record->offset + 1);
    advance(claim, activity.cause());
    co_return;
  }
  std::uint32_t failures = 0;
  for (;;) {
    if (!valid(claim)) {
      foresee_commit(context, claim);
      break;
    }
    Await<OffsetCommitOperation> commit(
        *make_commit(context, claim, *fate, claim.record->offset + 1));
    const Outcome outcome = co_await commit;
    if (outcome == Outcome::kOk || outcome == Outcome::kAborted) {
      break;
    }
    auto pause = context.sleep(backoff(activity.identity() + failures, failures), "backoff");
    co_await pause;
    ++failures;
  }
  advance(claim, activity.cause());
}

// From now on the member must not take too long before it comes back for more.
void Group::expect_return(const Claim& claim, std::uint64_t identity) {
  const Duration limit = broker_.options_.max_poll_interval;
  if (limit > Duration{} && !claim.copy) {
    broker_.world_.scheduler().cancel(claim.cursor->overdue_);
    broker_.world_.scheduler().at(broker_.world_.now() + limit, identity, claim.cursor->overdue_);
  }
}

void Group::note_handled(Context context, const Claim& claim) {
  for (Observer* observer : broker_.world_.observers()) {
    observer->on_handled(*claim.record, context.invocation());
  }
  // A record that the log has lost counts for nothing: its offset is another's, or nobody's.
  if (!claim.copy &&
      (claim.cursor->letter_ != nullptr || broker_.keeps(claim.cursor->topic_, *claim.record))) {
    claim.cursor->handled_ = std::max(claim.cursor->handled_, claim.record->offset + 1);
  }
}

OffsetCommitOperation* Group::make_commit(Context context, const Claim& claim, Fate fate,
                                          std::uint64_t position) {
  Activity& activity = context.activity();
  const Operation operation = activity.operation(OperationKind::kOffsetCommit, claim.record->topic,
                                                 claim.record->subject, &broker_.server_);
  return broker_.world_.pool().make<OffsetCommitOperation>(*this, operation, &activity, claim, fate,
                                                           position);
}

void Group::commit_in_time(Cursor& cursor, std::uint64_t position) {
  World& world = broker_.world_;
  if (world.now() >= cursor.next_commit_) {
    commit_now(cursor, position);
  } else if (!cursor.automatic_commit_.queued()) {
    world.scheduler().at(cursor.next_commit_, combine(cursor.latest_, name_.hash()),
                         cursor.automatic_commit_);
  }
}

// By the owner's library, as a piece of work of its own.
void Group::commit_now(Cursor& cursor, std::uint64_t position) {
  World& world = broker_.world_;
  world.scheduler().cancel(cursor.automatic_commit_);
  cursor.next_commit_ = world.now() + broker_.options_.commit_interval;
  const Record* record = position > 0 ? record_at(cursor, position - 1) : nullptr;
  if (record == nullptr || cursor.owner_ == nullptr) {
    return;
  }
  Node& member = cursor.owner_->node_;
  const Claim claim{&cursor, cursor.generation_, cursor.deliveries_, record, 0, false, &member};
  Operation operation;
  operation.invocation = Invocation{.role = member.role(),
                                    .scope = name_,
                                    .trigger = record->topic,
                                    .subject = record->subject,
                                    .version = static_cast<std::uint32_t>(record->offset),
                                    .copy = 0,
                                    .attempt = 1};
  operation.invocation_id = operation.invocation.id();
  operation.kind = OperationKind::kOffsetCommit;
  operation.detail = "automatic";
  operation.subject = record->subject;
  operation.initiator = &member;
  operation.receiver = &broker_.server_;
  operation.cause = cursor.latest_;
  const std::uint64_t base = base_of(operation);
  operation.ordinal = world.next_attempt(base);
  operation.id = operation_identity(base, operation.ordinal, 0);
  world.pool()
      .make<OffsetCommitOperation>(*this, operation, nullptr, claim, Fate::kHandled,
                                   record->offset + 1)
      ->issue_after({});
}

// For a trace: that the partition has gone to another owner is why there is no commit now.
void Group::foresee_commit(Context context, const Claim& claim) const {
  if (!claim.copy && broker_.world_.traced()) [[unlikely]] {
    const Operation operation = context.activity().operation(
        OperationKind::kOffsetCommit, claim.record->topic, claim.record->subject, nullptr);
    explain_stale(claim, operation.id);
  }
}

// A claim is stale because the partition has another owner, because the owner or the broker has
// started anew, or because the record was fetched again.
void Group::explain_stale(const Claim& claim, std::uint64_t operation) const {
  World& world = broker_.world_;
  world.caused(generation_cause(), operation);
  world.caused(broker_.server_.condition_cause(), operation);
  world.caused(claim.cursor->cause_, operation);
  if (claim.cursor->owner_ != nullptr) {
    world.caused(claim.cursor->owner_->node_.condition_cause(), operation);
  }
}

void Group::advance(const Claim& claim, std::uint64_t cause) {
  if (!valid(claim)) {
    come_back(claim, cause);
    return;
  }
  Cursor& cursor = *claim.cursor;
  broker_.world_.scheduler().cancel(cursor.overdue_);
  cursor.position_ = claim.record->offset + 1;
  cursor.busy_ = false;
  cursor.retries_ = 0;
  cursor.failures_ = 0;
  if (rebalancing_) {
    rebalance_causes_.push_back(cause);
    broker_.world_.scheduler().cancel(rebalance_);
    try_rebalance();
  } else {
    pump(cursor, cause);
  }
}

// A member that was thrown out for its slowness polls again, and so joins again.
void Group::come_back(const Claim& claim, std::uint64_t cause) {
  if (broker_.options_.max_poll_interval == Duration{} || claim.copy) [[likely]] {
    return;
  }
  Node& node = *claim.member;
  if (member_of(node) == nullptr && hears(node)) {
    join(node, cause);
  }
}

void Group::retry(const Claim& claim, std::uint64_t cause) {
  if (claim.copy) {
    return;  // the original is retried until it is done; one more copy would add nothing
  }
  if (!valid(claim)) {
    come_back(claim, cause);
    return;
  }
  Cursor& cursor = *claim.cursor;
  broker_.world_.scheduler().cancel(cursor.overdue_);
  cursor.busy_ = false;
  ++cursor.retries_;
  if (rebalancing_) {
    rebalance_causes_.push_back(cause);
    broker_.world_.scheduler().cancel(rebalance_);
    try_rebalance();
  } else {
    pump(cursor, cause);
  }
}

// A delivery that did not arrive is fetched again.
void Group::fetch_later(Cursor& cursor, std::uint64_t cause) {
  cursor.delivery_ = 0;
  World& world = broker_.world_;
  cursor.cause_ = cause;
  ++cursor.retries_;
  if (!cursor.queued()) {
    world.scheduler().at(world.now() + backoff(cause, cursor.retries_), cause, cursor);
  }
}

// Exponential with full jitter: anything between nothing and the doubled bound.
Duration Group::backoff(std::uint64_t identity, std::uint32_t retries) const {
  const BrokerOptions& options = broker_.options_;
  Duration bound = options.backoff_min;
  for (std::uint32_t i = 0; i < retries && bound < options.backoff_max; ++i) {
    bound *= 2;
  }
  bound = std::min(bound, options.backoff_max);
  const std::uint64_t draw = broker_.world_.random().draw(identity, "backoff");
  return Duration{
      static_cast<std::int64_t>(below(draw, static_cast<std::uint64_t>(bound.count()) + 1))};
}

}  // namespace sagasim::sim
