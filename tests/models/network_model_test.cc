// The network against a model of it: two bits for each link, and who was sent what. Each pair of a
// sender and a mailbox is a connection of its own, and a connection keeps its order.
#include <array>
#include <vector>

#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

constexpr std::size_t kSenders = 3;
constexpr std::size_t kServers = 2;

struct Model {
  std::array<bool, kSenders> cut{};  // of the links towards the client, which has the mailbox
  std::array<bool, kServers> cut_there{};
  std::array<bool, kServers> cut_back{};
  std::array<std::vector<std::int64_t>, kSenders> heard{};  // in the end, from each
  std::array<std::size_t, kServers> served{};
  std::int64_t sent = 0;
};

// The client sends to itself, and the two workers to it; it calls the workers in turn.
struct Part : Bench {
  Part() : Bench({.workers = kServers}) {
    for (Node* worker : worker_nodes) {
      targets.emplace_back("worker", kRoute).add(*worker);
    }
    start([](Toy* toy, Context context) { return static_cast<Part*>(toy)->listen(context); },
          Subject('r', 1));
  }
  ~Part() override { world.shut_down(); }

  Task<> listen(Context context) {
    for (;;) {
      auto next = inbox.receive(context);
      const Payload message = co_await next;
      const auto& note = message.as<toy::Note>();
      heard[note.about.major() - 1].push_back(note.value);
    }
  }
  Task<> send(Context context, std::uint32_t from, std::int64_t number) {
    const Latency latency{milliseconds(1), seconds(2), 4};
    const Subject about('s', from + 1);
    inbox.send(context, "hello", about, latency, note(about, number));
    co_return;
  }
  Task<> call(Context context, std::uint32_t whom) {
    const Subject about('c', whom + 1);
    auto asked = targets[whom].call(context, "hello", about, note(about));
    const Reply reply = co_await asked;
    outcome = reply.outcome;
  }
  Node& sender(std::size_t number) { return number == 0 ? client : *worker_nodes[number - 1]; }

  static constexpr Route kRoute{
      {milliseconds(1), milliseconds(4)}, {milliseconds(1), milliseconds(4)}, seconds(5)};
  Mailbox inbox{client};
  std::vector<Service> targets;
  std::array<std::vector<std::int64_t>, kSenders> heard{};
  Outcome outcome = Outcome::kUnknown;
};

struct Send : Act<Model, Part> {
  std::uint32_t from = *rc::gen::inRange<std::uint32_t>(0, kSenders);
  void apply(Model& model) const override {
    ++model.sent;
    if (!model.cut[from]) {
      model.heard[from].push_back(model.sent);
    }
  }
  void run(const Model& model, Part& part) const override {
    const Invocation invocation{.role = part.sender(from).role(),
                                .scope = "talk",
                                .trigger = {},
                                .subject = Subject('n', static_cast<std::uint32_t>(model.sent))};
    part.sender(from).start(
        invocation, 0, [&](Context context) { return part.send(context, from, model.sent + 1); });
    part.world.run(part.world.now());  // sent before anything else is
  }
  std::string name() const override { return "send from " + std::to_string(from); }
};

struct Call : Act<Model, Part> {
  std::uint32_t whom = *rc::gen::inRange<std::uint32_t>(0, kServers);
  void apply(Model& model) const override { model.served[whom] += model.cut_there[whom] ? 0u : 1u; }
  void run(const Model& model, Part& part) const override {
    const std::size_t before = part.served.size();
    part.perform([&](Context context) { return part.call(context, whom); });
    const bool arrives = !model.cut_there[whom];
    RC_ASSERT(part.served.size() == before + (arrives ? 1 : 0));
    RC_ASSERT(part.outcome ==
              (arrives && !model.cut_back[whom] ? Outcome::kOk : Outcome::kUnknown));
  }
  std::string name() const override { return "call " + std::to_string(whom); }
};

// Cuts a link or heals it, one way.
struct Turn : Act<Model, Part> {
  std::uint32_t which = *rc::gen::inRange<std::uint32_t>(0, kServers);
  bool there = *rc::gen::arbitrary<bool>();
  void apply(Model& model) const override {
    bool& cut = there ? model.cut_there[which] : model.cut_back[which];
    cut = !cut;
    if (!there) {
      model.cut[which + 1] = cut;
    }
  }
  void run(const Model& model, Part& part) const override {
    const bool cut = there ? model.cut_there[which] : model.cut_back[which];
    const Node& worker = *part.worker_nodes[which];
    const Node& from = there ? part.client : worker;
    const Node& to = there ? worker : part.client;
    if (cut) {
      part.world.heal(from, to);
    } else {
      part.world.cut(from, to, 1);
    }
  }
  std::string name() const override {
    return std::string("turn the link ") + (there ? "to " : "from ") + std::to_string(which);
  }
};

struct Wait : Act<Model, Part> {
  void run(const Model& model, Part& part) const override {
    part.wait(seconds(100));
    RC_ASSERT(part.heard == model.heard);
  }
  std::string name() const override { return "wait"; }
};

RC_GTEST_PROP(NetworkModel, TheNetworkIsAQueuePerConnectionAndTwoBitsPerLink, ()) {
  Part part;
  rc::state::check(Model{}, part,
                   rc::state::gen::execOneOfWithArgs<Send, Send, Send, Call, Turn, Wait>());
}

}  // namespace
}  // namespace sagasim::sim::models
