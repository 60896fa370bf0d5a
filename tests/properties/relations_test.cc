// What two runs of nearly the same workload have in common. Nobody contends here: there is enough
// of everything, and no two orders share a coupon; then what comes of an order does not depend on
// when its messages arrive, on how often, or on who else is there. Compared are the books in the
// end: every row of every service but those that are bookkeeping, without times.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "domain/commands.h"
#include "scenarios/library.h"
#include "scenarios/plan_json.h"
#include "scenarios/shop_system.h"
#include "scenarios/shop_vocabulary.h"
#include "sim/hash.h"

namespace sagasim {
namespace {

using domain::Command;
using domain::CommandKind;
using domain::Workload;
using sim::Subject;
using Settings = std::vector<std::string>;
using Books = std::map<std::string, std::string>;  // by "balance/balances/u1"

constexpr std::uint64_t kSeeds = 12;

// --- workloads ---

// As many draws as wanted, from one seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint32_t below(std::uint32_t bound) {
    state_ = sim::combine(state_, ++drawn_);
    return static_cast<std::uint32_t>(state_ % bound);
  }

 private:
  std::uint64_t state_;
  std::uint64_t drawn_ = 0;
};

Command create(Subject name, std::uint32_t product, std::uint32_t quantity, std::int64_t at_ms) {
  Command command;
  command.name = name;
  command.user = Subject('u', name.major());
  command.at = sim::kStart + sim::milliseconds(at_ms);
  command.lines.push_back({Subject('p', product), quantity});
  return command;
}

Command charge(Subject name, std::int64_t amount, std::int64_t at_ms) {
  Command command;
  command.name = name;
  command.kind = CommandKind::kCharge;
  command.user = Subject('u', name.major());
  command.at = sim::kStart + sim::milliseconds(at_ms);
  command.amount = amount;
  return command;
}

