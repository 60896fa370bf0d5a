#include "sagasim/testing.h"

#include <algorithm>
#include <utility>

#include "scenarios/library.h"
#include "scenarios/shop_system.h"
#include "search/sweep.h"

namespace sagasim {
namespace {

// More causes than this are only counted.
constexpr std::size_t kCausesShown = 5;

search::SweepResult sweep(const Tested& tested, std::uint64_t seeds) {
  const TestOptions& options = test_options();
  search::SweepOptions sweep;
  sweep.from = options.from.value_or(0);
  sweep.seeds = options.seeds.value_or(seeds);
  sweep.jobs = options.jobs;
  return search::sweep(tested.system(), sweep);
}

std::string range_of(const search::SweepResult& result) {
  return "of " + std::to_string(result.runs) + " runs, seeds " + std::to_string(result.from) +
         " to " + std::to_string(result.last);
}

// The same test with this seed alone, and the command that shows the run.
void say_how_to_see(testing::AssertionResult& answer, const Tested& tested, std::uint64_t seed) {
  if (const std::string command = tested.command(seed); !command.empty()) {
    answer << "\n  look at it: " << command;
  }
  rerun_arguments() = "--from " + std::to_string(seed) + " --seeds 1";
}

}  // namespace

Tested::Tested(const char* scenario, std::vector<std::string> settings)
    : Tested(std::string(scenario), std::move(settings)) {}

Tested::Tested(const std::string& scenario, std::vector<std::string> settings)
    : words_(scenario),
      own_(scenarios::make_shop(scenarios::load(scenario, settings))),
      system_(own_.get()) {
  for (const std::string& setting : settings) {
    words_ += " --set " + setting;
  }
}

Tested::Tested(const scenarios::System& system) : system_(&system) {}

std::string Tested::command(std::uint64_t seed) const {
  return words_.empty() ? "" : "sagasim run " + words_ + " --seed " + std::to_string(seed);
}

testing::AssertionResult holds(const char* tested_text, const char* /*seeds_text*/,
                               const Tested& tested, std::uint64_t seeds) {
  const search::SweepResult result = sweep(tested, seeds);
  if (result.internal_error) {
    auto answer = testing::AssertionFailure()
                  << tested_text << ": the simulator itself went wrong under seed "
                  << result.internal_error->seed << ": " << result.internal_error->message;
    say_how_to_see(answer, tested, result.internal_error->seed);
    return answer;
  }
  if (!result.causes.empty()) {
    auto answer = testing::AssertionFailure()
                  << tested_text << ": " << result.failed << " " << range_of(result) << ", fail";
    for (std::size_t at = 0; at < std::min(result.causes.size(), kCausesShown); ++at) {
      const search::Cause& cause = result.causes[at];
      answer << "\n  " << cause.signature << " in " << cause.count << ", first under seed "
             << cause.first_seed << ": " << cause.message;
    }
    if (result.causes.size() > kCausesShown) {
      answer << "\n  and " << result.causes.size() - kCausesShown << " other causes";
    }
    say_how_to_see(answer, tested, result.causes.front().first_seed);
    return answer;
  }
  if (result.inconclusive != 0) {
    auto answer = testing::AssertionFailure()
                  << tested_text << ": " << result.inconclusive << " " << range_of(result)
                  << ", come to no end within the horizon of the scenario";
    say_how_to_see(answer, tested, result.first_inconclusive_seed.value_or(result.from));
    return answer;
  }
  if (result.runs == 0) {
    return testing::AssertionFailure() << tested_text << ": no seed was run, so nothing is known";
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult breaks(const char* tested_text, const char* /*seeds_text*/,
                                const char* /*property_text*/, const Tested& tested,
                                std::uint64_t seeds, const std::string& property) {
  const auto known = tested.system().properties();
  if (std::none_of(known.begin(), known.end(),
                   [&](const auto& info) { return info.id == property; })) {
    return testing::AssertionFailure()
           << tested_text << " has no property '" << property << "'; see `sagasim list properties`";
  }
  const search::SweepResult result = sweep(tested, seeds);
  const auto found = result.property_failures.find(property);
  if (found != result.property_failures.end() && found->second > 0) {
    return testing::AssertionSuccess();
  }
  auto answer = testing::AssertionFailure()
                << tested_text << ": none " << range_of(result) << ", violates " << property;
  for (const search::Cause& cause : result.causes) {
    answer << "\n  but " << cause.count << " violate " << cause.property
           << " first: " << cause.message;
  }
  return answer;
}

}  // namespace sagasim
