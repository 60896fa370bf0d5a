#include "domain/messages/events.h"

namespace sagasim::domain {

const char* to_text(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "none";
    case Reason::kNoBalance:
      return "not enough balance";
    case Reason::kCouponUnusable:
      return "coupon unusable";
    case Reason::kStockShort:
      return "stock short";
    case Reason::kTombstone:
      return "order had failed before";
    case Reason::kStepFailed:
      return "step failed";
    case Reason::kDeclined:
      return "payment declined";
    case Reason::kPaymentCanceled:
      return "payment canceled";
    case Reason::kUserCanceled:
      return "canceled by the user";
    case Reason::kTimeout:
      return "saga timeout";
  }
  return "?";
}

const char* to_text(StepState state) {
  switch (state) {
    case StepState::kPending:
      return "PENDING";
    case StepState::kSuccess:
      return "SUCCESS";
    case StepState::kFailed:
      return "FAILED";
  }
  return "?";
}

std::uint64_t event_id(EventType type, sim::Subject order, std::uint32_t version) {
  return sim::combine(sim::combine(name_of(type).hash(), order.bits()), version);
}

}  // namespace sagasim::domain
