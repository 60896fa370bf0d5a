#include "scenarios/shop_reduction.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "domain/policy_catalog.h"
#include "domain/services/coupon_service.h"
#include "scenarios/duration_text.h"
#include "scenarios/shop_story.h"
#include "scenarios/shop_system.h"
#include "sim/check.h"
#include "sim/hash.h"

namespace sagasim::scenarios {
namespace {

using domain::Command;
using domain::CommandKind;
using domain::Workload;
using sim::Subject;

// What is simplified.
struct Parts {
  Scenario scenario;
  Workload workload;
};

// One simplification. Edits of a stage are made one after the other, in any combination, so each
// must hold its own whatever came before it.
struct Edit {
  std::string text;
  std::function<void(Parts&)> make;
};

struct EditStage {
  Stage::Kind kind;
  const char* id;
  std::vector<Edit> edits;
};

Command* find(Parts& parts, Subject name) {
  for (Command& command : parts.workload.commands) {
    if (command.name == name) {
      return &command;
    }
  }
  return nullptr;
}

bool creates(const Command& command) { return command.kind == CommandKind::kCreateOrder; }

template <class Condition>
void drop(Parts& parts, Condition&& condition) {
  std::erase_if(parts.workload.commands, std::forward<Condition>(condition));
}

// ---- Removals -----------------------------------------------------------------------------------

std::vector<Edit> drop_customers(const Parts& parts) {
  std::vector<Edit> edits;
  std::vector<std::uint32_t> customers;
  for (const Command& command : parts.workload.commands) {
    if (!is_of_manager(command.kind)) {
      customers.push_back(command.name.major());
    }
  }
  customers.erase(std::unique(customers.begin(), customers.end()), customers.end());
  for (const std::uint32_t customer : customers) {
    edits.push_back({"without customer " + std::to_string(customer), [customer](Parts& p) {
                       drop(p, [&](const Command& c) {
                         return !is_of_manager(c.kind) && c.name.major() == customer;
                       });
                     }});
  }
  if (!parts.workload.commands.empty() && is_of_manager(parts.workload.commands.back().kind)) {
    edits.push_back({"without the manager", [](Parts& p) {
                       drop(p, [](const Command& c) { return is_of_manager(c.kind); });
                     }});
  }
  return edits;
}

// An order, and with it every command that refers to it.
std::vector<Edit> drop_orders(const Parts& parts) {
  std::vector<Edit> edits;
  for (const Command& command : parts.workload.commands) {
    if (creates(command)) {
      const Subject order = command.name;
      edits.push_back(
          {"without order " + sim::to_text(order), [order](Parts& p) {
             drop(p, [&](const Command& c) { return c.name == order || c.order == order; });
           }});
    }
  }
  return edits;
}

// The same, and what the order would have taken is gone from the start: an order that is there only
// to empty a balance or a shelf is not needed for that.
std::vector<Edit> settle_orders(const Parts& parts) {
  std::vector<Edit> edits;
  for (const Command& command : parts.workload.commands) {
    if (!creates(command)) {
      continue;
    }
    edits.push_back(
        {"order " + sim::to_text(command.name) + " settled before", [command](Parts& p) {
           const domain::Money total = gross_of(p.workload, command);
           for (domain::InitialUser& user : p.workload.users) {
             if (user.user == command.user) {
               user.balance = std::max<domain::Money>(0, user.balance - total);
             }
           }
           for (domain::InitialProduct& product : p.workload.products) {
             for (const domain::CommandLine& line : command.lines) {
               if (line.product == product.product) {
                 product.stock = std::max<std::int64_t>(0, product.stock - line.quantity);
               }
             }
           }
           drop(p, [&](const Command& c) {
             return c.name == command.name || c.order == command.name;
           });
         }});
  }
  return edits;
}

std::vector<Edit> drop_commands(const Parts& parts) {
  std::vector<Edit> edits;
  for (const Command& command : parts.workload.commands) {
    if (!creates(command)) {
      const Subject name = command.name;
      edits.push_back({"without command " + sim::to_text(name), [name](Parts& p) {
                         drop(p, [&](const Command& c) { return c.name == name; });
                       }});
    }
  }
  return edits;
}

// A charge is dropped and its amount is there from the start.
std::vector<Edit> settle_charges(const Parts& parts) {
  std::vector<Edit> edits;
  for (const Command& command : parts.workload.commands) {
    if (command.kind == CommandKind::kCharge) {
      edits.push_back(
          {"charge " + sim::to_text(command.name) + " settled before", [command](Parts& p) {
             for (domain::InitialUser& user : p.workload.users) {
               if (user.user == command.user) {
                 user.balance = std::min(domain::kBalanceCap, user.balance + command.amount);
               }
             }
             drop(p, [&](const Command& c) { return c.name == command.name; });
           }});
    }
  }
  return edits;
}

std::vector<Edit> drop_coupons(const Parts& parts) {
  std::vector<Edit> edits;
  for (const Command& command : parts.workload.commands) {
    if (creates(command) && !command.coupon.none()) {
      const Subject name = command.name;
      edits.push_back({sim::to_text(name) + " without its coupon",
                       [name](Parts& p) { find(p, name)->coupon = {}; }});
    }
  }
  return edits;
}

// Drops one piece of the `product`'s lines of an order, but never its last line.
void drop_line(Command& command, Subject product) {
  auto kept = command.lines;
  kept = {};
  bool dropped = false;
  for (const domain::CommandLine& line : command.lines) {
    if (!dropped && line.product == product) {
      dropped = true;
    } else {
      kept.push_back(line);
    }
  }
  if (!kept.empty()) {
    command.lines = kept;
  }
}

std::vector<Edit> drop_lines(const Parts& parts) {
  std::vector<Edit> edits;
  for (const Command& command : parts.workload.commands) {
    if (command.lines.size() < 2) {
      continue;
    }
    for (const domain::CommandLine& line : command.lines) {
      const Subject name = command.name;
      const Subject product = line.product;
      edits.push_back({sim::to_text(name) + " without a line of " + sim::to_text(product),
                       [name, product](Parts& p) { drop_line(*find(p, name), product); }});
    }
  }
  return edits;
}

// What no command speaks of. A user keeps the coupons that others try.
std::vector<Edit> drop_unused(const Parts& parts) {
  const Workload& workload = parts.workload;
  const auto any = [&](auto&& condition) {
    return std::any_of(workload.commands.begin(), workload.commands.end(), condition);
  };
  const auto coupon_used = [&](Subject coupon) {
    return any([&](const Command& c) { return c.coupon == coupon; });
  };
  std::vector<Edit> edits;
  for (const domain::InitialCoupon& each : workload.coupons) {
    if (const Subject coupon = each.coupon; !coupon_used(coupon)) {
      edits.push_back({"without coupon " + sim::to_text(coupon), [coupon](Parts& p) {
                         std::erase_if(p.workload.coupons,
                                       [&](const auto& c) { return c.coupon == coupon; });
                       }});
    }
  }
  for (const domain::InitialCampaign& each : workload.campaigns) {
    const Subject campaign = each.campaign;
    const bool used = any([&](const Command& c) {
      return c.coupon == campaign || domain::campaign_of(c.coupon) == campaign;
    });
    if (!used) {
      edits.push_back({"without campaign " + sim::to_text(campaign), [campaign](Parts& p) {
                         std::erase_if(p.workload.campaigns,
                                       [&](const auto& c) { return c.campaign == campaign; });
                       }});
    }
  }
  for (const domain::InitialProduct& each : workload.products) {
    const Subject product = each.product;
    const bool used = any([&](const Command& c) {
      return c.product == product ||
             std::any_of(c.lines.begin(), c.lines.end(),
                         [&](const domain::CommandLine& line) { return line.product == product; });
    });
    if (!used) {
      edits.push_back({"without product " + sim::to_text(product), [product](Parts& p) {
                         std::erase_if(p.workload.products,
                                       [&](const auto& i) { return i.product == product; });
                       }});
    }
  }
  for (const domain::InitialUser& each : workload.users) {
    const Subject user = each.user;
    const bool owns_used =
        std::any_of(workload.coupons.begin(), workload.coupons.end(),
                    [&](const auto& c) { return c.owner == user && coupon_used(c.coupon); });
    const bool speaks = any([&](const Command& c) {
      const bool holds = c.coupon.letter() == 'd' && c.coupon.minor() == user.major();
      return c.user == user || holds;
    });
    if (!owns_used && !speaks) {
      edits.push_back(
          {"without user " + sim::to_text(user), [user](Parts& p) {
             std::erase_if(p.workload.users, [&](const auto& i) { return i.user == user; });
             std::erase_if(p.workload.coupons, [&](const auto& c) { return c.owner == user; });
           }});
    }
  }
  return edits;
}

// ---- Values -------------------------------------------------------------------------------------

// The number with one digit other than 0 that is at least `number`: 4,237 becomes 5,000.
std::int64_t rounded_up(std::int64_t number) {
  std::int64_t unit = 1;
  while (number / unit >= 10) {
    unit *= 10;
  }
  return (number + unit - 1) / unit * unit;
}

std::vector<Edit> lower_quantities(const Parts& parts, bool to_one) {
  std::vector<Edit> edits;
  for (const Command& command : parts.workload.commands) {
    for (std::uint32_t i = 0; i < command.lines.size(); ++i) {
      const std::uint32_t quantity = command.lines[i].quantity;
      const std::uint32_t lower = to_one ? 1 : (quantity + 1) / 2;
      if (lower < quantity) {
        const Subject name = command.name;
        edits.push_back({sim::to_text(name) + " with " + std::to_string(lower) + " of " +
                             sim::to_text(command.lines[i].product),
                         [name, i, lower](Parts& p) { find(p, name)->lines[i].quantity = lower; }});
      }
    }
  }
  return edits;
}

std::vector<Edit> round_amounts(const Parts& parts) {
  std::vector<Edit> edits;
  // Names of one sort stand in one list, so an index stays what it is.
  const auto round = [&edits](const std::string& what, std::int64_t from, std::int64_t most,
                              std::function<void(Parts&, std::int64_t)> set) {
    const std::int64_t to = std::min(rounded_up(from), most);
    if (to != from) {
      edits.push_back(
          {what + " " + std::to_string(to), [to, set = std::move(set)](Parts& p) { set(p, to); }});
    }
  };
  const Workload& workload = parts.workload;
  for (std::size_t i = 0; i < workload.users.size(); ++i) {
    round(sim::to_text(workload.users[i].user) + " with", workload.users[i].balance,
          domain::kBalanceCap,
          [i](Parts& p, std::int64_t to) { p.workload.users[i].balance = to; });
  }
  for (std::size_t i = 0; i < workload.products.size(); ++i) {
    const domain::InitialProduct& product = workload.products[i];
    const std::string name = sim::to_text(product.product);
    round(name + " at", product.price, 1'000'000'000,
          [i](Parts& p, std::int64_t to) { p.workload.products[i].price = to; });
    round(name + " in stock", product.stock, 1'000'000'000,
          [i](Parts& p, std::int64_t to) { p.workload.products[i].stock = to; });
  }
  for (std::size_t i = 0; i < workload.coupons.size(); ++i) {
    round(sim::to_text(workload.coupons[i].coupon) + " of", workload.coupons[i].rate_bp, 10'000,
          [i](Parts& p, std::int64_t to) {
            p.workload.coupons[i].rate_bp = static_cast<std::uint32_t>(to);
          });
  }
  for (std::size_t i = 0; i < workload.commands.size(); ++i) {
    if (workload.commands[i].kind == CommandKind::kCharge) {
      round(sim::to_text(workload.commands[i].name) + " of", workload.commands[i].amount,
            domain::kBalanceCap,
            [i](Parts& p, std::int64_t to) { p.workload.commands[i].amount = to; });
    }
  }
  return edits;
}

// Brings the moments of the commands down to whole `unit`s.
std::vector<Edit> round_times(const Parts& parts, sim::Duration unit) {
  std::vector<Edit> edits;
  for (const Command& command : parts.workload.commands) {
    const sim::Duration since = command.at - sim::kStart;
    if (since % unit != sim::Duration{}) {
      const Subject name = command.name;
      const sim::Instant at = sim::kStart + since / unit * unit;
      edits.push_back({sim::to_text(name) + " at " + to_text(at - sim::kStart),
                       [name, at](Parts& p) { find(p, name)->at = at; }});
    }
  }
  return edits;
}

struct LatencyField {
  const char* id;
  sim::Latency Environment::* field;
};
constexpr LatencyField kLatencies[] = {{"call", &Environment::call},
                                       {"database", &Environment::database},
                                       {"broker", &Environment::broker},
                                       {"gateway", &Environment::gateway},
                                       {"gateway_processing", &Environment::gateway_processing}};

std::vector<Edit> drop_tails(const Parts& parts) {
  std::vector<Edit> edits;
  for (const LatencyField& each : kLatencies) {
    if ((parts.scenario.environment.*each.field).tail_one_in != 0) {
      edits.push_back({std::string("no tail of ") + each.id, [field = each.field](Parts& p) {
                         (p.scenario.environment.*field).tail_one_in = 0;
                       }});
    }
  }
  return edits;
}

std::vector<Edit> steady_latencies(const Parts& parts, bool at_least) {
  std::vector<Edit> edits;
  for (const LatencyField& each : kLatencies) {
    const sim::Latency latency = parts.scenario.environment.*each.field;
    if (latency.min == latency.max) {
      continue;
    }
    const sim::Duration middle{rounded_up((latency.min.count() + latency.max.count()) / 2)};
    const sim::Duration to = at_least ? latency.min : std::min(middle, latency.max);
    edits.push_back(
        {std::string(each.id) + " always " + to_text(to), [field = each.field, to](Parts& p) {
           (p.scenario.environment.*field).min = to;
           (p.scenario.environment.*field).max = to;
         }});
  }
  return edits;
}

std::vector<Edit> plain_shop(const Parts& parts) {
  std::vector<Edit> edits;
  if (parts.scenario.environment.decline_percent != 0) {
    edits.push_back({"the gateway declines nothing",
                     [](Parts& p) { p.scenario.environment.decline_percent = 0; }});
  }
  if (parts.scenario.shop.instances != 1) {
    edits.push_back(
        {"one instance of each service", [](Parts& p) { p.scenario.shop.instances = 1; }});
  }
  if (parts.scenario.shop.partitions != 1) {
    edits.push_back(
        {"one partition of each topic", [](Parts& p) { p.scenario.shop.partitions = 1; }});
  }
  return edits;
}

// The end of the run, never before the end of what chance may do in the seeds around: that end
// means nothing to a run under a plan, and much to them.
std::vector<Edit> lower_limit(const Parts& parts) {
  std::vector<Edit> edits;
  const Horizon& horizon = parts.scenario.horizon;
  for (const int minutes : {1, 2, 5, 10, 30}) {
    const sim::Duration limit = sim::seconds(60 * minutes);
    if (limit < horizon.limit && limit >= horizon.heal_at) {
      edits.push_back({"over after " + to_text(limit), [limit](Parts& p) {
                         p.scenario.horizon.limit = std::min(p.scenario.horizon.limit, limit);
                       }});
    }
  }
  return edits;
}

// ---- Guards -------------------------------------------------------------------------------------

// Each guard that is not as in the reference.
std::vector<Edit> restore_guards(const Parts& parts) {
  std::vector<Edit> edits;
  for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
    if (entry.get(parts.scenario.architecture.policy) != 0) {
      edits.push_back({std::string(entry.id) + "=" + entry.values.front().id,
                       [&entry](Parts& p) { entry.set(p.scenario.architecture.policy, 0); }});
    }
  }
  return edits;
}

std::vector<EditStage> stages_of(const Parts& parts) {
  using Kind = Stage::Kind;
  return {
      {Kind::kRemoval, "customers", drop_customers(parts)},
      {Kind::kRemoval, "orders", drop_orders(parts)},
      {Kind::kRemoval, "settled orders", settle_orders(parts)},
      {Kind::kRemoval, "commands", drop_commands(parts)},
      {Kind::kRemoval, "settled charges", settle_charges(parts)},
      {Kind::kRemoval, "coupons", drop_coupons(parts)},
      {Kind::kRemoval, "lines", drop_lines(parts)},
      {Kind::kRemoval, "unused", drop_unused(parts)},
      {Kind::kGuard, "guards", restore_guards(parts)},
      {Kind::kValue, "single pieces", lower_quantities(parts, true)},
      {Kind::kValue, "fewer pieces", lower_quantities(parts, false)},
      {Kind::kValue, "plain shop", plain_shop(parts)},
      {Kind::kValue, "tails", drop_tails(parts)},
      {Kind::kValue, "middle latencies", steady_latencies(parts, false)},
      {Kind::kValue, "least latencies", steady_latencies(parts, true)},
      {Kind::kValue, "seconds", round_times(parts, sim::seconds(1))},
      {Kind::kValue, "tenths", round_times(parts, sim::milliseconds(100))},
      {Kind::kValue, "milliseconds", round_times(parts, sim::milliseconds(1))},
      {Kind::kValue, "amounts", round_amounts(parts)},
      {Kind::kValue, "limit", lower_limit(parts)},
  };
}

// ---- The shop -----------------------------------------------------------------------------------

class ReducibleShop final : public Reducible {
 public:
  explicit ReducibleShop(Parts parts) : parts_(std::move(parts)) {}

