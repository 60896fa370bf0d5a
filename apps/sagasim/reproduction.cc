#include "apps/sagasim/reproduction.h"

#include <filesystem>
#include <sstream>
#include <system_error>

#include "apps/sagasim/arguments.h"
#include "reports/mermaid.h"
#include "scenarios/files.h"
#include "scenarios/workload.h"

namespace sagasim::apps {

Retold retell(const scenarios::System& system, const scenarios::RunRequest& request) {
  Retold retold;
  scenarios::RunRequest again = request;
  again.record = true;
  again.tracer = &retold.recording;
  retold.result = system.run(again);
  return retold;
}

scenarios::Repro repro_of(const scenarios::Scenario& scenario, const scenarios::RunResult& result) {
  scenarios::Repro repro;
  repro.scenario = scenario;
  repro.seed = result.seed;
  repro.workload = scenarios::generate_workload(scenario, result.seed);
  repro.plan = result.plan;
  repro.expect.verdict = result.verdict;
  repro.expect.fingerprint = result.fingerprint;
  if (result.failed() && !result.violations.empty()) {
    repro.expect.property = result.violations.front().property;
    repro.expect.message = result.violations.front().message;
  }
  return repro;
}

void keep(const std::string& folder, const scenarios::Scenario& scenario, const Retold& retold,
          reports::Failure& failure) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    bad_input(folder, "cannot be made: " + error.message());
  }
  const std::string stem = (std::filesystem::path(folder) /
                            ("repro-" + file_word(scenario.name) + "-" + file_word(failure.cause) +
                             "-" + std::to_string(failure.seed)))
                               .string();
  scenarios::write_file_atomically(stem + ".json",
                                   scenarios::write_repro(repro_of(scenario, retold.result)));
  failure.repro = stem + ".json";
  failure.files.push_back(stem + ".json");
  if (!retold.result.violations.empty()) {
    const scenarios::Violation& violation = retold.result.violations.front();
    std::ostringstream diagram;
    reports::write_mermaid(diagram, retold.recording,
                           reports::story_subject(retold.recording, violation), &violation);
    scenarios::write_file_atomically(stem + ".mmd", diagram.str());
    failure.files.push_back(stem + ".mmd");
  }
}

std::string file_word(const std::string& text) {
  std::string word;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    word += plain ? c : '-';
  }
  return word.empty() ? "failure" : word.substr(0, 80);
}

}  // namespace sagasim::apps
