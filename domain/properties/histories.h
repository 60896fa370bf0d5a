// Client histories, LIN-1 and LIN-2: each answer about a balance or an order was right at one
// moment between the question and the answer. Commits have an order in time, and every request has
// its moment in it between its two ends; so requests that do not overlap, whoever made them, are in
// that order too, and the history is linearizable (Herlihy and Wing 1990). What readers are told is
// held against the same moments by MON-8 and ORD-7.
#pragma once

#include "domain/properties/group.h"

namespace sagasim::domain {

class HistoryProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // A row was committed; call before the truth knows it.
  void on_order(OrderTruth& order, const OrderRow* before, const OrderRow& after, sim::Instant at);
  // A command was answered.
  void on_answer(const CommandHistory& history, sim::Instant at);
  // A reader was told that there is no such order.
  void on_missing(sim::Subject order, sim::Instant asked, sim::Instant at);

 private:
  void check_charge(const CommandHistory& history, sim::Instant at);
  void check_cancellation(const CommandHistory& history, sim::Instant at);
};

}  // namespace sagasim::domain
