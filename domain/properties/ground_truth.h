// Ground truth: what really happened to each order, user, product and coupon, read off committed
// rows, the broker's log, the gateway's ledger and the customers' history; never off what a service
// says.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "domain/client.h"
#include "domain/commands.h"
#include "domain/participant.h"
#include "domain/properties/catalog.h"
#include "domain/services/balance_service.h"
#include "domain/services/coupon_service.h"
#include "domain/services/order_service.h"
#include "domain/services/payment_service.h"
#include "domain/services/product_service.h"

namespace sagasim::domain {

enum class Party : std::uint8_t { kBalance, kCoupon, kStock };
inline constexpr int kParties = 3;
inline constexpr int kPhases = 5;  // of an order
const char* to_text(Party party);

// A set of event types.
using EventSet = std::uint32_t;
constexpr EventSet set_of(EventType type) { return 1u << static_cast<unsigned>(type); }

struct PartyTruth {
  ParticipantState state = ParticipantState::kNone;  // of the row written last
  std::uint32_t applied = 0;                         // commits that applied the order here
  std::uint32_t compensated = 0;
  bool rejected = false;
  bool idle = false;             // there is nothing to do, and nobody asks for it
  bool failure_handled = false;  // OrderFailed has been dealt with here

  bool did_its_part() const { return applied != 0 || idle; }
};

struct OrderTruth {
  const Command* command = nullptr;
  bool exists = false;
  OrderRow row;                    // the committed one; meaningful iff exists
  std::uint64_t facts_digest = 0;  // as they were when it was created
  sim::Instant ended{};            // when it became terminal
  // When it came into each phase, by the phase's number; never: it did not.
  sim::Instant entered[kPhases] = {sim::kNever, sim::kNever, sim::kNever, sim::kNever, sim::kNever};

  Money used = 0;  // by USE entries
  Money refunded = 0;
  std::uint32_t uses = 0;
  std::uint32_t refunds = 0;

  std::int64_t deducted[kMaxLines] = {};
  std::int64_t restored[kMaxLines] = {};
  std::uint32_t deductions[kMaxLines] = {};
  std::uint32_t restorations[kMaxLines] = {};

  PartyTruth parties[kParties];

  std::uint32_t payments = 0;            // rows
  std::uint32_t payments_completed = 0;  // in that status now
  std::uint32_t payments_open = 0;       // WAITING or REFUNDING now
  sim::Instant payment_since{};          // when one became so last
  bool payment_completed_ever = false;
  bool payment_failed_ever = false;
  bool payment_canceled_ever = false;

  Money captured = 0;  // at the gateway
  Money given_back = 0;
  std::uint32_t captures = 0;
  bool declined = false;

  EventSet announced = 0;  // types whose event was committed to an outbox or follows from a commit
  EventSet required = 0;   // types that a committed change obliges somebody to publish
  EventSet appended = 0;   // types in the log
  std::uint16_t effects[8] = {};      // by consumer group: the types that took effect there
  std::uint64_t effected_by[8] = {};  // and the work that had one do so last
  std::uint16_t committed[8] = {};    // and those of which it has committed anything

  std::vector<const CommandHistory*> cancellations;  // what its customer did to cancel it
  bool told_accepted = false;
  bool told_rejected = false;

  std::uint32_t executions = 0;         // commits that had the command, of any kind, take effect
  std::uint64_t executed_by = 0;        // the work that did so last
  Answer answered = Answer::kTryAgain;  // the first definite answer to its key
  std::uint32_t platform_records = 0;   // that the data platform has taken
  std::uint16_t handled[8] = {};        // by consumer group: the types that were dealt with there
  std::uint64_t event_ids[kEventTypes] = {};      // in the log, by type; 0: none
  std::uint64_t event_digests[kEventTypes] = {};  // of the first record

  bool cancel_asked() const {
    for (const CommandHistory* cancellation : cancellations) {
      if (cancellation->attempts > 0) {
        return true;
      }
    }
    return false;
  }
  Money net() const { return used - refunded; }
  bool done() const { return exists && row.status == OrderStatus::kCompleted; }
  bool canceled() const { return exists && row.status == OrderStatus::kCanceled; }
  bool open() const { return exists && row.status == OrderStatus::kCreated; }
};

struct UserTruth {
  sim::Subject user;
  Money balance = 0;
  Money ledger = 0;  // charges − uses + refunds
  Money charged = 0;

  struct Amount {
    sim::Instant from;
    Money amount;
  };
  std::vector<Amount> amounts;  // what the balance was since when; oldest first

