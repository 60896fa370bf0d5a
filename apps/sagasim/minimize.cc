#include "apps/sagasim/minimize.h"

#include <filesystem>
#include <optional>
#include <sstream>
#include <string>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/progress.h"
#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/terminal.h"
#include "apps/sagasim/verdict.h"
#include "reports/minimized.h"
#include "scenarios/files.h"
#include "search/minimize.h"
#include "sim/check.h"

namespace sagasim::apps {
namespace {

constexpr const char* kFolder = "sagasim-out";
// New causes met on the way that are kept in files.
constexpr std::size_t kOthersKept = 5;

class MinimizeVerb : public Verb {
 public:
  explicit MinimizeVerb(CLI::App& app)
      : command_(*app.add_subcommand("minimize", "the smallest run with the same failure")) {
    command_
        .add_option("REPRO", scenario_.scenario, "a reproduction file, or with --seed a scenario")
        ->required();
    command_.add_option("--seed", seed_, "minimise this seed of a scenario")->type_name("N");
    scenario_.add_settings_to(command_);
    command_
        .add_option("--output", path_,
                    "the smaller reproduction file (default: beside REPRO, as in x-min.json)")
        ->type_name("FILE");
    command_.add_option("--budget", budget_, "begin no run after this time (default 60)")
        ->type_name("SECONDS");
    command_.add_option("--runs", runs_, "make no more runs than these")->type_name("N");
    command_.add_flag("--keep-architecture", keeps_architecture_,
                      "leave every policy as it is, needed or not");
    command_.add_option("--jobs", jobs_, "threads (default: one per processor)")->type_name("J");
    output_.add_to(command_, false);
    command_.footer(
        "Ctrl-C ends it and keeps the best so far. Ends with 1 if it is minimal, with 3 if the\n"
        "budget was over before, with 0 if the run does not fail at all.\n"
        "Example: sagasim minimize sagasim-out/repro-checkout-LIV-1-order-17.json");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    output_.check();
    search::MinimizeOptions options = read_options();
    check_writable_file(path_);
    if (!seed_.empty() && path_.empty()) {
      check_writable_folder(kFolder);
    }
    const scenarios::Repro repro = read_reproduction("minimize", scenario_, seed_);
    const search::Case start = case_of(repro);

    reports::MinimizeReport report;
    report.original = reports::target_of(*start.setup->system());
    {
      const InterruptGuard guard;
      report.result = minimize(repro, start, options, guard);
    }
    report.target = reports::target_of(*report.result.after.what.setup->system());
    const auto differences = differences_from(repro.expect, report.result.before.result);
    for (const std::string& difference : differences) {
      write_diagnostic(command_name() + ": " + scenario_.scenario +
                       " is not what it was: " + difference + "\n");
    }
    if (!differences.empty() && !report.result.before.result.failed()) {
      return kNotReproducible;
    }
    std::optional<scenarios::BadInput> unwritten;
    if (report.result.before.result.failed()) {
      tell_failure(report);
      try {
        write_files(repro, report);
      } catch (const scenarios::BadInput& error) {
        unwritten = error;
      }
    }
    print(report);
    if (unwritten) {
      throw *unwritten;
    }
    return differences.empty() ? code_of(report.result) : kNotReproducible;
  }

 private:
  search::MinimizeOptions read_options() const {
    search::MinimizeOptions options;
    options.seconds = parse_seconds("--budget", budget_);
    options.runs = runs_.empty() ? 0 : parse_count("--runs", runs_, 1, UINT64_MAX);
    options.jobs = parse_jobs(jobs_);
    options.keep_guards = keeps_architecture_;
    options.seconds_now = seconds_now;
    return options;
  }

  search::MinimizeResult minimize(const scenarios::Repro& repro, const search::Case& start,
                                  search::MinimizeOptions& options, const InterruptGuard& guard) {
    ProgressDisplay display("minimize " + repro.scenario.name, can_redraw_stderr());
    options.stop = &guard.flag();
    options.progress = [&display](const search::MinimizeProgress& progress) {
      display.show(progress);
    };
    try {
      return search::minimize(start, options);
    } catch (const sim::CheckFailure& failure) {
      throw RunError("seed " + std::to_string(start.seed) + ": " + failure.what());
    }
  }

  static void tell_failure(reports::MinimizeReport& report) {
    const search::Case& smallest = report.result.after.what;
    scenarios::RunRequest request;
    request.seed = smallest.seed;
    request.plan = &smallest.plan;
    const Retold retold = retell(*smallest.setup->system(), request);
    report.failure = reports::failure_of(report.target, retold.result, &retold.recording);
    for (const search::Found& other : report.result.others) {
      report.others.push_back({other.result.signature(), other.result.violations.front().message,
                               other.what.plan.size(), ""});
    }
  }

  // `x.json` gives `x-min.json`, and a new cause `x-min-CPN-3-coupon.json`.
  void write_files(const scenarios::Repro& repro, reports::MinimizeReport& report) const {
    namespace fs = std::filesystem;
    fs::path path = path_;
    if (path.empty() && seed_.empty()) {
      path = scenario_.scenario;
      path.replace_filename(path.stem().string() + "-min.json");
    } else if (path.empty()) {
      std::error_code error;
      fs::create_directories(kFolder, error);
      path = fs::path(kFolder) /
             (stem_of(repro.scenario.name, report.failure->cause, repro.seed) + "-min.json");
    }
    const auto write = [](const std::string& file, const search::Found& found) {
      scenarios::write_file_atomically(file, scenarios::write_repro(repro_of(found)));
    };
    write(path.string(), report.result.after);
    report.failure->repro = path.string();
    report.failure->files.push_back(path.string());
    report.failure->rerun =
        command_name() + " replay " + reports::shell_quoted(report.failure->repro);
    for (std::size_t i = 0; i < report.others.size() && i < kOthersKept; ++i) {
      fs::path other = path;
      other.replace_filename(path.stem().string() + "-" + file_word(report.others[i].cause) +
                             ".json");
      write(other.string(), report.result.others[i]);
      report.others[i].repro = other.string();
    }
  }

  void print(const reports::MinimizeReport& report) const {
    std::ostringstream text;
    if (output_.json()) {
      reports::write_json(text, report);
    } else {
      reports::write_text(text, report, output_style(output_.color_when()));
    }
    write_output(text.str());
  }

  static int code_of(const search::MinimizeResult& result) {
    if (result.internal_error) return kInternalError;
    if (result.interrupted) return kInterrupted;
    if (result.before.result.failed() && result.out_of_budget) return kInconclusive;
    return exit_code_of(result.before.result.verdict);
  }

  CLI::App& command_;
  ScenarioArguments scenario_;
  std::string seed_;
  std::string path_;
  std::string budget_ = "60";
  std::string runs_;
  bool keeps_architecture_ = false;
  std::string jobs_;
  OutputArguments output_;
};

}  // namespace

std::unique_ptr<Verb> make_minimize_verb(CLI::App& app) {
  return std::make_unique<MinimizeVerb>(app);
}

}  // namespace sagasim::apps
