#include "domain/properties/money.h"

namespace sagasim::domain {
namespace {

std::string times(std::uint64_t count) {
  return count == 1 ? "once" : std::to_string(count) + " times";
}

}  // namespace

void MoneyProperties::on_balance(const BalanceRow* before, const BalanceRow& after,
                                 sim::Instant at) {
  UserTruth* user = truth_.user(after.user);
  if (user == nullptr) {
    return;
  }
  const Money old = before != nullptr ? before->amount : 0;
  user->balance = after.amount;
  user->amounts.push_back(UserTruth::Amount{at, after.amount});
  truth_.total_balance += after.amount - old;
  touched_.push_back(user);
  expect(PropertyId::kMon1, after.amount >= 0, "balance", after.user, at, [&] {
    return "the balance of " + to_text(after.user) + " is " + money_text(after.amount);
  });
}

void MoneyProperties::on_entry(const BalanceEntry& entry, sim::Instant at) {
  UserTruth* user = truth_.user(entry.user);
  if (user == nullptr) {
    return;
  }
  touched_.push_back(user);
  if (entry.kind == EntryKind::kCharge) {
    user->ledger += entry.amount;
    user->charged += entry.amount;
    truth_.total_charged += entry.amount;
    charged_ = true;
    Charged* charge = nullptr;
    for (Charged& known : charges_) {
      charge = known.command == entry.source ? &known : charge;
    }
    if (charge == nullptr) {
      charge = &charges_.emplace_back(Charged{entry.source, 0});
    }
    ++charge->entries;
    const OrderTruth* command = truth_.order(entry.source);
    const bool known = command != nullptr && command->command->kind == CommandKind::kCharge &&
                       command->command->amount == entry.amount && charge->entries == 1;
    expect(PropertyId::kMon3, known, "balance", entry.source, at, [&] {
      return "charge " + to_text(entry.source) + " was booked " + std::to_string(charge->entries) +
             " times, now with " + money_text(entry.amount);
    });
    return;
  }
  OrderTruth* order = truth_.order(entry.source);
  if (order == nullptr) {
    return;
  }
  const bool use = entry.kind == EntryKind::kUse;
  if (use) {
    order->used += entry.amount;
    ++order->uses;
    user->ledger -= entry.amount;
    truth_.total_net += entry.amount;
  } else {
    order->refunded += entry.amount;
    ++order->refunds;
    user->ledger += entry.amount;
    truth_.total_net -= entry.amount;
  }
  const bool orderly =
      order->uses <= 1 && order->refunds <= order->uses && order->command->user == entry.user;
  expect(PropertyId::kMon5, orderly, use ? "balance/paid" : "balance/refunded", entry.source, at,
         [&] {
           const Money net = order->net();
           return order_text(entry.source) + " was paid " + times(order->uses) + " and refunded " +
                  times(order->refunds) + ": " + to_text(entry.user) + " is " +
                  (net < 0 ? money_text(-net) + " up" : money_text(net) + " down");
         });
  if (!use) {
    const bool exact =
        order->refunded == order->used && (!order->exists || order->used == order->row.facts.total);
    expect(PropertyId::kMon6, exact, "balance", entry.source, at, [&] {
      return order_text(entry.source) + " had paid " + money_text(order->used) +
             " and was refunded " + money_text(order->refunded);
    });
  }
}

void MoneyProperties::settle(sim::Instant at) {
  if (touched_.empty()) {
    return;
  }
  for (const UserTruth* user : touched_) {
    expect(PropertyId::kMon2, user->balance == user->ledger, "balance", user->user, at, [&] {
      return "the balance of " + to_text(user->user) + " is " + money_text(user->balance) +
             ", its ledger says " + money_text(user->ledger);
    });
    if (charged_) {
      expect(PropertyId::kMon1, user->balance <= kBalanceCap, "balance", user->user, at, [&] {
        return "a charge brought the balance of " + to_text(user->user) + " to " +
               money_text(user->balance);
      });
    }
  }
  const Money accounted = truth_.total_balance + truth_.total_net;
  expect(PropertyId::kMon3, accounted == truth_.total_charged, "balance", sim::Subject(), at, [&] {
    return "customers charged " + money_text(truth_.total_charged) +
           ", but balances and orders "
           "account for " +
           money_text(accounted);
  });
  touched_.clear();
  charged_ = false;
}

void MoneyProperties::on_order(const OrderTruth& truth, const OrderRow* before,
                               const OrderRow& after, sim::Instant at) {
  if (before == nullptr) {
    check_price(truth, after, at);
    return;
  }
  const bool same = truth.facts_digest == sim::digest_of(after.facts);
  expect(PropertyId::kMon7, same, "order", after.facts.order, at, [&] {
    return "the price of " + order_text(after.facts.order) + " changed from " +
           money_text(before->facts.total) + " to " + money_text(after.facts.total);
  });
}

// The prices are those of some moment since the customer first asked.
void MoneyProperties::check_price(const OrderTruth& truth, const OrderRow& order, sim::Instant at) {
  __extension__ using Wide = __int128;
  const OrderFacts& facts = order.facts;
  Wide gross = 0;
  bool exact = true;
  for (const OrderLine& line : facts.lines) {
    const ProductTruth* product = truth_.product(line.product);
    exact = exact && product != nullptr && product->cost(line.unit_price, truth.command->at, at);
    gross += static_cast<Wide>(line.unit_price) * line.quantity;
  }
  const CouponTruth* coupon = facts.coupon.none() ? nullptr : truth_.coupon(facts.coupon);
  const Wide rate = coupon != nullptr ? coupon->rate_bp : 0;
  exact = exact && facts.discount == static_cast<Money>(gross * rate / 10'000) &&
          facts.total == static_cast<Money>(gross) - facts.discount && facts.discount >= 0;
  expect(PropertyId::kMon7, exact, "order", facts.order, at, [&] {
    return order_text(facts.order) + " has a total of " + money_text(facts.total) +
           " and a discount of " + money_text(facts.discount) + " on a gross of " +
           money_text(static_cast<Money>(gross));
  });
}

void MoneyProperties::on_read(sim::Subject name, Money amount, sim::Instant asked,
                              sim::Instant at) {
  const UserTruth* user = truth_.user(name);
  if (user == nullptr) {
    return;
  }
  expect(PropertyId::kMon8, user->had(amount, asked, at), "balance", name, at, [&] {
    return to_text(name) + " was told of a balance of " + money_text(amount) +
           ", which it was not at the time";
  });
}

void MoneyProperties::at_end(const OrderTruth& order, sim::Instant at) {
  const sim::Subject name = order.command->name;
  const Money due = order.done() ? order.row.facts.total : 0;
  if (order.exists || order.uses != 0) {
    expect(PropertyId::kMon4, order.net() == due, order.done() ? "balance/completed" : "balance",
           name, at, [&] {
             return order_text(name) + " is " +
                    (order.exists ? to_text(order.row.status) : "unknown to the order service") +
                    " and should have cost " + to_text(order.command->user) + " " +
                    money_text(due) + ", but cost " + money_text(order.net());
           });
  }
}

void MoneyProperties::charge_at_end(const CommandHistory& history, sim::Instant at) {
  if (!history.finished || history.answer == Answer::kTryAgain) {
    return;
  }
  const sim::Subject name = history.command->name;
  std::uint32_t entries = 0;
  for (const Charged& charge : charges_) {
    entries += charge.command == name ? charge.entries : 0;
  }
  const std::uint32_t due = history.answer == Answer::kAccepted ? 1 : 0;
  expect(PropertyId::kMon3, entries == due, "balance", name, at, [&] {
    return "charge " + to_text(name) + " was " + to_text(history.answer) + " but booked " +
           std::to_string(entries) + " times";
  });
}

}  // namespace sagasim::domain
