// Group: the members of one consumer group, which partition each of them owns, and how far it got.
// Part of the broker; see broker.h for what it models. Who owns what is in consumer_group.cc,
// handing over in consumer_delivery.cc, giving up in dead_letters.cc.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sim/broker.h"

namespace sagasim::sim {

class Group;

// A dead letter as its group keeps it. Once it has been handed over again it is a partition of its
// own, with one record, so that everything that holds for partitions holds for it.
struct Letter {
  DeadLetter dead;
  bool settled = false;  // dealt with after all
  class Cursor* cursor = nullptr;
};

// How far a group got in one partition. `position` and what follows is the owner's view and is lost
// with it; `committed` is the broker's and stays.
class Cursor final : public Event {
 public:
  Cursor(Group& group, std::uint32_t topic, std::uint32_t partition, Letter* letter = nullptr);

 private:
  friend class Group;
  friend class DeliveryOperation;
  friend class OffsetCommitOperation;
  friend class Broker;

  Group& group_;
  const std::uint32_t topic_;
  const std::uint32_t partition_;
  Letter* const letter_;  // null: of a partition of the topic
  std::uint64_t committed_ = 0;
  bool has_place_ = false;          // somebody has committed one
  std::uint64_t commit_cause_ = 0;  // the operation that moved it there
  std::uint64_t position_ = 0;
  class Member* owner_ = nullptr;
  std::uint32_t generation_ = 0;
  std::uint64_t handled_ = 0;     // every record before this one has been dealt with at least once
  bool busy_ = false;             // a record is under way to the owner or being handled
  std::uint64_t delivery_ = 0;    // the operation by which it is under way; 0 once it has arrived
  std::uint64_t latest_ = 0;      // the last such operation, arrived or not
  std::uint64_t handler_ = 0;     // the invocation by which its record is handled
  std::uint32_t deliveries_ = 0;  // counts them; an earlier one that still arrives is not accepted
  std::uint32_t retries_ = 0;     // of the record at `position`
  std::uint32_t failures_ = 0;    // the same without those that never arrived
  std::uint64_t cause_ = 0;       // of the retry that it waits for
  std::vector<std::uint64_t> waited_for_;  // filled for a tracer alone

  // Its owner has been at one record for too long.
  struct Overdue : Event {
    explicit Overdue(Cursor& owner);
    Cursor& cursor;
  };
  Overdue overdue_;

  // For automatic commits: what has been handled and not committed is, from `next_commit_` on, as
  // soon as its owner has nothing else to do.
  struct AutomaticCommit : Event {
    explicit AutomaticCommit(Cursor& owner);
    Cursor& cursor;
  };
  AutomaticCommit automatic_commit_;
  Instant next_commit_{};
};

// A process that belongs to the group, from its join until it is thrown out.
class Member final : public Event {
 public:
  Member(Group& group, Node& node);

 private:
  friend class Group;
  Group& group_;
  Node& node_;
  const std::uint32_t incarnation_;
  bool silent_ = false;  // sends no heartbeats: crashed, paused or cut off
  std::uint64_t cause_ = 0;
};

// The right to handle one record: stale as soon as the partition has another owner, or the record
// is fetched again because it did not arrive in time.
struct Claim {
  Cursor* cursor = nullptr;
  std::uint32_t generation = 0;
  std::uint32_t delivery = 0;
  const Record* record = nullptr;
  std::uint32_t retries = 0;  // before this delivery
  bool copy = false;          // made by a duplicating fault: moves no position
  Node* member = nullptr;     // who has it
};

class Group final : public NodeListener {
 public:
  Group(Broker& broker, Name name);
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() override;

  Name name() const { return name_; }
  // Before the run. The instances of `service` are members, and may own partitions of these topics.
  void subscribe(const Service& service, const std::vector<std::uint32_t>& topics);
  // Hands the owner the next record, if there is one and it is free. `cause` is what made it
  // possible.
  void pump(Cursor& cursor, std::uint64_t cause);
  void pump_partition(std::uint32_t topic, std::uint32_t partition, std::uint64_t cause);
  void pump_all(std::uint64_t cause);
  // The broker has restarted: what it was handing over is forgotten, and fetched again.
  void on_broker_start(std::uint64_t cause);
  void on_link(const Node& node, std::uint64_t cause);
  // An operator sets every position back to the first record appended at `since` or later, never
  // forward. The members are not asked: what they are handling they finish as zombies.
  void reset(Instant since, std::uint64_t cause);
  // The topic has one partition more, read from its beginning.
  void discover(std::uint32_t topic, std::uint64_t cause);
  // The logs have lost records at either end: if a position points to nothing, or a record under
  // way is no more, the members begin again at what there is.
  void follow_log(std::uint64_t cause);
  // The log is about to lose the records from one offset up to another: notes those that the group
  // has not dealt with.
  void miss(std::uint32_t topic, std::uint32_t partition, std::uint64_t from, std::uint64_t to);
  // The log is about to begin later: what lay before cannot be read any more.
  void lose_before(std::uint32_t topic, std::uint32_t partition, std::uint64_t first,
                   std::uint64_t start);
  std::uint64_t lag() const;
  std::uint64_t digest() const;
  // See Broker.
  bool redrive(std::uint64_t cause);
  void dead_letters(std::vector<const DeadLetter*>& letters) const;
  void skipped(std::vector<const DeadLetter*>& letters) const;
  const std::vector<Missed>& missed() const { return missed_; }
  void outstanding(std::vector<Outstanding>& records) const;
  void progress(std::vector<Progress>& partitions) const;

 private:
  friend class Broker;
  friend class Cursor;
  friend class Member;
  friend class DeliveryOperation;
  friend class OffsetCommitOperation;

