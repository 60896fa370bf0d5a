#include "scenarios/workload.h"

#include <algorithm>

#include "sim/random.h"

namespace sagasim::scenarios {
namespace {

using domain::Command;
using domain::CommandKind;
using sim::Subject;

constexpr std::uint32_t kManager = UINT32_MAX;

// A command before it has its name. `refers` is the draft that it is about, by index.
struct Draft {
  Command command;
  std::uint32_t customer = 0;  // kManager for the manager
  std::uint32_t refers = UINT32_MAX;
  std::uint32_t follows = UINT32_MAX;  // the draft that has to be over first
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
    for (std::uint32_t i = 0; i < scenario_.workload.top_reads; ++i) {
      add(CommandKind::kGetTop, arrival('t', i), customer_of('t', i));
    }
    for (std::uint32_t i = 0; i < scenario_.workload.issues && scenario_.shop.campaigns > 0; ++i) {
      add(CommandKind::kIssueCoupon, arrival('i', i), customer_of('i', i)).command.coupon =
          campaign_for('i', i);
    }
    add_deeds_of_manager();
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
    for (std::uint32_t i = 0; i < shop.products; ++i) {
      const bool scarce = percent('p', i, "scarce?", shop.edge_percent);
      const bool held = percent('p', i, "held?", shop.edge_percent / 2);
      workload_.products.push_back(
          {Subject('p', i + 1), between('p', i, "price", shop.price_min, shop.price_max),
           scarce ? between<std::int64_t>('p', i, "few", 0, 5)
                  : between('p', i, "stock", shop.stock_min, shop.stock_max),
           held ? domain::SellStatus::kHold : domain::SellStatus::kSelling});
    }
    for (std::uint32_t i = 0; i < shop.users; ++i) {
      workload_.users.push_back({Subject('u', i + 1), balance_of(i)});
    }
    for (std::uint32_t i = 0; i < shop.campaigns; ++i) {
      // One in four has to be opened by the manager first.
      const bool open = !percent('d', i, "registered?", 25);
      workload_.campaigns.push_back(
          {Subject('d', i + 1), between('d', i, "rate", shop.discount_min_bp, shop.discount_max_bp),
           between<std::int64_t>('d', i, "quantity", 1, shop.campaign_quantity_max),
           open ? domain::CampaignStatus::kPublishable : domain::CampaignStatus::kRegistered,
           sim::kNever});
    }
    for (std::uint32_t i = 0; i < shop.users * shop.coupons_per_user; ++i) {
      workload_.coupons.push_back(
          {Subject('k', i + 1), Subject('u', i / shop.coupons_per_user + 1),
           between('k', i, "rate", shop.discount_min_bp, shop.discount_max_bp), expiry_of(i)});
    }
  }

  // Where one more or one less decides: at a few pieces' price, or at the cap.
  domain::Money balance_of(std::uint32_t user) const {
    const Shop& shop = scenario_.shop;
    if (!percent('u', user, "edge?", shop.edge_percent)) {
      return between('u', user, "balance", shop.balance_min, shop.balance_max);
    }
    const auto hair = between<domain::Money>('u', user, "hair", -1, 1);
    if (percent('u', user, "cap?", 30)) {
      return std::min(domain::kBalanceCap + hair, domain::kBalanceCap);
    }
    const auto product = between<std::uint32_t>('u', user, "dear", 0, shop.products - 1);
    const auto pieces = between<domain::Money>('u', user, "pieces", 1, 5);
    const domain::Money wanted = workload_.products[product].price * pieces + hair;
    return std::clamp<domain::Money>(wanted, 0, domain::kBalanceCap);
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
    draft.command.user = customer == kManager ? Subject() : Subject('u', customer + 1);
    return draft;
  }
  std::uint32_t customer_of(char what, std::uint32_t index) const {
    return between<std::uint32_t>(what, index, "customer", 0, scenario_.shop.users - 1);
  }
  sim::Instant arrival(char what, std::uint32_t index) const {
    return sim::kStart + sim::Duration{between<std::int64_t>(what, index, "arrival", 0,
                                                             scenario_.workload.span.count())};
  }

  // Which product is wanted in the place that `key` numbers.
  std::uint32_t product_for(std::uint32_t key) const {
    const std::uint32_t last = scenario_.shop.products - 1;
    const auto one = between<std::uint32_t>('l', key, "product", 0, last);
    switch (scenario_.workload.popularity) {
      case Popularity::kLeaning:
        return std::min(one, between<std::uint32_t>('l', key, "skew", 0, last));
      case Popularity::kUniform:
        return one;
      case Popularity::kZipf:
        break;
    }
    // In whole numbers, so that every machine draws alike: the nth weighs a millionth of 1 / n.
    constexpr std::uint64_t kFirst = 1'000'000;
    std::uint64_t all = 0;
    for (std::uint64_t rank = 1; rank <= last + 1; ++rank) {
      all += kFirst / rank;
    }
    std::uint64_t rest = sim::below(draw('l', key, "zipf"), all);
    std::uint32_t product = 0;
    while (rest >= kFirst / (product + 1)) {
      rest -= kFirst / (product + 1);
      ++product;
    }
    return product;
  }

