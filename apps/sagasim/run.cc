#include "apps/sagasim/run.h"

#include <string>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/verdict.h"
#include "scenarios/seed.h"
#include "scenarios/shop_system.h"

namespace sagasim::apps {
namespace {

class RunVerb : public Verb {
 public:
  explicit RunVerb(CLI::App& app)
      : command_(*app.add_subcommand("run", "one universe: verdict, figures, fingerprint")) {
    command_.add_option("SCENARIO", scenario_.scenario, "a shipped scenario, or a file")
        ->required();
    command_.add_option("--seed", seed_, "which universe (default 0)")->type_name("N");
    scenario_.add_settings_to(command_);
    files_.add_to(command_);
    output_.add_to(command_);
    command_.footer(
        "Example: sagasim run checkout --seed 7 --set architecture.publish=after_commit");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    output_.check();
    files_.check();
    scenarios::RunRequest request;
    request.seed = scenarios::parse_seed(seed_);
    const scenarios::Scenario scenario = scenario_.load();
    const auto system = scenarios::make_shop(scenario);

    reports::RunReport report;
    report.target = reports::target_of(*system);
    report.rerun = scenario_.rerun(request.seed);
    report.minimize = scenario_.minimize(request.seed);
    report.result = run_timed(*system, request);
    return conclude(*system, scenario, request, files_, output_, report);
  }

 private:
  CLI::App& command_;
  ScenarioArguments scenario_;
  std::string seed_ = "0";
  FileArguments files_;
  OutputArguments output_;
};

}  // namespace

std::unique_ptr<Verb> make_run_verb(CLI::App& app) { return std::make_unique<RunVerb>(app); }

}  // namespace sagasim::apps
