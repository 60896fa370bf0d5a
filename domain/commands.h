// Commands: what customers and the shop's manager ask of it, and what is in it when they start. The
// workload names every command when it is generated (`c2.3`: the third of customer 2; `m1.3`: the
// third of the manager); an order is known by the name of the command that created it.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/money.h"
#include "sim/inline_vector.h"
#include "sim/name.h"
#include "sim/time.h"

namespace sagasim::domain {

inline constexpr std::uint32_t kMaxLines = 5;

// The name of a further order that one request for an order led to, where nothing prevents that:
// `d2.3057` comes of `c2.3`. `draw` tells several of them apart.
constexpr sim::Subject repeated_order(sim::Subject request, std::uint64_t draw) {
  return sim::Subject('d', request.major(),
                      request.minor() * 1'000 + 1 + static_cast<std::uint32_t>(draw % 999));
}
// The request that an order came of: the inverse for those, and itself for any other.
constexpr sim::Subject request_behind(sim::Subject order) {
  return order.letter() == 'd' ? sim::Subject('c', order.major(), order.minor() / 1'000) : order;
}

struct CommandLine {
  sim::Subject product;
  std::uint32_t quantity = 1;
};

enum class CommandKind : std::uint8_t {
  // of customers
  kCreateOrder,
  kCancelOrder,
  kCharge,
  kGetOrder,
  kGetBalance,
  kRepeatOrder,  // the creation of an order once more, word for word, under its key
  kReuseKey,     // something else under the key of an order that has been answered
  kIssueCoupon,  // a coupon of a campaign for oneself: first come, first served
  kGetTop,       // what sells best
  // of the manager
  kReprice,
  kStopSelling,
  kResumeSelling,
  kRestock,
  kOpenCampaign,
  kCancelCampaign,
  kExpireCoupon,  // a campaign's or a single one: it ends now
};
inline constexpr int kCommandKinds = 16;
const char* to_text(CommandKind kind);  // "create", "get-order", "stop-selling"

// Whether it is one of the manager's.
constexpr bool is_of_manager(CommandKind kind) { return kind >= CommandKind::kReprice; }

struct Command {
  sim::Subject name;  // c<customer>.<number> or m1.<number>
  CommandKind kind = CommandKind::kCreateOrder;
  sim::Instant at{};           // when it is wanted
  sim::Subject after;          // and not before this command of the same customer is over; or none
  std::uint32_t attempts = 0;  // how often it is asked for at most; 0: as often as is usual
  sim::Subject user;           // u<customer>; none for the manager
  sim::InlineVector<CommandLine, kMaxLines> lines;  // create, reuse-key: 1..5
  // create: the user coupon, or none; issue, open-campaign, cancel-campaign: the campaign;
  // expire: either.
  sim::Subject coupon;
  sim::Subject order;    // cancel, get-order, repeat, reuse-key: which one
  sim::Subject product;  // reprice, stop-selling, resume-selling, restock
  Money amount = 0;      // charge, reprice: the price; restock: pieces
};

// What a customer may do with a product.
enum class SellStatus : std::uint8_t {
  kHold,     // not for sale yet
  kSelling,  // kHold → kSelling ⇄ kStopped
  kStopped,
};
const char* to_text(SellStatus status);

enum class CampaignStatus : std::uint8_t {
  kRegistered,   // → kPublishable or kCanceled
  kPublishable,  // → kFinished or kCanceled
  kFinished,     // the last one was issued
  kCanceled,     // → kPublishable
};
const char* to_text(CampaignStatus status);

struct InitialUser {
  sim::Subject user;  // u1, u2, …
  Money balance = 0;
};
struct InitialProduct {
  sim::Subject product;  // p1, p2, …
  Money price = 1;
  std::int64_t stock = 0;
  SellStatus status = SellStatus::kSelling;
};
struct InitialCoupon {
  sim::Subject coupon;  // k1, k2, …: a coupon that a user holds
  sim::Subject owner;
  std::uint32_t rate_bp = 0;
  sim::Instant expires = sim::kNever;
};

struct InitialCampaign {
  sim::Subject campaign;  // d1, d2, …: coupons that customers may have, one each, while they last
  std::uint32_t rate_bp = 0;
  std::int64_t quantity = 0;
  CampaignStatus status = CampaignStatus::kPublishable;
  sim::Instant expires = sim::kNever;
};

struct Workload {
  std::vector<InitialUser> users;
  std::vector<InitialProduct> products;
  std::vector<InitialCoupon> coupons;
  std::vector<InitialCampaign> campaigns;
  std::vector<Command> commands;  // by name: customers' by customer and number, then the manager's
};

// The coupon that a user gets of a campaign: d1.2 is u2's of d1.
constexpr sim::Subject coupon_of(sim::Subject campaign, sim::Subject user) {
  return sim::Subject(campaign.letter(), campaign.major(), user.major());
}

}  // namespace sagasim::domain
