#include "sim/consumer_group.h"

#include <algorithm>

namespace sagasim::sim {

Cursor::Cursor(Group& group, std::uint32_t topic, std::uint32_t partition, Letter* letter)
    : Event([](Event& event) {
        auto& cursor = static_cast<Cursor&>(event);
        cursor.busy_ = false;
        cursor.group_.pump(cursor, cursor.cause_);
      }),
      group_(group),
      topic_(topic),
      partition_(partition),
      letter_(letter),
      overdue_(*this),
      automatic_commit_(*this) {}

Cursor::Overdue::Overdue(Cursor& owner)
    : Event([](Event& event) {
        Cursor& late = static_cast<Overdue&>(event).cursor;
        late.group_.expel_overdue(late);
      }),
      cursor(owner) {}

Cursor::AutomaticCommit::AutomaticCommit(Cursor& owner)
    : Event([](Event& event) {
        Cursor& idle = static_cast<AutomaticCommit&>(event).cursor;
        if (!idle.busy_) {  // otherwise the end of what it is at is the time
          idle.group_.commit_now(idle, idle.position_);
        }
      }),
      cursor(owner) {}

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

Group::Discovery::Discovery(Group& owner)
    : Event([](Event& event) {
        const auto& discovery = static_cast<Discovery&>(event);
        discovery.group.request_rebalance(discovery.cause);
      }),
      group(owner) {}

Group::Group(Broker& broker, Name name)
    : broker_(broker),
      name_(name),
      letters_(PoolAllocator<Letter>(broker.world_.pool())),
      skipped_(PoolAllocator<DeadLetter>(broker.world_.pool())),
      rebalance_(*this),
      discovery_(*this) {}

Cursor& Group::add_cursor(Place place, Letter* letter) {
  places_.push_back(place);
  return *cursors_.emplace_back(
      std::make_unique<Cursor>(*this, place.topic, place.partition, letter));
}

void Group::subscribe(const Service& service, const std::vector<std::uint32_t>& topics) {
  for (const std::uint32_t topic : topics) {
    if (reader_of(topic) != nullptr) {
      continue;  // its partitions are known
    }
    const auto partitions = broker_.topics_[topic].partitions.size();
    for (std::uint32_t partition = 0; partition < partitions; ++partition) {
      add_cursor({topic, partition});
    }
  }
  subscriptions_.push_back({&service, topics});
  for (Node* node : service.instances()) {
    nodes_.push_back(node);
    node->listen(*this);
  }
}

const Service* Group::reader_of(std::uint32_t topic) const {
  for (const Subscription& each : subscriptions_) {
    if (std::find(each.topics.begin(), each.topics.end(), topic) != each.topics.end()) {
      return each.service;
    }
  }
  return nullptr;
}

std::vector<Member*> Group::members_for(std::uint32_t topic) const {
  std::vector<Member*> members;
  for (const Subscription& each : subscriptions_) {
    if (std::find(each.topics.begin(), each.topics.end(), topic) == each.topics.end()) {
      continue;
    }
    for (const Node* node : each.service->instances()) {
      if (Member* member = member_of(*node)) {
        members.push_back(member);
      }
    }
  }
  return members;
}

Group::~Group() {
  Scheduler& scheduler = broker_.world_.scheduler();
  scheduler.cancel(rebalance_);
  scheduler.cancel(discovery_);
  for (const auto& member : members_) {
    scheduler.cancel(*member);
  }
  for (const auto& cursor : cursors_) {
    stop_timers(*cursor);
  }
}

void Group::stop_timers(Cursor& cursor) noexcept {
  Scheduler& scheduler = broker_.world_.scheduler();
  scheduler.cancel(cursor);
  scheduler.cancel(cursor.overdue_);
  scheduler.cancel(cursor.automatic_commit_);
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
  if (members_.empty()) {
    forget_positions(cause);
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

void Group::expel(Member& member, Return when) {
  const std::uint64_t cause = member.cause_;
  for (const auto& cursor : cursors_) {
    if (cursor->owner_ == &member) {
      cursor->owner_ = nullptr;
      stop_timers(*cursor);
    }
  }
  Node& node = member.node_;
  const bool present = member.incarnation_ == node.incarnation();
  SAGASIM_CHECK(!member.queued(), "a member that is thrown out has a session to end");
  std::erase_if(members_, [&](const auto& known) { return known.get() == &member; });
  empty_since_ = broker_.world_.now();
  request_rebalance(cause);
  // Cut off and healed at this very moment, it would join again; a zombie does so when it wakes.
  if (present && hears(node) && when == Return::kAtOnce) {
    join(node, cause);
  }
}

// The owner's library has said that it leaves, as its program does not come back for more. It joins
// again when the program does. While nobody hears it, it says so with each heartbeat, until its
// session ends.
void Group::expel_overdue(Cursor& cursor) {
  Member* member = cursor.owner_;
  if (member == nullptr) {
    return;
  }
  if (member->silent_) {
    World& world = broker_.world_;
    world.scheduler().at(world.now() + broker_.options_.heartbeat_interval,
                         combine(cursor.latest_, hash_text("overdue")), cursor.overdue_);
    return;
  }
  member->cause_ = cursor.latest_;
  expel(*member, Return::kLater);
}

void Group::on_start(Node& node, std::uint64_t cause) { join(node, cause); }

void Group::on_crash(Node& node, std::uint64_t cause) {
  if (Member* member = member_of(node)) {
    fall_silent(*member, cause);
    for (const auto& cursor : cursors_) {
      if (cursor->owner_ == member) {
        stop_timers(*cursor);
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
  for (Node* instance : nodes_) {
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
    // Automatic commits do not wait for their time when partitions are about to go.
    for (const auto& cursor : cursors_) {
      if (cursor->automatic_commit_.queued() && !cursor->busy_) {
        commit_now(*cursor, cursor->position_);
      }
    }
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
      rebalance_waits_for(*cursor);
      world.scheduler().at(rebalance_deadline_, name_.hash(), rebalance_);
      return;
    }
  }
  assign();
}

// For a trace: the record under way in it, or what its handler has come to, is why there is no new
// assignment yet, or why there is one at last without waiting for it any longer.
void Group::rebalance_waits_for(const Cursor& cursor) {
  if (cursor.busy_) {
    rebalance_causes_.push_back(cursor.latest_);
    rebalance_causes_.push_back(broker_.world_.latest_of(cursor.handler_));
  }
}

void Group::assign() {
  World& world = broker_.world_;
  rebalancing_ = false;
  world.scheduler().cancel(rebalance_);
  ++generation_;
  std::vector<Member*> members;
  for (std::uint32_t i = 0; i < cursors_.size(); ++i) {
    Cursor& cursor = *cursors_[i];
    if (i == 0 || subscriptions_.size() > 1) {
      members = members_for(cursor.topic_);
    }
    rebalance_waits_for(cursor);
    stop_timers(cursor);
    cursor.owner_ = members.empty() ? nullptr : members[i % members.size()];
    cursor.generation_ = generation_;
    begin_at(cursor);
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

void Group::forget_positions(std::uint64_t cause) {
  const Duration limit = broker_.options_.position_retention;
  if (limit == Duration{} || broker_.world_.now() - empty_since_ < limit) {
    return;
  }
  for (const auto& cursor : cursors_) {
    if (cursor->letter_ == nullptr) {
      cursor->committed_ = broker_.topics_[cursor->topic_].starts[cursor->partition_];
      cursor->has_place_ = false;
      cursor->commit_cause_ = cause;
    }
  }
}

void Group::begin_at(Cursor& cursor) {
  const bool skips = broker_.options_.begin == BrokerOptions::Begin::kLatest &&
                     !cursor.has_place_ && cursor.letter_ == nullptr && cursor.owner_ != nullptr;
  if (!skips) [[likely]] {
    return;
  }
  const std::uint64_t end = broker_.shown(cursor.topic_, cursor.partition_);
  miss(cursor.topic_, cursor.partition_, cursor.committed_, end);
  cursor.committed_ = end;
  cursor.handled_ = std::max(cursor.handled_, end);
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
      broker_.world_.met(cause, 0);
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
  add_cursor({topic, partition});
  if (broker_.options_.discovery == Duration{}) {
    request_rebalance(cause);
    return;
  }
  World& world = broker_.world_;
  discovery_.cause = cause;
  world.scheduler().cancel(discovery_);
  world.scheduler().at(world.now() + broker_.options_.discovery, name_.hash(), discovery_);
}

bool Group::lost_its_place(const Cursor& cursor) const {
  const Broker::TopicView& topic = broker_.topics_[cursor.topic_];
  const std::uint64_t start = topic.starts[cursor.partition_];
  const std::uint64_t end = topic.partitions[cursor.partition_].size();
  const bool under_way_is_lost = cursor.busy_ && cursor.position_ >= end;
  return cursor.committed_ < start || cursor.position_ > end || cursor.committed_ > end ||
         under_way_is_lost;
}

void Group::lose_before(std::uint32_t topic, std::uint32_t partition, std::uint64_t first,
                        std::uint64_t start) {
  miss(topic, partition, first, start);
  for (const auto& cursor : cursors_) {
    if (cursor->letter_ == nullptr && cursor->topic_ == topic && cursor->partition_ == partition) {
      cursor->handled_ = std::max(cursor->handled_, start);
    }
  }
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

// A commit that nobody waits for is about a record that the owner has left behind.
bool Group::may_commit(const Claim& claim) const {
  const PositionCommit commits = broker_.options_.commits;
  const bool waits =
      commits == PositionCommit::kAfterHandling || commits == PositionCommit::kBeforeHandling;
  if (waits) {
    return valid(claim);
  }
  Claim latest = claim;
  latest.delivery = claim.cursor->deliveries_;
  return valid(latest);
}

std::uint64_t Group::lag() const {
  std::uint64_t sum = 0;
  for (const auto& cursor : cursors_) {
    sum += end_of(*cursor) - cursor->handled_;
  }
  return sum;
}

void Group::outstanding(std::vector<Outstanding>& records) const {
  for (const auto& cursor : cursors_) {
    const std::uint64_t end = end_of(*cursor);
    for (std::uint64_t offset = cursor->handled_; offset < end; ++offset) {
      const Record* record = record_at(*cursor, offset);
      const Record* first = record_at(*cursor, std::min(cursor->position_, offset));
      if (record != nullptr) {
        records.push_back(Outstanding{name_, reader_of(cursor->topic_), record,
                                      first != nullptr ? first : record});
      }
    }
  }
}

void Group::progress(std::vector<Progress>& partitions) const {
  for (const auto& cursor : cursors_) {
    if (cursor->letter_ != nullptr) {
      continue;
    }
    Progress& each = partitions.emplace_back();
    each.group = name_;
    each.topic = broker_.topics_[cursor->topic_].name;
    each.partition = cursor->partition_;
    each.owner = cursor->owner_ != nullptr ? &cursor->owner_->node_ : nullptr;
    each.committed = cursor->committed_;
    each.position = cursor->position_;
    each.handled = cursor->handled_;
    each.end = end_of(*cursor);
    each.busy = cursor->busy_;
    each.retries = cursor->retries_;
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
