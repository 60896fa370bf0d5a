#include "apps/sagasim/doctor.h"

#include <clocale>
#include <filesystem>
#include <locale>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/progress.h"
#include "apps/sagasim/terminal.h"
#include "apps/sagasim/verdict.h"
#include "reports/format.h"
#include "scenarios/library.h"
#include "scenarios/repro.h"
#include "scenarios/seed.h"
#include "scenarios/shop_system.h"
#include "search/doctor.h"
#include "sim/check.h"

namespace sagasim::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDefaultSeeds = 20;

// Numbers as they are written in another country.
class ForeignNumbers final : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
  std::string do_truename() const override { return "ja"; }
  std::string do_falsename() const override { return "nein"; }
};

// While it lives the process works in the root folder and in another locale: that of C++ always,
// that of C if the machine has another one than the present.
class Elsewhere {
 public:
  Elsewhere()
      : folder_(fs::current_path(ignored_)),
        c_locale_(std::setlocale(LC_ALL, nullptr)),
        locale_(std::locale::global(std::locale(std::locale(), new ForeignNumbers))) {
    fs::current_path("/", ignored_);
    for (const char* name : {"de_DE.UTF-8", "tr_TR.UTF-8", "C.UTF-8"}) {
      if (std::setlocale(LC_ALL, name) != nullptr) {
        return;
      }
    }
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;
  ~Elsewhere() {
    std::locale::global(locale_);
    std::setlocale(LC_ALL, c_locale_.c_str());
    fs::current_path(folder_, ignored_);
  }

 private:
  std::error_code ignored_;
  const fs::path folder_;
  const std::string c_locale_;
  const std::locale locale_;
};

class DoctorVerb : public Verb {
 public:
  explicit DoctorVerb(CLI::App& app)
      : command_(*app.add_subcommand("doctor", "does a seed mean the same, however it is run?")) {
    scenario_.add_settings_to(command_);
    command_.add_option("SCENARIO", scenario_.scenario,
                        "a shipped scenario, or a file (default: each that is shipped)");
    command_.add_option("--seeds", seeds_, "how many of each scenario (default 20)")
        ->type_name("N");
    command_.add_option("--from", from_, "the first seed (default 0)")->type_name("N");
    command_.add_option("--jobs", jobs_, "other threads at work (default: one per processor)")
        ->type_name("J");
    command_.footer(
        "Runs each seed several times, in what must not matter, and ends with 5 at the first\n"
        "that is not the same run: it names the first operation that differs.\n"
        "Example: sagasim doctor checkout --seeds 100");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    const std::uint64_t from = scenarios::parse_seed(from_, "--from");
    const std::uint64_t seeds =
        seeds_.empty() ? kDefaultSeeds : parse_count("--seeds", seeds_, 0, 1'000'000'000);
    const unsigned jobs = parse_jobs(jobs_);
    if (seeds == 0) {
      write_diagnostic(command_name() + ": no seed was selected (--seeds 0)\n");
      return kNothingSelected;
    }
    std::vector<ScenarioArguments> patients;
    for (const std::string& name : names()) {
      patients.push_back({name, scenario_.settings});
      patients.back().load();  // a wrong setting is seen at once
    }
    const InterruptGuard guard;
    ProgressDisplay display("doctor", can_redraw_stderr());
    const double start = seconds_now();
    std::uint64_t done = 0;
    for (const ScenarioArguments& patient : patients) {
      const auto system = scenarios::make_shop(patient.load());
      auto circumstances = search::circumstances(*system, jobs);
      circumstances.push_back({"in another folder and locale", true, [](const auto& run) {
                                 const Elsewhere elsewhere;
                                 run();
                               }});
      kinds_ = circumstances.size();
      for (std::uint64_t i = 0; i < seeds; ++i, ++done) {
        if (guard.flag()) {
          return kInterrupted;
        }
        display.show(seconds_now() - start,
                     static_cast<double>(done) / static_cast<double>(seeds * patients.size()),
                     patient.scenario + ", " + reports::plural(done, "seed"));
        if (const auto symptom = examine(*system, from + i, circumstances)) {
          tell(patient, *symptom);
          return kNotReproducible;
        }
      }
    }
    write_output(reports::plural(done, "seed") + " of " +
                 reports::plural(patients.size(), "scenario") + ", each run " +
                 std::to_string(1 + kinds_) + " times: every time the same\n");
    return kAllHeld;
  }

 private:
  std::vector<std::string> names() const {
    if (!scenario_.scenario.empty()) {
      return {scenario_.scenario};
    }
    std::vector<std::string> names;
    for (const scenarios::LibraryEntry& entry : scenarios::library()) {
      names.push_back(entry.name);
    }
    return names;
  }

  static std::optional<search::Symptom> examine(
      const scenarios::System& system, std::uint64_t seed,
      const std::vector<search::Circumstance>& circumstances) {
    try {
      return search::examine(system, {.seed = seed}, circumstances);
    } catch (const sim::CheckFailure& failure) {
      throw RunError("seed " + std::to_string(seed) + ": " + failure.what());
    }
  }

  static void tell(const ScenarioArguments& patient, const search::Symptom& symptom) {
    std::string text = patient.scenario + " seed " + std::to_string(symptom.seed) +
                       " is not the same run " + symptom.circumstance + "\n";
    text += "  fingerprint  " + scenarios::fingerprint_text(symptom.expected) + ", then " +
            scenarios::fingerprint_text(symptom.actual) + "\n";
    if (!symptom.divergence) {
      text += "  operations   the same, as far as they were recorded\n";
    } else {
      const search::Divergence& divergence = *symptom.divergence;
      const auto or_nothing = [](const std::string& side) {
        return side.empty() ? std::string("nothing: it had ended") : side;
      };
      text += "  operation    " + reports::grouped(divergence.position + 1) + ", at " +
              reports::text_of(divergence.at) + ", differs in its " + divergence.what + "\n";
      text += "  first        " + or_nothing(divergence.first) + "\n";
      text += "  then         " + or_nothing(divergence.second) + "\n";
    }
    text += "  again        " + command_name() + " doctor" + patient.words() + " --from " +
            std::to_string(symptom.seed) + " --seeds 1\n";
    write_output(text);
  }

  CLI::App& command_;
  ScenarioArguments scenario_;
  std::string seeds_;
  std::string from_ = "0";
  std::string jobs_;
  std::size_t kinds_ = 0;
};

}  // namespace

std::unique_ptr<Verb> make_doctor_verb(CLI::App& app) { return std::make_unique<DoctorVerb>(app); }

}  // namespace sagasim::apps
