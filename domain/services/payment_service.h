// Payment: moves the money, once. The row is the durable intent: whatever is WAITING is charged,
// with the order's one key, until the gateway's answer is known; whatever is REFUNDING is refunded
// likewise (G9). An infrastructure reason never fails a payment.
#pragma once

#include "domain/messages/gateway.h"
#include "domain/runtime/unit_of_work.h"
#include "sim/http_service.h"

namespace sagasim::domain {

enum class PaymentStatus : std::uint8_t {
  kWaiting,
  kCompleted,
  kFailed,
  kRefunding,
  kCanceled,
};
const char* to_text(PaymentStatus status);

struct PaymentRow {
  std::uint64_t salt = 0;
  PaymentStatus status = PaymentStatus::kWaiting;
  OrderFacts facts;
  std::uint32_t number = 0;  // where payments are counted, as they are created; no order's number
  sim::RowKey key() const { return sim::key_of(facts.order, salt); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("status", self.status);
    visit("facts", self.facts);
    visit("number", self.number);
  }
};

struct PaymentStore : Store {
  explicit PaymentStore(Backing& backing);
  sim::Table<PaymentRow>& payments;
};

class PaymentService final : public ShopService {
 public:
  PaymentService(const Ports& ports, PaymentStore& store, sim::HttpService& gateway,
                 sim::Duration reconcile_interval);

  sim::Task<sim::Handled> handle(sim::Context context, Event event) override;

  // Charges or refunds one payment, until the gateway's answer is known and committed.
  sim::Task<> settle(sim::Context context, PaymentRow payment);
  static bool waits(const sim::Node& node, const PaymentRow& payment);
  static bool refunds(const sim::Node& node, const PaymentRow& payment);
  static sim::Invocation settle_name(const sim::Node& node, const PaymentRow& payment);

 private:
  sim::Task<sim::Handled> note(sim::Context context, Event event);
  sim::Task<sim::Handled> on_call(sim::Context context, Event event);
  sim::Task<sim::Handled> on_payment_waited(sim::Context context, Event event);
  sim::Task<sim::Handled> on_complete_failed(sim::Context context, Event event);
  sim::Task<bool> record(sim::Context context, PaymentRow payment, GatewayStatus answer);

  PaymentStore& tables_;
  sim::HttpService& gateway_;
  const sim::Duration reconcile_interval_;
};

}  // namespace sagasim::domain