  // What a commit of a position says of the record before it.
  enum class Fate : std::uint8_t { kHandled, kParked, kSkipped, kSetAside };

  struct Rebalance : Event {
    explicit Rebalance(Group& owner);
    Group& group;
  };
  // Its members' libraries look what partitions there are.
  struct Discovery : Event {
    explicit Discovery(Group& owner);
    Group& group;
    std::uint64_t cause = 0;
  };

  void on_start(Node& node, std::uint64_t cause) override;
  void on_crash(Node& node, std::uint64_t cause) override;
  void on_pause(Node& node, std::uint64_t cause) override;
  void on_resume(Node& node, std::uint64_t cause) override;

  struct Place {
    std::uint32_t topic;
    std::uint32_t partition;
  };
  Cursor& add_cursor(Place place, Letter* letter = nullptr);

  // A service that reads as this group.
  struct Subscription {
    const Service* service;
    std::vector<std::uint32_t> topics;
  };

  bool hears(const Node& node) const;
  // Those who may own a partition of the topic, in the order of their instances.
  std::vector<Member*> members_for(std::uint32_t topic) const;
  // The service that reads the topic; of several, the first.
  const Service* reader_of(std::uint32_t topic) const;
  Member* member_of(const Node& node) const;
  void join(Node& node, std::uint64_t cause);
  void fall_silent(Member& member, std::uint64_t cause);
  enum class Return : std::uint8_t { kAtOnce, kLater };
  void expel(Member& member, Return when = Return::kAtOnce);
  void expel_overdue(Cursor& cursor);
  bool lost_its_place(const Cursor& cursor) const;
  void request_rebalance(std::uint64_t cause);
  void try_rebalance();
  void assign();
  // A place to begin at, where the group has none.
  void begin_at(Cursor& cursor);
  // It has had no member for so long that the broker has forgotten its positions.
  void forget_positions(std::uint64_t cause);
  // What the present assignment is known by as a cause.
  std::uint64_t generation_cause() const { return combine(name_.hash(), generation_); }
  void foresee_commit(Context context, const Claim& claim) const;
  void explain_stale(const Claim& claim, std::uint64_t operation) const;
  void waited_for(Cursor& cursor, std::uint64_t cause);
  void nobody_takes_it();
  void rebalance_waits_for(const Cursor& cursor);
  bool valid(const Claim& claim) const;
  // Nothing that was to come of the cursor by itself comes any more.
  void stop_timers(Cursor& cursor) noexcept;
  Duration backoff(std::uint64_t identity, std::uint32_t retries) const;

  void deliver(Cursor& cursor, const Record& record, std::uint64_t cause);
  Task<> handle(Context context, Claim claim);
  std::optional<Fate> fate_after_failure(const Claim& claim);
  void settle(const Claim& claim, Fate fate, std::uint64_t cause);
  void hand_again(Letter& letter, std::uint64_t cause, Duration delay = {});
  // The record at an offset of the cursor's log, or null if there is none.
  const Record* record_at(const Cursor& cursor, std::uint64_t offset) const;
  std::uint64_t end_of(const Cursor& cursor) const;
  OffsetCommitOperation* make_commit(Context context, const Claim& claim, Fate fate,
                                     std::uint64_t position);
  bool commits_at_intervals() const {
    const PositionCommit commits = broker_.options_.commits;
    return commits == PositionCommit::kAtIntervals || commits == PositionCommit::kHandedOver;
  }
  void note_handled(Context context, const Claim& claim);
  // The owner has handled everything up to there; its library commits that when it is time to.
  void commit_in_time(Cursor& cursor, std::uint64_t position);
  void commit_now(Cursor& cursor, std::uint64_t position);
  void expect_return(const Claim& claim, std::uint64_t identity);
  // Whether a position may be committed by virtue of this claim.
  bool may_commit(const Claim& claim) const;
  void advance(const Claim& claim, std::uint64_t cause);
  void come_back(const Claim& claim, std::uint64_t cause);
  void retry(const Claim& claim, std::uint64_t cause);
  void fetch_later(Cursor& cursor, std::uint64_t cause);

  Broker& broker_;
  const Name name_;
  std::vector<Subscription> subscriptions_;
  std::vector<Node*> nodes_;  // that may be members
  std::vector<std::unique_ptr<Cursor>> cursors_;
  // What each of them is at, in one piece: a record that was appended looks for them.
  std::vector<Place> places_;
  std::deque<Letter, PoolAllocator<Letter>>
      letters_;  // once parked, for ever: cursors and claims refer to them
  std::deque<DeadLetter, PoolAllocator<DeadLetter>> skipped_;
  std::vector<Missed> missed_;
  std::vector<std::unique_ptr<Member>> members_;
  Instant empty_since_{};  // meaningful iff it has no member
  std::uint32_t generation_ = 0;
  bool rebalancing_ = false;
  Instant rebalance_deadline_{};
  std::vector<std::uint64_t> rebalance_causes_;  // what made it necessary, and what it waited for
  Rebalance rebalance_;
  Discovery discovery_;
};

// Moves the group's position in one partition. Fenced: refused to a member whose partition has gone
// to another owner.
class OffsetCommitOperation final : public RemoteOperation {
 public:
  // `activity` is null for automatic commits.
  OffsetCommitOperation(Group& group, const Operation& operation, Activity* activity,
                        const Claim& claim, Group::Fate fate, std::uint64_t position);
  Outcome take() { return outcome(); }

 private:
  void execute() override;
  void concluded(Outcome outcome) override;
  void release() noexcept override { world().pool().destroy(this); }

  Group& group_;
  const Claim claim_;
  const Group::Fate fate_;
  const std::uint64_t position_;
  const bool automatic_;
};

}  // namespace sagasim::sim
