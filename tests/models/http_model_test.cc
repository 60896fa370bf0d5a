// The HTTP service against a model of it: a table of keys, each with what became of it, and how
// often something was decided, undone and told.
#include <map>
#include <optional>

#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

// In seconds. To decide takes two and a half, so a key that is asked for in one second is decided
// in the second after it; a key is remembered for a little more than four from then on.
constexpr int kWork = 2;
constexpr int kMemory = 5;

struct Ledger {
  enum class State { kAtWork, kDecided, kVoided };
  struct Key {
    State state;
    int body;
    int since;  // the second in which it got there
  };
  int now = 0;
  std::map<int, Key> keys;
  int decided = 0;
  int undone = 0;

  const Key* find(int key) const {
    const auto found = keys.find(key);
    return found == keys.end() ? nullptr : &found->second;
  }
  void pass() {
    for (auto& [key, entry] : keys) {
      if (entry.state == State::kAtWork && now - entry.since == kWork) {
        entry = {State::kDecided, entry.body, now};
        ++decided;
      }
    }
    ++now;
    std::erase_if(keys, [&](const auto& entry) {
      const Key& key = entry.second;
      // What was voided at the beginning of a second is forgotten in its middle, half a second
      // earlier than what was decided in the middle of one.
      return key.state != State::kAtWork && now - key.since >= kMemory;
    });
  }
};

