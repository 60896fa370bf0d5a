// Rank properties, RNK-1 to RNK-3: what was sold on which day, and what readers were told sells
// best.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "domain/properties/group.h"

namespace sagasim::domain {

class RankProperties : public PropertyGroup {
 public:
  using PropertyGroup::PropertyGroup;

  // The score of a product on a day has changed by so much.
  void on_score(std::uint32_t day, sim::Subject product, std::int64_t by, sim::Instant at);
  void on_read(const TopReply& reply, sim::Instant asked, sim::Instant at);
  // In the end: for every order, with the day on which it completed; then the sums.
  void at_end(const OrderTruth& order, std::uint32_t day);
  void scores_at_end(sim::Instant at);

 private:
  struct Score {
    sim::Instant from;
    std::int64_t score;
  };
  using Place = std::pair<std::uint32_t, sim::Subject>;  // day and product

  // What the product had sold by `at` on the days that end with `day`.
  std::int64_t score(std::uint32_t day, sim::Subject product, sim::Instant at) const;

  std::map<Place, std::vector<Score>> scores_;  // since when; oldest first
  std::map<Place, std::int64_t> sold_;          // by the orders that completed
};

}  // namespace sagasim::domain
