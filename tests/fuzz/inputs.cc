#include "tests/fuzz/inputs.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include "scenarios/plan_json.h"
#include "scenarios/repro.h"
#include "scenarios/scenario_json.h"
#include "scenarios/shop_system.h"
#include "scenarios/shop_vocabulary.h"
#include "search/sqlite.h"
#include "search/store.h"

namespace sagasim::fuzz {
namespace {

// A defect of each reader, planted to see whether its fuzzer finds it; tests/fuzz/run --planted.
// None shows by an input of the corpus.
#ifdef SAGASIM_FUZZ_PLANTED
constexpr bool kPlanted = true;
#else
constexpr bool kPlanted = false;
#endif

bool is_rare(std::string_view text) {
  return text.find_first_of("QXZJKVY#@~^{}|$%&*+=<>_!?") != std::string_view::npos;
}

void expect(bool holds, const char* what) {
  if (!holds) {
    throw Defect(what);
  }
}

void expect_told(const scenarios::BadInput& error) {
  expect(!error.error().message.empty(), "an input is refused without a word");
}

// What sagasim writes it reads: here a refusal is a defect.
template <class Read>
auto again(Read read) {
  try {
    return read();
  } catch (const scenarios::BadInput& error) {
    throw Defect("what was written is refused: " + error.error().message);
  }
}

class NoFaults final : public sim::Interceptor {
 public:
  sim::Effect decide(const sim::Operation&) override { return {}; }
};

// Some of its life: what a valid scenario says may take any time.
void live(const scenarios::System& system) {
  constexpr std::uint64_t kSteps = 300;
  NoFaults no_faults;
  system.universe(1, no_faults)->live(kSteps);
}

bool is_small(const scenarios::Scenario& scenario) {
  const scenarios::WorkloadOptions& workload = scenario.workload;
  constexpr std::uint32_t kFew = 100;
  return scenario.shop.users <= kFew && scenario.shop.products <= kFew &&
         workload.orders + workload.charges + workload.reads + workload.top_reads +
                 workload.issues + workload.reprices + workload.stops + workload.restocks +
                 workload.expiries <=
             10 * kFew;
}

void take_scenario(std::string_view text) {
  try {
    scenarios::Scenario scenario = scenarios::parse_scenario(text, "scenario.json");
    const std::string written = scenarios::write_scenario(scenario);
    if (kPlanted && is_rare(scenario.description)) {
      scenario.description.clear();
    }
    const auto same = again([&] {
      return scenarios::parse_scenario(scenarios::write_scenario(scenario), "again.json");
    });
    expect(scenarios::write_scenario(same) == written, "a scenario is another one when written");
    if (is_small(scenario)) {
      live(*scenarios::make_shop(scenario));
    }
  } catch (const scenarios::BadInput& error) {
    expect_told(error);
  }
}

faults::Plan plan_of(std::string_view text) {
  const scenarios::Document document(text, "plan.json");
  return scenarios::read_plan(document, document.root(), scenarios::shop_vocabulary());
}

// Orders of few steps, for what a plan can do to them.
const scenarios::System& one_order() {
  static const auto system = scenarios::make_shop(scenarios::parse_scenario(
      R"({"name": "one-order", "architecture": {"preset": "resilient", "saga_timeout": "15 s"},
          "shop": {"users": 1, "products": 1, "balance_min": 100000, "stock_min": 5},
          "workload": {"orders": 1, "charges": 1, "reads": 1}, "faults": {"profile": "calm"},
          "horizon": {"heal_at": "30 s", "limit": "10 min"}})",
      "one-order.json"));
  return *system;
}

void take_plan(std::string_view text) {
  try {
    faults::Plan plan = plan_of(text);
    const std::string written = scenarios::plan_to_json(plan).dump();
    for (faults::WindowFault& window : plan.windows) {
      if (kPlanted && window.from < sim::kStart + sim::seconds(10)) {
        window.from = sim::kStart;
      }
    }
    const std::string once_more = scenarios::plan_to_json(plan).dump();
    const faults::Plan same = again([&] { return plan_of(once_more); });
    expect(scenarios::plan_to_json(same).dump() == written, "a plan is another one when written");
    constexpr std::size_t kFew = 8;
    if (plan.size() <= kFew) {
      one_order().run({.seed = 1, .plan = &plan});
    }
  } catch (const scenarios::BadInput& error) {
    expect_told(error);
  }
}

void take_repro(std::string_view text) {
  try {
    scenarios::Repro repro = scenarios::parse_repro(text, "repro.json");
    const std::string written = scenarios::write_repro(repro);
    for (domain::InitialUser& user : repro.workload.users) {
      user.balance -= kPlanted ? user.balance % 10 : 0;
    }
    const auto same =
        again([&] { return scenarios::parse_repro(scenarios::write_repro(repro), "again.json"); });
    expect(scenarios::write_repro(same) == written, "a reproduction is another one when written");
    if (is_small(repro.scenario)) {
      live(*scenarios::make_shop(repro.scenario, repro.workload));
    }
  } catch (const scenarios::BadInput& error) {
    expect_told(error);
  }
}

// A file that vanishes, with what SQLite leaves beside it.
class Passing {
 public:
  explicit Passing(const char* name)
      : path_((std::filesystem::temp_directory_path() /
               ("sagasim-fuzz-" + std::to_string(::getpid()) + "-" + name))
                  .string()) {
    remove();
  }
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
  ~Passing() { remove(); }
  const std::string& path() const { return path_; }

 private:
  void remove() const {
    for (const char* ending : {"", "-journal", "-wal", "-shm", ".new", ".new-journal"}) {
      std::remove((path_ + ending).c_str());
    }
  }
  const std::string path_;
};

void look_at(search::Store& store) {
  store.identity();
  store.result();
  store.request();
  store.probe();
  search::SeedSet seeds;
  for (const search::SeedRange& range : store.ranges()) {
    seeds.add(range);
    const bool has_last = seeds.has(range.last) || !range.partition.has(range.last);
    expect(has_last, "a seed that was run is not known");
  }
  for (const search::FailedRun& failure : store.failures()) {
    const bool plain = std::all_of(failure.message.begin(), failure.message.end(),
                                   [](char letter) { return letter >= ' ' && letter <= '~'; });
    expect(!kPlanted || plain, "a campaign tells of its failures in ASCII alone");
  }
  store.before();
  store.known();
  store.files();
}

// Reads it, and takes it into a new campaign of the same, twice.
void take_campaign(std::string_view text) {
  const Passing file("in.db");
  const Passing merged("out.db");
  std::ofstream(file.path(), std::ios::binary)
      .write(text.data(), static_cast<std::streamsize>(text.size()));
  try {
    std::vector<std::unique_ptr<search::Store>> shards;
    shards.push_back(search::Store::read(file.path()));
    look_at(*shards.front());
    const auto all = search::Store::create(merged.path(), shards.front()->identity());
    all->merge(shards);
    const std::uint64_t runs = all->result().runs;
    all->merge(shards);
    expect(all->result().runs == runs, "a campaign that is merged twice counts twice");
  } catch (const search::StoreError& error) {
    expect(std::string_view(error.what()) != "", "a campaign is refused without a word");
  }
}

constexpr Input kInputs[] = {
    {"scenario", take_scenario},
    {"plan", take_plan},
    {"repro", take_repro},
    {"campaign", take_campaign},
};

}  // namespace

std::span<const Input> inputs() { return kInputs; }

}  // namespace sagasim::fuzz
