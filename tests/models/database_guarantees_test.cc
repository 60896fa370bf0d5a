// What the database never does, whatever goes wrong: at each level of isolation what that level
// promises, and no less. What clients were told is compared with what is there in the end.
#include <gtest/gtest.h>

#include <array>

#include "tests/models/storm.h"

namespace sagasim::sim::models {
namespace {

using faults::Kind;
using toy::Account;
using toy::Toy;

constexpr std::uint32_t kPurses = 3;
constexpr std::int64_t kEach = 100;
constexpr std::uint32_t kTransactions = 40;

// Rows that one statement can read together.
struct Purse {
  std::int64_t number = 0;
  std::int64_t amount = 0;
  RowKey key() const { return RowKey{1, static_cast<std::uint64_t>(number)}; }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("amount", self.amount);
  }
};
using Purses = Choice<Purse>;

RowKey key_of_purse(std::int64_t number) { return Purse{number, 0}.key(); }
void add(Purse& purse, std::int64_t by) { purse.amount += by; }

const char* const kLevels[] = {"read committed", "snapshot", "serializable", "consistent reads"};

toy::ToyOptions banking_options(std::uint64_t seed) {
  toy::ToyOptions options = options_of(seed);
  const std::uint64_t draw = mix(seed);
  options.database.isolation = static_cast<Isolation>(draw % 4);
  options.database.lock_timeout = milliseconds(static_cast<std::int64_t>(draw / 4 % 2) * 50);
  options.database.victim = static_cast<DeadlockVictim>(draw / 8 % 3);
  return options;
}

struct Banking : Storm {
  explicit Banking(const Case& drawn)
      : Storm(drawn, banking_options(drawn.seed)), purses(database.add_table<Purse>("purse")) {
    world.add_observer(chronicle);
    for (std::uint32_t number = 1; number <= kPurses; ++number) {
      const Purse purse{number, kEach};
      purses.seed(purse);
      chronicle.rows[{purses.name().hash(), purse.key().hash()}] = digest_of(purse);
      chronicle.ever.insert({{purses.name().hash(), purse.key().hash()}, digest_of(purse)});
    }
  }
  // The row was committed at some time by now.
  void check_committed(const Purse& purse) {
    dirty = dirty || !chronicle.ever.contains(
                         {{purses.name().hash(), purse.key().hash()}, digest_of(purse)});
  }

