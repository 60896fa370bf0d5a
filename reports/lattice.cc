#include "reports/lattice.h"

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "reports/screen.h"

namespace sagasim::reports {
namespace {

using Json = nlohmann::ordered_json;
using search::GuardSet;

GuardSet all_of(const LatticeReport& report) {
  return static_cast<GuardSet>((std::uint64_t{1} << report.guards.size()) - 1);
}

bool has(GuardSet set, std::size_t guard) { return (set >> guard & 1) != 0; }

std::vector<std::string> ids_of(const LatticeReport& report, GuardSet guards) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < report.guards.size(); ++i) {
    if (has(guards, i)) {
      ids.push_back(report.guards[i].id);
    }
  }
  return ids;
}

std::string joined(const std::vector<std::string>& items, const std::string& separator) {
  std::string text;
  for (const std::string& item : items) {
    text += (text.empty() ? "" : separator) + item;
  }
  return text;
}

// "unknown outcomes" is "unknown" at the head of a column.
std::string head_of(const LatticeClass& each) { return each.id.substr(0, each.id.find(' ')); }

double bound_of(std::uint64_t runs) {
  return runs == 0 ? 1 : std::min(1.0, 3.0 / static_cast<double>(runs));
}

std::string evidence_of(const LatticeCell& cell) {
  std::string text = "held in " + plural(cell.held.runs, "run");
  if (cell.held.runs != 0) {
    text += ", so fewer than " + rounded(100 * bound_of(cell.held.runs), 3) + " % fail";
  }
  if (cell.held.inconclusive != 0) {
    text += ", " + grouped(cell.held.inconclusive) + " of them undecided";
  }
  if (cell.certificate) {
    text += "; none of " + grouped(cell.certificate->combinations) + " combinations of at most " +
            plural(cell.certificate->faults, "fault") + " over " + cell.certificate->scenario +
            " breaks anything";
  }
  if (cell.check) {
    text += cell.check->failed == 0
                ? "; checked with " + grouped(cell.check->runs) + " other seeds"
                : "; BROKEN by " + grouped(cell.check->failed) + " of " +
                      grouped(cell.check->runs) + " other seeds, the first is " +
                      std::to_string(*cell.check->first_seed);
  }
  return text;
}

const char* mark_of(Need need) {
  return need == Need::kAll ? "x" : need == Need::kSome ? "o" : ".";
}

std::string verdict_word(const LatticeReport& report, const Style& style) {
  switch (verdict_of(report)) {
    case scenarios::Verdict::kPass:
      return paint(style, Paint::kGood, "COMPLETE");
    case scenarios::Verdict::kFail:
      return paint(style, Paint::kBad, "FAIL");
    case scenarios::Verdict::kInconclusive:
      break;
  }
  return paint(style, Paint::kUnsure, "UNFINISHED");
}

std::string state_of(const LatticeReport& report) {
  return report.interrupted ? "; interrupted" : report.out_of_time ? "; the time was over" : "";
}

void write_grid(Screen& screen, const LatticeReport& report, const Style& style) {
  std::size_t width = 0;
  for (const LatticeGuard& guard : report.guards) {
    width = std::max(width, guard.name.size());
  }
  std::string head = "  " + padded("", 5 + width);
  for (const LatticeClass& each : report.classes) {
    head += "  " + head_of(each);
  }
  screen.line(head);
  for (unsigned i = 0; i < report.guards.size(); ++i) {
    std::string line = "  " + padded(report.guards[i].id, 5) + padded(report.guards[i].name, width);
    for (const LatticeClass& each : report.classes) {
      const Need need = need_of(each, i);
      const std::string mark = each.cells.empty() ? "?" : mark_of(need);
      const Paint color = need == Need::kNone ? Paint::kFaint : Paint::kStrong;
      line += "  " + paint(style, color, padded(mark, head_of(each).size()));
    }
    screen.line(line);
  }
  screen.line("  x: needed; o: one way among others; .: not needed");
}

Json check_json(const LatticeCheck& check) {
  Json json;
  json["from"] = std::to_string(check.from);
  json["runs"] = check.runs;
  json["failed"] = check.failed;
  json["inconclusive"] = check.inconclusive;
  json["first_seed"] = check.first_seed ? Json(std::to_string(*check.first_seed)) : Json(nullptr);
  return json;
}

