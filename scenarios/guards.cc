#include "scenarios/guards.h"

#include "sim/check.h"

namespace sagasim::scenarios {

std::span<const Guard> guards() {
  static const std::vector<Guard> kGuards = {
      {"G1",
       "outbox",
       "An event is a row in the transaction of the change that it tells of, and a relay sends it.",
       {{"publish", "after_commit"}}},
      {"G2",
       "inbox",
       "An event that was handled is a row in the transaction of its effect.",
       {{"consume", "none"}}},
      {"G3",
       "natural keys",
       "What can happen once to an order has a unique key by it, and is looked at first.",
       {{"natural_keys", "off"}}},
      {"G4",
       "decide once",
       "An order is decided by testing and setting its phase in one transaction.",
       {{"decide", "nothing"}}},
      {"G5",
       "locked aggregate",
       "Results are collected under a lock on the order's row.",
       {{"aggregate", "plain_read"}}},
      {"G6",
       "tombstones",
       "A compensation that overtakes its action leaves a mark for it.",
       {{"tombstones", "off"}}},
      {"G7",
       "wait for all",
       "An order is failed once all its steps have answered.",
       {{"failure", "at_first"}}},
      {"G8",
       "refund by order",
       "The payment to give back is looked up by its order.",
       {{"refund_lookup", "by_number"}}},
      {"G9",
       "gateway key",
       "A charge without an answer is asked for again under the same key, until there is one.",
       {{"gateway", "timeout_as_decline"}}},
      {"G10",
       "unknown commit",
       "A commit whose answer is lost means nothing yet: the event is handled again.",
       {{"unknown_commit", "failure"}}},
      {"G11",
       "late ack",
       "A consumer acknowledges an event once its effect is committed.",
       {{"acknowledge", "before_processing"}}},
      {"G12",
       "retry for ever",
       "An event that cannot be handled now is tried again until it can.",
       {{"retries", "skip"}}},
      {"G13",
       "row locks",
       "Rows are locked before they are read, in one order, all lines in one transaction; what "
       "the database refuses is tried again.",
       {{"transient_errors", "failure"},
        {"stock_locks", "as_requested"},
        {"stock_lines", "one_by_one"},
        {"stock_check", "when_ordered"},
        {"balance_write", "lost_update"}}},
      {"G14",
       "coupon checks",
       "A coupon is taken under a lock, by its owner, and given back by the order that holds it.",
       {{"coupon_use", "check_then_write"},
        {"coupon_owner", "off"},
        {"coupon_return", "unchecked"}}},
      {"G15",
       "applied set",
       "The ranking keeps the events that it has counted, in the same transaction.",
       {{"rank", "increment"}}},
      {"G16",
       "platform key",
       "A request to the data platform carries the id of its event.",
       {{"platform_key", "off"}}},
      {"G17",
       "request keys",
       "A command carries a key, and its answer is kept under it.",
       {{"request_keys", "off"}}},
      {"G18",
       "ledger",
       "A step is undone by the service's own record of it.",
       {{"compensation", "flags"}}},
  };
  return kGuards;
}

void leave_out(std::uint32_t guards_left_out, domain::Policy& policy) {
  const std::span<const Guard> all = guards();
  SAGASIM_CHECK(guards_left_out >> all.size() == 0, "there are not so many guards");
  for (std::size_t i = 0; i < all.size(); ++i) {
    if ((guards_left_out >> i & 1) != 0) {
      apply(all[i].left_out, policy);
    }
  }
}

std::span<const TroubleClass> trouble_classes() {
  static const std::vector<TroubleClass> kClasses = {
      {"calm",
       "Nothing goes wrong. Customers still meet one another, and the gateway declines some.",
       {{"faults.profile=calm"}}},
      {"duplicates",
       "Messages arrive twice, and groups are set back to read again.",
       {{"faults.profile=duplicates"}}},
      {"loss",
       "Messages are lost on the way there, or refused.",
       {{"faults.profile=calm", "faults.rates.drop=15000", "faults.rates.fail=5000"}}},
      {"reorder",
       "Messages are late and overtake one another, and meet their own retries.",
       {{"faults.profile=reorder"}}},
      {"crashes",
       "Processes, servers and caches die at every step, in loops, all at once, in upgrades.",
       {{"faults.profile=crashy"}}},
      {"unknown outcomes",
       "Nobody learns whether it was done: the answer is lost, or it was not, or it will be.",
       {{"faults.profile=calm", "faults.rates.reply-lost=8000", "faults.rates.not-done=8000",
         "faults.rates.late=8000"}}},
      {"pauses",
       "Processes stop and go on, and whole roles are slow.",
       {{"faults.profile=calm", "faults.rates.pause=6000", "faults.rates.slowness=3"}}},
      {"gateway trouble",
       "The services outside are down for a while, refuse, are late, or their answers are lost.",
       {{"faults.profile=gateway-down", "faults.operations_outside_only=true",
         "faults.rates.delay=30000", "faults.rates.fail=60000", "faults.rates.reply-lost=60000",
         "faults.rates.not-done=60000", "faults.rates.late=60000"}}},
      {"all together",
       "Every kind of fault but the breakers, a few kinds in a run or all of them.",
       {{"faults.profile=swarm"}, {"faults.profile=everything"}}},
  };
  return kClasses;
}

}  // namespace sagasim::scenarios
