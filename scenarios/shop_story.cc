#include "scenarios/shop_story.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "domain/messages/events.h"
#include "domain/names.h"
#include "domain/properties/ground_truth.h"
#include "domain/services/coupon_service.h"

namespace sagasim::scenarios {
namespace {

using domain::Command;
using domain::CommandKind;
using domain::EventType;
using sim::OperationKind;
using sim::Outcome;
using sim::Subject;

// What is said of a step that one of the three participants takes, or takes back.
struct Party {
  sim::Name group;
  EventType done;
  EventType failed;
};
constexpr Party kParties[] = {
    {domain::group::kBalance, EventType::kBalanceUsed, EventType::kBalanceUseFailed},
    {domain::group::kCoupon, EventType::kCouponUsed, EventType::kCouponUseFailed},
    {domain::group::kStock, EventType::kStockDeducted, EventType::kStockDeductFailed}};

const Party* party_of(sim::Name group) {
  for (const Party& party : kParties) {
    if (party.group == group) {
      return &party;
    }
  }
  return nullptr;
}

class Teller {
 public:
  Teller(const domain::Workload& workload, const domain::Policy& policy,
         const std::vector<Happening>& run)
      : workload_(workload), policy_(policy) {
    for (const Happening& happening : run) {
      const sim::Operation& operation = *happening.operation;
      if (operation.kind == OperationKind::kAppend) {
        said_.emplace(operation.detail.hash(), operation.subject);
      }
    }
  }

  std::string tell(const Happening& happening) {
    const sim::Operation& operation = *happening.operation;
    switch (operation.kind) {
      case OperationKind::kCall:
        return of_call(happening);
      case OperationKind::kCommit:
        return of_commit(happening);
      case OperationKind::kAppend:
        return of_append(happening);
      case OperationKind::kDelivery:
        return of_delivery(operation);
      case OperationKind::kRequest:
        return of_request(happening);
      case OperationKind::kSend:
      case OperationKind::kStatement:
      case OperationKind::kPoll:
      case OperationKind::kOffsetCommit:
      case OperationKind::kTimer:
      case OperationKind::kCommand:
        break;
    }
    return "";
  }

 private:
  // --- the nouns ---

  const Command* command(Subject name) const {
    for (const Command& each : workload_.commands) {
      if (each.name == name) {
        return &each;
      }
    }
    return nullptr;
  }

  static std::string customer(Subject command) {
    return "customer " + std::to_string(command.major());
  }
  static std::string order(Subject name) { return "order " + sim::to_text(name); }

  std::string total(Subject name) const {
    const Command* creation = command(name);
    if (creation == nullptr) {
      return "its total";
    }
    domain::Money amount = gross_of(workload_, *creation);
    for (const domain::InitialCoupon& coupon : workload_.coupons) {
      if (coupon.coupon == creation->coupon) {
        amount -= domain::discount(amount, coupon.rate_bp);
      }
    }
    for (const domain::InitialCampaign& campaign : workload_.campaigns) {
      if (campaign.campaign == domain::campaign_of(creation->coupon)) {
        amount -= domain::discount(amount, campaign.rate_bp);
      }
    }
    return domain::money_text(amount);
  }

  std::string goods(Subject name) const {
    std::string text;
    if (const Command* creation = command(name); creation != nullptr) {
      for (const domain::CommandLine& line : creation->lines) {
        text += (text.empty() ? "" : " and ") + std::to_string(line.quantity) + " × " +
                sim::to_text(line.product);
      }
    }
    return text.empty() ? "its goods" : text;
  }

  std::string coupon(Subject name) const {
    const Command* creation = command(name);
    return creation == nullptr || creation->coupon.none()
               ? ""
               : "coupon " + sim::to_text(creation->coupon);
  }

  // --- the verbs ---

  // What became of something that was asked for.
  static std::string fate(const Happening& happening) {
    if (!happening.outcome) {
      return ", and the process dies over it";
    }
    switch (*happening.outcome) {
      case Outcome::kOk:
        return "";
      case Outcome::kRefused:
        return ", in vain: it is refused";
      case Outcome::kAborted:
        return ", in vain: it is undone";
      case Outcome::kUnknown:
        return ", and never learns whether it was done";
    }
    return "";
  }

