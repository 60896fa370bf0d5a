#include "scenarios/workload.h"

#include <algorithm>

#include "sim/random.h"

namespace sagasim::scenarios {
namespace {

using domain::Command;
using domain::CommandKind;
using sim::Subject;

// A command before it has its name. `refers` is the draft that it is about, by index.
struct Draft {
  Command command;
  std::uint32_t customer = 0;
  std::uint32_t refers = UINT32_MAX;
};

class Generator {
 public:
  Generator(const Scenario& scenario, std::uint64_t seed) : scenario_(scenario), random_(seed) {}

  domain::Workload generate() {
    stock_shop();
    for (std::uint32_t i = 0; i < scenario_.workload.orders; ++i) {
      add_order(i);
    }
    for (std::uint32_t i = 0; i < scenario_.workload.charges; ++i) {
      add_charge(i);
    }
    for (std::uint32_t i = 0; i < scenario_.workload.reads; ++i) {
      add_read(i);
    }
    name_commands();
    return std::move(workload_);
  }

 private:
  // One draw; `what` and `index` say of which thing, `question` which of its properties.
  std::uint64_t draw(char what, std::uint32_t index, sim::Name question) const {
    return random_.draw(Subject(what, index + 1).bits(), question);
  }
  template <class T>
  T between(char what, std::uint32_t index, sim::Name question, T low, T high) const {
    return low + static_cast<T>(sim::below(draw(what, index, question),
                                           static_cast<std::uint64_t>(high - low) + 1));
  }
  bool percent(char what, std::uint32_t index, sim::Name question, std::uint32_t share) const {
    return between<std::uint32_t>(what, index, question, 0, 99) < share;
  }

  void stock_shop() {
    const Shop& shop = scenario_.shop;
    for (std::uint32_t i = 0; i < shop.users; ++i) {
      workload_.users.push_back(
          {Subject('u', i + 1), between('u', i, "balance", shop.balance_min, shop.balance_max)});
    }
    for (std::uint32_t i = 0; i < shop.products; ++i) {
      workload_.products.push_back({Subject('p', i + 1),
                                    between('p', i, "price", shop.price_min, shop.price_max),
                                    between('p', i, "stock", shop.stock_min, shop.stock_max)});
    }
    for (std::uint32_t i = 0; i < shop.users * shop.coupons_per_user; ++i) {
      workload_.coupons.push_back(
          {Subject('k', i + 1), Subject('u', i / shop.coupons_per_user + 1),
           between('k', i, "rate", shop.discount_min_bp, shop.discount_max_bp), expiry_of(i)});
    }
  }

  // Somewhere in the time in which orders arrive, or in as much time again.
  sim::Instant expiry_of(std::uint32_t coupon) const {
    if (!percent('k', coupon, "expires?", scenario_.shop.coupons_expiring_percent)) {
      return sim::kNever;
    }
    const std::int64_t span = scenario_.workload.span / sim::milliseconds(1);
    return sim::kStart +
           sim::milliseconds(between<std::int64_t>('k', coupon, "expiry", 0, 2 * span));
  }

  Draft& add(CommandKind kind, sim::Instant at, std::uint32_t customer) {
    Draft& draft = drafts_.emplace_back();
    draft.customer = customer;
    draft.command.kind = kind;
    draft.command.at = at;
    draft.command.user = Subject('u', customer + 1);
    return draft;
  }
  std::uint32_t customer_of(char what, std::uint32_t index) const {
    return between<std::uint32_t>(what, index, "customer", 0, scenario_.shop.users - 1);
  }
  sim::Instant arrival(char what, std::uint32_t index) const {
    return sim::kStart + sim::Duration{between<std::int64_t>(what, index, "arrival", 0,
                                                             scenario_.workload.span.count())};
  }

