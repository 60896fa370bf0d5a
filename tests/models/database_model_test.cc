// The database against a model of it: a map, and for each open transaction what it has written.
#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "tests/models/bench.h"

namespace sagasim::sim::models {
namespace {

using toy::Account;

constexpr int kSessions = 3;
constexpr int kKeys = 3;
constexpr int kUniverses = 4;

using Rows = std::map<int, std::int64_t>;
using Versions = std::map<int, int>;  // by key: how often it had been changed by then

// Some transactions of one isolation level. Whoever writes a key holds it until the end; the
// sequences below never let anybody wait, so that there is one thing that can happen. What happens
// when somebody waits is in row_lock_model_test.cc.
struct Model {
  struct Session {
    bool open = false;
    bool failed = false;
    std::optional<Rows> snapshot;
    std::map<int, std::optional<std::int64_t>> writes;  // nothing: erased
    Versions reads;
    int began = 0;  // with its snapshot: how many were committed by then
  };
  // A serializable one that was committed: which versions it has seen, and which it has written.
  struct Past {
    Versions reads;
    Versions writes;
    bool overlooked = false;  // something that was committed before it
  };
  Isolation isolation = Isolation::kReadCommitted;
  Rows rows;
  Versions changes;
  Versions changes_at_snapshot[kSessions];
  Session sessions[kSessions];
  std::vector<Past> past;

