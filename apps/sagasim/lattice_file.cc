#include "apps/sagasim/lattice_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/sagasim/arguments.h"
#include "scenarios/document.h"
#include "scenarios/files.h"
#include "scenarios/guards.h"
#include "scenarios/object_reader.h"
#include "scenarios/seed.h"

namespace sagasim::apps {
namespace {

using scenarios::Document;
using scenarios::Json;
using scenarios::ObjectReader;

constexpr scenarios::IntegerRange kLatticeCount{0, INT64_MAX};
constexpr const char* kExpected = "what `sagasim lattice` wrote";

class Reader {
 public:
  Reader(const Document& document, reports::LatticeReport& report)
      : document_(document), report_(report) {
    for (const reports::LatticeGuard& guard : report.guards) {
      ids_.push_back(guard.id);
    }
  }

  void read() {
    ObjectReader root(document_, document_.root(), "a lattice");
    report_.scenarios = texts(root.require("scenarios", kExpected));
    report_.settings = texts(root.require("settings", kExpected));
    report_.from = seed(root, "from");
    report_.seeds = count(root, "seeds");
    check_guards(root.require("guards", kExpected));
    for (const Json& each : list(root.require("breaks", kExpected))) {
      report_.breaks.push_back(break_of(each));
    }
    for (const Json& each : list(root.require("classes", kExpected))) {
      report_.classes.push_back(class_of(each));
    }
    report_.runs = count(root, "runs");
    root.boolean("interrupted", report_.interrupted);
    root.boolean("out_of_time", report_.out_of_time);
    root.text("rerun", report_.rerun, kExpected);
    report_.jobs = static_cast<unsigned>(count(root, "jobs"));
    const Json& seconds = root.require("wall_seconds", kExpected);
    if (!seconds.is_number()) {
      document_.fail(seconds, "is no number (expected seconds)");
    }
    report_.seconds = seconds.get<double>();
    root.find("verdict");
    root.finish();
  }

 private:
  const Json& list(const Json& value) const {
    return scenarios::read_list(document_, value, kExpected);
  }

  std::vector<std::string> texts(const Json& value) const {
    std::vector<std::string> result;
    for (const Json& each : list(value)) {
      result.push_back(scenarios::read_text(document_, each, kExpected));
    }
    return result;
  }

  static std::string text(ObjectReader& reader, const char* key) {
    std::string result;
    reader.require(key, kExpected);
    reader.text(key, result, kExpected);
    return result;
  }

  static std::uint64_t count(ObjectReader& reader, const char* key) {
    std::uint64_t result = 0;
    reader.require(key, kExpected);
    reader.integer(key, result, kLatticeCount);
    return result;
  }

  static std::uint64_t seed(ObjectReader& reader, const char* key) {
    return scenarios::parse_seed(text(reader, key), key);
  }

  // A file below the folder of the lattice: no way out of it.
  std::string file(const Json& value) const {
    const std::string& name = scenarios::read_text(document_, value, kExpected);
    if (name.find('/') != std::string::npos || !name.ends_with(".json")) {
      document_.fail(value, "is no name of a file beside this one (expected one as in x.json)");
    }
    return name;
  }

  unsigned guard(const Json& at, const std::string& id) const {
    const auto found = std::find(ids_.begin(), ids_.end(), id);
    if (found == ids_.end()) {
      document_.fail(at, "names a guard that there is not (expected G1 to G" +
                             std::to_string(ids_.size()) + ")");
    }
    return static_cast<unsigned>(found - ids_.begin());
  }

  search::GuardSet set(const Json& value) const {
    search::GuardSet result = 0;
    for (const Json& each : list(value)) {
      result |= search::GuardSet{1}
                << guard(each, scenarios::read_text(document_, each, kExpected));
    }
    return result;
  }

  // What is meant by leaving one out must be what it was.
  void check_guards(const Json& value) const {
    const Json& all = list(value);
    bool is_same = all.size() == report_.guards.size();
    for (std::size_t i = 0; i < report_.guards.size() && is_same; ++i) {
      const Json& known = all[i];
      is_same = known.is_object() && known.value("id", "") == report_.guards[i].id &&
                known.value("left_out", Json()) == Json(report_.guards[i].left_out);
    }
    if (!is_same) {
      document_.fail(value, "are other guards than this program's (expected a lattice of its own)");
    }
  }

