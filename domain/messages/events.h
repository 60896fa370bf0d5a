// Events: what services tell each other through the broker, one topic per type, keyed by the order.
// Every event carries what its consumers need (event-carried state), so nobody has to ask back.
#pragma once

#include <cstdint>
#include <iterator>

#include "domain/commands.h"
#include "domain/money.h"
#include "sim/describe.h"
#include "sim/inline_vector.h"
#include "sim/name.h"
#include "sim/time.h"

namespace sagasim::domain {

enum class EventType : std::uint8_t {
#define EVENT(enumerator, name) enumerator,
#include "domain/messages/events.def"
#undef EVENT
};

inline constexpr sim::Name kEventNames[] = {
#define EVENT(enumerator, name) name,
#include "domain/messages/events.def"
#undef EVENT
};
inline constexpr int kEventTypes = std::size(kEventNames);

// The type's name, which is its topic's too: "OrderCreated".
constexpr sim::Name name_of(EventType type) { return kEventNames[static_cast<std::uint8_t>(type)]; }
inline const char* to_text(EventType type) { return name_of(type).text(); }

// Why something did not come about. Infrastructure is never among the reasons.
enum class Reason : std::uint8_t {
  kNone,
  kNoBalance,       // the user has no balance, or not enough
  kCouponUnusable,  // unknown, foreign, used or expired
  kStockShort,
  kTombstone,        // the order had failed before the step came
  kStepFailed,       // at least one of the three steps failed
  kDeclined,         // by the payment gateway
  kPaymentCanceled,  // after the completion was refused
  kUserCanceled,
  kTimeout,  // of the saga
};
const char* to_text(Reason reason);

// What the order service has heard of a step.
enum class StepState : std::uint8_t { kPending, kSuccess, kFailed };
const char* to_text(StepState state);

// What it had heard of all three when it said that the order has failed.
struct Steps {
  StepState balance = StepState::kPending;
  StepState coupon = StepState::kPending;
  StepState stock = StepState::kPending;

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("balance", self.balance);
    visit("coupon", self.coupon);
    visit("stock", self.stock);
  }
};

struct OrderLine {
  sim::Subject product;
  std::uint32_t quantity = 0;
  Money unit_price = 0;  // as it was when the order was created

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("product", self.product);
    visit("quantity", self.quantity);
    visit("unit_price", self.unit_price);
  }
};
using OrderLines = sim::InlineVector<OrderLine, kMaxLines>;

// What every event says about its order.
struct OrderFacts {
  sim::Subject order;
  std::uint32_t number = 0;  // where orders are counted, those that come to nothing too
  sim::Subject user;
  sim::Subject coupon;  // the user coupon, or none
  Money total = 0;      // to be paid: gross minus discount
  Money discount = 0;
  OrderLines lines;

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("order", self.order);
    visit("number", self.number);
    visit("user", self.user);
    visit("coupon", self.coupon);
    visit("total", self.total);
    visit("discount", self.discount);
    visit("line", self.lines);
  }
};

struct Event {
  EventType type = EventType::kOrderCreated;
  std::uint64_t id = 0;
  std::uint32_t version = 1;      // of the aggregate; each order has one event of a type
  Reason reason = Reason::kNone;  // of a failure
  Steps steps;                    // of OrderFailed
  OrderFacts facts;
  std::uint64_t causation = 0;  // id of the event that it answers, 0 for none
  sim::Instant occurred{};      // by the producer's clock

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("type", self.type);
    visit("id", self.id);
    visit("version", self.version);
    visit("reason", self.reason);
    visit("steps", self.steps);
    visit("facts", self.facts);
    visit("causation", self.causation);
    visit("occurred", self.occurred);
  }
};

// The one id of this logical event, however often it is made, sent or delivered.
std::uint64_t event_id(EventType type, sim::Subject order, std::uint32_t version);

}  // namespace sagasim::domain
