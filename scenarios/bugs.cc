#include "scenarios/bugs.h"

#include <string_view>

#include "domain/policy_catalog.h"
#include "scenarios/duration_text.h"
#include "sim/check.h"

namespace sagasim::scenarios {

std::span<const Bug> bugs() {
  static const std::vector<Bug> kBugs = {
      {"X01",
       "dual-write-no-outbox",
       "The order is completed, and OrderCompleted is then sent from memory.",
       {{"completion", "then_send"}},
       "checkout",
       {"EVT-2", "RNK-1", "DPL-2"},
       "Write the event into an outbox in the transaction of the completion."},
      {"X02",
       "step-success-before-commit",
       "StockDeducted commits before the deduction that it tells of.",
       {{"stock_deduct", "say_first"}},
       "checkout",
       {"EVT-1", "EVT-7", "PRC-2"},
       "Write the event in the transaction of the deduction."},
      {"X03",
       "inbox-check-outside-tx",
       "The effect commits first, the inbox row that should keep it from happening twice "
       "afterwards.",
       {{"consume", "inbox_outside"}, {"natural_keys", "off"}, {"tombstones", "off"}},
       "checkout",
       {"IDM-1", "MON-5", "STK-5"},
       "Write the inbox row in the transaction of the effect."},
      {"X04",
       "relay-watermark-gap",
       "The relay asks for numbers above the last one it has published; smaller ones can still "
       "commit.",
       {{"relay", "watermark"}},
       "rush",
       {"EVT-2"},
       "Mark each row as published; never infer it from a number."},
      {"X05",
       "ack-before-processing",
       "Consumers acknowledge an event as it arrives, and then handle it.",
       {{"acknowledge", "before_processing"}},
       "checkout",
       {"CMP-1", "MON-4", "STK-4", "CPN-3", "PAY-3"},
       "Acknowledge after the commit."},
      {"X06",
       "poison-blocks-partition",
       "A record that nobody can read is tried again for ever, and everything behind it waits.",
       {{"malformed", "as_others"}},
       "checkout",
       {"LIV-2", "LIV-3", "LIV-6"},
       "Park what cannot be read after a few attempts, and have somebody look at it."},
      {"X07",
       "recoverer-drops-record",
       "After four attempts an event is dropped, whatever it says.",
       {{"retries", "skip"}},
       "checkout",
       {"DLQ-1", "CMP-1", "MON-4"},
       "Never give up an event that moves money or gives something back."},
      {"X08",
       "failure-event-in-rolled-back-tx",
       "PayFailed is written to the outbox in a transaction that an exception then rolls back.",
       {{"decline", "rolled_back"}},
       "checkout",
       {"PAY-8"},
       "Commit the failure and its event; throw afterwards, if at all."},
      {"X09",
       "retry-storm",
       "Where a charge comes to nothing, the gateway is asked again at once, and again, until it "
       "does.",
       {{"gateway_retry", "at_once"}},
       "fleet",
       {"LIV-5"},
       "Wait before each further attempt, longer each time, and by chance."},
      {"O01",
       "decision-without-guard",
       "Once all three results are in, the order is decided, though it may have been before.",
       {{"decide", "nothing"}},
       "checkout",
       {"ORD-3", "PAY-6"},
       "Test and set the phase in the transaction of the decision."},
      {"O02",
       "lock-only-decision",
       "The steps are in the cache, and nothing but a lock with a lease keeps two results from "
       "both deciding the order.",
       {{"decide", "lock"}, {"steps", "cache"}},
       "patient",
       {"ORD-3", "PAY-6"},
       "Test and set the phase in the transaction of the decision; a lock only saves work."},
      {"O03",
       "saga-state-ttl",
       "The steps are in the cache alone, which forgets them 60 s after the last one.",
       {{"steps", "cache"}},
       "checkout",
       {"PRC-4", "ORP-1"},
       "Keep the steps in rows; the cache may hold a copy."},
      {"O04",
       "redis-decision-guard-lost",
       "The first decision is marked in the cache, and nowhere else.",
       {{"decide", "cache_flag"}},
       "patient",
       {"ORD-3", "PRC-4", "ORP-1"},
       "Mark it in the order's row, in the transaction of the decision."},
      {"O05",
       "timeout-vs-inflight-payment",
       "An order whose payment takes long is failed, and the payment that then comes is ignored.",
       {{"payment_timeout", "5 s"}},
       "checkout",
       {"PAY-3", "PAY-4", "OUT-2"},
       "Let the payment's answer decide, or give back what comes too late."},
      {"O06",
       "all-failed-flags",
       "A failure after the payment carries all steps as failed, so that nobody undoes anything.",
       {{"compensation", "flags_forgotten"}},
       "checkout",
       {"CMP-1", "MON-4", "STK-4", "CPN-3"},
       "Undo by the service's own record of what it did."},
      {"O07",
       "fail-fast-skips-pending",
       "The first failed step fails the order, and steps that were pending then are not undone.",
       {{"failure", "at_first"}, {"compensation", "flags"}, {"tombstones", "off"}},
       "checkout",
       {"CMP-1", "CMP-2", "MON-4", "STK-4", "CPN-3"},
       "Wait for all three, or undo by the ledger and leave tombstones."},
      {"O08",
       "int32-total",
       "Prices are multiplied and added in 32 bits.",
       {{"arithmetic", "wrapping_32"}},
       "luxury",
       {"MON-7"},
       "Compute in 64 bits, and check for overflow."},
      {"O09",
       "client-retry-new-order",
       "A repeated request creates another order.",
       {{"request_keys", "off"}},
       "checkout",
       {"ORD-6", "IDM-5", "MON-3"},
       "Keep the request's key with the order, uniquely."},
      {"O10",
       "complete-then-publish-in-try",
       "Completion and event are two transactions in one try block, whose catch declares the "
       "completion failed.",
       {{"completion", "then_record"}},
       "checkout",
       {"PAY-3", "PAY-4", "ORD-3"},
       "Complete and tell in one transaction."},
      {"B01",
       "lost-update",
       "A balance is read, changed in memory and written back without a lock or a version.",
       {{"balance_write", "lost_update"}},
       "rush",
       {"MON-2", "MON-3"},
       "Lock the row, or write only if its version is the one that was read."},
      {"B02",
       "refund-twice",
       "OrderFailed is undone as often as it comes.",
       {{"compensation", "every_time"}},
       "checkout",
       {"MON-5", "MON-6", "STK-5", "IDM-1"},
       "Look at the ledger first, in the transaction of the refund."},
      {"B03",
       "missing-tombstone",
       "An OrderFailed that comes before its OrderCreated leaves nothing behind.",
       {{"tombstones", "off"}},
       "checkout",
       {"CMP-2"},
       "Leave a tombstone that the late action meets."},
      {"B04",
       "used-then-usefailed",
       "The deduction commits; if its event then cannot be written, a failure is told instead.",
       {{"balance_use", "then_record"}, {"compensation", "flags"}},
       "checkout",
       {"PRC-2", "EVT-7"},
       "Deduct and tell in one transaction."},
      {"B05",
       "unknown-commit-as-failure",
       "A commit whose answer is lost counts as failed, and so it is told.",
       {{"unknown_commit", "failure"}, {"compensation", "flags"}},
       "checkout",
       {"PRC-2", "EVT-7"},
       "Handle the event again; the inbox knows."},
      {"B06",
       "refund-from-current-price",
       "OrderFailed carries an amount computed from today's prices, and that is what is refunded.",
       {{"compensation", "event_amount"}},
       "marketplace",
       {"MON-6", "MON-4"},
       "Refund what the ledger says was taken."},
      {"C01",
       "coupon-double-use",
       "A coupon is looked at and then marked, and two orders can look before either marks.",
       {{"coupon_use", "check_then_write"}},
       "rush",
       {"CPN-1"},
       "Lock the coupon, or mark it only if it is still free."},
      {"C02",
       "foreign-coupon",
       "Nobody compares the coupon's owner with the user who orders.",
       {{"coupon_owner", "off"}},
       "checkout",
       {"CPN-5"},
       "Compare them where the coupon is taken."},
      {"S01",
       "partial-deduct",
       "Each line takes its stock in a transaction of its own, and a shortage leaves what was "
       "taken.",
       {{"stock_lines", "one_by_one"}, {"compensation", "flags"}},
       "checkout",
       {"STK-3"},
       "Take all lines in one transaction."},
      {"S02",
       "blind-decrement",
       "Stock is checked when the order is created, and subtracted later without a look.",
       {{"stock_check", "when_ordered"}},
       "checkout",
       {"STK-1", "STK-6"},
       "Check where it is subtracted, under the lock."},
      {"S03",
       "lock-order-deadlock",
       "Stock rows are locked in the order of the lines, and the victim of a deadlock is told that "
       "stock was short.",
       {{"stock_locks", "as_requested"}, {"transient_errors", "failure"}},
       "rush",
       {"OUT-2"},
       "Lock in one order everywhere, and try again after a deadlock."},
      {"RK01",
       "rank-double-count",
       "Sales are added to the rank whenever an OrderCompleted comes.",
       {{"rank", "increment"}},
       "checkout",
       {"RNK-1", "IDM-1"},
       "Keep the events that have been counted, in the same transaction."},
      {"P01",
       "timeout-as-decline",
       "A charge whose answer does not come counts as declined.",
       {{"gateway", "timeout_as_decline"}},
       "checkout",
       {"PAY-4", "PAY-8", "OUT-2"},
       "Ask again with the same key until the gateway has answered."},
      {"P02",
       "fresh-key-per-attempt",
       "Each attempt at a charge has an idempotency key of its own.",
       {{"gateway", "fresh_key"}},
       "checkout",
       {"PAY-5"},
       "One key per order, kept with the payment."},
      {"P03",
       "orderid-as-paymentid",
       "The payment to give back is looked up by the order's number, as if it were its own.",
       {{"refund_lookup", "by_number"}},
       "checkout",
       {"PAY-3", "PAY-4", "PAY-8"},
       "Look it up by its order; give numbers types of their own."},
      {"MS01",
       "platform-duplicate",
       "Every delivery of OrderCompleted is sent to the data platform, without a key.",
       {{"platform_key", "off"}},
       "checkout",
       {"DPL-1"},
       "Send the event's id along, by which the platform knows it."},
  };
  return kBugs;
}

std::span<const Equivalent> equivalents() {
  static const std::vector<Equivalent> kEquivalents = {
      {{{"consume", "none"}},
       "checkout",
       "Every handler looks at its own row of the order first, which tells a second event from a "
       "first."},
      {{{"natural_keys", "off"}},
       "checkout",
       "The inbox alone knows every event that has taken effect."},
      {{{"relay", "every_instance"}},
       "fleet",
       "Several relays only publish an event several times, under one id, and consumers know it."},
      {{{"acknowledge", "without_waiting"}},
       "checkout",
       "A late commit only moves the position back; more events come again, and consumers know "
       "them."},
      {{{"acknowledge", "at_intervals"}},
       "checkout",
       "A crash only makes more events come again, and consumers know them."},
      {{{"coupon_return", "unchecked"}},
       "checkout",
       "Only an order whose step was applied gives back, and while it is applied it holds the "
       "coupon."},
      {{{"stock_locks", "as_requested"}},
       "rush",
       "The victim of a deadlock rolls back and is tried again; that costs time and nothing else."},
      {{{"final_states", "off"}},
       "checkout",
       "A payment is answered once, and only after the decision that it follows from; nothing "
       "comes late that could change an order which has ended."},
      {{{"failure", "at_first"}},
       "checkout",
       "What was still pending is undone by the ledger, or meets the tombstone."},
      {{{"steps", "copied"}},
       "fleet",
       "The copy is never ahead of the row, and what is missing in it is asked of the row: the "
       "cache may lose all of it."},
  };
  return kEquivalents;
}

std::string full_name(const Bug& bug) { return std::string(bug.id) + '-' + bug.name; }

void apply(const Bug& bug, domain::Policy& policy) { apply(bug.settings, policy); }

void apply(const std::vector<Setting>& settings, domain::Policy& policy) {
  for (const Setting& setting : settings) {
    bool known = false;
    for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
      if (std::string_view(entry.id) != setting.policy) {
        continue;
      }
      for (std::size_t i = 0; i < entry.values.size(); ++i) {
        if (std::string_view(entry.values[i].id) == setting.value) {
          entry.set(policy, i);
          known = true;
        }
      }
      if (!known && entry.duration != nullptr) {
        policy.*entry.duration = parse_duration(setting.value);
        known = (policy.*entry.duration).has_value();
      }
    }
    SAGASIM_CHECK(known, "there is no such policy, or no such value of it");
  }
}

std::vector<std::string> to_settings(const std::vector<Setting>& settings) {
  std::vector<std::string> texts;
  for (const Setting& setting : settings) {
    texts.push_back(std::string("architecture.") + setting.policy + "=" + setting.value);
  }
  return texts;
}

}  // namespace sagasim::scenarios
