#include "domain/properties/stock.h"

namespace sagasim::domain {

void StockProperties::on_stock(const StockRow& after, sim::Instant at) {
  ProductTruth* product = truth_.product(after.product);
  if (product == nullptr) {
    return;
  }
  product->quantity = after.quantity;
  products_.push_back(product);
  expect(PropertyId::kStk1, after.quantity >= 0, "stock", after.product, at, [&] {
    return "the stock of " + to_text(after.product) + " is " + std::to_string(after.quantity);
  });
}

void StockProperties::on_entry(const StockEntry& entry, sim::Instant at) {
  ProductTruth* product = truth_.product(entry.product);
  if (entry.move == StockMove::kRestock && product != nullptr) {
    product->restocked += entry.quantity;
    products_.push_back(product);
    return;
  }
  OrderTruth* order = truth_.order(entry.order);
  if (order == nullptr || product == nullptr || entry.line >= kMaxLines) {
    return;
  }
  const std::uint32_t line = entry.line;
  if (entry.move == StockMove::kDeduct) {
    order->deducted[line] += entry.quantity;
    ++order->deductions[line];
    product->held += entry.quantity;
  } else {
    order->restored[line] += entry.quantity;
    ++order->restorations[line];
    product->held -= entry.quantity;
  }
  products_.push_back(product);
  if (orders_.empty() || orders_.back() != order) {
    orders_.push_back(order);
  }
  const bool orderly =
      order->deductions[line] <= 1 && order->restorations[line] <= order->deductions[line] &&
      (order->restored[line] == 0 || order->restored[line] == order->deducted[line]);
  expect(PropertyId::kStk5, orderly,
         entry.move == StockMove::kDeduct ? "stock/taken" : "stock/returned", entry.order, at, [&] {
           return order_text(entry.order) + " took " + std::to_string(order->deducted[line]) +
                  " of " + to_text(entry.product) + " in " +
                  std::to_string(order->deductions[line]) + " goes and returned " +
                  std::to_string(order->restored[line]) + " in " +
                  std::to_string(order->restorations[line]);
         });
}

void StockProperties::settle(sim::Instant at) {
  for (const ProductTruth* product : products_) {
    const std::int64_t supplied = product->initial + product->restocked;
    expect(PropertyId::kStk2, product->quantity == supplied - product->held, "stock",
           product->product, at, [&] {
             return "the stock of " + to_text(product->product) + " is " +
                    std::to_string(product->quantity) + ", but started with " +
                    std::to_string(supplied) + " and orders hold " + std::to_string(product->held);
           });
  }
  for (const OrderTruth* order : orders_) {
    const auto& lines = order->command->lines;
    std::uint32_t none = 0;
    std::uint32_t full = 0;
    for (std::uint32_t i = 0; i < lines.size(); ++i) {
      const std::int64_t net = order->deducted[i] - order->restored[i];
      none += net == 0 ? 1u : 0u;
      full += net == lines[i].quantity ? 1u : 0u;
    }
    const sim::Subject name = order->command->name;
    expect(PropertyId::kStk3, none == lines.size() || full == lines.size(), "stock", name, at, [&] {
      return order_text(name) + " holds stock for " + std::to_string(full) + " of its " +
             std::to_string(lines.size()) + " lines";
    });
  }
  products_.clear();
  orders_.clear();
}

void StockProperties::at_end(const OrderTruth& order, sim::Instant at) {
  const auto& lines = order.command->lines;
  const sim::Subject name = order.command->name;
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    const std::int64_t net = order.deducted[i] - order.restored[i];
    if (!order.exists && order.deductions[i] == 0) {
      continue;
    }
    const std::int64_t due = order.done() ? lines[i].quantity : 0;
    expect(PropertyId::kStk4, net == due, order.done() ? "stock/completed" : "stock", name, at,
           [&] {
             return order_text(name) + " is " +
                    (order.exists ? to_text(order.row.status) : "unknown to the order service") +
                    " and holds " + std::to_string(net) + " of " + to_text(lines[i].product) +
                    " instead of " + std::to_string(due);
           });
  }
}

void StockProperties::products_at_end(sim::Instant at) {
  for (const ProductTruth& product : truth_.products()) {
    std::int64_t sold = 0;
    for (const OrderTruth& order : truth_.orders()) {
      if (!order.done()) {
        continue;
      }
      for (const OrderLine& line : order.row.facts.lines) {
        sold += line.product == product.product ? line.quantity : 0;
      }
    }
    if (sold == 0) {
      continue;
    }
    const std::int64_t supplied = product.initial + product.restocked;
    expect(PropertyId::kStk6, sold <= supplied, "stock", product.product, at, [&] {
      return std::to_string(sold) + " of " + to_text(product.product) +
             " were sold, but there were only " + std::to_string(supplied);
    });
  }
}

}  // namespace sagasim::domain
