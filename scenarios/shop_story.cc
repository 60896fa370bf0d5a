#include "scenarios/shop_story.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "domain/messages/events.h"
#include "domain/names.h"
#include "domain/properties/ground_truth.h"
#include "domain/services/coupon_service.h"
#include "domain/subscriptions.h"

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
  sim::Name table;  // of what it takes
};
constexpr Party kParties[] = {
    {domain::group::kBalance, EventType::kBalanceUsed, EventType::kBalanceUseFailed, "balances"},
    {domain::group::kCoupon, EventType::kCouponUsed, EventType::kCouponUseFailed, "user_coupons"},
    {domain::group::kStock, EventType::kStockDeducted, EventType::kStockDeductFailed, "stocks"}};

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
      } else if (operation.kind == OperationKind::kCommit) {
        ++commits_[operation.invocation.id()];
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
      case OperationKind::kStatement:
        return of_statement(happening);
      case OperationKind::kSend:
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
      if (each.name == domain::request_behind(name)) {
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
        return ", but no answer says whether it is done";
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
    if (happening.initiator == domain::role::kOrder) {
      return of_request_to(happening);
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

  // What the order service asks of another, where services call each other.
  static std::string of_request_to(const Happening& happening) {
    const domain::Request* request = domain::request_of(happening.operation->detail);
    if (request == nullptr) {
      return "";  // a look-up
    }
    const std::string name = order(happening.operation->subject);
    const std::string what =
        request->type == EventType::kOrderCreated          ? "do its part for " + name
        : request->type == EventType::kOrderFailed         ? "take back what it did for " + name
        : request->type == EventType::kPaymentWaited       ? "have " + name + " paid"
        : request->type == EventType::kOrderCompleteFailed ? "give back the payment of " + name
                                                           : "take note of " + name;
    return std::string("order asks ") + request->group.text() + " to " + what + fate(happening);
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

  std::string of_request(const Happening& happening) {
    const sim::Operation& operation = *happening.operation;
    const std::string gateway = "the gateway is asked to ";
    if (operation.detail == sim::Name("charge")) {
      if (happening.outcome == Outcome::kOk) {
        answered_.insert(operation.subject);
      }
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

  // What a commit is to the work that it belongs to.
  enum class Part {
    kWhole,       // the effect
    kNote,        // only that the event has been seen
    kEarly,       // the success is told before the effect is committed
    kLine,        // one line of an order
    kAfterwards,  // the success is told after the effect was committed
    kInstead,     // a failure is told after all
  };

  // By the order in which the weaker policies commit. Only they commit more than once.
  Part part_of(const sim::Operation& commit) const {
    const sim::Invocation& work = commit.invocation;
    const bool created = work.trigger == domain::name_of(EventType::kOrderCreated);
    const bool takes_stock = created && work.scope == domain::group::kStock;
    const std::uint32_t count = commits_.at(work.id());
    std::uint32_t whole = 1;  // which of them is the effect
    if (policy_.consume == domain::Consume::kMarkedFirst) {
      if (commit.ordinal == 1) {
        return Part::kNote;
      }
      ++whole;
    }
    if (takes_stock && policy_.stock_lines == domain::StockLines::kOneByOne) {
      if (commit.ordinal < count) {
        return Part::kLine;
      }
      whole = count;
    }
    if (takes_stock && policy_.stock_deduct == domain::StockDeduct::kSayFirst && count > whole) {
      if (commit.ordinal == whole) {
        return Part::kEarly;
      }
      ++whole;
    }
    if (commit.ordinal <= whole) {
      return Part::kWhole;
    }
    if (tells_afterwards(work) && commit.ordinal == whole + 1) {
      return Part::kAfterwards;
    }
    return policy_.consume == domain::Consume::kInboxOutside ? Part::kNote
           : can_think_again(work)                           ? Part::kInstead
                                                             : Part::kWhole;
  }

  bool tells_afterwards(const sim::Invocation& work) const {
    return (work.scope == domain::group::kBalance &&
            work.trigger == domain::name_of(EventType::kOrderCreated) &&
            policy_.balance_use == domain::BalanceUse::kThenRecord) ||
           (work.trigger == domain::name_of(EventType::kPaymentPaid) &&
            policy_.completion == domain::Completion::kThenRecord);
  }

  // Whether work that has taken effect may yet declare that it has failed.
  bool can_think_again(const sim::Invocation& work) const {
    return tells_afterwards(work) ||
           (work.trigger == domain::name_of(EventType::kOrderCreated) &&
            (policy_.unknown_commit == domain::UnknownCommit::kFailure ||
             policy_.transient_errors == domain::TransientErrors::kFailure));
  }

  std::string of_commit(const Happening& happening) {
    const sim::Operation& operation = *happening.operation;
    const sim::Invocation& work = operation.invocation;
    const bool done = happening.outcome == Outcome::kOk || happening.outcome == Outcome::kUnknown;
    const bool goes_on = policy_.transport == domain::Transport::kCalls &&
                         work.scope == domain::method::kCreateOrder && operation.ordinal > 1;
    const std::string deed = consumes(work) ? of_part(operation, done)
                             : goes_on
                                 ? "order writes down how it stands with " + order(work.subject)
                                 : of_other_work(work, done);
    // Whoever cannot write the note believes that it is there already.
    const bool given_up = consumes(work) && policy_.consume == domain::Consume::kMarkedFirst &&
                          operation.ordinal == 1 && happening.outcome &&
                          happening.outcome != Outcome::kOk;
    return deed.empty() ? ""
                        : deed + fate(happening) +
                              (given_up ? ", and so the event counts as dealt with" : "");
  }

  std::string of_part(const sim::Operation& commit, bool done) {
    const sim::Invocation& work = commit.invocation;
    const std::string who = work.scope.text();
    const std::string about = " of " + order(work.subject);
    const Party* party = party_of(work.scope);
    const EventType success = party != nullptr ? party->done : EventType::kOrderCompleted;
    const EventType failure = party != nullptr ? party->failed : EventType::kOrderCompleteFailed;
    switch (part_of(commit)) {
      case Part::kWhole:
        break;
      case Part::kNote:
        return who + " notes that it has seen " + work.trigger.text() + about;
      case Part::kLine:
        return who + " takes one line of " + goods(work.subject) + " for " + order(work.subject);
      case Part::kEarly:
        return who + " has " + domain::to_text(success) + about + " announced before it is so";
      case Part::kAfterwards:
        return who + " has " + domain::to_text(success) + about + " announced, on its own";
      case Part::kInstead:
        return who + " has " + domain::to_text(failure) + about + " announced instead";
    }
    return of_event(commit, done);
  }

  // A command that is served, or a job of a service's own.
  std::string of_other_work(const sim::Invocation& work, bool done) {
    const Command* asked = command(work.subject);
    if (work.scope == domain::method::kCreateOrder) {
      const bool other = asked != nullptr && asked->kind != CommandKind::kCreateOrder;
      const Subject name = other ? asked->order : work.subject;
      const bool again =
          done && policy_.request_keys == domain::Switch::kOff && !decided_.insert(name).second;
      return "the shop decides on " + order(name) +
             (again ? " once more, as if it were another" : "");
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
    if (work.scope == sim::Name("payment-timeout")) {
      return order(work.subject) + " is given up: its payment took too long";
    }
    if (work.scope == sim::Name("charge-job")) {
      return of_answer(work.subject);
    }
    if (work.scope == sim::Name("refund-job")) {
      return "the refund of " + order(work.subject) + " is written down";
    }
    return "";
  }

  // What is written down about a charge. What was announced later tells what that was.
  std::string of_answer(Subject name) const {
    const std::string writes = "payment writes down that ";
    if (!answered_.contains(name) && policy_.gateway == domain::GatewayUse::kTimeoutAsDecline) {
      return writes + order(name) + " was declined, though the gateway has not answered";
    }
    if (said_.contains({domain::name_of(EventType::kPaymentPaid).hash(), name})) {
      return writes + "the gateway took " + total(name) + " for " + order(name);
    }
    if (said_.contains({domain::name_of(EventType::kPayFailed).hash(), name})) {
      return writes + "the gateway declined " + order(name);
    }
    return "payment writes down what the gateway answered about " + order(name);
  }

  // An event that takes effect in a consumer group.
  std::string of_event(const sim::Operation& commit, bool done) {
    const sim::Invocation& work = commit.invocation;
    const std::string event = work.trigger.text();
    const Party* party = party_of(work.scope);
    if (party != nullptr && work.trigger == domain::name_of(EventType::kOrderCreated)) {
      return of_step(*party, commit, done);
    }
    if (party != nullptr) {
      return work.scope.text() + std::string(" hears that ") + order(work.subject) +
             " failed: " + of_return(*party, work, done);
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

  // What a party takes for the order; empty: nothing.
  std::string taken(const Party& party, Subject name) const {
    if (party.group == domain::group::kBalance) {
      return total(name) == domain::money_text(0) ? "" : total(name);
    }
    return party.group == domain::group::kStock ? goods(name) : coupon(name);
  }

  // The step of a participant: what it published later tells what it decided, unless it changed its
  // mind within the same work.
  std::string of_step(const Party& party, const sim::Operation& commit, bool done) {
    const Subject name = commit.invocation.subject;
    const std::string who = party.group.text();
    const bool insists = !can_think_again(commit.invocation) ||
                         commit.ordinal == commits_.at(commit.invocation.id());
    if (insists && said_.contains({domain::name_of(party.failed).hash(), name}) &&
        !said_.contains({domain::name_of(party.done).hash(), name})) {
      refused_.emplace(party.group.hash(), name);
      return who + " cannot take its part in " + order(name);
    }
    const std::string what = taken(party, name);
    if (what.empty()) {
      return who + " has nothing to take for " + order(name) + " and agrees";
    }
    const bool again = !took_.emplace(party.group.hash(), name).second;
    if (!done && !again) {
      took_.erase({party.group.hash(), name});
    }
    const bool by_lines = party.group == domain::group::kStock &&
                          policy_.stock_lines == domain::StockLines::kOneByOne;
    return who + (by_lines ? " has taken " : " takes ") + what + " for " + order(name) +
           (again && done ? " a second time" : "");
  }

  // What a party does about a failure: it gives back iff it reached for what it takes.
  std::string of_return(const Party& party, const sim::Invocation& work, bool done) {
    const std::pair<std::uint64_t, Subject> own = {party.group.hash(), work.subject};
    const std::string what = taken(party, work.subject);
    if (reached_.contains(work.id())) {
      const bool again = done && !returned_.insert(own).second;
      const bool by_event = party.group == domain::group::kBalance &&
                            policy_.compensation == domain::Compensation::kEventAmount;
      return "it gives back " + (by_event ? "what the order would cost by now" : what) +
             (again ? " a second time" : "");
    }
    if (!took_.contains(own)) {
      return what.empty() || refused_.contains(own) ? "it had taken nothing"
                                                    : "it had taken nothing yet";
    }
    return returned_.contains(own) ? "it has given everything back already" : "it keeps " + what;
  }

  // Only what fails, and what a party reaches for when an order has failed.
  std::string of_statement(const Happening& happening) {
    const sim::Operation& operation = *happening.operation;
    const sim::Invocation& work = operation.invocation;
    if (!consumes(work) || !happening.outcome) {
      return "";
    }
    const Party* party = party_of(work.scope);
    if (party != nullptr && operation.detail == party->table) {
      reached_.insert(work.id());
    }
    const std::string over = std::string(" over ") + work.trigger.text() + " of ";
    switch (*happening.outcome) {
      case Outcome::kOk:
        return "";
      case Outcome::kAborted:
        return work.scope.text() + std::string(" has to make way for others") + over +
               order(work.subject);
      case Outcome::kRefused:
      case Outcome::kUnknown:
        return work.scope.text() + std::string(" cannot reach its database") + over +
               order(work.subject);
    }
    return "";
  }

  const domain::Workload& workload_;
  const domain::Policy& policy_;
  std::map<std::uint64_t, std::uint32_t> commits_;    // how many, by invocation
  std::set<std::pair<std::uint64_t, Subject>> said_;  // types of event and orders
  // So far: consumer groups and orders; orders; invocations.
  std::set<std::pair<std::uint64_t, Subject>> took_;
  std::set<std::pair<std::uint64_t, Subject>> refused_;
  std::set<std::pair<std::uint64_t, Subject>> returned_;
  std::set<Subject> decided_;
  std::set<Subject> answered_;
  std::set<std::uint64_t> reached_;
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