  bool sees_one_instant() const { return isolation != Isolation::kReadCommitted; }
  bool is_held_by_another(int who, int key) const {
    return std::any_of(std::begin(sessions), std::end(sessions), [&](const Session& other) {
      return &other != &sessions[who] && !other.failed && other.writes.contains(key);
    });
  }
  void begin(int who, bool plain_read) {
    Session& session = sessions[who];
    session.open = true;
    const bool sees = plain_read || isolation != Isolation::kConsistentReads;
    if (sees_one_instant() && sees && !session.snapshot) {
      session.snapshot = rows;
      session.began = static_cast<int>(past.size());
      changes_at_snapshot[who] = changes;
    }
  }
  // What a write looks for: InnoDB's acts on what is there now.
  bool finds(int who, int key) const {
    const auto& writes = sessions[who].writes;
    if (isolation == Isolation::kConsistentReads && !writes.contains(key)) {
      return rows.contains(key);
    }
    return read(who, key).has_value();
  }
  static int version_in(const Versions& versions, int key) {
    const auto found = versions.find(key);
    return found == versions.end() ? 0 : found->second;
  }
  // What a plain read or a search does, before it is known what it finds.
  void look(int who, int key) {
    sessions[who].reads.insert({key, version_in(changes_at_snapshot[who], key)});
  }
  static bool meet(const Versions& reads, const Versions& writes) {
    return std::any_of(writes.begin(), writes.end(),
                       [&](const auto& written) { return reads.contains(written.first); });
  }
  Versions written(int who) const {
    Versions versions;
    for (const auto& [key, value] : sessions[who].writes) {
      versions[key] = version_in(changes, key) + 1;
    }
    return versions;
  }
  // Whether the one has written what the other saw or wrote over, or has seen what that wrote over.
  static bool goes_before(const Past& one, const Past& other) {
    const auto is_later = [](const Versions& versions, int key, int than) {
      const auto found = versions.find(key);
      return found != versions.end() && found->second >= than;
    };
    return std::any_of(one.writes.begin(), one.writes.end(),
                       [&](const auto& written) {
                         const auto& [key, version] = written;
                         return is_later(other.reads, key, version) ||
                                is_later(other.writes, key, version + 1);
                       }) ||
           std::any_of(one.reads.begin(), one.reads.end(), [&](const auto& read) {
             return is_later(other.writes, read.first, read.second + 1);
           });
  }
  // Whether all that were committed could have been one after the other.
  bool has_an_order() const {
    std::vector<const Past*> left;
    for (const Past& each : past) {
      left.push_back(&each);
    }
    const auto is_first = [&](const Past* one) {
      return std::none_of(left.begin(), left.end(), [&](const Past* other) {
        return other != one && goes_before(*other, *one);
      });
    };
    for (;;) {
      const auto first = std::find_if(left.begin(), left.end(), is_first);
      if (first == left.end()) {
        return left.empty();
      }
      left.erase(first);
    }
  }
  // Whether it has read what somebody beside it has since written and committed.
  bool overlooks(int who) const {
    return std::any_of(past.begin() + sessions[who].began, past.end(),
                       [&](const Past& other) { return meet(sessions[who].reads, other.writes); });
  }
  // A serializable one is turned away in the middle of two of which the one has read what it
  // writes, and the other has written what it has read and was committed; or before such a middle
  // that is committed already.
  bool is_turned_away(int who) const {
    const Session& me = sessions[who];
    if (isolation != Isolation::kSerializable || !me.snapshot) {
      return false;
    }
    const Versions writes = written(who);
    bool is_read = std::any_of(std::begin(sessions), std::end(sessions), [&](const Session& other) {
      return &other != &me && other.snapshot && meet(other.reads, writes);
    });
    for (auto other = past.begin() + me.began; other != past.end(); ++other) {
      is_read = is_read || meet(other->reads, writes);
      if (other->overlooked && meet(me.reads, other->writes)) {
        return true;
      }
    }
    return is_read && overlooks(who);
  }
  std::optional<std::int64_t> read(int who, int key) const {
    const Session& session = sessions[who];
    if (session.writes.contains(key)) {
      return session.writes.at(key);
    }
    const Rows& from = session.snapshot ? *session.snapshot : rows;
    const auto found = from.find(key);
    return found == from.end() ? std::nullopt : std::optional(found->second);
  }
  // Whether somebody has changed the key since the snapshot, before it was written.
  bool too_late(int who, int key) const {
    if (!sessions[who].snapshot || sessions[who].writes.contains(key) ||
        isolation == Isolation::kConsistentReads) {
      return false;
    }
    return version_in(changes, key) != version_in(changes_at_snapshot[who], key);
  }
};

struct Part : Bench {
  explicit Part(Isolation with) : isolation(with) {}
  ~Part() override {
    for (auto& transaction : transactions) {
      transaction.reset();
    }
    world.shut_down();
  }
  const Isolation isolation;
  Mailbox silence[kSessions] = {Mailbox(client), Mailbox(client), Mailbox(client)};
  // Held between commands by an activity that does nothing else.
  std::optional<Transaction> transactions[kSessions];
  Activity* holders[kSessions] = {};
  void close(int who) {
    transactions[who].reset();
    if (holders[who] != nullptr) {
      client.retire(*std::exchange(holders[who], nullptr));
    }
  }
  std::optional<Account> found;
  std::uint32_t written = 0;
  Outcome outcome = Outcome::kUnknown;
};

using Command = Act<Model, Part>;

Subject subject_of(int key) { return Subject('a', static_cast<std::uint32_t>(key) + 1); }
Choice<Account> choice_of(int key) { return Choice<Account>::one(key_of(subject_of(key))); }
void set_amount(Account& account, std::int64_t amount) { account.amount = amount; }
int any_session() { return *rc::gen::inRange(0, kSessions); }
int any_key() { return *rc::gen::inRange(0, kKeys); }

// Waits for what never comes, and schedules nothing.
Task<> hold(Context context, Mailbox* silence) {
  auto next = silence->receive(context);
  co_await next;
}

Transaction& transaction_of(Part& part, int who) {
  auto& transaction = part.transactions[who];
  if (!transaction) {
    const Invocation invocation{.role = part.client.role(),
                                .scope = "session",
                                .trigger = {},
                                .subject = Subject('s', static_cast<std::uint32_t>(who) + 1),
                                .attempt = part.world.next_attempt(static_cast<unsigned>(who))};
    Mailbox* silence = &part.silence[who];
    Activity& activity =
        part.client.start(invocation, 0, [silence](Context own) { return hold(own, silence); });
    part.world.scheduler().settle();
    part.holders[who] = &activity;
    transaction.emplace(part.database, Context(activity), part.isolation);
  }
  return *transaction;
}

Task<> read(Context, Part* part, Transaction* transaction, int key) {
  auto read = transaction->read(part->accounts, key_of(subject_of(key)));
  part->found = co_await read;
}
Task<> insert(Context, Part* part, Transaction* transaction, int key, std::int64_t value) {
  const Account account{subject_of(key), value};
  auto insert = transaction->insert_now(part->accounts, account);
  part->written = co_await insert;
}
Task<> update(Context, Part* part, Transaction* transaction, int key, std::int64_t value) {
  auto update = transaction->update_now(part->accounts, choice_of(key), set_amount, value);
  part->written = co_await update;
}
Task<> erase(Context, Part* part, Transaction* transaction, int key) {
  auto erase = transaction->erase_now(part->accounts, choice_of(key));
  part->written = co_await erase;
}
Task<> commit(Context, Part* part, Transaction* transaction) {
  auto commit = transaction->commit();
  part->outcome = co_await commit;
}

struct Read : Command {
  int who = any_session();
  int key = any_key();
  void checkPreconditions(const Model& model) const override {
    RC_PRE(!model.sessions[who].failed);
  }
  void apply(Model& model) const override {
    model.begin(who, true);
    model.look(who, key);
  }
  void run(const Model& before, Part& part) const override {
    Model model = before;
    apply(model);
    Transaction& transaction = transaction_of(part, who);
    part.perform([&](Context context) { return read(context, &part, &transaction, key); });
    const auto expected = model.read(who, key);
    RC_ASSERT(part.found.has_value() == expected.has_value());
    if (expected) {
      RC_ASSERT(part.found->amount == *expected);
    }
  }
  std::string name() const override {
    return "t" + std::to_string(who) + " reads " + std::to_string(key);
  }
};

// An insert, an update or an erasure.
struct Change : Command {
  int who = any_session();
  int key = any_key();
  int what = *rc::gen::inRange(0, 3);
  std::int64_t value = *rc::gen::inRange(0, 1'000);

  void checkPreconditions(const Model& model) const override {
    RC_PRE(!model.sessions[who].failed);
    RC_PRE(!model.is_held_by_another(who, key));
  }
  enum class Result { kWritten, kNothing, kFailed };
  Result result(const Model& model) const {
    const auto& writes = model.sessions[who].writes;
    const bool there = writes.contains(key) ? writes.at(key).has_value() : model.rows.contains(key);
    if (what == 0) {
      return there ? Result::kFailed : Result::kWritten;
    }
    if (!model.finds(who, key)) {
      return Result::kNothing;
    }
    if (model.too_late(who, key)) {
      return Result::kFailed;
    }
    return there ? Result::kWritten : Result::kNothing;
  }
  void apply(Model& model) const override {
    model.begin(who, false);
    if (what != 0) {
      model.look(who, key);
    }
    const Result outcome = result(model);
    if (outcome == Result::kFailed) {
      model.sessions[who].failed = true;
    } else if (outcome == Result::kWritten) {
      model.sessions[who].writes[key] = what == 2 ? std::nullopt : std::optional(value);
    }
  }
  void run(const Model& before, Part& part) const override {
    Model model = before;
    model.begin(who, false);
    Transaction& transaction = transaction_of(part, who);
    part.perform([&](Context context) {
      return what == 0   ? insert(context, &part, &transaction, key, value)
             : what == 1 ? update(context, &part, &transaction, key, value)
                         : erase(context, &part, &transaction, key);
    });
    const Result outcome = result(model);
    RC_ASSERT(transaction.failed() == (outcome == Result::kFailed));
    RC_ASSERT(part.written == (outcome == Result::kWritten ? 1u : 0u));
  }
  std::string name() const override {
    const char* const kWords[] = {" inserts ", " updates ", " erases "};
    return "t" + std::to_string(who) + kWords[what] + std::to_string(key);
  }
};

struct Update : Change {
  Update() { what = 1; }
};

struct Commit : Command {
  int who = any_session();
  void checkPreconditions(const Model& model) const override { RC_PRE(model.sessions[who].open); }
  bool succeeds(const Model& model) const {
    return !model.sessions[who].failed && !model.is_turned_away(who);
  }
  void apply(Model& model) const override {
    Model::Session& session = model.sessions[who];
    if (succeeds(model)) {
      if (model.isolation == Isolation::kSerializable && session.snapshot) {
        model.past.push_back({session.reads, model.written(who), model.overlooks(who)});
      }
      for (const auto& [key, value] : session.writes) {
        const bool was_there = model.rows.contains(key);
        if (value) {
          model.rows[key] = *value;
        } else {
          model.rows.erase(key);
        }
        model.changes[key] += was_there || value ? 1 : 0;
      }
    }
    session = {};
  }
  void run(const Model& model, Part& part) const override {
    Transaction& transaction = transaction_of(part, who);
    part.perform([&](Context context) { return commit(context, &part, &transaction); });
    RC_ASSERT(part.outcome == (succeeds(model) ? Outcome::kOk : Outcome::kAborted));
    part.close(who);
    Model after = model;
    apply(after);
    RC_ASSERT(part.accounts.rows() == after.rows.size());
    for (const auto& [key, value] : after.rows) {
      const Account* account = part.accounts.peek(key_of(subject_of(key)));
      RC_ASSERT(account != nullptr && account->amount == value);
    }
  }
  std::string name() const override { return "t" + std::to_string(who) + " commits"; }
};

// What stands then could have been done by one after the other.
struct CommitInOrder : Commit {
  void run(const Model& model, Part& part) const override {
    Commit::run(model, part);
    Model after = model;
    apply(after);
    RC_ASSERT(after.has_an_order());
  }
};

struct Abort : Command {
  int who = any_session();
  void checkPreconditions(const Model& model) const override { RC_PRE(model.sessions[who].open); }
  void apply(Model& model) const override { model.sessions[who] = {}; }
  void run(const Model&, Part& part) const override {
    part.close(who);
    part.wait(seconds(1));  // the server notices
  }
  std::string name() const override { return "t" + std::to_string(who) + " aborts"; }
};

// The server dies and is back: what was committed is there, and nothing else.
struct Crash : Command {
  void apply(Model& model) const override {
    for (Model::Session& session : model.sessions) {
      session.failed = session.failed || session.open;
      session.writes.clear();
    }
  }
  void run(const Model&, Part& part) const override {
    part.store.crash(seconds(1), 1);
    part.wait(seconds(2));
  }
  std::string name() const override { return "the server crashes"; }
};

// Rows to begin with.
Model fill(Part& part) {
  Model model;
  model.isolation = part.isolation;
  for (int key = 0; key < kKeys - 1; ++key) {
    model.rows[key] = 1;
    part.accounts.seed(Account{subject_of(key), 1});
  }
  return model;
}

void check(Isolation isolation) {
  Part part(isolation);
  const Model model = fill(part);
  rc::state::check(
      model, part,
      rc::state::gen::execOneOfWithArgs<Read, Read, Read, Read, Change, Change, Change, Change,
                                        Commit, Commit, Commit, Abort, Crash>());
}

RC_GTEST_PROP(DatabaseModel, ReadCommittedIsAMapAndWhatEachHasWritten, ()) {
  check(Isolation::kReadCommitted);
}

RC_GTEST_PROP(DatabaseModel, ASnapshotIsACopyOfTheMapAndTheFirstUpdaterWins, ()) {
  check(Isolation::kSnapshot);
}

RC_GTEST_PROP(DatabaseModel, ASerializableOneIsTurnedAwayBetweenTwoThatOverlookEachOther, ()) {
  check(Isolation::kSerializable);
}

// Two at a time over two rows, each of which a transaction looks at or writes once: so circles of
// three come up, of which the third is the next of one of the two.
template <class Any>
struct Close : Any {
  Close() {
    this->who = *rc::gen::inRange(0, 2);
    if constexpr (requires { this->key; }) {
      this->key = *rc::gen::inRange(0, 2);
    }
  }
  void checkPreconditions(const Model& model) const override {
    Any::checkPreconditions(model);
    const Model::Session& session = model.sessions[this->who];
    if constexpr (requires { this->key; }) {
      RC_PRE(!session.reads.contains(this->key));
    } else {
      RC_PRE(session.failed || !session.writes.empty() || session.reads.size() == 2);
    }
  }
};

RC_GTEST_PROP(DatabaseModel, SerializableOnesCouldHaveBeenOneAfterTheOther, ()) {
  const auto any =
      rc::state::gen::execOneOfWithArgs<Close<Read>, Close<Update>, Close<CommitInOrder>>();
  for (int universe = 0; universe < kUniverses; ++universe) {
    Part part(Isolation::kSerializable);
    const Model model = fill(part);
    // Long ones all, as a short one proves nothing.
    const auto commands = *rc::gen::resize(rc::kNominalSize, rc::state::gen::commands(model, any));
    rc::state::runAll(commands, model, part);
  }
}

RC_GTEST_PROP(DatabaseModel, AConsistentReadIsOfACopyAndAWriteOfTheMap, ()) {
  check(Isolation::kConsistentReads);
}

}  // namespace
}  // namespace sagasim::sim::models
