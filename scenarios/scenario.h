// Scenario: what is run, as a value. Every field has a default, so `{}` is a valid scenario; the
// JSON form and its checks are in scenario_json.h. The seed is never part of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/policy.h"
#include "faults/plan.h"
#include "faults/profile.h"
#include "sim/random.h"
#include "sim/time.h"

namespace sagasim::scenarios {

// `architecture`: a preset, and what it changes.
struct Architecture {
  std::string preset = "resilient";
  domain::Policy policy;
};

// `shop`: who and what is there when the universe begins. Amounts are in KRW.
struct Shop {
  std::uint32_t users = 3;             // 1..1000
  std::int64_t balance_min = 20'000;   // each user starts with a draw from this range,
  std::int64_t balance_max = 120'000;  // 0..10,000,000
  std::uint32_t products = 3;          // 1..1000
  std::int64_t price_min = 1'000;      // 1..1,000,000,000
  std::int64_t price_max = 20'000;
  std::int64_t stock_min = 5;  // 0..1,000,000,000
  std::int64_t stock_max = 25;
  std::uint32_t coupons_per_user = 2;           // 0..100
  std::uint32_t coupons_expiring_percent = 20;  // of coupons that end during the run, 0..100
  std::uint32_t discount_min_bp = 500;          // basis points, 0..10,000
  std::uint32_t discount_max_bp = 3'000;
  std::uint32_t campaigns = 0;              // of coupons for those who come first, 0..20
  std::uint32_t campaign_quantity_max = 3;  // coupons of each, 1..1,000
  // Of the balances how many start a hair from a price or from the cap, and of the stocks how many
  // at five pieces or fewer, 0..100. Of the products half as many are not for sale yet.
  std::uint32_t edge_percent = 0;
  std::uint32_t rank_days =
      0;  // nights after which a day of the ranking is history: 0 never, 4..40
  std::uint32_t instances = 1;   // of each service, 1..8
  std::uint32_t partitions = 2;  // of each topic, 1..64
};

// How often which product is wanted.
enum class Popularity : std::uint8_t {
  kLeaning,  // the smaller of two draws: the first is wanted most, the last hardly ever
  kUniform,
  kZipf,  // the nth is wanted an nth as often as the first
};
// When a customer asks for the next thing.
enum class Arrivals : std::uint8_t {
  kOpen,    // when its time has come, whatever became of the last
  kClosed,  // and not before the last is over
};

// `workload`: what the customers and the manager do.
struct WorkloadOptions {
  std::uint32_t orders = 30;              // 0..100,000
  sim::Duration span = sim::seconds(20);  // arrivals are spread over this, 0..30 days
  std::uint32_t lines_max = 3;            // 1..5
  std::uint32_t quantity_max = 3;         // 1..1,000
  std::uint32_t coupon_percent = 50;      // of orders that try a coupon, 0..100
  std::uint32_t cancel_percent = 15;      // of orders that their user cancels, 0..100
  std::uint32_t charges = 10;             // 0..100,000
  std::int64_t charge_min = 1'000;        // 1..10,000,000
  std::int64_t charge_max = 50'000;
  std::uint32_t reads = 6;            // of orders and balances, 0..100,000
  std::uint32_t top_reads = 0;        // of what sells best, 0..100,000
  std::uint32_t issues = 0;           // customers who want a coupon of a campaign, 0..100,000
  std::uint32_t repeat_percent = 0;   // of orders that are sent once more under their key, 0..100
  std::uint32_t reuse_percent = 0;    // of orders whose key is used for something else, 0..100
  std::uint32_t abandon_percent = 0;  // of orders that are asked for once and never again, 0..100
  std::uint32_t reprices = 0;         // 0..10,000
  std::uint32_t stops = 0;            // of selling, each taken back after a while, 0..10,000
  std::uint32_t restocks = 0;         // 0..10,000
  std::uint32_t expiries = 0;         // coupons and campaigns that are ended, 0..10,000
  Popularity popularity = Popularity::kLeaning;
  Arrivals arrivals = Arrivals::kOpen;
};

// `environment`: how fast the parts are, and how patient the processes.
struct Environment {
  sim::Latency call{sim::milliseconds(1), sim::milliseconds(10), 50};
  sim::Latency database{sim::microseconds(100), sim::microseconds(800), 100};
  sim::Latency broker{sim::microseconds(500), sim::milliseconds(3), 50};
  sim::Latency gateway{sim::milliseconds(5), sim::milliseconds(40), 50};
  sim::Latency gateway_processing{sim::milliseconds(10), sim::milliseconds(200), 50};
  std::uint32_t decline_percent = 10;  // of charges that the gateway declines, 0..100
  sim::Duration call_timeout = sim::seconds(3);
  sim::Duration database_timeout = sim::seconds(5);
  sim::Duration broker_timeout = sim::seconds(5);
  sim::Duration gateway_timeout = sim::seconds(10);
  sim::Duration session_timeout = sim::seconds(10);
  sim::Duration relay_interval = sim::milliseconds(100);
  sim::Duration reconcile_interval = sim::seconds(5);
  // How much each service can do at once: so many requests, each for that long, and so many that
  // wait; what comes then is refused. 0 workers: no limit.
  std::uint32_t workers = 0;        // 0..1,000
  std::uint32_t queue_limit = 100;  // 0..100,000
  sim::Latency service_time{sim::milliseconds(1), sim::milliseconds(5)};
  // Reads that a service makes of its own database before it handles an event, for nothing: what
  // code gains over time. Whatever depends on them was an accident. 0..100
  std::uint32_t extra_reads = 0;
  // Where all services share a process: the threads that listen to events, and how many events may
  // wait for one; what comes then is rejected.
  std::uint32_t listener_threads = 8;  // 1..1,000
  std::uint32_t listener_queue = 100;  // 0..100,000
  sim::Duration client_retry = sim::seconds(1);
  std::uint32_t client_attempts = 8;  // before a client gives up, 1..1,000
};

// `horizon`: faults end at `heal_at`; `limit` bounds the run in virtual time.
struct Horizon {
  sim::Duration heal_at = sim::seconds(60);
  sim::Duration limit = sim::seconds(3600);
};

struct Scenario {
  std::string name = "unnamed";
  std::string description;
  Architecture architecture;
  Shop shop;
  WorkloadOptions workload;
  Environment environment;
  faults::Profile faults;      // what chance may do
  bool explicit_plan = false;  // `faults.plan` was given: chance does nothing
  faults::Plan plan;
  Horizon horizon;
  std::vector<std::string> properties;  // empty: all of them
};

}  // namespace sagasim::scenarios
