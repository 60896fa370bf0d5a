// Arguments: the options that several verbs share, and how their values are read. Values are read
// as texts and judged here, so that a wrong one gives the same kind of message as a wrong file.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "apps/sagasim/terminal.h"
#include "scenarios/scenario.h"
#include "search/sweep.h"

namespace sagasim::apps {

// SCENARIO and --set.
struct ScenarioArguments {
  std::string scenario;
  std::vector<std::string> settings;

  void add_settings_to(CLI::App& command);
  scenarios::Scenario load() const;
  // The command line that runs one seed of it again.
  std::string rerun(std::uint64_t seed) const;
  // The command line that makes a failure of that seed small.
  std::string minimize(std::uint64_t seed) const;
  // ` checkout`, ` --set a=b`, and both, for command lines.
  std::string word() const;
  std::string settings_words() const;
  std::string words() const { return word() + settings_words(); }
};

// --format, --color, --junit.
struct OutputArguments {
  std::string format = "text";
  std::string color = "auto";
  std::string junit;

  void add_to(CLI::App& command, bool with_junit = true);
  // Throws BadInput unless every value is one that there is. To be called before anything is run.
  void check() const;
  bool json() const { return format == "json"; }
  ColorWhen color_when() const;
};

// Throws BadInput that names the option and the nearest value.
void check_choice(const std::string& option, const std::string& value,
                  const std::vector<std::string>& values);
[[noreturn]] void bad_input(const std::string& place, const std::string& message);

// A whole number from `least` to `most`. Throws BadInput.
std::uint64_t parse_count(const std::string& option, const std::string& text, std::uint64_t least,
                          std::uint64_t most);

inline constexpr std::uint64_t kMostJobs = 1024;
// --jobs: how many threads, by default one per processor. Throws BadInput.
unsigned parse_jobs(const std::string& text);

// --partition: `hash:m/n`, the m-th of n shares. Where it is not given, what the environment asks
// for; see ShardSigns. Throws BadInput.
search::Partition parse_partition(const std::string& text);
// ` --partition hash:1/2` for command lines, or nothing where all is one share.
std::string words_of(const search::Partition& partition);

// A number of seconds, or a duration such as `1.5 min`. Throws BadInput unless it is above 0.
double parse_seconds(const std::string& option, const std::string& text);

// Throws BadInput unless a file could be written there. An empty path is none at all.
void check_writable_file(const std::string& path);
// The same for a folder, which need not exist yet.
void check_writable_folder(const std::string& path);

}  // namespace sagasim::apps
