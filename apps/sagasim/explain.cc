#include "apps/sagasim/explain.h"

#include <sstream>
#include <string>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/progress.h"
#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/terminal.h"
#include "apps/sagasim/verdict.h"
#include "reports/explained.h"
#include "search/explain.h"
#include "sim/check.h"

namespace sagasim::apps {
namespace {

class ExplainVerb : public Verb {
 public:
  explicit ExplainVerb(CLI::App& app)
      : command_(*app.add_subcommand("explain", "why a run fails, and what prevents it")) {
    command_
        .add_option("REPRO", scenario_.scenario, "a reproduction file, or with --seed a scenario")
        ->required();
    command_.add_option("--seed", seed_, "explain this seed of a scenario")->type_name("N");
    scenario_.add_settings_to(command_);
    command_.add_option("--jobs", jobs_, "threads (default: one per processor)")->type_name("J");
    output_.add_to(command_, false);
    command_.footer(
        "Says most about a run that was minimised.\n"
        "Example: sagasim explain sagasim-out/repro-checkout-LIV-1-order-17-min.json");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    output_.check();
    search::ExplainOptions options;
    options.jobs = parse_jobs(jobs_);
    const scenarios::Repro repro = read_reproduction("explain", scenario_, seed_);
    const search::Case what = case_of(repro);
    const scenarios::RunResult result = run_once(what);
    const auto differences = differences_from(repro.expect, result);
    for (const std::string& difference : differences) {
      write_diagnostic(command_name() + ": " + scenario_.scenario +
                       " is not what it was: " + difference + "\n");
    }
    if (!result.failed()) {
      write_diagnostic(command_name() +
                       ": the run does not fail, so there is nothing to explain\n");
      return differences.empty() ? exit_code_of(result.verdict) : kNotReproducible;
    }
    reports::ExplainReport report;
    report.target = reports::target_of(*what.setup->system());
    report.seed = what.seed;
    report.plan = what.plan;
    report.rerun = command_name() + " replay" + scenario_.words() +
                   (seed_.empty() ? "" : " --seed " + std::to_string(what.seed));
    {
      const InterruptGuard guard;
      report.explanation = explain(repro, what, options, guard);
    }
    std::ostringstream text;
    if (output_.json()) {
      reports::write_json(text, report);
    } else {
      reports::write_text(text, report, output_style(output_.color_when()));
    }
    write_output(text.str());
    return report.explanation.interrupted ? kInterrupted
           : differences.empty()          ? kViolated
                                          : kNotReproducible;
  }

 private:
  static scenarios::RunResult run_once(const search::Case& what) {
    try {
      return search::run(what);
    } catch (const sim::CheckFailure& failure) {
      throw RunError("seed " + std::to_string(what.seed) + ": " + failure.what());
    }
  }

  static search::Explanation explain(const scenarios::Repro& repro, const search::Case& what,
                                     search::ExplainOptions& options, const InterruptGuard& guard) {
    ProgressDisplay display("explain " + repro.scenario.name, can_redraw_stderr());
    const double start = seconds_now();
    double shown = 0;
    options.stop = &guard.flag();
    options.progress = [&](const std::string& doing, double share) {
      const double seconds = seconds_now() - start;
      if (seconds - shown >= 0.1) {
        shown = seconds;
        display.show(seconds, share, doing);
      }
    };
    return search::explain(what, options);
  }

  CLI::App& command_;
  ScenarioArguments scenario_;
  std::string seed_;
  std::string jobs_;
  OutputArguments output_;
};

}  // namespace

std::unique_ptr<Verb> make_explain_verb(CLI::App& app) {
  return std::make_unique<ExplainVerb>(app);
}

}  // namespace sagasim::apps
