#include "bench/workloads.h"

#include <sys/resource.h>

#include <coroutine>
#include <memory>
#include <utility>
#include <vector>

#include "sim/network.h"
#include "sim/node.h"
#include "sim/process.h"
#include "sim/world.h"

namespace sagasim::bench {
namespace {

constexpr sim::Latency kFlight{sim::milliseconds(1), sim::milliseconds(10)};

struct Number {
  std::uint64_t value = 0;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("value", self.value);
  }
};

class Neutral final : public sim::Interceptor {
 public:
  sim::Effect decide(const sim::Operation&) override { return {}; }
};

// A world with its hooks in place. Whoever builds on it calls shut_down() first.
struct Universe {
  explicit Universe(std::uint64_t seed) : world(seed) {
    world.set_interceptor(&neutral);
    world.add_observer(observer);
  }
  Neutral neutral;
  sim::Observer observer;
  sim::World world;
};

// --- ping ---

struct Court {
  std::vector<std::unique_ptr<sim::Mailbox>> mailboxes;
  std::uint64_t delivered = 0;
};

class Player final : public sim::Process {
 public:
  Player(Court& court, std::uint32_t me) : court_(court), me_(me) {}
  sim::Task<> start(sim::Context context) override { return play(context); }

 private:
  sim::Task<> play(sim::Context context) {
    sim::Mailbox& mine = *court_.mailboxes[me_];
    sim::Mailbox& other = *court_.mailboxes[me_ ^ 1u];
    const sim::Subject subject('m', me_ + 1);
    Number ball{me_};
    if ((me_ & 1u) == 0) {
      other.send(context, "ball", subject, kFlight, sim::Payload::of(context.frame_pool(), ball));
    }
    for (;;) {
      auto receiving = mine.receive(context);
      const sim::Payload message = co_await receiving;
      ++court_.delivered;
      ball.value = ball.value * 31 + message.as<Number>().value;
      other.send(context, "ball", subject, kFlight, sim::Payload::of(context.frame_pool(), ball));
    }
  }

  Court& court_;
  const std::uint32_t me_;
};

// --- saga ---

constexpr std::uint32_t kSteps = 3;  // at once; payment comes after them

// What an order waits for: the calls that it made at once.
class Join {
 public:
  explicit Join(std::uint32_t calls) : left_(calls) {}
  Join(const Join&) = delete;
  Join& operator=(const Join&) = delete;

  void arrive(sim::Scheduler& scheduler) {
    if (--left_ == 0 && waiter_ != nullptr) {
      scheduler.make_ready(*std::exchange(waiter_, nullptr));
    }
  }
  bool await_ready() const noexcept { return left_ == 0; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> awaiting) {
    waiter_ = &awaiting.promise();
  }
  void await_resume() const noexcept {}

 private:
  std::uint32_t left_;
  sim::Promise* waiter_ = nullptr;
};

struct Market {
  std::vector<sim::Service> services;
  std::uint64_t wanted = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t begun = 0;
  std::uint64_t done = 0;
};

class Till final : public sim::Process {
 public:
  sim::Task<sim::Payload> serve(sim::Context context, sim::Name, sim::Payload request) override {
    sum_ += request.as<Number>().value;
    co_return sim::Payload::of(context.frame_pool(), Number{sum_});
  }

 private:
  std::uint64_t sum_ = 0;
};

class Customers final : public sim::Process {
 public:
  Customers(Market& market, sim::Node& node) : market_(market), node_(node) {}

  sim::Task<> start(sim::Context context) override { return open(context); }

 private:
  sim::Task<> open(sim::Context context) {
    while (market_.begun < market_.in_flight) {
      begin_next(context.activity().cause());
    }
    co_return;
  }

  void begin_next(std::uint64_t cause) {
    if (market_.begun == market_.wanted) {
      return;
    }
    const auto number = static_cast<std::uint32_t>(++market_.begun);
    const sim::Invocation invocation{.role = "customers",
                                     .scope = "order",
                                     .trigger = sim::Name(),
                                     .subject = sim::Subject('o', number)};
    node_.start(invocation, cause, [&](sim::Context context) { return order(context, number); });
  }

