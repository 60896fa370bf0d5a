#include "reports/certified.h"

#include <nlohmann/json.hpp>

#include "faults/kind.h"
#include "reports/screen.h"

namespace sagasim::reports {
namespace {

using Json = nlohmann::ordered_json;

// "crash-seen 1 s, 16 s"
std::vector<std::string> words_of(const std::vector<sim::Effect>& effects) {
  std::vector<std::string> words;
  const sim::Effect* before = nullptr;
  for (const sim::Effect& effect : effects) {
    const faults::KindInfo& info = faults::info_of(faults::kind_of(effect));
    if (before != nullptr && faults::kind_of(*before) == info.kind) {
      words.back() += ", " + text_of(effect.duration);
    } else {
      words.push_back(info.id + (info.timed ? " " + text_of(effect.duration) : ""));
    }
    before = &effect;
  }
  return words;
}

// "2 faults and 1 postponement"; what there are none of is not spoken of.
std::string faults_and_postponements(std::uint64_t faults, std::uint64_t postponements) {
  if (postponements == 0) {
    return plural(faults, "fault");
  }
  return (faults == 0 ? "" : plural(faults, "fault") + " and ") +
         plural(postponements, "postponement");
}

std::string bounds_of(const CertifyReport& report) {
  return faults_and_postponements(report.max_faults, report.max_postponements);
}

// What broke it: "with 1 fault", "with 1 postponement", "without a fault".
std::string with_what(const faults::Plan& plan) {
  std::uint64_t postponements = 0;
  for (const faults::OperationFault& fault : plan.operations) {
    const faults::Kind kind = faults::kind_of(fault.effect);
    postponements += kind == faults::Kind::kDelay || kind == faults::Kind::kHold ? 1 : 0;
  }
  return plan.size() == 0
             ? "without a fault"
             : "with " + faults_and_postponements(plan.size() - postponements, postponements);
}

std::string verdict_line(const CertifyReport& report, const Style& style) {
  const search::CertifyResult& result = report.result;
  const std::string what = title(report.target) + " seed " + std::to_string(report.seed) + ": ";
  if (result.internal_error) {
    return paint(style, Paint::kBad, "INTERNAL ERROR") + "  " + what +
           printable(*result.internal_error);
  }
  if (report.failure) {
    return paint(style, Paint::kBad, "FAIL") + "  " + what + report.failure->cause + " " +
           with_what(result.counterexample->plan);
  }
  if (!result.complete) {
    return paint(style, Paint::kUnsure, "UNFINISHED") + "  " + what +
           (result.interrupted ? "interrupted" : "the time was over") +
           "; no counterexample so far";
  }
  if (result.counts.inconclusive != 0) {
    return paint(style, Paint::kUnsure, "INCONCLUSIVE") + "  " + what +
           plural(result.counts.inconclusive, "combination") + " came to no end";
  }
  return paint(style, Paint::kGood, "CERTIFIED") + "  " + what + "no combination of at most " +
         bounds_of(report) + " breaks a property";
}

std::string effort_of(const CertifyReport& report) {
  const search::CertifyResult& result = report.result;
  std::string text = plural(report.jobs, "thread");
  if (result.seconds > 0) {
    text = grouped(static_cast<std::uint64_t>(combinations_per_second(result))) +
           " combinations/s · " + rounded(result.seconds, 1) + " s with " + text;
  }
  return text + (report.brute_force ? " · brute force" : "");
}

// What was looked at to the end, where that is not all.
std::string finished_of(const CertifyReport& report) {
  const search::CertifyResult& result = report.result;
  const auto sets = [&](std::uint64_t size) {
    return report.max_postponements == 0 ? plural(size, "fault")
                                         : grouped(size) + " faults and postponements together";
  };
  std::string text = result.size == 0 ? "the run without faults"
                                      : "every combination of at most " + sets(result.size);
  if (result.branches != 0) {
    text += ", and those of " + sets(result.size + 1) + " that begin with one of the first " +
            grouped(result.branches) + " of " + grouped(result.branches_total) +
            " things that can be done to the run without faults";
  }
  return text + "; of the rest nothing is known";
}

void write_scope(Screen& screen, const CertifyReport& report) {
  const search::CertifyResult& result = report.result;
  const bool covered = result.complete && result.counts.inconclusive == 0;
  screen.prose(covered ? "covers" : "asked for",
               "one workload under one draw of latencies (seed " + std::to_string(report.seed) +
                   "): " + plural(result.operations, "operation") + " without faults, at most " +
                   grouped(result.counts.operations_max) + " with them; every set of at most " +
                   bounds_of(report) + ", each at another operation, also at those that a fault " +
                   "brings about; up to " + text_of(report.horizon) + " of virtual time");
  for (const search::MenuLine& line : result.menu) {
    screen.list(sim::to_text(line.operation), words_of(line.effects), "; ");
  }
  if (report.max_postponements != 0) {
    std::vector<std::string> delays;
    for (const sim::Duration delay : result.delays) {
      delays.push_back(text_of(delay));
    }
    delays.push_back("or held until any later operation has ended, " + text_of(result.hold) +
                     " at most");
    screen.list("postponed by", delays, ", ");
  }
  screen.prose("outside",
               "other workloads, latencies and durations; more faults; windows such as a partition "
               "or a wrong clock; moments such as an offset reset; the breakers; a second fault at "
               "one operation, or one at a copy that a fault made");
}

Json outcomes_json(const std::map<std::string, std::uint64_t>& counts) {
  Json json = Json::object();
  for (const auto& [signature, count] : counts) {
    json[signature.empty() ? "pass" : signature] = count;
  }
  return json;
}

}  // namespace

double combinations_per_second(const search::CertifyResult& result) {
  return result.seconds > 0
             ? static_cast<double>(result.counts.combinations - result.earlier) / result.seconds
             : 0;
}

void write_text(std::ostream& out, const CertifyReport& report, const Style& style) {
  Screen screen(out, style);
  const search::CertifyResult& result = report.result;
  screen.line(verdict_line(report, style));
  screen.gap();
  if (report.failure) {
    tell(screen, *report.failure);
    screen.gap();
  }
  screen.field("tried", plural(result.counts.combinations, "combination") + " · " +
                            plural(result.counts.runs, "run") + " · " +
                            grouped(result.counts.pruned) + " pruned as equal to one of them");
  std::vector<std::string> outcomes;
  for (const auto& [signature, count] : result.counts.outcomes) {
    if (!signature.empty()) {
      outcomes.push_back(signature + " " + grouped(count));
    }
  }
  screen.list("broken", outcomes, " · ");
  if (!result.complete) {
    screen.prose("finished", finished_of(report));
    if (!report.failure) {
      screen.prose("to go on",
                   report.resumes ? "run it again as below: it begins where this ended"
                                  : "nothing was kept, so it begins anew; --resume FILE would keep "
                                    "how far it is");
    }
  }
  screen.field("speed", effort_of(report));
  screen.gap();
  write_scope(screen, report);
  screen.gap();
  screen.line("rerun: " + (report.failure ? report.failure->rerun : report.rerun));
}

void write_json(std::ostream& out, const CertifyReport& report) {
  const search::CertifyResult& result = report.result;
  Json json;
  json["scenario"] = report.target.scenario;
  json["architecture"] = report.target.architecture;
  json["seed"] = std::to_string(report.seed);
  json["fingerprint"] = search::fingerprint_text(result.fingerprint);
  json["verdict"] = report.failure                                       ? "fail"
                    : result.complete && result.counts.inconclusive == 0 ? "pass"
                                                                         : "inconclusive";
  json["operations"] = result.operations;
  json["operations_max"] = result.counts.operations_max;
  json["max_faults"] = report.max_faults;
  json["max_postponements"] = report.max_postponements;
  json["combinations"] = result.counts.combinations;
  json["runs"] = result.counts.runs;
  json["pruned"] = result.counts.pruned;
  json["inconclusive"] = result.counts.inconclusive;
  json["outcomes"] = outcomes_json(result.counts.outcomes);
  json["complete"] = result.complete;
  json["finished_faults"] = result.size;
  json["finished_branches"] = result.branches;
  json["branches"] = result.branches_total;
  json["counterexample"] = nullptr;
  json["cause"] = nullptr;
  json["faults"] = Json::array();
  if (report.failure) {
    json["counterexample"] =
        report.failure->repro.empty() ? Json(nullptr) : Json(report.failure->repro);
    json["cause"] = report.failure->cause;
    for (const faults::OperationFault& fault : result.counterexample->plan.operations) {
      json["faults"].push_back({{"fault", faults::info_of(faults::kind_of(fault.effect)).id},
                                {"operation", fault.operation}});
    }
  }
  json["menu"] = Json::object();
  for (const search::MenuLine& line : result.menu) {
    json["menu"][sim::to_text(line.operation)] = words_of(line.effects);
  }
  json["rerun"] = report.failure ? report.failure->rerun : report.rerun;
  json["brute_force"] = report.brute_force;
  json["interrupted"] = result.interrupted;
  json["jobs"] = report.jobs;
  json["combinations_per_second"] = combinations_per_second(result);
  json["wall_seconds"] = result.seconds;
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace sagasim::reports
