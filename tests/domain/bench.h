// Bench: the groups of properties, fed by hand with what a run would have committed, appended and
// answered. Each verb is one fact, or one commit; nothing is checked by the bench itself.
//
// History: what happens, as named steps, so that a test can tell a sound one and then the same with
// one step changed, left out, or moved.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/names.h"
#include "domain/properties/judge.h"

namespace sagasim::domain {

class Bench {
 public:
  Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  // --- order ---
  OrderFacts& facts(sim::Subject order);  // as every later step will have them
  Command& command(sim::Subject name);
  void create(sim::Subject order);
  void create_again(sim::Subject order);  // the same request, under the first of its other names
  void wait_for_payment(sim::Subject order);  // once it has heard of its steps, one by one
  // It hears that, and takes the step of that party for what it says.
  void hear(sim::Subject order, EventType type, Party party, StepState step);
  void complete(sim::Subject order);
  void cancel(sim::Subject order, Reason reason);
  // Commits the row of `order` once `change` has been made to it, whatever that is.
  void rewrite(sim::Subject order, const std::function<void(OrderRow&)>& change);
  void answer(sim::Subject order, Answer answer);
  void answer_charge(sim::Subject charge, Answer answer);
  void answer_cancellation(sim::Subject order, Answer answer);
  void read(sim::Subject order, OrderStatus status);
  void miss(sim::Subject order);         // a reader is told that there is none
  void read_balance(sim::Subject user);  // as it is
  void read_balance_as(sim::Subject user, Money amount);
  void execute(sim::Subject create);  // the command takes effect
  void hear_steps(sim::Subject order);
  void cache_step(Party party, sim::Subject order, StepState state);  // the cache says so

  // --- participants: take() and give_back() are whole commits; what they are made of follows ---
  void take(Party party, sim::Subject order);
  void give_back(Party party, sim::Subject order);
  void participant(Party party, sim::Subject order, ParticipantState state,
                   Reason reason = Reason::kNone);
  void charge(sim::Subject command);
  void accept_unbooked(sim::Subject charge);  // its customer is told so, and that is all
  void change_balance(sim::Subject user, Money by);
  void enter(EntryKind kind, sim::Subject source, sim::Subject user, Money amount);
  void end_coupon(sim::Subject coupon);
  // Its end is put off by that, to begin with that it ends in a day.
  void extend_coupon(sim::Subject coupon, sim::Name by, sim::Duration by_how_much);
  void issue(sim::Subject campaign, sim::Subject user, std::int64_t left);
  void stop_selling(sim::Subject product);
  // Commit the row of one, changed by work of that method.
  void change_product(sim::Subject product, sim::Name by,
                      const std::function<void(ProductRow&)>& change);
  void change_campaign(sim::Subject campaign, sim::Name by,
                       const std::function<void(CampaignRow&)>& change);
  void hand_coupon(sim::Subject coupon, sim::Subject holder, sim::Subject by);
  void change_stock(sim::Subject product, std::int64_t by);
  void move_line(StockMove move, sim::Subject order, std::uint32_t line);  // entry and quantity
  void settle();

  // --- payment ---
  void pay(sim::Subject order, PaymentStatus status);  // its first payment
  void pay_again(sim::Subject order, PaymentStatus status);
  void gateway(sim::Subject order, GatewayStatus status, Money amount);  // under a new key
  void gateway_again(sim::Subject order, GatewayStatus status, Money amount);
  void tell_platform(sim::Subject order);
  void ask_gateway(sim::Subject order, std::uint32_t times);

  // --- events ---
  void announce(sim::Subject order, EventType type);
  void log(sim::Subject order, EventType type);
  Event event(sim::Subject order, EventType type);  // as log() has it
  void log(const Event& event);
  void effect(sim::Name group, sim::Subject order, EventType type);          // by work of its own
  void effect_goes_on(sim::Name group, sim::Subject order, EventType type);  // by the last of it
  void handle(sim::Subject order, EventType type);                           // by whoever listens
  void publish(sim::Subject order, EventType type);  // its row leaves the outbox
  // The inbox row of `noted` is written by who deals with `type`.
  void note(sim::Subject order, EventType type, EventType noted);
  void deliver(sim::Name group, sim::Subject order, EventType type, std::uint32_t attempt);
  void park(sim::Name group, sim::Subject order, EventType type);
  void park_malformed(sim::Name group, EventType type);
  void skip(sim::Name group, sim::Subject order, EventType type);

  // --- the ranking ---
  void rank(sim::Subject order, std::uint32_t day);
  void read_top(sim::Subject order, std::int64_t too_much);  // what `order` bought is all there is

  // --- the end ---
  void end();
  void locks(std::uint32_t open);
  void memory(std::uint64_t inbox, std::uint64_t handled);
  void inbox(sim::Subject order, EventType type, sim::Name group, bool written);
  void outboxes(std::uint64_t rows);
  void end_of_ample(sim::Subject order);
  void queues(std::uint64_t unpublished, std::uint64_t lag);
  void wait_behind(sim::Subject failing, sim::Subject order, EventType type);
  void cache(const std::vector<sim::CacheKey>& lasting);
  void redeliver(std::uint64_t digest_before, std::uint64_t digest_after);

