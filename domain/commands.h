// Commands: what customers ask of the shop, and what is in it when they start. The workload names
// every command when it is generated (`c2.3`: the third of customer 2); an order is known by the
// name of the command that created it.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/money.h"
#include "sim/inline_vector.h"
#include "sim/name.h"
#include "sim/time.h"

namespace sagasim::domain {

inline constexpr std::uint32_t kMaxLines = 5;

struct CommandLine {
  sim::Subject product;
  std::uint32_t quantity = 1;
};

enum class CommandKind : std::uint8_t {
  kCreateOrder,
  kCancelOrder,
  kCharge,
  kGetOrder,
  kGetBalance
};
const char* to_text(CommandKind kind);  // "create", "cancel", "charge", "get-order", "get-balance"

struct Command {
  sim::Subject name;  // c<customer>.<number>
  CommandKind kind = CommandKind::kCreateOrder;
  sim::Instant at{};                                // when the customer wants it
  sim::Subject user;                                // u<customer>
  sim::InlineVector<CommandLine, kMaxLines> lines;  // create: 1..5
  sim::Subject coupon;                              // create: the user coupon, or none
  sim::Subject order;                               // cancel, get-order: which one
  Money amount = 0;                                 // charge
};

struct InitialUser {
  sim::Subject user;  // u1, u2, …
  Money balance = 0;
};
struct InitialProduct {
  sim::Subject product;  // p1, p2, …
  Money price = 1;
  std::int64_t stock = 0;
};
struct InitialCoupon {
  sim::Subject coupon;  // k1, k2, …: a coupon that a user holds
  sim::Subject owner;
  std::uint32_t rate_bp = 0;
  sim::Instant expires = sim::kNever;
};

struct Workload {
  std::vector<InitialUser> users;
  std::vector<InitialProduct> products;
  std::vector<InitialCoupon> coupons;
  std::vector<Command> commands;  // by customer, then by number
};

}  // namespace sagasim::domain