// Three customers with three products and a coupon for each order. Amounts are such that a tenth
// off is exact, whatever they are multiplied by.
Workload roomy() {
  Workload workload;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    workload.users.push_back({Subject('u', i), 500'000});
    workload.products.push_back({Subject('p', i), 1'000 * i, 100});
    for (std::uint32_t j = 0; j < 3; ++j) {
      const Subject coupon('k', 3 * (i - 1) + j + 1);
      workload.coupons.push_back({coupon, Subject('u', i), 1'000 * (j + 1), sim::kNever});
    }
  }
  return workload;
}

// Up to three orders and a charge of each customer.
Workload roomy(std::uint64_t seed) {
  Workload workload = roomy();
  Dice dice(seed);
  for (std::uint32_t customer = 1; customer <= 3; ++customer) {
    const std::uint32_t orders = 1 + dice.below(3);
    std::uint32_t number = 0;
    for (std::uint32_t i = 0; i < orders; ++i) {
      const std::uint32_t product = 1 + dice.below(3);
      const std::uint32_t quantity = 1 + dice.below(3);
      Command order = create(Subject('c', customer, ++number), product, quantity, dice.below(3000));
      order.lines.push_back({Subject('p', 1 + dice.below(3)), 1});
      if (dice.below(2) == 0) {
        order.coupon = Subject('k', 3 * (customer - 1) + i + 1);
      }
      workload.commands.push_back(order);
    }
    workload.commands.push_back(
        charge(Subject('c', customer, ++number), 1'000 * (1 + dice.below(20)), dice.below(3000)));
  }
  return workload;
}

// --- runs ---

scenarios::Scenario scenario(const Settings& settings = {}) {
  Settings all = {"faults.profile=calm", "environment.decline_percent=30"};
  all.insert(all.end(), settings.begin(), settings.end());
  return scenarios::load("patient", all);
}

faults::Plan plan_of(const std::string& text) {
  const scenarios::Document document(text, "plan");
  return scenarios::read_plan(document, document.root(), scenarios::shop_vocabulary());
}

std::string text_of(const sim::Fact::Value& value) {
  if (const bool* truth = std::get_if<bool>(&value)) return *truth ? "yes" : "no";
  if (const std::int64_t* number = std::get_if<std::int64_t>(&value))
    return std::to_string(*number);
  if (const std::string* text = std::get_if<std::string>(&value)) return *text;
  return "";  // nothing, or a time
}

// What customers had to do for it and what is on its way is no book.
bool is_kept(const sim::ItemList& list) {
  return !list.technical && list.part != "customers" && list.part != "broker" &&
         list.part != "processes";
}

// Numbers of rows and how often one was written are bookkeeping too.
bool is_business(const std::string& fact) {
  return !fact.ends_with("number") && !fact.ends_with("version");
}

using Rewrite = std::function<std::string(const std::string& fact, std::string value)>;

Books books_of(const sim::Snapshot& state, const Rewrite& rewrite = nullptr) {
  Books books;
  for (const sim::ItemList& list : state.lists) {
    if (!is_kept(list)) {
      continue;
    }
    for (const sim::Item& item : list.items) {
      std::string& row = books[list.part + "/" + list.name + "/" + item.name];
      for (const sim::Fact& fact : item.facts) {
        if (is_business(fact.name)) {
          const std::string value = text_of(fact.value);
          row += fact.name + "=" + (rewrite ? rewrite(fact.name, value) : value) + " ";
        }
      }
    }
  }
  return books;
}

struct Case {
  Workload workload = {};
  Settings settings = {};
  std::string plan = "[]";
  std::uint64_t seed = 1;
};

scenarios::RunResult result_of(const Case& run) {
  const faults::Plan plan = plan_of(run.plan);
  const bool by_chance = run.plan == "[]";
  return scenarios::make_shop(scenario(run.settings), run.workload)
      ->run({.seed = run.seed,
             .plan = by_chance ? nullptr : &plan,
             .looks = {sim::kStart + sim::seconds(100'000)}});
}

Books books_of(const Case& run, const Rewrite& rewrite = nullptr) {
  const scenarios::RunResult result = result_of(run);
  EXPECT_NE(result.verdict, scenarios::Verdict::kInconclusive);
  return books_of(result.states.at(0), rewrite);
}

// The rows of some parts alone, "product/stocks" or "balance".
Books only(const Books& books, const std::vector<std::string>& parts) {
  Books chosen;
  for (const auto& [name, row] : books) {
    for (const std::string& part : parts) {
      if (name.starts_with(part + "/")) {
        chosen[name] = row;
      }
    }
  }
  EXPECT_FALSE(chosen.empty());
  return chosen;
}

std::string status_of(const Books& books, const std::string& order) {
  const std::string& row = books.at("order/orders/" + order);
  const std::size_t at = row.find("status=") + 7;
  return row.substr(at, row.find(' ', at) - at);
}

// --- what must make no difference ---

struct Change {
  const char* name;
  Settings settings;
  std::string plan;
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.name; }

const std::vector<Change>& harmless() {
  static const std::vector<Change> kHarmless = [] {
    std::string resets;
    for (const char* group :
         {"balance", "coupon", "stock", "payment", "order", "rank", "message"}) {
      resets += std::string(resets.empty() ? "[" : ",") +
                R"({"fault": "offset-reset", "group": ")" + group +
                R"(", "by": "60 s", "at": "50 s"})";
    }
    std::string jobs;
    for (const char* role : {"balance", "coupon", "product", "payment", "order"}) {
      for (const char* at : {"500 ms", "1 s", "30 s"}) {
        jobs += std::string(jobs.empty() ? "[" : ",") +
                R"({"fault": "run-jobs-again", "target": ")" + role + R"(", "at": ")" + at +
                R"("})";
      }
    }
    return std::vector<Change>{
        {"Delays_MET6", {"faults.rates.delay=100000"}, "[]"},
        {"NewestFirst_MET16", {"faults.rates.hold=100000", "faults.rates.delay=50000"}, "[]"},
        {"Duplicates_MET7_IDM6", {"faults.rates.duplicate=500000"}, "[]"},
        {"DuplicatesAtOnce_IDM4", {"faults.rates.duplicate=500000", "shop.instances=3"}, "[]"},
        {"OtherPartitions_MET9", {"shop.partitions=5"}, "[]"},
        {"OtherIntervals_MET9",
         {"environment.relay_interval=700 ms", "environment.reconcile_interval=1 s"},
         "[]"},
        {"OtherInstances_MET9", {"shop.instances=3"}, "[]"},
        {"BystanderAway_MET15",
         {},
         R"([{"fault": "outage", "target": "user-db", "from": "10 s", "until": "20 s"}])"},
        {"Replay_IDM3", {}, resets + "]"},
        {"JobsAgain_IDM8", {}, jobs + "]"},
        {"Crashes_IDM7",
         {"faults.rates.crash-before=5000", "faults.rates.crash-unseen=5000",
          "faults.rates.crash-seen=5000", "faults.rates.receiver-crash-seen=5000"},
         "[]"},
    };
  }();
  return kHarmless;
}

class Relation : public testing::TestWithParam<Change> {};

// Whether customers get their answer in time is another matter: what was not ordered is not
// compared.
bool all_ordered(const Workload& workload, const Books& books) {
  for (const Command& command : workload.commands) {
    const std::string name = sim::to_text(command.name);
    const bool known = command.kind == CommandKind::kCharge
                           ? books.contains("balance/balance_entries/" + name)
                           : books.contains("order/orders/" + name);
    if (!known) {
      return false;
    }
  }
  return true;
}

// How many of the seeds end with other books, of those in which everything was ordered.
std::uint64_t differences(const Change& change, const Settings& architecture = {}) {
  std::uint64_t compared = 0;
  std::uint64_t differ = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Workload workload = roomy(seed);
    Settings settings = architecture;
    const Books plain = books_of(Case{workload, settings, "[]", seed});
    settings.insert(settings.end(), change.settings.begin(), change.settings.end());
    const Books changed = books_of(Case{workload, settings, change.plan, seed});
    if (all_ordered(workload, changed)) {
      ++compared;
      differ += plain == changed ? 0u : 1u;
    }
  }
  EXPECT_GE(2 * compared, kSeeds) << change.name;
  return differ;
}

TEST_P(Relation, MakesNoDifferenceToTheBooks) { EXPECT_EQ(differences(GetParam()), 0u); }

INSTANTIATE_TEST_SUITE_P(Each, Relation, testing::ValuesIn(harmless()),
                         [](const auto& param) { return std::string(param.param.name); });

// They do where a guard is missing.
TEST(Relations, CanBeBroken) {
  const auto change = [](const std::string& name) {
    for (const Change& each : harmless()) {
      if (name == each.name) {
        return each;
      }
    }
    ADD_FAILURE() << name;
    return harmless().front();
  };
  const Settings twice = {"architecture.consume=none", "architecture.natural_keys=off"};
  EXPECT_GT(differences(change("Duplicates_MET7_IDM6"), twice), 0u);
  EXPECT_GT(differences(change("Replay_IDM3"), twice), 0u);
  EXPECT_GT(differences(change("Crashes_IDM7"), {"architecture.publish=after_commit"}), 0u);
  EXPECT_GT(differences(change("Delays_MET6"), {"architecture.payment_timeout=5 s"}), 0u);
}

// --- the order of three answers ---

TEST(Relations, TheOrderOfTheThreeAnswersIsNothing_MET1) {
  Workload workload = roomy();
  workload.commands = {create(Subject('c', 1, 1), 1, 2, 0)};
  const Books plain = books_of(Case{workload});
  const char* const answers[] = {"BalanceUsed", "CouponUsed", "StockDeducted"};
  const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (const auto& order : orders) {
    std::string plan;
    for (int i = 0; i < 3; ++i) {
      const std::string handing =
          std::string("order/order:") + answers[i] + "(c1.1,1)/delivery(c1.1)";
      const std::string seconds = std::to_string(1 + 2 * order[i]) + " s";
      plan += std::string(i == 0 ? "[" : ",") + R"({"fault": "delay", "operation": ")" + handing +
              R"(", "for": ")" + seconds + R"("})";
    }
    EXPECT_EQ(books_of(Case{workload, {}, plan + "]"}), plain);
  }
  EXPECT_EQ(plain.count("order/orders/c1.1"), 1u);
}

// --- workloads that come to the same ---

TEST(Relations, CustomersWhoShareNothingDoNotMeet_MET2) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Workload both = roomy();
    both.commands = {create(Subject('c', 1, 1), 1, 2, 0), create(Subject('c', 1, 2), 1, 1, 40),
                     create(Subject('c', 2, 1), 2, 3, 10), charge(Subject('c', 2, 2), 700, 20)};
    both.commands[0].coupon = Subject('k', 1);
    both.commands[2].coupon = Subject('k', 4);
    const auto without = [&](std::uint32_t customer) {
      Workload one = both;
      std::erase_if(one.commands, [&](const Command& c) { return c.name.major() == customer; });
      return books_of(Case{one, {}, "[]", seed});
    };
    const Books nobody = books_of(Case{roomy(), {}, "[]", seed});
    Books merged = nobody;
    for (const Books& one : {without(2), without(1)}) {
      for (const auto& [name, row] : one) {
        const auto before = nobody.find(name);
        if (before == nobody.end() || before->second != row) {
          merged[name] = row;
        }
      }
    }
    EXPECT_EQ(books_of(Case{both, {}, "[]", seed}), merged) << seed;
  }
}

