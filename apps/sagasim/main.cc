// sagasim: reads the arguments, wires everything, prints. The only place that catches what is
// thrown.

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "apps/sagasim/certify.h"
#include "apps/sagasim/check.h"
#include "apps/sagasim/compare.h"
#include "apps/sagasim/doctor.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/explain.h"
#include "apps/sagasim/inspect.h"
#include "apps/sagasim/lattice.h"
#include "apps/sagasim/list.h"
#include "apps/sagasim/merge.h"
#include "apps/sagasim/minimize.h"
#include "apps/sagasim/replay.h"
#include "apps/sagasim/report.h"
#include "apps/sagasim/run.h"
#include "apps/sagasim/sweep.h"
#include "apps/sagasim/terminal.h"
#include "apps/sagasim/verb.h"
#include "scenarios/bad_input.h"
#include "scenarios/nearest.h"
#include "scenarios/repro.h"
#include "search/sqlite.h"

namespace {

using namespace sagasim;
using Verbs = std::vector<std::unique_ptr<apps::Verb>>;

constexpr const char* kHelpHead =
    "sagasim: an event-driven shop in a deterministic universe that breaks it\n"
    "Usage: sagasim VERB [options]       sagasim VERB --help tells the rest\n"
    "\n";
constexpr const char* kHelpFoot =
    "\n"
    "Options: -h,--help, --version. Results go to standard output, all else to\n"
    "standard error. --color, NO_COLOR and CLICOLOR_FORCE are honoured. Exit codes:\n"
    "  0 all properties held        5 not reproducible\n"
    "  1 a property was violated   70 internal error (a defect of sagasim itself)\n"
    "  2 bad usage or bad input   130 interrupted\n"
    "  3 inconclusive               4 nothing was selected\n";

// "run SCENARIO", with the options that a verb cannot do without.
std::string usage_of(const CLI::App& command) {
  std::string usage = command.get_name();
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) {
      usage += " " + option->get_name(true);
    }
  }
  return usage;
}

std::string help_of(const Verbs& verbs) {
  std::string text = kHelpHead;
  for (const auto& verb : verbs) {
    const std::string usage = usage_of(verb->command());
    text += "  " + usage + std::string(usage.size() < 16 ? 16 - usage.size() : 1, ' ') +
            verb->command().get_description() + "\n";
  }
  return text + kHelpFoot;
}

void complain(const std::string& message) {
  apps::write_diagnostic(apps::command_name() + ": " + message + "\n");
}

const apps::Verb* called(const Verbs& verbs) {
  for (const auto& verb : verbs) {
    if (verb->command().parsed()) {
      return verb.get();
    }
  }
  return nullptr;
}

// What CLI11 did not expect: the first word that is no verb, or an option that the verb does not
// have.
std::string unexpected(const Verbs& verbs, const std::string& word) {
  const apps::Verb* verb = called(verbs);
  std::vector<std::string> names;
  if (verb == nullptr) {
    for (const auto& each : verbs) {
      names.push_back(each->command().get_name());
    }
    return scenarios::unknown_name(word.starts_with("-") ? "option" : "verb", word, names);
  }
  for (const CLI::Option* option : verb->command().get_options()) {
    if (!option->get_positional()) {
      names.push_back(option->get_name());
    }
  }
  if (word.starts_with("-")) {
    return scenarios::unknown_name("option", word.substr(0, word.find('=')), names);
  }
  return "one argument too many: " + scenarios::quote(word);
}

int refuse(const Verbs& verbs, const CLI::App& app, const CLI::ParseError& error) {
  const apps::Verb* verb = called(verbs);
  std::vector<std::string> extras = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !extras.empty()) {
    complain(unexpected(verbs, extras.front()));
  } else {
    complain(error.what());
  }
  apps::write_diagnostic("See " + apps::command_name() +
                         (verb != nullptr ? " " + verb->command().get_name() : "") + " --help\n");
  return apps::kBadInput;
}

int run_app(int argc, char** argv) {
  CLI::App app;
  app.name("sagasim");
  app.set_version_flag("--version", std::string("sagasim ") + scenarios::kVersion);
  Verbs verbs;
  verbs.push_back(apps::make_run_verb(app));
  verbs.push_back(apps::make_sweep_verb(app));
  verbs.push_back(apps::make_certify_verb(app));
  verbs.push_back(apps::make_replay_verb(app));
  verbs.push_back(apps::make_minimize_verb(app));
  verbs.push_back(apps::make_explain_verb(app));
  verbs.push_back(apps::make_compare_verb(app));
  verbs.push_back(apps::make_lattice_verb(app));
  verbs.push_back(apps::make_report_verb(app));
  verbs.push_back(apps::make_merge_verb(app));
  verbs.push_back(apps::make_inspect_verb(app));
  verbs.push_back(apps::make_list_verb(app));
  verbs.push_back(apps::make_check_verb(app));
  verbs.push_back(apps::make_doctor_verb(app));

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const apps::Verb* verb = called(verbs);
    // The app's own help is the one of the verb that was called, if there is one.
    apps::write_output(verb != nullptr ? app.help() : help_of(verbs));
    return apps::kAllHeld;
  } catch (const CLI::CallForVersion& version) {
    apps::write_output(std::string(version.what()) + "\n");
    return apps::kAllHeld;
  } catch (const CLI::ParseError& error) {
    return refuse(verbs, app, error);
  }
  for (const auto& verb : verbs) {
    if (verb->command().parsed()) {
      return verb->execute();
    }
  }
  apps::write_diagnostic(help_of(verbs));
  return apps::kBadInput;
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that has gone is an error of writing, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // so is a file that must not grow
  try {
    return run_app(argc, argv);
  } catch (const apps::ClosedPipe&) {
    return apps::kBadInput;
  } catch (const scenarios::BadInput& error) {
    complain(error.what());
    return apps::kBadInput;
  } catch (const search::StoreError& error) {
    complain(error.file() + ": " + error.what());
    return apps::kBadInput;
  } catch (const std::exception& error) {
    complain(std::string("internal error: ") + error.what() +
             "\nThis is a defect of sagasim, not of what it simulates.");
    return apps::kInternalError;
  }
}