  Table<Purse>& purses;
  Chronicle chronicle;
  std::map<std::uint64_t, Outcome> told;  // of commits that were sent, by who sent it
  std::set<std::uint64_t> sent;
  bool dirty = false;
  bool half = false;
  std::map<std::string, std::uint64_t> audits;
};

Task<> commit(Banking* storm, Transaction* transaction, Context context) {
  const std::uint64_t me = context.invocation().subject.bits();
  storm->sent.insert(me);
  auto commit = transaction->commit();
  storm->told[me] = co_await commit;
}

// Moves one from a purse to the next, and writes down that it did, in one transaction. It locks
// what it is about to write, or relies on the level to notice what it has overlooked.
Task<> transfer(Banking* storm, Context context) {
  const Subject me = context.invocation().subject;
  const std::int64_t from = 1 + me.major() % kPurses;
  const std::int64_t to = 1 + (me.major() + 1) % kPurses;
  Transaction transaction(storm->database, context);
  const Isolation level = storm->database.options().isolation;
  const bool first_updater_wins =
      level == Isolation::kSnapshot || level == Isolation::kSerializable;
  if (me.major() % 2 == 0) {  // at once, where it is
    auto less = transaction.update_now(storm->purses, Purses::one(key_of_purse(from)), add, -1);
    const std::uint32_t taken = co_await less;
    auto more = transaction.update_now(storm->purses, Purses::one(key_of_purse(to)), add, 1);
    const std::uint32_t given = co_await more;
    if (taken + given != 2) {
      co_return;
    }
  } else if (first_updater_wins) {
    auto debit = transaction.read(storm->purses, key_of_purse(from));
    const auto debited = co_await debit;
    auto credit = transaction.read(storm->purses, key_of_purse(to));
    const auto credited = co_await credit;
    if (!debited || !credited) {
      co_return;
    }
    transaction.update(storm->purses, Purse{from, debited->amount - 1});
    transaction.update(storm->purses, Purse{to, credited->amount + 1});
  } else {
    auto debit = transaction.lock(storm->purses, key_of_purse(from));
    const auto debited = co_await debit;
    auto credit = transaction.lock(storm->purses, key_of_purse(to));
    const auto credited = co_await credit;
    if (!debited || !credited) {
      co_return;
    }
    transaction.update(storm->purses, Purse{from, debited->amount - 1});
    transaction.update(storm->purses, Purse{to, credited->amount + 1});
  }
  transaction.insert(storm->accounts, Account{me, 1});
  auto end = commit(storm, &transaction, context);
  co_await std::move(end);
}

// Adds up all purses: in one statement, in several, or with each locked. What that has to give, the
// level says.
Task<> audit(Banking* storm, Context context) {
  const std::uint32_t way = context.invocation().subject.major() / 4 % 3;
  Transaction transaction(storm->database, context);
  std::vector<Purse> seen;
  if (way == 0) {
    auto find = transaction.find_all(storm->purses, 1);
    seen = co_await find;
  } else {
    for (std::uint32_t number = 1; number <= kPurses; ++number) {
      std::optional<Purse> purse;
      if (way == 1) {
        auto read = transaction.read(storm->purses, key_of_purse(number));
        purse = co_await read;
      } else {
        auto lock = transaction.lock(storm->purses, key_of_purse(number));
        purse = co_await lock;
      }
      if (purse) {
        seen.push_back(*purse);
      }
    }
  }
  std::int64_t sum = 0;
  for (const Purse& purse : seen) {
    storm->check_committed(purse);
    sum += purse.amount;
  }
  const bool at_one_instant =
      way != 1 || storm->database.options().isolation != Isolation::kReadCommitted;
  if (transaction.failed() || seen.size() < kPurses) {
    co_return;
  }
  storm->half = storm->half || (at_one_instant && sum != kEach * kPurses);
  const char* const kWays[] = {"audits at once", "audits one by one", "audits with locks"};
  ++storm->audits[kWays[way]];
  storm->audits["halves where they are allowed"] +=
      !at_one_instant && sum != kEach * kPurses ? 1 : 0;
}

Task<> transfer_or_audit(Toy* toy, Context context) {
  auto* storm = static_cast<Banking*>(toy);
  if (context.invocation().subject.major() % 4 == 0) {
    auto work = audit(storm, context);
    co_await std::move(work);
  } else {
    auto work = transfer(storm, context);
    co_await std::move(work);
  }
}

std::string compare_rows(const Banking& storm) {
  const Chronicle& chronicle = storm.chronicle;
  std::size_t there = 0;
  bool same = true;
  for (const auto& table : storm.database.tables()) {
    table->for_each([&](const Entry& entry) {
      const auto known = chronicle.rows.find({table->name().hash(), entry.key.hash()});
      same = same && known != chronicle.rows.end() && known->second == entry.digest;
      ++there;
    });
  }
  for (const auto& [place, digest] : chronicle.rows) {
    there -= digest != 0 ? 1 : 0;
  }
  return same && there == 0 ? "" : "the rows are not those that were committed last";
}

// What clients were told of their commits against the receipts that are there. An outcome that
// nobody was told, as its client died or the answer was lost, may be either, and no other may.
std::string compare_receipts(const Banking& storm, Evidence& evidence) {
  for (std::uint32_t i = 1; i <= kTransactions; ++i) {
    const Subject me('t', i);
    const bool there = storm.amount(me) == 1;
    const bool was_sent = storm.sent.contains(me.bits());
    const auto told = storm.told.find(me.bits());
    const bool known = told != storm.told.end() && told->second != Outcome::kUnknown;
    if (there && !was_sent) {
      return "a transaction stands that was never committed";
    }
    if (known && there != (told->second == Outcome::kOk)) {
      return there ? "a transaction stands that was aborted" : "a committed transaction is gone";
    }
    if (was_sent) {
      evidence.saw(!known  ? there ? "unknown and there" : "unknown and not there"
                   : there ? "committed"
                           : "aborted");
    }
  }
  return "";
}

std::string judge_bank(const Case& drawn, Evidence& evidence, void (*sabotage)(Banking&)) {
  Banking storm(drawn);
  sabotage(storm);
  if (!storm.rage(transfer_or_audit, kTransactions)) {
    return "it does not come to rest";
  }
  storm.tell(evidence);
  if (!storm.database.at_rest()) {
    return "a lock is still held";
  }
  if (storm.dirty) {
    return "a row was seen that was never committed";
  }
  if (storm.half) {
    return "half of a transaction was seen";
  }
  std::int64_t sum = 0;
  storm.purses.for_each(
      [&](const Entry& entry) { sum += static_cast<const Purse*>(entry.row())->amount; });
  if (sum != kEach * kPurses) {
    return "an update is lost";
  }
  std::string broken = compare_rows(storm);
  if (broken.empty()) {
    broken = compare_receipts(storm, evidence);
  }
  evidence.saw(kLevels[static_cast<unsigned>(storm.database.options().isolation)]);
  for (const auto& [what, times] : storm.audits) {
    evidence.saw(what, times);
  }
  return broken;
}

void nothing(Banking&) {}

TEST(PartGuarantees, TheDatabaseLosesNoCommittedRowAndShowsNoHalfOfATransaction) {
  holds([](const Case& drawn, Evidence& evidence) { return judge_bank(drawn, evidence, &nothing); },
        {"read committed", "snapshot", "serializable", "consistent reads", "committed", "aborted",
         "unknown and there", "unknown and not there", "audits at once", "audits one by one",
         "audits with locks"},
        {Kind::kDrop, Kind::kDelay, Kind::kFail, Kind::kReplyLost, Kind::kNotDone, Kind::kLate,
         Kind::kCrashBefore, Kind::kCrashUnseen, Kind::kReceiverCrashBefore,
         Kind::kReceiverCrashUnseen, Kind::kReceiverCrashSeen, Kind::kPause, Kind::kPartition,
         Kind::kCrashLoop, Kind::kPowerCut});
}

// A replica that lacks the latest commits takes over.
void fail_over(Banking& storm) {
  storm.store.intervene({Intervention::Kind::kKeepHistory, "", {}, 1});
  storm.now_and_then("failover", 3, [&storm](std::uint64_t i) {
    storm.store.crash(seconds(1), i);
    storm.store.intervene({Intervention::Kind::kRestore, "", seconds(5), i});
  });
}

TEST(PartGuaranteesCanary, AFailoverToAReplicaThatLagsLosesCommittedRows) {
  finds_fault([](const Case& drawn, Evidence& evidence) {
    return judge_bank(drawn, evidence, &fail_over);
  });
}

// --- two who go off duty ---

// Everybody may go off duty who sees another one on duty. One statement sees one instant, and so
// does a transaction; that the two of them do not overlook each other, one level alone promises.
struct Duty : Storm {
  static toy::ToyOptions with(std::uint64_t seed, Isolation isolation) {
    toy::ToyOptions options = options_of(seed);
    options.database.isolation = isolation;
    return options;
  }
  Duty(const Case& drawn, Isolation isolation) : Storm(drawn, with(drawn.seed, isolation)) {
    accounts.seed(Account{Subject('d', 1), 1});
    accounts.seed(Account{Subject('d', 2), 1});
  }
  bool on_duty(std::uint32_t who) const { return amount(Subject('d', who)) == 1; }
  std::uint64_t went = 0;
  std::uint64_t refused = 0;
};

class NobodyThere final : public Observer {
 public:
  explicit NobodyThere(const Duty& duty) : duty_(duty) {}
  void on_commit(const Commit&) override {
    deserted = deserted || (!duty_.on_duty(1) && !duty_.on_duty(2));
  }
  bool deserted = false;

