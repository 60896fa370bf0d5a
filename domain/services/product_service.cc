#include "domain/services/product_service.h"

#include "domain/names.h"
#include "domain/services/needs.h"

namespace sagasim::domain {

const char* to_text(StockMove move) {
  switch (move) {
    case StockMove::kDeduct:
      return "DEDUCT";
    case StockMove::kRestore:
      return "RESTORE";
    case StockMove::kRestock:
      return "RESTOCK";
  }
  return "?";
}

ProductStore::ProductStore(Backing& backing)
    : Store(backing),
      products(database.add_table<ProductRow>("products")),
      stocks(database.add_table<StockRow>("stocks")),
      entries(database.add_table<StockEntry>("stock_entries")),
      participants(database.add_table<ParticipantRow>("stock_participants")),
      ranks(database.add_table<RankRow>("product_rank")),
      rank_history(database.add_table<RankRow>("product_rank_history")),
      rank_applied(database.add_table<RankAppliedRow>("rank_applied", true)) {}

ProductService::ProductService(const Ports& ports, ProductStore& store, std::uint32_t rank_days)
    : Participant(ports, store.participants, EventType::kStockDeducted,
                  EventType::kStockDeductFailed),
      tables_(store),
      rank_days_(rank_days) {}

sim::Task<sim::Handled> ProductService::handle(sim::Context context, Event event) {
  return event.type == EventType::kOrderCompleted ? rank(context, event)
                                                  : take_part(context, event);
}

ProductService::Telling ProductService::telling() const {
  return policy().stock_deduct == StockDeduct::kTogether ? Telling::kTogether : Telling::kFirst;
}

sim::Task<Reason> ProductService::apply(sim::Context context, UnitOfWork* work, OrderFacts facts) {
  if (policy().stock_lines == StockLines::kOneByOne) {
    auto applying = apply_one_by_one(context, work, facts);
    const Reason reason = co_await std::move(applying);
    co_return reason;
  }
  const bool blind = policy().stock_check == StockCheck::kWhenOrdered;
  sim::Transaction& transaction = work->transaction();
  const Needs needs = needs_of(facts.lines, policy().stock_locks);
  sim::InlineVector<StockRow, kMaxLines> rows;
  for (const Need& need : needs) {
    auto locking = transaction.lock(tables_.stocks, sim::key_of(need.product));
    const std::optional<StockRow> stock = co_await locking;
    if (!stock || (stock->quantity < need.quantity && !blind)) {
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

// Each line in a transaction of its own; a line that was taken before, by an attempt that came to
// no end, is not taken again.
sim::Task<Reason> ProductService::apply_one_by_one(sim::Context context, UnitOfWork* work,
                                                   OrderFacts facts) {
  for (std::uint32_t i = 0; i < facts.lines.size(); ++i) {
    const OrderLine line = facts.lines[i];
    const StockEntry entry{facts.order,  i, StockMove::kDeduct, work->salt(), line.product,
                           line.quantity};
    sim::Transaction transaction(tables_.database, context);
    auto looking = transaction.read(tables_.entries, entry.key());
    const std::optional<StockEntry> taken = co_await looking;
    if (taken) {
      continue;
    }
    auto locking = transaction.lock(tables_.stocks, sim::key_of(line.product));
    std::optional<StockRow> stock = co_await locking;
    const bool enough = stock && stock->quantity >= line.quantity;
    if (!enough && !transaction.failed()) {
      co_return Reason::kStockShort;
    }
    if (enough) {
      stock->quantity -= line.quantity;
      transaction.update(tables_.stocks, *stock);
      transaction.insert(tables_.entries, entry);
    }
    auto committing = transaction.commit();
    const sim::Outcome outcome = co_await committing;
    if (outcome != sim::Outcome::kOk) {
      work->abandon();
      co_return Reason::kNone;
    }
  }
  co_return Reason::kNone;
}

sim::Task<> ProductService::compensate([[maybe_unused]] sim::Context context, UnitOfWork* work,
                                       OrderFacts facts) {
  sim::Transaction& transaction = work->transaction();
  const Needs needs = needs_of(facts.lines, policy().stock_locks);
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

sim::Task<sim::Payload> ProductService::answer(sim::Context context, sim::Name method,
                                               sim::Payload request) {
  if (method == method::kGetProduct) {
    auto reading = get(context, request.as<Lookup>());
    const LookupReply reply = co_await std::move(reading);
    co_return sim::Payload::of(context.frame_pool(), reply);
  }
  if (method == method::kGetTop) {
    auto reading = top(context);
    const TopReply reply = co_await std::move(reading);
    co_return sim::Payload::of(context.frame_pool(), reply);
  }
  auto work = method == method::kReprice      ? reprice(context, request.as<Reprice>())
              : method == method::kSetSelling ? set_selling(context, request.as<SetSelling>())
                                              : restock(context, request.as<Restock>());
  const CommandReply reply = co_await std::move(work);
  co_return sim::Payload::of(context.frame_pool(), reply);
}

}  // namespace sagasim::domain
