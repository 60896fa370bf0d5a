#include "apps/sagasim/lattice.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/guarded_shop.h"
#include "apps/sagasim/lattice_file.h"
#include "apps/sagasim/lattice_search.h"
#include "apps/sagasim/progress.h"
#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/terminal.h"
#include "apps/sagasim/verdict.h"
#include "domain/policy_catalog.h"
#include "reports/lattice.h"
#include "scenarios/files.h"
#include "scenarios/guards.h"
#include "scenarios/library.h"
#include "scenarios/seed.h"
#include "search/sweep.h"

namespace sagasim::apps {
namespace {

constexpr std::uint64_t kDefaultSeeds = 2000;
constexpr std::uint64_t kMostFaults = 3;

class LatticeVerb : public Verb {
 public:
  explicit LatticeVerb(CLI::App& app)
      : command_(*app.add_subcommand(
            "lattice", "which guards are needed against what, and which are enough")) {
    command_.add_option("SCENARIO", scenarios_,
                        "what is run, in turn (default checkout and marketplace)");
    command_
        .add_option("--class", classes_,
                    "only this class of trouble, as in duplicates; may be repeated")
        ->type_name("NAME")
        ->allow_extra_args(false);
    command_.add_option("--seeds", seeds_, "that each minimal set has to stand (default 2000)")
        ->type_name("N");
    command_.add_option("--from", from_, "the first seed (default 0; of --check what comes after)")
        ->type_name("N");
    command_
        .add_option("--faults", faults_,
                    "certify each against every combination of so many of its faults (default 1)")
        ->type_name("K");
    command_
        .add_option("--set", settings_,
                    "a key of the scenarios set to another value; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    command_.add_option("--seconds", seconds_, "begin no run after this time, as in 30 or 5min")
        ->type_name("S");
    command_.add_option("--jobs", jobs_, "threads (default: one per processor)")->type_name("J");
    command_
        .add_option("--out", out_,
                    "folder for the lattice and the runs that break (default sagasim-out/lattice)")
        ->type_name("DIR");
    command_
        .add_option("--check", check_,
                    "compute nothing: try the minimal sets of FILE with other seeds, and replay "
                    "its runs")
        ->type_name("FILE");
    command_.add_option("--format", output_.format, "text (default), md or json")
        ->type_name("FORMAT");
    command_.add_option("--color", output_.color, "auto (default), always or never")
        ->type_name("WHEN");
    command_.footer(
        "Ends with 0 once the lattice is complete, with 3 if the time was over before, with 1 if\n"
        "the guards are not enough or a check finds something else than FILE says. Ctrl-C ends "
        "it.\n"
        "Example: sagasim lattice --class duplicates --seeds 500");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    check_choice("--format", output_.format, {"text", "md", "json"});
    check_choice("--color", output_.color, {"auto", "always", "never"});
    const InterruptGuard guard;
    const double start = seconds_now();
    reports::LatticeReport report = check_.empty() ? compute(guard) : check(guard);
    if (check_.empty()) {
      report.seconds = seconds_now() - start;
      write_files(report);
    }
    print(report);
    return report.interrupted ? kInterrupted : exit_code_of(reports::verdict_of(report));
  }

 private:
  // The classes that were asked for, in the order in which there are some.
  std::vector<const scenarios::TroubleClass*> wanted() const {
    std::vector<std::string> ids;
    for (const scenarios::TroubleClass& each : scenarios::trouble_classes()) {
      ids.push_back(each.id);
    }
    for (const std::string& name : classes_) {
      check_choice("--class", name, ids);
    }
    std::vector<const scenarios::TroubleClass*> result;
    for (const scenarios::TroubleClass& each : scenarios::trouble_classes()) {
      if (classes_.empty() ||
          std::find(classes_.begin(), classes_.end(), each.id) != classes_.end()) {
        result.push_back(&each);
      }
    }
    return result;
  }

  void refuse_guards(const scenarios::Scenario& scenario) const {
    for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
      if (*entry.guard != '\0' && entry.get(scenario.architecture.policy) != 0) {
        bad_input(scenario.name, std::string("has architecture.") + entry.id +
                                     " set (expected every guard as in the reference: the lattice "
                                     "leaves them out itself)");
      }
    }
  }

