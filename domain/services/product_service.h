// Product: what is for sale (the catalogue), how much of it is left (Stock), and what sells best
// (Rank). One database, one process, a file for each.
#pragma once

#include <optional>

#include "domain/participant.h"
#include "sim/network.h"

namespace sagasim::domain {

struct ProductRow {
  sim::Subject product;
  Money price = 0;
  SellStatus status = SellStatus::kHold;
  sim::RowKey key() const { return sim::key_of(product); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("product", self.product);
    visit("price", self.price);
    visit("status", self.status);
  }
};

// What becomes of the status when selling is to begin or to stop; nothing: that cannot be.
std::optional<SellStatus> after_selling(SellStatus status, bool selling);

struct StockRow {
  sim::Subject product;
  std::int64_t quantity = 0;
  sim::RowKey key() const { return sim::key_of(product); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("product", self.product);
    visit("quantity", self.quantity);
  }
};

enum class StockMove : std::uint8_t { kDeduct, kRestore, kRestock };
const char* to_text(StockMove move);

// One line of the stock ledger: what an order's line took, or gave back; or what the manager put on
// the shelf, where `order` is the command.
struct StockEntry {
  sim::Subject order;
  std::uint32_t line = 0;  // from 0
  StockMove move = StockMove::kDeduct;
  std::uint64_t salt = 0;
  sim::Subject product;
  std::int64_t quantity = 0;
  sim::RowKey key() const {
    return sim::key_of(
        order,
        (static_cast<std::uint64_t>(line) << 2 | static_cast<std::uint64_t>(move)) ^ salt << 5);
  }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("order", self.order);
    visit("line", self.line);
    visit("move", self.move);
    visit("product", self.product);
    visit("quantity", self.quantity);
  }
};

// How many of a product were sold on a day. Keyed by the day, so that a day can be found whole.
// Days long past are kept in a table of their own; a late sale of such a day is counted here all
// the same and follows the next night, so that the two tables together are the truth.
struct RankRow {
  sim::Subject product;
  std::uint32_t day = 0;  // days since the universe began
  std::int64_t score = 0;
  sim::RowKey key() const { return sim::RowKey{day, product.bits()}; }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("product", self.product);
    visit("day", self.day);
    visit("score", self.score);
  }
};

// An event that has been counted into the rank (G15).
struct RankAppliedRow {
  sim::Subject order;
  std::uint64_t event = 0;
  sim::RowKey key() const { return sim::key_of(order, event); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("order", self.order);
    visit("event", self.event);
  }
};

struct ProductStore : Store {
  explicit ProductStore(Backing& backing);
  sim::Table<ProductRow>& products;
  sim::Table<StockRow>& stocks;
  sim::Table<StockEntry>& entries;
  sim::Table<ParticipantRow>& participants;
  sim::Table<RankRow>& ranks;
  sim::Table<RankRow>& rank_history;
  sim::Table<RankAppliedRow>& rank_applied;
};

class ProductService final : public Participant {
 public:
  // Days stay in the ranking for `rank_days` nights before they become history.
  ProductService(const Ports& ports, ProductStore& store, std::uint32_t rank_days);

  // Moves what was sold of a product on a day into history, in the night when it is due.
  sim::Task<> persist(sim::Context context, RankRow row);
  static bool persists(const sim::Node& node, const RankRow& row);
  static sim::Invocation persist_name(const sim::Node& node, const RankRow& row);

  sim::Task<sim::Handled> handle(sim::Context context, Event event) override;

  // Counts the order as sold on that day, within the unit.
  sim::Task<> count(sim::Context context, UnitOfWork* work, OrderFacts facts, std::uint32_t day);

 protected:
  sim::Task<sim::Payload> answer(sim::Context context, sim::Name method,
                                 sim::Payload request) override;
  sim::Task<Reason> apply(sim::Context context, UnitOfWork* work, OrderFacts facts) override;
  sim::Task<> compensate(sim::Context context, UnitOfWork* work, OrderFacts facts) override;
  Telling telling() const override;

 private:
  sim::Task<Reason> apply_one_by_one(sim::Context context, UnitOfWork* work, OrderFacts facts);

  // --- the catalogue ---
  sim::Task<LookupReply> get(sim::Context context, Lookup request);
  sim::Task<CommandReply> reprice(sim::Context context, Reprice request);
  sim::Task<CommandReply> set_selling(sim::Context context, SetSelling request);
  sim::Task<CommandReply> restock(sim::Context context, Restock request);

  // --- the rank ---
  sim::Task<sim::Handled> rank(sim::Context context, Event event);
  sim::Task<TopReply> top(sim::Context context);

  ProductStore& tables_;
  const std::uint32_t rank_days_;
};

}  // namespace sagasim::domain
