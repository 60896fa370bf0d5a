// Stock properties, STK-1 to STK-6: quantities and their ledger.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class StockProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  void on_stock(const StockRow& after, sim::Instant at);
  void on_entry(const StockEntry& entry, sim::Instant at);
  // Closes a commit: the checks that span rows.
  void settle(sim::Instant at);
  void at_end(const OrderTruth& order, sim::Instant at);
  void products_at_end(sim::Instant at);

 private:
  std::vector<ProductTruth*> products_;  // touched by this commit
  std::vector<OrderTruth*> orders_;
};

}  // namespace sagasim::domain
