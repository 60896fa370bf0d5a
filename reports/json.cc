#include "reports/json.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace sagasim::reports {
namespace {

// In the order in which the keys are written down.
using Json = nlohmann::ordered_json;

void write(std::ostream& out, const Json& json) {
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

Json faults_json(const std::uint64_t (&faults)[faults::kKinds]) {
  Json json = Json::object();
  for (const faults::KindInfo& info : faults::kCatalog) {
    json[info.id] = faults[static_cast<std::size_t>(info.kind)];
  }
  return json;
}

Json counts_json(const std::map<std::string, std::uint64_t>& counts) {
  Json json = Json::object();
  for (const auto& [name, count] : counts) {
    json[name] = count;
  }
  return json;
}

// A group of tallies becomes an object beside the other keys, and never replaces one of those.
void add_tallies(Json& json,
                 const std::map<std::string, std::map<std::string, std::uint64_t>>& tallies) {
  for (const auto& [group, counts] : tallies) {
    if (!json.contains(group)) {
      json[group] = counts_json(counts);
    }
  }
}

Json or_null(const std::optional<double>& number) { return number ? Json(*number) : Json(nullptr); }

Json violations_json(const std::vector<scenarios::Violation>& violations) {
  Json list = Json::array();
  for (const scenarios::Violation& violation : violations) {
    list.push_back({{"property", violation.property},
                    {"message", violation.message},
                    {"at", seconds_of(violation.at)},
                    {"order", sim::to_text(violation.subject)}});
  }
  return list;
}

Json stuck_json(const std::vector<scenarios::StuckSubject>& stuck) {
  Json list = Json::array();
  for (const scenarios::StuckSubject& each : stuck) {
    list.push_back({{"order", sim::to_text(each.subject)},
                    {"reason", each.reason},
                    {"message", each.message}});
  }
  return list;
}

void add_replay(Json& json, const RunReport& report) {
  json["reproduced"] = report.differences.empty();
  json["differences"] = Json::array();
  for (const search::Difference& difference : report.differences) {
    json["differences"].push_back({{"what", difference.what},
                                   {"expected", difference.expected},
                                   {"actual", difference.actual}});
  }
  json["divergence"] = nullptr;
  if (report.divergence) {
    const search::Divergence& divergence = *report.divergence;
    json["divergence"] = {{"operation", divergence.position + 1},
                          {"at", seconds_of(divergence.at)},
                          {"what", divergence.what},
                          {"first", divergence.first},
                          {"second", divergence.second}};
  }
}

Json cause_json(const search::Cause& cause, const Failure* told) {
  Json json = {
      {"cause", cause.signature},   {"property", cause.property},
      {"count", cause.count},       {"first_seed", std::to_string(cause.first_seed)},
      {"repro", nullptr},           {"message", cause.message},
      {"at", seconds_of(cause.at)}, {"fingerprint", search::fingerprint_text(cause.fingerprint)}};
  if (told != nullptr) {
    if (!told->repro.empty()) {
      json["repro"] = told->repro;
    }
    json["rerun"] = told->rerun;
  }
  return json;
}

Json history_json(const search::History& history) {
  Json json = {{"known_seeds", history.known_seeds},
               {"known_runs", history.known_runs},
               {"known_failed", history.known_failed}};
  for (const auto& [key, causes] :
       {std::pair{"resolved", &history.resolved}, std::pair{"undecided", &history.undecided}}) {
    json[key] = Json::array();
    for (const search::Cause& cause : *causes) {
      json[key].push_back({{"cause", cause.signature},
                           {"property", cause.property},
                           {"count", cause.count},
                           {"first_seed", std::to_string(cause.first_seed)},
                           {"message", cause.message}});
    }
  }
  return json;
}

Json coverage_json(const search::SweepResult& result) {
  const Outlook outlook = outlook_of(result);
  return {{"cells", result.coverage.cells},
          {"seen", result.coverage.seen},
          {"unseen_probability", or_null(outlook.unseen_probability)},
          {"failure_rate_bound_95", or_null(outlook.failure_rate_bound_95)}};
}

}  // namespace

void write_json(std::ostream& out, const RunReport& report) {
  const scenarios::RunResult& result = report.result;
  Json json;
  json["scenario"] = report.target.scenario;
  json["architecture"] = report.target.architecture;
  json["seed"] = std::to_string(result.seed);
  json["fingerprint"] = search::fingerprint_text(result.fingerprint);
  json["verdict"] = search::verdict_text(result.verdict);
  json["violations"] = violations_json(result.violations);
  json["stuck"] = stuck_json(result.stuck);
  json["operations"] = result.operations;
  json["faults"] = faults_json(result.faults);
  json["met_nothing"] = faults_json(result.met_nothing);
  json["left_over"] = result.left_over;
  json["virtual_seconds"] = seconds_of(result.virtual_time);
  json["wall_seconds"] = result.wall_seconds;
  json["properties"] = counts_json({result.properties.begin(), result.properties.end()});
  add_tallies(json, result.tallies);
  if (report.is_replay) {
    add_replay(json, report);
  }
  json["rerun"] = report.rerun;
  write(out, json);
}

void write_json(std::ostream& out, const SweepReport& report) {
  const search::SweepResult& result = report.result;
  const auto per_second = [&result](std::uint64_t count) {
    return result.seconds > 0 ? static_cast<double>(count) / result.seconds : 0.0;
  };
  Json json;
  json["scenario"] = report.target.scenario;
  json["architecture"] = report.target.architecture;
  const bool has_verdict = !result.internal_error || result.failed > 0;
  json["verdict"] = has_verdict ? search::verdict_text(verdict_of(result)) : "error";
  json["from"] = std::to_string(result.from);
  json["seeds"] = seeds_of(result);
  json["partition"] = nullptr;
  if (result.partition.count > 1) {
    json["partition"] = "hash:" + std::to_string(result.partition.index) + "/" +
                        std::to_string(result.partition.count);
  }
  json["runs"] = result.runs;
  json["failed"] = result.failed;
  json["inconclusive"] = result.inconclusive;
  json["first_seed"] = nullptr;
  if (result.first_seed) {
    json["first_seed"] = std::to_string(*result.first_seed);
  }
  json["failures"] = Json::array();
  for (std::size_t i = 0; i < result.causes.size(); ++i) {
    json["failures"].push_back(
        cause_json(result.causes[i], i < report.failures.size() ? &report.failures[i] : nullptr));
  }
  for (Json& failure : json["failures"]) {
    if (report.history) {
      failure["standing"] = standing_of(report, failure["cause"].get<std::string>());
    }
  }
  json["before"] = report.history ? history_json(*report.history) : Json(nullptr);
  json["properties"] = counts_json(result.properties);
  json["property_failures"] = counts_json(result.property_failures);
  json["faults"] = faults_json(result.faults);
  json["met_nothing"] = faults_json(result.met_nothing);
  json["left_over"] = counts_json(result.left_over);
  json["coverage"] = coverage_json(result);
  json["operations"] = result.operations;
  json["digest"] = search::fingerprint_text(result.digest);
  json["interrupted"] = result.interrupted;
  json["stopped_after"] = result.stopped_after;
  json["internal_error"] = nullptr;
  if (result.internal_error) {
    json["internal_error"] = {{"seed", std::to_string(result.internal_error->seed)},
                              {"message", result.internal_error->message}};
  }
  json["jobs"] = result.jobs;
  json["runs_per_second"] = per_second(result.runs);
  for (const Rate& rate : report.rates) {
    json[rate.key] = rate_of(report, rate);
  }
  json["operations_per_second"] = per_second(result.operations);
  json["virtual_seconds"] = seconds_of(result.virtual_time);
  json["wall_seconds"] = result.seconds;
  add_tallies(json, result.tallies);
  json["rerun"] = report.rerun;
  write(out, json);
}

void write_json(std::ostream& out, const std::string& what, const std::vector<Entry>& entries) {
  Json json;
  json["what"] = what;
  json["entries"] = Json::array();
  for (const Entry& entry : entries) {
    json["entries"].push_back({{"id", entry.id}, {"description", entry.description}});
    if (!entry.example.empty()) {
      json["entries"].back()["example"] = entry.example;
    }
  }
  write(out, json);
}

}  // namespace sagasim::reports
