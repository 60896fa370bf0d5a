// The catalogue: which products are sold, at what price, and how the shelves are filled. Every
// command carries its key (G17).
#include "domain/services/product_service.h"

namespace sagasim::domain {
namespace {

constexpr Money kPriceMost = 1'000'000'000;
constexpr std::int64_t kStockMost = 1'000'000'000;

}  // namespace

std::optional<SellStatus> after_selling(SellStatus status, bool selling) {
  if (selling && status != SellStatus::kSelling) {
    return SellStatus::kSelling;
  }
  if (!selling && status == SellStatus::kSelling) {
    return SellStatus::kStopped;
  }
  return std::nullopt;
}

sim::Task<LookupReply> ProductService::get(sim::Context context, Lookup request) {
  sim::Transaction transaction(tables_.database, context);
  auto reading = transaction.read(tables_.products, sim::key_of(request.what));
  const std::optional<ProductRow> product = co_await reading;
  LookupReply reply;
  reply.available = !transaction.failed();
  reply.found = product.has_value();
  reply.usable = product && product->status == SellStatus::kSelling;
  if (policy().stock_check == StockCheck::kWhenOrdered) {
    auto counting = transaction.read(tables_.stocks, sim::key_of(request.what));
    const std::optional<StockRow> stock = co_await counting;
    reply.usable = reply.usable && stock && stock->quantity > 0;
  }
  reply.amount = product ? product->price : 0;
  co_return reply;
}

// Orders that are there keep the price that they were created with.
sim::Task<CommandReply> ProductService::reprice(sim::Context context, Reprice request) {
  const std::uint64_t body = sim::digest_of(request);
  UnitOfWork work(*this, context);
  auto remembering = work.answered(request.key, body);
  const std::optional<CommandReply> known = co_await std::move(remembering);
  if (known) {
    co_return *known;
  }
  sim::Transaction& transaction = work.transaction();
  auto locking = transaction.lock(tables_.products, sim::key_of(request.product));
  std::optional<ProductRow> product = co_await locking;
  CommandReply reply{Answer::kRejected, {}};
  if (product && request.price > 0 && request.price <= kPriceMost) {
    product->price = request.price;
    transaction.update(tables_.products, *product);
    reply.answer = Answer::kAccepted;
  }
  auto answering = work.answer(request.key, body, reply);
  const CommandReply kept = co_await std::move(answering);
  co_return kept;
}

// Orders that are there go on.
sim::Task<CommandReply> ProductService::set_selling(sim::Context context, SetSelling request) {
  const std::uint64_t body = sim::digest_of(request);
  UnitOfWork work(*this, context);
  auto remembering = work.answered(request.key, body);
  const std::optional<CommandReply> known = co_await std::move(remembering);
  if (known) {
    co_return *known;
  }
  sim::Transaction& transaction = work.transaction();
  auto locking = transaction.lock(tables_.products, sim::key_of(request.product));
  std::optional<ProductRow> product = co_await locking;
  CommandReply reply{Answer::kRejected, {}};
  std::optional<SellStatus> next;
  if (product) {
    next = after_selling(product->status, request.selling);
  }
  if (next) {
    product->status = *next;
    transaction.update(tables_.products, *product);
    reply.answer = Answer::kAccepted;
  }
  auto answering = work.answer(request.key, body, reply);
  const CommandReply kept = co_await std::move(answering);
  co_return kept;
}

sim::Task<CommandReply> ProductService::restock(sim::Context context, Restock request) {
  const std::uint64_t body = sim::digest_of(request);
  UnitOfWork work(*this, context);
  auto remembering = work.answered(request.key, body);
  const std::optional<CommandReply> known = co_await std::move(remembering);
  if (known) {
    co_return *known;
  }
  sim::Transaction& transaction = work.transaction();
  auto locking = transaction.lock(tables_.stocks, sim::key_of(request.product));
  std::optional<StockRow> stock = co_await locking;
  CommandReply reply{Answer::kRejected, {}};
  const bool fits = stock && request.quantity > 0 && request.quantity <= kStockMost &&
                    stock->quantity <= kStockMost - request.quantity;
  if (fits) {
    stock->quantity += request.quantity;
    transaction.update(tables_.stocks, *stock);
    transaction.insert(tables_.entries, StockEntry{request.key, 0, StockMove::kRestock, 0,
                                                   request.product, request.quantity});
    reply.answer = Answer::kAccepted;
  }
  auto answering = work.answer(request.key, body, reply);
  const CommandReply kept = co_await std::move(answering);
  co_return kept;
}

}  // namespace sagasim::domain
