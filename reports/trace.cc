#include "reports/trace.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "faults/plan.h"
#include "reports/mermaid.h"
#include "sim/operation.h"

namespace sagasim::reports {
namespace {

using Json = nlohmann::ordered_json;
using search::RecordedOperation;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const char* word_of(sim::Effect::Kind kind) {
  using Kind = sim::Effect::Kind;
  switch (kind) {
    case Kind::kNone:
      return "none";
    case Kind::kDrop:
      return "drop";
    case Kind::kDelay:
      return "delay";
    case Kind::kHold:
      return "hold";
    case Kind::kDuplicate:
      return "duplicate";
    case Kind::kFail:
      return "fail";
    case Kind::kReplyLost:
      return "reply-lost";
    case Kind::kNotDone:
      return "not-done";
    case Kind::kLate:
      return "late";
    case Kind::kCrash:
      return "crash";
    case Kind::kPause:
      return "pause";
  }
  return "?";
}

// "payment", or "payment#2" where the role has several: as plans name it.
std::string node_text(sim::Name role, std::uint32_t number) {
  return number == 0 ? role.text() : role.text() + ("#" + std::to_string(number));
}

// Tells causes by the names of operations and windows. What lies between two of them (a step that
// was never taken, a generation of a consumer group) has no name: its own causes stand for it.
class Causes {
 public:
  Causes(const search::Recording& recording, const faults::Plan& plan) : recording_(recording) {
    for (const faults::WindowFault& window : plan.windows) {
      windows_.emplace(faults::identity_of(window), faults::label_of(window));
    }
  }

  Json of(std::uint64_t effect) const {
    Json names = Json::array();
    std::set<std::uint64_t> seen = {effect};
    tell(effect, seen, names);
    return names;
  }

 private:
  void tell(std::uint64_t effect, std::set<std::uint64_t>& seen, Json& names) const {
    for (const std::uint64_t cause : recording_.causes_of(effect)) {
      if (!seen.insert(cause).second) {
        continue;
      }
      if (const auto place = recording_.find(cause)) {
        names.push_back(sim::to_text(recording_.operations()[*place].operation));
      } else if (const auto window = windows_.find(cause); window != windows_.end()) {
        names.push_back(window->second);
      } else {
        tell(cause, seen, names);
      }
    }
  }

  const search::Recording& recording_;
  std::map<std::uint64_t, std::string> windows_;
};

Json effect_json(const search::Recording& recording, const RecordedOperation& recorded) {
  if (recorded.effect.none()) {
    return nullptr;
  }
  return {{"kind", word_of(recorded.effect.kind)},
          {"duration_ns", recorded.effect.duration.count()},
          {"text", text_of_effect(recording, recorded)}};
}

void write_json_lines(std::ostream& out, const Target& target, const scenarios::RunResult& result,
                      const search::Recording& recording) {
  const Json head = {{"trace", "sagasim"},
                     {"version", kTraceVersion},
                     {"scenario", target.scenario},
                     {"architecture", target.architecture},
                     {"seed", std::to_string(result.seed)},
                     {"fingerprint", search::fingerprint_text(result.fingerprint)},
                     {"operations", recording.operations().size()},
                     {"left_out", recording.left_out()}};
  out << dump(head) << '\n';
  const Causes causes(recording, result.plan);
  for (const RecordedOperation& recorded : recording.operations()) {
    Json line;
    line["name"] = sim::to_text(recorded.operation);
    line["at_ns"] = sim::ticks(recorded.operation.at);
    line["end_ns"] = nullptr;
    if (recorded.outcome) {
      line["end_ns"] = sim::ticks(recorded.end);
    }
    line["kind"] = sim::to_text(recorded.operation.kind);
    line["subject"] = sim::to_text(recorded.operation.subject);
    line["from"] = node_text(recorded.initiator, recorded.initiator_number);
    line["to"] = nullptr;
    if (!recorded.receiver.empty()) {
      line["to"] = node_text(recorded.receiver, recorded.receiver_number);
    }
    line["outcome"] = nullptr;
    if (recorded.outcome) {
      line["outcome"] = sim::to_text(*recorded.outcome);
    }
    line["effect"] = effect_json(recording, recorded);
    line["causes"] = causes.of(recorded.operation.id);
    out << dump(line) << '\n';
  }
  for (const scenarios::Violation& violation : result.violations) {
    out << dump({{"violation", violation.property},
                 {"at_ns", sim::ticks(violation.at)},
                 {"subject", sim::to_text(violation.subject)},
                 {"message", violation.message}})
        << '\n';
  }
}

// One event of the Chrome format a line, so that the file can be read and cut by line tools.
class ChromeFile {
 public:
  explicit ChromeFile(std::ostream& out) : out_(out) { out_ << "{\"traceEvents\":[\n"; }
  void add(const Json& event) {
    out_ << (first_ ? "" : ",\n") << dump(event);
    first_ = false;
  }
  void close(const Json& other) { out_ << "\n],\"otherData\":" << dump(other) << "}\n"; }

