// Order: takes orders, collects the outcome of their three steps, decides once, and sees them to
// their end. The conductor of the saga without being its orchestrator: it only listens and
// announces.
#pragma once

#include <memory>
#include <optional>

#include "domain/runtime/unit_of_work.h"
#include "domain/subscriptions.h"
#include "sim/lease_lock.h"
#include "sim/network.h"

namespace sagasim::domain {

enum class OrderStatus : std::uint8_t { kCreated, kCompleted, kCanceled };
enum class OrderPhase : std::uint8_t {
  kCollecting,  // waits for the three steps
  kPayWait,     // all three done: waits for the payment
  kRefused,     // paid, but not wanted any more: the refund is under way
  kDone,
  kFailed,
};
enum class Step : std::uint8_t { kBalance, kCoupon, kStock };
inline constexpr std::uint32_t kSteps = 3;
const char* to_text(OrderStatus status);
const char* to_text(OrderPhase phase);

struct OrderRow {
  OrderFacts facts;
  OrderStatus status = OrderStatus::kCreated;
  OrderPhase phase = OrderPhase::kCollecting;
  StepState balance = StepState::kPending;  // the durable steps (G7): the first outcome wins
  StepState coupon = StepState::kPending;
  StepState stock = StepState::kPending;
  bool cancel_requested = false;
  Reason reason = Reason::kNone;  // of the failure
  std::uint32_t version = 0;
  sim::Instant created{};  // by the order service's clock
  sim::Instant completed{};
  sim::Instant failed{};  // when that was decided, likewise

  sim::RowKey key() const { return sim::key_of(facts.order); }
  StepState& step(Step which) {
    return which == Step::kBalance ? balance : which == Step::kCoupon ? coupon : stock;
  }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("facts", self.facts);
    visit("status", self.status);
    visit("phase", self.phase);
    visit("balance", self.balance);
    visit("coupon", self.coupon);
    visit("stock", self.stock);
    visit("cancel_requested", self.cancel_requested);
    visit("reason", self.reason);
    visit("version", self.version);
    visit("created", self.created);
    visit("completed", self.completed);
    visit("failed", self.failed);
  }
};

struct OrderStore : Store {
  explicit OrderStore(Backing& backing);
  sim::Table<OrderRow>& orders;
};

// A service that the order service asks: over the network, or in the process that they share.
struct OrderPeer {
  const sim::Service* remote = nullptr;
  sim::Process* local = nullptr;  // null: remote
};
// Those that it asks when an order is created; these come first.
struct OrderPeers {
  OrderPeer users;
  OrderPeer products;
  OrderPeer coupons;
  // Those that it asks besides where services call each other.
  const sim::Service* balances = nullptr;
  const sim::Service* payments = nullptr;
  const sim::Service* messages = nullptr;
};

// What the order service keeps in the cache, where policies want that.
class OrderCache {
 public:
  static constexpr sim::Duration kStepsLive = sim::seconds(60);  // and the mark of a decision

  // Belongs to a process and dies with it; the cache outlives it.
  OrderCache(sim::Cache& cache, sim::Node& node);

  // Writes the step, and after that how long all of it lives. False: not known to be written.
  sim::Task<bool> put(sim::Context context, sim::Subject order, Step step, StepState state);
  // Writes those that are known, and how long all of them live, in one command. Whether it is done
  // is left open.
  sim::Task<> copy(sim::Context context, sim::Subject order, Steps steps);
  // All steps; what is not there is pending. Nothing: the cache did not answer.
  sim::Task<std::optional<Steps>> get(sim::Context context, sim::Subject order);
  // True iff nobody had decided before, as far as the cache remembers. Nothing: it did not answer.
  sim::Task<std::optional<bool>> decide(sim::Context context, sim::Subject order);
  sim::Task<sim::Lease> lock(sim::Context context, sim::Subject order);
  sim::Task<> unlock(sim::Context context, sim::Lease lease);

  // For judges: what `cache` says of a step, if it says anything; and what it keeps of orders for
  // ever, but for the numbers that their locks count by, which must not begin again.
  static std::optional<StepState> peek(const sim::Cache& cache, sim::Subject order, Step step);
  static std::vector<sim::CacheKey> lasting(const sim::Cache& cache);

