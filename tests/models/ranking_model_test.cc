// The cache's sorted sets, and scripts over them, against a model: a map of maps.
#include <algorithm>
#include <map>
#include <vector>

#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

using Scores = std::map<int, std::int64_t>;  // by member
using Model = std::map<int, Scores>;         // by key
using Part = Bench;
using Command = Act<Model, Part>;

constexpr int kKeys = 3;
constexpr int kMembers = 4;

CacheKey key_of(int key) { return {"set", Subject('k', static_cast<std::uint32_t>(key) + 1)}; }
CacheKey member_of(int item) {
  return {"item", Subject('i', static_cast<std::uint32_t>(item) + 1)};
}
int any_key() { return *rc::gen::inRange(0, kKeys); }
int any_member() { return *rc::gen::inRange(0, kMembers); }

// Every set is what the model says, the highest score first.
void compare(const Model& model, Part& part) {
  for (int key = 0; key < kKeys; ++key) {
    const CacheReply reply = part.ask_cache(
        [&](Cache& cache, Context context) { return cache.ranking(context, key_of(key), 9); });
    const Scores scores = model.contains(key) ? model.at(key) : Scores{};
    RC_ASSERT(reply.items.size() == scores.size());
    for (const auto& [member, score] : scores) {
      RC_ASSERT(std::count_if(reply.items.begin(), reply.items.end(),
                              [&, of = member, is = score](const CacheItem& item) {
                                return item.key == member_of(of) && item.value == is;
                              }) == 1);
    }
    RC_ASSERT(std::is_sorted(
        reply.items.begin(), reply.items.end(),
        [](const CacheItem& one, const CacheItem& other) { return one.value > other.value; }));
  }
}

struct Add : Command {
  int key = any_key();
  int member = any_member();
  std::int64_t by = *rc::gen::inRange(-3, 4);
  void apply(Model& model) const override { model[key][member] += by; }
  void run(const Model& before, Part& part) const override {
    Model after = before;
    apply(after);
    const CacheReply reply = part.ask_cache([this](Cache& cache, Context context) {
      return cache.score_add(context, key_of(key), member_of(member), by);
    });
    RC_ASSERT(reply.outcome == Outcome::kOk);
    RC_ASSERT(reply.value == after[key][member]);
    compare(after, part);
  }
  std::string name() const override {
    return "zincrby " + std::to_string(key) + " " + std::to_string(member);
  }
};

struct Unite : Command {
  int target = any_key();
  int one = any_key();
  int other = any_key();
  void apply(Model& model) const override {
    Scores sum;
    for (const int source : {one, other}) {
      for (const auto& [member, score] : model[source]) {
        sum[member] += score;
      }
    }
    model[target] = sum;
  }
  void run(const Model& before, Part& part) const override {
    Model after = before;
    apply(after);
    const CacheReply reply = part.ask_cache([this](Cache& cache, Context context) {
      return cache.score_union(context, key_of(target), {key_of(one), key_of(other)});
    });
    RC_ASSERT(static_cast<std::size_t>(reply.value) == after[target].size());
    compare(after, part);
  }
  std::string name() const override {
    return "zunionstore " + std::to_string(target) + " " + std::to_string(one) + " " +
           std::to_string(other);
  }
};

// A script: takes from one set what it gives to another, then looks at a key of another sort, and
// so fails where that is one. What it changed before it failed stays, as in Redis; afterwards
// nothing.
constexpr CacheKey kText{"text", {}};
CacheReply move_one(CacheData& data, const CacheArguments& with) {
  CacheReply reply;
  data.score_add(with.key, with.item, -1);
  if (with.value != 0) {
    data.hash_get(kText, with.item);  // it is a string
  }
  data.score_add(with.more_keys[0], with.item, 1);
  return reply;
}

struct Move : Command {
  int from = any_key();
  int to = any_key();
  int member = any_member();
  bool fails = *rc::gen::arbitrary<bool>();
  void apply(Model& model) const override {
    --model[from][member];
    if (!fails) {
      ++model[to][member];
    }
  }
  void run(const Model& before, Part& part) const override {
    Model after = before;
    apply(after);
    CacheArguments arguments;
    arguments.key = key_of(from);
    arguments.item = member_of(member);
    arguments.value = fails ? 1 : 0;
    arguments.more_keys.push_back(key_of(to));
    const CacheReply reply = part.ask_cache([&](Cache& cache, Context context) {
      return cache.run(context, "move", &move_one, arguments);
    });
    RC_ASSERT(reply.outcome == (fails ? Outcome::kAborted : Outcome::kOk));
    compare(after, part);
  }
  std::string name() const override {
    return "move " + std::to_string(from) + " " + std::to_string(to) + (fails ? " and fail" : "");
  }
};

struct Erase : Command {
  int key = any_key();
  void apply(Model& model) const override { model.erase(key); }
  void run(const Model& before, Part& part) const override {
    const CacheReply reply = part.ask_cache(
        [this](Cache& cache, Context context) { return cache.erase(context, key_of(key)); });
    RC_ASSERT(reply.found == (before.contains(key) && !before.at(key).empty()));
    Model after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "del " + std::to_string(key); }
};

RC_GTEST_PROP(RankingModel, ASortedSetIsAMapAndAScriptIsOneCommand, ()) {
  Part part;
  part.ask_cache([](Cache& cache, Context context) { return cache.set(context, kText, 1); });
  rc::state::check(Model{}, part,
                   rc::state::gen::execOneOfWithArgs<Add, Add, Unite, Move, Erase>());
}

}  // namespace
}  // namespace sagasim::sim::models
