// Verdict: what `run` and `replay` do with one run once it is over: look at it again if it failed
// or is to be traced, write what was asked for, print, and turn it into an exit code.
#pragma once

#include <string>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/exit_code.h"
#include "reports/summary.h"
#include "reports/trace.h"
#include "scenarios/scenario.h"
#include "scenarios/system.h"

namespace sagasim::apps {

// --trace, --trace-format, --save-repro.
struct FileArguments {
  std::string trace;
  std::string trace_format;
  std::string save_repro;

  void add_to(CLI::App& command);
  // Throws BadInput unless everything can be written. To be called before anything is run.
  void check() const;
  // Requires: check() passed and `trace` is not empty.
  reports::TraceFormat format_of_trace() const;
};

// Runs with the wall clock held beside. What a run throws is passed on as InternalError with the
// seed.
scenarios::RunResult run_timed(const scenarios::System& system,
                               const scenarios::RunRequest& request);

// A defect of sagasim itself, met in a run.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Finishes `report`, whose target, result and rerun are filled in; `request` is what gave the
// result.
int conclude(const scenarios::System& system, const scenarios::Scenario& scenario,
             const scenarios::RunRequest& request, const FileArguments& files,
             const OutputArguments& output, reports::RunReport& report);

ExitCode exit_code_of(scenarios::Verdict verdict);

}  // namespace sagasim::apps
