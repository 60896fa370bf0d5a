#include "reports/junit.h"

#include <set>
#include <utility>
#include <vector>

namespace sagasim::reports {
namespace {

struct Case {
  std::string name;
  std::string classname;
  std::string failure;  // its message; empty: none
  std::string failure_body;
  std::string error;    // a defect of the simulator; empty: none
  std::string skipped;  // why; empty: it was decided
};

struct Suite {
  std::string name;
  double seconds = 0;
  std::vector<std::pair<std::string, std::string>> properties;  // what CI shows beside it
  std::vector<Case> cases;
};

// Plain digits, since a comma would be read as a decimal point or not at all.
std::string time_text(double seconds) {
  std::string text = rounded(seconds, 3);
  std::erase(text, ',');
  return text == "-" ? "0.000" : text;
}

void write(std::ostream& out, const Suite& suite) {
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
  for (const Case& each : suite.cases) {
    failures += each.failure.empty() ? 0u : 1u;
    errors += each.error.empty() ? 0u : 1u;
    skipped += each.skipped.empty() ? 0u : 1u;
  }
  const std::string counts = " tests=\"" + std::to_string(suite.cases.size()) + "\" failures=\"" +
                             std::to_string(failures) + "\" errors=\"" + std::to_string(errors) +
                             "\" skipped=\"" + std::to_string(skipped) + "\" time=\"" +
                             time_text(suite.seconds) + "\"";
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out << "<testsuites name=\"sagasim\"" << counts << ">\n";
  out << "  <testsuite name=\"" << xml_escaped(suite.name) << "\"" << counts << ">\n";
  out << "    <properties>\n";
  for (const auto& [name, value] : suite.properties) {
    out << "      <property name=\"" << xml_escaped(name) << "\" value=\"" << xml_escaped(value)
        << "\"/>\n";
  }
  out << "    </properties>\n";
  for (const Case& each : suite.cases) {
    out << "    <testcase classname=\"" << xml_escaped(each.classname) << "\" name=\""
        << xml_escaped(each.name) << "\" time=\"0.000\"";
    if (!each.failure.empty()) {
      out << ">\n      <failure type=\"violation\" message=\"" << xml_escaped(each.failure) << "\">"
          << xml_escaped(each.failure_body) << "</failure>\n    </testcase>\n";
    } else if (!each.error.empty()) {
      out << ">\n      <error type=\"internal\" message=\"" << xml_escaped(each.error)
          << "\"/>\n    </testcase>\n";
    } else if (!each.skipped.empty()) {
      out << ">\n      <skipped message=\"" << xml_escaped(each.skipped)
          << "\"/>\n    </testcase>\n";
    } else {
      out << "/>\n";
    }
  }
  out << "  </testsuite>\n</testsuites>\n";
}

std::string body_of(const Failure& failure) {
  std::string body = failure.description + "\n" + failure.subject + " at " + text_of(failure.at) +
                     ": " + failure.message + "\n";
  if (failure.plan_known && failure.plan.empty()) {
    body += "faults: none\n";
  } else if (failure.plan_known) {
    body += "faults:\n";
  }
  for (const FaultLine& line : failure.plan) {
    body += "  " + (line.at ? "at " + text_of(*line.at) + "  " : "") +
            (line.operation.empty() ? "" : line.operation + ": ") + line.text + "\n";
  }
  if (failure.plan_left_out > 0) {
    body += "  and " + grouped(failure.plan_left_out) + " more\n";
  }
  for (const std::string& file : failure.files) {
    body += "file: " + file + "\n";
  }
  return body + "rerun: " + failure.rerun + "\n";
}

// One case per property, in the order of the list. A property that was not violated has held only
// if every run was decided, and if it was evaluated at all.
template <class Evaluations>
std::vector<Case> cases_of(const Target& target, const Evaluations& evaluations,
                           const std::string& undecided) {
  std::set<std::string> evaluated;
  for (const auto& [property, count] : evaluations) {
    if (count > 0) {
      evaluated.insert(property);
    }
  }
  std::vector<Case> cases;
  for (const scenarios::PropertyInfo& property : target.properties) {
    Case each;
    each.classname = "sagasim." + target.scenario;
    each.name = property.id;  // and nothing else: CI systems know a case again by its name
    each.skipped = undecided;
    if (undecided.empty() && evaluated.count(property.id) == 0) {
      each.skipped = "not exercised: nothing happened that it could have found wrong";
    }
    cases.push_back(std::move(each));
  }
  return cases;
}

void fail(const Target& target, std::vector<Case>& cases, const std::string& property,
          const std::string& message, const std::string& body) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (target.properties[i].id != property) {
      continue;
    }
    cases[i].skipped.clear();
    if (cases[i].failure.empty()) {
      cases[i].failure = message.empty() ? property : message;
    }
    cases[i].failure_body += (cases[i].failure_body.empty() ? "" : "\n") + body;
    return;
  }
}

}  // namespace