// The next of three customers, products and coupons.
Subject renamed(Subject name) {
  const std::uint32_t next = name.major() % 3 + 1;
  switch (name.letter()) {
    case 'c':
      return Subject('c', next, name.minor());
    case 'u':
    case 'p':
      return Subject(name.letter(), next);
    case 'k':
      return Subject('k', (name.major() + 2) % 9 + 1);
    default:
      return name;
  }
}

// Every name in a text, such as "c1.1/2".
std::string renamed(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const bool begins = i == 0 || std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0;
    std::size_t end = i + 1;
    while (end < text.size() && (std::isdigit(static_cast<unsigned char>(text[end])) != 0 ||
                                 (text[end] == '.' && end > i + 1))) {
      ++end;
    }
    const bool is_name =
        begins && end > i + 1 && std::string("cupk").find(text[i]) != std::string::npos;
    if (!is_name) {
      result += text[i++];
      continue;
    }
    std::uint32_t numbers[2] = {0, 0};
    int which = 0;
    for (std::size_t j = i + 1; j < end; ++j) {
      if (text[j] == '.') {
        ++which;
      } else {
        numbers[which] = 10 * numbers[which] + static_cast<std::uint32_t>(text[j] - '0');
      }
    }
    result += sim::to_text(renamed(Subject(text[i], numbers[0], numbers[1])));
    i = end;
  }
  return result;
}

