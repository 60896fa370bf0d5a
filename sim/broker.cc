#include "sim/broker.h"

#include <algorithm>
#include <utility>

#include "sim/consumer_group.h"
#include "sim/followers.h"
#include "sim/producer.h"

namespace sagasim::sim {

AppendOperation::AppendOperation(Broker& broker, const Operation& operation, Activity* activity,
                                 std::uint32_t topic, Draft draft)
    : RemoteOperation(broker.world_, operation, broker.options_.produce, activity),
      broker_(broker),
      topic_(topic),
      partition_(broker.partition_of(topic, draft.subject)),
      incarnation_(operation.initiator->incarnation()),
      schema_(operation.initiator->version()),
      first_{std::move(draft), std::nullopt} {}

AppendOperation::~AppendOperation() {
  if (followers_ != nullptr) {
    followers_->forget(*this);
  }
  if (producer_ != nullptr) {
    producer_->remove(*this);
  }
  if (batch_ != nullptr) {
    std::erase(batch_->passengers_, this);
  }
  for (AppendOperation* passenger : passengers_) {  // its process is dead, or about to die
    passenger->batch_ = nullptr;
  }
}

void AppendOperation::enqueue() {
  if (producer_ != nullptr) {
    producer_->buffer(*this);
  } else {
    issue();
  }
}

void AppendOperation::join(AppendOperation& batch) {
  if (activity() == nullptr) {
    cancel();
    return;
  }
  batch_ = &batch;
  batch.passengers_.push_back(this);
}

void AppendOperation::execute() {
  if (broker_.options_.idempotent_producers) {
    if (operation().duplicate != 0) {
      answer(Outcome::kOk, 0);  // it comes after the one that it is a copy of
      return;
    }
    if (given_up_) {  // the producer has begun a new epoch since
      answer(Outcome::kRefused, 0);
      return;
    }
    if (producer_->overtakes(*this)) {
      overtook_ = true;
      return;
    }
  }
  store();
}

void AppendOperation::store(Coming& coming) {
  Draft& draft = coming.draft;
  const std::uint32_t number =
      coming.copy ? *coming.copy : broker_.next_copy(topic_, draft.event_id);
  digest_ = broker_.store(topic_, partition_, draft, number, schema_, operation().id);
}

void AppendOperation::store() {
  overtook_ = false;
  world().caused(initiator().upgrade_cause(), operation().id);
  store(first_);
  for (Coming& other : others_) {
    store(other);
  }
  settled_ = true;
  if (producer_ != nullptr) {
    producer_->settled();
  }
  if (broker_.options_.acks == Acks::kAll && broker_.replicates()) {
    broker_.followers_[topic_][partition_].await_last(*this);
  } else {
    answer(Outcome::kOk, digest_);
  }
}

void AppendOperation::concluded(Outcome outcome) {
  given_up_ = outcome != Outcome::kOk;
  if (given_up_ && producer_ != nullptr) {
    settled_ = true;
    producer_->settled();
  }
  for (AppendOperation* passenger : std::exchange(passengers_, {})) {
    passenger->batch_ = nullptr;
    passenger->end_with(*this);
  }
}

void AppendOperation::broken() {
  overtook_ = false;
  if (followers_ != nullptr) {
    followers_->forget(*this);
  }
}

void AppendOperation::duplicate(Duration delay) {
  const auto again = [&](Coming& coming) {
    const Draft& draft = coming.draft;
    coming.copy = broker_.next_copy(topic_, draft.event_id);
    return Coming{{draft.type, draft.subject, draft.version, draft.event_id, draft.payload.clone()},
                  duplicated(*coming.copy, Repeated::kAppend)};
  };
  Coming first = again(first_);
  auto* copy = world().pool().make<AppendOperation>(broker_, duplicate_of(operation(), 1), nullptr,
                                                    topic_, std::move(first.draft));
  copy->partition_ = partition_;
  copy->first_.copy = first.copy;
  for (Coming& other : others_) {
    copy->others_.push_back(again(other));
  }
  copy->schema_ = schema_;
  copy->issue_after(delay);
}

Broker::Broker(World& world, Node& server, const BrokerOptions& options)
    : world_(world), server_(server), options_(options) {
  server.listen(*this);
  world.listen_to_links(*this);
}

Broker::~Broker() = default;

void Broker::add_topic(Name name, std::uint32_t partitions) {
  SAGASIM_CHECK(partitions > 0, "a topic needs a partition");
  topics_.push_back(TopicView{name, std::vector<std::deque<Record>>(partitions),
                              std::vector<std::uint64_t>(partitions)});
  auto& followers = followers_.emplace_back();
  for (std::uint32_t partition = 0; partition < partitions; ++partition) {
    followers.emplace_back(*this, static_cast<std::uint32_t>(topics_.size() - 1), partition);
  }
  malformed_.push_back(0);
  subscribers_.emplace_back();
}

void Broker::add_group(Name name, const Service& service, const std::vector<Name>& topics) {
  std::vector<std::uint32_t> indices;
  for (const Name topic : topics) {
    indices.push_back(topic_index(topic));
  }
  auto known = std::find_if(groups_.begin(), groups_.end(),
                            [&](const auto& group) { return group->name() == name; });
  if (known == groups_.end()) {
    known = groups_.insert(known, std::make_unique<Group>(*this, name));
  }
  Group& group = **known;
  group.subscribe(service, indices);
  for (const std::uint32_t index : indices) {
    auto& subscribers = subscribers_[index];
    if (std::find(subscribers.begin(), subscribers.end(), &group) == subscribers.end()) {
      subscribers.push_back(&group);
    }
  }
}

std::uint32_t Broker::topic_index(Name name) const {
  for (std::uint32_t i = 0; i < topics_.size(); ++i) {
    if (topics_[i].name == name) {
      return i;
    }
  }
  SAGASIM_CHECK(false, "no such topic");
}

AppendOperation* Broker::make_append(Context context, Draft draft) {
  Activity& activity = context.activity();
  Operation operation =
      activity.operation(OperationKind::kAppend, draft.type, draft.subject, &server_);
  const std::uint32_t topic = topic_index(draft.type);
  auto* append =
      world_.pool().make<AppendOperation>(*this, operation, &activity, topic, std::move(draft));
  append->producer_ = producer_of(activity.node());
  return append;
}

Producer* Broker::producer_of(Node& node) {
  const bool remembers = options_.idempotent_producers || options_.linger > Duration{} ||
                         options_.in_flight != 0 || options_.batch > 1;
  if (!remembers) [[likely]] {
    return nullptr;
  }
  for (const auto& known : producers_) {
    if (&known->node() == &node) {
      return known.get();
    }
  }
  return producers_.emplace_back(std::make_unique<Producer>(*this, node)).get();
}

Await<AppendOperation> Broker::append(Context context, Draft draft) {
  if (options_.acks == Acks::kNone) {
    send(context, std::move(draft));
    return Await<AppendOperation>();
  }
  return Await<AppendOperation>(*make_append(context, std::move(draft)));
}

void Broker::send(Context context, Draft draft) {
  AppendOperation* append = make_append(context, std::move(draft));
  if (append->producer_ != nullptr) {
    append->producer_->buffer(*append);
  } else {
    context.activity().node().queue_send(*append);
  }
}

std::uint32_t Broker::partition_of(std::uint32_t topic, Subject subject) const {
  return static_cast<std::uint32_t>(below(mix(subject.bits()), topics_[topic].partitions.size()));
}

std::uint64_t Broker::shown(std::uint32_t topic, std::uint32_t partition) const {
  return replicates() ? followers_[topic][partition].end()
                      : topics_[topic].partitions[partition].size();
}

std::uint32_t Broker::next_copy(std::uint32_t topic, std::uint64_t event_id) {
  return world_.next_attempt(combine(event_id, topics_[topic].name.hash())) - 1;
}

std::uint64_t Broker::store(std::uint32_t topic, std::uint32_t partition, Draft& draft,
                            std::uint32_t copy, std::uint32_t schema, std::uint64_t operation) {
  auto& log = topics_[topic].partitions[partition];
  Record record;
  record.topic = topics_[topic].name;
  record.partition = partition;
  record.offset = log.size();
  record.type = draft.type;
  record.subject = draft.subject;
  record.version = draft.version;
  record.schema = schema;
  record.copy = copy;
  record.event_id = draft.event_id;
  record.payload = std::move(draft.payload);
  record.digest = record.payload.digest();
  record.appended = world_.now();
  record.append_operation = operation;
  record.corrupt = draft.corrupt;
  world_.met(topics_[topic].expansion, operation);
  log.push_back(std::move(record));
  const Record& stored = log.back();
  const std::uint64_t digest = combine(stored.event_id, stored.digest);
  world_.fingerprint().fold(digest);
  world_.count_change();
  for (Observer* observer : world_.observers()) {
    observer->on_append(stored);
  }
  followers_[topic][partition].follow(operation);
  if (options_.retention_records != 0 && log.size() > options_.retention_records) [[unlikely]] {
    drop_before(topic, partition, log.size() - options_.retention_records);
  }
  if (!replicates()) [[likely]] {
    for (Group* group : subscribers_[topic]) {
      group->pump_partition(topic, partition, operation);
    }
  }
  return digest;
}

Record Record::clone() const {
  Record same{.topic = topic,
              .partition = partition,
              .offset = offset,
              .type = type,
              .subject = subject,
              .version = version,
              .schema = schema,
              .copy = copy,
              .event_id = event_id,
              .payload = payload.clone(),
              .digest = digest,
              .appended = appended,
              .append_operation = append_operation,
              .corrupt = corrupt};
  return same;
}

void Broker::append_again(const Record& record) {
  Draft draft{record.type,     record.subject,         record.version,
              record.event_id, record.payload.clone(), record.corrupt};
  const std::uint32_t topic = topic_index(record.topic);
  store(topic, partition_of(topic, record.subject), draft, next_copy(topic, record.event_id),
        record.schema, record.append_operation);
}

bool Broker::keeps(std::uint32_t topic, const Record& record) const {
  const auto& log = topics_[topic].partitions[record.partition];
  return record.offset < log.size() &&
         log[record.offset].append_operation == record.append_operation &&
         log[record.offset].appended == record.appended;
}

bool Broker::append_corrupt(Name topic, std::uint64_t cause) {
  for (std::uint32_t i = 0; i < topics_.size(); ++i) {
    if (topics_[i].name == topic) {
      const std::uint32_t number = ++malformed_[i];
      const std::uint64_t event_id = combine(hash_text("malformed"), topic.hash() + number);
      Draft draft{topic, Subject('x', number), number, event_id, Payload(), true};
      store(i, partition_of(i, draft.subject), draft, next_copy(i, event_id), 1, cause);
      world_.met(cause, 0);
      return true;
    }
  }
  return false;
}

bool Broker::redrive(Name group, std::uint64_t cause) {
  for (const auto& known : groups_) {
    if (known->name() == group) {
      return known->redrive(cause);
    }
  }
  return false;
}

std::vector<const DeadLetter*> Broker::dead_letters() const {
  std::vector<const DeadLetter*> letters;
  for (const auto& group : groups_) {
    group->dead_letters(letters);
  }
  return letters;
}

std::vector<const DeadLetter*> Broker::skipped() const {
  std::vector<const DeadLetter*> letters;
  for (const auto& group : groups_) {
    group->skipped(letters);
  }
  return letters;
}

std::vector<Missed> Broker::missed() const {
  std::vector<Missed> records;
  for (const auto& group : groups_) {
    records.insert(records.end(), group->missed().begin(), group->missed().end());
  }
  return records;
}

std::vector<Outstanding> Broker::outstanding() const {
  std::vector<Outstanding> records;
  for (const auto& group : groups_) {
    group->outstanding(records);
  }
  return records;
}

void Broker::on_start(Node&, std::uint64_t cause) {
  for (const auto& group : groups_) {
    group->on_broker_start(cause);
  }
}

void Broker::on_resume(Node&, std::uint64_t cause) {
  for (const auto& group : groups_) {
    group->pump_all(cause);
  }
}

void Broker::on_link(const Node& from, const Node& to, std::uint64_t cause) {
  if (&from != &server_ && &to != &server_) {
    return;
  }
  for (const auto& group : groups_) {
    group->on_link(&from == &server_ ? to : from, cause);
  }
}

bool Broker::on_intervention(Node&, const Intervention& intervention) {
  switch (intervention.kind) {
    case Intervention::Kind::kResetOffsets:
      for (const auto& group : groups_) {
        if (group->name().text() == intervention.name) {
          group->reset(world_.now() - intervention.by, intervention.cause);
          return true;
        }
      }
      return false;
    case Intervention::Kind::kRedrive:
      for (const auto& group : groups_) {
        if (group->name().text() == intervention.name) {
          return group->redrive(intervention.cause);
        }
      }
      return false;
    case Intervention::Kind::kAppendCorrupt:
      for (const TopicView& topic : topics_) {
        if (topic.name.text() == intervention.name) {
          return append_corrupt(topic.name, intervention.cause);
        }
      }
      return false;
    case Intervention::Kind::kExpandPartitions:
      return expand(intervention.name, intervention.cause);
    case Intervention::Kind::kLoseTail:
      lose_tail(intervention.by, intervention.cause);
      return true;
    case Intervention::Kind::kFailOver:
      fail_over(intervention.cause);
      return true;
    case Intervention::Kind::kTruncate:
      truncate(intervention.by, intervention.cause);
      return true;
    default:
      return false;
  }
}

bool Broker::expand(const std::string& topic, std::uint64_t cause) {
  for (std::uint32_t i = 0; i < topics_.size(); ++i) {
    if (topics_[i].name.text() != topic) {
      continue;
    }
    topics_[i].partitions.emplace_back();
    followers_[i].emplace_back(*this, i,
                               static_cast<std::uint32_t>(topics_[i].partitions.size() - 1));
    topics_[i].starts.push_back(0);
    world_.caused(topics_[i].expansion, cause);
    topics_[i].expansion = cause;
    for (Group* group : subscribers_[i]) {
      group->discover(i, cause);
    }
    return true;
  }
  return false;
}

void Broker::cut(std::uint32_t topic, std::uint32_t partition, std::uint64_t end,
                 std::uint64_t cause) {
  std::deque<Record>& log = topics_[topic].partitions[partition];
  if (end == log.size()) {
    return;
  }
  std::deque<Record> kept;
  for (std::uint64_t offset = 0; offset < log.size(); ++offset) {
    if (offset < end) {
      kept.push_back(log[offset].clone());
    } else {
      world_.met(cause, log[offset].append_operation);
    }
  }
  for (Group* group : subscribers_[topic]) {
    group->miss(topic, partition, end, log.size());
  }
  lost_.push_back(std::move(log));
  log = std::move(kept);
  // Where retention had taken all that is left, what comes next can be read all the same.
  std::uint64_t& start = topics_[topic].starts[partition];
  start = std::min(start, end);
  followers_[topic][partition].cut(end);
}

// A follower that lacks the latest records is the leader from now on, whoever else had them.
void Broker::lose_tail(Duration tail, std::uint64_t cause) {
  for (std::uint32_t topic = 0; topic < topics_.size(); ++topic) {
    for (std::uint32_t i = 0; i < topics_[topic].partitions.size(); ++i) {
      const std::deque<Record>& log = topics_[topic].partitions[i];
      std::uint64_t end = log.size();
      while (end > 0 && log[end - 1].appended > world_.now() - tail) {
        --end;
      }
      cut(topic, i, end, cause);
    }
  }
  for (const auto& group : groups_) {
    group->follow_log(cause);
  }
}

// A follower that has what all followers have is the leader from now on.
void Broker::fail_over(std::uint64_t cause) {
  for (std::uint32_t topic = 0; topic < topics_.size(); ++topic) {
    for (std::uint32_t i = 0; i < topics_[topic].partitions.size(); ++i) {
      cut(topic, i, followers_[topic][i].end(), cause);
    }
  }
  for (const auto& group : groups_) {
    group->follow_log(cause);
  }
}

void Broker::truncate(Duration age, std::uint64_t cause) {
  for (std::uint32_t index = 0; index < topics_.size(); ++index) {
    const TopicView& topic = topics_[index];
    for (std::uint32_t partition = 0; partition < topic.partitions.size(); ++partition) {
      const std::deque<Record>& log = topic.partitions[partition];
      std::uint64_t start = topic.starts[partition];
      while (start < log.size() && log[start].appended < world_.now() - age) {
        world_.met(cause, log[start].append_operation);
        ++start;
      }
      drop_before(index, partition, start);
    }
  }
  for (const auto& group : groups_) {
    group->follow_log(cause);
  }
}

void Broker::drop_before(std::uint32_t topic, std::uint32_t partition, std::uint64_t start) {
  std::uint64_t& first = topics_[topic].starts[partition];
  for (Group* group : subscribers_[topic]) {
    group->lose_before(topic, partition, first, start);
  }
  first = start;
}

std::vector<Name> Broker::groups() const {
  std::vector<Name> names;
  for (const auto& group : groups_) {
    names.push_back(group->name());
  }
  return names;
}

std::uint64_t Broker::lag() const {
  std::uint64_t sum = 0;
  for (const auto& group : groups_) {
    sum += group->lag();
  }
  return sum;
}

std::vector<Progress> Broker::progress() const {
  std::vector<Progress> partitions;
  for (const auto& group : groups_) {
    group->progress(partitions);
  }
  return partitions;
}

std::uint64_t Broker::digest() const {
  std::uint64_t state = 0;
  for (const TopicView& topic : topics_) {
    for (const auto& log : topic.partitions) {
      state = combine(state, log.size());
      for (const Record& record : log) {
        state = combine(state, combine(record.event_id, record.digest));
      }
    }
  }
  for (const auto& group : groups_) {
    state = combine(state, group->digest());
  }
  return state;
}

}  // namespace sagasim::sim
