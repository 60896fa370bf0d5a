#include "apps/sagasim/list.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "apps/sagasim/arguments.h"
#include "apps/sagasim/exit_code.h"
#include "apps/sagasim/terminal.h"
#include "domain/policy_catalog.h"
#include "faults/plan.h"
#include "faults/profile.h"
#include "reports/format.h"
#include "reports/json.h"
#include "scenarios/architecture.h"
#include "scenarios/bugs.h"
#include "scenarios/library.h"
#include "scenarios/plan_json.h"
#include "scenarios/shop_system.h"
#include "scenarios/shop_vocabulary.h"

namespace sagasim::apps {
namespace {

using reports::Entry;

std::vector<Entry> scenario_entries() {
  std::vector<Entry> entries;
  for (const scenarios::LibraryEntry& entry : scenarios::library()) {
    entries.push_back({entry.name, entry.description, ""});
  }
  return entries;
}

std::vector<Entry> architecture_entries() {
  std::vector<Entry> entries;
  for (int i = 0; i < scenarios::kPresetCount; ++i) {
    entries.push_back({scenarios::kPresets[i].id, scenarios::kPresets[i].description, ""});
  }
  return entries;
}

// A policy, then its values as they are written after --set.
std::vector<Entry> policy_entries() {
  std::vector<Entry> entries;
  for (const domain::PolicyEntry& policy : domain::policy_catalog()) {
    const std::string guard = policy.guard;
    entries.push_back({policy.id, policy.sentence + (guard.empty() ? "" : " (" + guard + ")"), ""});
    for (const domain::PolicyValue& value : policy.values) {
      entries.push_back({std::string(policy.id) + "=" + value.id, value.sentence, ""});
    }
  }
  return entries;
}

// With each bug what shows it.
std::vector<Entry> bug_entries() {
  std::vector<Entry> entries;
  for (const scenarios::Bug& bug : scenarios::bugs()) {
    entries.push_back(
        {scenarios::full_name(bug), bug.sentence,
         std::string("sagasim sweep ") + bug.scenario + " --set architecture.bug=" + bug.id});
  }
  return entries;
}

std::vector<Entry> fault_entries() {
  std::vector<Entry> entries;
  for (const faults::KindInfo& info : faults::kCatalog) {
    entries.push_back({info.id, info.description,
                       scenarios::example_entry(info.kind, scenarios::shop_vocabulary())});
  }
  return entries;
}

std::vector<Entry> profile_entries() {
  std::vector<Entry> entries;
  for (int i = 0; i < faults::kProfileCount; ++i) {
    const faults::Profile& profile = faults::kProfiles[i];
    entries.push_back({profile.name, profile.description, ""});
  }
  return entries;
}

std::vector<Entry> property_entries() {
  std::vector<Entry> entries;
  for (const scenarios::PropertyInfo& info : scenarios::make_shop({})->properties()) {
    entries.push_back({info.id, info.description, ""});
  }
  return entries;
}

struct Listing {
  const char* what;
  std::vector<Entry> (*entries)();
};
constexpr Listing kListings[] = {
    {"scenarios", scenario_entries}, {"architectures", architecture_entries},
    {"policies", policy_entries},    {"bugs", bug_entries},
    {"faults", fault_entries},       {"profiles", profile_entries},
    {"properties", property_entries}};

std::string table(const std::vector<Entry>& entries, const reports::Style& style) {
  std::size_t widest = 0;
  for (const Entry& entry : entries) {
    widest = std::max(widest, entry.id.size());
  }
  std::string text;
  for (const Entry& entry : entries) {
    text += reports::paint(style, reports::Paint::kStrong, entry.id) +
            std::string(widest - entry.id.size() + 2, ' ') + entry.description + "\n";
    if (!entry.example.empty()) {
      text += std::string(widest + 2, ' ') + entry.example + "\n";
    }
  }
  return text;
}

class ListVerb : public Verb {
 public:
  explicit ListVerb(CLI::App& app)
      : command_(*app.add_subcommand("list",
                                     "scenarios, architectures, policies, faults, profiles ...")) {
    command_.add_option("WHAT", what_, "one of these words")->required();
    output_.add_to(command_, false);
    command_.footer("Example: sagasim list faults");
  }

  const CLI::App& command() const override { return command_; }

  int execute() override {
    output_.check();
    std::vector<std::string> names;
    for (const Listing& listing : kListings) {
      names.push_back(listing.what);
    }
    check_choice("list", what_, names);
    const Listing& listing =
        *std::find_if(std::begin(kListings), std::end(kListings),
                      [this](const Listing& each) { return each.what == what_; });
    const std::vector<Entry> entries = listing.entries();
    if (output_.json()) {
      std::ostringstream json;
      reports::write_json(json, what_, entries);
      write_output(json.str());
    } else {
      write_output(table(entries, output_style(output_.color_when())));
    }
    return kAllHeld;
  }

 private:
  CLI::App& command_;
  std::string what_;
  OutputArguments output_;
};

}  // namespace

std::unique_ptr<Verb> make_list_verb(CLI::App& app) { return std::make_unique<ListVerb>(app); }

}  // namespace sagasim::apps
