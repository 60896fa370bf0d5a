#include "domain/services/product_service.h"

#include "domain/names.h"

namespace sagasim::domain {
namespace {

// What an order takes of each product, by ascending product: rows are locked in this order, so that
// no two orders can wait for each other (G13).
struct Need {
  sim::Subject product;
  std::int64_t quantity = 0;
};
using Needs = sim::InlineVector<Need, kMaxLines>;

Needs needs_of(const OrderLines& lines) {
  Needs needs;
  for (const OrderLine& line : lines) {
    std::uint32_t place = 0;
    while (place < needs.size() && needs[place].product < line.product) {
      ++place;
    }
    if (place < needs.size() && needs[place].product == line.product) {
      needs[place].quantity += line.quantity;
      continue;
    }
    needs.push_back(Need{});
    for (std::uint32_t i = needs.size() - 1; i > place; --i) {
      needs[i] = needs[i - 1];
    }
    needs[place] = Need{line.product, line.quantity};
  }
  return needs;
}

}  // namespace

const char* to_text(StockMove move) { return move == StockMove::kDeduct ? "DEDUCT" : "RESTORE"; }

ProductStore::ProductStore(sim::World& world, sim::Node& server,
                           const sim::DatabaseOptions& options)
    : Store(world, server, "product-db", options),
      products(database.add_table<ProductRow>("products")),
      stocks(database.add_table<StockRow>("stocks")),
      entries(database.add_table<StockEntry>("stock_entries")),
      participants(database.add_table<ParticipantRow>("stock_participants")),
      ranks(database.add_table<RankRow>("product_rank")),
      rank_applied(database.add_table<RankAppliedRow>("rank_applied", true)) {}

ProductService::ProductService(const Ports& ports, ProductStore& store)
    : Participant(ports, store.participants, EventType::kStockDeducted,
                  EventType::kStockDeductFailed),
      tables_(store) {}

sim::Task<sim::Handled> ProductService::consume(sim::Context context, sim::Delivery delivery) {
  const Event& event = delivery.record->payload.as<Event>();
  return context.invocation().scope == group::kRank ? rank(context, event)
                                                    : take_part(context, event);
}

sim::Task<Reason> ProductService::apply([[maybe_unused]] sim::Context context, UnitOfWork* work,
                                        OrderFacts facts) {
  sim::Transaction& transaction = work->transaction();
  const Needs needs = needs_of(facts.lines);
  sim::InlineVector<StockRow, kMaxLines> rows;
  for (const Need& need : needs) {
    auto locking = transaction.lock(tables_.stocks, sim::key_of(need.product));
    const std::optional<StockRow> stock = co_await locking;
    if (!stock || stock->quantity < need.quantity) {
      co_return Reason::kStockShort;
    }
    rows.push_back(*stock);
  }
  for (std::uint32_t i = 0; i < needs.size(); ++i) {
    rows[i].quantity -= needs[i].quantity;
    transaction.update(tables_.stocks, rows[i]);
  }
  for (std::uint32_t i = 0; i < facts.lines.size(); ++i) {
    const OrderLine& line = facts.lines[i];
    transaction.insert(tables_.entries, StockEntry{facts.order, i, StockMove::kDeduct, work->salt(),
                                                   line.product, line.quantity});
  }
  co_return Reason::kNone;
}

sim::Task<> ProductService::compensate([[maybe_unused]] sim::Context context, UnitOfWork* work,
                                       OrderFacts facts) {
  sim::Transaction& transaction = work->transaction();
  const Needs needs = needs_of(facts.lines);
  for (const Need& need : needs) {
    auto locking = transaction.lock(tables_.stocks, sim::key_of(need.product));
    std::optional<StockRow> stock = co_await locking;
    if (!stock) {
      co_return;  // the transaction has failed; a stock is never removed
    }
    stock->quantity += need.quantity;
    transaction.update(tables_.stocks, *stock);
  }
  for (std::uint32_t i = 0; i < facts.lines.size(); ++i) {
    const OrderLine& line = facts.lines[i];
    transaction.insert(tables_.entries, StockEntry{facts.order, i, StockMove::kRestore,
                                                   work->salt(), line.product, line.quantity});
  }
}

sim::Task<sim::Handled> ProductService::rank(sim::Context context, Event event) {
  UnitOfWork work(*this, context, event);
  auto inbox = work.is_new();
  const bool fresh = co_await std::move(inbox);
  if (!fresh) {
    co_return sim::Handled::kDone;
  }
  sim::Transaction& transaction = work.transaction();
  const RankAppliedRow applied{event.facts.order, event.id};
  if (policy().natural_keys == Switch::kOn) {
    auto looking = transaction.read(tables_.rank_applied, applied.key());
    const std::optional<RankAppliedRow> known = co_await looking;
    if (known) {
      co_return sim::Handled::kDone;
    }
    transaction.insert(tables_.rank_applied, applied);
  }
  // The day comes from the event: however late it is counted, it counts for the day of the sale.
  const std::uint32_t day = context.day(event.occurred);
  const Needs needs = needs_of(event.facts.lines);
  for (const Need& need : needs) {
    RankRow row{need.product, day, need.quantity};
    auto locking = transaction.lock(tables_.ranks, row.key());
    const std::optional<RankRow> known = co_await locking;
    if (known) {
      row.score += known->score;
      transaction.update(tables_.ranks, row);
    } else {
      transaction.insert(tables_.ranks, row);
    }
  }
  auto finishing = work.finish();
  const sim::Handled handled = co_await std::move(finishing);
  co_return handled;
}

sim::Task<sim::Payload> ProductService::serve(sim::Context context,
                                              [[maybe_unused]] sim::Name method,
                                              sim::Payload request) {
  sim::Transaction transaction(tables_.database, context);
  auto reading = transaction.read(tables_.products, sim::key_of(request.as<Lookup>().what));
  const std::optional<ProductRow> product = co_await reading;
  LookupReply reply;
  reply.available = !transaction.failed();
  reply.found = product.has_value();
  reply.usable = product && product->selling;
  reply.amount = product ? product->price : 0;
  co_return sim::Payload::of(context.frame_pool(), reply);
}

}  // namespace sagasim::domain
