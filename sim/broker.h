// Broker: a Kafka-like log. Topics are cut into partitions; a record's key chooses its partition;
// order is kept inside a partition and nowhere else. Consumer groups share a topic's partitions
// among their members, remember how far they got, and hand partitions on when a member is lost.
//
// Modelled on Apache Kafka with eager rebalancing (its documentation, "Message Delivery Semantics",
// "Replication" and "Consumer Group Protocol"). Records of a partition are handed over one at a
// time; a poll is a long poll, so an idle group schedules nothing and heartbeats are computed.
//
// The one server stands for all brokers of a cluster. Who follows a partition's leader has each
// record a while after it, and consumers are shown what the followers have. A leader that is lost
// takes with it what they lack.
//
// A member whose program is older than the one that wrote a record cannot read it and tries again
// until it has been upgraded. Operators can set a group's positions back and add partitions, and
// then keys move to other partitions than before.
//
// Must never happen, whatever the fault but two: an acknowledged record lost, a changed record, a
// partition out of order. The two are breakers of exactly that guarantee: a leader that lacks the
// latest records (kLoseTail), and a retention that ends before everybody has read (kTruncate). What
// does happen: a record appended twice (the acknowledgement was lost), delivered twice (the
// position was not committed), delivered to two members (one of them a zombie).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sim/network.h"
#include "sim/node.h"
#include "sim/payload.h"
#include "sim/remote_operation.h"
#include "sim/world.h"

