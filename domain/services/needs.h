// Needs: what an order takes of each product, its lines of one product together. Rows are locked in
// this order: by ascending product, no two orders can wait for each other (G13).
#pragma once

#include "domain/messages/events.h"
#include "domain/policy.h"

namespace sagasim::domain {

struct Need {
  sim::Subject product;
  std::int64_t quantity = 0;
};
using Needs = sim::InlineVector<Need, kMaxLines>;

inline Needs needs_of(const OrderLines& lines, StockLocks order = StockLocks::kByProduct) {
  Needs needs;
  for (const OrderLine& line : lines) {
    std::uint32_t place = 0;
    while (place < needs.size() &&
           (order == StockLocks::kByProduct ? needs[place].product < line.product
                                            : needs[place].product != line.product)) {
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

}  // namespace sagasim::domain