  // Time goes on by itself, one millisecond a step.
  void tick() { wait(sim::milliseconds(1)); }
  void wait(sim::Duration duration) { now_ += duration; }
  // All is well from the start unless this is said; undoing and settling may take a second.
  void never_well() { progress_.set_deadlines({}); }
  sim::Instant now() const { return now_; }

  std::vector<Reporter::Finding> findings() const;
  std::uint64_t evaluated(PropertyId property) const {
    return reporter_.evaluated(property) + judge_.reporter().evaluated(property);
  }

 private:
  OrderTruth& truth(sim::Subject order) { return *truth_.order(order); }

  Workload workload_;
  Policy policy_;
  GroundTruth truth_;
  Reporter reporter_;
  MoneyProperties money_{truth_, reporter_};
  PaymentProperties payment_{truth_, reporter_};
  StockProperties stock_{truth_, reporter_};
  CouponProperties coupon_{truth_, reporter_};
  OrderProperties order_{truth_, reporter_};
  EventProperties events_{truth_, reporter_};
  CommandProperties commands_{truth_, reporter_, policy_};
  ProcessProperties process_{truth_, reporter_};
  RankProperties rank_{truth_, reporter_};
  PlatformProperties platform_{truth_, reporter_};
  ResourceProperties resources_{truth_, reporter_};
  SerialProperties serial_{truth_, reporter_};
  CompensationProperties compensation_{truth_, reporter_, policy_};
  DeadLetterProperties dead_letters_{truth_, reporter_};
  LivenessProperties liveness_{truth_, reporter_};
  ProgressProperties progress_{truth_, reporter_};
  RuleProperties rules_{truth_, reporter_, policy_};
  HistoryProperties histories_{truth_, reporter_};
  Judge judge_;  // for IDM-2, which it checks itself

  sim::Instant now_ = sim::kStart + sim::milliseconds(1);
  std::map<sim::Subject, OrderFacts> facts_;
  std::map<sim::Subject, BalanceRow> balances_;
  std::map<sim::Subject, StockRow> stocks_;
  std::map<sim::Subject, UserCouponRow> coupons_;
  std::map<sim::Subject, ProductRow> products_;
  std::map<sim::Subject, CampaignRow> campaigns_;
  std::map<std::pair<sim::Subject, Party>, ParticipantRow> participants_;
  std::map<std::pair<sim::Subject, int>, PaymentRow> payments_;  // by order and number
  std::vector<CommandHistory> charged_;
  Command cancellation_;
  std::uint32_t effects_ = 0;  // pieces of work that had one
  // Commits the row, changed, as the work of `by`.
  void change(sim::Subject order, sim::Name by, const std::function<void(OrderRow&)>& change);
  sim::DeadLetter letter(sim::Name group, sim::Subject order, EventType type) const;
  void put_payment(sim::Subject order, int number, PaymentStatus status);
  std::uint64_t gateway_key_ = 0;
};

class History {
 public:
  using Step = std::function<void(Bench&)>;

  void add(std::string name, Step step) { steps_.emplace_back(std::move(name), std::move(step)); }
  // Each of these requires that there is a step of that name.
  void replace(std::string_view name, Step step);
  void drop(std::string_view name);
  void after(std::string_view name, Step step);
  void before(std::string_view name, Step step);
  void move_before(std::string_view name, std::string_view other);
  void move_after(std::string_view name, std::string_view other);

  void tell(Bench& bench) const;

 private:
  using Steps = std::vector<std::pair<std::string, Step>>;
  Steps::iterator find(std::string_view name);
  Steps steps_;
};

// u1 charges c1.2 and completes c1.1, two p1 and one p2 with coupon k1: 2,250. u2's c2.1, one p1
// with coupon k2: 900, is declined and undone. c2.2, one p2: 500, is never created.
//
// Its steps: "c1.2 is booked" and "c1.2 is answered"; of both orders "create c1.1", "log
// OrderCreated of c1.1", "balance takes c1.1", "log BalanceUsed of c1.1" and so on, "c1.1 waits",
// "payment of c1.1 opens"; then "gateway captures c1.1", "payment of c1.1 completes", "c1.1
// completes", "c1.1 is answered", "c1.1 is read", "c1.1 is not canceled", "c1.1 is told on", "c1.1
// is ranked", "the best are read"; or "gateway declines c2.1", "payment of c2.1 fails", "c2.1
// fails", "balance gives back c2.1" and so on; and then "the end", "the end of plenty", "the dead
// letters", "the queues", "the locks", "the memory", "the cache", "the inboxes", "old events
// again". Before all that u1 gets a coupon of d1 ("d1.1 is issued") and reads its balance ("u1
// looks").
History sound_history();

}  // namespace sagasim::domain
