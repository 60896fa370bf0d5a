#include "search/history.h"

#include <map>
#include <set>
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
  Figures shown;                  // by known seeds
  std::set<std::string> waiting;  // causes of which a known seed was not run
  for (const KnownSeed& known : store.known()) {
    ++history.known_seeds;
    if (!known.has_run) {
      waiting.insert(known.signature);
    }
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
      (waiting.count(cause.signature) == 0 ? history.resolved : history.undecided).push_back(cause);
    }
  }
  return history;
}

std::vector<KnownSeed> seeds_to_remember(Store& store) {
  std::map<std::uint64_t, std::string> signatures;  // by seed: what it shows, or showed once
  for (const KnownSeed& known : store.known()) {
    signatures[known.seed] = known.now ? known.now->signature : known.signature;
  }
  for (const FailedRun& run : store.failures()) {
    signatures[run.seed] = run.signature;
  }
  std::map<std::string, std::uint64_t> counts;
  std::vector<KnownSeed> known;
  for (const auto& [seed, signature] : signatures) {
    if (++counts[signature] <= kRemembered) {
      KnownSeed& kept = known.emplace_back();
      kept.seed = seed;
      kept.signature = signature;
    }
  }
  return known;
}

}  // namespace sagasim::search
