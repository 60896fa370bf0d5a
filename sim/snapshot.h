// Snapshot: the state of a universe at one moment, as values that outlive it: for people who look
// into a run, and for the difference between two moments or two runs.
//
// A part (a service, the broker, all processes) has lists (its tables), a list has items (rows), an
// item has a name and facts (its fields). Names are made of what workloads and programs call
// things, so they mean the same in every run; addresses and numbers of any stream are no names.
//
// Inspector: takes snapshots of whatever is built of the kernel's parts. Tables and messages come
// by their descriptions, so a new one appears by itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "sim/describe.h"
#include "sim/name.h"
#include "sim/observer.h"
#include "sim/time.h"

namespace sagasim::sim {

class Broker;
class Database;
class World;

// One field. Nothing stands for what is not set: no subject, a time that has not come.
struct Fact {
  using Value = std::variant<std::monostate, bool, std::int64_t, std::string, Instant, Duration>;
  std::string name;  // of a nested field with its path: "facts.line[0].product"
  Value value;
  friend bool operator==(const Fact&, const Fact&) = default;
};

struct Item {
  std::string name;            // no other of its list has it
  std::vector<Subject> about;  // each once, ascending
  std::vector<Fact> facts;
  bool at_rest = false;  // as everything is where nothing is going on: not worth a line
};

struct ItemList {
  std::string part;  // "order"
  std::string name;  // "orders"
  // Bookkeeping (an inbox, what was published), of which the names say most.
  bool technical = false;
  std::vector<Item> items;
};

struct Snapshot {
  Instant at{};  // after everything that happened up to and including this moment
  std::vector<ItemList> lists;
};

// A list of facts that grows as it is told: what a FieldSink hears, with the names of nested fields
// written out. Public for systems that add lists of their own.
class FactSink final : public FieldSink {
 public:
  // `words` says what known hashes stand for.
  FactSink(Item& item, const std::map<std::uint64_t, std::string>& words)
      : item_(item), words_(words) {}

  void truth(const char* name, bool value) override;
  // What has a word, or cannot be anything but a hash, becomes a text.
  void number(const char* name, std::int64_t value) override;
  void text(const char* name, std::string_view value) override;
  void subject(const char* name, Subject value) override;
  void time(const char* name, Instant value) override;
  void length(const char* name, Duration value) override;
  void begin(const char* name) override;
  void end() override;
  void element(std::uint32_t index) override { element_ = "[" + std::to_string(index) + "]"; }

 private:
  void add(const char* name, Fact::Value value);
  std::string take_name(const char* name);

  Item& item_;
  const std::map<std::uint64_t, std::string>& words_;
  std::string element_;            // of the next field's name
  std::vector<std::string> path_;  // of what is open, each with its dot
};

// One universe is looked at by one of these, which is made before it begins to run.
class Inspector final : public Observer {
 public:
  explicit Inspector(World& world);

  // --- what there is to see; all of it outlives the inspector ---
  void add(std::string part, const Database& database);
  void add(const Broker& broker) { broker_ = &broker; }
  // What a hash is called: of an event's id, say.
  void add_word(std::uint64_t hash, std::string word) { words_[hash] = std::move(word); }
  const std::map<std::uint64_t, std::string>& words() const { return words_; }

  // The state now: every table of every database, the broker, what external services have decided,
  // nodes, cut links, the work that is going on and the operations under way.
  Snapshot take() const;

 private:
  struct Part {
    std::string name;
    const Database* database;
  };

  void on_exchange(const Exchange& exchange) override;

  void add_tables(const Part& part, Snapshot& snapshot) const;
  void add_broker(Snapshot& snapshot) const;
  void add_topics(Snapshot& snapshot) const;
  void add_records(Snapshot& snapshot) const;
  void add_progress(Snapshot& snapshot) const;
  void add_dead_letters(Snapshot& snapshot) const;
  void add_nodes(Snapshot& snapshot) const;
  void add_links(Snapshot& snapshot) const;
  void add_work(Snapshot& snapshot) const;
  void add_operations(Snapshot& snapshot) const;
  std::string word_of(std::uint64_t hash) const;

  World& world_;
  std::vector<Part> parts_;
  const Broker* broker_ = nullptr;
  std::map<std::uint64_t, std::string> words_;
  std::vector<ItemList> exchanges_;  // one for each external service
};

}  // namespace sagasim::sim
