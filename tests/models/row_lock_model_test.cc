// Row locks against a model of them: for each row who has it and who waits for it, in their order.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

using toy::Account;

constexpr int kSessions = 4;
constexpr int kRows = 3;
constexpr int kPatience = 2;  // ticks: a wait that began in one ends in the second after it

// What becomes of a wait that takes too long.
enum class Impatience { kNone, kEndsTransaction, kEndsStatement };

// Sessions that lock rows and let go of all at once. One thing happens in each second, so that time
// is a number.
struct Model {
  struct Wait {
    int row;
    int since;
  };
  Impatience impatience = Impatience::kNone;
  int now = 0;
  std::map<int, int> holders;  // by row
  std::map<int, std::deque<int>> queues;
  std::optional<Wait> waits[kSessions];
  bool open[kSessions] = {};
  bool failed[kSessions] = {};

  void lock(int who, int row) {
    open[who] = true;
    if (!holders.contains(row)) {
      holders[row] = who;
    } else if (holders[row] != who && closes_circle(who, row)) {
      abort(who);
    } else if (holders[row] != who) {
      waits[who] = {row, now};
      queues[row].push_back(who);
    }
  }
  bool closes_circle(int who, int row) const {
    for (int holder = holders.at(row); holder != who;) {
      if (!waits[holder]) {
        return false;
      }
      holder = holders.at(waits[holder]->row);
    }
    return true;
  }
  void leave_queue(int who) {
    if (waits[who]) {
      std::erase(queues[waits[who]->row], who);
      waits[who].reset();
    }
  }
  // Whoever has waited longest for a row gets it.
  void let_go(int who) {
    leave_queue(who);
    for (int row = 0; row < kRows; ++row) {
      if (!holders.contains(row) || holders[row] != who) {
        continue;
      }
      holders.erase(row);
      if (!queues[row].empty()) {
        const int heir = queues[row].front();
        leave_queue(heir);
        holders[row] = heir;
      }
    }
  }
  void abort(int who) {
    let_go(who);
    failed[who] = true;
  }
  void close(int who) {
    let_go(who);
    open[who] = failed[who] = false;
  }
  void pass() {
    for (int who = 0; who < kSessions; ++who) {
      if (impatience == Impatience::kNone || !waits[who] || now - waits[who]->since < kPatience) {
        continue;
      }
      if (impatience == Impatience::kEndsTransaction) {
        abort(who);
      } else {
        leave_queue(who);
      }
    }
    ++now;
  }
};

DatabaseOptions options_of(Impatience impatience) {
  DatabaseOptions options;
  options.route.timeout = seconds(1'000'000);  // clients are patient
  if (impatience != Impatience::kNone) {
    options.lock_timeout = seconds(kPatience) + milliseconds(500);
  }
  options.failed_statement_aborts = impatience != Impatience::kEndsStatement;
  return options;
}

Subject row_of(int row) { return Subject('a', static_cast<std::uint32_t>(row) + 1); }

struct Part : Bench {
  explicit Part(Impatience impatience) : Bench({.database = options_of(impatience)}) {
    for (int row = 0; row < kRows; ++row) {
      accounts.seed(Account{row_of(row), 1});
    }
  }
  ~Part() override {
    for (Session& session : sessions) {
      session.transaction.reset();
    }
    world.shut_down();
  }
  // Each session belongs to an activity of its own, which tells it what to do.
  struct Session {
    std::optional<Transaction> transaction;
    bool waiting = false;
    Activity* holder = nullptr;
  };
  Mailbox silence{client};
  Session sessions[kSessions];
};

Task<> live(Context context, Part* part, int who) {
  part->sessions[who].transaction.emplace(part->database, context);
  auto nothing = part->silence.receive(context);
  co_await nothing;
}

void open(Part& part, int who) {
  if (part.sessions[who].transaction) {
    return;
  }
  const Invocation invocation{.role = part.client.role(),
                              .scope = "session",
                              .trigger = {},
                              .subject = Subject('s', static_cast<std::uint32_t>(who) + 1),
                              .attempt = part.world.next_attempt(static_cast<unsigned>(who))};
  part.sessions[who].holder = &part.client.start(
      invocation, 0, [&part, who](Context context) { return live(context, &part, who); });
  part.world.scheduler().settle();
}

Task<> lock(Context, Part* part, int who, int row) {
  Part::Session& session = part->sessions[who];
  session.waiting = true;
  auto lock = session.transaction->lock(part->accounts, key_of(row_of(row)));
  co_await lock;
  session.waiting = false;
}

void compare(const Model& model, const Part& part) {
  for (int who = 0; who < kSessions; ++who) {
    const Part::Session& session = part.sessions[who];
    RC_ASSERT(session.transaction.has_value() == model.open[who]);
    RC_ASSERT(session.waiting == model.waits[who].has_value());
    if (session.transaction) {
      RC_ASSERT(session.transaction->failed() == model.failed[who]);
    }
  }
}

using Command = Act<Model, Part>;

int any_session() { return *rc::gen::inRange(0, kSessions); }

struct Lock : Command {
  int who = any_session();
  int row = *rc::gen::inRange(0, kRows);
  void checkPreconditions(const Model& model) const override {
    RC_PRE(!model.waits[who] && !model.failed[who]);
  }
  void apply(Model& model) const override {
    model.lock(who, row);
    model.pass();
  }
  void run(const Model& before, Part& part) const override {
    open(part, who);
    part.begin([&](Context context) { return lock(context, &part, who, row); });
    part.tick();
    Model after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override {
    return std::to_string(who) + " locks " + std::to_string(row);
  }
};

// It gives up its transaction, whatever it is at.
struct Close : Command {
  int who = any_session();
  void checkPreconditions(const Model& model) const override {
    RC_PRE(model.open[who] && !model.waits[who]);
  }
  void apply(Model& model) const override {
    model.close(who);
    model.pass();
  }
  void run(const Model& before, Part& part) const override {
    Part::Session& session = part.sessions[who];
    session.transaction.reset();
    part.client.retire(*std::exchange(session.holder, nullptr));
    part.tick();
    Model after = before;
    apply(after);
    compare(after, part);
  }
  std::string name() const override { return std::to_string(who) + " lets go"; }
};

void check(Impatience impatience) {
  Part part(impatience);
  part.tick();
  Model model;
  model.impatience = impatience;
  rc::state::check(model, part, rc::state::gen::execOneOfWithArgs<Lock, Lock, Lock, Close>());
}

RC_GTEST_PROP(RowLockModel, ALockIsAHolderAndAQueueAndWhoClosesACircleIsRolledBack, ()) {
  check(Impatience::kNone);
}

RC_GTEST_PROP(RowLockModel, AWaitThatIsTooLongEndsTheTransactionAsInPostgreSql, ()) {
  check(Impatience::kEndsTransaction);
}

RC_GTEST_PROP(RowLockModel, AWaitThatIsTooLongEndsTheStatementAloneAsInInnoDb, ()) {
  check(Impatience::kEndsStatement);
}

}  // namespace
}  // namespace sagasim::sim::models