namespace sagasim::sim {

// What becomes of a record that its consumers keep failing on.
enum class Exhausted : std::uint8_t {
  kRetryForever,  // handed over until it is dealt with; whatever comes behind it waits
  kPark,          // after some attempts it becomes a dead letter, and the partition goes on
  kSkip,          // after some attempts it is dropped, and the partition goes on
  kRetryLater,    // after each failure it goes aside for a while and the partition goes on; after
                  // some attempts it becomes a dead letter. What is about one key gets out of order
};

// When a consumer has its position moved past a record.
enum class PositionCommit : std::uint8_t {
  kAfterHandling,   // and not before it is done: a crash makes it come again
  kWithoutWaiting,  // likewise, but the next record is taken up at once; a late commit overwrites a
                    // newer one, and a crash makes more come again
  kBeforeHandling,  // as automatic commits do when work is handed to other threads: a crash loses
                    // it
  kAtIntervals,     // automatically, when it comes back for more and an interval is over since it
                    // last did: a crash makes everything since then come again
  kHandedOver,      // likewise, but records are handed to other threads, which work on them beside
                    // one another: what they have not done, or failed at, does not come again
  kByProgram,       // when and where the program says so, by Broker::commit()
};

// What a producer waits for before it takes a record as sent.
enum class Acks : std::uint8_t {
  kNone,    // for nothing: nobody hears of a loss
  kLeader,  // until the leader has it: lost if the leader is, before a follower has it
  kAll,     // until the followers have it
};

struct BrokerOptions {
  Route produce{
      {microseconds(500), milliseconds(3)}, {microseconds(500), milliseconds(3)}, seconds(5)};
  Route deliver{{microseconds(500), milliseconds(3)}, {}, seconds(5)};
  Duration session_timeout = seconds(10);  // without a heartbeat a member is thrown out
  Duration heartbeat_interval = seconds(3);
  Duration rebalance_delay = milliseconds(100);
  Duration rebalance_timeout = seconds(60);  // how long a rebalance waits for a busy member
  Duration backoff_min =
      milliseconds(100);               // between two attempts at one record: doubled each time,
  Duration backoff_max = seconds(10);  // up to this, with full jitter
  Exhausted exhausted = Exhausted::kRetryForever;
  std::uint32_t attempts = 4;  // at one record before it is given up
  // A malformed one is parked after that many, whatever becomes of the others; or it is treated as
  // they are, though no attempt can succeed.
  bool parks_malformed = true;
  Duration retry_delay = seconds(1);  // how long a record is set aside, for kRetryLater
  PositionCommit commits = PositionCommit::kAfterHandling;
  Duration commit_interval = seconds(5);  // `auto.commit.interval.ms`, for kAtIntervals
  // A member that is at one record for longer is thrown out, and works on; zero: there is no limit.
  Duration max_poll_interval{};
  // The broker drops what a producer's library sends again by itself, and keeps the order in which
  // the library sent. What a program sends again, or another incarnation of it, is a new record all
  // the same.
  bool idempotent_producers = false;
  Acks acks = Acks::kAll;
  Latency replication{};  // until the followers have a record; zero: at once
  // How long a producer keeps records back, in its process's memory; how many of those to one
  // partition it sends as one batch, which is in the log as a whole or not at all (a full one goes
  // at once); and how many batches it has under way (`linger.ms`, `batch.size`,
  // `max.in.flight.requests.per.connection`). Whether anybody awaits a record makes no difference.
  Duration linger{};
  std::uint32_t batch = 1;
  std::uint32_t in_flight = 0;  // zero: any number
  // How many records a partition keeps; who lags behind that goes on at the first that is there
  // (`retention.bytes`). Zero: all. It breaks the guarantee that everything is read.
  std::uint32_t retention_records = 0;
  // Where a group begins to read in a partition that it has no position in, and in one that is
  // added later, which members notice after a while (their library's `metadata.max.age.ms`).
  enum class Begin : std::uint8_t { kEarliest, kLatest };
  Begin begin = Begin::kEarliest;
  Duration discovery{};
  // A group without a member for so long has no positions any more (`offsets.retention.minutes`).
  // Zero: it keeps them.
  Duration position_retention{};
};

// What a producer hands over.
struct Draft {
  Name type;
  Subject subject;  // the correlation id, and the partition key
  std::uint32_t version = 0;
  std::uint64_t event_id = 0;
  Payload payload;
  bool corrupt = false;  // nobody can read it; no producer makes such a thing, faults do
};

struct Record {
  Name topic;
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  Name type;
  Subject subject;
  std::uint32_t version = 0;
  std::uint32_t schema = 1;  // the version of the program that wrote it
  std::uint32_t copy = 0;    // see Copy in operation.h: 0 for the first with this event id
  std::uint64_t event_id = 0;
  Payload payload;
  std::uint64_t digest = 0;  // of the payload
  Instant appended{};
  std::uint64_t append_operation = 0;
  bool corrupt = false;  // malformed: consumers fail at reading it, and there is no payload

  Record clone() const;
};

// A record that a group has given up on. It is kept by the broker and survives every consumer.
struct DeadLetter {
  Name group;
  Record record;               // a copy
  std::uint32_t attempts = 0;  // at handling it, in vain
  Instant at{};                // when it was given up last
  bool parked = true;          // false: handed over once more and not dealt with yet, or skipped
};

// A record that a group has not dealt with.
struct Outstanding {
  Name group;
  const Service* service = nullptr;  // whose instances are the group's members
  const Record* record = nullptr;
  const Record* first = nullptr;  // the one that has to be dealt with before it; often itself
};

// How far a group got in one partition.
struct Progress {
  Name group;
  Name topic;
  std::uint32_t partition = 0;
  const Node* owner = nullptr;  // null: no member has it now
  std::uint64_t committed = 0;  // offset from which another member would go on
  std::uint64_t position = 0;   // offset of the record that its owner has, or will be handed next
  std::uint64_t handled = 0;    // every record before this offset was dealt with at least once
  std::uint64_t end = 0;        // offset of the next record to be appended
  bool busy = false;            // a record is under way to the owner, or with it
  std::uint32_t retries = 0;    // of the record at `position`
};

// A record that the log lost before a group had dealt with it.
struct Missed {
  Name group;
  Name type;
  Subject subject;
};

class Broker;
class Followers;
class Group;
class OffsetCommitOperation;
class Producer;

// A record on its way into the log; or a batch of them, named by the first. Those who await the
// records of a batch are its passengers: they are never issued, and learn what becomes of it.
class AppendOperation final : public RemoteOperation {
 public:
  // `activity` is null for the copies that a fault makes, and for batches.
  AppendOperation(Broker& broker, const Operation& operation, Activity* activity,
                  std::uint32_t topic, Draft draft);
  ~AppendOperation() override;
  // Sent as soon as its producer can.
  void enqueue();
  Outcome take() { return outcome(); }
  // Without acknowledgements all that is sent counts as done.
  static Outcome nothing() { return Outcome::kOk; }