// Rows whose names are hashes of what they are about have none in common.
bool is_hashed(const std::string& name) { return name.find('#') != std::string::npos; }

TEST(Relations, NamesAreNothing_MET3) {
  const Settings everybody_pays = {"environment.decline_percent=0"};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Workload workload = roomy(seed);
    const Books plain = books_of(Case{workload, everybody_pays, "[]", seed});
    for (auto& user : workload.users) user.user = renamed(user.user);
    for (auto& product : workload.products) product.product = renamed(product.product);
    for (auto& coupon : workload.coupons) {
      coupon.coupon = renamed(coupon.coupon);
      coupon.owner = renamed(coupon.owner);
    }
    for (Command& command : workload.commands) {
      command.name = renamed(command.name);
      command.user = renamed(command.user);
      command.coupon = command.coupon.none() ? command.coupon : renamed(command.coupon);
      for (auto& line : command.lines) line.product = renamed(line.product);
    }
    std::stable_sort(workload.commands.begin(), workload.commands.end(),
                     [](const Command& a, const Command& b) { return a.name < b.name; });
    Books expected;
    for (const auto& [name, row] : plain) {
      if (!is_hashed(name)) {
        expected[renamed(name)] = renamed(row);
      }
    }
    Books actual = books_of(Case{workload, everybody_pays, "[]", seed});
    std::erase_if(actual, [](const auto& row) { return is_hashed(row.first); });
    EXPECT_EQ(actual, expected) << seed;
  }
}

TEST(Relations, MoneyScales_MET4) {
  constexpr std::int64_t kFactor = 7;
  const auto is_money = [](const std::string& fact) {
    for (const char* name : {"amount", "total", "discount", "price"}) {
      if (fact.ends_with(name)) {
        return true;
      }
    }
    return false;
  };
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Workload workload = roomy(seed);
    const Books expected =
        books_of(Case{workload, {}, "[]", seed}, [&](const std::string& fact, std::string value) {
          return is_money(fact) ? std::to_string(std::stoll(value) * kFactor) : value;
        });
    for (auto& user : workload.users) user.balance *= kFactor;
    for (auto& product : workload.products) product.price *= kFactor;
    for (Command& command : workload.commands) command.amount *= kFactor;
    EXPECT_EQ(books_of(Case{workload, {}, "[]", seed}), expected) << seed;
  }
}

