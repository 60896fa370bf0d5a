// Generators of shops, workloads and fault plans, small and crowded, that shrink towards one order
// and no fault.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "domain/commands.h"
#include "faults/plan.h"
#include "scenarios/library.h"
#include "scenarios/repro.h"
#include "scenarios/shop_system.h"

namespace sagasim {

// One generated command of a customer, before it has its name.
struct Wish {
  std::uint32_t customer = 0;
  int kind = 0;  // 0 to 5: an order; 6: a cancellation; 7: a charge
  std::int64_t at_ms = 0;
  std::uint32_t product = 0;
  std::uint32_t other_product = 0;
  std::uint32_t quantity = 1;
  std::uint32_t coupon = 0;  // 0: none
  std::int64_t amount = 1;
};

// One generated fault, to be put on the operation with this rank in the calm run of the workload.
struct Blow {
  std::uint32_t rank = 0;
  int kind = 0;
  std::int64_t milliseconds = 1;
};

inline rc::Gen<Wish> wish() {
  using rc::gen::inRange;
  return rc::gen::build<Wish>(rc::gen::set(&Wish::customer, inRange<std::uint32_t>(0, 3)),
                              rc::gen::set(&Wish::kind, inRange(0, 8)),
                              rc::gen::set(&Wish::at_ms, inRange<std::int64_t>(0, 3000)),
                              rc::gen::set(&Wish::product, inRange<std::uint32_t>(0, 2)),
                              rc::gen::set(&Wish::other_product, inRange<std::uint32_t>(0, 3)),
                              rc::gen::set(&Wish::quantity, inRange<std::uint32_t>(1, 4)),
                              rc::gen::set(&Wish::coupon, inRange<std::uint32_t>(0, 4)),
                              rc::gen::set(&Wish::amount, inRange<std::int64_t>(1, 20'000)));
}

inline rc::Gen<Blow> blow() {
  using rc::gen::inRange;
  return rc::gen::build<Blow>(
      rc::gen::set(&Blow::rank, inRange<std::uint32_t>(0, 2000)),
      rc::gen::set(&Blow::kind, inRange(0, static_cast<int>(faults::Kind::kPartition))),
      rc::gen::set(&Blow::milliseconds, inRange<std::int64_t>(1, 25'000)));
}

inline rc::Gen<std::vector<Wish>> wishes() { return rc::gen::container<std::vector<Wish>>(wish()); }
inline rc::Gen<std::vector<Blow>> blows() { return rc::gen::container<std::vector<Blow>>(blow()); }

// Three users near a price, two products with few pieces, three coupons.
domain::Workload workload_of(const std::vector<Wish>& wishes);

// The plan that puts each blow on an operation of the calm run: the same fault twice, or one that
// cannot strike its operation, is left out.
faults::Plan plan_of(const scenarios::System& system, const std::vector<Blow>& blows);

// The universe of the suite: the resilient shop, with a saga timeout that the blows can outlast.
scenarios::Scenario property_scenario(const std::vector<std::string>& settings = {});

// What to type to see the case again: writes a reproduction file and names it.
std::string rerun_line(const scenarios::Scenario& scenario, const domain::Workload& workload,
                       const faults::Plan& plan, const scenarios::RunResult& result);

void showValue(const Wish& wish, std::ostream& out);
void showValue(const Blow& blow, std::ostream& out);

}  // namespace sagasim