 private:
  friend class Broker;
  friend class Followers;
  friend class Producer;
  void execute() override;
  void duplicate(Duration delay) override;
  void concluded(Outcome outcome) override;
  void broken() override;
  void release() noexcept override { world().pool().destroy(this); }
  bool goes_where(const AppendOperation& other) const {
    return topic_ == other.topic_ && partition_ == other.partition_;
  }
  // Its records go in `batch`, and whoever awaits it awaits that.
  void join(AppendOperation& batch);
  void store();

  // A record that is to be.
  struct Coming {
    Draft draft;
    std::optional<std::uint32_t> copy;  // its number, where it had to be known beforehand
  };
  void store(Coming& coming);

  Broker& broker_;
  const std::uint32_t topic_;
  std::uint32_t partition_;          // that its key chose when the program sent it
  Producer* producer_ = nullptr;     // that counts it as under way
  Followers* followers_ = nullptr;   // whom it waits for
  const std::uint32_t incarnation_;  // of who sent it
  bool overtook_ = false;            // it is there, and waits for one that was sent before it
  bool settled_ = false;             // in the log, or never will be
  bool given_up_ = false;            // its producer counts it as failed
  std::uint64_t digest_ = 0;         // of the record, once it is in the log
  // Of the program that sent it, which may have been replaced by a newer one when this arrives.
  std::uint32_t schema_;
  Coming first_;
  std::vector<Coming> others_;                // of a batch
  std::vector<AppendOperation*> passengers_;  // likewise
  AppendOperation* batch_ = nullptr;          // that it is a passenger of
};

class Broker final : public NodeListener, public LinkListener {
 public:
  Broker(World& world, Node& server, const BrokerOptions& options);
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  ~Broker() override;

  // --- building ---
  void add_topic(Name name, std::uint32_t partitions);
  // All instances of `service` consume the listed topics as one group. Starts at the beginning. A
  // service that is added under the name of another one's group joins that: what both subscribe to
  // is shared out among all of them, and each service sees a part of it.
  void add_group(Name name, const Service& service, const std::vector<Name>& topics);

  // --- producing; a topic's name is its records' type ---
  // Outcome o = co_await broker.append(ctx, std::move(draft)); kOk: it is in the log for good.
  [[nodiscard]] Await<AppendOperation> append(Context context, Draft draft);
  // Fire and forget: queued in the process's memory and lost with it.
  void send(Context context, Draft draft);

  // --- consuming ---
  // Outcome o = co_await broker.commit(ctx, delivery, position): has the group go on at `position`
  // of the delivery's partition, wherever that is, should another member take over. kAborted: the
  // partition is not this member's any more. Needs sim/consumer_group.h.
  [[nodiscard]] Await<OffsetCommitOperation> commit(Context context, const Delivery& delivery,
                                                    std::uint64_t position);

