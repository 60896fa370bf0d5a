// Writes docs/stories.md, the timings beside it, and each smallest run that stands all variations
// of latencies as a file: `stories_page PAGE TIMINGS FOLDER`. With names of bugs or settings behind
// it, as in `stories_page - - - X05 publish=direct`, it prints their stories and writes nothing.
// For tests/stories/update.

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>

#include "reports/format.h"
#include "tests/stories/story.h"

namespace sagasim::stories {
namespace {

double seconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

Story tell_aloud(const Weakening& weakening) {
  const double begin = seconds_now();
  Story story = tell(weakening, seconds_now);
  std::cerr << reports::rounded(seconds_now() - begin, 1) << " s, "
            << reports::rounded(story.minimized.seconds, 1) << " s of it minimising  "
            << row_of(story);
  return story;
}

bool is_wanted(const Weakening& weakening, const std::vector<std::string>& wanted) {
  const auto names_it = [&](const std::string& name) {
    return name == name_of(weakening) || (weakening.bug != nullptr && name == weakening.bug->id);
  };
  return std::any_of(wanted.begin(), wanted.end(), names_it);
}

void write_all(const std::string& page, const std::string& timings, const std::string& folder) {
  std::vector<Story> told;
  for (const Weakening& weakening : expected()) {
    const Story& story = told.emplace_back(tell_aloud(weakening));
    if (story.found && story.minimized.sturdiness == search::kShakes) {
      std::ofstream(folder + "/" + file_name_of(weakening) + ".json") << repro_of(story);
    }
  }
  std::ofstream(page) << page_of(told);
  std::ofstream(timings) << timings_of(told);
}

}  // namespace
}  // namespace sagasim::stories

int main(int argc, char** argv) {
  using namespace sagasim::stories;
  if (argc < 4) {
    std::cerr << "stories_page PAGE TIMINGS FOLDER [NAME…]\n";
    return 2;
  }
  const std::vector<std::string> wanted(argv + 4, argv + argc);
  if (wanted.empty()) {
    write_all(argv[1], argv[2], argv[3]);
    return 0;
  }
  for (const Weakening& weakening : expected()) {
    if (is_wanted(weakening, wanted)) {
      std::cout << section_of(tell_aloud(weakening));
    }
  }
  return 0;
}
