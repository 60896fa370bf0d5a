#include "apps/sagasim/certify.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/certify_state.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/progress.h"
#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/terminal.h"
#include "apps/sagasim/universe_memory.h"
#include "reports/certified.h"
#include "scenarios/files.h"
#include "scenarios/scenario_json.h"
#include "scenarios/seed.h"
#include "scenarios/shop_system.h"
#include "scenarios/workload.h"
#include "search/certify.h"
#include "search/replay.h"
#include "sim/hash.h"

namespace sagasim::apps {
namespace {

// More than that is beyond any machine, whatever the scenario.
constexpr std::uint64_t kMostFaults = 8;

class CertifyVerb : public Verb {
 public:
  explicit CertifyVerb(CLI::App& app)
      : command_(*app.add_subcommand("certify", "every combination of a few faults")) {
    command_
        .add_option("SCENARIO", scenario_.scenario,
                    "a small one, shipped or a file; or a reproduction file")
        ->required();
    command_.add_option("--faults", faults_, "at most so many at once (default 1)")->type_name("K");
    command_
        .add_option("--postponements", postponements_,
                    "and at most so many delays and holds (default 0)")
        ->type_name("D");
    command_.add_option("--seed", seed_, "the seed of the workload and the latencies (default 0)")
        ->type_name("N");
    scenario_.add_settings_to(command_);
    command_.add_option("--jobs", jobs_, "threads (default: one per processor)")->type_name("J");
    command_.add_option("--seconds", seconds_, "begin no run after this time, as in 30 or 5min")
        ->type_name("S");
    command_
        .add_option("--resume", resume_,
                    "go on from FILE, if it is there, and note in it how far this is")
        ->type_name("FILE");
    command_.add_flag("--all", all_, "go on after the first counterexample, and count them");
    command_.add_flag("--brute-force", brute_force_,
                      "prune nothing and begin every run anew, to check the rest");
    command_
        .add_option("--out", out_,
                    "folder for what a counterexample leaves "
                    "(default sagasim-out)")
        ->type_name("DIR");
    output_.add_to(command_, false);
    command_.footer(
        "Ends with 0 if none breaks a property, with 1 and the smallest that does, with 3 if\n"
        "the time was over before. Ctrl-C ends it.\n"
        "Of a reproduction file it takes the commands and the seed, and leaves its faults out.\n"
        "Example: sagasim certify checkout-one-order --faults 2");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    output_.check();
    check_writable_folder(out_);
    check_writable_file(resume_);
    search::CertifyOptions options = read_options();
    const scenarios::Repro subject = read_subject();
    options.seed = subject.seed;
    const auto system = scenarios::make_shop(subject.scenario, subject.workload);
    const std::uint64_t search = name_of(subject, options);
    const std::optional<search::CertifyState> earlier = earlier_state(search);
    options.resume = earlier ? &*earlier : nullptr;

    reports::CertifyReport report;
    report.target = reports::target_of(*system);
    report.seed = options.seed;
    report.max_faults = options.max_faults;
    report.max_postponements = options.max_postponements;
    report.brute_force = options.brute_force;
    report.jobs = options.jobs;
    report.horizon = subject.scenario.horizon.limit;
    report.rerun = command_name() + " certify" + scenario_.words() + " --faults " + faults_ +
                   (postponements_ == "0" ? "" : " --postponements " + postponements_) +
                   (seed_.empty() ? "" : " --seed " + seed_) + (all_ ? " --all" : "") +
                   (brute_force_ ? " --brute-force" : "") +
                   (resume_.empty() ? "" : " --resume " + reports::shell_quoted(resume_));
    report.resumes = !resume_.empty();
    const InterruptGuard guard;
    report.result = run(*system, search, options, guard);
    refuse(report.result);
    std::optional<scenarios::BadInput> unwritten = unwritten_;
    if (report.result.counterexample) {
      tell_failure(*system, subject, report, unwritten);
    }
    print(report);
    if (unwritten) {
      throw *unwritten;
    }
    return code_of(report.result);
  }

 private:
  search::CertifyOptions read_options() const {
    search::CertifyOptions options;
    options.max_faults =
        static_cast<std::uint32_t>(parse_count("--faults", faults_, 0, kMostFaults));
    options.max_postponements =
        static_cast<std::uint32_t>(parse_count("--postponements", postponements_, 0, kMostFaults));
    options.brute_force = brute_force_;
    options.all = all_;
    options.jobs = parse_jobs(jobs_);
    options.seconds = seconds_.empty() ? 0 : parse_seconds("--seconds", seconds_);
    options.seconds_now = seconds_now;
    options.memory = make_universe_memory;
    if (all_ && !resume_.empty()) {
      bad_input("--all", "cannot be resumed (expected --all or --resume)");
    }
    return options;
  }