void write_junit(std::ostream& out, const RunReport& report) {
  const scenarios::RunResult& result = report.result;
  Suite suite;
  suite.name = report.target.scenario;
  suite.seconds = result.wall_seconds;
  suite.properties = {{"architecture", report.target.architecture},
                      {"seed", std::to_string(result.seed)},
                      {"fingerprint", search::fingerprint_text(result.fingerprint)},
                      {"rerun", report.rerun}};
  const bool undecided = result.verdict == scenarios::Verdict::kInconclusive;
  suite.cases = cases_of(report.target, result.properties, undecided ? "inconclusive" : "");
  std::string told;
  if (report.failure) {
    told = report.failure->property;
    fail(report.target, suite.cases, told, report.failure->message, body_of(*report.failure));
  }
  for (const scenarios::Violation& violation : result.violations) {
    if (violation.property != told) {
      fail(report.target, suite.cases, violation.property, violation.message,
           sim::to_text(violation.subject) + " at " + text_of(violation.at) + ": " +
               violation.message + "\nrerun: " + report.rerun + "\n");
    }
  }
  write(out, suite);
}

void write_junit(std::ostream& out, const SweepReport& report) {
  const search::SweepResult& result = report.result;
  Suite suite;
  suite.name = report.target.scenario;
  suite.seconds = result.seconds;
  suite.properties = {{"architecture", report.target.architecture},
                      {"from", std::to_string(result.from)},
                      {"runs", std::to_string(result.runs)},
                      {"digest", search::fingerprint_text(result.digest)},
                      {"rerun", report.rerun}};
  std::string undecided;
  if (result.inconclusive > 0) {
    undecided = "inconclusive: " + grouped(result.inconclusive) + " of " +
                plural(result.runs, "run") + ", first seed " +
                std::to_string(*result.first_inconclusive_seed);
  } else if (result.runs == 0) {
    undecided = "no run was finished";
  }
  suite.cases = cases_of(report.target, result.properties, undecided);
  for (const Failure& failure : report.failures) {
    const std::string head = plural(failure.count, "run") + ", cause " + failure.cause + "\n";
    fail(report.target, suite.cases, failure.property, failure.message, head + body_of(failure));
  }
  // Violated in runs whose cause is another property.
  for (const auto& [property, count] : result.property_failures) {
    for (std::size_t i = 0; i < suite.cases.size(); ++i) {
      if (report.target.properties[i].id == property && suite.cases[i].failure.empty()) {
        fail(report.target, suite.cases, property,
             "violated in " + plural(count, "run") + ", each under a more specific cause",
             "rerun: " + report.rerun + "\n");
      }
    }
  }
  if (result.internal_error) {
    Case each;
    each.classname = "sagasim." + report.target.scenario;
    each.name = "internal error";
    each.error = "seed " + std::to_string(result.internal_error->seed) + ": " +
                 result.internal_error->message;
    suite.cases.push_back(std::move(each));
  }
  write(out, suite);
}

std::string xml_escaped(std::string_view text) {
  std::string result;
  std::string line;
  const auto flush = [&result, &line] {
    for (const char c : printable(line)) {
      switch (c) {
        case '&':
          result += "&amp;";
          break;
        case '<':
          result += "&lt;";
          break;
        case '>':
          result += "&gt;";
          break;
        case '"':
          result += "&quot;";
          break;
        default:
          result += c;
      }
    }
    line.clear();
  };
  for (const char c : text) {
    if (c == '\n') {
      flush();
      result += '\n';
    } else {
      line += c;
    }
  }
  flush();
  // The two that are UTF-8 and yet no characters of XML.
  for (const std::string_view bad : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {
    for (std::size_t at = result.find(bad); at != std::string::npos; at = result.find(bad, at)) {
      result.replace(at, bad.size(), "?");
    }
  }
  return result;
}

}  // namespace sagasim::reports
