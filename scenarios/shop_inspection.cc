#include "scenarios/shop_inspection.h"

#include <string>

#include "domain/messages/events.h"
#include "domain/names.h"
#include "sim/hash.h"

namespace sagasim::scenarios {

using domain::EventType;

namespace {

// `balance` of `balance-db`: each service has a database of its own.
std::string service_of(const sim::Database& database) {
  const std::string name = database.name().text();
  return name.substr(0, name.rfind("-db"));
}

// All that the data platform answers is that it has heard; the form of the answer is the gateway's.
void drop_answers(sim::ItemList& list) {
  for (sim::Item& item : list.items) {
    std::erase_if(item.facts,
                  [](const sim::Fact& fact) { return fact.name.starts_with("answer."); });
  }
}

}  // namespace

ShopInspection::ShopInspection(sim::World& world, const domain::Shop& shop,
                               const domain::Workload& workload)
    : shop_(shop), inspector_(world) {
  for (const sim::Database* database : shop.databases()) {
    inspector_.add(service_of(*database), *database);
  }
  inspector_.add(shop.broker());
  const std::vector<sim::Name> groups = shop.broker().groups();
  for (const sim::Name group : groups) {
    inspector_.add_word(group.hash(), group.text());
  }
  // Each order has one event of a type, and an inbox has a row for each group that dealt with it.
  for (const domain::Command& command : workload.commands) {
    if (command.kind != domain::CommandKind::kCreateOrder) {
      continue;
    }
    for (int i = 0; i < domain::kEventTypes; ++i) {
      const auto type = static_cast<EventType>(i);
      const std::uint64_t id = domain::event_id(type, command.name, 1);
      const std::string event = domain::to_text(type);
      inspector_.add_word(id, event);
      for (const sim::Name group : groups) {
        inspector_.add_word(sim::combine(id, group.hash()), event + " by " + group.text());
      }
    }
  }
}

sim::Snapshot ShopInspection::take(sim::Instant at) const {
  sim::Snapshot snapshot = inspector_.take();
  snapshot.at = at;
  for (sim::ItemList& list : snapshot.lists) {
    if (list.part == domain::role::kDataPlatform.text()) {
      drop_answers(list);
    }
  }
  add_customers(snapshot);
  return snapshot;
}

void ShopInspection::add_customers(sim::Snapshot& snapshot) const {
  sim::ItemList list{"customers", "commands", false, {}};
  for (const domain::CommandHistory& history : shop_.histories()) {
    const domain::Command& command = *history.command;
    sim::Item& item = list.items.emplace_back();
    item.name = sim::to_text(command.name);
    sim::FactSink sink(item, inspector_.words());
    sink.subject("command", command.name);
    sink.text("wants", domain::to_text(command.kind));
    if (command.kind == domain::CommandKind::kCancelOrder ||
        command.kind == domain::CommandKind::kGetOrder) {
      sink.subject("order", command.order);
    }
    sink.time("from", command.at);
    sink.number("requests", history.attempts);
    sink.text("answer", history.finished ? domain::to_text(history.answer) : "none yet");
    item.at_rest = history.attempts == 0;
  }
  snapshot.lists.push_back(std::move(list));
}

}  // namespace sagasim::scenarios