  // --- ground truth, for judges and reports ---
  struct TopicView {
    Name name;
    std::vector<std::deque<Record>> partitions;
    std::vector<std::uint64_t> starts;  // of each partition: what lies before cannot be read
    std::uint64_t expansion = 0;        // the fault that gave it its last partition
  };
  const std::vector<TopicView>& topics() const { return topics_; }
  std::vector<Name> groups() const;
  // Puts a record that is in the log already into it once more, without any operation; for checks
  // that replay history.
  void append_again(const Record& record);
  // What groups have given up on: still so, by group and in the order in which they did.
  std::vector<const DeadLetter*> dead_letters() const;
  // The same of what they have dropped.
  std::vector<const DeadLetter*> skipped() const;
  // What the logs have lost before a group had dealt with it, by group.
  std::vector<Missed> missed() const;
  // What lag() counts.
  std::vector<Outstanding> outstanding() const;
  // Every partition of every group, by group and topic; not what dead letters are handed over by.
  std::vector<Progress> progress() const;
  // Records that some group has not dealt with even once. The committed position says less: it lags
  // behind what was done until its commit is acknowledged.
  std::uint64_t lag() const;
  std::uint64_t digest() const;
  const BrokerOptions& options() const { return options_; }
  const Node& server() const { return server_; }

  // --- what faults and operators do; `cause` is the fault or window responsible ---
  // Adds a malformed record to the partition that its key chooses. False: there is no such topic.
  bool append_corrupt(Name topic, std::uint64_t cause);
  // Hands all dead letters of a group to its members again, beside the partitions, which do not
  // wait for them. One that fails as often as before is parked again; while the group has no live
  // member they wait for one. Returns true iff there were any.
  bool redrive(Name group, std::uint64_t cause);

 private:
  friend class AppendOperation;
  friend class OffsetCommitOperation;
  friend class Followers;
  friend class Group;
  friend class DeliveryOperation;
  friend class Producer;

  void on_start(Node& node, std::uint64_t cause) override;
  void on_resume(Node& node, std::uint64_t cause) override;
  void on_link(const Node& from, const Node& to, std::uint64_t cause) override;
  bool on_intervention(Node& node, const Intervention& intervention) override;

  bool expand(const std::string& topic, std::uint64_t cause);
  void lose_tail(Duration tail, std::uint64_t cause);
  void fail_over(std::uint64_t cause);
  // The log ends at that offset from now on. Offsets are used again, for other records.
  void cut(std::uint32_t topic, std::uint32_t partition, std::uint64_t end, std::uint64_t cause);
  // Behind the last record that consumers are shown.
  std::uint64_t shown(std::uint32_t topic, std::uint32_t partition) const;
  bool replicates() const { return options_.replication.max > Duration{}; }
  std::uint32_t partition_of(std::uint32_t topic, Subject subject) const;
  // Of that node; null if nothing depends on what producers remember.
  Producer* producer_of(Node& node);
  void truncate(Duration age, std::uint64_t cause);
  std::uint32_t topic_index(Name name) const;
  AppendOperation* make_append(Context context, Draft draft);
  // The number of the next record with this event: 0 for the first.
  std::uint32_t next_copy(std::uint32_t topic, std::uint64_t event_id);
  std::uint64_t store(std::uint32_t topic, std::uint32_t partition, Draft& draft,
                      std::uint32_t copy, std::uint32_t schema, std::uint64_t operation);
  // The log begins there from now on. Who stands before that notices when it asks for more.
  void drop_before(std::uint32_t topic, std::uint32_t partition, std::uint64_t start);
  // Whether the log has it still, or again: another may have taken its offset since.
  bool keeps(std::uint32_t topic, const Record& record) const;

  World& world_;
  Node& server_;
  const BrokerOptions options_;
  std::vector<TopicView> topics_;
  std::vector<std::deque<Followers>> followers_;  // by topic and partition
  std::vector<std::unique_ptr<Producer>> producers_;
  std::vector<std::uint32_t> malformed_;          // by topic: how many faults have added
  std::vector<std::vector<Group*>> subscribers_;  // by topic
  std::vector<std::unique_ptr<Group>> groups_;
  // Logs that lost their tail, as they were: whoever is handling one of their records still has it.
  std::deque<std::deque<Record>> lost_;
};

}  // namespace sagasim::sim
