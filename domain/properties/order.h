// Order properties, ORD-1 to ORD-7 and REF-1: the order's life and what customers were told of it.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class OrderProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // `truth` still holds the row before this one.
  void on_order(OrderTruth& truth, const OrderRow* before, const OrderRow& after, sim::Instant at);
  // An event about the order became certain to be published.
  void on_announced(OrderTruth& order, EventType type, const OrderRow* row, sim::Instant at);
  void on_answer(const CommandHistory& history, sim::Instant at);
  void on_read(sim::Subject order, std::uint8_t status, sim::Instant asked, sim::Instant at);
  void at_end(const OrderTruth& order, sim::Instant at);

 private:
  void check_references(const OrderTruth& truth, const OrderRow& order, sim::Instant at);
};

}  // namespace sagasim::domain
