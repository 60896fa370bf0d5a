#include "apps/sagasim/reproduction.h"

#include <filesystem>
#include <sstream>
#include <system_error>

#include "apps/sagasim/arguments.h"
#include "reports/format.h"
#include "reports/mermaid.h"
#include "scenarios/document.h"
#include "scenarios/files.h"
#include "scenarios/seed.h"
#include "scenarios/shop_reduction.h"
#include "scenarios/shop_system.h"
#include "scenarios/workload.h"

namespace sagasim::apps {
namespace {

constexpr const char* kCampaignHead = "SQLite format 3";  // a campaign file begins with it

scenarios::Expectation expectation_of(const scenarios::RunResult& result) {
  scenarios::Expectation expect;
  expect.verdict = result.verdict;
  expect.fingerprint = result.fingerprint;
  if (result.failed() && !result.violations.empty()) {
    expect.property = result.violations.front().property;
    expect.message = result.violations.front().message;
  }
  return expect;
}

}  // namespace

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
  repro.expect = expectation_of(result);
  return repro;
}

scenarios::Repro read_reproduction(const std::string& verb, const ScenarioArguments& arguments) {
  const std::string& path = arguments.scenario;
  if (!arguments.settings.empty()) {
    bad_input("--set",
              "a reproduction file is complete in itself (expected --set only with "
              "a scenario and --seed)");
  }
  std::error_code ignored;
  if (path.find('/') == std::string::npos && !path.ends_with(".json") &&
      !std::filesystem::exists(path, ignored)) {
    bad_input(verb + " " + path,
              "is no file (expected a reproduction file, or a scenario with --seed N)");
  }
  const std::string text = scenarios::read_file(path);
  if (text.starts_with(kCampaignHead)) {
    bad_input(path, "is a campaign (expected a reproduction file; " + command_name() + " report " +
                        reports::shell_quoted(path) + " --repros DIR writes those of its causes)");
  }
  scenarios::Repro repro = scenarios::parse_repro(text, path);
  if (repro.version != scenarios::kVersion) {
    write_diagnostic(command_name() + ": " + path + " was written by version " + repro.version +
                     ", this is " + scenarios::kVersion + "; it may run differently\n");
  }
  return repro;
}

bool is_reproduction(const std::string& text, const std::string& file) {
  const scenarios::Document document(text, file);
  const scenarios::Json& root = document.root();
  return root.is_object() &&
         (root.contains("sagasim") || root.contains("expect") || root.contains("scenario"));
}

scenarios::Repro read_reproduction(const std::string& verb, const ScenarioArguments& arguments,
                                   const std::string& seed) {
  if (seed.empty()) {
    return read_reproduction(verb, arguments);
  }
  scenarios::RunRequest request;
  request.seed = scenarios::parse_seed(seed);
  request.record = true;
  const scenarios::Scenario scenario = arguments.load();
  return repro_of(scenario, scenarios::make_shop(scenario)->run(request));
}

search::Case case_of(const scenarios::Repro& repro) {
  return {scenarios::make_reducible(repro.scenario, repro.workload), repro.seed, repro.plan};
}

scenarios::Repro repro_of(const search::Found& found) {
  scenarios::Repro repro;
  repro.scenario = scenarios::scenario_of(*found.what.setup);
  repro.seed = found.what.seed;
  repro.workload = scenarios::workload_of(*found.what.setup);
  repro.plan = found.what.plan;
  repro.expect = expectation_of(found.result);
  return repro;
}

std::vector<std::string> differences_from(const std::optional<scenarios::Expectation>& known,
                                          const scenarios::RunResult& result) {
  std::vector<std::string> differences;
  if (!known) {
    return differences;
  }
  const scenarios::Expectation& expected = *known;
  const auto compare = [&](const char* what, const std::string& one, const std::string& other) {
    if (one != other) {
      differences.push_back(std::string(what) + ": expected " + (one.empty() ? "none" : one) +
                            ", got " + (other.empty() ? "none" : other));
    }
  };
  compare("verdict", scenarios::to_text(expected.verdict), scenarios::to_text(result.verdict));
  compare("property", expected.property,
          result.violations.empty() ? "" : result.violations.front().property);
  if (expected.fingerprint) {
    compare("fingerprint", scenarios::fingerprint_text(*expected.fingerprint),
            scenarios::fingerprint_text(result.fingerprint));
  }
  return differences;
}

void keep(const std::string& folder, const scenarios::Repro& repro, const Retold& retold,
          reports::Failure& failure, const std::string& how) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    bad_input(folder, "cannot be made: " + error.message());
  }
  const std::string stem = (std::filesystem::path(folder) /
                            (stem_of(repro.scenario.name, failure.cause, failure.seed) + how))
                               .string();
  scenarios::write_file_atomically(stem + ".json", scenarios::write_repro(repro));
  failure.repro = stem + ".json";
  failure.files.push_back(stem + ".json");
  if (!retold.result.violations.empty()) {
    const scenarios::Violation& violation = retold.result.violations.front();
    std::ostringstream diagram;
    reports::write_mermaid(diagram, retold.recording,
                           search::story_subject(retold.recording, violation), &violation);
    scenarios::write_file_atomically(stem + ".mmd", diagram.str());
    failure.files.push_back(stem + ".mmd");
  }
}

std::vector<reports::StoryLine> story_of(const scenarios::Scenario& scenario,
                                         const Retold& retold) {
  constexpr std::size_t kLines = 14;
  using Line = reports::StoryLine;
  const scenarios::Violation& violation = retold.result.violations.front();
  const sim::Subject subject = search::story_subject(retold.recording, violation);
  const auto& operations = retold.recording.operations();
  std::vector<scenarios::Happening> happenings;
  for (const search::RecordedOperation& each : operations) {
    happenings.push_back({&each.operation, each.initiator, each.receiver, each.outcome});
  }
  const std::vector<std::string> sentences =
      scenarios::make_reducible(scenario,
                                scenarios::generate_workload(scenario, retold.result.seed))
          ->tell(happenings);
  std::vector<Line> story;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const search::RecordedOperation& each = operations[i];
    if (each.operation.at > violation.at || each.operation.invocation.subject != subject) {
      continue;
    }
    if (!each.effect.none()) {
      story.push_back(
          {Line::Kind::kFault, each.operation.at,
           sim::to_text(each.operation) + ": " +
               reports::text_of(each.effect, each.initiator.text(),
                                each.receiver.empty() ? "the receiver" : each.receiver.text())});
    }
    if (!sentences[i].empty() && (story.empty() || story.back().text != sentences[i])) {
      story.push_back({Line::Kind::kEvent, each.operation.at, sentences[i]});
    }
  }
  if (story.size() > kLines) {
    story.erase(story.begin(), story.end() - static_cast<std::ptrdiff_t>(kLines));
  }
  story.push_back({Line::Kind::kViolation, violation.at, violation.message});
  return story;
}

std::string stem_of(const std::string& scenario, const std::string& cause, std::uint64_t seed) {
  return "repro-" + file_word(scenario) + "-" + file_word(cause) + "-" + std::to_string(seed);
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
