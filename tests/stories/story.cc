#include "tests/stories/story.h"

#include <algorithm>
#include <sstream>

#include "reports/explained.h"
#include "reports/format.h"
#include "scenarios/library.h"
#include "scenarios/repro.h"
#include "scenarios/shop_reduction.h"
#include "scenarios/shop_system.h"
#include "scenarios/workload.h"

namespace sagasim::stories {
namespace {

constexpr unsigned kJobs = 2;

constexpr const char* kHead =
    "# Stories\n"
    "\n"
    "Every bug of the [catalogue](bugs.md) and every weaker value of every [policy](policies.md), "
    "from the\n"
    "first seed that fails under it to the smallest run with the same failure, and why. "
    "`tests/stories/update`\n"
    "writes this page; a test makes every story anew and compares, and holds the causes, the "
    "necessary faults\n"
    "and the remedies against a table that was written by hand, `tests/stories/expected.cc`. How "
    "it is done is\n"
    "told in [minimize.md](minimize.md); how long it took on one machine, in "
    "[bench/stories.md](bench/stories.md).\n"
    "\n"
    "*Sturdy* counts the variations of latencies under which the smallest run fails in the same "
    "way. Where a\n"
    "command sets `properties`, the run is judged by those alone: another one that says less of "
    "the damage is\n"
    "violated before them. The values at the end are weaker and do no harm, since another guard "
    "makes up for\n"
    "them.\n"
    "\n";

std::uint64_t count_of(const search::Found& found, const char* what) {
  return found.what.setup->counts().at(what);
}

std::string step(std::uint64_t before, std::uint64_t after) {
  return reports::grouped(before) + " → " + reports::grouped(after);
}

// What the run is judged by, as `--set` takes it; empty: everything.
std::string judged_by(const Weakening& weakening) {
  std::string list;
  for (const char* property : weakening.properties) {
    list += (list.empty() ? "" : ",") + ('"' + std::string(property) + '"');
  }
  return weakening.by_those_alone ? "properties=[" + list + "]" : "";
}

std::string command_of(const Story& story) {
  const Weakening& weakening = *story.weakening;
  std::string command =
      std::string("./run minimize ") + weakening.scenario + " --seed " + std::to_string(story.seed);
  if (weakening.bug != nullptr) {
    command += std::string(" --set architecture.bug=") + weakening.bug->id;
  } else {
    for (const std::string& setting : scenarios::to_settings(weakening.settings)) {
      command += " --set " + setting;
    }
  }
  const std::string judged = judged_by(weakening);
  return judged.empty() ? command : command + " --set '" + judged + "'";
}

std::string remedies_of(const search::Explanation& explained) {
  std::string text;
  for (const search::Remedy& remedy : explained.remedies) {
    std::string together;
    for (const std::string& change : remedy.changes) {
      together += (together.empty() ? "`" : " with `") + change + "`";
    }
    text += (text.empty() ? "" : ", or ") + together;
  }
  return text.empty() ? "none" : text;
}

}  // namespace

// Bugs have names, policies are written as they are set.
std::string heading_of(const Weakening& weakening) {
  const std::string name = name_of(weakening);
  return weakening.bug != nullptr ? name : "`" + name + "`";
}

Story tell(const Weakening& weakening, const std::function<double()>& seconds_now) {
  Story story;
  story.weakening = &weakening;
  std::vector<std::string> settings = scenarios::to_settings(weakening.settings);
  if (weakening.by_those_alone) {
    settings.push_back(judged_by(weakening));
  }
  const scenarios::Scenario scenario = scenarios::load(weakening.scenario, settings);
  const auto system = scenarios::make_shop(scenario);
  for (std::uint64_t seed = 0; seed < kSeeds && !story.found; ++seed) {
    scenarios::RunRequest request;
    request.seed = seed;
    request.record = true;
    const scenarios::RunResult result = system->run(request);
    if (!result.failed()) {
      continue;
    }
    story.found = true;
    story.seed = seed;
    search::MinimizeOptions options;
    options.jobs = kJobs;
    options.seconds_now = seconds_now;
    const domain::Workload workload = scenarios::generate_workload(scenario, seed);
    story.minimized = search::minimize(
        {scenarios::make_reducible(scenario, workload), seed, result.plan}, options);
    search::ExplainOptions why;
    why.jobs = kJobs;
    story.explained = search::explain(story.minimized.after.what, why);
  }
  return story;
}

std::string row_of(const Story& story) {
  const std::string name = heading_of(*story.weakening);
  const std::string scenario = story.weakening->scenario;
  if (!story.found) {
    return "| " + name + " | " + scenario + " | none of " + reports::grouped(kSeeds) +
           " | | | | | | |\n";
  }
  const search::MinimizeResult& result = story.minimized;
  const auto columns = {
      name,
      scenario,
      std::to_string(story.seed),
      story.explained.signature,
      step(result.before.what.plan.size(), result.after.what.plan.size()),
      step(count_of(result.before, "orders"), count_of(result.after, "orders")),
      reports::grouped(result.runs),
      std::to_string(result.sturdiness) + " of " + std::to_string(search::kShakes),
      remedies_of(story.explained)};
  std::string row = "|";
  for (const std::string& column : columns) {
    row += " " + column + " |";
  }
  return row + "\n";
}

std::string section_of(const Story& story) {
  std::string text = "## " + heading_of(*story.weakening) + "\n\n";
  text += std::string(story.weakening->why) + "\n\n";
  if (!story.found) {
    return text + "Nothing is violated in " + reports::grouped(kSeeds) + " seeds.\n\n";
  }
  reports::ExplainReport report;
  report.target = reports::target_of(*story.minimized.after.what.setup->system());
  report.seed = story.minimized.after.what.seed;
  report.plan = story.minimized.after.what.plan;
  report.explanation = story.explained;
  std::ostringstream told;
  reports::write_text(told, report, {});
  std::string screen = told.str();
  screen.erase(screen.rfind("\nrerun: "));
  return text + "```sh\n" + command_of(story) + "\n```\n\n```text\n" + screen + "```\n\n";
}

// How small they got, all together.
std::string sizes_of(const std::vector<Story>& stories) {
  std::vector<std::uint64_t> faults;
  std::vector<std::uint64_t> orders;
  for (const Story& story : stories) {
    if (story.found) {
      faults.push_back(story.minimized.after.what.plan.size());
      orders.push_back(count_of(story.minimized.after, "orders"));
    }
  }
  if (faults.empty()) {
    return "";
  }
  std::stable_sort(faults.begin(), faults.end());
  std::stable_sort(orders.begin(), orders.end());
  return "In the median " + reports::plural(faults[faults.size() / 2], "fault") + " and " +
         reports::plural(orders[orders.size() / 2], "order") + " are left, at most " +
         reports::plural(faults.back(), "fault") + " and " +
         reports::plural(orders.back(), "order") + ".\n\n";
}

std::string page_of(const std::vector<Story>& stories) {
  std::string page = kHead + sizes_of(stories);
  page +=
      "| weaker | scenario | seed | cause | faults | orders | runs | sturdy | remedies |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Story& story : stories) {
    page += row_of(story);
  }
  page += "\n";
  for (const Story& story : stories) {
    page += section_of(story);
  }
  page.pop_back();
  return page;
}

