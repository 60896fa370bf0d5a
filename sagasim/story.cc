#include "sagasim/story.h"

#include <algorithm>

namespace sagasim::domain {
namespace {

sim::Subject named(std::string_view text) {
  const std::optional<sim::Subject> subject = sim::parse_subject(text);
  SAGASIM_CHECK(subject.has_value(), "not the name of anything");
  return *subject;
}

}  // namespace

Story::Telling& Story::Telling::of(std::string_view product, std::uint32_t quantity) {
  command_.lines.push_back(CommandLine{named(product), quantity});
  return *this;
}

Story::Telling& Story::Telling::with(std::string_view coupon) {
  command_.coupon = named(coupon);
  return *this;
}

Story::Telling& Story::Telling::by(std::string_view user) {
  command_.user = named(user);
  return *this;
}

Story::Telling& Story::Telling::after(std::string_view command) {
  command_.after = named(command);
  return *this;
}

Story::Telling& Story::Telling::only_once() {
  command_.attempts = 1;
  return *this;
}

Story::Telling& Story::Telling::at(sim::Instant when) {
  command_.at = when;
  return *this;
}

void Story::Chronicle::on_commit(const sim::Commit& commit) {
  for (const sim::RowChange& change : commit.changes) {
    if (!(change.table->name() == sim::Name("orders"))) {
      continue;
    }
    const auto& row = *static_cast<const OrderRow*>(change.after);
    const auto* before = static_cast<const OrderRow*>(change.before);
    if (before == nullptr || before->phase != row.phase) {
      lines.push_back(Line{row.facts.order, row.phase, commit.at});
    }
  }
}

Story::Universe::Universe(const Story& story, const faults::Plan& plan)
    : workload(story.workload()),
      policy(story.policy),
      injector(plan),
      world(story.seed),
      judge(workload, policy),
      shop(world, story.options, policy, workload, judge) {
  judge.watch(shop);
  world.add_observer(judge);
  world.add_observer(chronicle);
  injector.install(world, {});
}

Story::Story() {
  options.decline_percent = 0;
  shop_.users = {{named("u1"), 10'000}, {named("u2"), 10'000}};
  shop_.products = {{named("p1"), 1'000, 10}, {named("p2"), 500, 10}};
  shop_.coupons = {{named("k1"), named("u1"), 1'000, sim::kNever},
                   {named("k2"), named("u2"), 1'000, sim::kNever},
                   {named("k3"), named("u1"), 10'000, sim::kNever}};
  shop_.campaigns = {{named("d1"), 1'000, 2, CampaignStatus::kPublishable, sim::kNever}};
}

Story::Telling Story::order(std::string_view command) {
  Command& told = commands_.emplace_back();
  told.name = named(command);
  told.kind = CommandKind::kCreateOrder;
  told.user = sim::Subject('u', told.name.major());
  return Telling(told).at(sim::milliseconds(10));
}

Story::Telling Story::cancel(std::string_view command, std::string_view order) {
  Telling telling = this->order(command);
  commands_.back().kind = CommandKind::kCancelOrder;
  commands_.back().order = named(order);
  return telling;
}

Story::Telling Story::charge(std::string_view command, Money amount) {
  Telling telling = order(command);
  commands_.back().kind = CommandKind::kCharge;
  commands_.back().amount = amount;
  return telling;
}

Story::Telling Story::get_balance(std::string_view command) {
  Telling telling = order(command);
  commands_.back().kind = CommandKind::kGetBalance;
  return telling;
}

Story::Telling Story::repeat(std::string_view command, std::string_view order) {
  Telling telling = this->order(command);
  commands_.back().kind = CommandKind::kRepeatOrder;
  commands_.back().order = named(order);
  return telling;
}

Story::Telling Story::reuse(std::string_view command, std::string_view order) {
  Telling telling = this->order(command);
  commands_.back().kind = CommandKind::kReuseKey;
  commands_.back().order = named(order);
  return telling.after(order);
}

Story::Telling Story::issue(std::string_view command, std::string_view campaign) {
  Telling telling = order(command);
  commands_.back().kind = CommandKind::kIssueCoupon;
  commands_.back().coupon = named(campaign);
  return telling;
}

Story::Telling Story::get_top(std::string_view command) {
  Telling telling = order(command);
  commands_.back().kind = CommandKind::kGetTop;
  return telling;
}

Story::Telling Story::manage(std::string_view command, CommandKind kind, std::string_view product,
                             Money amount) {
  Telling telling = order(command);
  commands_.back().kind = kind;
  commands_.back().user = sim::Subject();
  commands_.back().product = named(product);
  commands_.back().amount = amount;
  return telling;
}

Story::Telling Story::manage_coupon(std::string_view command, CommandKind kind,
                                    std::string_view coupon) {
  Telling telling = order(command);
  commands_.back().kind = kind;
  commands_.back().user = sim::Subject();
  commands_.back().coupon = named(coupon);
  return telling;
}

void Story::hold_back(std::string_view product) {
  for (InitialProduct& known : shop_.products) {
    known.status = known.product == named(product) ? SellStatus::kHold : known.status;
  }
}

void Story::campaign(std::string_view campaign, std::int64_t quantity, CampaignStatus status) {
  shop_.campaigns = {{named(campaign), 1'000, quantity, status, sim::kNever}};
}

void Story::give(std::string_view user, Money balance) {
  for (InitialUser& known : shop_.users) {
    known.balance = known.user == named(user) ? balance : known.balance;
  }
}

void Story::stock_up(std::string_view product, std::int64_t quantity) {
  for (InitialProduct& known : shop_.products) {
    known.stock = known.product == named(product) ? quantity : known.stock;
  }
}

void Story::fault(faults::Kind kind, std::string_view operation, sim::Duration duration) {
  plan_.operations.push_back(
      faults::OperationFault{std::string(operation), 0, faults::effect_of(kind, duration)});
}

Workload Story::workload() const {
  Workload workload = shop_;
  workload.commands.assign(commands_.begin(), commands_.end());
  std::stable_sort(workload.commands.begin(), workload.commands.end(),
                   [](const Command& a, const Command& b) { return a.name < b.name; });
  return workload;
}

void Story::outage(std::string_view role, sim::Duration from, sim::Duration until) {
  faults::WindowFault window;
  window.kind = faults::Kind::kOutage;
  window.target = role;
  window.from = sim::kStart + from;
  window.until = sim::kStart + until;
  plan_.windows.push_back(window);
}

sim::Ending Story::tell() {
  universe_.reset();
  universe_ = std::make_unique<Universe>(*this, plan_);
  universe_->world.boot();
  return universe_->standstill.run(sim::kStart + sim::seconds(60), sim::kStart + limit);
}

void Story::run() {
  ASSERT_EQ(tell(), sim::Ending::kQuiescent) << "it never comes to rest";
  EXPECT_TRUE(universe_->injector.not_applied().empty()) << "the fault struck nothing";
  universe_->judge.at_end(universe_->world.now(), plan_.size() == 0);
  universe_->judge.at_rest(universe_->world.now());
}

void Story::run_until_stuck() {
  ASSERT_EQ(tell(), sim::Ending::kStuck);
  EXPECT_TRUE(universe_->injector.not_applied().empty()) << "the fault struck nothing";
  universe_->judge.at_end(universe_->world.now(), plan_.size() == 0,
                          &universe_->standstill.witness());
}

void Story::run_out_of_time() {
  ASSERT_EQ(tell(), sim::Ending::kUndecided);
  EXPECT_TRUE(universe_->injector.not_applied().empty()) << "the fault struck nothing";
}

const OrderTruth& Story::truth(std::string_view order) const {
  for (const OrderTruth& truth : universe_->judge.truth().orders()) {
    if (truth.command->name == named(order)) {
      return truth;
    }
  }
  SAGASIM_CHECK(false, "nobody told of this order");
}

std::string Story::status(std::string_view order) const {
  const OrderRow* row = universe_->shop.order().orders.peek(sim::key_of(named(order)));
  return row == nullptr ? "none" : to_text(row->status);
}

std::string Story::payment(std::string_view order) const {
  const PaymentRow* row = universe_->shop.payment().payments.peek(sim::key_of(named(order)));
  return row == nullptr ? "none" : to_text(row->status);
}

std::string Story::answer(std::string_view command) const {
  for (const CommandHistory& history : universe_->shop.histories()) {
    if (history.command->name == named(command)) {
      return history.finished ? to_text(history.answer) : "none";
    }
  }
  return "none";
}

Reason Story::reason(std::string_view order) const { return truth(order).row.reason; }

Money Story::kept(std::string_view order) const {
  return truth(order).captured - truth(order).given_back;
}

std::uint32_t Story::captures(std::string_view order) const { return truth(order).captures; }

Money Story::balance(std::string_view user) const {
  const BalanceRow* row = universe_->shop.balance().balances.peek(sim::key_of(named(user)));
  return row == nullptr ? 0 : row->amount;
}

std::int64_t Story::stock(std::string_view product) const {
  return universe_->shop.product().stocks.peek(sim::key_of(named(product)))->quantity;
}

std::string Story::holder(std::string_view coupon) const {
  return sim::to_text(universe_->shop.coupon().coupons.peek(sim::key_of(named(coupon)))->used_by);
}

bool Story::exists(std::string_view coupon) const {
  return universe_->shop.coupon().coupons.peek(sim::key_of(named(coupon))) != nullptr;
}

std::int64_t Story::left(std::string_view campaign) const {
  return universe_->shop.coupon().campaigns.peek(sim::key_of(named(campaign)))->quantity;
}

std::string Story::state(std::string_view campaign) const {
  return to_text(universe_->shop.coupon().campaigns.peek(sim::key_of(named(campaign)))->status);
}

Money Story::total(std::string_view order) const { return truth(order).row.facts.total; }

std::int64_t Story::sold(std::string_view product, std::uint32_t day) const {
  const RankRow* row = universe_->shop.product().ranks.peek(RankRow{named(product), day, 0}.key());
  return row == nullptr ? 0 : row->score;
}

std::int64_t Story::history(std::string_view product, std::uint32_t day) const {
  const RankRow* row =
      universe_->shop.product().rank_history.peek(RankRow{named(product), day, 0}.key());
  return row == nullptr ? 0 : row->score;
}

std::uint32_t Story::platform_records(std::string_view order) const {
  return truth(order).platform_records;
}

sim::Instant Story::entered(std::string_view order, OrderPhase phase) const {
  for (const Chronicle::Line& line : universe_->chronicle.lines) {
    if (line.order == named(order) && line.phase == phase) {
      return line.at;
    }
  }
  SAGASIM_CHECK(false, "the order never came into that phase");
}

Story::Ids Story::broken() const {
  Ids ids;
  for (const Reporter::Finding& finding : universe_->judge.reporter().findings()) {
    ids.insert(kPropertyCatalog[static_cast<unsigned>(finding.property)].id);
  }
  return ids;
}

std::string Story::stuck(std::string_view order) const {
  for (const StuckOrder& each : universe_->judge.stuck(&universe_->standstill.witness())) {
    if (each.order == named(order)) {
      return std::string(sim::to_text(each.why.reason)) + ": " + each.why.sentence;
    }
  }
  return "open: no";
}

std::string Story::kind(std::string_view order) const {
  for (const Reporter::Finding& finding : universe_->judge.reporter().findings()) {
    if (finding.property == PropertyId::kLiv1 && finding.subject == named(order)) {
      return finding.kind;
    }
  }
  return "none";
}

std::string Story::complaints() const {
  std::string text;
  for (const Reporter::Finding& finding : universe_->judge.reporter().findings()) {
    text += kPropertyCatalog[static_cast<unsigned>(finding.property)].id;
    text += ": " + finding.message + '\n';
  }
  return text;
}

}  // namespace sagasim::domain