 private:
  std::ostream& out_;
  bool first_ = true;
};

// Chrome counts in microseconds.
double micros(sim::Instant at) { return static_cast<double>(sim::ticks(at)) / 1e3; }

void write_chrome(std::ostream& out, const Target& target, const scenarios::RunResult& result,
                  const search::Recording& recording) {
  ChromeFile file(out);
  // A process per node, in the order of their first operation.
  std::map<std::string, int> pids;
  const auto pid_of = [&](const std::string& node) {
    const auto [place, is_new] = pids.emplace(node, static_cast<int>(pids.size()) + 1);
    if (is_new) {
      file.add({{"ph", "M"},
                {"name", "process_name"},
                {"pid", place->second},
                {"tid", 1},
                {"args", {{"name", node}}}});
    }
    return place->second;
  };
  for (const RecordedOperation& recorded : recording.operations()) {
    const std::string node = node_text(recorded.initiator, recorded.initiator_number);
    const int pid = pid_of(node);
    const std::string id = search::fingerprint_text(recorded.operation.id);
    const std::string name = sim::to_text(recorded.operation);
    const char* category = sim::to_text(recorded.operation.kind);
    // Asynchronous events: those of one thread would have to nest, and operations do not.
    Json begin = {{"ph", "b"},
                  {"cat", category},
                  {"name", name},
                  {"id", id},
                  {"pid", pid},
                  {"tid", 1},
                  {"ts", micros(recorded.operation.at)}};
    begin["args"] = {{"outcome", recorded.outcome ? sim::to_text(*recorded.outcome) : "never"}};
    file.add(begin);
    const sim::Instant end = recorded.outcome ? recorded.end : recorded.operation.at;
    file.add({{"ph", "e"},
              {"cat", category},
              {"name", name},
              {"id", id},
              {"pid", pid},
              {"tid", 1},
              {"ts", micros(end)}});
    if (!recorded.effect.none()) {
      file.add({{"ph", "i"},
                {"cat", "fault"},
                {"name", text_of_effect(recording, recorded)},
                {"s", "p"},
                {"pid", pid},
                {"tid", 1},
                {"ts", micros(recorded.operation.at)}});
    }
  }
  for (const scenarios::Violation& violation : result.violations) {
    file.add({{"ph", "i"},
              {"cat", "violation"},
              {"name", violation.property + " " + violation.message},
              {"s", "g"},
              {"pid", 0},
              {"tid", 1},
              {"ts", micros(violation.at)}});
  }
  file.close({{"scenario", target.scenario},
              {"architecture", target.architecture},
              {"seed", std::to_string(result.seed)},
              {"fingerprint", search::fingerprint_text(result.fingerprint)},
              {"left_out", recording.left_out()}});
}

// The story of the first violation; without one, of the first work that was done for a subject.
void write_story(std::ostream& out, const scenarios::RunResult& result,
                 const search::Recording& recording) {
  if (!result.violations.empty()) {
    const scenarios::Violation& violation = result.violations.front();
    write_mermaid(out, recording, story_subject(recording, violation), &violation);
    return;
  }
  sim::Subject subject;
  for (const RecordedOperation& recorded : recording.operations()) {
    if (subject.none()) {
      subject = recorded.operation.invocation.subject;
    }
  }
  write_mermaid(out, recording, subject, nullptr);
}

}  // namespace

std::optional<TraceFormat> parse_trace_format(std::string_view text) {
  if (text == "jsonl") return TraceFormat::kJsonLines;
  if (text == "chrome") return TraceFormat::kChrome;
  if (text == "mermaid") return TraceFormat::kMermaid;
  return std::nullopt;
}

std::optional<TraceFormat> trace_format_of(std::string_view path) {
  if (path.ends_with(".jsonl")) return TraceFormat::kJsonLines;
  if (path.ends_with(".json")) return TraceFormat::kChrome;
  if (path.ends_with(".mmd") || path.ends_with(".mermaid")) return TraceFormat::kMermaid;
  return std::nullopt;
}

void write_trace(std::ostream& out, TraceFormat format, const Target& target,
                 const scenarios::RunResult& result, const search::Recording& recording) {
  switch (format) {
    case TraceFormat::kJsonLines:
      write_json_lines(out, target, result, recording);
      break;
    case TraceFormat::kChrome:
      write_chrome(out, target, result, recording);
      break;
    case TraceFormat::kMermaid:
      write_story(out, result, recording);
      break;
  }
}

}  // namespace sagasim::reports
