// Tables that every service with a database keeps for the sake of its transport: what it still has
// to say, what it has heard already, and what it has answered already.
#pragma once

#include <cstdint>

#include "domain/messages/calls.h"
#include "domain/messages/events.h"
#include "sim/database.h"

namespace sagasim::domain {

// An event that is to be published (G1). Gone once the broker has acknowledged it.
struct OutboxRow {
  std::uint64_t salt = 0;    // 0 under natural keys; otherwise of the invocation that wrote it
  std::uint64_t number = 0;  // for a relay that goes by numbers; see Store::numbered
  Event event;
  sim::RowKey key() const { return sim::RowKey{event.facts.order.bits(), event.id ^ salt}; }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("event", self.event);
  }
};

// An event that a consumer group has dealt with (G2).
struct InboxRow {
  sim::Subject order;
  std::uint64_t event = 0;
  std::uint64_t group = 0;
  sim::RowKey key() const { return sim::RowKey{order.bits(), sim::combine(event, group)}; }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("order", self.order);
    visit("event", self.event);
    visit("group", self.group);
  }
};

// A command that has been answered for good (G17); rejections are kept as well.
struct RequestRow {
  sim::Subject command;
  std::uint64_t body = 0;  // digest of the request: the same key with another body is refused
  CommandReply reply;
  sim::RowKey key() const { return sim::key_of(command); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("command", self.command);
    visit("body", self.body);
    visit("reply", self.reply);
  }
};

// A database with the tables of a transport: of one service, or of all that share a process.
// Belongs to the shop, not to a process: it survives crashes.
struct Backing {
  Backing(sim::World& world, sim::Node& server, sim::Name name, const sim::DatabaseOptions& options)
      : database(world, server, name, options),
        outbox(database.add_table<OutboxRow>("outbox", true)),
        inbox(database.add_table<InboxRow>("inbox", true)),
        requests(database.add_table<RequestRow>("requests", true)) {}

  sim::Database database;
  // For a relay that goes by numbers: the sequence from which rows take theirs when they are
  // written, long before they are committed, and the highest one published.
  std::uint64_t numbered = 0;
  std::uint64_t published = 0;
  sim::Table<OutboxRow>& outbox;
  sim::Table<InboxRow>& inbox;
  sim::Table<RequestRow>& requests;
};

// What one service keeps there; its own tables come with the service. The backing outlives it.
struct Store {
  explicit Store(Backing& backing)
      : database(backing.database),
        outbox(backing.outbox),
        inbox(backing.inbox),
        requests(backing.requests),
        numbered(backing.numbered),
        published(backing.published) {}

  sim::Database& database;
  sim::Table<OutboxRow>& outbox;
  sim::Table<InboxRow>& inbox;
  sim::Table<RequestRow>& requests;
  std::uint64_t& numbered;
  std::uint64_t& published;
  std::uint32_t counted = 0;  // the sequence of the orders, or of the payments
};

}  // namespace sagasim::domain
