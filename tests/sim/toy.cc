#include "tests/sim/toy.h"

namespace sagasim::sim::toy {

class Toy::Client final : public Process {
 public:
  explicit Client(Toy& toy) : toy_(toy) {}
  Task<> start(Context context) override { return toy_.script_(&toy_, context); }

 private:
  Toy& toy_;
};

class Toy::Worker final : public Process {
 public:
  Worker(Toy& toy, Node& node) : toy_(toy), node_(node), mailbox_(node) {
    if (node.instance() == 0) {
      toy.mailbox = &mailbox_;
    }
  }
  ~Worker() override {
    if (toy_.mailbox == &mailbox_) {
      toy_.mailbox = nullptr;
    }
  }

  Task<> start(Context context) override {
    for (;;) {
      auto next = mailbox_.receive(context);
      const Payload message = co_await next;
      toy_.received.push_back(context.clock());
      toy_.heard.push_back(message.as<Note>().value);
      auto thought = context.sleep(milliseconds(1), "thought");
      co_await thought;
    }
  }

  Task<Payload> serve(Context context, Name, Payload request) override {
    toy_.served.push_back(context.clock());
    if (toy_.before_answer != nullptr) {
      auto work = toy_.before_answer(&toy_, context);
      co_await std::move(work);
    }
    co_return std::move(request);
  }

  Task<Handled> consume(Context context, Delivery delivery) override {
    const Record& record = *delivery.record;
    toy_.consumed.push_back(
        Handling{record.offset, record.partition, node_.instance(), context.clock()});
    if (toy_.on_record == nullptr) {
      co_return Handled::kDone;
    }
    auto work = toy_.on_record(&toy_, context, delivery);
    const Handled handled = co_await std::move(work);
    co_return handled;
  }

  Task<> work(Context context, Job job) {
    toy_.worked.push_back(job.id);
    auto rest = context.sleep(milliseconds(1), "rest");
    co_await rest;
    Transaction transaction(toy_.database, context);
    const Job done{job.id, false};
    transaction.update(toy_.jobs, done);
    auto commit = transaction.commit();
    co_await commit;
  }

 private:
  Toy& toy_;
  Node& node_;
  Mailbox mailbox_;
};

namespace {

std::vector<Node*> add_workers(World& world, std::uint32_t count, const ProcessFactory& program) {
  std::vector<Node*> nodes;
  for (std::uint32_t i = 0; i < count; ++i) {
    nodes.push_back(&world.add_node("worker", i, program));
  }
  return nodes;
}

// A bank that calls back calls the workers.
HttpOptions with_callback(HttpOptions options, const Service& workers) {
  if (!options.callback_method.empty()) {
    options.callback = &workers;
  }
  return options;
}

constexpr Route kCall{
    {milliseconds(1), milliseconds(4)}, {milliseconds(1), milliseconds(4)}, seconds(5)};

}  // namespace

Toy::Toy(Script script, const ToyOptions& options)
    : world(options.seed, options.tie_salt),
      client(
          world.add_node("client", 0, [this](Node&) { return std::make_unique<Client>(*this); })),
      worker_nodes(
          add_workers(world, options.workers,
                      [this](Node& node) { return std::make_unique<Worker>(*this, node); })),
      store(world.add_server("store")),
      bus(world.add_server("bus")),
      bank(world.add_server("bank")),
      memory(world.add_server("memory")),
      database(world, store, "store", options.database),
      accounts(database.add_table<Account>("account")),
      jobs(database.add_table<Job>("job")),
      workers("worker", kCall),
      broker(world, bus, options.broker),
      gateway(world, bank, *this, with_callback(options.bank, workers)),
      cache(world, memory, options.cache),
      script_(script) {
  broker.add_topic("noted", options.partitions);
  for (Node* node : worker_nodes) {
    workers.add(*node);
  }
  broker.add_group("readers", workers, {"noted"});
  const WatcherOptions watching{.name = "sweep", .interval = milliseconds(100), .route = kCall};
  watchers_.push_back(std::make_unique<WatcherOf<Worker, Job>>(
      *worker_nodes.front(), database, jobs, watching,
      [](const Node&, const Job& job) { return job.open; },
      [](const Node& node, const Job& job) {
        return Invocation{.role = node.role(), .scope = "sweep", .trigger = {}, .subject = job.id};
      },
      &Worker::work));
}

bool Toy::run(Duration end) {
  if (!booted_) {
    booted_ = true;
    world.boot();
  }
  return world.run(kStart + end);
}

void Toy::start(Script script, Subject subject) {
  const Invocation invocation{
      .role = client.role(), .scope = "script", .trigger = {}, .subject = subject};
  client.start(invocation, 0, [&](Context context) { return script(this, context); });
  world.scheduler().settle();
}

Draft Toy::draft(Subject about, std::int64_t value) {
  const std::uint64_t event_id = combine(about.bits(), static_cast<std::uint64_t>(value));
  return Draft{"noted", about, static_cast<std::uint32_t>(value), event_id, note(about, value)};
}

HttpRequest Toy::payment(std::uint64_t key, Subject about, std::int64_t value) {
  return HttpRequest{"pay", key, about, note(about, value)};
}

void Toy::saw(Outcome outcome) { seen.push_back(Seen{outcome, world.now(), client.incarnation()}); }

Payload Toy::decide(const HttpRequest& request, std::uint64_t) {
  ++charged;
  return request.body.clone();
}

}  // namespace sagasim::sim::toy
