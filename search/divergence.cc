#include "search/divergence.h"

#include <algorithm>

#include "sim/operation.h"

namespace sagasim::search {
namespace {

std::string describe(const RecordedOperation& recorded) {
  std::string text = sim::to_text(recorded.operation);
  text += " at " + std::to_string(sim::ticks(recorded.operation.at)) + " ns";
  if (!recorded.effect.none()) {
    text += ", effect " + std::to_string(recorded.effect.digest());
  }
  if (recorded.outcome) {
    text += std::string(", ") + sim::to_text(*recorded.outcome) + " at " +
            std::to_string(sim::ticks(recorded.end)) + " ns, result " +
            std::to_string(recorded.result);
  } else {
    text += ", never ended";
  }
  return text;
}

// The first aspect in which the two differ, or null.
const char* difference(const RecordedOperation& a, const RecordedOperation& b) {
  if (a.operation.id != b.operation.id) return "operation";
  if (a.operation.at != b.operation.at) return "time";
  if (a.effect.digest() != b.effect.digest()) return "effect";
  if (a.outcome != b.outcome) return "outcome";
  if (a.result != b.result) return "outcome";
  if (a.end != b.end) return "end";
  return nullptr;
}

}  // namespace

std::optional<Divergence> first_divergence(const Recording& first, const Recording& second) {
  const auto& a = first.operations();
  const auto& b = second.operations();
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const char* what = difference(a[i], b[i]);
    if (what == nullptr) {
      continue;
    }
    Divergence divergence;
    divergence.position = i;
    divergence.at = std::min(a[i].operation.at, b[i].operation.at);
    divergence.first = describe(a[i]);
    divergence.second = describe(b[i]);
    divergence.what = what;
    return divergence;
  }
  if (a.size() == b.size()) {
    return std::nullopt;
  }
  Divergence divergence;
  divergence.position = common;
  divergence.what = "operation";
  const RecordedOperation& more = a.size() > common ? a[common] : b[common];
  divergence.at = more.operation.at;
  (a.size() > common ? divergence.first : divergence.second) = describe(more);
  return divergence;
}

std::optional<Divergence> find_divergence(const scenarios::System& system,
                                          const scenarios::RunRequest& request) {
  Recording first;
  Recording second;
  scenarios::RunRequest traced = request;
  traced.tracer = &first;
  system.run(traced);
  traced.tracer = &second;
  system.run(traced);
  return first_divergence(first, second);
}

}  // namespace sagasim::search