  reports::LatticeBreak break_of(const Json& value) const {
    ObjectReader reader(document_, value, "a run that breaks");
    reports::LatticeBreak result;
    result.left_out = set(reader.require("left_out", kExpected));
    result.found_in = text(reader, "class");
    result.cause = text(reader, "cause");
    result.message = text(reader, "message");
    result.faults = count(reader, "faults");
    result.commands = count(reader, "commands");
    result.repro = file(reader.require("repro", kExpected));
    reader.boolean("fails", result.fails);
    reader.finish();
    return result;
  }

  reports::LatticeClass class_of(const Json& value) const {
    ObjectReader reader(document_, value, "a class of trouble");
    reports::LatticeClass result;
    result.id = text(reader, "id");
    const auto known = scenarios::trouble_classes();
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& each) { return each.id == result.id; });
    const Json& settings = reader.require("settings", kExpected);
    if (found == known.end() || settings != Json(found->settings)) {
      document_.fail(value,
                     "is another class of trouble than this program's (expected a lattice of its "
                     "own)");
    }
    result.sentence = text(reader, "description");
    result.settings = found->settings;
    reader.require("complete", kExpected);
    reader.boolean("complete", result.complete);
    for (const Json& each : list(reader.require("minimal_sets", kExpected))) {
      result.cells.push_back(cell_of(each));
    }
    reader.finish();
    return result;
  }

  reports::LatticeCell cell_of(const Json& value) const {
    ObjectReader reader(document_, value, "a minimal set");
    reports::LatticeCell result;
    reader.find("guards");
    reader.find("failure_rate_bound_95");
    reader.find("wrong");
    result.held.left_out = set(reader.require("left_out", kExpected));
    result.held.runs = count(reader, "runs");
    result.held.inconclusive = count(reader, "inconclusive");
    if (const Json* certificate = reader.find("certificate");
        certificate && !certificate->is_null()) {
      ObjectReader inner(document_, *certificate, "a certificate");
      result.certificate.emplace();
      result.certificate->scenario = text(inner, "scenario");
      result.certificate->faults = static_cast<std::uint32_t>(count(inner, "faults"));
      result.certificate->combinations = count(inner, "combinations");
      inner.finish();
    }
    if (const Json* check = reader.find("check"); check && !check->is_null()) {
      ObjectReader inner(document_, *check, "a check");
      result.check.emplace();
      result.check->from = seed(inner, "from");
      result.check->runs = count(inner, "runs");
      result.check->failed = count(inner, "failed");
      result.check->inconclusive = count(inner, "inconclusive");
      if (const Json* first = inner.find("first_seed"); first && !first->is_null()) {
        result.check->first_seed = seed(inner, "first_seed");
      }
      inner.finish();
    }
    const Json& without = reader.require("without", kExpected);
    if (!without.is_object()) {
      document_.fail(without, "is no object (expected guards, each with a file)");
    }
    for (unsigned i = 0; i < ids_.size(); ++i) {
      if (const auto each = without.find(ids_[i]); each != without.end()) {
        result.needs.push_back({i, break_named(*each), true});
      }
    }
    if (result.needs.size() != without.size()) {
      document_.fail(without, "names a guard that there is not");
    }
    reader.finish();
    return result;
  }

  std::size_t break_named(const Json& value) const {
    const std::string name = file(value);
    const auto found =
        std::find_if(report_.breaks.begin(), report_.breaks.end(),
                     [&](const reports::LatticeBreak& each) { return each.repro == name; });
    if (found == report_.breaks.end()) {
      document_.fail(value, "is none of the files under \"breaks\"");
    }
    return static_cast<std::size_t>(found - report_.breaks.begin());
  }

  const Document& document_;
  reports::LatticeReport& report_;
  std::vector<std::string> ids_;
};

}  // namespace

std::vector<reports::LatticeGuard> lattice_guards() {
  std::vector<reports::LatticeGuard> guards;
  for (const scenarios::Guard& guard : scenarios::guards()) {
    guards.push_back(
        {guard.id, guard.name, guard.sentence, scenarios::to_settings(guard.left_out)});
  }
  return guards;
}

reports::LatticeReport read_lattice(const std::string& path) {
  const std::string text = scenarios::read_file(path);
  const Document document(text, path);
  reports::LatticeReport report;
  report.guards = lattice_guards();
  Reader(document, report).read();
  return report;
}

}  // namespace sagasim::apps
