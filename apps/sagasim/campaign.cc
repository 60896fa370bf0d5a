#include "apps/sagasim/campaign.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/sagasim/terminal.h"
#include "reports/format.h"
#include "scenarios/repro.h"
#include "scenarios/scenario_json.h"
#include "search/history.h"

namespace sagasim::apps {
namespace {

// How many differences are named.
constexpr std::size_t kDifferencesTold = 4;

// "architecture.publish is "direct" there and "outbox" here".
std::string differences(const std::string& there, const std::string& here) {
  const auto before = nlohmann::json::parse(there, nullptr, false);
  const auto after = nlohmann::json::parse(here, nullptr, false);
  if (before.is_discarded() || after.is_discarded()) {
    return "the scenario";
  }
  const auto value_at = [](const nlohmann::json& json, const std::string& path) {
    const nlohmann::json::json_pointer pointer(path);
    return json.contains(pointer) ? json.at(pointer).dump() : std::string("absent");
  };
  std::string text;
  std::size_t told = 0;
  const nlohmann::json patch = nlohmann::json::diff(before, after);
  for (const nlohmann::json& change : patch) {
    const std::string path = change.at("path");
    if (++told > kDifferencesTold) {
      return text + ", and " + std::to_string(patch.size() - kDifferencesTold) + " more";
    }
    std::string key = path.substr(1);
    for (char& c : key) {
      c = c == '/' ? '.' : c;
    }
    text += (text.empty() ? "" : ", ") + key + " is " + value_at(before, path) + " there and " +
            value_at(after, path) + " here";
  }
  return text;
}

}  // namespace

search::CampaignIdentity identity_of(const scenarios::Scenario& scenario,
                                     const scenarios::System& system) {
  search::CampaignIdentity identity;
  identity.scenario = system.scenario();
  identity.architecture = system.architecture();
  identity.text = scenarios::write_scenario(scenario);
  identity.version = scenarios::kVersion;
  identity.properties = system.properties();
  identity.axes = system.coverage();
  return identity;
}

void expect_same(const std::string& path, const search::CampaignIdentity& stored,
                 const search::CampaignIdentity& wanted) {
  if (stored.version != wanted.version) {
    bad_input(path, "is of version " + stored.version + " of sagasim, this is " + wanted.version +
                        " (expected the same; begin a new campaign, perhaps with --before " +
                        reports::shell_quoted(path) + ")");
  }
  if (stored.text != wanted.text) {
    bad_input(path, "is a campaign of another scenario: " + differences(stored.text, wanted.text) +
                        " (expected the same; begin a new campaign, perhaps with --before " +
                        reports::shell_quoted(path) + ")");
  }
}

void CampaignArguments::add_to(CLI::App& command) {
  command.add_option("--campaign", path, "keep everything in this file as it is found")
      ->type_name("FILE");
  command.add_flag("--resume", resume, "go on with the campaign where it stopped");
  command
      .add_option("--before", before,
                  "the campaign before: its failing seeds first, its causes compared")
      ->type_name("FILE");
}

void CampaignArguments::check() const {
  if (path.empty()) {
    if (resume || !before.empty()) {
      bad_input(resume ? "--resume" : "--before", "needs a campaign (expected --campaign FILE)");
    }
    return;
  }
  check_writable_file(path);
  std::error_code ignored;
  const bool exists = std::filesystem::exists(path, ignored);
  if (exists && !resume) {
    bad_input(path,
              "exists already (expected a new file; --resume goes on with it, and a new campaign "
              "knows it by --before)");
  }
  if (!before.empty() && !std::filesystem::exists(before, ignored)) {
    bad_input(before, "is not there (expected the file of the campaign before)");
  }
}

std::unique_ptr<search::Store> CampaignArguments::open(
    const search::CampaignIdentity& identity, const search::CampaignRequest& request) const {
  std::error_code ignored;
  std::unique_ptr<search::Store> store;
  if (std::filesystem::exists(path, ignored)) {
    store = search::Store::open(path);
    expect_same(path, store->identity(), identity);
    if (!before.empty() && !store->has_before()) {
      bad_input("--before",
                "comes too late: " + path +
                    " was begun without a campaign before it (expected it where one begins)");
    }
  } else {
    // Read first: if that fails, nothing was begun.
    std::unique_ptr<search::Store> earlier;
    if (!before.empty()) {
      earlier = search::Store::read(before);
    }
    store = search::Store::create(path, identity, [&](search::Store& fresh) {
      fresh.set_request(request);
      if (earlier) {
        search::SweepResult result = earlier->result();
        search::history_of(*earlier, result);
        fresh.set_before(result.causes, search::seeds_to_remember(*earlier));
      }
    });
  }
  return store;
}

void check_probe(search::Store& store, const scenarios::System& system, std::uint64_t first_seed) {
  const auto probe = store.probe();
  scenarios::RunRequest request;
  request.seed = probe ? probe->first : first_seed;
  const std::uint64_t fingerprint = system.run(request).fingerprint;
  if (!probe) {
    store.set_probe(request.seed, fingerprint);
  } else if (probe->second != fingerprint) {
    bad_input(store.path(), "was begun by a program that runs seed " +
                                std::to_string(request.seed) +
                                " otherwise than this one (expected the same build; begin a new "
                                "campaign, perhaps with --before " +
                                reports::shell_quoted(store.path()) + ")");
  }
}

void run_known(search::Store& store, const scenarios::System& system,
               const std::atomic<bool>& stop) {
  for (search::KnownSeed& known : store.known()) {
    if (known.has_run || stop.load()) {
      continue;
    }
    scenarios::RunRequest request;
    request.seed = known.seed;
    const scenarios::RunResult result = system.run(request);
    known.has_run = true;
    if (result.failed()) {
      known.now = search::failed_run_of(result);
    }
    store.set_known(known);
  }
}

reports::SweepReport report_of(search::Store& store) {
  const search::CampaignIdentity identity = store.identity();
  reports::SweepReport report;
  report.target = {identity.scenario, identity.architecture, identity.properties};
  report.rates = {{"orders_per_second", "orders", "accepted"}};
  report.result = store.result();
  report.history = search::history_of(store, report.result);
  report.axes = identity.axes;
  report.rerun = rerun_of(identity.word + identity.settings, report.result);
  return report;
}

std::string rerun_of(const std::string& words, const search::SweepResult& result) {
  return command_name() + " sweep" + words + " --from " + std::to_string(result.from) +
         " --seeds " + std::to_string(reports::seeds_of(result)) + words_of(result.partition);
}

}  // namespace sagasim::apps
