// How the order service conducts a saga by itself, where services call each other: it asks, waits,
// and goes on by what it is told. All that it has not asked for yet is in its memory.
#include <array>

#include "domain/names.h"
#include "domain/runtime/hearsay.h"
#include "domain/services/order_service.h"

namespace sagasim::domain {
namespace {

constexpr std::uint32_t kCallAttempts = 4;  // before it gives up what it may give up
constexpr sim::Duration kCallBackoff = sim::milliseconds(100);
constexpr sim::Duration kCallBackoffCap = sim::seconds(5);

// What a call that came to nothing is taken for: no event of anybody, so it has no id.
Event unanswered(const Request& request, const Event& event) {
  Event failure;
  failure.type = request.group == group::kBalance  ? EventType::kBalanceUseFailed
                 : request.group == group::kCoupon ? EventType::kCouponUseFailed
                 : request.group == group::kStock  ? EventType::kStockDeductFailed
                                                   : EventType::kPayFailed;
  failure.facts = event.facts;
  return failure;
}

}  // namespace

sim::Task<> OrderService::conduct(sim::Context context) {
  for (std::optional<Event> event = next_said(context); event; event = next_said(context)) {
    auto passing = pass_on(context, *event);
    co_await std::move(passing);
  }
}

// Whoever was not asked yet when the order is decided is not asked any more.
sim::Task<> OrderService::pass_on(sim::Context context, Event event) {
  tell_appended(context.activity().node(), event);
  for (const Request& request : requests()) {
    if (!concerns(request, event)) {
      continue;
    }
    auto asking = ask(context, &request, event);
    const Heard heard = co_await std::move(asking);
    for (const Event& answer : heard.said) {
      auto accepting = accept(context, answer);
      co_await std::move(accepting);
    }
    if (event.type == EventType::kOrderCreated && has_said(context)) {
      co_return;
    }
  }
}

bool OrderService::concerns(const Request& request, const Event& event) const {
  const bool is_idle = request.group == group::kCoupon && event.facts.coupon.none();
  return request.type == event.type && !is_idle;
}

const sim::Service& OrderService::asked(const Request& request) const {
  return request.group == group::kBalance   ? *peers_.balances
         : request.group == group::kCoupon  ? *peers_.coupons.remote
         : request.group == group::kPayment ? *peers_.payments
         : request.group == group::kMessage ? *peers_.messages
                                            : *peers_.products.remote;
}

bool OrderService::takes_for_failed(EventType type) const {
  return type == EventType::kOrderCreated ? policy().transient_errors == TransientErrors::kFailure
                                          : type == EventType::kPaymentWaited &&
                                                policy().gateway == GatewayUse::kTimeoutAsDecline;
}

bool OrderService::may_be_dropped(EventType type) const {
  return policy().retries != Retries::kForever && type != EventType::kOrderCreated &&
         type != EventType::kPaymentWaited;
}

// Until it is answered; or until the policies take no answer for a failure, or give up. A payment
// that may have been made is no infrastructure that failed: it has a policy of its own.
sim::Task<Heard> OrderService::ask(sim::Context context, const Request* request, Event event) {
  const bool needs_answer =
      event.type != EventType::kOrderFailed && event.type != EventType::kOrderCompleted;
  for (std::uint32_t failures = 0;; ++failures) {
    auto call = asked(*request).call(context, request->method, event.facts.order,
                                     sim::Payload::of(context.frame_pool(), event));
    const sim::Reply reply = co_await call;
    if (reply.outcome == sim::Outcome::kOk) {
      const Heard& heard = reply.payload.as<Heard>();
      if (heard.done && (!needs_answer || !heard.said.empty())) {
        co_return heard;
      }
    }
    if (takes_for_failed(event.type)) {
      Heard failed;
      failed.said.push_back(unanswered(*request, event));
      co_return failed;
    }
    if (may_be_dropped(event.type) && failures + 1 == kCallAttempts) {
      co_return Heard{};
    }
    auto pause = context.sleep(context.backoff(failures, kCallBackoff, kCallBackoffCap), "backoff");
    co_await pause;
  }
}

sim::Task<> OrderService::accept(sim::Context context, Event answer) {
  sim::Node& node = context.activity().node();
  const bool is_told = answer.id != 0;
  if (is_told) {
    tell_appended(node, answer);
  }
  for (std::uint32_t failures = 0;; ++failures) {
    auto handling = handle(context, answer);
    const sim::Handled handled = co_await std::move(handling);
    if (handled == sim::Handled::kDone) {
      break;
    }
    if (policy().retries != Retries::kForever && failures + 1 == kCallAttempts) {
      co_return;
    }
    auto pause = context.sleep(context.backoff(failures, kCallBackoff, kCallBackoffCap), "backoff");
    co_await pause;
  }
  if (is_told) {
    tell_handled(node, answer, context.invocation(), group::kOrder);
  }
}

}  // namespace sagasim::domain
