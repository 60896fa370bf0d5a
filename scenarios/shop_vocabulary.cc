#include "scenarios/shop_vocabulary.h"

#include <algorithm>
#include <map>
#include <utility>

#include "domain/messages/events.h"
#include "domain/names.h"
#include "domain/subscriptions.h"

namespace sagasim::scenarios {
namespace {

using faults::Vocabulary;
using Words = Vocabulary::Words;

Words all_topics() {
  Words names;
  for (int i = 0; i < domain::kEventTypes; ++i) {
    names.emplace_back(domain::to_text(static_cast<domain::EventType>(i)));
  }
  return names;
}

// Consumer groups, each with the role of its members and the events that it reads.
std::vector<Vocabulary::Work> groups() {
  const std::pair<const char*, sim::Name> kMembers[] = {
      {"balance", domain::group::kBalance}, {"coupon", domain::group::kCoupon},
      {"product", domain::group::kStock},   {"payment", domain::group::kPayment},
      {"order", domain::group::kOrder},     {"product", domain::group::kRank},
      {"message", domain::group::kMessage}};
  std::vector<Vocabulary::Work> groups;
  for (const auto& [role, group] : kMembers) {
    Words heard;
    for (const domain::EventType type : domain::subscriptions(group)) {
      heard.emplace_back(domain::to_text(type));
    }
    groups.push_back({role, group.text(), std::move(heard)});
  }
  return groups;
}

void add_works(Vocabulary& shop) {
  for (const Vocabulary::Role& role : shop.roles) {
    if (role.sort == Vocabulary::Sort::kProgram) {
      shop.works.push_back({role.name, "start", {}});
    }
  }
  for (Vocabulary::Work& group : groups()) {
    shop.groups.push_back(group.scope);
    shop.works.push_back(std::move(group));
  }
  for (const char* role : {"balance", "coupon", "product", "payment", "order"}) {
    shop.works.push_back({role, "relay", shop.topics});
  }
  shop.works.push_back({"payment", "charge-job", {}});
  shop.works.push_back({"payment", "refund-job", {}});
  shop.works.push_back({"order", "saga-timeout", {}});
  shop.works.push_back({"product", "rank-job", {}});
  shop.works.push_back({"client", "command", {}});
  shop.works.push_back({"manager", "command", {}});
  const Words by_command = {"command"};
  const Words by_creation = {domain::method::kCreateOrder.text()};
  // An order that fails is priced anew under one policy.
  const Words by_pricing = {domain::method::kCreateOrder.text(),
                            domain::method::kCancelOrder.text(), "order", "saga-timeout"};
  for (const sim::Name method :
       {domain::method::kCreateOrder, domain::method::kCancelOrder, domain::method::kGetOrder}) {
    shop.works.push_back({"order", method.text(), by_command});
  }
  for (const sim::Name method : {domain::method::kReprice, domain::method::kSetSelling,
                                 domain::method::kRestock, domain::method::kGetTop}) {
    shop.works.push_back({"product", method.text(), by_command});
  }
  for (const sim::Name method : {domain::method::kIssueCoupon, domain::method::kSetCampaign,
                                 domain::method::kExpireCoupon}) {
    shop.works.push_back({"coupon", method.text(), by_command});
  }
  shop.works.push_back({"balance", domain::method::kCharge.text(), by_command});
  shop.works.push_back({"balance", domain::method::kGetBalance.text(), by_command});
  shop.works.push_back({"coupon", domain::method::kGetCoupon.text(), by_creation});
  shop.works.push_back({"product", domain::method::kGetProduct.text(), by_pricing});
  shop.works.push_back({"user", domain::method::kGetUser.text(), by_creation});
}

void add_details(Vocabulary& shop) {
  using enum sim::OperationKind;
  const auto add = [&shop](const char* role, sim::OperationKind kind, Words words) {
    shop.details.push_back({role, kind, std::move(words)});
  };
  add("order", kStatement, {"orders", "outbox", "inbox", "requests"});
  add("balance", kStatement,
      {"balances", "balance_entries", "balance_participants", "outbox", "inbox", "requests"});
  add("coupon", kStatement,
      {"campaigns", "user_coupons", "coupon_participants", "outbox", "inbox", "requests"});
  add("product", kStatement,
      {"products", "stocks", "stock_entries", "stock_participants", "product_rank",
       "product_rank_history", "rank_applied", "outbox", "inbox", "requests"});
  add("payment", kStatement, {"payments", "outbox", "inbox", "requests"});
  add("user", kStatement, {"users"});
  add("order", kPoll, {"outbox", "orders"});
  add("payment", kPoll, {"outbox", "payments"});
  add("product", kPoll, {"outbox", "product_rank"});
  add("balance", kPoll, {"outbox"});
  add("coupon", kPoll, {"outbox"});
  for (const char* role : {"balance", "coupon", "product", "payment", "order"}) {
    add(role, kAppend, shop.topics);
  }
  for (const Vocabulary::Role& role : shop.roles) {
    Words read;
    for (const Vocabulary::Work& group : groups()) {
      if (group.role == role.name) {
        read.insert(read.end(), group.triggers.begin(), group.triggers.end());
      }
    }
    if (!read.empty()) {
      read.push_back("automatic");
      shop.details.push_back({role.name, kOffsetCommit, std::move(read)});
    }
  }
  add("client", kCall,
      {"create-order", "cancel-order", "get-order", "charge", "get-balance", "get-top",
       "issue-coupon"});
  add("manager", kCall, {"reprice", "set-selling", "restock", "set-campaign", "expire-coupon"});
  Words asked = {"get-user", "get-product", "get-coupon"};
  for (const domain::Request& request : domain::requests()) {
    asked.emplace_back(request.method.text());
  }
  add("order", kCall, std::move(asked));
  add("order", kCommand, {"hset", "expire", "copy", "hgetall", "setnx", "lock", "unlock"});
  add("payment", kRequest, {"charge", "refund"});
  add("message", kRequest, {"record"});
  add("client", kTimer, {"arrival", "retry"});
  add("manager", kTimer, {"arrival", "retry"});
  add("product", kTimer, {"backoff", "night"});
  add("order", kTimer, {"backoff", "saga-timeout", "lock", "catch"});
  add("payment", kTimer, {"backoff", "reconcile"});
  for (const char* role : {"balance", "coupon", "message", "user"}) {
    add(role, kTimer, {"backoff"});
  }
}

// Where all services share a process, it does what each of them does elsewhere, but for what needs
// the network between them.
void add_one_process(Vocabulary& shop) {
  const auto is_service = [&shop](const std::string& name) {
    return name != "client" && name != "manager" &&
           std::any_of(shop.roles.begin(), shop.roles.end(), [&](const Vocabulary::Role& role) {
             return role.name == name && role.sort == Vocabulary::Sort::kProgram;
           });
  };
  const std::string name = domain::role::kShop.text();
  std::vector<Vocabulary::Work> works;
  for (const Vocabulary::Work& work : shop.works) {
    const bool known = std::any_of(works.begin(), works.end(),
                                   [&](const auto& each) { return each.scope == work.scope; });
    if (is_service(work.role) && !known) {
      works.push_back({name, work.scope, work.triggers});
    }
  }
  shop.works.insert(shop.works.end(), works.begin(), works.end());
  std::map<sim::OperationKind, Words> words;
  for (const Vocabulary::Detail& detail : shop.details) {
    using enum sim::OperationKind;
    if (is_service(detail.role) && detail.kind != kCall && detail.kind != kAppend &&
        detail.kind != kOffsetCommit) {
      Words& all = words[detail.kind];
      for (const std::string& word : detail.words) {
        if (std::find(all.begin(), all.end(), word) == all.end()) {
          all.push_back(word);
        }
      }
    }
  }
  for (auto& [kind, all] : words) {
    if (kind == sim::OperationKind::kTimer) {
      all.insert(all.end(), {"thread", "catch"});
    }
    shop.details.push_back({name, kind, std::move(all)});
  }
  shop.roles.push_back({name, Vocabulary::Sort::kProgram});
  shop.roles.push_back({"shop-db", Vocabulary::Sort::kDatabase});
  shop.roles.push_back({domain::role::kCache.text(), Vocabulary::Sort::kCache});
}

// Where services call each other, the order service asks for what others hear of elsewhere.
void add_calls(Vocabulary& shop) {
  for (const domain::Request& request : domain::requests()) {
    const std::vector<Vocabulary::Work> all = groups();
    const auto member = std::find_if(all.begin(), all.end(), [&](const Vocabulary::Work& work) {
      return work.scope == request.group.text();
    });
    shop.works.push_back({member->role,
                          request.method.text(),
                          {domain::method::kCreateOrder.text(), domain::method::kCancelOrder.text(),
                           "saga-timeout"}});
  }
}

Vocabulary make() {
  using Sort = Vocabulary::Sort;
  Vocabulary shop;
  shop.roles = {{"order", Sort::kProgram},       {"balance", Sort::kProgram},
                {"coupon", Sort::kProgram},      {"product", Sort::kProgram},
                {"payment", Sort::kProgram},     {"user", Sort::kProgram},
                {"message", Sort::kProgram},     {"client", Sort::kProgram},
                {"manager", Sort::kProgram},     {"order-db", Sort::kDatabase},
                {"balance-db", Sort::kDatabase}, {"coupon-db", Sort::kDatabase},
                {"product-db", Sort::kDatabase}, {"payment-db", Sort::kDatabase},
                {"user-db", Sort::kDatabase},    {"broker", Sort::kBroker},
                {"gateway", Sort::kExternal},    {"data-platform", Sort::kExternal}};
  shop.topics = all_topics();
  add_works(shop);
  add_details(shop);
  add_one_process(shop);
  add_calls(shop);
  shop.examples = {.call = "client/command(c2.3)/call:create-order(c2.3)",
                   .commit = "balance/balance:OrderCreated(c2.3,1)/commit(c2.3)",
                   .delivery = "balance/balance:OrderCreated(c2.3,1)/delivery(c2.3)",
                   .other = "order/order:StockDeducted(c2.3,1)/commit(c2.3)",
                   .program = "payment",
                   .broker = "broker",
                   .database = "balance-db",
                   .external = "gateway",
                   .group = "balance",
                   .topic = "OrderCreated"};
  return shop;
}

}  // namespace

const faults::Vocabulary& shop_vocabulary() {
  static const faults::Vocabulary shop = make();
  return shop;
}

}  // namespace sagasim::scenarios