  std::string of_call(const Happening& happening) const {
    const sim::Operation& operation = *happening.operation;
    const Subject name = operation.subject;
    if (happening.initiator == domain::role::kManager) {
      const bool heard = happening.outcome == Outcome::kOk;
      return "the manager " + deed(name) + (heard ? "" : ", and hears nothing");
    }
    if (happening.initiator != domain::role::kClient) {
      return "";
    }
    const bool answered = happening.outcome == Outcome::kOk;
    const std::string end = answered ? "" : ", and hears nothing";
    const Command* asked = command(name);
    if (asked != nullptr && asked->kind == CommandKind::kRepeatOrder) {
      return customer(name) + " asks for " + order(asked->order) + " once more" + end;
    }
    if (asked != nullptr && asked->kind == CommandKind::kReuseKey) {
      return customer(name) + " asks for something else under the key of " + order(asked->order) +
             end;
    }
    if (operation.detail == domain::method::kCreateOrder) {
      const std::string with = coupon(name).empty() ? "" : " with " + coupon(name);
      return customer(name) + " orders " + goods(name) + with + " for " + total(name) + ": " +
             order(name) + end;
    }
    if (operation.detail == domain::method::kIssueCoupon && asked != nullptr) {
      return customer(name) + " wants a coupon of campaign " + sim::to_text(asked->coupon) + end;
    }
    if (operation.detail == domain::method::kCancelOrder && asked != nullptr) {
      return customer(name) + " cancels " + order(asked->order) + end;
    }
    if (operation.detail == domain::method::kCharge && asked != nullptr) {
      return customer(name) + " charges " + domain::money_text(asked->amount) + end;
    }
    return "";
  }

  // What the manager does by that command.
  std::string deed(Subject name) const {
    const Command* asked = command(name);
    if (asked == nullptr) {
      return "does something";
    }
    const std::string product = sim::to_text(asked->product);
    const std::string coupon = sim::to_text(asked->coupon);
    switch (asked->kind) {
      case CommandKind::kReprice:
        return "asks " + domain::money_text(asked->amount) + " for " + product + " from now on";
      case CommandKind::kStopSelling:
        return "stops selling " + product;
      case CommandKind::kResumeSelling:
        return "sells " + product + " again";
      case CommandKind::kRestock:
        return "puts " + std::to_string(asked->amount) + " × " + product + " on the shelf";
      case CommandKind::kOpenCampaign:
        return "opens campaign " + coupon;
      case CommandKind::kCancelCampaign:
        return "takes campaign " + coupon + " back";
      default:
        return "ends " + coupon;
    }
  }

  std::string of_append(const Happening& happening) const {
    const sim::Operation& operation = *happening.operation;
    const std::string what =
        std::string(operation.detail.text()) + " of " + order(operation.subject);
    if (happening.outcome == Outcome::kOk) {
      return what + " is announced";
    }
    if (happening.outcome == Outcome::kRefused) {
      return what + " cannot be announced: the broker is out of reach";
    }
    return what + " is sent to the broker" + fate(happening);
  }

  static std::string of_delivery(const sim::Operation& operation) {
    const sim::Invocation& work = operation.invocation;
    if (work.attempt < 2 && work.copy == 0) {
      return "";
    }
    return std::string(work.trigger.text()) + " of " + order(work.subject) + " comes to " +
           work.scope.text() + " once more";
  }

  std::string of_request(const Happening& happening) const {
    const sim::Operation& operation = *happening.operation;
    const std::string gateway = "the gateway is asked to ";
    if (operation.detail == sim::Name("charge")) {
      return gateway + "take " + total(operation.subject) + " for " + order(operation.subject) +
             fate(happening);
    }
    if (operation.detail == sim::Name("refund")) {
      return gateway + "give back " + total(operation.subject) + " for " +
             order(operation.subject) + fate(happening);
    }
    return "";
  }

  // Whether the work is that of a consumer group on an event.
  static bool consumes(const sim::Invocation& work) {
    for (int i = 0; i < domain::kEventTypes; ++i) {
      if (work.trigger == domain::name_of(static_cast<EventType>(i))) {
        return work.scope != sim::Name("relay");
      }
    }
    return false;
  }

  // A commit that changes nothing but what its service knows of messages.
  bool only_notes(const sim::Operation& operation) const {
    const std::uint32_t note = policy_.consume == domain::Consume::kMarkedFirst    ? 1
                               : policy_.consume == domain::Consume::kInboxOutside ? 2
                                                                                   : 0;
    return operation.ordinal == note;
  }

  std::string of_commit(const Happening& happening) {
    const sim::Operation& operation = *happening.operation;
    const sim::Invocation& work = operation.invocation;
    std::string deed;
    if (!consumes(work)) {
      deed = of_other_work(work);
    } else if (only_notes(operation)) {
      deed = std::string(work.scope.text()) + " notes that it has seen " + work.trigger.text() +
             " of " + order(work.subject);
    } else {
      deed = of_event(work,
                      happening.outcome == Outcome::kOk || happening.outcome == Outcome::kUnknown);
    }
    return deed.empty() ? "" : deed + fate(happening);
  }

