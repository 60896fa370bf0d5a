#include "reports/compared.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "reports/screen.h"

namespace sagasim::reports {
namespace {

using Json = nlohmann::ordered_json;

// What a table may be wide, whatever the terminal: it is pasted elsewhere.
constexpr std::size_t kWidth = 80;
constexpr std::size_t kPropertiesNamed = 3;

std::string percent(std::uint64_t part, std::uint64_t whole) {
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  return part == 0      ? "0%"
         : share < 1    ? "<1%"
         : part < whole ? rounded(std::min(share, 99.0), 0) + "%"
                        : "100%";
}

std::string mark_of(const search::SweepResult& result) {
  return result.runs == 0          ? "-"
         : result.failed > 0       ? percent(result.failed, result.runs)
         : result.inconclusive > 0 ? "?"
                                   : "ok";
}

Paint paint_of(const search::SweepResult& result) {
  return result.failed > 0                             ? Paint::kBad
         : result.inconclusive > 0 || result.runs == 0 ? Paint::kUnsure
                                                       : Paint::kGood;
}

std::size_t widest(const std::vector<std::string>& texts) {
  std::size_t width = 0;
  for (const std::string& text : texts) {
    width = std::max(width, text.size());
  }
  return width;
}

std::vector<std::pair<std::string, std::uint64_t>> violated(const search::SweepResult& result) {
  std::vector<std::pair<std::string, std::uint64_t>> list(result.property_failures.begin(),
                                                          result.property_failures.end());
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return list;
}

class Tables {
 public:
  Tables(std::ostream& out, const CompareReport& report, const Style& style)
      : screen_(out, style), report_(report), style_(style) {}

  void write() {
    write_verdict();
    if (report_.axes.size() == 1) {
      write_list();
      write_weakest();
    } else {
      write_grids();
    }
    write_foot();
  }

 private:
  void write_verdict() {
    const scenarios::Verdict verdict = verdict_of(report_);
    std::uint64_t failing = 0;
    for (const CompareCell& cell : report_.cells) {
      failing += cell.result.failed > 0 ? 1 : 0;
    }
    const std::string word =
        verdict == scenarios::Verdict::kPass   ? paint(style_, Paint::kGood, "PASS")
        : verdict == scenarios::Verdict::kFail ? paint(style_, Paint::kBad, "FAIL")
                                               : paint(style_, Paint::kUnsure, "INCONCLUSIVE");
    screen_.line(word + "  " + title(report_.target) + ": " + grouped(failing) + " of " +
                 plural(report_.cells.size(), "variant") + " fail, " +
                 plural(report_.seeds, "seed") + " each" +
                 (report_.interrupted ? "; interrupted" : ""));
    screen_.gap();
  }

  const CompareCell* cell_at(const std::vector<std::size_t>& place) const {
    for (const CompareCell& cell : report_.cells) {
      if (cell.place == place) {
        return &cell;
      }
    }
    return nullptr;
  }

  // One axis: a line for each value, with what breaks.
  void write_list() {
    const CompareAxis& axis = report_.axes[0];
    const std::size_t width = std::max(axis.name.size(), widest(axis.values)) + 2;
    screen_.line("  " + padded(axis.name, width) + "fails  properties violated, most often first");
    for (const CompareCell& cell : report_.cells) {
      std::string list;
      std::size_t named = 0;
      const auto properties = violated(cell.result);
      for (const auto& [property, count] : properties) {
        if (++named > kPropertiesNamed) {
          list += " and " + std::to_string(properties.size() - kPropertiesNamed) + " more";
          break;
        }
        list += (list.empty() ? "" : " · ") + property;
      }
      screen_.line("  " + padded(axis.values[cell.place[0]], width) +
                   paint(style_, paint_of(cell.result), padded(mark_of(cell.result), 7)) + list);
    }
    for (const Share& share : report_.shares) {
      std::vector<std::string> items;
      for (const CompareCell& cell : report_.cells) {
        items.push_back(axis.values[cell.place[0]] + " " + text_of(share, cell));
      }
      screen_.gap();
      screen_.list(share.title, items, " · ");
    }
  }

