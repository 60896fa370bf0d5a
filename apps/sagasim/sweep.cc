#include "apps/sagasim/sweep.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/campaign.h"
#include "apps/sagasim/causes.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/progress.h"
#include "apps/sagasim/terminal.h"
#include "scenarios/files.h"
#include "scenarios/seed.h"
#include "scenarios/shop_system.h"
#include "search/store.h"
#include "search/sweep.h"

namespace sagasim::apps {
namespace {

constexpr std::uint64_t kDefaultSeeds = 2000;

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
    command_
        .add_option("--partition", partition_, "only the m-th of n shares of the seeds: hash:m/n")
        ->type_name("SHARE");
    command_.add_option("--jobs", jobs_, "threads (default: one per processor)")->type_name("J");
    command_.add_option("--stop-after", stop_after_, "end with this many failures")->type_name("F");
    campaign_.add_to(command_);
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
    campaign_.check();
    search::SweepOptions options = read_options();
    const scenarios::Scenario scenario = scenario_.load();
    if (options.seeds == 0 && options.seconds == 0) {
      write_diagnostic(command_name() + ": no seed was selected (--seeds 0)\n");
      return kNothingSelected;
    }
    const auto system = scenarios::make_shop(scenario);
    // Held until everything is told: one press may signal twice, and what is finished is not lost.
    const InterruptGuard guard;
    options.stop = &guard.flag();
    return campaign_.path.empty() ? sweep_once(*system, scenario, options)
                                  : sweep_campaign(*system, scenario, options);
  }

 private:
  search::SweepOptions read_options() {
    search::SweepOptions options;
    options.from = scenarios::parse_seed(from_.empty() ? "0" : from_, "--from");
    options.seconds = seconds_.empty() ? 0 : parse_seconds("--seconds", seconds_);
    if (!seeds_.empty()) {
      // With a time limit 0 would mean "no limit", which nobody says by asking for none.
      options.seeds = parse_count("--seeds", seeds_, seconds_.empty() ? 0 : 1, UINT64_MAX);
    } else {
      options.seeds = seconds_.empty() ? kDefaultSeeds : 0;
    }
    options.partition = parse_partition(partition_);
    options.jobs = parse_jobs(jobs_);
    options.stop_after =
        stop_after_.empty() ? 0 : parse_count("--stop-after", stop_after_, 1, UINT64_MAX);
    options.seconds_now = seconds_now;
    return options;
  }

  static search::SweepResult run(const scenarios::System& system, search::SweepOptions& options) {
    ProgressDisplay display("sweep " + system.scenario(), can_redraw_stderr());
    options.progress = [&display](const search::SweepProgress& progress) {
      display.show(progress);
    };
    return search::sweep(system, options);
  }

  int sweep_once(const scenarios::System& system, const scenarios::Scenario& scenario,
                 search::SweepOptions& options) {
    reports::SweepReport report;
    report.target = reports::target_of(system);
    report.axes = system.coverage();
    report.rates = {{"orders_per_second", "orders", "accepted"}};
    report.result = run(system, options);
    report.rerun = rerun_of(scenario_.words(), report.result);
    const CausesTold told = tell(system, scenario, report);
    return conclude(report, told);
  }

  // The same with everything kept in the campaign's file, and told from there.
  int sweep_campaign(const scenarios::System& system, const scenarios::Scenario& scenario,
                     search::SweepOptions& options) {
    search::CampaignIdentity identity = identity_of(scenario, system);
    identity.word = scenario_.word();
    identity.settings = scenario_.settings_words();
    const std::unique_ptr<search::Store> store =
        campaign_.open(identity, {options.from, options.seeds, options.partition});
    continue_request(*store, options);
    check_probe(*store, system, options.from);
    const search::SweepResult before = store->result();
    store->set_request({options.from, options.seeds, options.partition});
    search::SeedSet done;
    for (const search::SeedRange& range : store->ranges()) {
      done.add(range);
    }
    if (!done.empty()) {
      options.is_done = [&done](std::uint64_t seed) { return done.has(seed); };
      options.failed_before = before.failed;
    }
    run_known(*store, system, *options.stop);
    options.keep = [&store](const std::vector<search::Stretch>& stretches) {
      store->add(stretches);
    };
    const search::SweepResult session = run(system, options);
    // Where the failures themselves were the end, and nothing came after, they still are.
    const bool still_stopped = before.stopped_after && session.runs == 0;
    store->end(still_stopped ? search::Ending::kStoppedAfter : ending_of(session), session.jobs,
               session.seconds);

    reports::SweepReport report = report_of(*store);
    report.result.internal_error = session.internal_error;
    const CausesTold told = tell(system, scenario, report);
    keep_files(*store, report);
    return conclude(report, told);
  }

  // What was not said this time is as it was asked for when the campaign began.
  void continue_request(search::Store& store, search::SweepOptions& options) const {
    const auto request = store.request();
    if (!request) {
      return;
    }
    if (from_.empty()) {
      options.from = request->from;
    }
    if (seeds_.empty() && seconds_.empty()) {
      if (request->seeds == 0) {
        bad_input("--resume", campaign_.path +
                                  " was run for a time and has no number of seeds (expected "
                                  "--seconds or --seeds)");
      }
      options.seeds = request->seeds;
    }
    if (partition_.empty() && options.partition.count <= 1) {
      options.partition = request->partition;
    }
  }

  static search::Ending ending_of(const search::SweepResult& session) {
    return session.internal_error  ? search::Ending::kUnfinished
           : session.interrupted   ? search::Ending::kInterrupted
           : session.out_of_time   ? search::Ending::kOutOfTime
           : session.stopped_after ? search::Ending::kStoppedAfter
                                   : search::Ending::kComplete;
  }

  CausesTold tell(const scenarios::System& system, const scenarios::Scenario& scenario,
                  reports::SweepReport& report) const {
    return tell_causes(system, scenario, scenario_.word(), scenario_.settings_words(), out_,
                       report);
  }

  static void keep_files(search::Store& store, const reports::SweepReport& report) {
    for (const reports::Failure& failure : report.failures) {
      if (!failure.repro.empty()) {
        store.set_file({failure.cause, failure.repro, scenarios::read_file(failure.repro)});
      }
    }
  }

  int conclude(const reports::SweepReport& report, const CausesTold& told) {
    std::optional<std::string> unwritten = print_report(output_, report);
    if (told.unwritten) {
      unwritten = told.unwritten;
    }
    if (unwritten) {
      write_diagnostic(command_name() + ": " + *unwritten + "\n");
    }
    return code_of(report.result, unwritten.has_value(), told.reproducible);
  }

  static int code_of(const search::SweepResult& result, bool unwritten, bool reproducible) {
    if (result.internal_error) return kInternalError;
    if (unwritten) return kBadInput;
    if (!reproducible) return kNotReproducible;
    if (result.interrupted) return kInterrupted;
    if (!result.causes.empty()) return kViolated;
    if (result.runs == 0) return kNothingSelected;
    return result.inconclusive > 0 ? kInconclusive : kAllHeld;
  }

  CLI::App& command_;
  ScenarioArguments scenario_;
  CampaignArguments campaign_;
  OutputArguments output_;
  std::string seeds_;
  std::string seconds_;
  std::string from_;
  std::string partition_;
  std::string jobs_;
  std::string stop_after_;
  std::string out_ = "sagasim-out";
};

}  // namespace

std::unique_ptr<Verb> make_sweep_verb(CLI::App& app) { return std::make_unique<SweepVerb>(app); }

}  // namespace sagasim::apps
