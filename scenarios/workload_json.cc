#include "scenarios/workload_json.h"

#include <map>
#include <string>
#include <vector>

#include "domain/money.h"
#include "scenarios/duration_text.h"
#include "scenarios/nearest.h"
#include "scenarios/object_reader.h"

namespace sagasim::scenarios {
namespace {

using domain::Command;
using domain::CommandKind;
using sim::Subject;

constexpr IntegerRange kBalance{0, domain::kBalanceCap};
constexpr IntegerRange kAmount{1, domain::kBalanceCap};
constexpr IntegerRange kPrice{1, 1'000'000'000};
constexpr IntegerRange kStock{0, 1'000'000'000};
constexpr IntegerRange kBasisPoints{0, 10'000};
constexpr IntegerRange kQuantity{1, 1'000};
constexpr const char* kUser = "a user, such as \"u1\"";
constexpr const char* kProduct = "a product, such as \"p1\"";
constexpr const char* kCoupon = "a coupon, such as \"k1\"";
constexpr const char* kCampaign = "a campaign, such as \"d1\"";
constexpr const char* kAnyCoupon =
    "a coupon, such as \"k1\", or one of a campaign, such as u2's of d1: \"d1.2\"";
constexpr const char* kEnding = "a coupon, such as \"k1\", or a campaign, such as \"d1\"";
constexpr const char* kOrder = "an order, by the command that creates it, such as \"c2.3\"";
constexpr const char* kCommand =
    "a command: c, the customer, a dot and a number, such as \"c2.3\"; or \"m1.3\" of the manager";

// By the number of the enum's value.
template <class Value>
std::vector<std::string> words_of(int count) {
  std::vector<std::string> words;
  for (int i = 0; i < count; ++i) {
    words.emplace_back(domain::to_text(static_cast<Value>(i)));
  }
  return words;
}

// The names of one sort, and what else must be remembered of them.
using Names = std::map<Subject, CommandKind>;

class WorkloadReader {
 public:
  explicit WorkloadReader(const Document& document) : document_(document) {}

  domain::Workload read(const Json& value);

 private:
  domain::InitialUser read_user(const Json& value);
  domain::InitialProduct read_product(const Json& value);
  domain::InitialCoupon read_coupon(const Json& value);
  domain::InitialCampaign read_campaign(const Json& value);
  Command read_command(const Json& value);
  void read_customer(ObjectReader& reader, Command& command);
  void read_details(ObjectReader& reader, Command& command);
  void read_product_details(ObjectReader& reader, Command& command);
  Subject read_coupon_of_order(const Json& value) const;
  void read_lines(const Json& value, Command& command);
  void check_orders(const Json& list, const domain::Workload& workload) const;

  // A name with that letter, with a second number iff `has_minor`.
  Subject read_name(const Json& value, char letter, bool has_minor, const char* expected) const;
  Subject read_new(const Json& value, char letter, const char* expected, Names& names) const;
  Subject read_known(const Json& value, char letter, const char* expected,
                     const Names& names) const;

  const Document& document_;
  Names users_;
  Names products_;
  Names coupons_;
  Names campaigns_;
  Names commands_;
};

template <class Item, class Read>
void read_items(ObjectReader& reader, const char* key, const char* expected,
                std::vector<Item>& items, Read read) {
  if (const Json* list = reader.find(key); list != nullptr) {
    for (const Json& each : read_list(reader.document(), *list, expected)) {
      items.push_back(read(each));
    }
  }
}

domain::Workload WorkloadReader::read(const Json& value) {
  ObjectReader reader(document_, value, "a workload");
  domain::Workload workload;
  read_items(reader, "users", "users", workload.users,
             [this](const Json& each) { return read_user(each); });
  read_items(reader, "products", "products", workload.products,
             [this](const Json& each) { return read_product(each); });
  read_items(reader, "coupons", "coupons", workload.coupons,
             [this](const Json& each) { return read_coupon(each); });
  read_items(reader, "campaigns", "campaigns", workload.campaigns,
             [this](const Json& each) { return read_campaign(each); });
  read_items(reader, "commands", "commands", workload.commands,
             [this](const Json& each) { return read_command(each); });
  reader.finish();
  if (const auto commands = value.find("commands"); commands != value.end()) {
    check_orders(*commands, workload);
  }
  std::map<Subject, Command> in_order;
  for (const Command& command : workload.commands) {
    in_order.emplace(command.name, command);
  }
  workload.commands.clear();
  for (const auto& [name, command] : in_order) {
    workload.commands.push_back(command);
  }
  return workload;
}

domain::InitialUser WorkloadReader::read_user(const Json& value) {
  ObjectReader reader(document_, value, R"(such as {"user": "u1", "balance": 50000})");
  domain::InitialUser user;
  user.user = read_new(reader.require("user", kUser), 'u', kUser, users_);
  user.balance = read_integer(document_, reader.require("balance", "an amount"), kBalance);
  reader.finish();
  return user;
}

domain::InitialProduct WorkloadReader::read_product(const Json& value) {
  ObjectReader reader(document_, value, R"(such as {"product": "p1", "price": 1000, "stock": 5})");
  domain::InitialProduct product;
  product.product = read_new(reader.require("product", kProduct), 'p', kProduct, products_);
  product.price = read_integer(document_, reader.require("price", "an amount"), kPrice);
  product.stock = read_integer(document_, reader.require("stock", "a number"), kStock);
  if (const Json* status = reader.find("status"); status != nullptr) {
    product.status = static_cast<domain::SellStatus>(
        read_choice(document_, *status, "status", words_of<domain::SellStatus>(3)));
  }
  reader.finish();
  return product;
}

domain::InitialCoupon WorkloadReader::read_coupon(const Json& value) {
  ObjectReader reader(document_, value,
                      R"(such as {"coupon": "k1", "owner": "u1", "rate_bp": 1000})");
  domain::InitialCoupon coupon;
  coupon.coupon = read_new(reader.require("coupon", kCoupon), 'k', kCoupon, coupons_);
  coupon.owner = read_known(reader.require("owner", kUser), 'u', kUser, users_);
  coupon.rate_bp = static_cast<std::uint32_t>(
      read_integer(document_, reader.require("rate_bp", "basis points"), kBasisPoints));
  if (const Json* expires = reader.find("expires"); expires != nullptr) {
    coupon.expires = sim::kStart + read_duration(document_, *expires, {sim::Duration{}, kYear});
  }
  reader.finish();
  return coupon;
}

domain::InitialCampaign WorkloadReader::read_campaign(const Json& value) {
  ObjectReader reader(document_, value,
                      R"(such as {"campaign": "d1", "rate_bp": 1000, "quantity": 5})");
  domain::InitialCampaign campaign;
  campaign.campaign = read_new(reader.require("campaign", kCampaign), 'd', kCampaign, campaigns_);
  campaign.rate_bp = static_cast<std::uint32_t>(
      read_integer(document_, reader.require("rate_bp", "basis points"), kBasisPoints));
  campaign.quantity = read_integer(document_, reader.require("quantity", "a number"), kStock);
  if (const Json* status = reader.find("status"); status != nullptr) {
    campaign.status = static_cast<domain::CampaignStatus>(
        read_choice(document_, *status, "status", words_of<domain::CampaignStatus>(4)));
  }
  if (const Json* expires = reader.find("expires"); expires != nullptr) {
    campaign.expires = sim::kStart + read_duration(document_, *expires, {sim::Duration{}, kYear});
  }
  reader.finish();
  return campaign;
}

Command WorkloadReader::read_command(const Json& value) {
  ObjectReader reader(document_, value, "a command");
  Command command;
  const Json& name = reader.require("command", kCommand);
  const Json& kind = reader.require("kind", "what it does, such as \"create\"");
  command.kind = static_cast<CommandKind>(
      read_choice(document_, kind, "kind", words_of<CommandKind>(domain::kCommandKinds)));
  const bool of_manager = is_of_manager(command.kind);
  command.name = read_name(name, of_manager ? 'm' : 'c', true, kCommand);
  if (!commands_.emplace(command.name, command.kind).second) {
    document_.fail(name,
                   quote(sim::to_text(command.name)) + " is there twice (expected each name once)");
  }
  const Json& at = reader.require("at", "a time since the start, such as \"1.25 s\"");
  command.at = sim::kStart + read_duration(document_, at, {sim::Duration{}, kYear});
  if (!of_manager) {
    read_customer(reader, command);
  }
  read_details(reader, command);
  reader.finish();
  return command;
}

void WorkloadReader::read_customer(ObjectReader& reader, Command& command) {
  const Json& user = reader.require("user", kUser);
  command.user = read_known(user, 'u', kUser, users_);
  if (command.user.major() != command.name.major()) {
    document_.fail(user, quote(sim::to_text(command.name)) + " is a command of customer " +
                             std::to_string(command.name.major()) + " (expected " +
                             quote("u" + std::to_string(command.name.major())) + ')');
  }
  if (const Json* after = reader.find("after"); after != nullptr) {
    command.after = read_name(*after, 'c', true, kCommand);
    if (command.after.major() != command.name.major() || command.after == command.name) {
      document_.fail(*after, quote(sim::to_text(command.name)) + " cannot wait for " +
                                 quote(sim::to_text(command.after)) +
                                 " (expected another command of the same customer)");
    }
  }
  if (const Json* attempts = reader.find("attempts"); attempts != nullptr) {
    command.attempts =
        static_cast<std::uint32_t>(read_integer(document_, *attempts, IntegerRange{1, 1'000}));
  }
}

void WorkloadReader::read_details(ObjectReader& reader, Command& command) {
  switch (command.kind) {
    case CommandKind::kReuseKey:
      command.order = read_name(reader.require("order", kOrder), 'c', true, kOrder);
      [[fallthrough]];
    case CommandKind::kCreateOrder:
      read_lines(reader.require("lines", "what is ordered"), command);
      if (const Json* coupon = reader.find("coupon"); coupon != nullptr) {
        command.coupon = read_coupon_of_order(*coupon);
      }
      break;
    case CommandKind::kCancelOrder:
    case CommandKind::kGetOrder:
    case CommandKind::kRepeatOrder:
      command.order = read_name(reader.require("order", kOrder), 'c', true, kOrder);
      break;
    case CommandKind::kCharge:
      command.amount = read_integer(document_, reader.require("amount", "an amount"), kAmount);
      break;
    case CommandKind::kGetBalance:
    case CommandKind::kGetTop:
      break;
    case CommandKind::kIssueCoupon:
    case CommandKind::kOpenCampaign:
    case CommandKind::kCancelCampaign:
      command.coupon = read_known(reader.require("coupon", kCampaign), 'd', kCampaign, campaigns_);
      break;
    case CommandKind::kExpireCoupon: {
      const Json& coupon = reader.require("coupon", kEnding);
      const bool of_campaign = read_text(document_, coupon, kEnding).starts_with('d');
      command.coupon = of_campaign ? read_known(coupon, 'd', kEnding, campaigns_)
                                   : read_known(coupon, 'k', kEnding, coupons_);
      break;
    }
    case CommandKind::kReprice:
    case CommandKind::kStopSelling:
    case CommandKind::kResumeSelling:
    case CommandKind::kRestock:
      read_product_details(reader, command);
      break;
  }
}

void WorkloadReader::read_product_details(ObjectReader& reader, Command& command) {
  command.product = read_known(reader.require("product", kProduct), 'p', kProduct, products_);
  if (command.kind == CommandKind::kReprice) {
    command.amount = read_integer(document_, reader.require("price", "an amount"), kPrice);
  } else if (command.kind == CommandKind::kRestock) {
    command.amount =
        read_integer(document_, reader.require("quantity", "a number of pieces"), kQuantity);
  }
}

// One that is there from the start, or one of a campaign, whether it will have been issued or not.
Subject WorkloadReader::read_coupon_of_order(const Json& value) const {
  if (!read_text(document_, value, kAnyCoupon).starts_with('d')) {
    return read_known(value, 'k', kAnyCoupon, coupons_);
  }
  const Subject coupon = read_name(value, 'd', true, kAnyCoupon);
  const bool known = campaigns_.contains(Subject('d', coupon.major())) &&
                     users_.contains(Subject('u', coupon.minor()));
  if (!known) {
    document_.fail(value, quote(sim::to_text(coupon)) +
                              " is of a campaign or a user that does not exist (expected " +
                              std::string(kAnyCoupon) + ", that the workload has)");
  }
  return coupon;
}

void WorkloadReader::read_lines(const Json& value, Command& command) {
  const char* const kExpected = "1 to 5 lines, such as {\"product\": \"p1\", \"quantity\": 2}";
  const Json& list = read_list(document_, value, kExpected);
  if (list.empty() || list.size() > domain::kMaxLines) {
    document_.fail(value, "there are " + std::to_string(list.size()) + " lines (expected " +
                              std::string(kExpected) + ')');
  }
  for (const Json& each : list) {
    ObjectReader reader(document_, each, R"(such as {"product": "p1", "quantity": 2})");
    domain::CommandLine line;
    line.product = read_known(reader.require("product", kProduct), 'p', kProduct, products_);
    line.quantity = static_cast<std::uint32_t>(
        read_integer(document_, reader.require("quantity", "a number of pieces"), kQuantity));
    reader.finish();
    command.lines.push_back(line);
  }
}

// An order may be cancelled or read whose creation a reduced workload no longer has: nobody finds
// it then. But what has that name must create an order. `list` and the commands are in the same
// order.
void WorkloadReader::check_orders(const Json& list, const domain::Workload& workload) const {
  for (std::vector<Command>::size_type i = 0; i < workload.commands.size(); ++i) {
    const auto found = commands_.find(workload.commands[i].order);
    if (found != commands_.end() && found->second != CommandKind::kCreateOrder) {
      document_.fail(list[i].at("order"), quote(sim::to_text(found->first)) +
                                              " creates no order (expected " + std::string(kOrder) +
                                              ')');
    }
  }
}

Subject WorkloadReader::read_name(const Json& value, char letter, bool has_minor,
                                  const char* expected) const {
  const std::string& text = read_text(document_, value, expected);
  const auto subject = sim::parse_subject(text);
  if (!subject || subject->letter() != letter || (subject->minor() != 0) != has_minor) {
    document_.fail(value, quote(text) + " is no such name (expected " + expected + ')');
  }
  return *subject;
}

Subject WorkloadReader::read_new(const Json& value, char letter, const char* expected,
                                 Names& names) const {
  const Subject subject = read_name(value, letter, false, expected);
  if (!names.emplace(subject, CommandKind{}).second) {
    document_.fail(value,
                   quote(sim::to_text(subject)) + " is there twice (expected each name once)");
  }
  return subject;
}

Subject WorkloadReader::read_known(const Json& value, char letter, const char* expected,
                                   const Names& names) const {
  const Subject subject = read_name(value, letter, false, expected);
  if (names.find(subject) == names.end()) {
    document_.fail(value, quote(sim::to_text(subject)) + " does not exist (expected " + expected +
                              ", that the workload has)");
  }
  return subject;
}

OrderedJson to_json(const domain::InitialCoupon& coupon) {
  OrderedJson entry = {{"coupon", sim::to_text(coupon.coupon)},
                       {"owner", sim::to_text(coupon.owner)},
                       {"rate_bp", coupon.rate_bp}};
  if (coupon.expires != sim::kNever) {
    entry["expires"] = to_text(coupon.expires);
  }
  return entry;
}

OrderedJson to_json(const domain::InitialProduct& product) {
  OrderedJson entry = {{"product", sim::to_text(product.product)},
                       {"price", product.price},
                       {"stock", product.stock}};
  if (product.status != domain::SellStatus::kSelling) {
    entry["status"] = domain::to_text(product.status);
  }
  return entry;
}

OrderedJson to_json(const domain::InitialCampaign& campaign) {
  OrderedJson entry = {{"campaign", sim::to_text(campaign.campaign)},
                       {"rate_bp", campaign.rate_bp},
                       {"quantity", campaign.quantity}};
  if (campaign.status != domain::CampaignStatus::kPublishable) {
    entry["status"] = domain::to_text(campaign.status);
  }
  if (campaign.expires != sim::kNever) {
    entry["expires"] = to_text(campaign.expires);
  }
  return entry;
}

OrderedJson to_json(const Command& command) {
  OrderedJson entry = {{"command", sim::to_text(command.name)},
                       {"kind", domain::to_text(command.kind)},
                       {"at", to_text(command.at)}};
  if (!is_of_manager(command.kind)) {
    entry["user"] = sim::to_text(command.user);
  }
  if (!command.after.none()) {
    entry["after"] = sim::to_text(command.after);
  }
  if (command.attempts != 0) {
    entry["attempts"] = command.attempts;
  }
  switch (command.kind) {
    case CommandKind::kReuseKey:
      entry["order"] = sim::to_text(command.order);
      [[fallthrough]];
    case CommandKind::kCreateOrder:
      for (const domain::CommandLine& line : command.lines) {
        entry["lines"].push_back(
            {{"product", sim::to_text(line.product)}, {"quantity", line.quantity}});
      }
      if (!command.coupon.none()) {
        entry["coupon"] = sim::to_text(command.coupon);
      }
      break;
    case CommandKind::kCancelOrder:
    case CommandKind::kGetOrder:
    case CommandKind::kRepeatOrder:
      entry["order"] = sim::to_text(command.order);
      break;
    case CommandKind::kCharge:
      entry["amount"] = command.amount;
      break;
    case CommandKind::kGetBalance:
    case CommandKind::kGetTop:
      break;
    case CommandKind::kIssueCoupon:
    case CommandKind::kOpenCampaign:
    case CommandKind::kCancelCampaign:
    case CommandKind::kExpireCoupon:
      entry["coupon"] = sim::to_text(command.coupon);
      break;
    case CommandKind::kReprice:
      entry["product"] = sim::to_text(command.product);
      entry["price"] = command.amount;
      break;
    case CommandKind::kRestock:
      entry["product"] = sim::to_text(command.product);
      entry["quantity"] = command.amount;
      break;
    case CommandKind::kStopSelling:
    case CommandKind::kResumeSelling:
      entry["product"] = sim::to_text(command.product);
      break;
  }
  return entry;
}

}  // namespace

domain::Workload read_workload(const Document& document, const Json& value) {
  return WorkloadReader(document).read(value);
}

OrderedJson workload_to_json(const domain::Workload& workload) {
  OrderedJson out;
  OrderedJson& users = out["users"] = OrderedJson::array();
  for (const domain::InitialUser& user : workload.users) {
    users.push_back({{"user", sim::to_text(user.user)}, {"balance", user.balance}});
  }
  OrderedJson& products = out["products"] = OrderedJson::array();
  for (const domain::InitialProduct& product : workload.products) {
    products.push_back(to_json(product));
  }
  OrderedJson& coupons = out["coupons"] = OrderedJson::array();
  for (const domain::InitialCoupon& coupon : workload.coupons) {
    coupons.push_back(to_json(coupon));
  }
  for (const domain::InitialCampaign& campaign : workload.campaigns) {
    out["campaigns"].push_back(to_json(campaign));
  }
  OrderedJson& commands = out["commands"] = OrderedJson::array();
  for (const Command& command : workload.commands) {
    commands.push_back(to_json(command));
  }
  return out;
}

}  // namespace sagasim::scenarios
