// The rank: how many of each product were sold on which day, and what sold best of late.
#include <algorithm>
#include <vector>

#include "domain/services/needs.h"
#include "domain/services/product_service.h"

namespace sagasim::domain {

sim::Task<sim::Handled> ProductService::rank(sim::Context context, Event event) {
  const bool counted_once = policy().rank == RankCount::kAppliedSet;
  UnitOfWork work(*this, context, event, counted_once ? Guards::kHeeded : Guards::kIgnored);
  auto inbox = work.is_new();
  const bool fresh = co_await std::move(inbox);
  if (!fresh) {
    co_return sim::Handled::kDone;
  }
  sim::Transaction& transaction = work.transaction();
  const RankAppliedRow applied{event.facts.order, event.id};
  if (counted_once && policy().natural_keys == Switch::kOn) {
    auto looking = transaction.read(tables_.rank_applied, applied.key());
    const std::optional<RankAppliedRow> known = co_await looking;
    if (known) {
      co_return sim::Handled::kDone;
    }
    transaction.insert(tables_.rank_applied, applied);
  }
  // The day comes from the event: however late it is counted, it counts for the day of the sale.
  auto counting = count(context, &work, event.facts, context.day(event.occurred));
  co_await std::move(counting);
  auto finishing = work.finish();
  const sim::Handled handled = co_await std::move(finishing);
  co_return handled;
}

sim::Task<> ProductService::count([[maybe_unused]] sim::Context context, UnitOfWork* work,
                                  OrderFacts facts, std::uint32_t day) {
  sim::Transaction& transaction = work->transaction();
  const Needs needs = needs_of(facts.lines);
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
}

namespace {

bool sells_better(const TopEntry& one, const TopEntry& two) {
  return one.score != two.score ? one.score > two.score : one.product < two.product;
}

// The days' scores by product, then the best of them.
class Tally {
 public:
  void count(const RankRow& row) {
    for (TopEntry& known : entries_) {
      if (known.product == row.product) {
        known.score += row.score;
        return;
      }
    }
    entries_.push_back(TopEntry{row.product, row.score});
  }

  void best(sim::InlineVector<TopEntry, kTopPlaces>& places) {
    // No two entries are equal: each product has one.
    std::stable_sort(entries_.begin(), entries_.end(), sells_better);
    for (const TopEntry& entry : entries_) {
      if (places.size() < kTopPlaces) {
        places.push_back(entry);
      }
    }
  }

 private:
  std::vector<TopEntry> entries_;
};

}  // namespace

sim::Task<TopReply> ProductService::top(sim::Context context) {
  TopReply reply;
  reply.day = context.day(context.clock());
  sim::Transaction transaction(tables_.database, context);
  Tally tally;
  for (std::uint32_t back = 0; back < kTopDays && back <= reply.day; ++back) {
    auto finding = transaction.find_all(tables_.ranks, reply.day - back);
    const std::vector<RankRow> rows = co_await finding;
    for (const RankRow& row : rows) {
      tally.count(row);
    }
  }
  tally.best(reply.entries);
  reply.available = !transaction.failed();
  co_return reply;
}

bool ProductService::persists(const sim::Node& node, const RankRow& row) {
  return responsible(node, row.product);
}

sim::Invocation ProductService::persist_name(const sim::Node& node, const RankRow& row) {
  return sim::Invocation{.role = node.role(),
                         .scope = "rank-job",
                         .trigger = sim::Name(),
                         .subject = row.product,
                         .version = row.day + 1};
}

sim::Task<> ProductService::persist(sim::Context context, RankRow row) {
  // The clock may be corrected meanwhile, so it is asked again: after whole days, then every hour.
  const std::uint32_t due = row.day + rank_days_;
  for (std::uint32_t today = context.day(context.clock()); today < due;
       today = context.day(context.clock())) {
    const std::uint32_t hours = today + 1 < due ? 24 * (due - today - 1) : 1;
    auto waiting = context.sleep(hours * sim::seconds(3600), "night");
    co_await waiting;
  }
  for (std::uint32_t failures = 0;; ++failures) {
    UnitOfWork work(*this, context);
    sim::Transaction& transaction = work.transaction();
    auto locking = transaction.lock(tables_.ranks, row.key());
    const std::optional<RankRow> today = co_await locking;
    if (!today && !transaction.failed()) {
      co_return;  // somebody else was faster
    }
    auto locking_history = transaction.lock(tables_.rank_history, row.key());
    const std::optional<RankRow> past = co_await locking_history;
    if (today) {
      RankRow moved = *today;
      transaction.erase(tables_.ranks, moved);
      if (past) {
        moved.score += past->score;
        transaction.update(tables_.rank_history, moved);
      } else {
        transaction.insert(tables_.rank_history, moved);
      }
    }
    auto committing = work.commit();
    const sim::Outcome outcome = co_await std::move(committing);
    if (outcome == sim::Outcome::kOk) {
      co_return;
    }
    auto pause = context.sleep(context.backoff(failures, sim::milliseconds(100), sim::seconds(5)),
                               "backoff");
    co_await pause;
  }
}

}  // namespace sagasim::domain
