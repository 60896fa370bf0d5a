#include "reports/explained.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/screen.h"

namespace sagasim::reports {
namespace {

using Json = nlohmann::ordered_json;
using search::ChainStep;

// Steps of the story that are shown; the first and the last ones are kept.
constexpr std::size_t kStepsShown = 24;
constexpr std::size_t kTimeWidth = 12;

std::string fault_text(const ExplainReport& report, std::size_t fault) {
  return fault_line(report.plan, fault, &report.explanation.recording).text;
}

std::string operation_of(const ExplainReport& report, std::size_t fault) {
  return fault_line(report.plan, fault, nullptr).operation;
}

std::string without_text(const search::FaultRole& role) {
  return role.without.empty() ? "all properties hold" : "the run fails otherwise: " + role.without;
}

std::string step_text(const ExplainReport& report, const ChainStep& step) {
  switch (step.kind) {
    case ChainStep::Kind::kFault: {
      const std::string operation = operation_of(report, step.fault);
      return "FAULT " + (operation.empty() ? "" : operation + ": ") +
             fault_text(report, step.fault);
    }
    case ChainStep::Kind::kViolation:
      return "VIOLATED " + printable(step.sentence);
    case ChainStep::Kind::kEvent:
      break;
  }
  std::string text = printable(step.sentence);
  if (step.times > 1) {
    text += " (" + grouped(step.times) + " times, the last at " + text_of(step.last) + ")";
  }
  return text;
}

void tell_chain(Screen& screen, const ExplainReport& report) {
  const std::vector<ChainStep>& chain = report.explanation.chain;
  const std::size_t half = kStepsShown / 2;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (chain.size() > kStepsShown && i == half) {
      screen.more(plural(chain.size() - kStepsShown, "step") + " left out");
      i = chain.size() - half;
    }
    const ChainStep& step = chain[i];
    const std::string text = step_text(report, step);
    const bool marked = step.kind != ChainStep::Kind::kEvent;
    const std::string time = text_of(step.at);
    screen.line("  " + time +
                std::string(time.size() < kTimeWidth ? kTimeWidth - time.size() : 1, ' ') +
                (marked ? paint(screen.style(), Paint::kBad, text) : text));
  }
}

void tell_faults(Screen& screen, const ExplainReport& report) {
  const std::vector<search::FaultRole>& roles = report.explanation.faults;
  std::size_t spare = 0;
  bool first = true;
  for (const search::FaultRole& role : roles) {
    if (!role.necessary) {
      ++spare;
      continue;
    }
    const std::string operation = operation_of(report, role.index);
    const std::string text =
        (operation.empty() ? "" : operation + ": ") + fault_text(report, role.index);
    if (first) {
      screen.field("necessary", text);
    } else {
      screen.more(text);
    }
    screen.more("without it " + without_text(role));
    first = false;
  }
  if (first) {
    screen.field("necessary",
                 roles.empty() ? "no fault: it happens without any" : "none of the faults alone");
  }
  if (spare > 0) {
    screen.more(plural(spare, "fault") + (spare == 1 ? " is" : " are") +
                " not necessary; minimize takes away what can go");
  }
}

void tell_no_return(Screen& screen, const ExplainReport& report) {
  const search::Explanation& explanation = report.explanation;
  if (!explanation.no_return) {
    screen.field("too late", "never before it happens: some other futures do not fail");
    return;
  }
  const search::PointOfNoReturn& point = *explanation.no_return;
  const std::string futures =
      grouped(point.continuations) + " of " + grouped(point.continuations) + " other futures fail";
  if (point.operation.empty()) {
    screen.prose("too late", "from the beginning: " + futures +
                                 " under other latencies, and without any fault");
    return;
  }
  screen.prose("too late", "at " + text_of(point.at) + ", when " +
                               (point.fault              ? "the fault strikes " + point.operation
                                : point.sentence.empty() ? point.operation + " begins"
                                                         : point.sentence) +
                               ": " + futures +
                               " from there, even if nothing else goes wrong; just before, " +
                               grouped(point.before));
}

void tell_parting(Screen& screen, const ExplainReport& report) {
  if (!report.explanation.parting) {
    return;
  }
  const search::Parting& parting = *report.explanation.parting;
  const auto said = [](const std::string& sentence) {
    return sentence.empty() ? std::string("nothing of the kind") : sentence;
  };
  const std::string other =
      !parting.fault ? "from a run with other luck"
      : report.plan.size() == 1
          ? "from the run without it"
          : "from the run without \"" + fault_text(report, *parting.fault) + "\"";
  const bool noticed = !parting.with.empty() || !parting.without.empty();
  screen.prose("parts", other + " at operation " + grouped(parting.divergence.position + 1) +
                            (noticed ? "; noticed at " + text_of(parting.at) + ": " +
                                           said(parting.with) + "; there: " + said(parting.without)
                                     : "; nobody would notice before it is violated"));
}

void tell_remedies(Screen& screen, const search::Explanation& explanation) {
  const std::string around = grouped(explanation.around_failed) + " of " +
                             plural(explanation.around, "seed") + " around show it as it is";
  if (explanation.guards.empty()) {
    screen.field("remedies", "no guard is weakened; " + around);
    return;
  }
  if (explanation.remedies.empty()) {
    screen.field("remedies", "none among up to three of these guards; " + around);
    return;
  }
  std::vector<std::string> choices;
  for (const search::Remedy& remedy : explanation.remedies) {
    std::string text;
    for (const std::string& change : remedy.changes) {
      text += (text.empty() ? "" : " with ") + change;
    }
    choices.push_back(text);
  }
  screen.list("remedies", choices, ", or ");
  screen.more("none of " + plural(explanation.around, "seed") + " around show it then; " +
              grouped(explanation.around_failed) + " do as it is");
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json fault_json(const ExplainReport& report, const search::FaultRole& role) {
  return {{"operation", or_null(operation_of(report, role.index))},
          {"text", fault_text(report, role.index)},
          {"at", role.at ? Json(seconds_of(*role.at)) : Json(nullptr)},
          {"without", or_null(role.without)}};
}

Json chain_json(const ExplainReport& report) {
  static constexpr const char* kKinds[] = {"event", "fault", "violation"};
  Json chain = Json::array();
  for (const ChainStep& step : report.explanation.chain) {
    const bool is_fault = step.kind == ChainStep::Kind::kFault;
    chain.push_back({{"at", seconds_of(step.at)},
                     {"kind", kKinds[static_cast<std::size_t>(step.kind)]},
                     {"text", is_fault ? fault_text(report, step.fault) : step.sentence},
                     {"operation", or_null(step.operation)},
                     {"times", step.times}});
  }
  return chain;
}

}  // namespace

void write_text(std::ostream& out, const ExplainReport& report, const Style& style) {
  Screen screen(out, style);
  const search::Explanation& explanation = report.explanation;
  const scenarios::Violation& violation = explanation.result.violations.front();
  screen.line(paint(style, Paint::kBad, "FAIL") + "  " + title(report.target) + " seed " +
              std::to_string(report.seed) + ": " + explanation.signature);
  for (const scenarios::PropertyInfo& info : report.target.properties) {
    if (info.id == violation.property) {
      screen.prose("property", info.id + ": " + info.description);
    }
  }
  screen.gap();
  tell_chain(screen, report);
  screen.gap();
  tell_faults(screen, report);
  if (!explanation.interrupted) {
    tell_no_return(screen, report);
    tell_parting(screen, report);
    tell_remedies(screen, explanation);
  } else {
    screen.field("interrupted", "the rest is not known");
  }
  screen.gap();
  screen.line("rerun: " + report.rerun);
}

void write_json(std::ostream& out, const ExplainReport& report) {
  const search::Explanation& explanation = report.explanation;
  Json json;
  json["scenario"] = report.target.scenario;
  json["architecture"] = report.target.architecture;
  json["seed"] = std::to_string(report.seed);
  json["cause"] = explanation.signature;
  json["message"] = explanation.result.violations.front().message;
  json["necessary_faults"] = Json::array();
  json["other_faults"] = Json::array();
  for (const search::FaultRole& role : explanation.faults) {
    json[role.necessary ? "necessary_faults" : "other_faults"].push_back(fault_json(report, role));
  }
  json["no_return"] = nullptr;
  if (explanation.no_return) {
    const search::PointOfNoReturn& point = *explanation.no_return;
    json["no_return"] = {{"at", seconds_of(point.at)},
                         {"operation", or_null(point.operation)},
                         {"text", or_null(point.sentence)},
                         {"continuations", point.continuations},
                         {"failed_before", point.before}};
  }
  json["chain"] = chain_json(report);
  json["divergence"] = nullptr;
  if (explanation.parting) {
    const search::Parting& parting = *explanation.parting;
    json["divergence"] = {
        {"operation", parting.divergence.position + 1},
        {"fault", parting.fault ? Json(fault_text(report, *parting.fault)) : Json(nullptr)},
        {"at", seconds_of(parting.divergence.at)},
        {"what", parting.divergence.what},
        {"noticed_at", seconds_of(parting.at)},
        {"with", or_null(parting.with)},
        {"without", or_null(parting.without)}};
  }
  json["remedies"] = Json::array();
  for (const search::Remedy& remedy : explanation.remedies) {
    json["remedies"].push_back(remedy.changes);
  }
  json["weakened"] = explanation.guards;
  json["around"] = {{"runs", explanation.around}, {"failed", explanation.around_failed}};
  json["runs"] = explanation.runs;
  json["interrupted"] = explanation.interrupted;
  json["rerun"] = report.rerun;
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace sagasim::reports