Json cell_json(const LatticeReport& report, const LatticeCell& cell) {
  Json json;
  json["guards"] = ids_of(report, all_of(report) & ~cell.held.left_out);
  json["left_out"] = ids_of(report, cell.held.left_out);
  json["runs"] = cell.held.runs;
  json["inconclusive"] = cell.held.inconclusive;
  json["failure_rate_bound_95"] = bound_of(cell.held.runs);
  json["certificate"] = nullptr;
  if (cell.certificate) {
    json["certificate"] = {{"scenario", cell.certificate->scenario},
                           {"faults", cell.certificate->faults},
                           {"combinations", cell.certificate->combinations}};
  }
  json["check"] = cell.check ? check_json(*cell.check) : Json(nullptr);
  json["wrong"] = Json::array();
  for (const LatticeNeed& need : cell.needs) {
    if (!need.fails) {
      json["wrong"].push_back(report.guards[need.guard].id);
    }
  }
  json["without"] = Json::object();
  for (const LatticeNeed& need : cell.needs) {
    json["without"][report.guards[need.guard].id] = report.breaks[need.broken_by].repro;
  }
  return json;
}

}  // namespace

scenarios::Verdict verdict_of(const LatticeReport& report) {
  bool complete = !report.classes.empty();
  for (const LatticeClass& each : report.classes) {
    if (each.complete && each.cells.empty()) {
      return scenarios::Verdict::kFail;
    }
    complete = complete && each.complete;
    for (const LatticeCell& cell : each.cells) {
      if (cell.check && cell.check->failed > 0) {
        return scenarios::Verdict::kFail;
      }
      for (const LatticeNeed& need : cell.needs) {
        if (!need.fails) {
          return scenarios::Verdict::kFail;
        }
      }
    }
  }
  for (const LatticeBreak& each : report.breaks) {
    if (!each.fails) {
      return scenarios::Verdict::kFail;
    }
  }
  return complete && !report.interrupted && !report.out_of_time ? scenarios::Verdict::kPass
                                                                : scenarios::Verdict::kInconclusive;
}

Need need_of(const LatticeClass& of, unsigned guard) {
  std::size_t having = 0;
  for (const LatticeCell& cell : of.cells) {
    having += has(cell.held.left_out, guard) ? 0U : 1U;
  }
  return having == 0 ? Need::kNone : having == of.cells.size() ? Need::kAll : Need::kSome;
}

std::string names_of(const LatticeReport& report, GuardSet guards) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < report.guards.size(); ++i) {
    if (has(guards, i)) {
      names.push_back(report.guards[i].id + " " + report.guards[i].name);
    }
  }
  return joined(names, ", ");
}

void write_text(std::ostream& out, const LatticeReport& report, const Style& style) {
  Screen screen(out, style);
  screen.line(verdict_word(report, style) + "  " + joined(report.scenarios, ", ") + ": " +
              plural(report.guards.size(), "guard") + " against " +
              (report.classes.size() == 1
                   ? "one class of trouble"
                   : grouped(report.classes.size()) + " classes of trouble") +
              ", " + plural(report.seeds, "seed") + " for each minimal set" + state_of(report));
  screen.gap();
  write_grid(screen, report, style);
  for (const LatticeClass& each : report.classes) {
    screen.gap();
    screen.line("  " + paint(style, Paint::kStrong, each.id) + ": " +
                (each.cells.empty() ? each.complete ? "nothing is enough" : "not begun"
                                    : plural(each.cells.size(), "minimal set")) +
                (each.complete || each.cells.empty() ? "" : ", not finished"));
    for (const LatticeCell& cell : each.cells) {
      screen.prose("without", names_of(report, cell.held.left_out));
      screen.prose("", evidence_of(cell));
      for (const LatticeNeed& need : cell.needs) {
        if (!need.fails) {
          screen.prose("WRONG", "without " + report.guards[need.guard].id + " as well, " +
                                    report.breaks[need.broken_by].repro + " does not fail");
        }
      }
    }
  }
  screen.gap();
  screen.line("  What breaks without them:");
  for (const LatticeBreak& each : report.breaks) {
    screen.prose("without", joined(ids_of(report, each.left_out), " ") + ": " +
                                printable(each.cause) + " with " + plural(each.faults, "fault") +
                                ": " + printable(each.message) + " (" + printable(each.repro) +
                                ")" + (each.fails ? "" : " DOES NOT FAIL ANY MORE"));
  }
  screen.gap();
  screen.field("runs", grouped(report.runs) +
                           (report.seconds > 0 ? " · " + rounded(report.seconds, 1) + " s" : "") +
                           " with " + plural(report.jobs, "thread"));
  screen.gap();
  screen.line("rerun: " + report.rerun);
}

