// What a group's position is, and what an acknowledgement is worth, against models of them: a
// number that the present owner of the partition may set as it likes, and how far the followers
// are.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "sim/consumer_group.h"
#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

// --- generations and commits ---

// One partition and two members. Every time that one of them comes or goes there is another
// generation, which begins at the committed position; to commit, one has to belong to the present
// one.
struct Reading {
  std::uint64_t size = 0;
  std::uint64_t committed = 0;
  int generation = 0;
  bool up[2] = {true, true};
  std::vector<int> records_of;        // by generation: how many records it was handed
  std::vector<std::uint64_t> handed;  // offsets, in that order
  std::uint64_t position = 0;

  bool has_owner() const { return up[0] || up[1]; }
  void read() {
    if (!has_owner()) {
      return;
    }
    for (; position < size; ++position) {
      handed.push_back(position);
      ++records_of.back();
    }
  }
  void next_generation() {
    ++generation;
    records_of.push_back(0);
    position = committed;
    read();
  }
};

struct Group2 : Bench {
  Group2() : Bench({.workers = 2, .broker = {.commits = PositionCommit::kByProgram}}) {
    on_record = [](Toy* toy, Context context, Delivery delivery) {
      return keep(toy, context, delivery);
    };
  }
  static Task<Handled> keep(Toy* toy, Context, Delivery delivery) {
    static_cast<Group2*>(toy)->claims.push_back(*delivery.claim);
    co_return Handled::kDone;
  }
  std::vector<std::uint64_t> handed() const {
    std::vector<std::uint64_t> offsets;
    for (const Handling& handling : consumed) {
      offsets.push_back(handling.offset);
    }
    return offsets;
  }
  std::vector<Claim> claims;  // by which records were handed over, in that order
  Outcome outcome = Outcome::kUnknown;
};

void compare(const Reading& model, const Group2& part) {
  RC_ASSERT(part.handed() == model.handed);
  const Progress progress = part.broker.progress().at(0);
  RC_ASSERT(progress.committed == model.committed);
  RC_ASSERT(progress.end == model.size);
  RC_ASSERT((progress.owner != nullptr) == model.has_owner());
  if (model.has_owner()) {
    RC_ASSERT(progress.owner == part.worker_nodes[model.up[0] ? 0 : 1]);
    RC_ASSERT(progress.position == model.position);
  }
}

Task<> append_one(Context context, Group2* part, std::int64_t number) {
  auto append = part->broker.append(context, part->draft(Subject('c', 1), number));
  part->outcome = co_await append;
}
Task<> commit_one(Context context, Group2* part, const Claim* claim, std::uint64_t position) {
  const Delivery delivery{claim->record, claim};
  auto commit = part->broker.commit(context, delivery, position);
  part->outcome = co_await commit;
}

struct Append : Act<Reading, Group2> {
  void apply(Reading& model) const override {
    ++model.size;
    model.read();
  }
  void run(const Reading& before, Group2& part) const override {
    const auto number = static_cast<std::int64_t>(before.size) + 1;
    part.perform([&](Context context) { return append_one(context, &part, number); });
    Reading after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "append"; }
};

// By virtue of some record that was handed over, perhaps long ago; forward or back.
struct Commit : Act<Reading, Group2> {
  std::uint64_t which = *rc::gen::inRange<std::uint64_t>(0, 100);
  std::uint64_t where = *rc::gen::inRange<std::uint64_t>(0, 100);
  void checkPreconditions(const Reading& model) const override { RC_PRE(!model.handed.empty()); }
  std::uint64_t position(const Reading& model) const { return where % (model.size + 1); }
  std::size_t claim(const Reading& model) const { return which % model.handed.size(); }
  bool is_accepted(const Reading& model) const {
    const std::size_t older =
        model.handed.size() - static_cast<std::size_t>(model.records_of.back());
    return model.has_owner() && claim(model) >= older;
  }
  void apply(Reading& model) const override {
    if (is_accepted(model)) {
      model.committed = position(model);
    }
  }
  void run(const Reading& before, Group2& part) const override {
    const Claim& used = part.claims.at(claim(before));
    part.perform(
        [&](Context context) { return commit_one(context, &part, &used, position(before)); });
    RC_ASSERT(part.outcome == (is_accepted(before) ? Outcome::kOk : Outcome::kAborted));
    Reading after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override {
    return "commit " + std::to_string(where) + " by " + std::to_string(which);
  }
};

// A member dies for longer than its session lasts, or is back.
struct Come : Act<Reading, Group2> {
  int who = *rc::gen::inRange(0, 2);
  void apply(Reading& model) const override {
    model.up[who] = !model.up[who];
    model.next_generation();
  }
  void run(const Reading& before, Group2& part) const override {
    Node& node = *part.worker_nodes[static_cast<std::size_t>(who)];
    if (before.up[who]) {
      node.begin_outage(1);
      part.world.cut(node, part.bus, 1);
    } else {
      node.end_outage(1);
      part.world.heal(node, part.bus);
    }
    part.wait(seconds(60));
    Reading after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "another generation"; }
};

RC_GTEST_PROP(PositionModel, APositionIsANumberThatThePresentGenerationMaySet, ()) {
  Group2 part;
  part.wait(seconds(1));
  Reading model;
  model.next_generation();
  rc::state::check(model, part,
                   rc::state::gen::execOneOfWithArgs<Append, Append, Commit, Commit, Come>());
}

// --- acknowledgements ---

// The followers have a record two and a half seconds after the leader. One thing happens in each
// second.
constexpr int kBehind = 2;

struct Replicas {
  struct Entry {
    std::int64_t number;
    int since;
  };
  Acks acks = Acks::kAll;
  int now = 0;
  std::int64_t sent = 0;
  std::vector<Entry> log;
  std::size_t followed = 0;  // how many of them the followers have
  std::map<Outcome, int> told;

