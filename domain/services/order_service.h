// Order: takes orders, collects the outcome of their three steps, decides once, and sees them to
// their end. The conductor of the saga without being its orchestrator: it only listens and
// announces.
#pragma once

#include <optional>

#include "domain/runtime/unit_of_work.h"
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
  OrderStore(sim::World& world, sim::Node& server, const sim::DatabaseOptions& options);
  sim::Table<OrderRow>& orders;
};

// The services that the order service asks when an order is created.
struct OrderPeers {
  const sim::Service& users;
  const sim::Service& products;
  const sim::Service& coupons;
};

class OrderService final : public ShopService {
 public:
  OrderService(const Ports& ports, OrderStore& store, const OrderPeers& peers);

  sim::Task<sim::Payload> serve(sim::Context context, sim::Name method,
                                sim::Payload request) override;
  sim::Task<sim::Handled> consume(sim::Context context, sim::Delivery delivery) override;

  // Fails an order that still collects its steps when the saga's time is up (mode R1).
  sim::Task<> time_out(sim::Context context, OrderRow order);
  static bool may_time_out(const sim::Node& node, const OrderRow& order);
  static sim::Invocation time_out_name(const sim::Node& node, const OrderRow& order);
  // Fails an order whose payment takes too long: no way of the reference.
  sim::Task<> give_up_payment(sim::Context context, OrderRow order);
  static bool may_give_up_payment(const sim::Node& node, const OrderRow& order);
  static sim::Invocation give_up_payment_name(const sim::Node& node, const OrderRow& order);

 private:
  // Until it is committed: fails the order for the lack of an answer, unless it has gone on from
  // the phase that it was seen in, or the clock says that it is not `due` after all.
  sim::Task<> fail_if_unchanged(sim::Context context, OrderRow order, sim::Instant due);
  sim::Task<CommandReply> create(sim::Context context, CreateOrder request);
  sim::Task<CommandReply> cancel(sim::Context context, CancelOrder request);
  sim::Task<LookupReply> get(sim::Context context, Lookup request);
  sim::Task<LookupReply> look_up(sim::Context context, const sim::Service* service,
                                 sim::Name method, sim::Subject what);
  sim::Task<sim::Handled> on_step(sim::Context context, Event event);
  sim::Task<sim::Handled> on_payment(sim::Context context, Event event);

  // The order's row, locked if the policy says so.
  sim::Task<std::optional<OrderRow>> order_of(sim::Context context, UnitOfWork* work,
                                              sim::Subject order);
  sim::Task<sim::Subject> name_for(sim::Context context, sim::Subject request);
  // What a failure would say of the order: its facts, or what the policy makes of them.
  sim::Task<OrderFacts> facts_of_failure(sim::Context context, OrderFacts facts);
  void on_result(UnitOfWork& work, OrderRow& order, EventType type, const OrderFacts& announced);
  void fail(UnitOfWork& work, OrderRow& order, Reason reason);
  void fail(UnitOfWork& work, OrderRow& order, Reason reason, const OrderFacts& announced);
  Steps steps_of(const OrderRow& order, Reason reason) const;

  OrderStore& tables_;
  const OrderPeers peers_;
};

}  // namespace sagasim::domain