 private:
  sim::Cache& cache_;
  sim::LeaseLock locks_;
};

class OrderService final : public ShopService {
 public:
  // `cache` may be null where no policy needs one.
  OrderService(const Ports& ports, OrderStore& store, const OrderPeers& peers,
               std::unique_ptr<OrderCache> cache);

  sim::Task<sim::Handled> handle(sim::Context context, Event event) override;

  // Fails an order that still collects its steps when the saga's time is up (mode R1).
  sim::Task<> time_out(sim::Context context, OrderRow order);
  static bool may_time_out(const sim::Node& node, const OrderRow& order);
  static sim::Invocation time_out_name(const sim::Node& node, const OrderRow& order);
  // Fails an order whose payment takes too long: no way of the reference.
  sim::Task<> give_up_payment(sim::Context context, OrderRow order);
  static bool may_give_up_payment(const sim::Node& node, const OrderRow& order);
  static sim::Invocation give_up_payment_name(const sim::Node& node, const OrderRow& order);

 protected:
  sim::Task<sim::Payload> answer(sim::Context context, sim::Name method,
                                 sim::Payload request) override;

 private:
  // Until it is committed: fails the order for the lack of an answer, unless it has gone on from
  // the phase that it was seen in, or the clock says that it is not `due` after all.
  sim::Task<> fail_if_unchanged(sim::Context context, OrderRow order, sim::Instant due);
  sim::Task<CommandReply> create(sim::Context context, CreateOrder request);
  // All of the order in one transaction, or nothing of it.
  sim::Task<CommandReply> place(sim::Context context, sim::Subject key, std::uint64_t body,
                                OrderRow order);
  sim::Task<CommandReply> cancel(sim::Context context, CancelOrder request);
  sim::Task<LookupReply> get(sim::Context context, Lookup request);
  sim::Task<LookupReply> look_up(sim::Context context, const OrderPeer* peer, sim::Name method,
                                 sim::Subject what);
  sim::Task<sim::Handled> on_step(sim::Context context, Event event);
  sim::Task<sim::Handled> on_step_unless_known(sim::Context context, Event event);
  sim::Task<sim::Handled> on_step_under_lock(sim::Context context, Event event);
  sim::Task<sim::Handled> on_step_in_cache(sim::Context context, Event event);
  sim::Task<sim::Handled> on_payment(sim::Context context, Event event);

  // --- where services call each other ---
  bool conducts() const { return policy().transport == Transport::kCalls; }
  // Sees to all that this work has said, and to all that follows from it.
  sim::Task<> conduct(sim::Context context);
  sim::Task<> pass_on(sim::Context context, Event event);
  sim::Task<Heard> ask(sim::Context context, const Request* request, Event event);
  sim::Task<> accept(sim::Context context, Event answer);
  // Of a request that was not answered: whether it counts as one that failed, and whether it can be
  // given up.
  bool takes_for_failed(EventType type) const;
  bool may_be_dropped(EventType type) const;
  bool concerns(const Request& request, const Event& event) const;
  const sim::Service& asked(const Request& request) const;

  // The order's row, locked if the policy says so.
  sim::Task<std::optional<OrderRow>> order_of(sim::Context context, UnitOfWork* work,
                                              sim::Subject order);
  sim::Task<sim::Subject> name_for(sim::Context context, sim::Subject request);
  // What a failure would say of the order: its facts, or what the policy makes of them.
  sim::Task<OrderFacts> facts_of_failure(sim::Context context, OrderFacts facts);
  void on_result(UnitOfWork& work, OrderRow& order, EventType type, const OrderFacts& announced);
  // Decides the order by steps that are kept elsewhere.
  void decide(UnitOfWork& work, OrderRow& order, const Steps& steps, const OrderFacts& announced);
  void fail(UnitOfWork& work, OrderRow& order, Reason reason);
  void fail(UnitOfWork& work, OrderRow& order, Reason reason, const OrderFacts& announced);
  Steps steps_of(const OrderRow& order, Reason reason) const;

  OrderStore& tables_;
  const OrderPeers peers_;
  const std::unique_ptr<OrderCache> cache_;
};

}  // namespace sagasim::domain