  void pass() {
    while (followed < log.size() && now - log[followed].since >= kBehind) {
      ++followed;
      told[Outcome::kOk] += acks == Acks::kAll ? 1 : 0;
    }
    ++now;
  }
};

struct Replicated : Bench {
  explicit Replicated(Acks acks)
      : Bench(
            {.broker = {.acks = acks, .replication = {milliseconds(2'500), milliseconds(2'500)}}}) {
  }
  std::map<Outcome, int> told;
};

Task<> append_and_tell(Context context, Replicated* part, std::int64_t number) {
  auto append = part->broker.append(context, part->draft(Subject('c', 1), number));
  const Outcome outcome = co_await append;
  ++part->told[outcome];
}

void compare(const Replicas& model, const Replicated& part) {
  const auto& log = part.broker.topics()[0].partitions[0];
  RC_ASSERT(log.size() == model.log.size());
  for (std::size_t i = 0; i < log.size(); ++i) {
    RC_ASSERT(static_cast<std::int64_t>(log[i].version) == model.log[i].number);
  }
  RC_ASSERT(part.broker.progress().at(0).handled == model.followed);  // what consumers were shown
  for (const Outcome outcome : {Outcome::kOk, Outcome::kUnknown}) {
    const auto count = [outcome](const std::map<Outcome, int>& told) {
      const auto found = told.find(outcome);
      return found == told.end() ? 0 : found->second;
    };
    RC_ASSERT(count(part.told) == count(model.told));
  }
}

struct Send : Act<Replicas, Replicated> {
  void apply(Replicas& model) const override {
    model.log.push_back({++model.sent, model.now});
    model.told[Outcome::kOk] += model.acks != Acks::kAll ? 1 : 0;
    model.pass();
  }
  void run(const Replicas& before, Replicated& part) const override {
    part.begin([&](Context context) { return append_and_tell(context, &part, before.sent + 1); });
    part.tick();
    Replicas after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "send"; }
};

// What the followers lack is gone with the leader; who waited for it is not told what became of it.
struct FailOver : Act<Replicas, Replicated> {
  void apply(Replicas& model) const override {
    const int lost = static_cast<int>(model.log.size() - model.followed);
    model.told[Outcome::kUnknown] += model.acks == Acks::kAll ? lost : 0;
    model.log.resize(model.followed);
    model.pass();
  }
  void run(const Replicas& before, Replicated& part) const override {
    part.bus.intervene({Intervention::Kind::kFailOver, "", {}, 1});
    part.tick();
    Replicas after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "the leader is lost"; }
};

struct Pass : Act<Replicas, Replicated> {
  void apply(Replicas& model) const override { model.pass(); }
  void run(const Replicas& before, Replicated& part) const override {
    part.tick();
    Replicas after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "a second passes"; }
};

void check(Acks acks) {
  Replicated part(acks);
  part.tick();
  Replicas model;
  model.acks = acks;
  rc::state::check(model, part, rc::state::gen::execOneOfWithArgs<Send, Send, Pass, FailOver>());
}

RC_GTEST_PROP(AcksModel, OfAllComeWithTheFollowers, ()) { check(Acks::kAll); }
RC_GTEST_PROP(AcksModel, OfTheLeaderComeBeforeThem, ()) { check(Acks::kLeader); }
RC_GTEST_PROP(AcksModel, OfNobodyComeAtOnce, ()) { check(Acks::kNone); }

}  // namespace
}  // namespace sagasim::sim::models