  // Whether it was that at some moment between the two.
  bool had(Money amount, sim::Instant since, sim::Instant until) const;
  // The most that it was between the two.
  Money most(sim::Instant since, sim::Instant until) const;
};

struct ProductTruth {
  sim::Subject product;
  std::int64_t initial = 0;
  std::int64_t quantity = 0;
  std::int64_t held = 0;       // by orders: deducted − restored
  std::int64_t restocked = 0;  // by the manager

  struct Offer {
    sim::Instant from;
    Money price;
    SellStatus status;
  };
  std::vector<Offer> offers;  // how it was offered since when; oldest first, never empty

  // Whether it had that price, or was on sale, at some moment between the two.
  bool cost(Money price, sim::Instant since, sim::Instant until) const;
  bool sold(sim::Instant since, sim::Instant until) const;
};

struct CampaignTruth {
  sim::Subject campaign;
  std::uint32_t rate_bp = 0;
  std::int64_t registered = 0;  // coupons that it began with
  std::int64_t left = 0;
  std::int64_t issued = 0;
  CampaignStatus status = CampaignStatus::kRegistered;
  sim::Instant expires{};
};

struct CouponTruth {
  sim::Subject coupon;
  sim::Subject owner;
  std::uint32_t rate_bp = 0;
  sim::Instant expires{};
  sim::Subject holder;
  bool exists = true;                       // false: not issued yet
  const CampaignTruth* campaign = nullptr;  // that it is of, if any

  // Whether it could be used at that reading of the coupon service's clock, whoever holds it.
  bool valid(sim::Instant reading) const;
};

// Collects violations: the first of each property for each subject, and how often each property was
// evaluated on something that it could have found wrong.
class Reporter {
 public:
  struct Finding {
    PropertyId property;
    const char* kind;
    sim::Subject subject;
    sim::Instant at;
    std::string message;
    std::uint64_t operation;  // in which it came to light, by its identity; 0: in none
  };

  Reporter();
  // What is reported from now on came to light in that operation; 0: in none.
  void set_operation(std::uint64_t identity) { operation_ = identity; }
  // Counts one evaluation. Returns `holds`, so that a check reads: if (!check(id, condition))
  // report…
  bool check(PropertyId property, bool holds) {
    ++evaluated_[static_cast<std::uint8_t>(property)];
    return holds;
  }
  void report(PropertyId property, const char* kind, sim::Subject subject, sim::Instant at,
              std::string message);

  const std::vector<Finding>& findings() const { return findings_; }
  std::uint64_t evaluated(PropertyId property) const {
    return evaluated_[static_cast<std::uint8_t>(property)];
  }

 private:
  std::uint64_t operation_ = 0;
  std::vector<std::uint64_t> evaluated_;
  std::vector<Finding> findings_;
};

// Everything known, by subject. Subjects that the workload does not name have no truth. A command
// of any kind has an OrderTruth, which is mostly empty unless it creates an order.
class GroundTruth {
 public:
  explicit GroundTruth(const Workload& workload);

  OrderTruth* order(sim::Subject name);
  const OrderTruth* order(sim::Subject name) const;
  // A further order that the request behind it led to. Null: nobody requested it.
  OrderTruth* adopt(sim::Subject name);
  UserTruth* user(sim::Subject name);
  ProductTruth* product(sim::Subject name);
  CouponTruth* coupon(sim::Subject name);
  CampaignTruth* campaign(sim::Subject name);
  const std::vector<OrderTruth>& orders() const { return orders_; }
  const std::vector<UserTruth>& users() const { return users_; }
  const std::vector<ProductTruth>& products() const { return products_; }
  const std::vector<CouponTruth>& coupons() const { return coupons_; }
  const std::vector<CampaignTruth>& campaigns() const { return campaigns_; }

  Money total_balance = 0;
  Money total_net = 0;
  Money total_charged = 0;

 private:
  // Commands by customer and number, the manager's under 0; the value is an index into orders_.
  std::vector<std::vector<std::uint32_t>> by_customer_;
  std::vector<std::pair<sim::Subject, std::uint32_t>> adopted_;  // their names and places
  std::vector<OrderTruth> orders_;
  std::vector<UserTruth> users_;
  std::vector<ProductTruth> products_;
  std::vector<CampaignTruth> campaigns_;
  // Those that are there from the start; then, campaign by campaign, one for each user.
  std::vector<CouponTruth> coupons_;
  std::size_t first_issued_ = 0;
};

// "12,500 KRW"
std::string money_text(Money amount);

}  // namespace sagasim::domain
