// The broker against a model of it: a list per partition, and how far the group got in each.
#include <map>
#include <set>
#include <vector>

#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

struct Model {
  std::map<std::uint32_t, std::vector<std::uint64_t>> logs;  // ids of events, by partition
  int appended = 0;
  bool worker_is_up = true;
  std::map<std::uint32_t, std::size_t> read;  // how many of each, at least once
};

struct Part : Bench {
  Part() : Bench({.partitions = 2}) {}
  Outcome outcome = Outcome::kUnknown;
  std::map<std::uint32_t, std::vector<std::uint64_t>> read() const {
    std::map<std::uint32_t, std::vector<std::uint64_t>> result;
    for (const Handling& handling : consumed) {
      auto& offsets = result[handling.partition];
      if (offsets.empty() || offsets.back() < handling.offset) {
        offsets.push_back(handling.offset);
      }
    }
    return result;
  }
};

using Command = Act<Model, Part>;

Task<> append(Context context, Part* part, Subject subject, std::int64_t number) {
  auto append = part->broker.append(context, part->draft(subject, number));
  part->outcome = co_await append;
}

// Everybody who can read has read, and in order.
void compare(const Model& model, const Part& part) {
  const auto& partitions = part.broker.topics()[0].partitions;
  for (std::uint32_t i = 0; i < partitions.size(); ++i) {
    const auto log = model.logs.find(i);
    const std::size_t size = log == model.logs.end() ? 0 : log->second.size();
    RC_ASSERT(partitions[i].size() == size);
    for (std::size_t offset = 0; offset < size; ++offset) {
      RC_ASSERT(partitions[i][offset].event_id == log->second[offset]);
      RC_ASSERT(partitions[i][offset].offset == offset);
    }
    const auto read = part.read();
    const std::size_t done = read.contains(i) ? read.at(i).size() : 0;
    const std::size_t expected = model.read.contains(i) ? model.read.at(i) : 0;
    RC_ASSERT(done == expected);
  }
}

struct Append : Command {
  std::uint32_t about = *rc::gen::inRange<std::uint32_t>(1, 5);
  Subject subject() const { return Subject('c', about); }
  std::uint32_t partition() const {
    return static_cast<std::uint32_t>(below(mix(subject().bits()), 2));
  }
  void apply(Model& model) const override {
    ++model.appended;
    auto& log = model.logs[partition()];
    log.push_back(combine(subject().bits(), static_cast<std::uint64_t>(model.appended)));
    if (model.worker_is_up) {
      model.read[partition()] = log.size();
    }
  }
  void run(const Model& before, Part& part) const override {
    part.perform(
        [&](Context context) { return append(context, &part, subject(), before.appended + 1); });
    RC_ASSERT(part.outcome == Outcome::kOk);
    Model after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "append about " + std::to_string(about); }
};

// The only consumer is gone for a long time, or is back: it goes on where it was.
struct Down : Command {
  void checkPreconditions(const Model& model) const override { RC_PRE(model.worker_is_up); }
  void apply(Model& model) const override { model.worker_is_up = false; }
  void run(const Model&, Part& part) const override {
    part.worker_nodes[0]->begin_outage(1);
    part.world.cut(*part.worker_nodes[0], part.bus, 1);
    part.wait(seconds(60));
  }
  std::string name() const override { return "the consumer is cut off"; }
};

struct Up : Command {
  void checkPreconditions(const Model& model) const override { RC_PRE(!model.worker_is_up); }
  void apply(Model& model) const override {
    model.worker_is_up = true;
    for (const auto& [partition, log] : model.logs) {
      model.read[partition] = log.size();
    }
  }
  void run(const Model& before, Part& part) const override {
    part.worker_nodes[0]->end_outage(1);
    part.world.heal(*part.worker_nodes[0], part.bus);
    part.wait(seconds(60));
    Model after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "the consumer is back"; }
};

// The broker dies and is back: nothing is lost.
struct Crash : Command {
  void run(const Model& model, Part& part) const override {
    part.bus.crash(seconds(1), 1);
    part.wait(seconds(30));
    compare(model, part);
  }
  std::string name() const override { return "the broker crashes"; }
};

RC_GTEST_PROP(BrokerModel, TheBrokerIsAListPerPartitionAndAPlaceInEach, ()) {
  Part part;
  rc::state::check(Model{}, part, rc::state::gen::execOneOfWithArgs<Append, Down, Up, Crash>());
}

}  // namespace
}  // namespace sagasim::sim::models
