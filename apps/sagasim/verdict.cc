#include "apps/sagasim/verdict.h"

#include <optional>
#include <sstream>

#include "apps/sagasim/reproduction.h"
#include "apps/sagasim/terminal.h"
#include "reports/github.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/text.h"
#include "scenarios/files.h"
#include "sim/check.h"

namespace sagasim::apps {
namespace {

// The files that were asked for. Says in the report what was written.
void write_files(const scenarios::Scenario& scenario, const Retold& retold,
                 const FileArguments& files, reports::RunReport& report) {
  if (!files.save_repro.empty()) {
    scenarios::write_file_atomically(files.save_repro,
                                     scenarios::write_repro(repro_of(scenario, retold.result)));
    if (report.failure) {
      report.failure->repro = files.save_repro;
      report.failure->files.push_back(files.save_repro);
    } else {
      report.files.push_back(files.save_repro);
    }
  }
  if (!files.trace.empty()) {
    std::ostringstream trace;
    reports::write_trace(trace, files.format_of_trace(), report.target, retold.result,
                         retold.recording);
    scenarios::write_file_atomically(files.trace, trace.str());
    if (report.failure) {
      report.failure->files.push_back(files.trace);
    } else {
      report.files.push_back(files.trace);
    }
  }
}

void print(const OutputArguments& output, const reports::RunReport& report) {
  std::ostringstream text;
  if (output.json()) {
    reports::write_json(text, report);
  } else {
    reports::write_text(text, report, output_style(output.color_when()));
  }
  if (report.failure && runs_in_github_actions()) {
    std::ostringstream lines;
    reports::write_annotations(lines, report.target, {*report.failure});
    write_diagnostic(lines.str());
  }
  write_output(text.str());
}

}  // namespace

void FileArguments::add_to(CLI::App& command) {
  command.add_option("--trace", trace, "write every operation of the run")->type_name("FILE");
  command
      .add_option("--trace-format", trace_format,
                  "jsonl, chrome or mermaid; by default what the file's ending says "
                  "(.jsonl, .json, .mmd)")
      ->type_name("FORMAT");
  command
      .add_option("--save-repro", save_repro, "write a reproduction file of the run, failed or not")
      ->type_name("FILE");
}

void FileArguments::check() const {
  if (!trace_format.empty()) {
    check_choice("--trace-format", trace_format, {"jsonl", "chrome", "mermaid"});
  }
  if (!trace.empty() && trace_format.empty() && !reports::trace_format_of(trace)) {
    bad_input("--trace " + trace,
              "the ending tells no format (expected .jsonl, .json or .mmd, or --trace-format)");
  }
  check_writable_file(trace);
  check_writable_file(save_repro);
}

reports::TraceFormat FileArguments::format_of_trace() const {
  const std::optional<reports::TraceFormat> format =
      trace_format.empty() ? reports::trace_format_of(trace)
                           : reports::parse_trace_format(trace_format);
  SAGASIM_CHECK(format.has_value(), "a trace without a format");
  return *format;
}

scenarios::RunResult run_timed(const scenarios::System& system,
                               const scenarios::RunRequest& request) {
  const double start = seconds_now();
  try {
    scenarios::RunResult result = system.run(request);
    result.wall_seconds = seconds_now() - start;
    return result;
  } catch (const sim::CheckFailure& failure) {
    throw RunError("seed " + std::to_string(request.seed) + ": " + failure.what());
  }
}

int conclude(const scenarios::System& system, const scenarios::Scenario& scenario,
             const scenarios::RunRequest& request, const FileArguments& files,
             const OutputArguments& output, reports::RunReport& report) {
  const scenarios::RunResult& result = report.result;
  const bool looks_again = result.failed() || !files.trace.empty() || !files.save_repro.empty();
  std::optional<scenarios::BadInput> unwritten;
  if (looks_again) {
    const Retold retold = retell(system, request);
    if (retold.result.fingerprint != result.fingerprint) {
      report.differences.push_back({"second run", search::fingerprint_text(result.fingerprint),
                                    search::fingerprint_text(retold.result.fingerprint)});
      report.divergence = search::find_divergence(system, request);
      report.is_replay = true;
    }
    if (result.failed()) {
      report.failure = reports::failure_of(report.target, retold.result, &retold.recording);
      report.failure->rerun = report.rerun;
      report.failure->minimize = report.minimize;
    }
    // What was found is told even when it cannot be kept.
    try {
      write_files(scenario, retold, files, report);
    } catch (const scenarios::BadInput& error) {
      unwritten = error;
    }
  }
  if (!output.junit.empty() && !unwritten) {
    try {
      std::ostringstream junit;
      reports::write_junit(junit, report);
      scenarios::write_file_atomically(output.junit, junit.str());
    } catch (const scenarios::BadInput& error) {
      unwritten = error;
    }
  }
  print(output, report);
  if (unwritten) {
    throw *unwritten;
  }
  return report.differences.empty() ? exit_code_of(result.verdict) : kNotReproducible;
}

ExitCode exit_code_of(scenarios::Verdict verdict) {
  switch (verdict) {
    case scenarios::Verdict::kPass:
      return kAllHeld;
    case scenarios::Verdict::kFail:
      return kViolated;
    case scenarios::Verdict::kInconclusive:
      return kInconclusive;
  }
  return kInternalError;
}

}  // namespace sagasim::apps
