#include "domain/properties/rank.h"

#include <set>

namespace sagasim::domain {

void RankProperties::on_score(std::uint32_t day, sim::Subject product, std::int64_t by,
                              sim::Instant at) {
  std::vector<Score>& history = scores_[{day, product}];
  const std::int64_t before = history.empty() ? 0 : history.back().score;
  if (by != 0) {
    history.push_back(Score{at, before + by});
  }
}

std::int64_t RankProperties::score(std::uint32_t day, sim::Subject product, sim::Instant at) const {
  std::int64_t sum = 0;
  for (std::uint32_t back = 0; back < kTopDays && back <= day; ++back) {
    const auto found = scores_.find({day - back, product});
    if (found == scores_.end()) {
      continue;
    }
    std::int64_t then = 0;
    for (const Score& score : found->second) {
      then = score.from <= at ? score.score : then;
    }
    sum += then;
  }
  return sum;
}

// A reader who asks while orders complete may see any score of the meantime, of each product on its
// own; who is left out must have been no better than the last who is in.
void RankProperties::on_read(const TopReply& reply, sim::Instant asked, sim::Instant at) {
  bool holds = true;
  sim::Subject wrong;
  const auto require = [&](bool condition, sim::Subject product) {
    wrong = holds && !condition ? product : wrong;
    holds = holds && condition;
  };
  std::set<sim::Subject> listed;
  const TopEntry* above = nullptr;
  for (const TopEntry& entry : reply.entries) {
    const bool known = truth_.product(entry.product) != nullptr && entry.score > 0;
    require(known && listed.insert(entry.product).second, entry.product);
    require(score(reply.day, entry.product, asked) <= entry.score, entry.product);
    require(score(reply.day, entry.product, at) >= entry.score, entry.product);
    require(above == nullptr || above->score > entry.score ||
                (above->score == entry.score && above->product < entry.product),
            entry.product);
    above = &entry;
  }
  for (const ProductTruth& product : truth_.products()) {
    if (listed.contains(product.product)) {
      continue;
    }
    const std::int64_t least = score(reply.day, product.product, asked);
    const bool full = reply.entries.size() == kTopPlaces;
    const bool worse = full && (least < above->score ||
                                (least == above->score && above->product < product.product));
    require(least == 0 || worse, product.product);
  }
  expect(PropertyId::kRnk3, holds, "rank", wrong, at, [&] {
    return "a reader was told what sold best by day " + std::to_string(reply.day) + ", and " +
           to_text(wrong) + " is not in its place: it had sold " +
           std::to_string(score(reply.day, wrong, asked));
  });
}

void RankProperties::at_end(const OrderTruth& order, std::uint32_t day) {
  if (!order.done()) {
    return;
  }
  for (const OrderLine& line : order.row.facts.lines) {
    sold_[{day, line.product}] += line.quantity;
  }
}

void RankProperties::scores_at_end(sim::Instant at) {
  for (const auto& [place, history] : scores_) {
    sold_[place];  // what was never sold has a place there too
  }
  std::map<sim::Subject, std::int64_t> sold;
  std::map<sim::Subject, std::int64_t> ranked;
  for (const auto& [place, quantity] : sold_) {
    const auto& [day, product] = place;
    const auto found = scores_.find(place);
    const bool has = found != scores_.end() && !found->second.empty();
    const std::int64_t score = has ? found->second.back().score : 0;
    sold[product] += quantity;
    ranked[product] += score;
    expect(PropertyId::kRnk2, score == quantity, "rank", product, at,
           [&, d = day, p = product, q = quantity] {
             return "on day " + std::to_string(d) + " " + std::to_string(q) + " of " + to_text(p) +
                    " were sold, but the ranking counts " + std::to_string(score);
           });
  }
  for (const auto& [product, quantity] : sold) {
    expect(PropertyId::kRnk1, ranked[product] == quantity, "rank", product, at,
           [&, p = product, q = quantity] {
             return std::to_string(q) + " of " + to_text(p) +
                    " were sold in all, but the ranking counts " + std::to_string(ranked[p]);
           });
  }
}

}  // namespace sagasim::domain