  // A command that is served, or a job of a service's own.
  std::string of_other_work(const sim::Invocation& work) const {
    const Command* asked = command(work.subject);
    if (work.scope == domain::method::kCreateOrder) {
      const bool other = asked != nullptr && asked->kind != CommandKind::kCreateOrder;
      return "the shop decides on " + order(other ? asked->order : work.subject);
    }
    if (work.scope == domain::method::kIssueCoupon && asked != nullptr) {
      return "a coupon of campaign " + sim::to_text(asked->coupon) + " is issued to " +
             customer(work.subject);
    }
    if (asked != nullptr && is_of_manager(asked->kind)) {
      return "the manager " + deed(work.subject) + ": it is written down";
    }
    if (work.scope == domain::method::kCancelOrder && asked != nullptr) {
      return order(asked->order) + " is given up for its customer";
    }
    if (work.scope == domain::method::kCharge && asked != nullptr) {
      return domain::money_text(asked->amount) + " is added for " + customer(work.subject);
    }
    if (work.scope == sim::Name("saga-timeout")) {
      return order(work.subject) + " is given up: its steps took too long";
    }
    if (work.scope == sim::Name("charge-job")) {
      return "the answer of the gateway for " + order(work.subject) + " is written down";
    }
    if (work.scope == sim::Name("refund-job")) {
      return "the refund of " + order(work.subject) + " is written down";
    }
    return "";
  }

  // An event that takes effect in a consumer group.
  std::string of_event(const sim::Invocation& work, bool done) {
    const std::string event = work.trigger.text();
    const Party* party = party_of(work.scope);
    if (party != nullptr && work.trigger == domain::name_of(EventType::kOrderCreated)) {
      return of_step(*party, work.subject, done);
    }
    if (party != nullptr) {
      const bool took = took_.contains({party->group.hash(), work.subject});
      return work.scope.text() + std::string(" hears that ") + order(work.subject) + " failed: " +
             (took ? "it gives back " + taken(*party, work.subject) : "it had taken nothing yet");
    }
    if (work.scope == domain::group::kPayment) {
      return event == "PaymentWaited"
                 ? "a payment of " + total(work.subject) + " is opened for " + order(work.subject)
                 : "payment hears " + event + " of " + order(work.subject);
    }
    if (work.scope == domain::group::kRank) {
      return "the ranking counts " + order(work.subject);
    }
    return std::string(work.scope.text()) + " hears " + event + " of " + order(work.subject);
  }

  std::string taken(const Party& party, Subject name) const {
    if (party.group == domain::group::kBalance) {
      return total(name);
    }
    return party.group == domain::group::kStock ? goods(name) : coupon(name);
  }

  // The step of a participant: what it published later tells what it decided.
  std::string of_step(const Party& party, Subject name, bool done) {
    if (said_.contains({domain::name_of(party.failed).hash(), name}) &&
        !said_.contains({domain::name_of(party.done).hash(), name})) {
      return std::string(party.group.text()) + " cannot take its part in " + order(name);
    }
    const std::string what = taken(party, name);
    if (what.empty()) {
      return std::string(party.group.text()) + " has nothing to take for " + order(name) +
             " and agrees";
    }
    const bool again = !took_.emplace(party.group.hash(), name).second;
    if (!done && !again) {
      took_.erase({party.group.hash(), name});
    }
    return std::string(party.group.text()) + " takes " + what + " for " + order(name) +
           (again && done ? " a second time" : "");
  }

  const domain::Workload& workload_;
  const domain::Policy& policy_;
  std::set<std::pair<std::uint64_t, Subject>> said_;  // types of event and orders
  std::set<std::pair<std::uint64_t, Subject>> took_;  // consumer groups and orders, so far
};

}  // namespace

domain::Money gross_of(const domain::Workload& workload, const Command& order) {
  domain::Money gross = 0;
  for (const domain::CommandLine& line : order.lines) {
    for (const domain::InitialProduct& product : workload.products) {
      if (product.product == line.product) {
        gross += product.price * line.quantity;
      }
    }
  }
  return gross;
}

std::vector<std::string> tell_story(const domain::Workload& workload, const domain::Policy& policy,
                                    const std::vector<Happening>& run) {
  Teller teller(workload, policy, run);
  std::vector<std::string> story;
  for (const Happening& happening : run) {
    story.push_back(teller.tell(happening));
  }
  return story;
}

}  // namespace sagasim::scenarios