  sim::Task<> order(sim::Context context, std::uint32_t number) {
    std::uint64_t answers[kSteps + 1] = {};
    Join steps(kSteps);
    for (std::uint32_t i = 0; i < kSteps; ++i) {
      begin_call(context, i, number, answers, &steps);
    }
    co_await steps;
    Join payment(1);
    begin_call(context, kSteps, answers[0] + answers[1] + answers[2], answers, &payment);
    co_await payment;
    ++market_.done;
    begin_next(context.activity().cause());
  }

  void begin_call(sim::Context context, std::uint32_t which, std::uint64_t value,
                  std::uint64_t* answers, Join* join) {
    sim::Invocation invocation = context.invocation();
    invocation.scope = "ask";
    invocation.version = which;
    node_.start(invocation, context.activity().cause(),
                [&](sim::Context own) { return ask(own, which, value, &answers[which], join); });
  }

  sim::Task<> ask(sim::Context context, std::uint32_t which, std::uint64_t value,
                  std::uint64_t* answer, Join* join) {
    auto call = market_.services[which].call(context, "add", context.invocation().subject,
                                             sim::Payload::of(context.frame_pool(), Number{value}));
    const sim::Reply reply = co_await call;
    if (reply.outcome == sim::Outcome::kOk) {
      *answer = reply.payload.as<Number>().value;
    }
    join->arrive(context.activity().world().scheduler());
  }

  Market& market_;
  sim::Node& node_;
};

}  // namespace

double cpu_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

PingResult ping(std::uint32_t pairs, std::uint64_t messages, std::uint64_t seed) {
  Court court;
  Universe universe(seed);
  sim::World& world = universe.world;
  for (std::uint32_t i = 0; i < 2 * pairs; ++i) {
    sim::Node& node = world.add_node(
        "player", i, [&court, i](sim::Node&) { return std::make_unique<Player>(court, i); });
    court.mailboxes.push_back(std::make_unique<sim::Mailbox>(node));
  }
  world.boot();
  const double start = cpu_seconds();
  while (court.delivered < messages) {
    world.run(sim::kNever, 1000);
  }
  PingResult result{court.delivered, world.fingerprint().value(), cpu_seconds() - start};
  world.shut_down();
  court.mailboxes.clear();
  return result;
}

SagaResult saga(std::uint64_t orders, std::uint64_t in_flight, std::uint64_t seed) {
  static constexpr sim::Name kRoles[] = {"balance", "coupon", "stock", "payment"};
  Market market;
  market.wanted = orders;
  market.in_flight = in_flight;
  Universe universe(seed);
  sim::World& world = universe.world;
  const sim::Route route{kFlight, kFlight, sim::seconds(1)};
  for (const sim::Name role : kRoles) {
    sim::Node& node = world.add_node(role, 0, [](sim::Node&) { return std::make_unique<Till>(); });
    market.services.emplace_back(role, route).add(node);
  }
  world.add_node("customers", 0,
                 [&market](sim::Node& node) { return std::make_unique<Customers>(market, node); });
  const double start = cpu_seconds();
  world.boot();
  world.run(sim::kNever);
  SagaResult result{market.done, world.operations(), world.fingerprint().value(),
                    cpu_seconds() - start};
  world.shut_down();
  return result;
}

// --- hold ---

Hold::Hold(std::uint32_t pending) {
  for (std::uint32_t i = 0; i < pending; ++i) {
    sim::Event& event = events_.emplace_back([](sim::Event&) {});
    queue_.push(sim::kStart + step(), sim::mix(++tie_), event);
  }
}

Hold::~Hold() {
  while (!queue_.empty()) {
    queue_.pop();
  }
}

// Mostly short and sometimes long, with integers alone: a uniform step of 5.5 ms on average,
// stretched by a power of two.
sim::Duration Hold::step() {
  static constexpr sim::Latency kStep{sim::nanoseconds(1), sim::milliseconds(11), 8};
  state_ = sim::mix(state_);
  return kStep.at(state_);
}

void Hold::run(std::uint64_t operations) {
  for (std::uint64_t i = 0; i < operations; ++i) {
    const sim::Instant now = queue_.next_time();
    sim::Event& event = queue_.pop();
    digest_ += sim::ticks(now);
    queue_.push(now + step(), sim::mix(++tie_), event);
  }
}

}  // namespace sagasim::bench