// Without its fingerprint, which small changes of the shop may alter: what counts is that it fails,
// and how.
std::string repro_of(const Story& story) {
  const search::Found& smallest = story.minimized.after;
  scenarios::Repro repro;
  repro.scenario = scenarios::scenario_of(*smallest.what.setup);
  repro.seed = smallest.what.seed;
  repro.workload = scenarios::workload_of(*smallest.what.setup);
  repro.plan = smallest.what.plan;
  repro.expect.emplace();
  repro.expect->property = smallest.result.violations.front().property;
  repro.expect->message = smallest.result.violations.front().message;
  return scenarios::write_repro(repro);
}

std::string timings_of(const std::vector<Story>& stories) {
  std::string page =
      "# How long stories take\n"
      "\n"
      "The minimisations of [stories.md](../stories.md) with two threads, as "
      "`tests/stories/update` found\n"
      "them on the machine where it ran last. Nothing is held against these figures.\n"
      "\n"
      "| weaker | runs | seconds |\n"
      "| --- | --- | --- |\n";
  std::vector<double> all;
  for (const Story& story : stories) {
    if (story.found) {
      const double seconds = story.minimized.seconds;
      page += "| " + heading_of(*story.weakening) + " | " + reports::grouped(story.minimized.runs) +
              " | " + reports::rounded(seconds, 1) + " |\n";
      all.push_back(seconds);
    }
  }
  if (!all.empty()) {
    std::stable_sort(all.begin(), all.end());
    page += "\nMedian " + reports::rounded(all[all.size() / 2], 1) + " s, longest " +
            reports::rounded(all.back(), 1) + " s.\n";
  }
  return page;
}

}  // namespace sagasim::stories
