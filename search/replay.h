// Replay: a run made again, and compared with what it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/plan.h"
#include "scenarios/system.h"
#include "search/divergence.h"

namespace sagasim::search {

// What a run is known to give. Empty members expect nothing.
struct Expectation {
  std::optional<scenarios::Verdict> verdict;
  std::optional<std::string> property;  // of the first violation; "": none is violated
  std::optional<std::uint64_t> fingerprint;
};

struct Difference {
  std::string what;  // "verdict", "property", "fingerprint", "fault" or "second run"
  std::string expected;
  std::string actual;
};

struct ReplayResult {
  scenarios::RunResult result;           // of the first run
  std::vector<Difference> differences;   // empty: reproduced
  std::optional<Divergence> divergence;  // where two runs of one request part, if they do
  bool reproduced() const { return differences.empty(); }
};

// Runs the request twice, compares the two with each other and the first with the expectation.
ReplayResult replay(const scenarios::System& system, const scenarios::RunRequest& request,
                    const Expectation& expectation);

// The plan of what chance injects under `seed`. A run under it is the same run.
faults::Plan record(const scenarios::System& system, std::uint64_t seed);

// "pass", "fail" or "inconclusive".
const char* verdict_text(scenarios::Verdict verdict);

// The fingerprint as people and files see it: 16 hex digits.
std::string fingerprint_text(std::uint64_t fingerprint);

}  // namespace sagasim::search