  void add_order(std::uint32_t i) {
    const WorkloadOptions& options = scenario_.workload;
    const std::uint32_t customer = customer_of('o', i);
    const auto self = static_cast<std::uint32_t>(drafts_.size());
    Draft& draft = add(CommandKind::kCreateOrder, arrival('o', i), customer);
    const auto lines = between<std::uint32_t>('o', i, "lines", 1, options.lines_max);
    for (std::uint32_t line = 0; line < lines; ++line) {
      const std::uint32_t key = i * domain::kMaxLines + line;
      draft.command.lines.push_back(
          {Subject('p', product_for(key) + 1),
           between<std::uint32_t>('l', key, "quantity", 1, options.quantity_max)});
    }
    draft.command.coupon = coupon_for(i, customer);
    draft.command.attempts = percent('o', i, "abandon?", options.abandon_percent) ? 1 : 0;
    add_second_thoughts(i, self, customer);
    if (percent('o', i, "cancel?", options.cancel_percent)) {
      // Most sagas take about a second; half of the cancellations come within that.
      const bool soon = percent('o', i, "soon?", 50);
      const sim::Duration after{between<std::int64_t>(
          'o', i, "cancel-after", 0, (soon ? sim::seconds(1) : sim::seconds(10)).count())};
      const sim::Instant at = drafts_[self].command.at + after;
      add(CommandKind::kCancelOrder, at, customer).refers = self;
    }
  }

  // The same order sent once more, or its key used for something else.
  void add_second_thoughts(std::uint32_t i, std::uint32_t order, std::uint32_t customer) {
    const WorkloadOptions& options = scenario_.workload;
    const sim::Instant placed = drafts_[order].command.at;
    if (percent('o', i, "repeat?", options.repeat_percent)) {
      const sim::Duration after{
          between<std::int64_t>('o', i, "repeat-after", 0, sim::seconds(3).count())};
      add(CommandKind::kRepeatOrder, placed + after, customer).refers = order;
    }
    if (percent('o', i, "reuse?", options.reuse_percent)) {
      const auto lines = drafts_[order].command.lines;
      Draft& draft = add(CommandKind::kReuseKey, placed, customer);
      draft.refers = order;
      draft.follows = order;
      draft.command.lines = lines;
      const std::uint32_t quantity = draft.command.lines[0].quantity;
      draft.command.lines[0].quantity = quantity > 1 ? quantity - 1 : 2;
    }
  }

  // Mostly one of the customer's own, now and then somebody else's.
  Subject coupon_for(std::uint32_t i, std::uint32_t customer) const {
    const std::uint32_t each = scenario_.shop.coupons_per_user;
    const std::uint32_t owner = percent('o', i, "somebody's?", 5) ? customer_of('f', i) : customer;
    if (scenario_.shop.campaigns > 0 && percent('o', i, "issued?", 60) &&
        percent('o', i, "coupon?", scenario_.workload.coupon_percent)) {
      return domain::coupon_of(campaign_for('o', i), Subject('u', owner + 1));
    }
    if (each == 0 || !percent('o', i, "coupon?", scenario_.workload.coupon_percent)) {
      return {};
    }
    const std::uint32_t own =
        customer * each + between<std::uint32_t>('o', i, "which-coupon", 0, each - 1);
    const auto any = between<std::uint32_t>(
        'o', i, "any-coupon", 0, static_cast<std::uint32_t>(workload_.coupons.size()) - 1);
    return Subject('k', (percent('o', i, "foreign?", 5) ? any : own) + 1);
  }

  // Now and then up to the cap exactly, or a won beyond it.
  void add_charge(std::uint32_t i) {
    const WorkloadOptions& options = scenario_.workload;
    const std::uint32_t customer = customer_of('g', i);
    auto amount = between('g', i, "amount", options.charge_min, options.charge_max);
    if (percent('g', i, "edge?", scenario_.shop.edge_percent)) {
      const domain::Money missing = domain::kBalanceCap - workload_.users[customer].balance;
      amount = std::clamp<domain::Money>(missing + between<domain::Money>('g', i, "hair", 0, 1), 1,
                                         domain::kBalanceCap);
    }
    add(CommandKind::kCharge, arrival('g', i), customer).command.amount = amount;
  }