TEST(Relations, MoreMoneyOrStockNeverCostsAnOrder_MET5) {
  std::vector<std::string> by_balance;
  std::vector<std::string> by_stock;
  for (std::int64_t more = 0; more <= 4; ++more) {
    Workload workload = roomy();
    workload.commands = {create(Subject('c', 1, 1), 1, 3, 0)};
    Workload richer = workload;
    richer.users[0].balance = 2'998 + more;
    by_balance.push_back(
        status_of(books_of(Case{richer, {"environment.decline_percent=0"}}), "c1.1"));
    workload.products[0].stock = 1 + more;
    by_stock.push_back(
        status_of(books_of(Case{workload, {"environment.decline_percent=0"}}), "c1.1"));
  }
  const std::vector<std::string> expected = {"CANCELED", "CANCELED", "COMPLETED", "COMPLETED",
                                             "COMPLETED"};
  EXPECT_EQ(by_balance, expected);
  EXPECT_EQ(by_stock, expected);
}

TEST(Relations, TwoChargesAreOne_MET8) {
  Workload two = roomy();
  two.commands = {charge(Subject('c', 1, 1), 300, 0), charge(Subject('c', 1, 2), 4'000, 5)};
  Workload one = roomy();
  one.commands = {charge(Subject('c', 1, 1), 4'300, 0)};
  const std::vector<std::string> balances = {"balance/balances"};
  EXPECT_EQ(only(books_of(Case{two}), balances), only(books_of(Case{one}), balances));
  EXPECT_NE(only(books_of(Case{roomy()}), balances), only(books_of(Case{one}), balances));
}

TEST(Relations, ALaterDayIsTheSame_MET10) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Workload workload = roomy(seed);
    const Books plain = books_of(Case{workload, {}, "[]", seed});
    for (Command& command : workload.commands) command.at += sim::seconds(17);
    EXPECT_EQ(books_of(Case{workload, {}, "[]", seed}), plain) << seed;
  }
}

TEST(Relations, ACouponOverNothingIsNone_MET11) {
  const std::vector<std::string> rest = {"balance/balances", "product/stocks",
                                         "product/product_rank", "balance/balance_entries"};
  Workload workload = roomy();
  workload.coupons[0].rate_bp = 0;
  workload.commands = {create(Subject('c', 1, 1), 1, 3, 0)};
  const Books without = books_of(Case{workload});
  workload.commands[0].coupon = workload.coupons[0].coupon;
  const Books with = books_of(Case{workload});
  EXPECT_EQ(only(with, rest), only(without, rest));
  EXPECT_NE(with.at("coupon/user_coupons/k1"), without.at("coupon/user_coupons/k1"));
}

TEST(Relations, ASplitLineIsTheLine_MET12) {
  const std::vector<std::string> sums = {"balance/balances", "product/stocks",
                                         "product/product_rank"};
  Workload workload = roomy();
  workload.commands = {create(Subject('c', 1, 1), 2, 5, 0)};
  const Books whole = books_of(Case{workload, {"environment.decline_percent=0"}});
  workload.commands[0].lines[0].quantity = 2;
  workload.commands[0].lines.push_back({Subject('p', 2), 3});
  const Books split = books_of(Case{workload, {"environment.decline_percent=0"}});
  EXPECT_EQ(only(split, sums), only(whole, sums));
  EXPECT_EQ(status_of(split, "c1.1"), "COMPLETED");
}

TEST(Relations, WhoCancelsAndOrdersAnewHasOrdered_MET13) {
  const std::vector<std::string> kept = {"balance/balances", "product/stocks",
                                         "product/product_rank"};
  const Settings everybody_pays = {"environment.decline_percent=0"};
  std::uint64_t canceled = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Workload once = roomy();
    once.commands = {create(Subject('c', 1, 1), 1, 3, 0)};
    Workload anew = once;
    Command cancel;
    cancel.name = Subject('c', 1, 2);
    cancel.kind = CommandKind::kCancelOrder;
    cancel.user = Subject('u', 1);
    cancel.at = sim::kStart;
    cancel.after = Subject('c', 1, 1);
    cancel.order = Subject('c', 1, 1);
    anew.commands.push_back(cancel);
    anew.commands.push_back(create(Subject('c', 1, 3), 1, 3, 5'000));
    const Books books = books_of(Case{anew, everybody_pays, "[]", seed});
    if (status_of(books, "c1.1") == "CANCELED") {
      ++canceled;
      EXPECT_EQ(only(books, kept), only(books_of(Case{once, everybody_pays, "[]", seed}), kept));
    }
  }
  EXPECT_GT(canceled, 0u);
}

}  // namespace
}  // namespace sagasim