  // The run without faults that every combination is tried on.
  scenarios::Repro read_subject() const {
    scenarios::Repro subject;
    const std::string& name = scenario_.scenario;
    if (name.ends_with(".json") && is_reproduction(scenarios::read_file(name), name)) {
      if (!seed_.empty()) {
        bad_input("--seed", "the reproduction file has one (expected it only with a scenario)");
      }
      ScenarioArguments file = scenario_;
      file.settings.clear();
      subject = read_reproduction("certify", file);
      subject.plan = {};
      subject.expect.reset();
      subject.scenario = scenarios::parse_scenario(scenarios::write_scenario(subject.scenario),
                                                   name, scenario_.settings);
      return subject;
    }
    subject.scenario = scenario_.load();
    if (subject.scenario.explicit_plan && subject.scenario.plan.size() != 0) {
      bad_input(scenario_.scenario,
                "has a plan of faults (expected a scenario without one: certify chooses them)");
    }
    subject.seed = seed_.empty() ? 0 : scenarios::parse_seed(seed_, "--seed");
    subject.workload = scenarios::generate_workload(subject.scenario, subject.seed);
    return subject;
  }

  // Of everything that the answer depends on.
  static std::uint64_t name_of(const scenarios::Repro& subject,
                               const search::CertifyOptions& options) {
    std::uint64_t name = sim::hash_text(scenarios::write_repro(subject));
    name = sim::combine(name, std::uint64_t{options.max_faults} << 32 | options.max_postponements);
    return sim::combine(name, options.brute_force ? 1 : 0);
  }

  std::optional<search::CertifyState> earlier_state(std::uint64_t search) const {
    if (resume_.empty() || !std::filesystem::exists(resume_)) {
      return std::nullopt;
    }
    return read_certify_state(resume_, search);
  }

  search::CertifyResult run(const scenarios::System& system, std::uint64_t search,
                            search::CertifyOptions& options, const InterruptGuard& guard) {
    ProgressDisplay display("certify " + system.scenario(), can_redraw_stderr());
    options.stop = &guard.flag();
    options.progress = [&display](const search::CertifyProgress& progress) {
      display.show(progress);
    };
    if (!resume_.empty()) {
      options.keep = [this, search](const search::CertifyState& state) {
        try {
          write_certify_state(resume_, search, state);
        } catch (const scenarios::BadInput& error) {
          unwritten_ = error;
        }
      };
    }
    return search::certify(system, options);
  }

  void refuse(const search::CertifyResult& result) const {
    if (result.too_large) {
      bad_input(scenario_.scenario,
                "is too large: its run without faults has more than " +
                    std::to_string(search::kOperationsMax) +
                    " operations (expected a small one, such as checkout-one-order)");
    }
    if (result.other_search) {
      bad_input(resume_,
                "belongs to another build: the run without faults or the number of its branches "
                "differs (expected another file)");
    }
  }

  // The counterexample is made once more, as a run of its own, with everything recorded.
  void tell_failure(const scenarios::System& system, const scenarios::Repro& subject,
                    reports::CertifyReport& report, std::optional<scenarios::BadInput>& unwritten) {
    const search::FaultyCombination& found = *report.result.counterexample;
    scenarios::RunRequest request;
    request.seed = report.seed;
    request.plan = &found.plan;
    const Retold retold = retell(system, request);
    if (retold.result.fingerprint != found.judgement.fingerprint || !retold.result.failed()) {
      write_diagnostic(command_name() + ": the counterexample gave the fingerprint " +
                       search::fingerprint_text(found.judgement.fingerprint) + " and then " +
                       search::fingerprint_text(retold.result.fingerprint) + "\n");
      is_reproducible_ = false;
    }
    if (!retold.result.failed()) {
      return;
    }
    report.failure = reports::failure_of(report.target, retold.result, &retold.recording);
    try {
      scenarios::Repro repro = repro_of(subject.scenario, retold.result);
      repro.workload = subject.workload;
      keep(out_, repro, retold, *report.failure, "-certified");
      report.failure->rerun =
          command_name() + " replay " + reports::shell_quoted(report.failure->repro);
    } catch (const scenarios::BadInput& error) {
      report.failure->rerun = report.rerun;
      unwritten = error;
    }
  }

  void print(const reports::CertifyReport& report) const {
    std::ostringstream text;
    if (output_.json()) {
      reports::write_json(text, report);
    } else {
      reports::write_text(text, report, output_style(output_.color_when()));
    }
    write_output(text.str());
  }

  int code_of(const search::CertifyResult& result) const {
    if (result.internal_error) return kInternalError;
    if (!is_reproducible_) return kNotReproducible;
    if (result.interrupted) return kInterrupted;
    if (result.counterexample) return kViolated;
    return !result.complete || result.counts.inconclusive != 0 ? kInconclusive : kAllHeld;
  }

  CLI::App& command_;
  ScenarioArguments scenario_;
  std::string faults_ = "1";
  std::string postponements_ = "0";
  std::string seed_;
  std::string jobs_;
  std::string seconds_;
  std::string resume_;
  std::string out_ = "sagasim-out";
  bool all_ = false;
  bool brute_force_ = false;
  bool is_reproducible_ = true;
  std::optional<scenarios::BadInput> unwritten_;
  OutputArguments output_;
};

}  // namespace

std::unique_ptr<Verb> make_certify_verb(CLI::App& app) {
  return std::make_unique<CertifyVerb>(app);
}

}  // namespace sagasim::apps