  std::unique_ptr<System> system() const override {
    return make_shop(parts_.scenario, parts_.workload);
  }
  std::unique_ptr<System> around() const override { return make_shop(parts_.scenario); }

  std::map<std::string, std::uint64_t> counts() const override {
    const auto& commands = parts_.workload.commands;
    const auto orders = std::count_if(commands.begin(), commands.end(), creates);
    return {{"orders", static_cast<std::uint64_t>(orders)}, {"commands", commands.size()}};
  }

  std::vector<Stage> stages() const override {
    std::vector<Stage> stages;
    for (const EditStage& each : stages_of(parts_)) {
      Stage& stage = stages.emplace_back(Stage{each.kind, each.id, {}});
      for (const Edit& edit : each.edits) {
        stage.edits.push_back(edit.text);
      }
    }
    return stages;
  }

  std::unique_ptr<Reducible> with(std::size_t stage,
                                  const std::vector<std::size_t>& edits) const override {
    const EditStage known = stages_of(parts_).at(stage);
    Parts parts = parts_;
    for (const std::size_t edit : edits) {
      known.edits.at(edit).make(parts);
    }
    return std::make_unique<ReducibleShop>(std::move(parts));
  }

  // Each sort of latency is stretched or shortened on its own, by up to a quarter; of eight
  // variations two have a partition more and two an additional read in every handler.
  std::unique_ptr<Reducible> shaken(std::uint32_t number) const override {
    Parts parts = parts_;
    parts.scenario.shop.partitions += number % 8 == 5 || number % 8 == 7 ? 1U : 0U;
    parts.scenario.environment.extra_reads += number % 8 == 6 || number % 8 == 7 ? 1U : 0U;
    for (const LatencyField& each : kLatencies) {
      const std::uint64_t draw = sim::mix(sim::combine(sim::hash_text(each.id), number));
      const auto percent = 80 + static_cast<std::int64_t>(sim::below(draw, 46));
      sim::Latency& latency = parts.scenario.environment.*each.field;
      latency.min = latency.min * percent / 100;
      latency.max = latency.max * percent / 100;
    }
    return std::make_unique<ReducibleShop>(std::move(parts));
  }

  std::vector<std::string> tell(const std::vector<Happening>& run) const override {
    return tell_story(parts_.workload, parts_.scenario.architecture.policy, run);
  }

  const Parts& parts() const { return parts_; }

 private:
  const Parts parts_;
};

const Parts& parts_of(const Reducible& shop) {
  const auto* known = dynamic_cast<const ReducibleShop*>(&shop);
  SAGASIM_CHECK(known != nullptr, "not a shop");
  return known->parts();
}

}  // namespace

std::shared_ptr<const Reducible> make_reducible(const Scenario& scenario,
                                                const domain::Workload& workload) {
  return std::make_shared<ReducibleShop>(Parts{scenario, workload});
}

const Scenario& scenario_of(const Reducible& shop) { return parts_of(shop).scenario; }
const domain::Workload& workload_of(const Reducible& shop) { return parts_of(shop).workload; }

}  // namespace sagasim::scenarios
