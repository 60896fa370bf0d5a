// Product: what is for sale, how much of it is left (Stock), and what sells best (Rank).
#pragma once

#include "domain/participant.h"
#include "sim/network.h"

namespace sagasim::domain {

struct ProductRow {
  sim::Subject product;
  Money price = 0;
  bool selling = true;
  sim::RowKey key() const { return sim::key_of(product); }
  template <class Self, class Visitor>
  static void describe(Self& self, Visitor& visit) {
    visit("product", self.product);
    visit("price", self.price);
    visit("selling", self.selling);
  }
};

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

enum class StockMove : std::uint8_t { kDeduct, kRestore };
const char* to_text(StockMove move);

// One line of the stock ledger: what an order's line took, or gave back.
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
        (static_cast<std::uint64_t>(line) << 1 | static_cast<std::uint64_t>(move)) ^ salt << 4);
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

// How many of a product were sold on a day.
struct RankRow {
  sim::Subject product;
  std::uint32_t day = 0;  // days since the universe began
  std::int64_t score = 0;
  sim::RowKey key() const { return sim::key_of(product, day); }
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
  ProductStore(sim::World& world, sim::Node& server, const sim::DatabaseOptions& options);
  sim::Table<ProductRow>& products;
  sim::Table<StockRow>& stocks;
  sim::Table<StockEntry>& entries;
  sim::Table<ParticipantRow>& participants;
  sim::Table<RankRow>& ranks;
  sim::Table<RankAppliedRow>& rank_applied;
};

class ProductService final : public Participant {
 public:
  ProductService(const Ports& ports, ProductStore& store);

  sim::Task<sim::Payload> serve(sim::Context context, sim::Name method,
                                sim::Payload request) override;
  sim::Task<sim::Handled> consume(sim::Context context, sim::Delivery delivery) override;

 protected:
  sim::Task<Reason> apply(sim::Context context, UnitOfWork* work, OrderFacts facts) override;
  sim::Task<> compensate(sim::Context context, UnitOfWork* work, OrderFacts facts) override;

 private:
  sim::Task<sim::Handled> rank(sim::Context context, Event event);

  ProductStore& tables_;
};

}  // namespace sagasim::domain
