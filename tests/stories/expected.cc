#include "tests/stories/expected.h"

#include <algorithm>
#include <cstring>

#include "sim/check.h"

namespace sagasim::stories {
namespace {

using faults::Kind;

constexpr Kind kInterrupts[] = {Kind::kDrop,
                                Kind::kFail,
                                Kind::kReplyLost,
                                Kind::kNotDone,
                                Kind::kLate,
                                Kind::kCrashBefore,
                                Kind::kCrashUnseen,
                                Kind::kCrashSeen,
                                Kind::kReceiverCrashBefore,
                                Kind::kReceiverCrashUnseen,
                                Kind::kReceiverCrashSeen,
                                Kind::kPartition,
                                Kind::kOneWayPartition,
                                Kind::kIsolation,
                                Kind::kOutage,
                                Kind::kOverload,
                                Kind::kCrashLoop,
                                Kind::kPowerCut,
                                Kind::kUpgrade};
constexpr Kind kRepeats[] = {Kind::kDuplicate, Kind::kOffsetReset, Kind::kRunJobsAgain,
                             Kind::kRedrive};
constexpr Kind kDelays[] = {Kind::kDelay,    Kind::kHold,       Kind::kPause,
                            Kind::kSlowness, Kind::kHeavyTails, Kind::kPriorities};

template <std::size_t N>
bool among(const Kind (&kinds)[N], Kind kind) {
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

using Properties = std::vector<const char*>;
using Takes = std::vector<Trouble>;

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

constexpr Trouble kNothing = Trouble::kNothing;
constexpr Trouble kInterruption = Trouble::kInterruption;
constexpr Trouble kRepetition = Trouble::kRepetition;
constexpr Trouble kReordering = Trouble::kReordering;

std::vector<Weakening> write_down() {
  std::vector<Weakening> all = {
      // ---- bugs ----
      of_bug("X01",
             "The event is only in memory between the commit and the broker: whatever ends the "
             "process or the message in between loses it. The order is completed, and neither the "
             "ranking nor the data platform ever hears of it.",
             {"EVT-2"}, {kInterruption}, {{"completion=together"}}),
      of_bug("X02",
             "For a moment the log tells of goods that are still on the shelf. The order service "
             "may hear of it first; and if the deduction then fails, it was a lie.",
             {"EVT-1", "PRC-2", "EVT-7"}, {kNothing, kInterruption, kReordering},
             {{"stock_deduct=together"}}),
      of_bug("X03",
             "The effect is committed and the note of it is not: the event comes again and takes "
             "effect again, since nothing else is looked at.",
             {"IDM-1"}, {kRepetition}, {{"consume=inbox"}, {"natural_keys=on"}}),
      of_bug("X04",
             "Two orders are written at once. The later number is committed and published first, "
             "and the earlier one is below the mark when it comes to light.",
             {"EVT-2"}, {kNothing, kReordering}, {{"relay=each_row"}}),
      of_bug("X05",
             "The broker believes that the event was dealt with, so whoever dies over it takes it "
             "along. Nobody is told again.",
             {"PRC-4", "ORP-1", "CMP-1", "MON-4", "STK-4", "CPN-3", "OUT-1", "PAY-3", "RNK-1",
              "DPL-2", "EVT-8", "LIV-1"},
             {kInterruption}, {{"acknowledge=after_commit"}}),
      of_bug("X07",
             "Four attempts are over in a second or two. What is skipped because a database was "
             "away for that long is lost.",
             {"DLQ-1"}, {kInterruption}, {{"retries=forever"}}),
      of_bug("X08",
             "The gateway declines, the payment's own note of it is undone with the event, and so "
             "it asks and is declined again, for ever. What the order had taken stays taken.",
             {"ORP-1", "PAY-8"}, {kNothing}, {{"decline=together"}}),
      of_bug("O01",
             "The order is given up while its steps are being taken. The last of them arrives, all "
             "three have succeeded, and the customer is asked to pay for a dead order.",
             {"EVT-1", "PAY-6", "ORD-3"}, {kNothing, kReordering}, {{"decide=by_phase"}}),
      of_bug("O05",
             "The gateway takes longer than the shop's patience: the order is canceled and the "
             "money is taken.",
             {"OUT-2", "PAY-3", "PAY-4"}, {kReordering}, {{"payment_timeout=off"}}),
      of_bug("O06",
             "The gateway declines, everybody hears that nobody had done anything, and keeps what "
             "it took.",
             {"ORP-1", "CMP-1"}, {kNothing}, {{"compensation=ledger"}}),
      of_bug(
          "O07",
          "One step fails at once and the order is over. Another step has not begun: it hears of "
          "the failure first, leaves no mark, and then does its part for nothing.",
          {"CMP-2", "ORP-1", "CMP-1"}, {kNothing, kReordering}, {{"tombstones=on"}}),
      of_bug("O08", "A dear order is more than 32 bits hold, and its total becomes a small number.",
             {"MON-7"}, {kNothing}, {{"arithmetic=checked"}}),
      of_bug("O09",
             "The answer does not reach the customer in time, who asks again: the shop takes it "
             "for another order.",
             {"MON-3", "IDM-5", "ORD-6"}, {kInterruption, kRepetition}, {{"request_keys=on"}}),
      of_bug("O10",
             "The order is completed, but not even its own database takes the event, and then the "
             "money is given back for an order that stands.",
             {"EVT-1", "EVT-2", "ORD-3"}, {kInterruption}, {{"completion=together"}}),
      of_bug("B01",
             "Two changes of one balance are made from the same reading: the second to be written "
             "wipes out the first.",
             {"MON-2"}, {kNothing, kReordering}, {{"balance_write=locked"}}),
      by_those_alone(
          of_bug("B02",
                 "The failure of an order comes twice, and so does the money. Even if nothing goes "
                 "wrong a few old events come once more at rest.",
                 {"MON-5", "STK-5"}, {kNothing, kRepetition}, {{"compensation=ledger"}})),
      of_bug("B03",
             "An order is given up while its steps are being taken, and the news of it overtakes "
             "the order: nothing is there to give back yet, and then the step is taken for good.",
             {"CMP-2"}, {kNothing, kReordering}, {{"tombstones=on"}}),
      by_those_alone(
          of_bug("B04",
                 "The money is gone; the event that says so fails on its own, and the shop is told "
                 "that there was no money.",
                 {"PRC-2", "EVT-7"}, {kInterruption}, {{"balance_use=together"}})),
      by_those_alone(of_bug(
          "B05",
          "The commit was done and only its answer is lost. The shop is told that the step has "
          "failed, and it has not.",
          {"PRC-2", "EVT-7"}, {kInterruption}, {{"unknown_commit=redeliver"}})),
      of_bug(
          "B06",
          "The price changes between the order and its failure, if that comes late enough, and the "
          "customer gets back another amount than was paid.",
          {"MON-6"}, {kNothing, kReordering}, {{"compensation=ledger"}}),
      of_bug("C01",
             "Two orders with one coupon are served at once: both see it free, both get the "
             "discount.",
             {"CPN-1"}, {kNothing, kReordering}, {{"coupon_use=locked"}}),
      of_bug("C02", "Somebody uses a coupon that is another customer's.", {"CPN-5"}, {kNothing},
             {{"coupon_owner=on"}}),
      by_those_alone(of_bug(
          "S01",
          "An order of two products has taken one and not yet the other; if the second is short "
          "it stays so.",
          {"STK-3"}, {kNothing}, {{"stock_lines=together"}})),
      of_bug("S02",
             "An order asks for more pieces than there are, or two ask for the last: the shelf was "
             "not empty when it was looked at, and the stock goes below nothing.",
             {"STK-1"}, {kNothing}, {{"stock_check=when_taken"}}),
      of_bug("S03",
             "Whatever aborts the stock's transaction, be it a deadlock or a broken connection, is "
             "told to the customer as a shortage. Locking in one order would only make deadlocks "
             "rarer reasons.",
             {"OUT-2"}, {kNothing, kInterruption, kReordering}, {{"transient_errors=retry"}}),
      of_bug(
          "RK01",
          "The news of a sale comes twice and is counted twice. Even if nothing goes wrong a few "
          "old events come once more at rest.",
          {"IDM-1", "RNK-1"}, {kNothing, kRepetition}, {{"rank=applied_set"}}),
      of_bug("P01",
             "The gateway does not answer in time, and nobody knows whether the money was taken. "
             "The order is canceled as if it had said no.",
             {"OUT-2"}, {kInterruption}, {{"gateway=same_key"}}),
      of_bug("P02",
             "The money was taken and the answer is lost. The gateway is asked again as if for the "
             "first time, and takes it again.",
             {"PAY-5"}, {kInterruption}, {{"gateway=same_key"}}),
      of_bug("P03",
             "The numbers of orders and payments drift apart once an order does not come to its "
             "payment, or comes there after a later one. From then on the refund finds another "
             "customer's payment, or none.",
             {"ORP-1", "OUT-1", "OUT-2", "PAY-3", "PAY-4"}, {kNothing, kReordering},
             {{"refund_lookup=by_order"}}),
      of_bug(
          "MS01",
          "The news of a sale comes twice and is sent on twice. Even if nothing goes wrong a few "
          "old events come once more at rest.",
          {"DPL-1"}, {kNothing, kRepetition}, {{"platform_key=on"}}),
      // ---- values that are no bug by themselves ----
      of_values({{"publish", "after_commit"}}, "checkout",
                "The event is only in memory between the commit and the broker. Whatever ends the "
                "process or the message in between loses it, and the inbox keeps the work from "
                "being done again.",
                {"EVT-2"}, {kInterruption}, {{"publish=outbox"}}),
      of_values({{"publish", "before_commit"}}, "checkout",
                "The log tells of a change that is not there yet, and never will be if the commit "
                "does not come to pass.",
                {"EVT-1"}, {kNothing, kInterruption}, {{"publish=outbox"}}),
      of_values({{"publish", "direct"}}, "checkout",
                "The event is sent in the middle of the transaction: it can come before the "
                "commit, without the commit, or, lost on its way, not at all.",
                {"EVT-1", "EVT-2"}, {kNothing, kInterruption}, {{"publish=outbox"}}),
      of_values({{"balance_use", "then_record"}}, "checkout",
                "The money is gone; the event that says so fails on its own, and the shop is told "
                "that there was no money.",
                {"EVT-1", "EVT-2", "PRC-2", "EVT-7"}, {kInterruption}, {{"balance_use=together"}}),
      of_values({{"consume", "inbox_outside"}}, "checkout",
                "The effect is committed and the note of it is not. Unique keys per order keep the "
                "event from taking effect again; but what finds its work done writes no note "
                "either, and the list of what was heard has a hole.",
                {"EVT-8"}, {kInterruption}, {{"consume=inbox"}}),
      of_values({{"consume", "marked_first"}}, "checkout",
                "The note is committed and the effect is not: the event comes again and is taken "
                "for done.",
                {"PRC-4", "OUT-1", "ORP-1", "CMP-1", "MON-4", "STK-4", "CPN-3", "PAY-3", "PAY-4",
                 "PAY-8", "RNK-1", "EVT-8", "LIV-1"},
                {kInterruption}, {{"consume=inbox"}}),
      of_values({{"consume", "none"}, {"natural_keys", "off"}}, "checkout",
                "Every event that comes twice takes effect twice. Even if nothing goes wrong a few "
                "old ones come once more at rest. Unique keys per order would refuse that.",
                {"IDM-1"}, {kNothing, kRepetition}, {{"consume=inbox"}, {"natural_keys=on"}}),
      of_values({{"aggregate", "plain_read"}}, "patient",
                "Two results of one order are written down at once, and one of them is lost.",
                {"PRC-1", "PRC-4"}, {kNothing, kReordering}, {{"aggregate=locked"}}),
      of_values({{"unknown_commit", "failure"}}, "checkout",
                "The commit was done and only its answer is lost. The shop is told that the step "
                "has failed, and it has not.",
                {"EVT-1", "PRC-2", "EVT-7"}, {kInterruption}, {{"unknown_commit=redeliver"}}),
      of_values({{"retries", "park"}}, "checkout",
                "Four attempts are over in a second or two. What is parked because a database was "
                "away for that long is never looked at again.",
                {"DLQ-1"}, {kInterruption}, {{"retries=forever"}}),
      of_values({{"retries", "set_aside"}}, "checkout",
                "Later attempts come behind what came after, and still there are only four of "
                "them: a database that is away for longer makes dead letters.",
                {"DLQ-1"}, {kInterruption}, {{"retries=forever"}}),
      of_values({{"transient_errors", "failure"}}, "checkout",
                "A connection breaks, or a database is away for a moment, and the customer is told "
                "that there was no money, no coupon or no stock.",
                {"OUT-2"}, {kInterruption}, {{"transient_errors=retry"}}),
      by_those_alone(of_values(
          {{"stock_lines", "one_by_one"}}, "checkout",
          "An order of two products has taken one and not yet the other; if the second is "
          "short it stays so.",
          {"STK-3"}, {kNothing}, {{"stock_lines=together"}})),
      of_values({{"compensation", "flags"}}, "checkout",
                "An order is given up while a step is under way. The failure says that the step "
                "had not been taken, and by the time it arrives it has.",
                {"ORP-1", "CMP-1"}, {kNothing, kReordering}, {{"compensation=ledger"}}),
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

// Whoever is interrupted tries again: so an interruption repeats and delays, too. What is late can
// be taken for lost by whoever loses patience, and is then an interruption.
bool brings(Kind kind, Trouble trouble) {
  switch (trouble) {
    case Trouble::kNothing:
      return false;
    case Trouble::kInterruption:
      return among(kInterrupts, kind) || among(kDelays, kind);
    case Trouble::kRepetition:
      return among(kInterrupts, kind) || among(kRepeats, kind) || among(kDelays, kind);
    case Trouble::kReordering:
      return among(kInterrupts, kind) || among(kDelays, kind);
  }
  return false;
}

const std::vector<Weakening>& expected() {
  static const std::vector<Weakening> kExpected = write_down();
  return kExpected;
}

std::string name_of(const Weakening& weakening) { return name_of(weakening, "=", " with "); }
std::string file_name_of(const Weakening& weakening) { return name_of(weakening, "-", "-"); }

}  // namespace sagasim::stories
