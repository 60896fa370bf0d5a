#include "reports/screen.h"

namespace sagasim::reports {
namespace {

// What is stuck is told of so many.
constexpr std::size_t kStuckTold = 3;

void tell_plan(Screen& screen, const Failure& failure) {
  if (!failure.plan_known) {
    return;
  }
  if (failure.plan.empty()) {
    screen.field("faults", "none: it happens without any");
    return;
  }
  bool first = true;
  for (const FaultLine& line : failure.plan) {
    std::string text = line.at ? "at " + text_of(*line.at) + "  " : "";
    text += line.operation.empty() ? line.text : line.operation + ": " + line.text;
    if (first) {
      screen.field("faults", text);
    } else {
      screen.more(text);
    }
    first = false;
  }
  if (failure.plan_left_out > 0) {
    screen.more("and " + grouped(failure.plan_left_out) + " more, all in the reproduction file");
  }
}

}  // namespace

void tell_stuck(Screen& screen, const std::vector<scenarios::StuckSubject>& stuck) {
  for (std::size_t i = 0; i < stuck.size() && i < kStuckTold; ++i) {
    screen.prose("stuck", sim::to_text(stuck[i].subject) + " " + stuck[i].reason + ": " +
                              printable(stuck[i].message));
  }
  if (stuck.size() > kStuckTold) {
    screen.more("and " + grouped(stuck.size() - kStuckTold) + " more");
  }
}

void tell(Screen& screen, const Failure& failure) {
  screen.prose("property",
               failure.property + (failure.description.empty() ? "" : ": " + failure.description));
  screen.prose("violated",
               failure.subject + " at " + text_of(failure.at) + ": " + printable(failure.message));
  if (failure.more_violations > 0) {
    screen.more("and " + plural(failure.more_violations, "violation") + " more in the same run");
  }
  tell_stuck(screen, failure.stuck);
  tell_plan(screen, failure);
  screen.field("reproduce", failure.rerun);
  if (!failure.minimize.empty()) {
    screen.field("make small", failure.minimize);
  }
  if (failure.files.empty()) {
    screen.field("files", "none kept");
  }
  bool first = true;
  for (const std::string& file : failure.files) {
    if (first) {
      screen.field("files", file);
    } else {
      screen.more(file);
    }
    first = false;
  }
}

std::string title(const Target& target) {
  return target.scenario + " (" + target.architecture + ")";
}

}  // namespace sagasim::reports
