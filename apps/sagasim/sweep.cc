#include "apps/sagasim/sweep.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/progress.h"
#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/terminal.h"
#include "reports/github.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/text.h"
#include "scenarios/files.h"
#include "scenarios/seed.h"
#include "scenarios/shop_system.h"
#include "search/divergence.h"
#include "search/sweep.h"

namespace sagasim::apps {
namespace {

constexpr std::uint64_t kDefaultSeeds = 2000;
// Causes whose first run is looked at again and kept in files.
constexpr std::size_t kCausesKept = 20;

class SweepVerb : public Verb {
 public:
  explicit SweepVerb(CLI::App& app)
      : command_(*app.add_subcommand("sweep", "many seeds: how many failed, grouped by cause")) {
    command_.add_option("SCENARIO", scenario_.scenario, "a shipped scenario, or a file")
        ->required();
    command_.add_option("--seeds", seeds_, "how many (default 2000; with --seconds: no limit)")
        ->type_name("N");
    command_.add_option("--seconds", seconds_, "begin no run after this time, as in 30 or 5min")
        ->type_name("S");
    command_.add_option("--from", from_, "the first seed (default 0)")->type_name("N");
    command_.add_option("--jobs", jobs_, "threads (default: one per processor)")->type_name("J");
    command_.add_option("--stop-after", stop_after_, "end with this many failures")->type_name("F");
    scenario_.add_settings_to(command_);
    output_.add_to(command_);
    command_.add_option("--out", out_, "folder for what failures leave (default sagasim-out)")
        ->type_name("DIR");
    command_.footer(
        "Ctrl-C ends it and reports what is finished.\n"
        "Example: sagasim sweep checkout --seeds 10000 --set architecture.tombstones=off");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    output_.check();
    check_writable_folder(out_);
    search::SweepOptions options = read_options();
    const scenarios::Scenario scenario = scenario_.load();
    if (options.seeds == 0 && options.seconds == 0) {
      write_diagnostic(command_name() + ": no seed was selected (--seeds 0)\n");
      return kNothingSelected;
    }
    const auto system = scenarios::make_shop(scenario);

    reports::SweepReport report;
    report.target = reports::target_of(*system);
    report.rates = {{"orders_per_second", "orders", "accepted"}};
    // Held until everything is told: one press may signal twice, and what is finished is not lost.
    const InterruptGuard guard;
    report.result = run(*system, options, guard);
    report.rerun = command_name() + " sweep" + scenario_.words() + " --from " +
                   std::to_string(options.from) + " --seeds " + std::to_string(report.result.runs);
    const std::optional<std::string> unwritten = look_at_causes(*system, scenario, report);
    return conclude(report, unwritten);
  }

 private:
  search::SweepOptions read_options() {
    search::SweepOptions options;
    options.from = scenarios::parse_seed(from_, "--from");
    options.seconds = seconds_.empty() ? 0 : parse_seconds("--seconds", seconds_);
    if (!seeds_.empty()) {
      // With a time limit 0 would mean "no limit", which nobody says by asking for none.
      options.seeds = parse_count("--seeds", seeds_, seconds_.empty() ? 0 : 1, UINT64_MAX);
    } else {
      options.seeds = seconds_.empty() ? kDefaultSeeds : 0;
    }
    options.jobs = parse_jobs(jobs_);
    options.stop_after =
        stop_after_.empty() ? 0 : parse_count("--stop-after", stop_after_, 1, UINT64_MAX);
    options.seconds_now = seconds_now;
    return options;
  }

  search::SweepResult run(const scenarios::System& system, search::SweepOptions& options,
                          const InterruptGuard& guard) {
    ProgressDisplay display("sweep " + system.scenario(), can_redraw_stderr());
    options.stop = &guard.flag();
    options.progress = [&display](const search::SweepProgress& progress) {
      display.show(progress);
    };
    return search::sweep(system, options);
  }

  // Tells every cause by its first run. Returns why files could not be written, if they could not.
  std::optional<std::string> look_at_causes(const scenarios::System& system,
                                            const scenarios::Scenario& scenario,
                                            reports::SweepReport& report) {
    std::optional<std::string> unwritten;
    for (std::size_t i = 0; i < report.result.causes.size(); ++i) {
      const search::Cause& cause = report.result.causes[i];
      reports::Failure failure = reports::failure_of(report.target, cause);
      if (i < kCausesKept) {
        scenarios::RunRequest request;
        request.seed = cause.first_seed;
        const Retold retold = retell(system, request);
        if (retold.result.fingerprint != cause.fingerprint) {
          note_difference(system, request, cause, retold);
        } else {
          failure = reports::failure_of(report.target, retold.result, &retold.recording);
          failure.count = cause.count;
        }
        try {
          if (!unwritten) {
            keep(out_, scenario, retold, failure);
          }
        } catch (const scenarios::BadInput& error) {
          unwritten = error.what();
        }
      }
      failure.rerun = scenario_.rerun(cause.first_seed);
      report.failures.push_back(std::move(failure));
    }
    if (!report.failures.empty()) {
      report.rerun = report.failures.front().rerun;
    }
    return unwritten;
  }

  void note_difference(const scenarios::System& system, const scenarios::RunRequest& request,
                       const search::Cause& cause, const Retold& retold) {
    is_reproducible_ = false;
    std::string text = command_name() + ": seed " + std::to_string(cause.first_seed) +
                       " gave the fingerprint " + search::fingerprint_text(cause.fingerprint) +
                       " and then " + search::fingerprint_text(retold.result.fingerprint) + "\n";
    if (const auto divergence = search::find_divergence(system, request)) {
      text += "  first operation that differs: " + divergence->first +
              "\n  against:  " + divergence->second + "\n";
    }
    write_diagnostic(text);
  }

  int conclude(const reports::SweepReport& report, std::optional<std::string> unwritten) {
    if (!output_.junit.empty() && !unwritten) {
      try {
        std::ostringstream junit;
        reports::write_junit(junit, report);
        scenarios::write_file_atomically(output_.junit, junit.str());
      } catch (const scenarios::BadInput& error) {
        unwritten = error.what();
      }
    }
    std::ostringstream text;
    if (output_.json()) {
      reports::write_json(text, report);
    } else {
      reports::write_text(text, report, output_style(output_.color_when()));
    }
    if (runs_in_github_actions()) {
      std::ostringstream lines;
      reports::write_annotations(lines, report.target, report.failures);
      write_diagnostic(lines.str());
    }
    write_output(text.str());
    if (unwritten) {
      write_diagnostic(command_name() + ": " + *unwritten + "\n");
    }
    return code_of(report.result, unwritten.has_value());
  }

  int code_of(const search::SweepResult& result, bool unwritten) const {
    if (result.internal_error) return kInternalError;
    if (unwritten) return kBadInput;
    if (!is_reproducible_) return kNotReproducible;
    if (result.interrupted) return kInterrupted;
    if (result.failed > 0) return kViolated;
    if (result.runs == 0) return kNothingSelected;
    return result.inconclusive > 0 ? kInconclusive : kAllHeld;
  }

  CLI::App& command_;
  ScenarioArguments scenario_;
  OutputArguments output_;
  std::string seeds_;
  std::string seconds_;
  std::string from_ = "0";
  std::string jobs_;
  std::string stop_after_;
  std::string out_ = "sagasim-out";
  bool is_reproducible_ = true;
};

}  // namespace

std::unique_ptr<Verb> make_sweep_verb(CLI::App& app) { return std::make_unique<SweepVerb>(app); }

}  // namespace sagasim::apps
