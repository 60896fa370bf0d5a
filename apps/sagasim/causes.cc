#include "apps/sagasim/causes.h"

#include <sstream>
#include <utility>

#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/terminal.h"
#include "reports/github.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/text.h"
#include "scenarios/bad_input.h"
#include "scenarios/files.h"
#include "search/divergence.h"

namespace sagasim::apps {
namespace {

void note_difference(const scenarios::System& system, const scenarios::RunRequest& request,
                     const search::Cause& cause, const Retold& retold) {
  std::string text = command_name() + ": seed " + std::to_string(cause.first_seed) +
                     " gave the fingerprint " + search::fingerprint_text(cause.fingerprint) +
                     " and then " + search::fingerprint_text(retold.result.fingerprint) + "\n";
  if (const auto divergence = search::find_divergence(system, request)) {
    text += "  first operation that differs: " + divergence->first +
            "\n  against:  " + divergence->second + "\n";
  }
  write_diagnostic(text);
}

}  // namespace

CausesTold tell_causes(const scenarios::System& system, const scenarios::Scenario& scenario,
                       const std::string& word, const std::string& settings,
                       const std::string& folder, reports::SweepReport& report) {
  CausesTold told;
  for (std::size_t i = 0; i < report.result.causes.size(); ++i) {
    const search::Cause& cause = report.result.causes[i];
    reports::Failure failure = reports::failure_of(report.target, cause);
    if (i < kCausesKept) {
      scenarios::RunRequest request;
      request.seed = cause.first_seed;
      const Retold retold = retell(system, request);
      if (retold.result.fingerprint != cause.fingerprint) {
        note_difference(system, request, cause, retold);
        told.reproducible = false;
      } else {
        failure = reports::failure_of(report.target, retold.result, &retold.recording);
        failure.count = cause.count;
        failure.story = story_of(scenario, retold);
      }
      try {
        if (!told.unwritten && !folder.empty()) {
          keep(folder, repro_of(scenario, retold.result), retold, failure);
        }
      } catch (const scenarios::BadInput& error) {
        told.unwritten = error.what();
      }
    }
    const std::string seed = " --seed " + std::to_string(cause.first_seed);
    failure.rerun = command_name() + " run" + word + seed + settings;
    failure.minimize = command_name() + " minimize" + word + settings + seed;
    report.failures.push_back(std::move(failure));
  }
  if (!report.failures.empty()) {
    report.rerun = report.failures.front().rerun;
  }
  return told;
}

std::optional<std::string> print_report(const OutputArguments& output,
                                        const reports::SweepReport& report) {
  std::optional<std::string> unwritten;
  if (!output.junit.empty()) {
    try {
      std::ostringstream junit;
      reports::write_junit(junit, report);
      scenarios::write_file_atomically(output.junit, junit.str());
    } catch (const scenarios::BadInput& error) {
      unwritten = error.what();
    }
  }
  std::ostringstream text;
  if (output.json()) {
    reports::write_json(text, report);
  } else {
    reports::write_text(text, report, output_style(output.color_when()));
  }
  if (runs_in_github_actions()) {
    std::ostringstream lines;
    reports::write_annotations(lines, report.target, report.failures);
    write_diagnostic(lines.str());
  }
  write_output(text.str());
  return unwritten;
}

}  // namespace sagasim::apps
