// Kernel benchmark: how fast the bare kernel is, through its public interface and with everything
// on: identities, keyed draws, the interceptor, the fingerprint, nodes that can crash.
//
//   kernel_bench ping --pairs 1000 --messages 5000000
//   kernel_bench hold --pending 10000 --operations 5000000
//
// ping  pairs of processes, one message in flight per pair, latency uniform 1 to 10 ms
// hold  the event queue alone: take the earliest event, put it back an exponential step later
//
// Each prints one line: RESULT key=value …

#include <sys/resource.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "sim/event_queue.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/process.h"
#include "sim/world.h"

namespace po = boost::program_options;
using namespace sagasim;

namespace {

struct Ball {
  std::uint64_t value = 0;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("value", self.value);
  }
};

struct Court {
  std::vector<std::unique_ptr<sim::Mailbox>> mailboxes;
  std::uint64_t delivered = 0;
};

constexpr sim::Latency kFlight{sim::milliseconds(1), sim::milliseconds(10)};

class Player final : public sim::Process {
 public:
  Player(Court& court, std::uint32_t me) : court_(court), me_(me) {}
  sim::Task<> start(sim::Context context) override { return play(context); }

 private:
  sim::Task<> play(sim::Context context) {
    sim::Mailbox& mine = *court_.mailboxes[me_];
    sim::Mailbox& other = *court_.mailboxes[me_ ^ 1u];
    const sim::Subject subject('m', me_ + 1);
    Ball ball{me_};
    if ((me_ & 1u) == 0) {
      other.send(context, "ball", subject, kFlight, sim::Payload::of(context.frame_pool(), ball));
    }
    for (;;) {
      auto receiving = mine.receive(context);
      const sim::Payload message = co_await receiving;
      ++court_.delivered;
      ball.value = ball.value * 31 + message.as<Ball>().value;
      other.send(context, "ball", subject, kFlight, sim::Payload::of(context.frame_pool(), ball));
    }
  }

  Court& court_;
  const std::uint32_t me_;
};

class Neutral final : public sim::Interceptor {
 public:
  sim::Effect decide(const sim::Operation&) override { return {}; }
};

double cpu_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

void ping(std::uint32_t pairs, std::uint64_t messages) {
  Court court;
  Neutral neutral;
  sim::World world(1);
  world.set_interceptor(&neutral);
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
  const double used = cpu_seconds() - start;
  std::cout << "RESULT msgs=" << court.delivered
            << " msgs_per_cpu_s=" << static_cast<double>(court.delivered) / used
            << " ns_per_msg=" << used * 1e9 / static_cast<double>(court.delivered)
            << " fingerprint=" << world.fingerprint().value() << "\n";
  world.shut_down();
  court.mailboxes.clear();
}

void hold(std::uint32_t pending, std::uint64_t operations) {
  std::vector<std::uint32_t> steps(4096);
  // An exponential by its inverse, at 4096 places; the table is made with integers: -ln(x) by
  // bisection would be exact, a geometric walk is close enough for a benchmark.
  std::uint64_t mean = 5'500'000;
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    std::uint64_t value = 0;
    std::uint64_t draw = sim::mix(i);
    while ((draw & 1) != 0 && value < 40) {
      draw >>= 1;
      ++value;
    }
    steps[i] = static_cast<std::uint32_t>(mean * value / 2 + sim::below(sim::mix(draw + i), mean));
  }
  sim::EventQueue queue;
  std::vector<std::unique_ptr<sim::Event>> events;
  std::uint64_t state = 1;
  std::uint64_t tie = 0;
  for (std::uint32_t i = 0; i < pending; ++i) {
    events.push_back(std::make_unique<sim::Event>([](sim::Event&) {}));
    state = sim::mix(state);
    queue.push(sim::kStart + sim::nanoseconds(steps[state >> 52]), sim::mix(++tie), *events.back());
  }
  const double start = cpu_seconds();
  for (std::uint64_t i = 0; i < operations; ++i) {
    const sim::Instant now = queue.next_time();
    sim::Event& event = queue.pop();
    state = sim::mix(state);
    queue.push(now + sim::nanoseconds(1 + steps[state >> 52]), sim::mix(++tie), event);
  }
  const double used = cpu_seconds() - start;
  std::cout << "RESULT ops=" << operations
            << " ops_per_cpu_s=" << static_cast<double>(operations) / used
            << " ns_per_op=" << used * 1e9 / static_cast<double>(operations) << "\n";
  while (!queue.empty()) {
    queue.pop();
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string workload;
  std::uint32_t pairs = 1000;
  std::uint32_t pending = 10'000;
  std::uint64_t messages = 5'000'000;
  std::uint64_t operations = 5'000'000;
  po::options_description all("kernel_bench ping|hold");
  auto add = all.add_options();
  add("help", "print this");
  add("workload", po::value(&workload), "ping or hold");
  add("pairs", po::value(&pairs), "ping: pairs of processes");
  add("messages", po::value(&messages), "ping: messages to deliver");
  add("pending", po::value(&pending), "hold: events in the queue");
  add("operations", po::value(&operations), "hold: takes and puts");
  po::positional_options_description first;
  first.add("workload", 1);
  try {
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv).options(all).positional(first).run(), values);
    po::notify(values);
  } catch (const po::error& error) {
    std::cerr << "kernel_bench: " << error.what() << "\n" << all;
    return 2;
  }
  if (workload == "ping") {
    ping(pairs, messages);
  } else if (workload == "hold") {
    hold(pending, operations);
  } else {
    std::cerr << all;
    return 2;
  }
  return 0;
}
