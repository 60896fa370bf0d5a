// The cache against a model of it: three maps and a clock.
#include <map>
#include <optional>

#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

// What the cache is, in as few words as possible. Keys and items are numbers here.
struct Model {
  struct Value {
    std::optional<std::int64_t> text;     // a string
    std::map<int, std::int64_t> items;    // a hash
    std::optional<std::int64_t> dies_at;  // in seconds
  };
  std::int64_t now = 0;
  std::map<int, Value> values;

  void expire() {
    std::erase_if(values, [&](const auto& entry) {
      return entry.second.dies_at && *entry.second.dies_at <= now;
    });
  }
};

using Part = Bench;
using Command = Act<Model, Part>;

CacheKey key_of(int key) { return {"key", Subject('k', static_cast<std::uint32_t>(key) + 1)}; }
CacheKey item_of(int item) { return {"item", Subject('i', static_cast<std::uint32_t>(item) + 1)}; }

int any_key() { return *rc::gen::inRange(0, 3); }
std::int64_t any_value() { return *rc::gen::inRange(0, 100); }

// Some time before so many whole seconds have passed: no command falls on the instant at which a
// key dies.
Duration lives(int seconds_at_most) { return seconds(seconds_at_most) - milliseconds(450); }

template <class Make>
CacheReply ask(Part& part, Make make) {
  const CacheReply reply = part.ask_cache(make);
  RC_ASSERT(reply.outcome == Outcome::kOk);
  return reply;
}

struct Set : Command {
  int key = any_key();
  std::int64_t value = any_value();
  int ttl = *rc::gen::inRange(0, 4);  // seconds; 0: none
  void apply(Model& model) const override {
    Model::Value& entry = model.values[key] = {};
    entry.text = value;
    if (ttl != 0) {
      entry.dies_at = model.now + ttl;
    }
  }
  void run(const Model&, Part& part) const override {
    ask(part, [this](Cache& cache, Context context) {
      return cache.set(context, key_of(key), value, ttl == 0 ? Duration{} : lives(ttl));
    });
  }
  std::string name() const override {
    return "set " + std::to_string(key) + " " + std::to_string(value) + " ttl " +
           std::to_string(ttl);
  }
};

struct SetIfAbsent : Command {
  int key = any_key();
  void apply(Model& model) const override {
    if (!model.values.contains(key)) {
      model.values[key].text = 7;
      model.values[key].dies_at = model.now + 2;
    }
  }
  void run(const Model& model, Part& part) const override {
    const CacheReply reply = ask(part, [this](Cache& cache, Context context) {
      return cache.set_if_absent(context, key_of(key), 7, lives(2));
    });
    RC_ASSERT(reply.found == !model.values.contains(key));
  }
  std::string name() const override { return "setnx " + std::to_string(key); }
};

struct Get : Command {
  int key = any_key();
  void checkPreconditions(const Model& model) const override {
    const auto found = model.values.find(key);
    RC_PRE(found == model.values.end() || found->second.text.has_value());
  }
  void run(const Model& model, Part& part) const override {
    const CacheReply reply = ask(
        part, [this](Cache& cache, Context context) { return cache.get(context, key_of(key)); });
    const auto found = model.values.find(key);
    RC_ASSERT(reply.found == (found != model.values.end()));
    if (reply.found) {
      RC_ASSERT(reply.value == *found->second.text);
    }
  }
  std::string name() const override { return "get " + std::to_string(key); }
};

struct HashSet : Command {
  int key = any_key();
  int item = any_key();
  std::int64_t value = any_value();
  void checkPreconditions(const Model& model) const override {
    const auto found = model.values.find(key);
    RC_PRE(found == model.values.end() || !found->second.text.has_value());
  }
  void apply(Model& model) const override { model.values[key].items[item] = value; }
  void run(const Model& model, Part& part) const override {
    const CacheReply reply = ask(part, [this](Cache& cache, Context context) {
      return cache.hash_set(context, key_of(key), item_of(item), value);
    });
    const auto found = model.values.find(key);
    RC_ASSERT(reply.found == (found == model.values.end() || !found->second.items.contains(item)));
  }
  std::string name() const override {
    return "hset " + std::to_string(key) + " " + std::to_string(item);
  }
};

struct HashGetAll : Command {
  int key = any_key();
  void checkPreconditions(const Model& model) const override {
    const auto found = model.values.find(key);
    RC_PRE(found == model.values.end() || !found->second.text.has_value());
  }
  void run(const Model& model, Part& part) const override {
    const CacheReply reply = ask(part, [this](Cache& cache, Context context) {
      return cache.hash_get_all(context, key_of(key));
    });
    const auto found = model.values.find(key);
    const std::size_t size = found == model.values.end() ? 0 : found->second.items.size();
    RC_ASSERT(reply.items.size() == size);
    for (std::size_t i = 0; i < size; ++i) {
      bool known = false;
      for (const auto& [item, value] : found->second.items) {
        known = known || (reply.items[i].key == item_of(item) && reply.items[i].value == value);
      }
      RC_ASSERT(known);
    }
  }
  std::string name() const override { return "hgetall " + std::to_string(key); }
};

struct Expire : Command {
  int key = any_key();
  int ttl = *rc::gen::inRange(1, 4);
  void apply(Model& model) const override {
    if (model.values.contains(key)) {
      model.values[key].dies_at = model.now + ttl;
    }
  }
  void run(const Model& model, Part& part) const override {
    const CacheReply reply = ask(part, [this](Cache& cache, Context context) {
      return cache.expire(context, key_of(key), lives(ttl));
    });
    RC_ASSERT(reply.found == model.values.contains(key));
  }
  std::string name() const override {
    return "expire " + std::to_string(key) + " " + std::to_string(ttl);
  }
};

struct Erase : Command {
  int key = any_key();
  void apply(Model& model) const override { model.values.erase(key); }
  void run(const Model& model, Part& part) const override {
    const CacheReply reply = ask(
        part, [this](Cache& cache, Context context) { return cache.erase(context, key_of(key)); });
    RC_ASSERT(reply.found == model.values.contains(key));
  }
  std::string name() const override { return "del " + std::to_string(key); }
};

// Time passes until half a second after a whole one; all commands between two waits take less.
struct Wait : Command {
  int length = *rc::gen::inRange(1, 4);
  void apply(Model& model) const override {
    model.now += length;
    model.expire();
  }
  void run(const Model&, Part& part) const override {
    const std::int64_t second = (part.world.now() - kStart) / seconds(1);
    const Instant until = kStart + seconds(second + length) + milliseconds(500);
    part.wait(until - part.world.now());
  }
  std::string name() const override { return "wait " + std::to_string(length); }
};

struct Wipe : Command {
  void apply(Model& model) const override { model.values.clear(); }
  void run(const Model&, Part& part) const override {
    part.memory.intervene({Intervention::Kind::kWipe, "", {}, 1});
  }
  std::string name() const override { return "wipe"; }
};

RC_GTEST_PROP(CacheModel, TheCacheIsThreeMapsAndAClock, ()) {
  Part part;
  part.wait(milliseconds(500));
  rc::state::check(Model{}, part,
                   rc::state::gen::execOneOfWithArgs<Set, SetIfAbsent, Get, HashSet, HashGetAll,
                                                     Expire, Erase, Wait, Wipe>());
}

}  // namespace
}  // namespace sagasim::sim::models
