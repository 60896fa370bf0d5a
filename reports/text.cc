#include "reports/text.h"

#include "reports/screen.h"

namespace sagasim::reports {
namespace {

// Causes that are told in full; the others get a line each, up to kCausesListed.
constexpr std::size_t kCausesOnScreen = 3;
constexpr std::size_t kCausesListed = 20;

using FaultCounts = std::uint64_t[faults::kKinds];

void tell_faults(Screen& screen, const FaultCounts& faults, const FaultCounts& met_nothing) {
  std::vector<std::string> items;
  std::vector<std::string> idle;
  std::uint64_t total = 0;
  for (const faults::KindInfo& info : faults::kCatalog) {
    const std::uint64_t count = faults[static_cast<std::size_t>(info.kind)];
    total += count;
    if (count > 0) {
      items.push_back(std::string(info.id) + " " + grouped(count));
    }
    if (const std::uint64_t in_vain = met_nothing[static_cast<std::size_t>(info.kind)]) {
      idle.push_back(std::string(info.id) + " " + grouped(in_vain));
    }
  }
  if (items.empty()) {
    screen.field("injected", "no faults");
  } else {
    items.insert(items.begin(), plural(total, "fault"));
    screen.list("injected", items, " · ");
  }
  screen.list("met nothing", idle, " · ");
}

// Faults of a plan that struck nothing. A plan that misses must not look like one that did no harm.
void tell_left_over(Screen& screen, const std::vector<std::string>& faults) {
  bool first = true;
  for (const std::string& fault : faults) {
    const std::string text = paint(screen.style(), Paint::kUnsure, fault);
    if (first) {
      screen.field("left over", text);
    } else {
      screen.more(text);
    }
    first = false;
  }
}

void tell_tallies(Screen& screen,
                  const std::map<std::string, std::map<std::string, std::uint64_t>>& tallies) {
  for (const auto& [group, counts] : tallies) {
    std::vector<std::string> items;
    for (const auto& [name, count] : counts) {
      items.push_back(name + " " + grouped(count));
    }
    // "events_by_type" becomes "events": the items say by what.
    screen.list(group.substr(0, group.find('_')), items, " · ");
  }
}

void tell_properties(Screen& screen, const Target& target,
                     const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::string> items;
  std::vector<std::string> vacuous;
  for (const scenarios::PropertyInfo& info : target.properties) {
    const auto place = counts.find(info.id);
    const std::uint64_t count = place == counts.end() ? 0 : place->second;
    if (count > 0) {
      items.push_back(info.id + " " + grouped(count));
    } else {
      vacuous.push_back(info.id);
    }
  }
  screen.list("checked", items, " · ");
  screen.list("not checked", vacuous, " · ");
}

std::string verdict_line(const Style& style, scenarios::Verdict verdict, const std::string& text) {
  switch (verdict) {
    case scenarios::Verdict::kPass:
      return paint(style, Paint::kGood, "PASS") + "  " + text;
    case scenarios::Verdict::kFail:
      return paint(style, Paint::kBad, "FAIL") + "  " + text;
    case scenarios::Verdict::kInconclusive:
      return paint(style, Paint::kUnsure, "INCONCLUSIVE") + "  " + text;
  }
  return text;
}

void tell_differences(Screen& screen, const RunReport& report) {
  for (const search::Difference& difference : report.differences) {
    screen.field(difference.what, "expected " + printable(difference.expected) + ", got " +
                                      printable(difference.actual));
  }
  if (report.divergence) {
    const search::Divergence& divergence = *report.divergence;
    screen.field("parts at", "operation " + grouped(divergence.position + 1) + ", " +
                                 text_of(divergence.at) + ": the " + divergence.what + " differs");
    screen.field("first", divergence.first.empty() ? "had ended" : divergence.first);
    screen.field("second", divergence.second.empty() ? "had ended" : divergence.second);
  }
}

std::string said_of_run(const RunReport& report) {
  const std::string what = title(report.target) + " seed " + std::to_string(report.result.seed);
  switch (report.result.verdict) {
    case scenarios::Verdict::kPass:
      return what + ": all properties held";
    case scenarios::Verdict::kFail:
      return what + ": " + report.result.signature();
    case scenarios::Verdict::kInconclusive:
      return what + ": no violation, but not everything was decided within the horizon";
  }
  return what;
}

std::string said_of_sweep(const SweepReport& report) {
  const search::SweepResult& result = report.result;
  const std::string what = title(report.target) + ": ";
  switch (verdict_of(result)) {
    case scenarios::Verdict::kPass:
      return what + "all properties held in " + plural(result.runs, "run");
    case scenarios::Verdict::kFail:
      return what + grouped(result.failed) + " of " + plural(result.runs, "run") + " failed, " +
             plural(result.causes.size(), "cause");
    case scenarios::Verdict::kInconclusive:
      return what + "no violation in " + plural(result.runs, "run") + ", but " +
             grouped(result.inconclusive) + " undecided within the horizon, first seed " +
             std::to_string(*result.first_inconclusive_seed);
  }
  return what;
}

void tell_causes(Screen& screen, const SweepReport& report) {
  for (std::size_t i = 0; i < report.failures.size(); ++i) {
    const Failure& failure = report.failures[i];
    const std::string head =
        std::to_string(i + 1) + ". " + paint(screen.style(), Paint::kStrong, failure.cause) + "  " +
        plural(failure.count, "run") + ", first seed " + std::to_string(failure.seed) +
        (report.history ? std::string("  ") + standing_of(report, failure.cause) : "");
    if (i == kCausesListed) {
      screen.line("and " + plural(report.failures.size() - i, "cause") + " more");
      break;
    }
    screen.line(head);
    if (i < kCausesOnScreen) {
      tell(screen, failure);
      screen.gap();
    } else {
      screen.field("reproduce", failure.rerun);
    }
  }
  if (report.failures.size() > kCausesOnScreen) {
    screen.gap();
  }
}

void tell_history(Screen& screen, const SweepReport& report) {
  if (!report.history) {
    return;
  }
  const search::History& history = *report.history;
  std::uint64_t fresh = 0;
  for (const Failure& failure : report.failures) {
    fresh += history.is_new(failure.cause) ? 1u : 0u;
  }
  screen.field("before", grouped(fresh) + " new, " + grouped(report.failures.size() - fresh) +
                             " ongoing, " + grouped(history.resolved.size()) + " resolved; " +
                             known_text(history));
  for (const search::Cause& cause : history.resolved) {
    screen.more("resolved: " + cause.signature + ", " + plural(cause.count, "run") +
                " before, first seed " + std::to_string(cause.first_seed));
  }
  for (const search::Cause& cause : history.undecided) {
    screen.more("not decided: " + cause.signature + ", since not all of its seeds were run");
  }
}

void tell_outlook(Screen& screen, const search::SweepResult& result) {
  const Outlook outlook = outlook_of(result);
  if (outlook.failure_rate_bound_95) {
    screen.field("outlook", "with 95 % confidence fewer than " +
                                rounded(*outlook.failure_rate_bound_95 * 100, 2) +
                                " % of further seeds fail");
  } else if (result.runs > 0 && result.stopped_after) {
    screen.field("outlook", "none: failures decided when to stop, so these runs are no sample");
  }
  if (result.coverage.cells == 0) {
    return;
  }
  std::string text =
      grouped(result.coverage.seen) + " of " + plural(result.coverage.cells, "situation") + " met";
  if (outlook.unseen_probability) {
    text += "; about one run in " +
            (*outlook.unseen_probability > 0 ? rounded(1 / *outlook.unseen_probability, 0)
                                             : "more than " + grouped(result.runs)) +
            " meets a new one";
  }
  screen.field("coverage", text);
}

void tell_sweep_figures(Screen& screen, const SweepReport& report) {
  const search::SweepResult& result = report.result;
  std::string runs = grouped(result.runs);
  if (result.runs > 0) {
    runs += (result.runs == seeds_of(result) ? ", seeds " : " of the seeds ") +
            std::to_string(result.from) + " to " + std::to_string(result.last);
  }
  runs += result.interrupted ? "; interrupted" : result.out_of_time ? "; the time was over" : "";
  screen.field("runs", runs);
  if (result.seconds > 0) {
    std::vector<std::string> speeds = {
        rounded(static_cast<double>(result.runs) / result.seconds, 0) + " runs/s"};
    for (const Rate& rate : report.rates) {
      std::string unit = rate.key;
      if (const std::size_t end = unit.find("_per_second"); end != std::string::npos) {
        unit.resize(end);
      }
      speeds.push_back(rounded(rate_of(report, rate), 0) + " " + unit + "/s");
    }
    speeds.push_back(rounded(static_cast<double>(result.operations) / result.seconds, 0) +
                     " operations/s");
    speeds.push_back(rounded(result.seconds, 1) + " s with " + plural(result.jobs, "thread"));
    screen.list("speed", speeds, " · ");
  }
  tell_tallies(screen, result.tallies);
  tell_faults(screen, result.faults, result.met_nothing);
  std::vector<std::string> never;
  for (const auto& [fault, count] : result.left_over) {
    if (count == result.runs) {
      never.push_back(fault);
    }
  }
  tell_left_over(screen, never);
  tell_properties(screen, report.target, result.properties);
  tell_outlook(screen, result);
  screen.field("digest",
               search::fingerprint_text(result.digest) + " of all seeds and fingerprints");
}

void tell_error(Screen& screen, const search::InternalError& error) {
  screen.line(paint(screen.style(), Paint::kBad, "INTERNAL ERROR") + "  seed " +
              std::to_string(error.seed) + ": " + printable(error.message));
  screen.line("  This is a defect of sagasim, not of what it simulates. The sweep ended there.");
  screen.gap();
}

}  // namespace

void write_text(std::ostream& out, const RunReport& report, const Style& style) {
  Screen screen(out, style);
  if (report.is_replay && !report.differences.empty()) {
    screen.line(paint(style, Paint::kBad, "DIFFERENT") + "  " + title(report.target) + " seed " +
                std::to_string(report.result.seed) + ": not the run that was expected");
    tell_differences(screen, report);
    screen.gap();
  } else if (report.is_replay) {
    screen.line(paint(style, Paint::kGood, "REPRODUCED") + "  the same run twice, fingerprint " +
                search::fingerprint_text(report.result.fingerprint));
  }
  screen.line(verdict_line(style, report.result.verdict, said_of_run(report)));
  if (!report.about.empty()) {
    screen.prose("about", printable(report.about));
  }
  if (report.failure) {
    tell(screen, *report.failure);
  } else {
    tell_stuck(screen, report.result.stuck);
  }
  screen.gap();
  tell_tallies(screen, report.result.tallies);
  tell_faults(screen, report.result.faults, report.result.met_nothing);
  tell_left_over(screen, report.result.left_over);
  std::uint64_t checked = 0;
  for (const auto& [property, count] : report.result.properties) {
    checked += count > 0 ? 1u : 0u;
  }
  screen.field("checked", grouped(checked) + " of " + grouped(report.target.properties.size()) +
                              " properties had something to judge");
  screen.field("operations", grouped(report.result.operations) + " in " +
                                 text_of(sim::kStart + report.result.virtual_time) +
                                 " of virtual time");
  screen.field("fingerprint", search::fingerprint_text(report.result.fingerprint));
  for (const std::string& file : report.files) {
    screen.field("written", file);
  }
  screen.gap();
  screen.line("rerun: " + report.rerun);
}

void write_text(std::ostream& out, const SweepReport& report, const Style& style) {
  Screen screen(out, style);
  if (report.result.internal_error) {
    tell_error(screen, *report.result.internal_error);
  }
  // Without a failure there is no verdict on seeds that an internal error kept from being run.
  if (!report.result.internal_error || report.result.failed > 0) {
    screen.line(verdict_line(style, verdict_of(report.result), said_of_sweep(report)));
    screen.gap();
  }
  tell_causes(screen, report);
  tell_history(screen, report);
  tell_sweep_figures(screen, report);
  for (const std::string& file : report.files) {
    screen.field("written", file);
  }
  screen.gap();
  screen.line("rerun: " + report.rerun);
}

}  // namespace sagasim::reports
