#include "scenarios/library.h"

#include "scenarios/embedded.h"
#include "scenarios/files.h"
#include "scenarios/nearest.h"
#include "scenarios/scenario_json.h"

namespace sagasim::scenarios {
namespace {

constexpr const char* kEnding = ".json";

bool is_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(kEnding);
}

// `scenarios/library/checkout.json` is called checkout, if that is a name.
std::string name_of_file(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  if (name.ends_with(kEnding)) {
    name.resize(name.size() - std::string(kEnding).size());
  }
  return is_scenario_name(name) ? name : Scenario{}.name;
}

Scenario load_embedded(const EmbeddedFile& file, const std::vector<std::string>& settings) {
  return parse_scenario(file.text, std::string("scenarios/library/") + file.name + kEnding,
                        settings);
}

}  // namespace

Scenario load(const std::string& name_or_path, const std::vector<std::string>& settings) {
  if (is_path(name_or_path)) {
    Scenario scenario = parse_scenario(read_file(name_or_path), name_or_path, settings);
    if (scenario.name == Scenario{}.name) {
      scenario.name = name_of_file(name_or_path);
    }
    return scenario;
  }
  std::vector<std::string> names;
  for (unsigned i = 0; i < kEmbeddedScenarioCount; ++i) {
    if (name_or_path == kEmbeddedScenarios[i].name) {
      return load_embedded(kEmbeddedScenarios[i], settings);
    }
    names.emplace_back(kEmbeddedScenarios[i].name);
  }
  throw BadInput({.file = quote(name_or_path),
                  .message = unknown_name("scenario", name_or_path, names) +
                             "; a file is given by its path, such as ./mine.json"});
}

std::vector<LibraryEntry> library() {
  std::vector<LibraryEntry> entries;
  for (unsigned i = 0; i < kEmbeddedScenarioCount; ++i) {
    const Scenario scenario = load_embedded(kEmbeddedScenarios[i], {});
    entries.push_back({kEmbeddedScenarios[i].name, scenario.description});
  }
  return entries;
}

}  // namespace sagasim::scenarios
