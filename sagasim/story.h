// Story: one small shop in a world of its own, told in verbs: who orders what, what goes wrong, and
// what the books say when everything has come to rest. Everything not said has a default.
//
//   order("c1.1").of("p1", 2).with("k1");
//   run();
//   EXPECT_EQ(status("c1.1"), "COMPLETED");
//
// A story can be told again with a change: run() starts from the beginning each time, and the seed
// keeps every draw as it was.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/properties/judge.h"
#include "domain/shop.h"
#include "faults/injector.h"
#include "sim/standstill.h"
#include "sim/world.h"

namespace sagasim::domain {

// Two users with 10,000 each; ten p1 at 1,000 and ten p2 at 500; u1 holds k1 (10 %) and k3 (100 %),
// u2 holds k2 (10 %); two coupons of 10 % are there to be had of campaign d1.
class Story : public testing::Test {
 protected:
  using Ids = std::set<std::string>;

  // One command; what is not said: at 10 ms, by the user with the customer's number.
  class Telling {
   public:
    explicit Telling(Command& command) : command_(command) {}
    Telling& of(std::string_view product, std::uint32_t quantity);
    Telling& with(std::string_view coupon);
    Telling& by(std::string_view user);
    Telling& after(std::string_view command);  // and not before that one is over
    Telling& only_once();                      // no second attempt
    Telling& at(sim::Duration after_start) { return at(sim::kStart + after_start); }
    Telling& at(sim::Instant when);

   private:
    Command& command_;
  };

  Story();

  // --- before the run ---
  Telling order(std::string_view command);
  Telling cancel(std::string_view command, std::string_view order);
  Telling charge(std::string_view command, Money amount);
  Telling get_balance(std::string_view command);
  Telling repeat(std::string_view command, std::string_view order);
  Telling reuse(std::string_view command, std::string_view order);  // goes on with of()
  Telling issue(std::string_view command, std::string_view campaign);
  Telling get_top(std::string_view command);
  // The manager's: reprice, stop-selling, resume-selling, restock; then what is done to coupons.
  Telling manage(std::string_view command, CommandKind kind, std::string_view product,
                 Money amount = 0);
  Telling manage_coupon(std::string_view command, CommandKind kind, std::string_view coupon);
  void give(std::string_view user, Money balance);
  void stock_up(std::string_view product, std::int64_t quantity);
  void hold_back(std::string_view product);  // not for sale yet
  void campaign(std::string_view campaign, std::int64_t quantity, CampaignStatus status);
  // Strikes the operation of this name, see sim::to_text(Operation).
  void fault(faults::Kind kind, std::string_view operation, sim::Duration duration = {});
  // The nodes of this role refuse every request between two moments after the start.
  void outage(std::string_view role, sim::Duration from, sim::Duration until);

  // Tells the story to its end and has it judged. The end is that nothing is left to happen;
  // run_until_stuck(): that nothing can change any more; run_out_of_time(): that an hour is over,
  // and nobody judges.
  void run();
  void run_until_stuck();
  void run_out_of_time();

  // --- after the run ---
  std::string status(std::string_view order) const;   // "none" if there is no such order
  std::string payment(std::string_view order) const;  // of the only one; "none" without
  std::string answer(std::string_view command) const;
  Reason reason(std::string_view order) const;
  Money kept(std::string_view order) const;  // by the gateway
  std::uint32_t captures(std::string_view order) const;
  Money balance(std::string_view user) const;
  std::int64_t stock(std::string_view product) const;
  std::string holder(std::string_view coupon) const;  // "-": nobody
  bool exists(std::string_view coupon) const;
  std::int64_t left(std::string_view campaign) const;  // to be issued
  std::string state(std::string_view campaign) const;
  Money total(std::string_view order) const;
  std::int64_t sold(std::string_view product, std::uint32_t day) const;     // by the ranking
  std::int64_t history(std::string_view product, std::uint32_t day) const;  // persisted of it
  std::uint64_t evaluated(PropertyId property) const {
    return universe_->judge.reporter().evaluated(property);
  }
  std::uint32_t platform_records(std::string_view order) const;
  // The moment at which the order came into this phase. Requires: it did.
  sim::Instant entered(std::string_view order, OrderPhase phase) const;
  std::uint64_t events(EventType type) const { return universe_->judge.events(type); }
  // Properties that did not hold.
  Ids broken() const;
  // Why the order goes no further: its reason and the sentence, "lost: its …"; or "open: no".
  std::string stuck(std::string_view order) const;
  // What the order's violation of LIV-1 counts as.
  std::string kind(std::string_view order) const;
  std::string complaints() const;

  ShopOptions options;
  sim::Duration limit = sim::seconds(3600);  // of the run, in virtual time
  Policy policy;
  std::uint64_t seed = 1;

 private:
  // Writes down when each order came into each phase.
  class Chronicle final : public sim::Observer {
   public:
    struct Line {
      sim::Subject order;
      OrderPhase phase;
      sim::Instant at;
    };
    void on_commit(const sim::Commit& commit) override;
    std::vector<Line> lines;
  };

  struct Universe {
    Universe(const Story& story, const faults::Plan& plan);
    const Workload workload;
    const Policy policy;
    faults::PlanInjector injector;
    sim::World world;
    sim::Standstill standstill{world};
    Judge judge;
    Chronicle chronicle;
    Shop shop;
  };

  Workload workload() const;
  sim::Ending tell();
  const OrderTruth& truth(std::string_view order) const;

  Workload shop_;                 // without commands
  std::deque<Command> commands_;  // as they were told; Telling refers to them
  faults::Plan plan_;
  std::unique_ptr<Universe> universe_;
};

}  // namespace sagasim::domain
