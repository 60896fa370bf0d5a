#include "search/history.h"

#include <map>
#include <utility>

namespace sagasim::search {
namespace {

// Of each cause: enough to tell a fix from luck, few enough to cost nothing.
constexpr std::uint64_t kRemembered = 10;

}  // namespace

std::optional<History> history_of(Store& store, SweepResult& result) {
  if (!store.has_before()) {
    return std::nullopt;
  }
  History history;
  Figures shown;  // by known seeds
  for (const KnownSeed& known : store.known()) {
    history.known_runs += known.has_run ? 1u : 0u;
    history.known_failed += known.now ? 1u : 0u;
    if (known.now && result.by_signature.count(known.now->signature) == 0) {
      shown.add(*known.now);
    }
  }
  for (Cause& cause : causes_of(shown)) {
    result.by_signature.emplace(cause.signature, cause);
    result.causes.push_back(std::move(cause));
  }
  for (const Cause& cause : store.before()) {
    history.before.insert(cause.signature);
    if (result.by_signature.count(cause.signature) == 0) {
      history.resolved.push_back(cause);
    }
  }
  return history;
}

std::vector<KnownSeed> seeds_to_remember(Store& store) {
  std::map<std::uint64_t, KnownSeed> seeds;
  for (const KnownSeed& known : store.known()) {
    KnownSeed& kept = seeds[known.seed];
    kept.seed = known.seed;
    kept.signature = known.now ? known.now->signature : known.signature;
  }
  std::map<std::string, std::uint64_t> counts;
  for (const FailedRun& run : store.failures()) {
    if (++counts[run.signature] <= kRemembered) {
      KnownSeed& kept = seeds[run.seed];
      kept.seed = run.seed;
      kept.signature = run.signature;
    }
  }
  std::vector<KnownSeed> known;
  for (auto& [seed, each] : seeds) {
    known.push_back(std::move(each));
  }
  return known;
}

}  // namespace sagasim::search