  void write_weakest() {
    if (!report_.is_ladder) {
      return;
    }
    const std::vector<Weakest> all = weakest_of(report_);
    const std::vector<std::string>& rungs = report_.axes[0].values;
    screen_.gap();
    screen_.line("  The weakest of these under which a property holds, and under all above it:");
    for (int rung = static_cast<int>(rungs.size()) - 1; rung >= -1; --rung) {
      std::vector<std::string> ids;
      for (const Weakest& each : all) {
        if (each.rung == rung) {
          ids.push_back(each.property);
        }
      }
      if (!ids.empty()) {
        const std::string name = rung < 0 ? "none of them" : rungs[static_cast<std::size_t>(rung)];
        screen_.line("  " + name);
        screen_.more(wrapped(ids, " · ", Screen::kLabel + 2, kWidth));
      }
    }
  }

  // Two axes: a grid; more: one for each combination of the others.
  void write_grids() {
    std::vector<std::size_t> others(report_.axes.size() - 2, 0);
    while (true) {
      if (!others.empty()) {
        std::string where;
        for (std::size_t i = 0; i < others.size(); ++i) {
          const CompareAxis& axis = report_.axes[i];
          where += (where.empty() ? "" : ", ") + axis.name + " = " + axis.values[others[i]];
        }
        screen_.line(where);
      }
      write_grid(others, "", [](const CompareCell& cell) { return mark_of(cell.result); });
      for (const Share& share : report_.shares) {
        write_grid(others, share.title,
                   [&share](const CompareCell& cell) { return text_of(share, cell); });
      }
      std::size_t digit = others.size();
      while (digit > 0 && ++others[digit - 1] == report_.axes[digit - 1].values.size()) {
        others[--digit] = 0;
      }
      if (digit == 0) {
        return;
      }
    }
  }

  template <class Text>
  void write_grid(const std::vector<std::size_t>& others, const std::string& name, Text text) {
    const CompareAxis& rows = report_.axes[report_.axes.size() - 2];
    const CompareAxis& columns = report_.axes.back();
    const std::size_t row_width =
        std::max(widest(rows.values), std::max(rows.name.size(), name.size())) + 2;
    std::vector<std::string> heads = columns.values;
    const std::size_t room = kWidth > row_width + 2 ? kWidth - row_width - 2 : 0;
    const bool fits = heads.size() * (std::max<std::size_t>(widest(heads), 4) + 2) <= room;
    if (!fits) {
      for (std::size_t i = 0; i < heads.size(); ++i) {
        heads[i] = std::to_string(i + 1);
      }
    }
    const std::size_t width = std::max<std::size_t>(widest(heads), 4) + 2;
    screen_.line(paint(style_, Paint::kFaint,
                       "  " + padded(name.empty() ? rows.name : name, row_width) + columns.name));
    std::string head = std::string(row_width + 2, ' ');
    for (const std::string& each : heads) {
      head += padded(each, width);
    }
    screen_.line(head);
    for (std::size_t row = 0; row < rows.values.size(); ++row) {
      std::string line = "  " + padded(rows.values[row], row_width);
      for (std::size_t column = 0; column < columns.values.size(); ++column) {
        std::vector<std::size_t> place = others;
        place.push_back(row);
        place.push_back(column);
        const CompareCell* cell = cell_at(place);
        line += cell == nullptr ? padded("-", width)
                                : paint(style_, paint_of(cell->result), padded(text(*cell), width));
      }
      screen_.line(line);
    }
    if (!fits) {
      std::vector<std::string> legend;
      for (std::size_t i = 0; i < heads.size(); ++i) {
        legend.push_back(heads[i] + " " + columns.values[i]);
      }
      screen_.line("  " + columns.name + ": " + wrapped(legend, " · ", 4, kWidth - 4));
    }
    screen_.gap();
  }

  static std::string text_of(const Share& share, const CompareCell& cell) {
    const auto group = cell.result.tallies.find(share.group);
    if (group == cell.result.tallies.end()) {
      return "-";
    }
    const auto part = group->second.find(share.part);
    const auto whole = group->second.find(share.whole);
    const bool known = part != group->second.end() && whole != group->second.end();
    return known && whole->second > 0 ? percent(part->second, whole->second) : "-";
  }

