#include "apps/sagasim/arguments.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>

#include "reports/format.h"
#include "scenarios/bad_input.h"
#include "scenarios/duration_text.h"
#include "scenarios/files.h"
#include "scenarios/library.h"
#include "scenarios/nearest.h"

namespace sagasim::apps {

namespace {

constexpr std::uint64_t kMostShares = 1'000'000;

}  // namespace

void ScenarioArguments::add_settings_to(CLI::App& command) {
  command
      .add_option("--set", settings,
                  "override a key of the scenario, as in shop.users=5; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

scenarios::Scenario ScenarioArguments::load() const { return scenarios::load(scenario, settings); }

std::string ScenarioArguments::word() const { return " " + reports::shell_quoted(scenario); }

std::string ScenarioArguments::settings_words() const {
  std::string text;
  for (const std::string& setting : settings) {
    text += " --set " + reports::shell_quoted(setting);
  }
  return text;
}

std::string ScenarioArguments::minimize(std::uint64_t seed) const {
  return command_name() + " minimize" + words() + " --seed " + std::to_string(seed);
}

std::string ScenarioArguments::rerun(std::uint64_t seed) const {
  return command_name() + " run" + word() + " --seed " + std::to_string(seed) + settings_words();
}

void OutputArguments::add_to(CLI::App& command, bool with_junit) {
  command.add_option("--format", format, "text (default) or json")->type_name("FORMAT");
  command.add_option("--color", color, "auto (default), always or never")->type_name("WHEN");
  if (with_junit) {
    command.add_option("--junit", junit, "also write the result as JUnit XML")->type_name("FILE");
  }
}

void OutputArguments::check() const {
  check_choice("--format", format, {"text", "json"});
  check_choice("--color", color, {"auto", "always", "never"});
  check_writable_file(junit);
}

ColorWhen OutputArguments::color_when() const {
  return color == "always"  ? ColorWhen::kAlways
         : color == "never" ? ColorWhen::kNever
                            : ColorWhen::kAuto;
}

void check_choice(const std::string& option, const std::string& value,
                  const std::vector<std::string>& values) {
  if (std::find(values.begin(), values.end(), value) == values.end()) {
    bad_input(option, scenarios::unknown_name("value", value, values));
  }
}

void bad_input(const std::string& place, const std::string& message) {
  scenarios::InputError error;
  error.file = place;
  error.message = message;
  throw scenarios::BadInput(error);
}

std::uint64_t parse_count(const std::string& option, const std::string& text, std::uint64_t least,
                          std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most) {
    bad_input(option, scenarios::quote(text) + " does not fit (expected a whole number from " +
                          std::to_string(least) + " to " + std::to_string(most) + ")");
  }
  return number;
}

unsigned parse_jobs(const std::string& text) {
  return text.empty() ? std::max(1u, std::thread::hardware_concurrency())
                      : static_cast<unsigned>(parse_count("--jobs", text, 1, kMostJobs));
}

search::Partition parse_partition(const std::string& text) {
  search::Partition partition;
  if (text.empty()) {
    const ShardSigns signs = shard_signs();
    if (signs.total.empty()) {
      return partition;
    }
    partition.count = parse_count("GTEST_TOTAL_SHARDS", signs.total, 1, kMostShares);
    partition.index = 1 + parse_count("GTEST_SHARD_INDEX", signs.index, 0, partition.count - 1);
    if (!signs.status_file.empty()) {
      scenarios::write_file_atomically(signs.status_file, "");
    }
    return partition;
  }
  const std::size_t slash = text.find('/');
  const std::string kHash = "hash:";
  if (!text.starts_with(kHash) || slash == std::string::npos) {
    bad_input("--partition",
              scenarios::quote(text) + " is no share (expected hash:m/n, as in hash:1/4)");
  }
  partition.count = parse_count("--partition", text.substr(slash + 1), 1, kMostShares);
  partition.index = parse_count("--partition", text.substr(kHash.size(), slash - kHash.size()), 1,
                                partition.count);
  return partition;
}

std::string words_of(const search::Partition& partition) {
  return partition.count <= 1 ? ""
                              : " --partition hash:" + std::to_string(partition.index) + "/" +
                                    std::to_string(partition.count);
}

double parse_seconds(const std::string& option, const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    const std::optional<sim::Duration> duration = scenarios::parse_duration(text);
    number = duration ? reports::seconds_of(*duration) : -1;
  }
  // Also false for what is no number.
  if (!(number > 0 && number <= 1e9)) {
    bad_input(option, scenarios::quote(text) +
                          " is no time (expected seconds, or a number with one of " +
                          scenarios::kDurationUnits + ", above 0)");
  }
  return number;
}

void check_writable_file(const std::string& path) {
  if (path.empty()) {
    return;
  }
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    bad_input(path, "is a folder (expected the path of a file)");
  }
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
    return;  // A device or a pipe: writing will tell.
  }
  const fs::path parent = fs::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  if (!fs::is_directory(folder, ignored)) {
    bad_input(path, "cannot be written: there is no folder " + scenarios::quote(folder));
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    bad_input(path,
              "cannot be written: the folder " + scenarios::quote(folder) + " is not writable");
  }
}

void check_writable_folder(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  fs::path existing = path;
  while (!existing.empty() && !fs::exists(existing, ignored)) {
    existing = existing.parent_path();
  }
  const std::string folder = existing.empty() ? "." : existing.string();
  if (!fs::is_directory(folder, ignored)) {
    bad_input(path, "is no place for files: " + scenarios::quote(folder) + " is no folder");
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    bad_input(path,
              "is no place for files: the folder " + scenarios::quote(folder) + " is not writable");
  }
}

}  // namespace sagasim::apps
