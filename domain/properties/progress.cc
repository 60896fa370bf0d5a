#include "domain/properties/progress.h"

#include <algorithm>

namespace sagasim::domain {
namespace {

std::string seconds_text(sim::Duration duration) {
  return std::to_string(duration / sim::seconds(1)) + " s";
}

}  // namespace

// The first delivery of a record is the rule and is not counted, so that most runs count none.
void ProgressProperties::on_delivered(const sim::Record& record, const sim::Invocation& invocation,
                                      sim::Instant at) {
  if (at < deadlines_.healed) {
    return;
  }
  const bool again = invocation.attempt > 1;
  const std::uint32_t times =
      again ? 1 + ++deliveries_.at(sim::combine(invocation.scope.hash(),
                                                sim::combine(record.event_id, record.copy)))
            : 1;
  expect(PropertyId::kLiv3, times <= kTries, "record", record.subject, at, [&] {
    return std::string(record.type.text()) + " of " + order_text(record.subject) +
           " was delivered to consumer group " + invocation.scope.text() + " " +
           std::to_string(times) + " times since all was well again";
  });
}

// One thing is asked for under one key or under many.
void ProgressProperties::on_request(sim::Name service, const sim::HttpRequest& request,
                                    sim::Instant at) {
  const std::uint64_t what =
      sim::combine(sim::combine(service.hash(), request.method.hash()), request.subject.bits());
  const auto minute = static_cast<std::uint64_t>((at - sim::kStart) / sim::seconds(60));
  const std::uint32_t lately = ++requests_.at(sim::combine(what, minute));
  const std::uint32_t times = at < deadlines_.healed ? 0 : ++requests_.at(what);
  const bool patient = lately <= kRequestsPerMinute && times <= kTries;
  expect(PropertyId::kLiv5, patient, "request", request.subject, at, [&] {
    return std::string(service.text()) + " was asked to " + request.method.text() + " " +
           order_text(request.subject) + " " +
           (times > kTries ? std::to_string(times) + " times since all was well again"
                           : std::to_string(lately) + " times in a minute");
  });
}

void ProgressProperties::on_undone(Party party, const OrderTruth& order, sim::Instant at) {
  if (at < deadlines_.healed || !order.canceled()) {
    return;
  }
  const sim::Duration took = since(order.ended, at);
  const sim::Subject name = order.command->name;
  expect(PropertyId::kLiv7, took <= deadlines_.undo, to_text(party), name, at, [&] {
    return order_text(name) + " over " + money_text(order.row.facts.total) +
           " was canceled, and its " + to_text(party) + " was given back " + seconds_text(took) +
           " after that and after all was well again, which should take " +
           seconds_text(deadlines_.undo) + " at most";
  });
}

void ProgressProperties::on_payment(OrderTruth& order, PaymentStatus status, sim::Instant at) {
  if (status == PaymentStatus::kWaiting || status == PaymentStatus::kRefunding) {
    order.payment_since = at;
    return;
  }
  if (order.payments_open == 0 || at < deadlines_.healed) {
    return;
  }
  const sim::Duration took = since(order.payment_since, at);
  const sim::Subject name = order.command->name;
  expect(PropertyId::kLiv9, took <= deadlines_.settle, "payment", name, at, [&] {
    return "the payment of " + order_text(name) + ", " + money_text(order.row.facts.total) +
           ", became " + to_text(status) + " " + seconds_text(took) +
           " after it was begun and after all was well again, which should take " +
           seconds_text(deadlines_.settle) + " at most";
  });
}

void ProgressProperties::waiting_at_end(const std::vector<sim::Outstanding>& waiting,
                                        const std::vector<sim::Progress>& progress,
                                        sim::Instant at) {
  const sim::Outstanding* victim = nullptr;
  for (const sim::Outstanding& each : waiting) {
    const auto keeps_failing = [&](const sim::Progress& place) {
      return place.group == each.group && place.topic == each.first->topic &&
             place.partition == each.first->partition && place.owner != nullptr &&
             place.position == each.first->offset && place.retries > 0;
    };
    const bool of_another = each.first->subject != each.record->subject;
    if (victim == nullptr && of_another &&
        std::any_of(progress.begin(), progress.end(), keeps_failing)) {
      victim = &each;
    }
  }
  expect(PropertyId::kLiv6, victim == nullptr, "record",
         victim != nullptr ? victim->record->subject : sim::Subject(), at, [&] {
           return std::string(victim->record->type.text()) + " of " +
                  order_text(victim->record->subject) + " waits behind that of " +
                  order_text(victim->first->subject) + ", on which consumer group " +
                  victim->group.text() + " fails again and again";
         });
}

}  // namespace sagasim::domain
