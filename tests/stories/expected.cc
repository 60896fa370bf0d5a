#include "tests/stories/expected.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "sim/check.h"

namespace sagasim::stories {
namespace {

using faults::Kind;

// Kinds by what whoever is at work sees of them.
struct Sort {
  Trouble trouble;
  std::vector<Kind> kinds;
};
const Sort kSorts[] = {
    {Trouble::kRefusal, {Kind::kFail, Kind::kReceiverCrashBefore, Kind::kOutage, Kind::kOverload}},
    {Trouble::kLoss, {Kind::kDrop, Kind::kNotDone}},
    {Trouble::kLostAnswer,
     {Kind::kReplyLost, Kind::kLate, Kind::kReceiverCrashUnseen, Kind::kReceiverCrashSeen}},
    {Trouble::kDeath,
     {Kind::kCrashBefore, Kind::kCrashUnseen, Kind::kCrashSeen, Kind::kCrashLoop, Kind::kPowerCut}},
    {Trouble::kLateness,
     {Kind::kDelay, Kind::kHold, Kind::kPause, Kind::kSlowness, Kind::kHeavyTails}},
    {Trouble::kForgetting, {Kind::kCacheWipe, Kind::kCacheFailover}},
    {Trouble::kGibberish, {Kind::kCorruptRecord}},
};

bool brings(Kind kind, Trouble trouble) {
  const auto sort = std::find_if(std::begin(kSorts), std::end(kSorts),
                                 [&](const Sort& each) { return each.trouble == trouble; });
  return std::find(sort->kinds.begin(), sort->kinds.end(), kind) != sort->kinds.end();
}

// `*` stands for anything.
bool matches(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return pattern == text;
  }
  if (!text.starts_with(pattern.substr(0, star))) {
    return false;
  }
  for (std::size_t from = star; from <= text.size(); ++from) {
    if (matches(pattern.substr(star + 1), text.substr(from))) {
      return true;
    }
  }
  return false;
}

using Properties = std::vector<const char*>;
using Takes = std::vector<Blow>;

Weakening of_bug(const char* id, const char* why, Properties properties, Takes takes,
                 Remedies remedies) {
  for (const scenarios::Bug& bug : scenarios::bugs()) {
    if (std::strcmp(bug.id, id) == 0) {
      return {bug.settings,     bug.scenario,        &bug, why, std::move(properties),
              std::move(takes), std::move(remedies), false};
    }
  }
  SAGASIM_CHECK(false, "a story of a bug that there is not");
}

Weakening of_values(std::vector<scenarios::Setting> settings, const char* scenario, const char* why,
                    Properties properties, Takes takes, Remedies remedies) {
  return {std::move(settings), scenario, nullptr, why, std::move(properties), std::move(takes),
          std::move(remedies), false};
}

Weakening by_those_alone(Weakening weakening) {
  weakening.by_those_alone = true;
  return weakening;
}

const Blow kByItself;  // nothing has to go wrong
constexpr Trouble kRefusal = Trouble::kRefusal;
constexpr Trouble kLoss = Trouble::kLoss;
constexpr Trouble kLostAnswer = Trouble::kLostAnswer;
constexpr Trouble kDeath = Trouble::kDeath;
constexpr Trouble kLateness = Trouble::kLateness;
constexpr Trouble kForgetting = Trouble::kForgetting;
constexpr Trouble kGibberish = Trouble::kGibberish;

std::vector<Weakening> write_down() {
  std::vector<Weakening> all = {
      // ---- bugs ----
      of_bug("X01",
             "The event is only in memory between the commit and the broker: whatever ends the "
             "process or the message in between loses it. The order is completed, and neither the "
             "ranking nor the data platform ever hears of it.",
             {"EVT-2"},
             {{{kRefusal, kLoss, kDeath}, {"order/order:PaymentPaid(*)/append:OrderCompleted(*)"}},
              {{kDeath}, {"order/order:PaymentPaid(*)/commit(*)"}}},
             {{"completion=together"}}),
      of_bug("X02",
             "For a moment the log tells of goods that are still on the shelf. The order service "
             "may hear of it first; and if the deduction then fails, it was a lie.",
             {"EVT-1", "PRC-2", "EVT-7"},
             {kByItself,
              {{kRefusal, kLoss, kLostAnswer, kDeath, kLateness},
               {"product/stock:OrderCreated(*)/commit(*)",
                "product/stock:OrderCreated(*)/commit(*)#2"}}},
             {{"stock_deduct=together"}}),
      of_bug("X03",
             "The effect is committed and the note of it is not: the event comes again and takes "
             "effect again, since nothing else is looked at.",
             {"IDM-1"}, {{{kRefusal, kLoss, kDeath}, {"*:OrderCreated(*)/commit(*)#2"}}},
             {{"consume=inbox"}, {"natural_keys=on"}}),
      of_bug("X04",
             "Two orders are written at once. The later number is committed and published first, "
             "and the earlier one is below the mark when it comes to light.",
             {"EVT-2"}, {kByItself, {{kLateness}, {"*:OrderCreated(*)/commit(*)"}}},
             {{"relay=each_row"}}),
      of_bug("X05",
             "The broker believes that the event was dealt with, so whoever dies over it takes it "
             "along. Nobody is told again.",
             {"PRC-4", "ORP-1", "CMP-1", "MON-4", "STK-4", "CPN-3", "OUT-1", "PAY-3", "RNK-1",
              "DPL-2", "EVT-8", "LIV-1"},
             {{{kRefusal, kLoss, kDeath},
               {"balance/balance:OrderFailed(*)/statement:balances(*)",
                "balance/balance:OrderFailed(*)/statement:inbox(*)",
                "balance/balance:OrderFailed(*)/commit(*)",
                "product/stock:OrderFailed(*)/statement:stocks(*)",
                "product/stock:OrderFailed(*)/statement:inbox(*)",
                "product/stock:OrderFailed(*)/commit(*)"}}},
             {{"acknowledge=after_commit"}}),
      of_bug("X06",
             "A record that is no event fails at each attempt, and will. As it is tried for ever, "
             "the partition ends there: what others have said since is never heard.",
             {"LIV-2"}, {{{kGibberish}, {"corrupt-record of *"}}}, {{"malformed=park"}}),
      of_bug("X07",
             "Four attempts are over in a second or two. What is skipped because a database was "
             "away for that long is lost.",
             {"DLQ-1"}, {{{kRefusal}, {"outage of product-db"}}}, {{"retries=forever"}}),
      of_bug("X08",
             "The gateway declines, the payment's own note of it is undone with the event, and so "
             "it asks and is declined again, for ever. What the order had taken stays taken.",
             {"ORP-1", "PAY-8"}, {kByItself}, {{"decline=together"}}),
      of_bug("X09",
             "The gateway is away, and says so at once. Whoever asks again without a pause does so "
             "ten times a second, and so does everybody else.",
             {"LIV-5"}, {{{kRefusal}, {"outage of gateway", "overload of gateway"}}},
             {{"gateway_retry=after_pause"}}),
      of_bug("O01",
             "The order is given up while its steps are being taken. The last of them arrives, all "
             "three have succeeded, and the customer is asked to pay for a dead order.",
             {"EVT-1", "PAY-6", "ORD-3"},
             {kByItself,
              {{kDeath, kLateness, kLoss},
               {"order/order:BalanceUsed(*)/*", "order/order:CouponUsed(*)/*",
                "order/order:StockDeducted(*)/*"}}},
             {{"decide=by_phase"}}),
      of_bug(
          "O02",
          "A result is in the cache before the commit that belongs to it. When that commit fails "
          "the result comes again, finds all three there, and the lock, which knows nothing of "
          "what was decided meanwhile, lets the order be decided once more.",
          {"ORD-3", "EVT-1", "PAY-6"},
          {{{kRefusal, kLostAnswer, kDeath},
            {"order/order:BalanceUsed(*)/commit(*)", "order/order:CouponUsed(*)/commit(*)",
             "order/order:StockDeducted(*)/commit(*)"}}},
          {{"decide=by_phase"}, {"steps=database"}}),
      of_bug("O03",
             "The cache forgets what it was told of the first steps before the last one comes: "
             "nobody ever sees all three, and what was taken stays taken.",
             {"PRC-4", "ORP-1"},
             {{{kRefusal, kLostAnswer, kDeath, kLateness},
               {"order/order:BalanceUsed(*)/*", "order/order:CouponUsed(*)/*",
                "order/order:StockDeducted(*)/*", "order/saga-timeout(*)/poll:orders(*)"}},
              {{kForgetting}, {"cache-wipe*"}}},
             {{"steps=database"}}),
      of_bug("O04",
             "The mark of the decision is in the cache and the decision is not committed, so that "
             "nobody decides; or the cache loses the mark, and it is decided again.",
             {"PRC-4", "ORD-3", "ORP-1"},
             {{{kRefusal, kLostAnswer, kDeath},
               {"order/order:BalanceUsed(*)/commit(*)", "order/order:CouponUsed(*)/commit(*)",
                "order/order:StockDeducted(*)/commit(*)"}}},
             {{"decide=by_phase"}}),
      of_bug("O05",
             "What was to be paid is not paid within the shop's patience, be it that the payment "
             "hears of it late or that the gateway takes long: the order is canceled though "
             "nobody has declined, and the money may be taken all the same.",
             {"OUT-2", "PAY-3", "PAY-4"},
             {{{kLateness, kLoss, kLostAnswer, kRefusal},
               {"order/relay:PaymentWaited(*)/append:PaymentWaited(*)",
                "payment/charge-job(*)/request:charge(*)"}}},
             {{"payment_timeout=off"}}),
      of_bug("O06",
             "The gateway declines, everybody hears that nobody had done anything, and keeps what "
             "it took.",
             {"ORP-1", "CMP-1"}, {kByItself}, {{"compensation=ledger"}}),
      of_bug(
          "O07",
          "One step fails at once and the order is over. Another step has not begun: it hears of "
          "the failure first, leaves no mark, and then does its part for nothing.",
          {"CMP-2", "ORP-1", "CMP-1"},
          {kByItself,
           {{kLateness},
            {"balance/balance:OrderCreated(*)/delivery(*)",
             "coupon/coupon:OrderCreated(*)/delivery(*)",
             "product/stock:OrderCreated(*)/delivery(*)"}}},
          {{"tombstones=on"}}),
      of_bug("O08", "A dear order is more than 32 bits hold, and its total becomes a small number.",
             {"MON-7"}, {kByItself}, {{"arithmetic=checked"}}),
      of_bug("O09",
             "The answer does not reach the customer in time, who asks again: the shop takes it "
             "for another order.",
             {"MON-3", "IDM-5", "ORD-6"},
             {{{kLostAnswer, kLateness}, {"client/command(*)/call:create-order(*)"}}},
             {{"request_keys=on"}}),
      of_bug("O10",
             "The order is completed, but not even its own database takes the event, and then the "
             "money is given back for an order that stands.",
             {"EVT-1", "EVT-2", "ORD-3"},
             {{{kRefusal, kLoss, kLostAnswer}, {"order/order:PaymentPaid(*)/commit(*)#2"}}},
             {{"completion=together"}}),
      of_bug(
          "B01",
          "Two changes of one balance are made from the same reading: the second to be written "
          "wipes out the first.",
          {"MON-2"},
          {kByItself,
           {{kLateness},
            {"balance/balance:OrderCreated(*)/commit(*)",
             "balance/balance:OrderFailed(*)/commit(*)", "balance/charge:command(*)/commit(*)"}}},
          {{"balance_write=locked"}}),
      by_those_alone(
          of_bug("B02",
                 "The failure of an order comes twice, and so does the money. Even if nothing goes "
                 "wrong a few old events come once more at rest.",
                 {"MON-5", "STK-5"}, {kByItself}, {{"compensation=ledger"}})),
      of_bug("B03",
             "An order is given up while its steps are being taken, and the news of it overtakes "
             "the order: nothing is there to give back yet, and then the step is taken for good.",
             {"CMP-2"},
             {kByItself,
              {{kLateness},
               {"balance/balance:OrderCreated(*)/delivery(*)",
                "coupon/coupon:OrderCreated(*)/delivery(*)",
                "product/stock:OrderCreated(*)/delivery(*)"}}},
             {{"tombstones=on"}}),
      by_those_alone(of_bug(
          "B04",
          "The money is gone; the event that says so fails on its own, and the shop is told "
          "that there was no money.",
          {"PRC-2", "EVT-7"},
          {{{kRefusal, kLoss, kLostAnswer}, {"balance/balance:OrderCreated(*)/commit(*)#2"}}},
          {{"balance_use=together"}})),
      by_those_alone(of_bug(
          "B05",
          "The commit was done and only its answer is lost. The shop is told that the step has "
          "failed, and it has not.",
          {"PRC-2", "EVT-7"},
          {{{kLostAnswer},
            {"balance/balance:OrderCreated(*)/commit(*)", "coupon/coupon:OrderCreated(*)/commit(*)",
             "product/stock:OrderCreated(*)/commit(*)"}}},
          {{"unknown_commit=redeliver"}})),
      of_bug(
          "B06",
          "The failure of an order comes late, after the price has changed, and the customer gets "
          "back what the order would cost by now instead of what was paid.",
          {"MON-6"},
          {kByItself,
           {{kRefusal, kLoss, kLostAnswer, kDeath, kLateness},
            {"payment/charge-job(*)/commit(*)", "payment/charge-job(*)/request:charge(*)"}}},
          {{"compensation=ledger"}}),
      of_bug("C01",
             "Two orders with one coupon are served at once: both see it free, both get the "
             "discount.",
             {"CPN-1"}, {kByItself, {{kLateness}, {"coupon/coupon:OrderCreated(*)/commit(*)"}}},
             {{"coupon_use=locked"}}),
      of_bug("C02", "Somebody uses a coupon that is another customer's.", {"CPN-5"}, {kByItself},
             {{"coupon_owner=on"}}),
      by_those_alone(of_bug(
          "S01",
          "An order of two products has taken one and not yet the other; if the second is short "
          "it stays so.",
          {"STK-3"}, {kByItself}, {{"stock_lines=together"}})),
      of_bug("S02",
             "An order asks for more pieces than there are, or two ask for the last: the shelf was "
             "not empty when it was looked at, and the stock goes below nothing.",
             {"STK-1"}, {kByItself}, {{"stock_check=when_taken"}}),
      of_bug(
          "S03",
          "Whatever aborts the stock's transaction, be it a deadlock or a broken connection, is "
          "told to the customer as a shortage. Locking in one order would only make deadlocks "
          "rarer reasons.",
          {"OUT-2"},
          {kByItself,
           {{kRefusal, kLoss},
            {"balance/balance:OrderCreated(*)/commit(*)", "coupon/coupon:OrderCreated(*)/commit(*)",
             "product/stock:OrderCreated(*)/commit(*)"}}},
          {{"transient_errors=retry"}}),
      of_bug(
          "RK01",
          "The news of a sale comes twice and is counted twice. Even if nothing goes wrong a few "
          "old events come once more at rest.",
          {"IDM-1", "RNK-1"}, {kByItself}, {{"rank=applied_set"}}),
      of_bug("P01",
             "The gateway does not answer in time, and nobody knows whether the money was taken. "
             "The order is canceled as if the gateway had declined.",
             {"OUT-2"},
             {{{kRefusal, kLoss, kLostAnswer, kLateness},
               {"payment/charge-job(*)/request:charge(*)"}}},
             {{"gateway=same_key"}}),
      of_bug("P02",
             "The money was taken and the answer is lost. The gateway is asked again as if for the "
             "first time, and takes it again.",
             {"PAY-5"}, {{{kLostAnswer, kDeath}, {"payment/charge-job(*)/request:charge(*)"}}},
             {{"gateway=same_key"}}),
      of_bug("P03",
             "The numbers of orders and payments drift apart once an order does not come to its "
             "payment, or comes there after a later one. From then on the refund finds another "
             "customer's payment, or none.",
             {"ORP-1", "OUT-1", "OUT-2", "PAY-3", "PAY-4"}, {kByItself},
             {{"refund_lookup=by_order"}}),
      of_bug(
          "MS01",
          "The news of a sale comes twice and is sent on twice. Even if nothing goes wrong a few "
          "old events come once more at rest.",
          {"DPL-1"}, {kByItself}, {{"platform_key=on"}}),
      // ---- values that are no bug by themselves ----
      of_values({{"transport", "in_process"}}, "checkout",
                "An event is only in memory until a listener is done with it. It dies with the "
                "process, and what a listener fails on is never tried again.",
                {"EVT-2", "ORP-1", "PRC-4", "PAY-3", "RNK-1"},
                {{{kRefusal, kLoss, kLostAnswer, kDeath},
                  {"shop/order:*(*)/commit(*)", "shop/balance:*(*)/commit(*)",
                   "shop/coupon:*(*)/commit(*)", "shop/stock:*(*)/commit(*)"}}},
                {{"transport=broker"}}),
      of_values({{"transport", "calls"}}, "checkout",
                "What is to be done next is in the memory of the process that asks for it. When it "
                "dies, or does not learn that its commit is done, nobody goes on and nobody takes "
                "back what the others have done.",
                {"EVT-2", "ORP-1", "PAY-3", "RNK-1"},
                {{{kLoss, kLostAnswer, kDeath}, {"order/create-order:command(*)/*"}}},
                {{"transport=broker"}}),
      of_values({{"transport", "one_transaction"}}, "checkout",
                "What belongs to an order is one transaction and cannot fall apart. The news of it "
                "leaves that transaction through memory, and dies with the process.",
                {"DPL-2"},
                {{{kRefusal, kLoss, kLostAnswer, kDeath},
                  {"shop/message:OrderCompleted(*)/request:record(*)",
                   "shop/relay:OrderCompleted(*)/*"}}},
                {{"transport=broker"}}),
      of_values({{"publish", "after_commit"}}, "checkout",
                "The event is only in memory between the commit and the broker. Whatever ends the "
                "process or the message in between loses it, and the inbox keeps the work from "
                "being done again.",
                {"EVT-2"},
                {{{kRefusal, kLoss, kDeath},
                  {"order/create-order:command(*)/append:OrderCreated(*)",
                   "balance/balance:OrderCreated(*)/append:BalanceUsed(*)",
                   "coupon/coupon:OrderCreated(*)/append:CouponUsed(*)",
                   "product/stock:OrderCreated(*)/append:StockDeducted(*)"}}},
                {{"publish=outbox"}}),
      of_values({{"publish", "before_commit"}}, "checkout",
                "The log tells of a change that is not there yet, and never will be if the commit "
                "does not come to pass.",
                {"EVT-1"}, {kByItself}, {{"publish=outbox"}}),
      of_values({{"publish", "direct"}}, "checkout",
                "The event is sent in the middle of the transaction: it can come before the "
                "commit, without the commit, or, lost on its way, not at all.",
                {"EVT-1", "EVT-2"}, {kByItself}, {{"publish=outbox"}}),
      of_values({{"balance_use", "then_record"}}, "checkout",
                "The money is gone; the event that says so fails on its own, and the shop is told "
                "that there was no money.",
                {"EVT-1", "EVT-2", "PRC-2", "EVT-7"},
                {{{kRefusal, kLoss, kLostAnswer}, {"balance/balance:OrderCreated(*)/commit(*)#2"}}},
                {{"balance_use=together"}}),
      of_values({{"consume", "inbox_outside"}}, "checkout",
                "The effect is committed and the note of it is not. Unique keys per order keep the "
                "event from taking effect again; but what finds its work done writes no note "
                "either, and the list of what was heard has a hole.",
                {"EVT-8"},
                {{{kLostAnswer, kDeath}, {"product/rank:OrderCompleted(*)/commit(*)"}},
                 {{kRefusal, kLoss, kDeath}, {"product/rank:OrderCompleted(*)/commit(*)#2"}}},
                {{"consume=inbox"}}),
      of_values({{"consume", "marked_first"}}, "checkout",
                "The note is committed and the effect is not: the event comes again and is taken "
                "for done. And where the note cannot be written it is taken for one that was "
                "there before.",
                {"PRC-4", "OUT-1", "ORP-1", "CMP-1", "MON-4", "STK-4", "CPN-3", "PAY-3", "PAY-4",
                 "PAY-8", "RNK-1", "EVT-8", "LIV-1"},
                {{{kRefusal, kLoss, kLostAnswer, kDeath},
                  {"order/order:BalanceUsed(*)/commit(*)", "order/order:BalanceUsed(*)/commit(*)#2",
                   "order/order:CouponUsed(*)/commit(*)", "order/order:CouponUsed(*)/commit(*)#2",
                   "order/order:StockDeducted(*)/commit(*)",
                   "order/order:StockDeducted(*)/commit(*)#2"}}},
                {{"consume=inbox"}}),
      of_values({{"consume", "none"}, {"natural_keys", "off"}}, "checkout",
                "Every event that comes twice takes effect twice. Even if nothing goes wrong a few "
                "old ones come once more at rest. Unique keys per order would refuse that.",
                {"IDM-1"}, {kByItself}, {{"consume=inbox"}, {"natural_keys=on"}}),
      of_values({{"aggregate", "plain_read"}}, "patient",
                "Two results of one order are written down at once, and one of them is lost.",
                {"PRC-1", "PRC-4"}, {kByItself, {{kLateness}, {"order/order:*(*)/commit(*)"}}},
                {{"aggregate=locked"}}),
      of_values(
          {{"unknown_commit", "failure"}}, "checkout",
          "The commit was done and only its answer is lost. The shop is told that the step "
          "has failed, and it has not.",
          {"EVT-1", "PRC-2", "EVT-7"},
          {{{kLostAnswer},
            {"balance/balance:OrderCreated(*)/commit(*)", "coupon/coupon:OrderCreated(*)/commit(*)",
             "product/stock:OrderCreated(*)/commit(*)"}}},
          {{"unknown_commit=redeliver"}}),
      of_values({{"decide", "lock"}}, "checkout",
                "The lock keeps two results apart and knows nothing of what was decided before: an "
                "order that was given up is decided once more when the last of its steps arrives.",
                {"EVT-1", "ORD-3", "PAY-6"},
                {kByItself,
                 {{kDeath, kLateness, kLoss},
                  {"order/order:BalanceUsed(*)/*", "order/order:CouponUsed(*)/*",
                   "order/order:StockDeducted(*)/*"}}},
                {{"decide=by_phase"}}),
      of_values({{"retries", "park"}}, "checkout",
                "Four attempts are over in a second or two. What is parked because a database was "
                "away for that long is never looked at again.",
                {"DLQ-1"}, {{{kRefusal}, {"outage of product-db"}}}, {{"retries=forever"}}),
      of_values({{"retries", "set_aside"}}, "checkout",
                "Later attempts come behind what came after, and still there are only four of "
                "them: a database that is away for longer makes dead letters.",
                {"DLQ-1"},
                {{{kRefusal},
                  {"order/order:*Used(*)/statement:inbox(*)",
                   "order/order:StockDeducted(*)/statement:inbox(*)"}}},
                {{"retries=forever"}}),
      of_values(
          {{"transient_errors", "failure"}}, "checkout",
          "A connection breaks, or a database is away for a moment, and the customer is told "
          "that there was no money, no coupon or no stock.",
          {"OUT-2"},
          {{{kRefusal, kLoss},
            {"balance/balance:OrderCreated(*)/commit(*)", "coupon/coupon:OrderCreated(*)/commit(*)",
             "product/stock:OrderCreated(*)/commit(*)"}}},
          {{"transient_errors=retry"}}),
      by_those_alone(of_values(
          {{"stock_lines", "one_by_one"}}, "checkout",
          "An order of two products has taken one and not yet the other; if the second is "
          "short it stays so.",
          {"STK-3"}, {kByItself}, {{"stock_lines=together"}})),
      of_values({{"balance_write", "versioned"}}, "rush",
                "A balance is read without a lock. Whoever writes learns that it has changed "
                "meanwhile; whoever finds too little does not write, and refuses an order by what "
                "is not so any more.",
                {"OUT-2"}, {kByItself, {{kLateness}, {"heavy-tails"}}}, {{"balance_write=locked"}}),
      of_values({{"compensation", "flags"}}, "checkout",
                "An order is given up while a step is under way. The failure says that the step "
                "had not been taken, and by the time it arrives it has.",
                {"ORP-1", "CMP-1"},
                {kByItself,
                 {{kLateness},
                  {"balance/relay:BalanceUsed(*)/append:BalanceUsed(*)",
                   "product/relay:StockDeducted(*)/append:StockDeducted(*)",
                   "coupon/relay:CouponUsed(*)/append:CouponUsed(*)"}}},
                {{"compensation=ledger"}}),
  };
  // ---- values that another guard makes up for ----
  for (const scenarios::Equivalent& equivalent : scenarios::equivalents()) {
    all.push_back(
        of_values(equivalent.settings, equivalent.scenario, equivalent.reason, {}, {}, {}));
  }
  return all;
}

std::string name_of(const Weakening& weakening, const char* is, const char* with) {
  if (weakening.bug != nullptr) {
    return full_name(*weakening.bug);
  }
  std::string name;
  for (const scenarios::Setting& setting : weakening.settings) {
    name += (name.empty() ? "" : with) + std::string(setting.policy) + is + setting.value;
  }
  return name;
}

}  // namespace

bool does(const Blow& blow, Kind kind, const std::string& operation) {
  return std::any_of(blow.troubles.begin(), blow.troubles.end(),
                     [&](Trouble trouble) { return brings(kind, trouble); }) &&
         std::any_of(blow.operations.begin(), blow.operations.end(),
                     [&](const char* pattern) { return matches(pattern, operation); });
}

const std::vector<Weakening>& expected() {
  static const std::vector<Weakening> kExpected = write_down();
  return kExpected;
}

std::string name_of(const Weakening& weakening) { return name_of(weakening, "=", " with "); }
std::string file_name_of(const Weakening& weakening) { return name_of(weakening, "-", "-"); }

}  // namespace sagasim::stories
