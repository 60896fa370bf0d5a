// Story: one weaker policy or bug from its first failing seed to its smallest run and the reason
// why, and how the page docs/stories.md tells it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "search/explain.h"
#include "search/minimize.h"
#include "tests/stories/expected.h"

namespace sagasim::stories {

// Seeds that are tried for a failure.
inline constexpr std::uint64_t kSeeds = 400;

struct Story {
  const Weakening* weakening = nullptr;
  bool found = false;  // a seed fails
  std::uint64_t seed = 0;
  search::MinimizeResult minimized;
  search::Explanation explained;
};

// `seconds_now` may be null. The story is the same for any clock.
Story tell(const Weakening& weakening, const std::function<double()>& seconds_now);

// "X05-ack-before-processing" or "`consume=none` with `natural_keys=off`".
std::string heading_of(const Weakening& weakening);
// What the page has of it: a line of its table, and a section.
std::string row_of(const Story& story);
std::string section_of(const Story& story);
// The whole page. Requires: one story for each expected weakening.
std::string page_of(const std::vector<Story>& stories);
// The smallest run as a reproduction file. Requires: found.
std::string repro_of(const Story& story);
// The page of timings: what they were on the machine at hand.
std::string timings_of(const std::vector<Story>& stories);

}  // namespace sagasim::stories
