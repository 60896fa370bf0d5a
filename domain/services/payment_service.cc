#include "domain/services/payment_service.h"

#include "domain/names.h"
#include "domain/order_facade.h"

namespace sagasim::domain {

using sim::Handled;
using sim::Outcome;

namespace {

bool is_open(const PaymentRow& payment) {
  return payment.status == PaymentStatus::kWaiting || payment.status == PaymentStatus::kRefunding;
}

// An order has one, where natural keys are on.
bool comes_first(const PaymentRow& one, const PaymentRow& two) {
  return is_open(one) != is_open(two) ? is_open(one) : one.salt < two.salt;
}

}  // namespace

const char* to_text(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::kWaiting:
      return "WAITING";
    case PaymentStatus::kCompleted:
      return "COMPLETED";
    case PaymentStatus::kFailed:
      return "FAILED";
    case PaymentStatus::kRefunding:
      return "REFUNDING";
    case PaymentStatus::kCanceled:
      return "CANCELED";
  }
  return "?";
}

PaymentStore::PaymentStore(Backing& backing)
    : Store(backing), payments(database.add_table<PaymentRow>("payments")) {}

PaymentService::PaymentService(const Ports& ports, PaymentStore& store, sim::HttpService& gateway,
                               sim::Duration reconcile_interval)
    : ShopService(ports),
      tables_(store),
      gateway_(gateway),
      reconcile_interval_(reconcile_interval) {}

sim::Task<Handled> PaymentService::handle(sim::Context context, Event event) {
  return policy().transport == Transport::kCalls ? on_call(context, event) : note(context, event);
}

sim::Task<Handled> PaymentService::note(sim::Context context, Event event) {
  return event.type == EventType::kPaymentWaited ? on_payment_waited(context, event)
                                                 : on_complete_failed(context, event);
}

// Whoever asks by a call waits until the gateway has answered: no job would do it afterwards. Asked
// again it answers again, by the row.
sim::Task<Handled> PaymentService::on_call(sim::Context context, Event event) {
  auto noting = note(context, event);
  const Handled noted = co_await std::move(noting);
  if (noted != Handled::kDone) {
    co_return noted;
  }
  std::optional<PaymentRow> payment;
  do {
    sim::Transaction transaction(tables_.database, context);
    auto finding = transaction.find_all(tables_.payments, event.facts.order.bits());
    const std::vector<PaymentRow> found = co_await finding;
    payment.reset();
    for (const PaymentRow& row : found) {
      payment = !payment || comes_first(row, *payment) ? row : *payment;
    }
    if (!payment) {
      co_return Handled::kRetry;  // the read failed
    }
    if (is_open(*payment)) {
      auto settling = settle(context, *payment);
      co_await std::move(settling);
    }
  } while (is_open(*payment));
  if (!has_said(context)) {
    const UnitOfWork telling(*this, context);
    switch (payment->status) {
      case PaymentStatus::kCompleted:
        say(context, telling.event_of(EventType::kPaymentPaid, payment->facts));
        break;
      case PaymentStatus::kFailed:
        say(context, telling.event_of(EventType::kPayFailed, payment->facts, Reason::kDeclined));
        break;
      default:
        say(context,
            telling.event_of(EventType::kPaymentCanceled, payment->facts, Reason::kUserCanceled));
    }
  }
  co_return Handled::kDone;
}

sim::Task<Handled> PaymentService::on_payment_waited(sim::Context context, Event event) {
  UnitOfWork work(*this, context, event);
  auto inbox = work.is_new();
  const bool fresh = co_await std::move(inbox);
  if (!fresh) {
    co_return Handled::kDone;
  }
  sim::Transaction& transaction = work.transaction();
  const bool counted = policy().refund_lookup == RefundLookup::kByNumber;
  PaymentRow payment{work.salt(), PaymentStatus::kWaiting, event.facts,
                     counted ? ++tables_.counted : 0};
  bool known = false;
  if (policy().natural_keys == Switch::kOn) {
    auto looking = transaction.read(tables_.payments, payment.key());
    const std::optional<PaymentRow> row = co_await looking;
    known = row.has_value();
  }
  if (!known) {
    if (event.facts.total == 0) {
      payment.status = PaymentStatus::kCompleted;  // nothing to pay: no gateway needed
      work.emit(EventType::kPaymentPaid, event.facts);
    }
    transaction.insert(tables_.payments, payment);
  }
  auto finishing = work.finish();
  const Handled handled = co_await std::move(finishing);
  co_return handled;
}

