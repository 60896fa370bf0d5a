#include "reports/minimized.h"

#include <nlohmann/json.hpp>

#include "reports/screen.h"

namespace sagasim::reports {
namespace {

using Json = nlohmann::ordered_json;

Json size_json(const search::Found& found) {
  Json json = {{"faults", found.what.plan.size()}};
  for (const auto& [name, count] : found.what.setup->counts()) {
    json[name] = count;
  }
  json["operations"] = found.result.operations;
  return json;
}

// "21 faults → 1", for everything that is counted.
std::vector<std::string> shrunk(const search::MinimizeResult& result) {
  const auto step = [](std::uint64_t before, const std::string& name, std::uint64_t after) {
    return counted(before, name) + " → " + grouped(after);
  };
  std::vector<std::string> items = {
      step(result.before.what.plan.size(), "faults", result.after.what.plan.size())};
  const auto before = result.before.what.setup->counts();
  for (const auto& [name, count] : result.after.what.setup->counts()) {
    const auto known = before.find(name);
    items.push_back(step(known == before.end() ? 0 : known->second, name, count));
  }
  items.push_back(
      step(result.before.result.operations, "operations", result.after.result.operations));
  return items;
}

std::string effort(const search::MinimizeResult& result) {
  std::string text = plural(result.runs, "run");
  if (result.seconds > 0) {
    text += " in " + rounded(result.seconds, 1) + " s";
  }
  text += result.minimal         ? "; no single step makes it smaller"
          : result.interrupted   ? "; interrupted, the best so far"
          : result.out_of_budget ? "; the budget was over, the best so far"
                                 : "";
  return text;
}

}  // namespace

void write_text(std::ostream& out, const MinimizeReport& report, const Style& style) {
  Screen screen(out, style);
  const search::MinimizeResult& result = report.result;
  const std::string what =
      title(report.target) + " seed " + std::to_string(result.after.what.seed) + ": ";
  if (!report.failure) {
    screen.line(paint(style, Paint::kGood, "PASS") + "  " + what +
                "all properties held, so there is nothing to minimise");
    return;
  }
  screen.line(paint(style, Paint::kBad, "FAIL") + "  " + what + report.failure->cause);
  screen.list("minimised", shrunk(result), " · ");
  screen.field("effort", effort(result));
  if (report.target.architecture != report.original.architecture) {
    screen.field("guards", "still fails with " + report.target.architecture + "; it was " +
                               report.original.architecture);
  }
  if (result.after.what.seed != result.before.what.seed) {
    screen.field("seed", std::to_string(result.after.what.seed) + " instead of " +
                             std::to_string(result.before.what.seed) +
                             ": other latencies, with which less is enough");
  }
  screen.field("sturdy", result.shakes == 0
                             ? "not known: no runs are left to vary what should not matter"
                             : "the same failure under " + grouped(result.sturdiness) + " of " +
                                   grouped(result.shakes) +
                                   " variations of what should not matter");
  screen.gap();
  tell(screen, *report.failure);
  for (const NewCause& other : report.others) {
    screen.field("met too", other.cause + ": " + printable(other.message));
    if (!other.repro.empty()) {
      screen.more(plural(other.faults, "fault") + ", kept in " + other.repro);
    }
  }
  if (result.internal_error) {
    screen.line(paint(style, Paint::kBad, "INTERNAL ERROR") +
                "  in a run that was tried: " + printable(*result.internal_error));
  }
  screen.gap();
  screen.line("rerun: " + report.failure->rerun);
}

void write_json(std::ostream& out, const MinimizeReport& report) {
  const search::MinimizeResult& result = report.result;
  Json json;
  json["scenario"] = report.target.scenario;
  json["architecture"] = report.target.architecture;
  json["seed"] = std::to_string(result.after.what.seed);
  json["verdict"] = search::verdict_text(result.before.result.verdict);
  json["cause"] = result.after.result.signature();
  json["before"] = size_json(result.before);
  json["before"]["architecture"] = report.original.architecture;
  json["after"] = size_json(result.after);
  json["after"]["architecture"] = report.target.architecture;
  json["runs"] = result.runs;
  json["repro"] = nullptr;
  json["rerun"] = nullptr;
  if (report.failure) {
    json["repro"] = report.failure->repro;
    json["rerun"] = report.failure->rerun;
  }
  json["minimal"] = result.minimal;
  json["sturdiness"] = {{"variations", result.shakes}, {"failed", result.sturdiness}};
  json["new_causes"] = Json::array();
  for (const NewCause& other : report.others) {
    json["new_causes"].push_back(
        {{"cause", other.cause},
         {"message", other.message},
         {"faults", other.faults},
         {"repro", other.repro.empty() ? Json(nullptr) : Json(other.repro)}});
  }
  json["interrupted"] = result.interrupted;
  json["wall_seconds"] = result.seconds;
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace sagasim::reports
