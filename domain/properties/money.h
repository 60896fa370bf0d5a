// Money properties, MON-1 to MON-8: balances, their ledger, and what readers were told of them.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class MoneyProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // A balance or a ledger entry was committed; settle() closes the commit.
  void on_balance(const BalanceRow* before, const BalanceRow& after, sim::Instant at);
  void on_entry(const BalanceEntry& entry, sim::Instant at);
  void settle(sim::Instant at);
  void on_order(const OrderTruth& truth, const OrderRow* before, const OrderRow& after,
                sim::Instant at);
  void on_read(sim::Subject user, Money amount, sim::Instant asked, sim::Instant at);
  // In the end, for every order; `at` is the end.
  void at_end(const OrderTruth& order, sim::Instant at);
  // In the end, for every charge.
  void charge_at_end(const CommandHistory& history, sim::Instant at);

 private:
  void check_price(const OrderTruth& truth, const OrderRow& order, sim::Instant at);

  std::vector<UserTruth*> touched_;
  bool charged_ = false;
  // CHARGE entries by the command that caused them.
  struct Charged {
    sim::Subject command;
    std::uint32_t entries = 0;
  };
  std::vector<Charged> charges_;
};

}  // namespace sagasim::domain
