#include "apps/sagasim/inspect.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/terminal.h"
#include "apps/sagasim/verdict.h"
#include "reports/inspected.h"
#include "scenarios/duration_text.h"
#include "scenarios/nearest.h"
#include "search/inspection.h"

namespace sagasim::apps {
namespace {

constexpr const char* kTimeForms =
    "a time such as 8.419s, or one of the words start, violation and end";

class InspectVerb : public Verb {
 public:
  explicit InspectVerb(CLI::App& app)
      : command_(*app.add_subcommand("inspect", "the state at a moment of virtual time")) {
    command_
        .add_option("REPRO", scenario_.scenario, "a reproduction file, or with --seed a scenario")
        ->required();
    command_.add_option("--seed", seed_, "look into this seed of a scenario")->type_name("N");
    scenario_.add_settings_to(command_);
    command_.add_option("--at", at_, "when: a time such as 8.419s, or start, violation or end")
        ->type_name("TIME")
        ->required();
    command_.add_option("--until", until_, "what changes from --at until then instead")
        ->type_name("TIME");
    command_.add_option("--against", against_, "what another run has instead at that time")
        ->type_name("REPRO");
    command_
        .add_option("--about", about_,
                    "only what is about this order, user, product …, as in c1.4; may be repeated")
        ->type_name("SUBJECT")
        ->allow_extra_args(false);
    command_
        .add_option("--part", parts_, "only this service, broker, processes …; may be repeated")
        ->type_name("PART")
        ->allow_extra_args(false);
    command_.add_flag("--all", everything_, "also what is at rest, and lists in full");
    output_.add_to(command_, false);
    command_.footer(
        "The state is the one after everything that happens at that instant.\n"
        "Example: sagasim inspect checkout --seed 7 --at 12.5s --about c1.4");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    output_.check();
    if (!until_.empty() && !against_.empty()) {
      bad_input("--against", "there is --until already (expected one of the two)");
    }
    const scenarios::Repro repro = read_reproduction("inspect", scenario_, seed_);
    const search::Case what = case_of(repro);
    reports::InspectReport report;
    report.target = reports::target_of(*what.setup->system());
    report.everything = everything_;
    report.rerun = rerun();
    report.result = look(what, {});
    const auto differences = differences_from(repro.expect, report.result);
    for (const std::string& difference : differences) {
      write_diagnostic(command_name() + ": " + scenario_.scenario +
                       " is not what it was: " + difference + "\n");
    }
    std::vector<sim::Instant> looks = {time("--at", at_, repro, report.result)};
    if (!until_.empty()) {
      looks.push_back(time("--until", until_, repro, report.result));
      if (looks[1] < looks[0]) {
        bad_input("--until", "lies before --at (expected a later time)");
      }
    }
    std::vector<sim::Snapshot> states = states_of(what, looks);
    if (!against_.empty()) {
      states.push_back(state_of_other(looks[0]));
      report.other = against_;
    }
    report.kind = !until_.empty()     ? reports::InspectReport::Kind::kUntil
                  : !against_.empty() ? reports::InspectReport::Kind::kAgainst
                                      : reports::InspectReport::Kind::kState;
    const search::Selection selection = select(states);
    report.first = search::select(states.front(), selection);
    report.second = search::select(states.back(), selection);
    std::ostringstream text;
    if (output_.json()) {
      reports::write_json(text, report);
    } else {
      reports::write_text(text, report, output_style(output_.color_when()));
    }
    write_output(text.str());
    return differences.empty() ? kAllHeld : kNotReproducible;
  }

 private:
  static scenarios::RunResult look(const search::Case& what,
                                   const std::vector<sim::Instant>& looks) {
    scenarios::RunRequest request;
    request.seed = what.seed;
    request.plan = &what.plan;
    request.looks = looks;
    return run_timed(*what.setup->system(), request);
  }