  reports::LatticeReport compute(const InterruptGuard& guard) {
    const std::vector<const scenarios::TroubleClass*> classes = wanted();
    check_writable_folder(out_);
    LatticeSearchOptions options;
    options.scenarios =
        scenarios_.empty() ? std::vector<std::string>{"checkout", "marketplace"} : scenarios_;
    options.settings = settings_;
    options.from = from_.empty() ? 0 : scenarios::parse_seed(from_, "--from");
    options.seeds = seeds_.empty() ? kDefaultSeeds : parse_count("--seeds", seeds_, 1, INT64_MAX);
    options.certified_faults =
        static_cast<std::uint32_t>(parse_count("--faults", faults_, 0, kMostFaults));
    options.jobs = parse_jobs(jobs_);
    options.seconds = seconds_.empty() ? 0 : parse_seconds("--seconds", seconds_);
    options.stop = &guard.flag();
    for (const std::string& name : options.scenarios) {
      refuse_guards(scenarios::load(name, options.settings));
    }
    ProgressDisplay display("lattice", can_redraw_stderr());
    const double start = seconds_now();
    options.progress = [&](std::size_t place, const search::LatticeProgress& progress) {
      show(display, seconds_now() - start, *classes[place], place, classes.size(), progress);
    };
    reports::LatticeReport report;
    report.scenarios = options.scenarios;
    report.settings = options.settings;
    report.from = options.from;
    report.seeds = options.seeds;
    report.guards = lattice_guards();
    report.jobs = options.jobs;
    report.rerun = rerun();
    LatticeSearch search(std::move(options));
    for (const scenarios::TroubleClass* each : classes) {
      search.run(*each, report);
    }
    repros_ = search.repros();
    return report;
  }

  static void show(ProgressDisplay& display, double seconds, const scenarios::TroubleClass& trouble,
                   std::size_t place, std::size_t classes,
                   const search::LatticeProgress& progress) {
    const double of_round = progress.candidates == 0 ? 0
                                                     : static_cast<double>(progress.holding) /
                                                           static_cast<double>(progress.candidates);
    const double of_class =
        of_round * static_cast<double>(progress.round) / static_cast<double>(progress.last_round);
    display.show(seconds, (static_cast<double>(place) + of_class) / static_cast<double>(classes),
                 std::string(trouble.id) + " · " + reports::grouped(progress.holding) + " of " +
                     reports::plural(progress.candidates, "set") + " hold in " +
                     reports::grouped(progress.round) + " seeds · " +
                     reports::grouped(progress.refuted) + " break · " +
                     reports::plural(progress.runs, "run"));
  }

  // What the lattice says, tried with seeds of one's own, and every run that it names.
  reports::LatticeReport check(const InterruptGuard& guard) {
    for (const auto& [given, name] :
         {std::pair(!scenarios_.empty(), "SCENARIO"), std::pair(!settings_.empty(), "--set")}) {
      if (given) {
        bad_input(name, "is what the lattice says already (expected it without --check)");
      }
    }
    const std::vector<const scenarios::TroubleClass*> classes = wanted();
    search::SweepOptions options;
    options.seeds = seeds_.empty() ? kDefaultSeeds : parse_count("--seeds", seeds_, 0, INT64_MAX);
    options.jobs = parse_jobs(jobs_);
    options.seconds_now = seconds_now;
    options.stop = &guard.flag();
    const double limit = seconds_.empty() ? 0 : parse_seconds("--seconds", seconds_);
    reports::LatticeReport report = read_lattice(check_);
    options.from =
        from_.empty() ? report.from + report.seeds : scenarios::parse_seed(from_, "--from");
    read_repros(report);
    for (std::size_t i = 0; i < report.breaks.size(); ++i) {
      report.breaks[i].fails = still_fails(repros_[i], report.breaks[i].left_out);
    }
    ProgressDisplay display("lattice --check", can_redraw_stderr());
    const double start = seconds_now();
    for (reports::LatticeClass& each : report.classes) {
      const auto trouble = std::find_if(classes.begin(), classes.end(),
                                        [&](const auto* known) { return known->id == each.id; });
      if (trouble == classes.end()) {
        continue;
      }
      const GuardedShop shop(report.scenarios, report.settings, **trouble);
      for (reports::LatticeCell& cell : each.cells) {
        check_needs(report, cell, shop.guards());
        options.progress = [&](const search::SweepProgress& progress) {
          display.show(seconds_now() - start, progress_share(progress),
                       each.id + " · " + progress_text(progress));
        };
        const double left = limit + start - seconds_now();
        if (options.seeds != 0 && !report.interrupted && (limit == 0 || left > 0)) {
          options.seconds = limit == 0 ? 0 : left;
          cell.check = sweep(shop, cell.held.left_out, options, report);
        }
      }
    }
    return report;
  }

  void read_repros(const reports::LatticeReport& report) {
    for (const reports::LatticeBreak& each : report.breaks) {
      ScenarioArguments file;
      file.scenario = std::filesystem::path(check_).replace_filename(each.repro).string();
      repros_.push_back(read_reproduction("lattice", file));
    }
  }

