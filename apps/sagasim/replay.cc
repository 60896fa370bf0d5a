#include "apps/sagasim/replay.h"

#include <string>
#include <utility>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/verdict.h"
#include "reports/format.h"
#include "scenarios/repro.h"
#include "scenarios/seed.h"
#include "scenarios/shop_system.h"
#include "search/replay.h"
#include "sim/check.h"

namespace sagasim::apps {
namespace {

class ReplayVerb : public Verb {
 public:
  explicit ReplayVerb(CLI::App& app)
      : command_(*app.add_subcommand("replay",
                                     "a reproduction file again, or SCENARIO --seed N twice")) {
    command_
        .add_option("REPRO", scenario_.scenario, "a reproduction file, or with --seed a scenario")
        ->required();
    command_.add_option("--seed", seed_, "run this seed of a scenario twice")->type_name("N");
    scenario_.add_settings_to(command_);
    files_.add_to(command_);
    output_.add_to(command_);
    command_.footer(
        "Ends with 5 if the violation or the fingerprint is another one, and says what differs.\n"
        "Example: sagasim replay sagasim-out/repro-checkout-LIV-1-order-17.json");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    output_.check();
    files_.check();
    return seed_.empty() ? replay_file() : replay_seed();
  }

 private:
  int replay_seed() {
    scenarios::RunRequest request;
    request.seed = scenarios::parse_seed(seed_);
    const scenarios::Scenario scenario = scenario_.load();
    const auto system = scenarios::make_shop(scenario);
    return replay(*system, scenario, request, {},
                  scenario_.words() + " --seed " + std::to_string(request.seed));
  }

  int replay_file() {
    const scenarios::Repro repro = read_reproduction("replay", scenario_);
    const auto system = scenarios::make_shop(repro.scenario, repro.workload);
    scenarios::RunRequest request;
    request.seed = repro.seed;
    request.plan = &repro.plan;
    search::Expectation expectation;
    if (repro.expect) {
      expectation.verdict = repro.expect->verdict;
      expectation.property = repro.expect->property;
      expectation.fingerprint = repro.expect->fingerprint;
    }
    return replay(*system, repro.scenario, request, expectation, scenario_.words(),
                  repro.description);
  }

  int replay(const scenarios::System& system, const scenarios::Scenario& scenario,
             const scenarios::RunRequest& request, const search::Expectation& expectation,
             const std::string& words, const std::string& about = {}) {
    reports::RunReport report;
    report.about = about;
    report.target = reports::target_of(system);
    report.rerun = command_name() + " replay" + words;
    report.minimize = command_name() + " minimize" + words;
    report.is_replay = true;
    const double start = seconds_now();
    try {
      search::ReplayResult replayed = search::replay(system, request, expectation);
      report.result = std::move(replayed.result);
      report.differences = std::move(replayed.differences);
      report.divergence = std::move(replayed.divergence);
    } catch (const sim::CheckFailure& failure) {
      throw RunError("seed " + std::to_string(request.seed) + ": " + failure.what());
    }
    report.result.wall_seconds = (seconds_now() - start) / 2;  // it ran twice
    return conclude(system, scenario, request, files_, output_, report);
  }

  CLI::App& command_;
  ScenarioArguments scenario_;
  std::string seed_;
  FileArguments files_;
  OutputArguments output_;
};

}  // namespace

std::unique_ptr<Verb> make_replay_verb(CLI::App& app) { return std::make_unique<ReplayVerb>(app); }

}  // namespace sagasim::apps