  void add_order(std::uint32_t i) {
    const WorkloadOptions& options = scenario_.workload;
    const std::uint32_t customer = customer_of('o', i);
    const auto self = static_cast<std::uint32_t>(drafts_.size());
    Draft& draft = add(CommandKind::kCreateOrder, arrival('o', i), customer);
    const auto lines = between<std::uint32_t>('o', i, "lines", 1, options.lines_max);
    for (std::uint32_t line = 0; line < lines; ++line) {
      const std::uint32_t key = i * domain::kMaxLines + line;
      // The smaller of two draws: the first product is wanted most, and a product may repeat.
      const auto one = between<std::uint32_t>('l', key, "product", 0, scenario_.shop.products - 1);
      const auto two = between<std::uint32_t>('l', key, "skew", 0, scenario_.shop.products - 1);
      draft.command.lines.push_back(
          {Subject('p', std::min(one, two) + 1),
           between<std::uint32_t>('l', key, "quantity", 1, options.quantity_max)});
    }
    draft.command.coupon = coupon_for(i, customer);
    if (percent('o', i, "cancel?", options.cancel_percent)) {
      // Most sagas take about a second; half of the cancellations come within that.
      const bool soon = percent('o', i, "soon?", 50);
      const sim::Duration after{between<std::int64_t>(
          'o', i, "cancel-after", 0, (soon ? sim::seconds(1) : sim::seconds(10)).count())};
      const sim::Instant at = drafts_[self].command.at + after;
      add(CommandKind::kCancelOrder, at, customer).refers = self;
    }
  }

  // Mostly one of the customer's own, now and then somebody else's.
  Subject coupon_for(std::uint32_t i, std::uint32_t customer) const {
    const std::uint32_t each = scenario_.shop.coupons_per_user;
    if (each == 0 || !percent('o', i, "coupon?", scenario_.workload.coupon_percent)) {
      return {};
    }
    const std::uint32_t own =
        customer * each + between<std::uint32_t>('o', i, "which-coupon", 0, each - 1);
    const auto any = between<std::uint32_t>(
        'o', i, "any-coupon", 0, static_cast<std::uint32_t>(workload_.coupons.size()) - 1);
    return Subject('k', (percent('o', i, "foreign?", 5) ? any : own) + 1);
  }

  void add_charge(std::uint32_t i) {
    const WorkloadOptions& options = scenario_.workload;
    add(CommandKind::kCharge, arrival('g', i), customer_of('g', i)).command.amount =
        between('g', i, "amount", options.charge_min, options.charge_max);
  }

  void add_read(std::uint32_t i) {
    const bool of_order = percent('r', i, "order?", 70) && scenario_.workload.orders > 0;
    if (!of_order) {
      add(CommandKind::kGetBalance, arrival('r', i), customer_of('r', i));
      return;
    }
    // Any draft that is an order; asked some time after it was placed.
    std::vector<std::uint32_t> orders;
    for (std::uint32_t k = 0; k < drafts_.size(); ++k) {
      if (drafts_[k].command.kind == CommandKind::kCreateOrder) {
        orders.push_back(k);
      }
    }
    const auto pick = between<std::uint32_t>('r', i, "which-order", 0,
                                             static_cast<std::uint32_t>(orders.size()) - 1);
    const std::uint32_t which = orders[pick];
    const sim::Duration after{
        between<std::int64_t>('r', i, "read-after", 0, sim::seconds(5).count())};
    const sim::Instant at = drafts_[which].command.at + after;
    add(CommandKind::kGetOrder, at, drafts_[which].customer).refers = which;
  }

  // Numbers each customer's commands by their time and lets references point to names.
  void name_commands() {
    std::vector<std::uint32_t> order(drafts_.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
      order[i] = i;
    }
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      const Draft& one = drafts_[a];
      const Draft& two = drafts_[b];
      return one.customer != two.customer ? one.customer < two.customer
                                          : one.command.at < two.command.at;
    });
    std::vector<std::uint32_t> next(scenario_.shop.users, 1);
    for (const std::uint32_t i : order) {
      Draft& draft = drafts_[i];
      draft.command.name = Subject('c', draft.customer + 1, next[draft.customer]++);
    }
    for (const std::uint32_t i : order) {
      Draft& draft = drafts_[i];
      if (draft.refers != UINT32_MAX) {
        draft.command.order = drafts_[draft.refers].command.name;
      }
      workload_.commands.push_back(draft.command);
    }
  }

  const Scenario& scenario_;
  const sim::Random random_;
  domain::Workload workload_;
  std::vector<Draft> drafts_;
};

}  // namespace

domain::Workload generate_workload(const Scenario& scenario, std::uint64_t seed) {
  return Generator(scenario, sim::combine(seed, sim::hash_text("workload"))).generate();
}

}  // namespace sagasim::scenarios