toy::ToyOptions options() {
  toy::ToyOptions options;
  options.bank.processing = {milliseconds(2'500), milliseconds(2'500)};
  options.bank.key_lifetime = milliseconds(4'200);
  options.bank.callback_method = "paid";
  options.bank.callback_delay = {milliseconds(1), milliseconds(5)};
  return options;
}

struct Paying : Bench {
  Paying() : Bench(options()) {}
  void undo(std::uint64_t, const Payload&) override { ++undone; }
  int undone = 0;
  std::optional<HttpReply> reply;  // to what was asked last, if it has come
};

Task<> ask(Context context, Paying* part, HttpRequest::Kind kind, int key, int body) {
  HttpRequest request = part->payment(static_cast<std::uint64_t>(key), Subject('c', 1), body);
  request.kind = kind;
  auto asked = part->gateway.request(context, std::move(request));
  HttpReply reply = co_await asked;
  if (reply.outcome == Outcome::kOk && !part->reply) {
    part->reply = std::move(reply);
  }
}

void compare(const Ledger& ledger, const Paying& part) {
  RC_ASSERT(part.charged == ledger.decided);
  RC_ASSERT(part.undone == ledger.undone);
  RC_ASSERT(part.served.size() == static_cast<std::size_t>(ledger.decided));  // called back
}

using Command = Act<Ledger, Paying>;

// One request; `expected` is the answer within a second, or nothing if it has to wait.
struct Asking : Command {
  HttpRequest::Kind kind = HttpRequest::Kind::kDo;
  int key = *rc::gen::inRange(1, 4);
  int body = *rc::gen::inRange(1, 3);

  virtual std::optional<HttpStatus> expected(const Ledger& ledger) const = 0;
  void run(const Ledger& before, Paying& part) const override {
    part.reply.reset();
    part.begin([&](Context context) { return ask(context, &part, kind, key, body); });
    part.tick();
    Ledger after = before;
    apply(after);
    const auto status = expected(before);
    if (status) {
      RC_ASSERT(part.reply.has_value());
      RC_ASSERT(part.reply->status == *status);
      if (*status == HttpStatus::kDone) {
        RC_ASSERT(part.reply->body.as<toy::Note>().value == before.find(key)->body);
      }
    }
    compare(after, part);
  }
};

struct Pay : Asking {
  std::optional<HttpStatus> expected(const Ledger& ledger) const override {
    const Ledger::Key* entry = ledger.find(key);
    if (entry == nullptr) {
      return std::nullopt;
    }
    if (entry->state == Ledger::State::kVoided) {
      return HttpStatus::kVoided;
    }
    return entry->body != body                      ? HttpStatus::kMismatch
           : entry->state == Ledger::State::kAtWork ? HttpStatus::kInProgress
                                                    : HttpStatus::kDone;
  }
  void apply(Ledger& ledger) const override {
    ledger.keys.insert({key, {Ledger::State::kAtWork, body, ledger.now}});
    ledger.pass();
  }
  std::string name() const override {
    return "pay " + std::to_string(key) + " " + std::to_string(body);
  }
};

struct Query : Asking {
  Query() { kind = HttpRequest::Kind::kAsk; }
  std::optional<HttpStatus> expected(const Ledger& ledger) const override {
    const Ledger::Key* entry = ledger.find(key);
    return entry == nullptr                         ? HttpStatus::kNotFound
           : entry->state == Ledger::State::kVoided ? HttpStatus::kVoided
           : entry->state == Ledger::State::kAtWork ? HttpStatus::kInProgress
                                                    : HttpStatus::kDone;
  }
  void apply(Ledger& ledger) const override { ledger.pass(); }
  std::string name() const override { return "ask " + std::to_string(key); }
};

struct Void : Asking {
  Void() { kind = HttpRequest::Kind::kVoid; }
  std::optional<HttpStatus> expected(const Ledger& ledger) const override {
    const Ledger::Key* entry = ledger.find(key);
    return entry != nullptr && entry->state == Ledger::State::kAtWork ? HttpStatus::kInProgress
                                                                      : HttpStatus::kVoided;
  }
  void apply(Ledger& ledger) const override {
    const auto found = ledger.keys.find(key);
    if (found == ledger.keys.end() || found->second.state != Ledger::State::kAtWork) {
      ledger.undone +=
          found != ledger.keys.end() && found->second.state == Ledger::State::kDecided ? 1 : 0;
      ledger.keys.insert_or_assign(key, Ledger::Key{Ledger::State::kVoided, 0, ledger.now});
    }
    ledger.pass();
  }
  std::string name() const override { return "void " + std::to_string(key); }
};

// A refund is a request like any other, without a key here: it is done each time it arrives.
struct Refund : Command {
  void apply(Ledger& ledger) const override {
    ledger.decided += 1;
    for (int i = 0; i <= kWork; ++i) {
      ledger.pass();
    }
  }
  void run(const Ledger& before, Paying& part) const override {
    part.begin([&](Context context) { return ask(context, &part, HttpRequest::Kind::kDo, 0, 1); });
    for (int i = 0; i <= kWork; ++i) {
      part.tick();
    }
    Ledger after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "refund"; }
};

// What it was at is not done, and its key is free again; all else it remembers.
struct Restart : Command {
  void apply(Ledger& ledger) const override {
    std::erase_if(ledger.keys,
                  [](const auto& entry) { return entry.second.state == Ledger::State::kAtWork; });
    ledger.pass();
  }
  void run(const Ledger& before, Paying& part) const override {
    part.bank.crash(milliseconds(100), 1);
    part.tick();
    Ledger after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return "the service restarts"; }
};

struct ForgetKeys : Command {
  void apply(Ledger& ledger) const override {
    std::erase_if(ledger.keys,
                  [](const auto& entry) { return entry.second.state != Ledger::State::kAtWork; });
  }
  void run(const Ledger&, Paying& part) const override {
    part.bank.intervene({Intervention::Kind::kForgetKeys, "", {}, 1});
  }
  std::string name() const override { return "the keys expire"; }
};

RC_GTEST_PROP(HttpModel, TheServiceIsATableOfKeysAndACountOfDecisions, ()) {
  Paying part;
  part.tick();
  rc::state::check(Ledger{}, part,
                   rc::state::gen::execOneOfWithArgs<Pay, Pay, Pay, Query, Query, Void, Refund,
                                                     Restart, ForgetKeys>());
}

}  // namespace
}  // namespace sagasim::sim::models
