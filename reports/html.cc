#include "reports/html.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "reports/junit.h"
#include "reports/screen.h"

namespace sagasim::reports {
namespace {

constexpr std::size_t kCausesOnPage = 20;

constexpr const char* kStyle = R"css(
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1b1f24;--faint:#68707c;
--line:#e1e4e9;--good:#1a7f4b;--bad:#c0322b;--unsure:#9a6b00;--heat:42,102,196;--accent:#2a66c4}
@media(prefers-color-scheme:dark){:root{--page:#14171b;--card:#1d2126;--ink:#e6e8eb;
--faint:#98a1ad;--line:#31363d;--good:#4cc38a;--bad:#ff7b72;--unsure:#e3b341;
--heat:96,156,255;--accent:#79b0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1120px;margin:0 auto;padding:24px 20px 64px}
h1{font-size:26px;margin:0;letter-spacing:-.01em}h2{font-size:18px;margin:36px 0 12px}
h3{font-size:16px;margin:0}
.faint{color:var(--faint)}.mono,code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;
font-size:13px}
header{display:flex;gap:18px;align-items:center;flex-wrap:wrap}
.verdict{font-weight:700;letter-spacing:.04em;padding:6px 16px;border-radius:8px;color:#fff;
font-size:20px}
.pass{background:#1a7f4b}.fail{background:#c0322b}.inconclusive{background:#9a6b00}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;
margin-top:22px}
.tile,.card{background:var(--card);border:1px solid var(--line);border-radius:10px;
padding:14px 16px}
.tile b{display:block;font-size:24px;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.card{margin:12px 0}
.card>header{justify-content:space-between;align-items:baseline;gap:8px}
.bad{color:var(--bad)}.good{color:var(--good)}
.tag{font-size:12px;border:1px solid currentColor;border-radius:99px;padding:1px 9px;
font-weight:400;margin-left:6px}
ol.story{list-style:none;margin:14px 0 4px;padding:0 0 0 14px;border-left:2px solid var(--line)}
ol.story li{position:relative;padding:3px 0 3px 92px;overflow-wrap:anywhere}
ol.story li:before{content:"";position:absolute;left:-20px;top:11px;width:9px;height:9px;
border-radius:50%;background:var(--faint);border:2px solid var(--card)}
ol.story time{position:absolute;left:0;color:var(--faint);font-variant-numeric:tabular-nums;
font-size:13px}
ol.story .fault{color:var(--unsure)}ol.story .fault:before{background:var(--unsure)}
ol.story .violation{color:var(--bad);font-weight:600}
ol.story .violation:before{background:var(--bad)}
.command{display:block;background:var(--page);border:1px solid var(--line);border-radius:6px;
padding:7px 10px;margin-top:10px;overflow-x:auto;white-space:pre;user-select:all}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{font-weight:600;text-align:left;color:var(--faint);font-size:13px}
td,th{padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap}
.heat td{border:2px solid var(--card);text-align:center;min-width:44px;padding:7px 2px;
font-size:13px;border-radius:6px}
.heat th{border:0;padding:4px 8px}.heat thead th{vertical-align:bottom;height:132px;
white-space:nowrap;padding:0}
.heat thead th span{display:block;writing-mode:vertical-rl;transform:rotate(180deg);margin:0 auto}
.bar{display:block;height:9px;border-radius:3px;background:var(--accent);min-width:1px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:0 32px}
footer{margin-top:40px;color:var(--faint);font-size:13px}
@media print{body{background:#fff}.card,.tile{break-inside:avoid}}
)css";

std::string text(std::string_view raw) { return xml_escaped(raw); }

const char* word_of(scenarios::Verdict verdict) {
  return verdict == scenarios::Verdict::kPass   ? "PASS"
         : verdict == scenarios::Verdict::kFail ? "FAIL"
                                                : "INCONCLUSIVE";
}

std::uint64_t count_in(const std::map<std::string, std::uint64_t>& counts,
                       const std::string& name) {
  const auto place = counts.find(name);
  return place == counts.end() ? 0 : place->second;
}

void tile(std::ostream& out, const std::string& value, const std::string& what) {
  out << "<div class=\"tile\"><b>" << text(value) << "</b><span class=\"faint\">" << text(what)
      << "</span></div>\n";
}

void write_head(std::ostream& out, const SweepReport& report) {
  const scenarios::Verdict verdict = verdict_of(report.result);
  const std::string word = word_of(verdict);
  const char* color = verdict == scenarios::Verdict::kPass   ? "pass"
                      : verdict == scenarios::Verdict::kFail ? "fail"
                                                             : "inconclusive";
  out << "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" << word
      << ": " << text(title(report.target)) << "</title>\n<style>" << kStyle
      << "</style>\n</head>\n<body>\n<main>\n<header><span class=\"verdict " << color << "\">"
      << word << "</span><div><h1>" << text(report.target.scenario) << "</h1><span class=\"faint\">"
      << text(report.target.architecture) << "</span></div></header>\n";
}

void write_tiles(std::ostream& out, const SweepReport& report) {
  const search::SweepResult& result = report.result;
  const Outlook outlook = outlook_of(result);
  out << "<section class=\"tiles\">\n";
  tile(out, grouped(result.runs),
       result.runs == 0
           ? "runs"
           : "runs, seeds " + std::to_string(result.from) + " to " + std::to_string(result.last) +
                 (result.interrupted ? ", unfinished" : ""));
  tile(out, grouped(result.failed), "of them failed");
  tile(out, grouped(result.causes.size()), result.causes.size() == 1 ? "cause" : "causes");
  if (outlook.failure_rate_bound_95) {
    tile(out, "< " + rounded(*outlook.failure_rate_bound_95 * 100, 2) + " %",
         "of further seeds fail, with 95 % confidence");
  }
  if (result.coverage.cells > 0) {
    tile(out, grouped(result.coverage.seen),
         "situations met of " + grouped(result.coverage.cells) + " that can be told apart");
  }
  if (outlook.unseen_probability) {
    tile(out, rounded(*outlook.unseen_probability * 100, 2) + " %",
         "of further seeds meet a new situation, about");
  }
  tile(out, grouped(result.operations), "operations");
  out << "</section>\n";
  if (result.stopped_after) {
    out << "<p class=\"faint\">Failures decided when to stop, so these runs are no sample: nothing "
           "is said about further seeds.</p>\n";
  }
}

void write_story(std::ostream& out, const Failure& failure) {
  out << "<ol class=\"story\">\n";
  for (const StoryLine& line : failure.story) {
    const char* kind = line.kind == StoryLine::Kind::kFault       ? " class=\"fault\""
                       : line.kind == StoryLine::Kind::kViolation ? " class=\"violation\""
                                                                  : "";
    out << "<li" << kind << "><time>" << text_of(line.at) << "</time>" << text(line.text)
        << "</li>\n";
  }
  out << "</ol>\n";
}

void write_plan(std::ostream& out, const Failure& failure) {
  if (failure.plan.empty()) {
    return;
  }
  out << "<details><summary class=\"faint\">"
      << text(plural(failure.plan.size() + failure.plan_left_out, "fault"))
      << " in that run</summary><ul>\n";
  for (const FaultLine& line : failure.plan) {
    out << "<li>" << (line.at ? text_of(*line.at) + " " : "");
    if (!line.operation.empty()) {
      out << "<code>" << text(line.operation) << "</code> ";
    }
    out << text(line.text) << "</li>\n";
  }
  out << "</ul>";
  if (failure.plan_left_out > 0) {
    out << "<p class=\"faint\">and " << grouped(failure.plan_left_out)
        << " more, all in the reproduction file</p>";
  }
  out << "</details>\n";
}

void write_causes(std::ostream& out, const SweepReport& report) {
  if (report.failures.empty()) {
    return;
  }
  out << "<h2>Causes</h2>\n";
  for (std::size_t i = 0; i < std::min(report.failures.size(), kCausesOnPage); ++i) {
    const Failure& failure = report.failures[i];
    const std::string standing = standing_of(report, failure.cause);
    out << "<article class=\"card\"><header><h3>" << text(failure.cause);
    if (!standing.empty()) {
      out << "<span class=\"tag" << (standing == "new" ? " bad" : "") << "\">" << standing
          << "</span>";
    }
    out << "</h3><span class=\"faint\">" << text(plural(failure.count, "run")) << ", first seed "
        << failure.seed << "</span></header>\n<p><b>" << text(failure.property) << "</b> "
        << text(failure.description) << "</p>\n";
    if (failure.story.empty()) {
      out << "<p class=\"bad\">" << text(failure.subject) << " at " << text_of(failure.at) << ": "
          << text(failure.message) << "</p>\n";
    } else {
      write_story(out, failure);
    }
    write_plan(out, failure);
    out << "<code class=\"command\">" << text(failure.rerun) << "</code>\n";
    if (!failure.repro.empty()) {
      out << "<p class=\"faint\">file: <code>" << text(failure.repro) << "</code></p>\n";
    }
    out << "</article>\n";
  }
  if (report.failures.size() > kCausesOnPage) {
    out << "<p class=\"faint\">and "
        << text(plural(report.failures.size() - kCausesOnPage, "cause")) << " more</p>\n";
  }
}

void write_history(std::ostream& out, const SweepReport& report) {
  if (!report.history) {
    return;
  }
  const search::History& history = *report.history;
  out << "<h2>Against the campaign before</h2>\n<div class=\"card\"><p>"
      << "Of what failed before: " << text(known_text(history)) << ".</p>\n<table>";
  for (const Failure& failure : report.failures) {
    out << "<tr><td>" << text(failure.cause) << "</td><td>" << standing_of(report, failure.cause)
        << "</td><td>" << text(failure.message) << "</td></tr>\n";
  }
  for (const search::Cause& cause : history.resolved) {
    out << "<tr><td>" << text(cause.signature) << "</td><td class=\"good\">resolved</td><td>"
        << text(cause.message) << "</td></tr>\n";
  }
  for (const search::Cause& cause : history.undecided) {
    out << "<tr><td>" << text(cause.signature) << "</td><td>not decided</td><td>"
        << "not all of its seeds were run</td></tr>\n";
  }
  out << "</table></div>\n";
}

// Of the values of all axes but the first two: how many were met there, and which not.
class HeatMap {
 public:
  explicit HeatMap(const SweepReport& report)
      : cells_(report.result.cells), axes_(report.axes), depth_(1) {
    for (std::size_t i = 2; i < axes_.size(); ++i) {
      depth_ *= axes_[i].values.size();
    }
  }

  bool empty() const { return axes_.size() < 2 || cells_.empty(); }

  void write(std::ostream& out) const {
    const scenarios::CoverageAxis& rows = axes_[0];
    const scenarios::CoverageAxis& columns = axes_[1];
    std::size_t most = 1;
    for (std::size_t i = 0; i < rows.values.size() * columns.values.size(); ++i) {
      most = std::max(most, met(i));
    }
    out << "<div class=\"card scroll\"><table class=\"heat\"><thead><tr><th>" << text(rows.name)
        << "</th>";
    for (const std::string& column : columns.values) {
      out << "<th><span>" << text(column) << "</span></th>";
    }
    out << "</tr></thead>\n";
    for (std::size_t row = 0; row < rows.values.size(); ++row) {
      out << "<tr><th>" << text(rows.values[row]) << "</th>";
      for (std::size_t column = 0; column < columns.values.size(); ++column) {
        write_cell(out, row * columns.values.size() + column, most);
      }
      out << "</tr>\n";
    }
    out << "</table></div>\n";
  }

 private:
  std::size_t met(std::size_t place) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < depth_; ++i) {
      count += runs(place * depth_ + i) != 0 ? 1u : 0u;
    }
    return count;
  }

  std::uint64_t runs(std::size_t cell) const {
    return cell < cells_.size() ? cells_[cell].runs : 0;
  }

  void write_cell(std::ostream& out, std::size_t place, std::size_t most) const {
    const std::size_t count = met(place);
    if (count == 0) {
      out << "<td class=\"faint\" title=\"never met\">·</td>";
      return;
    }
    const double share = static_cast<double>(count) / static_cast<double>(most);
    out << "<td style=\"background:rgba(var(--heat)," << rounded(0.08 + 0.72 * share, 2)
        << ")\" title=\"" << text(met_names(place)) << "\">" << count << "</td>";
  }

  std::string met_names(std::size_t place) const {
    if (axes_.size() != 3) {
      return grouped(met(place));
    }
    std::string seen;
    std::string unseen;
    for (std::size_t i = 0; i < depth_; ++i) {
      const std::uint64_t count = runs(place * depth_ + i);
      std::string& list = count != 0 ? seen : unseen;
      list += (list.empty() ? "" : ", ") + axes_[2].values[i];
      list += count != 0 ? " " + grouped(count) : "";
    }
    return "met: " + seen + (unseen.empty() ? "" : ". Not met: " + unseen);
  }

  const std::vector<search::CellCount>& cells_;
  const std::vector<scenarios::CoverageAxis>& axes_;
  std::size_t depth_;
};

void write_coverage(std::ostream& out, const SweepReport& report) {
  const HeatMap map(report);
  if (map.empty()) {
    return;
  }
  out << "<h2>Coverage</h2>\n<p class=\"faint\">" << text(report.axes[0].name) << " against "
      << text(report.axes[1].name);
  if (report.axes.size() == 3) {
    out << ": the number is how many of " << report.axes[2].values.size() << " values of "
        << text(report.axes[2].name)
        << " were met there. Point at it for their names. Not every combination can occur";
  }
  out << ".</p>\n";
  map.write(out);
}

void bar(std::ostream& out, std::uint64_t count, std::uint64_t most) {
  const double share =
      most == 0 ? 0 : 100.0 * static_cast<double>(count) / static_cast<double>(most);
  out << "<span class=\"bar\" style=\"width:" << rounded(share, 1) << "%\"></span>";
}

void write_properties(std::ostream& out, const SweepReport& report) {
  const search::SweepResult& result = report.result;
  out << "<h2>Properties</h2>\n<div class=\"card scroll\"><table><tr><th>property</th><th></th>"
         "<th class=\"n\">checked</th><th class=\"n\">runs that violate it</th></tr>\n";
  for (const scenarios::PropertyInfo& property : report.target.properties) {
    const std::uint64_t checked = count_in(result.properties, property.id);
    const std::uint64_t violated = count_in(result.property_failures, property.id);
    out << "<tr><td class=\"mono\">" << text(property.id) << "</td><td>"
        << text(property.description) << "</td><td class=\"n"
        << (checked == 0 ? " faint\">never" : "\">" + grouped(checked)) << "</td><td class=\"n"
        << (violated == 0 ? " good\">&#10003;" : " bad\">" + grouped(violated)) << "</td></tr>\n";
  }
  out << "</table></div>\n";
}

void write_faults(std::ostream& out, const SweepReport& report) {
  const search::SweepResult& result = report.result;
  std::uint64_t most = 0;
  for (const std::uint64_t count : result.faults) {
    most = std::max(most, count);
  }
  if (most == 0) {
    return;
  }
  out << "<h2>Faults</h2>\n<div class=\"card two\">\n";
  std::size_t left = 0;
  const std::size_t half = (static_cast<std::size_t>(faults::kKinds) + 1) / 2;
  for (const faults::KindInfo& info : faults::kCatalog) {
    if (left % half == 0) {
      out << (left == 0 ? "" : "</table>\n") << "<table>";
    }
    ++left;
    const std::uint64_t count = result.faults[static_cast<std::size_t>(info.kind)];
    out << "<tr title=\"" << text(info.description) << "\"><td class=\"mono\">" << text(info.id)
        << "</td><td class=\"n" << (count == 0 ? " faint" : "") << "\">" << grouped(count)
        << "</td><td style=\"width:45%\">";
    bar(out, count, most);
    out << "</td></tr>\n";
  }
  out << "</table>\n</div>\n";
}

void write_tallies(std::ostream& out, const SweepReport& report) {
  if (report.result.tallies.empty()) {
    return;
  }
  out << "<h2>What happened</h2>\n<div class=\"card two\">\n";
  for (const auto& [group, counts] : report.result.tallies) {
    std::uint64_t most = 0;
    for (const auto& [name, count] : counts) {
      most = std::max(most, count);
    }
    out << "<table><tr><th colspan=\"3\">" << text(group.substr(0, group.find('_')))
        << "</th></tr>\n";
    for (const auto& [name, count] : counts) {
      out << "<tr><td>" << text(name) << "</td><td class=\"n\">" << grouped(count)
          << "</td><td style=\"width:45%\">";
      bar(out, count, most);
      out << "</td></tr>\n";
    }
    out << "</table>\n";
  }
  out << "</div>\n";
}

}  // namespace

void write_html(std::ostream& out, const SweepReport& report) {
  write_head(out, report);
  write_tiles(out, report);
  write_causes(out, report);
  write_history(out, report);
  write_coverage(out, report);
  write_properties(out, report);
  write_faults(out, report);
  write_tallies(out, report);
  out << "<footer>Again: <code class=\"command\">" << text(report.rerun)
      << "</code><p>digest of all seeds and fingerprints: <code>"
      << search::fingerprint_text(report.result.digest) << "</code></p></footer>\n"
      << "</main>\n</body>\n</html>\n";
}

}  // namespace sagasim::reports
