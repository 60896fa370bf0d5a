// Toy: the smallest universe that has every part: a client that runs a script, workers that answer,
// listen and consume, a database, a broker, an external service and a cache. A test supplies the
// script, perhaps an interceptor, and looks at what the script saw.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/broker.h"
#include "sim/cache.h"
#include "sim/http_service.h"
#include "sim/network.h"
#include "sim/transaction.h"
#include "sim/watcher.h"
#include "sim/world.h"

namespace sagasim::sim::toy {

struct Note {
  Subject about;
  std::int64_t value = 0;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("about", self.about);
    visit("value", self.value);
  }
};

struct Account {
  Subject id;
  std::int64_t amount = 0;
  RowKey key() const { return key_of(id); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("id", self.id);
    visit("amount", self.amount);
  }
};

// An instruction that waits to be carried out by the workers' watcher.
struct Job {
  Subject id;
  bool open = true;
  RowKey key() const { return key_of(id); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("id", self.id);
    visit("open", self.open);
  }
};

class Toy;

// What the client does at its start, and at every restart. Written as a named coroutine.
using Script = Task<> (*)(Toy*, Context);

struct ToyOptions {
  std::uint64_t seed = 1;
  std::uint64_t tie_salt = 0;
  std::uint32_t workers = 1;
  std::uint32_t partitions = 1;  // of the topic `noted`
  DatabaseOptions database{};
  BrokerOptions broker{};
  HttpOptions bank{};
  CacheOptions cache{};
};

inline Task<> no_script(Toy*, Context) { co_return; }

class Toy : public HttpBusiness {
 public:
  struct Seen {
    Outcome outcome;
    Instant at;
    std::uint32_t incarnation;  // of the client
  };
  struct Handling {
    std::uint64_t offset;
    std::uint32_t partition;
    std::uint32_t worker;
    Instant at;
  };

  explicit Toy(Script script = no_script, const ToyOptions& options = {});
  ~Toy() override { world.shut_down(); }

  // Runs until `end` seconds of virtual time; boots first. Returns true iff nothing is left to
  // happen.
  bool run(Duration end = seconds(600));
  // Starts `script` beside whatever runs, as another piece of work of the client about `subject`.
  void start(Script script, Subject subject);

  Payload note(Subject about, std::int64_t value = 0) {
    return Payload::of(world.pool(), Note{about, value});
  }
  Draft draft(Subject about, std::int64_t value = 0);
  HttpRequest payment(std::uint64_t key, Subject about, std::int64_t value = 0);
  std::int64_t amount(Subject id) const {
    const Account* account = accounts.peek(key_of(id));
    return account == nullptr ? 0 : account->amount;
  }
  void saw(Outcome outcome);

  World world;
  Node& client;
  std::vector<Node*> worker_nodes;
  Node& store;   // the database's server
  Node& bus;     // the broker's
  Node& bank;    // the external service's
  Node& memory;  // the cache's
  Database database;
  Table<Account>& accounts;
  Table<Job>& jobs;
  Service workers;
  Broker broker;
  HttpService gateway;
  Cache cache;

  // What happened.
  std::vector<Seen> seen;           // by the script
  std::vector<Instant> served;      // calls that workers answered
  std::vector<Handling> consumed;   // records that workers began to handle
  std::vector<Instant> received;    // one-way messages that the first worker read
  std::vector<std::int64_t> heard;  // what was in them
  std::vector<Subject> worked;      // jobs that the watcher found
  int charged = 0;                  // decisions of the external service

  // What workers do with a record; null: nothing, successfully.
  Task<Handled> (*on_record)(Toy*, Context, Delivery) = nullptr;
  // What workers do before they answer a call; null: nothing.
  Script before_answer = nullptr;
  // The first worker's, while it is up.
  Mailbox* mailbox = nullptr;

 private:
  class Client;
  class Worker;
  Payload decide(const HttpRequest& request, std::uint64_t draw) override;

  Script script_;
  bool booted_ = false;
  std::vector<std::unique_ptr<Watcher>> watchers_;
};

}  // namespace sagasim::sim::toy
