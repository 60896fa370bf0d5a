#include "sim/consumer_group.h"

#include <algorithm>

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
      if (claim.copy) {
        invocation.copy = duplicated(invocation.copy, Repeated::kDelivery);
      }
      Group& group = group_;
      if (!claim.copy) {
        claim.cursor->delivery_ = 0;
      }
      receiver().start(invocation, operation().id,
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

// Moves the group's position in one partition. Fenced: refused to a member whose partition has gone
// to another owner.
class OffsetCommitOperation final : public RemoteOperation {
 public:
  OffsetCommitOperation(Group& group, const Operation& operation, Activity& activity,
                        const Claim& claim, Group::Fate fate)
      : RemoteOperation(group.broker_.world_, operation, group.broker_.options_.produce, &activity),
        group_(group),
        claim_(claim),
        fate_(fate) {}
  Outcome take() { return outcome(); }

 private:
  void execute() override {
    if (!group_.valid(claim_)) {
      group_.explain_stale(claim_, operation().id);
      answer(Outcome::kAborted, 0);
      return;
    }
    if (claim_.cursor->committed_ <= claim_.record->offset) {  // not the same commit once more
      world().count_change();
      group_.settle(claim_, fate_);
    }
    claim_.cursor->committed_ = claim_.record->offset + 1;
    claim_.cursor->commit_cause_ = operation().id;
    answer(Outcome::kOk, 0);
  }
  void release() noexcept override { world().pool().destroy(this); }

  Group& group_;
  const Claim claim_;
  const Group::Fate fate_;
};

Cursor::Cursor(Group& group, std::uint32_t topic, std::uint32_t partition, Letter* letter)
    : Event([](Event& event) {
        auto& cursor = static_cast<Cursor&>(event);
        cursor.busy_ = false;
        cursor.group_.pump(cursor, cursor.cause_);
      }),
      group_(group),
      topic_(topic),
      partition_(partition),
      letter_(letter) {}

Member::Member(Group& group, Node& node)
    : Event([](Event& event) {
        auto& member = static_cast<Member&>(event);
        member.group_.expel(member);
      }),
      group_(group),
      node_(node),
      incarnation_(node.incarnation()) {}

Group::Rebalance::Rebalance(Group& owner)
    : Event([](Event& event) { static_cast<Rebalance&>(event).group.try_rebalance(); }),
      group(owner) {}

Group::Group(Broker& broker, Name name, const Service& service, std::vector<std::uint32_t> topics)
    : broker_(broker), name_(name), service_(service), rebalance_(*this) {
  for (const std::uint32_t topic : topics) {
    const auto partitions = broker.topics_[topic].partitions.size();
    for (std::uint32_t partition = 0; partition < partitions; ++partition) {
      cursors_.push_back(std::make_unique<Cursor>(*this, topic, partition));
    }
  }
  for (Node* node : service.instances()) {
    node->listen(*this);
  }
}

Group::~Group() {
  Scheduler& scheduler = broker_.world_.scheduler();
  scheduler.cancel(rebalance_);
  for (const auto& member : members_) {
    scheduler.cancel(*member);
  }
  for (const auto& cursor : cursors_) {
    scheduler.cancel(*cursor);
  }
}

// --- membership ---

bool Group::hears(const Node& node) const {
  return node.up() && !node.paused() && broker_.world_.connected(node, broker_.server_) &&
         broker_.world_.connected(broker_.server_, node);
}

// The present incarnation's membership, if it has one.
Member* Group::member_of(const Node& node) const {
  for (const auto& member : members_) {
    if (&member->node_ == &node && member->incarnation_ == node.incarnation()) {
      return member.get();
    }
  }
  return nullptr;
}

void Group::join(Node& node, std::uint64_t cause) {
  if (member_of(node) != nullptr) {
    return;
  }
  members_.push_back(std::make_unique<Member>(*this, node));
  if (!hears(node)) {
    fall_silent(*members_.back(), cause);
  }
  request_rebalance(cause);
}

// No heartbeat from now on: unless it is heard again, its session ends one timeout after the last
// one.
void Group::fall_silent(Member& member, std::uint64_t cause) {
  if (member.silent_) {
    return;
  }
  member.silent_ = true;
  member.cause_ = cause;
  World& world = broker_.world_;
  const std::uint64_t identity =
      combine(combine(name_.hash(), member.node_.instance()), member.incarnation_);
  const std::uint64_t draw = world.random().draw(identity, "heartbeat");
  const auto interval = static_cast<std::uint64_t>(broker_.options_.heartbeat_interval.count());
  const Duration since_heartbeat{static_cast<std::int64_t>(below(draw, interval + 1))};
  const Duration left = std::max(broker_.options_.session_timeout - since_heartbeat, Duration{});
  world.scheduler().at(world.now() + left, identity, member);
}

void Group::expel(Member& member) {
  const std::uint64_t cause = member.cause_;
  for (const auto& cursor : cursors_) {
    if (cursor->owner_ == &member) {
      cursor->owner_ = nullptr;
      broker_.world_.scheduler().cancel(*cursor);
    }
  }
  Node& node = member.node_;
  const bool present = member.incarnation_ == node.incarnation();
  std::erase_if(members_, [&](const auto& known) { return known.get() == &member; });
  request_rebalance(cause);
  // Cut off and healed at this very moment, it would join again; a zombie does so when it wakes.
  if (present && hears(node)) {
    join(node, cause);
  }
}

void Group::on_start(Node& node, std::uint64_t cause) { join(node, cause); }

void Group::on_crash(Node& node, std::uint64_t cause) {
  if (Member* member = member_of(node)) {
    fall_silent(*member, cause);
    for (const auto& cursor : cursors_) {
      if (cursor->owner_ == member) {
        broker_.world_.scheduler().cancel(*cursor);
      }
    }
  }
}

void Group::on_pause(Node& node, std::uint64_t cause) {
  if (Member* member = member_of(node)) {
    fall_silent(*member, cause);
  }
}

void Group::on_resume(Node& node, std::uint64_t cause) {
  if (!hears(node)) {
    return;
  }
  Member* member = member_of(node);
  if (member == nullptr) {
    join(node, cause);
    return;
  }
  member->silent_ = false;
  broker_.world_.scheduler().cancel(*member);
  if (rebalancing_) {
    rebalance_causes_.push_back(cause);
    try_rebalance();  // it may have been the one that the others waited for
    return;
  }
  for (const auto& cursor : cursors_) {
    if (cursor->owner_ == member) {
      pump(*cursor, cause);
    }
  }
}

void Group::on_link(const Node& node, std::uint64_t cause) {
  for (Node* instance : service_.instances()) {
    if (instance != &node || !instance->up()) {
      continue;
    }
    if (hears(node)) {
      on_resume(*instance, cause);
    } else {
      on_pause(*instance, cause);
    }
  }
}

// --- rebalancing: eager, everybody stops and starts again ---

void Group::request_rebalance(std::uint64_t cause) {
  World& world = broker_.world_;
  rebalance_causes_.push_back(cause);
  if (!rebalancing_) {
    rebalancing_ = true;
    rebalance_deadline_ = world.now() + broker_.options_.rebalance_timeout;
  }
  if (!rebalance_.queued()) {
    world.scheduler().at(world.now() + broker_.options_.rebalance_delay, name_.hash(), rebalance_);
  }
}

// It is complete when every member has stopped and joined again; a dead one keeps the others
// waiting until its session ends, a busy one until it is done or the deadline makes it a zombie.
void Group::try_rebalance() {
  if (!rebalancing_ || rebalance_.queued()) {
    return;
  }
  World& world = broker_.world_;
  for (const auto& member : members_) {
    if (member->silent_) {
      rebalance_causes_.push_back(member->cause_);
      return;
    }
  }
  const bool patient = world.now() < rebalance_deadline_;
  for (const auto& cursor : cursors_) {
    if (patient && cursor->owner_ != nullptr && cursor->busy_ && !cursor->queued()) {
      rebalance_causes_.push_back(cursor->latest_);
      world.scheduler().at(rebalance_deadline_, name_.hash(), rebalance_);
      return;
    }
  }
  assign();
}

void Group::assign() {
  World& world = broker_.world_;
  rebalancing_ = false;
  world.scheduler().cancel(rebalance_);
  ++generation_;
  std::vector<Member*> members;
  for (Node* node : service_.instances()) {
    if (Member* member = member_of(*node)) {
      members.push_back(member);
    }
  }
  for (std::uint32_t i = 0; i < cursors_.size(); ++i) {
    Cursor& cursor = *cursors_[i];
    world.scheduler().cancel(cursor);
    cursor.owner_ = members.empty() ? nullptr : members[i % members.size()];
    cursor.generation_ = generation_;
    cursor.position_ = cursor.committed_;
    cursor.busy_ = false;
    cursor.delivery_ = 0;
    cursor.retries_ = 0;
    cursor.failures_ = 0;
    waited_for(cursor, generation_cause());
  }
  const std::uint64_t identity = generation_cause();
  for (const std::uint64_t cause : rebalance_causes_) {
    world.caused(cause, identity);
  }
  rebalance_causes_.clear();
  pump_all(identity);
}

void Group::reset(Instant since, std::uint64_t cause) {
  for (const auto& cursor : cursors_) {
    if (cursor->letter_ != nullptr) {
      continue;
    }
    const auto& log = broker_.topics_[cursor->topic_].partitions[cursor->partition_];
    const std::uint64_t start = broker_.topics_[cursor->topic_].starts[cursor->partition_];
    std::uint64_t first = std::min<std::uint64_t>(cursor->committed_, log.size());
    while (first > start && log[first - 1].appended >= since) {
      --first;
    }
    if (first < cursor->committed_) {
      cursor->committed_ = first;
      cursor->commit_cause_ = cause;
    }
  }
  rebalance_causes_.push_back(cause);
  assign();
}

void Group::discover(std::uint32_t topic, std::uint64_t cause) {
  std::uint32_t partition = 0;
  for (const auto& cursor : cursors_) {
    partition += cursor->topic_ == topic && cursor->letter_ == nullptr ? 1u : 0u;
  }
  cursors_.push_back(std::make_unique<Cursor>(*this, topic, partition));
  request_rebalance(cause);
}

bool Group::lost_its_place(const Cursor& cursor) const {
  const Broker::TopicView& topic = broker_.topics_[cursor.topic_];
  const std::uint64_t start = topic.starts[cursor.partition_];
  const std::uint64_t end = topic.partitions[cursor.partition_].size();
  const bool under_way_is_lost = cursor.busy_ && cursor.position_ >= end;
  return cursor.committed_ < start || cursor.position_ > end || cursor.committed_ > end ||
         under_way_is_lost;
}

void Group::follow_log(std::uint64_t cause) {
  bool lost = false;
  for (const auto& cursor : cursors_) {
    if (cursor->letter_ != nullptr) {
      continue;
    }
    const Broker::TopicView& topic = broker_.topics_[cursor->topic_];
    const std::uint64_t start = topic.starts[cursor->partition_];
    const std::uint64_t end = topic.partitions[cursor->partition_].size();
    lost = lost_its_place(*cursor) || lost;
    cursor->handled_ = std::clamp(cursor->handled_, start, end);
    if (cursor->committed_ < start || cursor->committed_ > end) {
      cursor->committed_ = std::clamp(cursor->committed_, start, end);
      cursor->commit_cause_ = cause;
    }
  }
  if (lost) {
    rebalance_causes_.push_back(cause);
    assign();
  }
}

bool Group::valid(const Claim& claim) const {
  const Cursor& cursor = *claim.cursor;
  return !claim.copy && cursor.generation_ == claim.generation &&
         cursor.deliveries_ == claim.delivery && cursor.owner_ != nullptr &&
         cursor.owner_->incarnation_ == cursor.owner_->node_.incarnation() &&
         cursor.owner_->node_.up();
}

// --- handing over records ---

void Group::pump_partition(std::uint32_t topic, std::uint32_t partition, std::uint64_t cause) {
  for (const auto& cursor : cursors_) {
    if (cursor->topic_ == topic && cursor->partition_ == partition) {
      pump(*cursor, cause);
    }
  }
}

// For a trace: the next delivery could have come earlier without `cause`.
void Group::waited_for(Cursor& cursor, std::uint64_t cause) {
  if (broker_.world_.traced() && cause != 0) [[unlikely]] {
    cursor.waited_for_.push_back(cause);
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
  return offset < log.size() ? &log[offset] : nullptr;
}

// Behind the last record of the cursor's log.
std::uint64_t Group::end_of(const Cursor& cursor) const {
  return cursor.letter_ != nullptr
             ? cursor.letter_->dead.record.offset + 1
             : broker_.topics_[cursor.topic_].partitions[cursor.partition_].size();
}

void Group::pump(Cursor& cursor, std::uint64_t cause) {
  if (rebalancing_ || cursor.owner_ == nullptr || cursor.busy_ ||
      record_at(cursor, cursor.position_) == nullptr) {
    if (cursor.busy_) {
      waited_for(cursor, cursor.latest_);
    }
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
  deliver(cursor, cause);
}

void Group::deliver(Cursor& cursor, std::uint64_t cause) {
  World& world = broker_.world_;
  const Record& record = *record_at(cursor, cursor.position_);
  Node& member = cursor.owner_->node_;
  Operation operation;
  operation.invocation = Invocation{.role = member.role(),
                                    .scope = name_,
                                    .trigger = record.type,
                                    .subject = record.subject,
                                    .version = record.version,
                                    .copy = record.copy,
                                    .attempt = 0};
  operation.invocation.attempt = world.next_attempt(operation.invocation.id());
  operation.kind = OperationKind::kDelivery;
  operation.subject = record.subject;
  operation.initiator = &broker_.server_;
  operation.receiver = &member;
  operation.cause = cause;
  operation.id =
      operation_identity(operation_base(operation.invocation.id(), operation.kind,
                                        operation.detail.hash(), operation.subject.bits()),
                         1, 0);
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
  const Claim claim{&cursor, cursor.generation_, ++cursor.deliveries_,
                    &record, cursor.retries_,    false};
  world.pool().make<DeliveryOperation>(*this, operation, claim)->issue();
}

Task<> Group::handle(Context context, Claim claim) {
  Activity& activity = context.activity();
  const Delivery delivery{claim.record};
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
  } else if (known_schema) {
    fate = fate_after_failure(claim);
  }
  if (!fate) {
    const std::uint32_t retries = claim.copy ? context.invocation().attempt : claim.retries;
    auto pause = context.sleep(backoff(activity.identity(), retries), "backoff");
    co_await pause;
    retry(claim, activity.cause());
    co_return;
  }
  if (fate == Fate::kHandled) {
    for (Observer* observer : broker_.world_.observers()) {
      observer->on_handled(*claim.record, context.invocation());
    }
    // A record that the log has lost counts for nothing: its offset is another's, or nobody's.
    if (!claim.copy && (claim.cursor->letter_ != nullptr || broker_.keeps(*claim.record))) {
      claim.cursor->handled_ = std::max(claim.cursor->handled_, claim.record->offset + 1);
    }
  }
  std::uint32_t failures = 0;
  for (;;) {
    if (!valid(claim)) {
      foresee_commit(context, claim);
      break;
    }
    auto commit = commit_offset(context, claim, *fate);
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

// Counts one more failure. Nothing: the record is to be handed over again.
std::optional<Group::Fate> Group::fate_after_failure(const Claim& claim) {
  const BrokerOptions& options = broker_.options_;
  if (!valid(claim) || ++claim.cursor->failures_ < options.attempts) {
    return std::nullopt;
  }
  if (claim.record->corrupt || options.exhausted == Exhausted::kPark) {
    return Fate::kParked;
  }
  if (options.exhausted == Exhausted::kSkip) {
    return Fate::kSkipped;
  }
  return std::nullopt;
}

// What becomes durable together with the position behind the record.
void Group::settle(const Claim& claim, Fate fate) {
  Cursor& cursor = *claim.cursor;
  if (fate == Fate::kHandled) {
    if (cursor.letter_ != nullptr) {
      cursor.letter_->settled = true;
    }
    return;
  }
  const Instant now = broker_.world_.now();
  cursor.handled_ = std::max(cursor.handled_, claim.record->offset + 1);
  if (cursor.letter_ != nullptr) {
    DeadLetter& dead = cursor.letter_->dead;
    dead.attempts += cursor.failures_;
    dead.at = now;
    dead.parked = true;
  } else {
    DeadLetter dead{name_, claim.record->clone(), cursor.failures_, now, fate == Fate::kParked};
    if (fate == Fate::kSkipped) {
      skipped_.push_back(std::move(dead));
      return;
    }
    letters_.push_back(Letter{std::move(dead)});
  }
  for (Observer* observer : broker_.world_.observers()) {
    observer->on_parked(*claim.record, name_);
  }
}

bool Group::redrive(std::uint64_t cause) {
  bool any = false;
  for (Letter& letter : letters_) {
    if (letter.dead.parked) {
      hand_again(letter, cause);
      any = true;
    }
  }
  return any;
}

void Group::hand_again(Letter& letter, std::uint64_t cause) {
  const Record& record = letter.dead.record;
  if (letter.cursor == nullptr) {
    const std::uint32_t topic = broker_.topic_index(record.topic);
    cursors_.push_back(std::make_unique<Cursor>(*this, topic, record.partition, &letter));
    letter.cursor = cursors_.back().get();
    letter.cursor->generation_ = generation_;
    // Between two rebalances it belongs to whom the next one would give it.
    std::vector<Member*> members;
    for (Node* node : service_.instances()) {
      if (Member* member = member_of(*node)) {
        members.push_back(member);
      }
    }
    if (!rebalancing_ && !members.empty()) {
      letter.cursor->owner_ = members[(cursors_.size() - 1) % members.size()];
    }
  }
  Cursor& cursor = *letter.cursor;
  // Whoever is still at the commit that parked it has nothing to say any more.
  broker_.world_.scheduler().cancel(cursor);
  ++cursor.deliveries_;
  cursor.delivery_ = 0;
  cursor.busy_ = false;
  cursor.committed_ = record.offset;
  cursor.position_ = record.offset;
  cursor.handled_ = record.offset;
  cursor.commit_cause_ = cause;
  cursor.retries_ = 0;
  cursor.failures_ = 0;
  letter.dead.parked = false;
  pump(cursor, cause);
}

Await<OffsetCommitOperation> Group::commit_offset(Context context, Claim claim, Fate fate) {
  Activity& activity = context.activity();
  const Operation operation = activity.operation(OperationKind::kOffsetCommit, claim.record->topic,
                                                 claim.record->subject, &broker_.server_);
  return Await<OffsetCommitOperation>(
      *broker_.world_.pool().make<OffsetCommitOperation>(*this, operation, activity, claim, fate));
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
    return;
  }
  Cursor& cursor = *claim.cursor;
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

void Group::retry(const Claim& claim, std::uint64_t cause) {
  if (claim.copy) {
    return;  // the original is retried until it is done; one more copy would add nothing
  }
  if (!valid(claim)) {
    return;
  }
  Cursor& cursor = *claim.cursor;
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

std::uint64_t Group::lag() const {
  std::uint64_t sum = 0;
  for (const auto& cursor : cursors_) {
    sum += end_of(*cursor) - cursor->handled_;
  }
  return sum;
}

void Group::dead_letters(std::vector<const DeadLetter*>& letters) const {
  for (const Letter& letter : letters_) {
    if (!letter.settled) {
      letters.push_back(&letter.dead);
    }
  }
}

void Group::skipped(std::vector<const DeadLetter*>& letters) const {
  for (const DeadLetter& letter : skipped_) {
    letters.push_back(&letter);
  }
}

void Group::outstanding(std::vector<Outstanding>& records) const {
  for (const auto& cursor : cursors_) {
    const std::uint64_t end = end_of(*cursor);
    for (std::uint64_t offset = cursor->handled_; offset < end; ++offset) {
      const Record* record = record_at(*cursor, offset);
      const Record* first = record_at(*cursor, std::min(cursor->position_, offset));
      if (record != nullptr) {
        records.push_back(Outstanding{name_, &service_, record, first != nullptr ? first : record});
      }
    }
  }
}

std::uint64_t Group::digest() const {
  std::uint64_t state = name_.hash();
  for (const auto& cursor : cursors_) {
    if (cursor->letter_ == nullptr) {
      state = combine(state, cursor->committed_);
    }
  }
  for (const Letter& letter : letters_) {
    if (!letter.settled) {
      state = combine(state, combine(letter.dead.record.event_id, letter.dead.attempts));
    }
  }
  return state;
}

}  // namespace sagasim::sim