  void write_foot() {
    if (report_.axes.size() == 1) {
      screen_.gap();
    }
    if (report_.seeds > 0) {
      screen_.line("  ok: none of " + grouped(report_.seeds) + " runs failed, so fewer than " +
                   rounded(std::min(100.0, 300.0 / static_cast<double>(report_.seeds)), 2) +
                   " % do, with 95 % confidence");
    }
    screen_.line("  percent: so many of the runs violate a property");
    for (const CompareCell& cell : report_.cells) {
      if (cell.result.failed > 0) {
        screen_.gap();
        screen_.line("rerun: " + cell.rerun);
        return;
      }
    }
  }

  Screen screen_;
  const CompareReport& report_;
  const Style& style_;
};

Json cell_json(const CompareReport& report, const CompareCell& cell) {
  Json json;
  json["values"] = Json::array();
  for (std::size_t i = 0; i < cell.place.size(); ++i) {
    json["values"].push_back(report.axes[i].values[cell.place[i]]);
  }
  const search::SweepResult& result = cell.result;
  json["runs"] = result.runs;
  json["failed"] = result.failed;
  json["inconclusive"] = result.inconclusive;
  json["properties"] = Json::object();
  for (const scenarios::PropertyInfo& property : report.target.properties) {
    const auto place = result.property_failures.find(property.id);
    json["properties"][property.id] = place == result.property_failures.end() ? 0 : place->second;
  }
  json["causes"] = Json::array();
  for (const search::Cause& cause : result.causes) {
    json["causes"].push_back({{"cause", cause.signature},
                              {"count", cause.count},
                              {"first_seed", std::to_string(cause.first_seed)}});
  }
  for (const auto& [group, counts] : result.tallies) {
    if (!json.contains(group)) {
      json[group] = counts;
    }
  }
  json["rerun"] = cell.rerun;
  return json;
}

}  // namespace

std::vector<Weakest> weakest_of(const CompareReport& report) {
  std::vector<Weakest> all;
  for (const scenarios::PropertyInfo& property : report.target.properties) {
    Weakest weakest{property.id, -1};
    bool judged = false;
    bool holds = true;
    for (const CompareCell& cell : report.cells) {
      const auto checked = cell.result.properties.find(property.id);
      judged = judged || (checked != cell.result.properties.end() && checked->second > 0);
      holds = holds && cell.result.property_failures.count(property.id) == 0;
      weakest.rung = holds ? static_cast<int>(cell.place.back()) : weakest.rung;
    }
    if (judged) {
      all.push_back(weakest);
    }
  }
  return all;
}

scenarios::Verdict verdict_of(const CompareReport& report) {
  bool undecided = false;
  for (const CompareCell& cell : report.cells) {
    const scenarios::Verdict verdict = verdict_of(cell.result);
    if (verdict == scenarios::Verdict::kFail) {
      return verdict;
    }
    undecided = undecided || verdict == scenarios::Verdict::kInconclusive;
  }
  return undecided ? scenarios::Verdict::kInconclusive : scenarios::Verdict::kPass;
}

void write_text(std::ostream& out, const CompareReport& report, const Style& style) {
  Tables(out, report, style).write();
}

void write_json(std::ostream& out, const CompareReport& report) {
  Json json;
  json["scenario"] = report.target.scenario;
  json["architecture"] = report.target.architecture;
  json["from"] = std::to_string(report.from);
  json["seeds"] = report.seeds;
  json["axes"] = Json::array();
  for (const CompareAxis& axis : report.axes) {
    json["axes"].push_back({{"key", axis.name}, {"values", axis.values}});
  }
  json["cells"] = Json::array();
  for (const CompareCell& cell : report.cells) {
    json["cells"].push_back(cell_json(report, cell));
  }
  if (report.is_ladder) {
    json["weakest"] = Json::object();
    for (const Weakest& each : weakest_of(report)) {
      json["weakest"][each.property] =
          each.rung < 0 ? Json(nullptr)
                        : Json(report.axes[0].values[static_cast<std::size_t>(each.rung)]);
    }
  }
  json["interrupted"] = report.interrupted;
  json["jobs"] = report.jobs;
  json["wall_seconds"] = report.seconds;
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace sagasim::reports
