#include "reports/markdown.h"

#include <algorithm>

#include "reports/screen.h"

namespace sagasim::reports {
namespace {

// Causes that are told in full.
constexpr std::size_t kCausesInTable = 10;

// Safe inside a table or a sentence: what a file held may hold anything.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    if (std::string("|*_`<>[]\\#&").find(c) != std::string::npos) {
      result += '\\';
    }
    result += c;
  }
  return result;
}

std::string code(const std::string& text) {
  std::string inner = printable(text);
  std::replace(inner.begin(), inner.end(), '`', '\'');
  return "`" + inner + "`";
}

void tell_cause(std::ostream& out, const SweepReport& report, std::size_t index) {
  const Failure& failure = report.failures[index];
  const std::string standing = standing_of(report, failure.cause);
  out << "\n### " << index + 1 << ". " << escaped(failure.cause) << ", "
      << plural(failure.count, "run") << (standing.empty() ? "" : ", " + standing) << "\n\n";
  out << "**" << escaped(failure.property) << "** " << escaped(failure.description) << "  \n"
      << escaped(failure.subject) << " at " << text_of(failure.at) << ": "
      << escaped(failure.message) << "\n\n";
  if (!failure.story.empty()) {
    out << "| at | what happens to " << escaped(failure.subject) << " |\n| ---: | --- |\n";
    for (const StoryLine& line : failure.story) {
      const char* mark = line.kind == StoryLine::Kind::kFault       ? "**fault** "
                         : line.kind == StoryLine::Kind::kViolation ? "**violated** "
                                                                    : "";
      out << "| " << text_of(line.at) << " | " << mark << escaped(line.text) << " |\n";
    }
    out << "\n";
  }
  out << "Reproduce: " << code(failure.rerun) << "\n";
  if (!failure.repro.empty()) {
    out << "File: " << code(failure.repro) << "\n";
  }
}

void tell_history(std::ostream& out, const SweepReport& report) {
  if (!report.history) {
    return;
  }
  out << "\n## Against the campaign before\n\n| cause | |\n| --- | --- |\n";
  for (const Failure& failure : report.failures) {
    out << "| " << escaped(failure.cause) << " | " << standing_of(report, failure.cause) << " |\n";
  }
  for (const search::Cause& cause : report.history->resolved) {
    out << "| " << escaped(cause.signature) << " | resolved |\n";
  }
  for (const search::Cause& cause : report.history->undecided) {
    out << "| " << escaped(cause.signature) << " | not decided: its seeds were not all run |\n";
  }
  out << "\nOf what failed before: " << known_text(*report.history) << ".\n";
}

}  // namespace

void write_markdown(std::ostream& out, const SweepReport& report) {
  const search::SweepResult& result = report.result;
  const scenarios::Verdict verdict = verdict_of(result);
  const char* word = verdict == scenarios::Verdict::kPass   ? "PASS"
                     : verdict == scenarios::Verdict::kFail ? "FAIL"
                                                            : "INCONCLUSIVE";
  out << "# " << word << ": " << escaped(title(report.target)) << "\n\n";
  out << grouped(result.failed) << " of " << plural(result.runs, "run") << " failed, "
      << plural(result.causes.size(), "cause") << (result.interrupted ? "; unfinished" : "")
      << ".\n";
  if (!report.failures.empty()) {
    out << "\n## Causes\n";
  }
  for (std::size_t i = 0; i < std::min(report.failures.size(), kCausesInTable); ++i) {
    tell_cause(out, report, i);
  }
  if (report.failures.size() > kCausesInTable) {
    out << "\nand " << plural(report.failures.size() - kCausesInTable, "cause") << " more\n";
  }
  tell_history(out, report);
  out << "\n## Figures\n\n| | |\n| --- | ---: |\n";
  out << "| seeds | " << result.from << " to " << result.last << " |\n";
  for (const auto& [group, counts] : result.tallies) {
    for (const auto& [name, count] : counts) {
      out << "| " << escaped(group) << " " << escaped(name) << " | " << grouped(count) << " |\n";
    }
  }
  out << "| situations met | " << grouped(result.coverage.seen) << " of "
      << grouped(result.coverage.cells) << " |\n";
  const Outlook outlook = outlook_of(result);
  if (outlook.failure_rate_bound_95) {
    out << "| further seeds that fail, with 95 % confidence | fewer than "
        << rounded(*outlook.failure_rate_bound_95 * 100, 2) << " % |\n";
  }
  out << "| digest | " << search::fingerprint_text(result.digest) << " |\n";
  out << "\n## Properties\n\n| property | checked | runs that violate it |\n| --- | ---: | ---: "
         "|\n";
  for (const scenarios::PropertyInfo& property : report.target.properties) {
    const auto checked = result.properties.find(property.id);
    const auto violated = result.property_failures.find(property.id);
    out << "| " << escaped(property.id) << " " << escaped(property.description) << " | "
        << grouped(checked == result.properties.end() ? 0 : checked->second) << " | "
        << (violated == result.property_failures.end() ? "" : grouped(violated->second)) << " |\n";
  }
  out << "\nAgain: " << code(report.rerun) << "\n";
}

}  // namespace sagasim::reports