 private:
  const Duty& duty_;
};

Task<> come_and_go(Toy* toy, Context context) {
  auto* duty = static_cast<Duty*>(toy);
  const std::uint32_t me = 1 + context.invocation().subject.major() % 2;
  for (int i = 0; i < 4; ++i) {
    Transaction transaction(toy->database, context);
    auto mine = transaction.read(toy->accounts, key_of(Subject('d', me)));
    const auto own = co_await mine;
    auto others = transaction.read(toy->accounts, key_of(Subject('d', 3 - me)));
    const auto other = co_await others;
    if (!own || !other) {
      continue;
    }
    const bool goes = own->amount == 1 && other->amount == 1;
    transaction.update(toy->accounts, Account{Subject('d', me), goes ? 0 : 1});
    auto commit = transaction.commit();
    const Outcome outcome = co_await commit;
    duty->went += goes && outcome == Outcome::kOk ? 1 : 0;
    duty->refused += outcome == Outcome::kAborted ? 1 : 0;
  }
}

std::string judge_duty(const Case& drawn, Evidence& evidence, Isolation isolation) {
  Duty duty(drawn, isolation);
  NobodyThere nobody(duty);
  duty.world.add_observer(nobody);
  // In pairs, so that they meet.
  duty.now_and_then("meeting", 8, [&duty](std::uint64_t i) {
    duty.let_work(come_and_go, Subject('m', static_cast<std::uint32_t>(2 * i)));
    duty.let_work(come_and_go, Subject('m', static_cast<std::uint32_t>(2 * i + 1)));
  });
  if (!duty.rage(come_and_go, 8)) {
    return "it does not come to rest";
  }
  duty.tell(evidence);
  evidence.saw("went off duty", duty.went);
  evidence.saw("turned away", duty.refused);
  return nobody.deserted ? "both went off duty" : "";
}

TEST(PartGuarantees, ASerializableDatabaseLetsNoTwoTransactionsOverlookEachOther) {
  holds([](const Case& drawn,
           Evidence& evidence) { return judge_duty(drawn, evidence, Isolation::kSerializable); },
        {"went off duty", "turned away"},
        {Kind::kDrop, Kind::kDelay, Kind::kReplyLost, Kind::kLate, Kind::kReceiverCrashUnseen});
}

TEST(PartGuaranteesCanary, ASnapshotLetsTwoTransactionsOverlookEachOther) {
  for (const Isolation isolation :
       {Isolation::kReadCommitted, Isolation::kSnapshot, Isolation::kConsistentReads}) {
    finds_fault([isolation](const Case& drawn, Evidence& evidence) {
      return judge_duty(drawn, evidence, isolation);
    });
  }
}

}  // namespace
}  // namespace sagasim::sim::models
