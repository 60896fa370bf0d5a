// What a group of properties is built on: the truth, the reporter, and the moment.
#pragma once

#include <string>

#include "domain/names.h"
#include "domain/properties/ground_truth.h"

namespace sagasim::domain {

class PropertyGroup {
 public:
  PropertyGroup(GroundTruth& truth, Reporter& reporter) : truth_(truth), reporter_(reporter) {}

 protected:
  // Evaluates `property` for `subject`; `message()` is called only if it does not hold.
  template <class Message>
  void expect(PropertyId property, bool holds, const char* kind, sim::Subject subject,
              sim::Instant at, Message&& message) {
    if (!reporter_.check(property, holds)) [[unlikely]] {
      reporter_.report(property, kind, subject, at, message());
    }
  }

  GroundTruth& truth_;
  Reporter& reporter_;
};

// The consumer group in which a party takes its step.
inline constexpr sim::Name kPartyGroup[kParties] = {group::kBalance, group::kCoupon, group::kStock};
// What a party announces once it has taken its step, and once it has refused to.
inline constexpr EventType kStepDone[kParties] = {EventType::kBalanceUsed, EventType::kCouponUsed,
                                                  EventType::kStockDeducted};
inline constexpr EventType kStepFailed[kParties] = {
    EventType::kBalanceUseFailed, EventType::kCouponUseFailed, EventType::kStockDeductFailed};

// "order c2.3"
inline std::string order_text(sim::Subject order) { return "order " + sim::to_text(order); }

}  // namespace sagasim::domain