sim::Task<Handled> PaymentService::on_complete_failed(sim::Context context, Event event) {
  UnitOfWork work(*this, context, event);
  auto inbox = work.is_new();
  const bool fresh = co_await std::move(inbox);
  if (!fresh) {
    co_return Handled::kDone;
  }
  sim::Transaction& transaction = work.transaction();
  std::vector<PaymentRow> found;
  if (policy().refund_lookup == RefundLookup::kByOrder) {
    auto finding = transaction.find_all(tables_.payments, event.facts.order.bits());
    found = co_await finding;
  } else {
    tables_.payments.for_each([&](const sim::Entry& entry) {
      const PaymentRow& row = *static_cast<const PaymentRow*>(entry.row());
      if (row.number == event.facts.number) {
        found.push_back(row);  // at most one
      }
    });
  }
  bool settled = false;
  for (const PaymentRow& candidate : found) {
    auto locking = transaction.lock(tables_.payments, candidate.key());
    std::optional<PaymentRow> payment = co_await locking;
    if (!payment) {
      continue;
    }
    if (payment->status == PaymentStatus::kCompleted) {
      const bool paid_at_gateway = payment->facts.total != 0;
      payment->status = paid_at_gateway ? PaymentStatus::kRefunding : PaymentStatus::kCanceled;
      transaction.update(tables_.payments, *payment);
      if (!paid_at_gateway) {
        work.emit(EventType::kPaymentCanceled, payment->facts);
      }
      settled = true;
      break;
    }
    settled = settled || payment->status == PaymentStatus::kRefunding ||
              payment->status == PaymentStatus::kCanceled;
  }
  if (!settled) {
    co_return Handled::kRetry;  // R never asks for this before the payment is COMPLETED
  }
  auto finishing = work.finish();
  const Handled handled = co_await std::move(finishing);
  co_return handled;
}

bool PaymentService::waits(const sim::Node& node, const PaymentRow& payment) {
  return payment.status == PaymentStatus::kWaiting && responsible(node, payment.facts.order);
}

bool PaymentService::refunds(const sim::Node& node, const PaymentRow& payment) {
  return payment.status == PaymentStatus::kRefunding && responsible(node, payment.facts.order);
}

sim::Invocation PaymentService::settle_name(const sim::Node& node, const PaymentRow& payment) {
  const bool charges = payment.status == PaymentStatus::kWaiting;
  return sim::Invocation{.role = node.role(),
                         .scope = charges ? sim::Name("charge-job") : sim::Name("refund-job"),
                         .trigger = sim::Name(),
                         .subject = payment.facts.order};
}

sim::Task<> PaymentService::settle(sim::Context context, PaymentRow payment) {
  const sim::Subject order = payment.facts.order;
  const bool charges = payment.status == PaymentStatus::kWaiting;
  const sim::Name method = charges ? gateway_method::kCharge : gateway_method::kRefund;
  std::uint64_t key = charges ? charge_key(order) : refund_key(order);
  for (std::uint32_t failures = 0;; ++failures) {
    if (policy().gateway == GatewayUse::kFreshKey) {
      key = sim::combine(sim::combine(key, context.activity().identity()), failures);
    }
    const GatewayBody body{order, payment.facts.total};
    sim::HttpRequest request{method, key, order, sim::Payload::of(context.frame_pool(), body)};
    auto asking = gateway_.request(context, std::move(request));
    const sim::HttpReply reply = co_await asking;
    const bool given_up = charges && reply.outcome != Outcome::kOk &&
                          policy().gateway == GatewayUse::kTimeoutAsDecline;
    if (given_up || (reply.outcome == Outcome::kOk && reply.status == sim::HttpStatus::kDone)) {
      const GatewayStatus answer =
          given_up ? GatewayStatus::kDeclined : reply.body.as<GatewayAnswer>().status;
      auto recording = record(context, payment, answer);
      const bool recorded = co_await std::move(recording);
      if (recorded) {
        co_return;
      }
    }
    if (policy().gateway_retry == GatewayRetry::kAtOnce) {
      continue;
    }
    auto pause = context.sleep(
        context.backoff(failures, reconcile_interval_, 4 * reconcile_interval_), "reconcile");
    co_await pause;
  }
}

// Commits what the gateway answered. False: not known to be committed, ask again.
sim::Task<bool> PaymentService::record(sim::Context context, PaymentRow payment,
                                       GatewayStatus answer) {
  UnitOfWork work(*this, context);
  sim::Transaction& transaction = work.transaction();
  auto locking = transaction.lock(tables_.payments, payment.key());
  std::optional<PaymentRow> now = co_await locking;
  if (now && now->status != payment.status) {
    co_return true;  // somebody else was faster
  }
  if (!now) {
    co_return false;
  }
  switch (answer) {
    case GatewayStatus::kCaptured:
      now->status = PaymentStatus::kCompleted;
      work.emit(EventType::kPaymentPaid, now->facts);
      break;
    case GatewayStatus::kDeclined:
      now->status = PaymentStatus::kFailed;
      work.emit(EventType::kPayFailed, now->facts, Reason::kDeclined);
      if (policy().decline == Decline::kRolledBack) {
        work.abandon();
      }
      break;
    case GatewayStatus::kRefunded:
    case GatewayStatus::kNothingToRefund:
      now->status = PaymentStatus::kCanceled;
      work.emit(EventType::kPaymentCanceled, now->facts, Reason::kUserCanceled);
      break;
  }
  transaction.update(tables_.payments, *now);
  if (facade() != nullptr) {
    auto settling = facade()->settle(context, &work, *now);
    co_await std::move(settling);
  }
  auto committing = work.commit();
  const Outcome outcome = co_await std::move(committing);
  co_return outcome == Outcome::kOk;
}

}  // namespace sagasim::domain
