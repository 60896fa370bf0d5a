#include "apps/sagasim/compare.h"

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/compare_axes.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/progress.h"
#include "apps/sagasim/terminal.h"
#include "apps/sagasim/verdict.h"
#include "reports/compared.h"
#include "scenarios/seed.h"
#include "scenarios/shop_system.h"
#include "search/sweep.h"

namespace sagasim::apps {
namespace {

constexpr std::uint64_t kDefaultSeeds = 100;
constexpr std::uint64_t kMostCells = 10'000;

// A variant, before it is swept.
struct Cell {
  std::vector<std::size_t> place;
  std::vector<std::string> settings;
  std::unique_ptr<scenarios::System> system;
};

class CompareVerb : public Verb {
 public:
  explicit CompareVerb(CLI::App& app)
      : command_(*app.add_subcommand("compare", "which settings matter: a grid of sweeps")) {
    command_.add_option("SCENARIO", scenario_.scenario, "a shipped scenario, or a file")
        ->required();
    command_
        .add_option("--vary", vary_,
                    "a key and its values; each further one is another side of the grid")
        ->type_name("KEY=VALUES")
        ->allow_extra_args(false);
    command_.add_option("--preset", preset_, "patterns, delivery or timeouts")->type_name("NAME");
    command_.add_option("--seeds", seeds_, "how many for each variant (default 100)")
        ->type_name("N");
    command_.add_option("--from", from_, "the first seed (default 0)")->type_name("N");
    command_.add_option("--jobs", jobs_, "threads (default: one per processor)")->type_name("J");
    scenario_.add_settings_to(command_);
    output_.add_to(command_, false);
    command_.footer(
        "Every variant runs the same seeds.\n"
        "Example: sagasim compare checkout --vary architecture.publish=outbox,after_commit,direct "
        "--vary faults.profile=duplicates,crashy");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    output_.check();
    const std::vector<Axis> axes = read_axes();
    search::SweepOptions options;
    options.from = scenarios::parse_seed(from_, "--from");
    options.seeds = seeds_.empty() ? kDefaultSeeds : parse_count("--seeds", seeds_, 0, UINT64_MAX);
    options.jobs = parse_jobs(jobs_);
    options.seconds_now = seconds_now;
    if (options.seeds == 0) {
      write_diagnostic(command_name() + ": no seed was selected (--seeds 0)\n");
      return kNothingSelected;
    }
    report_.target = reports::target_of(*scenarios::make_shop(scenario_.load()));
    report_.from = options.from;
    report_.seeds = options.seeds;
    for (const Axis& axis : axes) {
      reports::CompareAxis side{axis.name, {}};
      for (const AxisPoint& point : axis.points) {
        side.values.push_back(point.label);
      }
      report_.axes.push_back(std::move(side));
    }
    // All of them are read before any is run: a wrong value is seen at once.
    const std::vector<Cell> cells = cells_of(axes);
    run(cells, options);
    return conclude();
  }

 private:
  std::vector<Axis> read_axes() {
    std::vector<Axis> axes;
    if (!preset_.empty()) {
      ComparePreset preset = find_preset(preset_);
      axes = std::move(preset.axes);
      report_.is_ladder = preset.is_ladder && vary_.empty();
      if (preset.shows_completed) {
        report_.shares.push_back({"orders completed", "orders", "completed", "accepted"});
      }
    }
    std::vector<Axis> asked;
    for (const std::string& text : vary_) {
      asked.push_back(parse_axis(text));
    }
    axes.insert(axes.begin(), asked.begin(), asked.end());
    std::uint64_t cells = 1;
    for (const Axis& axis : axes) {
      cells *= axis.points.size();
      if (cells > kMostCells) {
        bad_input("compare", "has more than " + std::to_string(kMostCells) +
                                 " variants (expected fewer values or fewer keys)");
      }
    }
    if (axes.empty()) {
      bad_input("compare", "varies nothing (expected --vary KEY=V1,V2 or --preset NAME)");
    }
    return axes;
  }

  std::vector<Cell> cells_of(const std::vector<Axis>& axes) const {
    std::vector<Cell> cells;
    std::vector<std::size_t> place(axes.size(), 0);
    while (true) {
      ScenarioArguments varied = scenario_;
      for (std::size_t i = 0; i < axes.size(); ++i) {
        const AxisPoint& point = axes[i].points[place[i]];
        varied.settings.insert(varied.settings.end(), point.settings.begin(), point.settings.end());
      }
      cells.push_back({place, varied.settings, scenarios::make_shop(varied.load())});
      std::size_t digit = place.size();
      while (digit > 0 && ++place[digit - 1] == axes[digit - 1].points.size()) {
        place[--digit] = 0;
      }
      if (digit == 0) {
        return cells;
      }
    }
  }

  void run(const std::vector<Cell>& cells, search::SweepOptions& options) {
    const InterruptGuard guard;
    options.stop = &guard.flag();
    ProgressDisplay display("compare " + report_.target.scenario, can_redraw_stderr());
    const double start = seconds_now();
    for (const Cell& cell : cells) {
      const std::size_t done = report_.cells.size();
      options.progress = [&](const search::SweepProgress& progress) {
        const double share = static_cast<double>(done) + progress_share(progress);
        display.show(seconds_now() - start, share / static_cast<double>(cells.size()),
                     "variant " + std::to_string(done + 1) + " of " + std::to_string(cells.size()) +
                         " · " + progress_text(progress));
      };
      reports::CompareCell result;
      result.place = cell.place;
      result.result = search::sweep(*cell.system, options);
      if (result.result.internal_error) {
        throw RunError("seed " + std::to_string(result.result.internal_error->seed) + ": " +
                       result.result.internal_error->message);
      }
      if (result.result.interrupted) {
        report_.interrupted = true;
        break;
      }
      ScenarioArguments words = scenario_;
      words.settings = cell.settings;
      result.rerun = command_name() + " sweep" + words.words() + " --from " +
                     std::to_string(options.from) + " --seeds " + std::to_string(options.seeds);
      result.result.cells.clear();  // nobody asks, and there may be thousands of variants
      report_.jobs = result.result.jobs;
      report_.cells.push_back(std::move(result));
    }
    report_.seconds = seconds_now() - start;
  }

  int conclude() const {
    std::ostringstream text;
    if (output_.json()) {
      reports::write_json(text, report_);
    } else {
      reports::write_text(text, report_, output_style(output_.color_when()));
    }
    write_output(text.str());
    return report_.interrupted ? kInterrupted : exit_code_of(reports::verdict_of(report_));
  }

  CLI::App& command_;
  ScenarioArguments scenario_;
  OutputArguments output_;
  std::vector<std::string> vary_;
  std::string preset_;
  std::string seeds_;
  std::string from_ = "0";
  std::string jobs_;
  reports::CompareReport report_;
};

}  // namespace

std::unique_ptr<Verb> make_compare_verb(CLI::App& app) {
  return std::make_unique<CompareVerb>(app);
}

}  // namespace sagasim::apps
