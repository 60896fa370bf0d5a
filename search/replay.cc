#include "search/replay.h"

#include <utility>

namespace sagasim::search {
namespace {

std::string property_text(const std::string& property) {
  return property.empty() ? "no violation" : property;
}

}  // namespace

ReplayResult replay(const scenarios::System& system, const scenarios::RunRequest& request,
                    const Expectation& expectation) {
  ReplayResult replay;
  replay.result = system.run(request);
  const scenarios::RunResult& first = replay.result;

  const std::string property = first.violations.empty() ? "" : first.violations.front().property;
  if (expectation.verdict && *expectation.verdict != first.verdict) {
    replay.differences.push_back(
        {"verdict", verdict_text(*expectation.verdict), verdict_text(first.verdict)});
  }
  if (expectation.property && *expectation.property != property) {
    replay.differences.push_back(
        {"property", property_text(*expectation.property), property_text(property)});
  }
  if (expectation.fingerprint && *expectation.fingerprint != first.fingerprint) {
    replay.differences.push_back({"fingerprint", fingerprint_text(*expectation.fingerprint),
                                  fingerprint_text(first.fingerprint)});
  }
  // Chance may strike nothing; a fault that is named and finds nothing means another universe.
  if (request.plan != nullptr && !replay.differences.empty()) {
    for (const std::uint32_t index : first.not_applied) {
      if (index < request.plan->operations.size()) {
        replay.differences.push_back(
            {"fault", request.plan->operations[index].operation, "no such operation came"});
      }
    }
  }

  const scenarios::RunResult second = system.run(request);
  if (second.fingerprint != first.fingerprint) {
    replay.differences.push_back(
        {"second run", fingerprint_text(first.fingerprint), fingerprint_text(second.fingerprint)});
    replay.divergence = find_divergence(system, request);
  }
  return replay;
}

faults::Plan record(const scenarios::System& system, std::uint64_t seed) {
  scenarios::RunRequest request;
  request.seed = seed;
  request.record = true;
  return system.run(request).plan;
}

const char* verdict_text(scenarios::Verdict verdict) {
  switch (verdict) {
    case scenarios::Verdict::kPass:
      return "pass";
    case scenarios::Verdict::kFail:
      return "fail";
    case scenarios::Verdict::kInconclusive:
      return "inconclusive";
  }
  return "?";
}

std::string fingerprint_text(std::uint64_t fingerprint) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[text.size() - 1 - i] = kDigits[(fingerprint >> (4 * i)) & 0xf];
  }
  return text;
}

}  // namespace sagasim::search
