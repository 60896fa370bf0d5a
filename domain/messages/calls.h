// Calls: what services and clients ask each other directly, and what they answer.
#pragma once

#include <cstdint>

#include "domain/commands.h"
#include "domain/messages/events.h"

namespace sagasim::domain {

// How a command ended, as its caller is told.
enum class Answer : std::uint8_t {
  kAccepted,   // done, and durable
  kRejected,   // definitely not done, now or ever
  kRequested,  // a cancellation that the payment's answer will decide
  kTryAgain,   // not known, or not now: repeat it with the same key
};
const char* to_text(Answer answer);

struct LineRequest {
  sim::Subject product;
  std::uint32_t quantity = 0;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("product", self.product);
    visit("quantity", self.quantity);
  }
};

// Every mutating command carries its key: the command's own name.
struct CreateOrder {
  sim::Subject key;
  sim::Subject user;
  sim::Subject coupon;
  sim::InlineVector<LineRequest, kMaxLines> lines;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("key", self.key);
    visit("user", self.user);
    visit("coupon", self.coupon);
    visit("line", self.lines);
  }
};

struct CancelOrder {
  sim::Subject key;
  sim::Subject order;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("key", self.key);
    visit("order", self.order);
  }
};

struct Charge {
  sim::Subject key;
  sim::Subject user;
  Money amount = 0;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("key", self.key);
    visit("user", self.user);
    visit("amount", self.amount);
  }
};

struct Reprice {
  sim::Subject key;
  sim::Subject product;
  Money price = 0;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("key", self.key);
    visit("product", self.product);
    visit("price", self.price);
  }
};

struct SetSelling {
  sim::Subject key;
  sim::Subject product;
  bool selling = true;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("key", self.key);
    visit("product", self.product);
    visit("selling", self.selling);
  }
};

struct Restock {
  sim::Subject key;
  sim::Subject product;
  std::int64_t quantity = 0;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("key", self.key);
    visit("product", self.product);
    visit("quantity", self.quantity);
  }
};

struct IssueCoupon {
  sim::Subject key;
  sim::Subject user;
  sim::Subject campaign;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("key", self.key);
    visit("user", self.user);
    visit("campaign", self.campaign);
  }
};

struct SetCampaign {
  sim::Subject key;
  sim::Subject campaign;
  CampaignStatus status = CampaignStatus::kPublishable;  // or kCanceled
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("key", self.key);
    visit("campaign", self.campaign);
    visit("status", self.status);
  }
};

struct ExpireCoupon {
  sim::Subject key;
  sim::Subject coupon;  // a campaign, or a single one
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("key", self.key);
    visit("coupon", self.coupon);
  }
};

// The answer to any of these.
struct CommandReply {
  Answer answer = Answer::kTryAgain;
  sim::Subject order;  // created
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("answer", self.answer);
    visit("order", self.order);
  }
};

// What a service answers that was handed an event by a call.
struct Heard {
  bool done = false;                 // it is committed, as far as the service knows
  sim::InlineVector<Event, 2> said;  // the events that follow from it
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("done", self.done);
    visit("said", self.said);
  }
};

// A look-up of one thing by its name.
struct Lookup {
  sim::Subject what;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("what", self.what);
  }
};

// What a look-up may say of it; each service fills in what it knows.
struct LookupReply {
  bool available = false;  // the service could answer at all
  bool found = false;
  bool usable = false;  // product: on sale; coupon: unused
  Money amount = 0;     // product: its price; balance: what is left
  std::uint32_t rate_bp = 0;
  std::uint8_t status = 0;  // order: its OrderStatus
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("available", self.available);
    visit("found", self.found);
    visit("usable", self.usable);
    visit("amount", self.amount);
    visit("rate_bp", self.rate_bp);
    visit("status", self.status);
  }
};

// What sold best on three days in a row, best first; of two that sold as much, the first by name.
inline constexpr std::uint32_t kTopPlaces = 5;
inline constexpr std::uint32_t kTopDays = 3;

struct TopEntry {
  sim::Subject product;
  std::int64_t score = 0;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("product", self.product);
    visit("score", self.score);
  }
};

struct TopReply {
  bool available = false;
  std::uint32_t day = 0;  // the last of the three
  sim::InlineVector<TopEntry, kTopPlaces> entries;
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("available", self.available);
    visit("day", self.day);
    visit("entry", self.entries);
  }
};

}  // namespace sagasim::domain
