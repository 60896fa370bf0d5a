#include "sim/snapshot.h"

#include <algorithm>
#include <utility>

#include "sim/broker.h"
#include "sim/database.h"
#include "sim/http_service.h"
#include "sim/node.h"
#include "sim/remote_operation.h"
#include "sim/world.h"

namespace sagasim::sim {
namespace {

// No count, amount or time of a row comes near; what is larger is a hash.
constexpr std::int64_t kLargestNumber = std::int64_t{1} << 53;

bool is_hash(std::int64_t value) { return value > kLargestNumber || value < -kLargestNumber; }

std::string hex_of(std::uint64_t bits) {
  std::string text = "#";
  for (int shift = 60; shift >= 0; shift -= 4) {
    text += "0123456789abcdef"[bits >> shift & 0xf];
  }
  return text;
}

// The subject whose bits these are, or none.
Subject subject_of(std::uint64_t bits) {
  const Subject subject = Subject::from_bits(bits);
  const char letter = subject.letter();
  const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
  return is_letter && subject.major() != 0 ? subject : Subject{};
}

void note(Item& item, Subject subject) {
  if (subject.none()) {
    return;
  }
  const auto place = std::lower_bound(item.about.begin(), item.about.end(), subject);
  if (place == item.about.end() || *place != subject) {
    item.about.insert(place, subject);
  }
}

std::string name_of(const Node& node) {
  const std::string role = node.role().text();
  return node.instance() == 0 ? role : role + "." + std::to_string(node.instance());
}

std::string place_of(Name topic, std::uint32_t partition) {
  return std::string(topic.text()) + "/" + std::to_string(partition);
}

// "OrderCreated(c1.4)": what a record is, wherever it stands in the log.
std::string name_of(const Record& record) {
  if (record.corrupt) {
    return "malformed " + place_of(record.topic, record.partition) + "@" +
           std::to_string(record.offset);
  }
  std::string name = std::string(record.type.text()) + "(" + to_text(record.subject);
  name += record.version > 1 ? "," + std::to_string(record.version) + ")" : ")";
  return record.copy == 0 ? name : name + "+" + std::to_string(record.copy);
}

void add_fact(Item& item, const char* name, Fact::Value value) {
  item.facts.push_back({name, std::move(value)});
}
void add_number(Item& item, const char* name, std::uint64_t value) {
  add_fact(item, name, static_cast<std::int64_t>(value));
}

// Two of one name would hide each other in a difference.
void keep_apart(ItemList& list) {
  std::map<std::string, int> seen;
  for (Item& item : list.items) {
    const int before = seen[item.name]++;
    if (before > 0) {
      item.name += " (" + std::to_string(before + 1) + ")";
    }
  }
}

// Null if it waits for no operation but for time.
const RemoteOperation* awaited_by(const World& world, const Activity& activity) {
  const RemoteOperation* each = world.in_flight();
  while (each != nullptr && each->activity() != &activity) {
    each = each->next_in_flight();
  }
  return each;
}

void append(Snapshot& snapshot, ItemList list) {
  keep_apart(list);
  snapshot.lists.push_back(std::move(list));
}

}  // namespace

// --- facts ---

std::string FactSink::take_name(const char* name) {
  std::string full;
  for (const std::string& each : path_) {
    full += each;
  }
  full += name + element_;
  element_.clear();
  return full;
}

void FactSink::add(const char* name, Fact::Value value) {
  item_.facts.push_back({take_name(name), std::move(value)});
}

void FactSink::truth(const char* name, bool value) { add(name, value); }

void FactSink::number(const char* name, std::int64_t value) {
  if (!is_hash(value)) {
    add(name, value);
    return;
  }
  const auto bits = static_cast<std::uint64_t>(value);
  const auto word = words_.find(bits);
  add(name, word != words_.end() ? word->second : hex_of(bits));
}

void FactSink::text(const char* name, std::string_view value) { add(name, std::string(value)); }

void FactSink::subject(const char* name, Subject value) {
  note(item_, value);
  if (value.none()) {
    add(name, std::monostate{});
  } else {
    add(name, to_text(value));
  }
}

// What has not happened yet has the universe's first moment as its time.
void FactSink::time(const char* name, Instant value) {
  if (value == kStart) {
    add(name, std::monostate{});
  } else {
    add(name, value);
  }
}

void FactSink::length(const char* name, Duration value) { add(name, value); }
void FactSink::begin(const char* name) {
  path_.push_back(name + element_ + ".");
  element_.clear();
}
void FactSink::end() { path_.pop_back(); }

// --- the inspector ---

Inspector::Inspector(World& world) : world_(world) { world.add_observer(*this); }

void Inspector::add(std::string part, const Database& database) {
  parts_.push_back({std::move(part), &database});
}

// What an external service did, it did for good; nobody keeps a table of it.
void Inspector::on_exchange(const Exchange& exchange) {
  const std::string service = exchange.service.text();
  auto list = std::find_if(exchanges_.begin(), exchanges_.end(),
                           [&](const ItemList& each) { return each.part == service; });
  if (list == exchanges_.end()) {
    list = exchanges_.insert(exchanges_.end(), ItemList{service, "decided", false, {}});
  }
  Item item;
  item.name = std::string(exchange.request.method.text()) + " " + to_text(exchange.request.subject);
  note(item, exchange.request.subject);
  FactSink sink(item, words_);
  sink.time("at", exchange.at);
  if (!exchange.request.body.empty()) {
    sink.begin("request");
    exchange.request.body.type().show(exchange.request.body.data(), sink);
    sink.end();
  }
  if (!exchange.answer.empty()) {
    sink.begin("answer");
    exchange.answer.type().show(exchange.answer.data(), sink);
    sink.end();
  }
  list->items.push_back(std::move(item));
}

Snapshot Inspector::take() const {
  Snapshot snapshot;
  snapshot.at = world_.now();
  for (const Part& part : parts_) {
    add_tables(part, snapshot);
  }
  if (broker_ != nullptr) {
    add_broker(snapshot);
  }
  for (const ItemList& list : exchanges_) {
    append(snapshot, list);
  }
  add_nodes(snapshot);
  add_links(snapshot);
  add_work(snapshot);
  add_operations(snapshot);
  return snapshot;
}

std::string Inspector::word_of(std::uint64_t hash) const {
  const auto word = words_.find(hash);
  return word != words_.end() ? word->second : hex_of(hash);
}

void Inspector::add_tables(const Part& part, Snapshot& snapshot) const {
  for (const auto& table : part.database->tables()) {
    std::map<std::pair<std::uint64_t, std::uint64_t>, const Entry*> rows;
    table->for_each([&](const Entry& entry) {
      rows.emplace(std::pair(entry.key.first, entry.key.second), &entry);
    });
    ItemList list{part.name, table->name().text(), table->technical(), {}};
    for (const auto& [key, entry] : rows) {
      Item& item = list.items.emplace_back();
      const Subject subject = subject_of(key.first);
      note(item, subject);
      item.name = subject.none() ? word_of(key.first) : to_text(subject);
      if (key.second != 0) {
        const bool small = key.second < static_cast<std::uint64_t>(kLargestNumber);
        item.name += "/" + (small ? std::to_string(key.second) : word_of(key.second));
      }
      FactSink sink(item, words_);
      table->type().show(entry->row(), sink);
    }
    append(snapshot, std::move(list));
  }
}

void Inspector::add_broker(Snapshot& snapshot) const {
  add_topics(snapshot);
  add_progress(snapshot);
  add_dead_letters(snapshot);
  add_records(snapshot);
}

void Inspector::add_topics(Snapshot& snapshot) const {
  ItemList list{broker_->server().role().text(), "topics", false, {}};
  for (const Broker::TopicView& topic : broker_->topics()) {
    for (std::uint32_t i = 0; i < topic.partitions.size(); ++i) {
      Item& item = list.items.emplace_back();
      item.name = place_of(topic.name, i);
      const std::uint64_t end = topic.partitions[i].size();
      const std::uint64_t first = std::min<std::uint64_t>(topic.starts[i], end);
      add_number(item, "records", end - first);
      if (first != 0) {
        add_number(item, "first", first);
      }
      item.at_rest = end == 0;
      for (const Record& record : topic.partitions[i]) {
        note(item, record.subject);
      }
    }
  }
  append(snapshot, std::move(list));
}

void Inspector::add_progress(Snapshot& snapshot) const {
  ItemList list{broker_->server().role().text(), "groups", false, {}};
  const auto& topics = broker_->topics();
  for (const Progress& each : broker_->progress()) {
    Item& item = list.items.emplace_back();
    item.name = std::string(each.group.text()) + " " + place_of(each.topic, each.partition);
    if (each.owner != nullptr) {
      add_fact(item, "owner", name_of(*each.owner));
    } else {
      add_fact(item, "owner", std::monostate{});
    }
    add_number(item, "committed", each.committed);
    add_number(item, "handled", each.handled);
    add_number(item, "end", each.end);
    add_number(item, "lag", each.end - std::min(each.end, each.handled));
    const auto topic = std::find_if(topics.begin(), topics.end(), [&](const auto& candidate) {
      return candidate.name == each.topic;
    });
    const auto& log = topic->partitions[each.partition];
    if (each.position < log.size()) {
      add_fact(item, each.busy ? "handles" : "next", name_of(log[each.position]));
    }
    if (each.retries != 0) {
      add_number(item, "retries", each.retries);
    }
    for (std::uint64_t i = std::min(each.committed, each.handled); i < log.size(); ++i) {
      note(item, log[i].subject);
    }
    item.at_rest = each.owner != nullptr && each.committed == each.end && each.handled == each.end;
  }
  append(snapshot, std::move(list));
}

void Inspector::add_dead_letters(Snapshot& snapshot) const {
  ItemList list{broker_->server().role().text(), "dead letters", false, {}};
  const auto add = [&](const DeadLetter& letter, const char* state) {
    Item& item = list.items.emplace_back();
    item.name = std::string(letter.group.text()) + " " + name_of(letter.record);
    note(item, letter.record.subject);
    add_fact(item, "state", std::string(state));
    add_number(item, "attempts", letter.attempts);
    add_fact(item, "at", letter.at);
  };
  for (const DeadLetter* letter : broker_->dead_letters()) {
    add(*letter, letter->parked ? "parked" : "handed over again");
  }
  for (const DeadLetter* letter : broker_->skipped()) {
    add(*letter, "skipped");
  }
  append(snapshot, std::move(list));
}

void Inspector::add_records(Snapshot& snapshot) const {
  ItemList list{broker_->server().role().text(), "records", true, {}};
  for (const Broker::TopicView& topic : broker_->topics()) {
    for (const auto& log : topic.partitions) {
      for (const Record& record : log) {
        Item& item = list.items.emplace_back();
        item.name = name_of(record);
        note(item, record.subject);
        add_number(item, "partition", record.partition);
        add_number(item, "offset", record.offset);
        add_fact(item, "appended", record.appended);
        if (!record.payload.empty()) {
          FactSink sink(item, words_);
          sink.begin("payload");
          record.payload.type().show(record.payload.data(), sink);
          sink.end();
        }
      }
    }
  }
  append(snapshot, std::move(list));
}

void Inspector::add_nodes(Snapshot& snapshot) const {
  ItemList list{"processes", "nodes", false, {}};
  for (const auto& node : world_.nodes()) {
    Item& item = list.items.emplace_back();
    item.name = name_of(*node);
    add_fact(item, "state",
             std::string(!node->up()         ? "down"
                         : node->paused()    ? "paused"
                         : node->available() ? "up"
                                             : "refuses"));
    add_number(item, "incarnation", node->incarnation());
    if (node->version() > 1) {
      add_number(item, "version", node->version());
    }
    if (const Duration off = node->clock() - world_.now(); off != Duration{}) {
      add_fact(item, "clock_off_by", off);
    }
    for (const Node::Slowness& slowness : node->slownesses()) {
      add_fact(item, "slower_by", slowness.by);
    }
    item.at_rest =
        item.facts.size() == 2 && node->available() && !node->paused() && node->incarnation() <= 1;
  }
  append(snapshot, std::move(list));
}

void Inspector::add_links(Snapshot& snapshot) const {
  ItemList list{"processes", "links", false, {}};
  for (const auto& from : world_.nodes()) {
    for (const auto& to : world_.nodes()) {
      if (!world_.connected(*from, *to)) {
        Item& item = list.items.emplace_back();
        item.name = name_of(*from) + " → " + name_of(*to);
        add_fact(item, "state", std::string("cut"));
      }
    }
  }
  append(snapshot, std::move(list));
}

// Everything that some process is in the middle of.
void Inspector::add_work(Snapshot& snapshot) const {
  ItemList list{"processes", "work", false, {}};
  for (const auto& node : world_.nodes()) {
    std::map<std::string, const Activity*> work;
    for (const Activity* each = node->activities(); each != nullptr; each = each->next()) {
      work.emplace(to_text(each->invocation()), each);
    }
    for (const auto& [name, activity] : work) {
      Item& item = list.items.emplace_back();
      item.name = name;
      note(item, activity->invocation().subject);
      add_fact(item, "on", name_of(*node));
      const RemoteOperation* operation = awaited_by(world_, *activity);
      if (operation == nullptr) {
        add_fact(item, "waits_for", std::string("a timer"));
        continue;
      }
      add_fact(item, "waits_for", to_text(operation->operation()));
      if (const Activity* other = operation->waits_for()) {
        add_fact(item, "behind", to_text(other->invocation()));
      }
    }
  }
  append(snapshot, std::move(list));
}

void Inspector::add_operations(Snapshot& snapshot) const {
  std::map<std::pair<Instant, std::string>, const Operation*> under_way;
  for (const RemoteOperation* each = world_.in_flight(); each != nullptr;
       each = each->next_in_flight()) {
    const Operation& operation = each->operation();
    under_way.emplace(std::pair(operation.at, to_text(operation)), &operation);
  }
  ItemList list{"processes", "operations", false, {}};
  for (const auto& [key, operation] : under_way) {
    Item& item = list.items.emplace_back();
    item.name = key.second;
    note(item, operation->invocation.subject);
    note(item, operation->subject);
    if (operation->initiator != nullptr) {
      add_fact(item, "from", name_of(*operation->initiator));
    }
    if (operation->receiver != nullptr) {
      add_fact(item, "to", name_of(*operation->receiver));
    }
    if (operation->at != kStart) {
      add_fact(item, "since", operation->at);
    } else {
      add_fact(item, "since", std::monostate{});  // it has yet to begin
    }
  }
  append(snapshot, std::move(list));
}

}  // namespace sagasim::sim