  Subject campaign_for(char what, std::uint32_t index) const {
    const auto last = scenario_.shop.campaigns - 1;
    return Subject('d', between<std::uint32_t>(what, index, "campaign", 0, last) + 1);
  }

  // --- the manager ---

  Draft& add_deed(CommandKind kind, sim::Instant at, char what, std::uint32_t index) {
    Draft& draft = add(kind, at, kManager);
    const auto last = scenario_.shop.products - 1;
    draft.command.product = Subject('p', between<std::uint32_t>(what, index, "which", 0, last) + 1);
    return draft;
  }

  void add_deeds_of_manager() {
    const WorkloadOptions& options = scenario_.workload;
    const Shop& shop = scenario_.shop;
    for (std::uint32_t i = 0; i < options.reprices; ++i) {
      add_deed(CommandKind::kReprice, arrival('a', i), 'a', i).command.amount =
          between('a', i, "price", shop.price_min, shop.price_max);
    }
    for (std::uint32_t i = 0; i < options.stops; ++i) {
      const sim::Instant at = arrival('s', i);
      const sim::Duration pause{
          between<std::int64_t>('s', i, "pause", 0, options.span.count() / 4)};
      add_deed(CommandKind::kStopSelling, at, 's', i);
      add_deed(CommandKind::kResumeSelling, at + pause, 's', i);
    }
    for (std::uint32_t i = 0; i < shop.products; ++i) {
      if (workload_.products[i].status == domain::SellStatus::kHold) {
        add(CommandKind::kResumeSelling, arrival('h', i), kManager).command.product =
            workload_.products[i].product;
      }
    }
    for (std::uint32_t i = 0; i < options.restocks; ++i) {
      add_deed(CommandKind::kRestock, arrival('e', i), 'e', i).command.amount =
          between<domain::Money>('e', i, "pieces", 1, 5);
    }
    for (std::uint32_t i = 0; i < options.expiries; ++i) {
      add_expiry(i);
    }
    for (std::uint32_t i = 0; i < shop.campaigns; ++i) {
      const domain::InitialCampaign& campaign = workload_.campaigns[i];
      if (campaign.status == domain::CampaignStatus::kRegistered) {
        add(CommandKind::kOpenCampaign, arrival('d', i), kManager).command.coupon =
            campaign.campaign;
      }
    }
  }

  // Ends a coupon or a campaign; or takes a campaign back and, later, thinks better of it.
  void add_expiry(std::uint32_t i) {
    const sim::Instant at = arrival('x', i);
    const auto coupons = static_cast<std::uint32_t>(workload_.coupons.size());
    const bool of_campaign =
        scenario_.shop.campaigns > 0 && (coupons == 0 || percent('x', i, "campaign?", 50));
    if (!of_campaign) {
      if (coupons > 0) {
        const auto which = between<std::uint32_t>('x', i, "which", 0, coupons - 1);
        add(CommandKind::kExpireCoupon, at, kManager).command.coupon = Subject('k', which + 1);
      }
      return;
    }
    const Subject campaign = campaign_for('x', i);
    if (percent('x', i, "for-good?", 40)) {
      add(CommandKind::kExpireCoupon, at, kManager).command.coupon = campaign;
      return;
    }
    const sim::Duration pause{
        between<std::int64_t>('x', i, "pause", 0, scenario_.workload.span.count() / 4)};
    add(CommandKind::kCancelCampaign, at, kManager).command.coupon = campaign;
    add(CommandKind::kOpenCampaign, at + pause, kManager).command.coupon = campaign;
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

  // Numbers each customer's commands by their time and lets references point to names. In a closed
  // loop each follows the one before it.
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
    std::uint32_t number = 0;
    std::uint32_t previous = UINT32_MAX;
    for (const std::uint32_t i : order) {
      Draft& draft = drafts_[i];
      const bool same = previous != UINT32_MAX && drafts_[previous].customer == draft.customer;
      number = same ? number + 1 : 1;
      draft.command.name = draft.customer == kManager ? Subject('m', 1, number)
                                                      : Subject('c', draft.customer + 1, number);
      const bool waits = same && draft.customer != kManager;
      if (waits && scenario_.workload.arrivals == Arrivals::kClosed) {
        draft.follows = previous;
      }
      previous = i;
    }
    for (const std::uint32_t i : order) {
      Draft& draft = drafts_[i];
      if (draft.refers != UINT32_MAX) {
        draft.command.order = drafts_[draft.refers].command.name;
      }
      if (draft.follows != UINT32_MAX) {
        draft.command.after = drafts_[draft.follows].command.name;
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