  // In the way that its file says, and with just these guards left out.
  static bool still_fails(const scenarios::Repro& repro, search::GuardSet left_out) {
    scenarios::RunRequest request;
    request.seed = repro.seed;
    request.plan = &repro.plan;
    const auto result = case_of(repro).setup->system()->run(request);
    return result.failed() && differences_from(repro.expect, result).empty() &&
           without(left_out, repro).scenario.architecture.policy ==
               repro.scenario.architecture.policy;
  }

  // Each guard of the set must have a run, and that must break.
  void check_needs(const reports::LatticeReport& report, reports::LatticeCell& cell,
                   unsigned guards) const {
    for (reports::LatticeNeed& need : cell.needs) {
      const search::GuardSet left_out = cell.held.left_out | search::GuardSet{1} << need.guard;
      need.fails =
          left_out != cell.held.left_out && fails_without(left_out, repros_[need.broken_by]);
    }
    for (unsigned guard = 0; guard < guards; ++guard) {
      const bool is_kept = (cell.held.left_out >> guard & 1) == 0;
      const bool has_run = std::any_of(cell.needs.begin(), cell.needs.end(),
                                       [guard](const auto& need) { return need.guard == guard; });
      if (is_kept && !has_run) {
        bad_input(check_, "names no run that breaks without " + report.guards[guard].id +
                              " for each set that has it (expected a complete lattice)");
      }
    }
  }

  static reports::LatticeCheck sweep(const GuardedShop& shop, search::GuardSet left_out,
                                     const search::SweepOptions& options,
                                     reports::LatticeReport& report) {
    const search::SweepResult swept = search::sweep(*shop.without(left_out), options);
    if (swept.internal_error) {
      throw RunError("seed " + std::to_string(swept.internal_error->seed) + ": " +
                     swept.internal_error->message);
    }
    report.interrupted = report.interrupted || swept.interrupted;
    report.out_of_time = report.out_of_time || swept.out_of_time;
    reports::LatticeCheck check{options.from, swept.runs, swept.failed, swept.inconclusive, {}};
    for (const search::Cause& cause : swept.causes) {
      if (!check.first_seed || cause.first_seed < *check.first_seed) {
        check.first_seed = cause.first_seed;
      }
    }
    return check;
  }

  std::string rerun() const {
    std::string text = command_name() + " lattice";
    for (const std::string& name : scenarios_) {
      text += " " + reports::shell_quoted(name);
    }
    for (const std::string& name : classes_) {
      text += " --class " + reports::shell_quoted(name);
    }
    for (const std::string& setting : settings_) {
      text += " --set " + reports::shell_quoted(setting);
    }
    text += from_.empty() ? "" : " --from " + from_;
    text += seeds_.empty() ? "" : " --seeds " + seeds_;
    return text + (faults_ == "1" ? "" : " --faults " + faults_);
  }

  void write_files(const reports::LatticeReport& report) const {
    namespace fs = std::filesystem;
    std::error_code error;
    fs::create_directories(out_, error);
    if (error) {
      bad_input(out_, "cannot be made: " + error.message());
    }
    for (std::size_t i = 0; i < report.breaks.size(); ++i) {
      scenarios::write_file_atomically((fs::path(out_) / report.breaks[i].repro).string(),
                                       scenarios::write_repro(repros_[i]));
    }
    std::ostringstream json;
    reports::write_json(json, report);
    scenarios::write_file_atomically((fs::path(out_) / kLatticeFile).string(), json.str());
  }

  void print(const reports::LatticeReport& report) const {
    std::ostringstream text;
    if (output_.format == "json") {
      reports::write_json(text, report);
    } else if (output_.format == "md") {
      reports::write_markdown(text, report);
    } else {
      reports::write_text(text, report, output_style(output_.color_when()));
    }
    write_output(text.str());
  }

  CLI::App& command_;
  std::vector<std::string> scenarios_;
  std::vector<std::string> classes_;
  std::vector<std::string> settings_;
  std::string seeds_;
  std::string from_;
  std::string faults_ = "1";
  std::string seconds_;
  std::string jobs_;
  std::string out_ = "sagasim-out/lattice";
  std::string check_;
  OutputArguments output_;
  std::vector<scenarios::Repro> repros_;  // of the report's breaks
};

}  // namespace

std::unique_ptr<Verb> make_lattice_verb(CLI::App& app) {
  return std::make_unique<LatticeVerb>(app);
}

}  // namespace sagasim::apps