  static std::vector<sim::Snapshot> states_of(const search::Case& what,
                                              const std::vector<sim::Instant>& looks) {
    std::vector<sim::Snapshot> states = look(what, looks).states;
    if (states.size() != looks.size()) {
      bad_input("inspect", "this system shows nothing of its state");
    }
    return states;
  }

  sim::Snapshot state_of_other(sim::Instant at) const {
    ScenarioArguments other;
    other.scenario = against_;
    const scenarios::Repro repro = read_reproduction("--against", other);
    check_limit("--at", at, repro);
    return states_of(case_of(repro), {at}).front();
  }

  static void check_limit(const std::string& option, sim::Instant at,
                          const scenarios::Repro& repro) {
    if (at - sim::kStart > repro.scenario.horizon.limit) {
      bad_input(option, "lies after the end of everything (expected at most " +
                            scenarios::to_text(repro.scenario.horizon.limit) +
                            ", the limit of the scenario's horizon)");
    }
  }

  static sim::Instant time(const std::string& option, const std::string& text,
                           const scenarios::Repro& repro, const scenarios::RunResult& result) {
    if (text == "start") {
      return sim::kStart;
    }
    if (text == "end") {
      return sim::kStart + result.virtual_time;
    }
    if (text == "violation") {
      if (result.violations.empty()) {
        bad_input(option, "this run violates nothing (expected a time, start or end)");
      }
      // A check of old records comes after the end of the run.
      return std::min(result.violations.front().at, sim::kStart + repro.scenario.horizon.limit);
    }
    const auto duration = scenarios::parse_duration(text);
    if (!duration) {
      bad_input(option, scenarios::quote(text) + " is no time (expected " + kTimeForms +
                            "; units are " + scenarios::kDurationUnits + ")");
    }
    const sim::Instant at = sim::kStart + *duration;
    check_limit(option, at, repro);
    return at;
  }

  // Names that nothing in the run has would select nothing, silently.
  search::Selection select(const std::vector<sim::Snapshot>& states) const {
    search::Selection selection;
    for (const std::string& text : about_) {
      const auto subject = sim::parse_subject(text);
      if (!subject || subject->none()) {
        bad_input("--about", scenarios::quote(text) +
                                 " is no subject (expected an order such as c1.4, or a user, a "
                                 "product, a coupon such as u1, p1, k1)");
      }
      if (std::none_of(states.begin(), states.end(), [&](const sim::Snapshot& state) {
            return search::mentions(state, *subject);
          })) {
        bad_input("--about", "there is no " + text + " in this run at that time");
      }
      selection.about.push_back(*subject);
    }
    std::vector<std::string> known;
    for (const sim::Snapshot& state : states) {
      const std::vector<std::string> names = search::part_names(state);
      known.insert(known.end(), names.begin(), names.end());
    }
    for (const std::string& part : parts_) {
      check_choice("--part", part, known);
      selection.parts.push_back(part);
    }
    return selection;
  }

  std::string rerun() const {
    std::string text = command_name() + " inspect" + scenario_.words() +
                       (seed_.empty() ? "" : " --seed " + seed_) + " --at " +
                       reports::shell_quoted(at_);
    if (!until_.empty()) {
      text += " --until " + reports::shell_quoted(until_);
    }
    if (!against_.empty()) {
      text += " --against " + reports::shell_quoted(against_);
    }
    for (const std::string& subject : about_) {
      text += " --about " + subject;
    }
    for (const std::string& part : parts_) {
      text += " --part " + part;
    }
    return text + (everything_ ? " --all" : "");
  }

  CLI::App& command_;
  ScenarioArguments scenario_;
  std::string seed_;
  std::string at_;
  std::string until_;
  std::string against_;
  std::vector<std::string> about_;
  std::vector<std::string> parts_;
  bool everything_ = false;
  OutputArguments output_;
};

}  // namespace

std::unique_ptr<Verb> make_inspect_verb(CLI::App& app) {
  return std::make_unique<InspectVerb>(app);
}

}  // namespace sagasim::apps