void write_markdown(std::ostream& out, const LatticeReport& report) {
  out << "\n| guard |";
  std::string rule = "| --- |";
  for (const LatticeClass& each : report.classes) {
    out << " " << each.id << " |";
    rule += " :---: |";
  }
  out << "\n" << rule << "\n";
  for (unsigned i = 0; i < report.guards.size(); ++i) {
    out << "| " << report.guards[i].id << " " << report.guards[i].name << " |";
    for (const LatticeClass& each : report.classes) {
      const Need need = need_of(each, i);
      out << " " << (need == Need::kAll ? "●" : need == Need::kSome ? "◐" : "") << " |";
    }
    out << "\n";
  }
  out << "\n● in every minimal set, ◐ in some of them.\n\n### The minimal sets\n\n"
         "| against | what can be left out | what it is worth |\n| --- | --- | --- |\n";
  for (const LatticeClass& each : report.classes) {
    for (const LatticeCell& cell : each.cells) {
      const std::string names = names_of(report, cell.held.left_out);
      out << "| " << each.id << " | " << (names.empty() ? "nothing" : names) << " | "
          << evidence_of(cell) << " |\n";
    }
  }
  out << "\n### What goes wrong in a class\n\n| class | what goes wrong |\n| --- | --- |\n";
  for (const LatticeClass& each : report.classes) {
    out << "| " << each.id << " | " << each.sentence << " |\n";
  }
  out << "\n### What is left out with a guard\n\n| guard | what it does | without it |\n"
         "| --- | --- | --- |\n";
  for (const LatticeGuard& guard : report.guards) {
    out << "| " << guard.id << " " << guard.name << " | " << guard.sentence << " | `"
        << joined(guard.left_out, "` `") << "` |\n";
  }
  out << "\n### What breaks without them\n\n| without | breaks | since | faults | run |\n"
         "| --- | --- | --- | ---: | --- |\n";
  for (const LatticeBreak& each : report.breaks) {
    const std::string stem = each.repro.substr(0, each.repro.rfind('.'));
    out << "| " << names_of(report, each.left_out) << " | " << each.cause << ": " << each.message
        << " | " << each.found_in << " | " << each.faults << " | [" << stem
        << "](../scenarios/lattice/" << each.repro << ") |\n";
  }
  out << "\n";
}

void write_json(std::ostream& out, const LatticeReport& report) {
  Json json;
  json["scenarios"] = report.scenarios;
  json["settings"] = report.settings;
  const scenarios::Verdict verdict = verdict_of(report);
  json["verdict"] = verdict == scenarios::Verdict::kPass   ? "pass"
                    : verdict == scenarios::Verdict::kFail ? "fail"
                                                           : "inconclusive";
  json["from"] = std::to_string(report.from);
  json["seeds"] = report.seeds;
  json["guards"] = Json::array();
  for (const LatticeGuard& guard : report.guards) {
    json["guards"].push_back({{"id", guard.id},
                              {"name", guard.name},
                              {"description", guard.sentence},
                              {"left_out", guard.left_out}});
  }
  json["classes"] = Json::array();
  for (const LatticeClass& each : report.classes) {
    Json one;
    one["id"] = each.id;
    one["description"] = each.sentence;
    one["settings"] = each.settings;
    one["complete"] = each.complete;
    one["minimal_sets"] = Json::array();
    for (const LatticeCell& cell : each.cells) {
      one["minimal_sets"].push_back(cell_json(report, cell));
    }
    json["classes"].push_back(std::move(one));
  }
  json["breaks"] = Json::array();
  for (const LatticeBreak& each : report.breaks) {
    json["breaks"].push_back({{"left_out", ids_of(report, each.left_out)},
                              {"class", each.found_in},
                              {"cause", each.cause},
                              {"message", each.message},
                              {"faults", each.faults},
                              {"commands", each.commands},
                              {"repro", each.repro},
                              {"fails", each.fails}});
  }
  json["runs"] = report.runs;
  json["interrupted"] = report.interrupted;
  json["out_of_time"] = report.out_of_time;
  json["rerun"] = report.rerun;
  json["jobs"] = report.jobs;
  json["wall_seconds"] = report.seconds;
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace sagasim::reports
