#include "apps/sagasim/check.h"

#include <string>

#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/terminal.h"
#include "reports/format.h"
#include "scenarios/files.h"
#include "scenarios/repro.h"
#include "scenarios/scenario_json.h"

namespace sagasim::apps {
namespace {

class CheckVerb : public Verb {
 public:
  explicit CheckVerb(CLI::App& app)
      : command_(*app.add_subcommand("check", "is this scenario or reproduction file valid?")) {
    command_.add_option("FILE", path_, "a scenario or a reproduction")->required();
    command_.footer(
        "Names the file, the line, the column, the JSON pointer and what was expected.\n"
        "Example: sagasim check my-scenario.json");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    const std::string text = scenarios::read_file(path_);
    std::string what;
    if (is_reproduction(text, path_)) {
      const scenarios::Repro repro = scenarios::parse_repro(text, path_);
      what = "a valid reproduction of " + repro.scenario.name + ", seed " +
             std::to_string(repro.seed) + ", with " + reports::plural(repro.plan.size(), "fault");
    } else {
      what = "a valid scenario, " + scenarios::parse_scenario(text, path_).name;
    }
    write_output(reports::printable(path_) + ": " + what + "\n");
    return kAllHeld;
  }

 private:
  CLI::App& command_;
  std::string path_;
};

}  // namespace

std::unique_ptr<Verb> make_check_verb(CLI::App& app) { return std::make_unique<CheckVerb>(app); }

}  // namespace sagasim::apps
