#include "search/incumbent.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "search/trials.h"

namespace sagasim::search {
namespace {

using scenarios::RunResult;

constexpr double kReportInterval = 0.1;  // seconds

// At a local minimum whatever is left is tried with no more than this many parts at once, if that
// is not too many candidates.
constexpr std::size_t kFew = 3;
constexpr std::size_t kMostSubsets = 1000;
// Other seeds under which they are tried too: with an explicit plan and workload a seed is but the
// latencies and the order of what is simultaneous.
constexpr std::uint64_t kOtherSeeds = 8;

// What is not made yet, in pieces of that size.
std::vector<std::vector<std::size_t>> pieces_of(const std::vector<bool>& made, std::size_t size) {
  std::vector<std::vector<std::size_t>> pieces;
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (!made[i]) {
      if (pieces.empty() || pieces.back().size() == size) {
        pieces.emplace_back();
      }
      pieces.back().push_back(i);
    }
  }
  return pieces;
}

// Appends everything but `size` of `count`, in the order of what is kept.
void choose(std::size_t count, std::size_t size, std::size_t from, std::vector<std::size_t>& kept,
            std::vector<std::vector<std::size_t>>& choices) {
  if (size == 0) {
    std::vector<std::size_t>& gone = choices.emplace_back();
    for (std::size_t i = 0; i < count; ++i) {
      if (std::find(kept.begin(), kept.end(), i) == kept.end()) {
        gone.push_back(i);
      }
    }
    return;
  }
  for (std::size_t i = from; i + size <= count; ++i) {
    kept.push_back(i);
    choose(count, size - 1, i + 1, kept, choices);
    kept.pop_back();
  }
}

std::uint64_t size_of(const Case& what) {
  std::uint64_t size = what.plan.size();
  for (const auto& [name, count] : what.setup->counts()) {
    size += count;
  }
  return size;
}

}  // namespace

// One candidate, tried.
struct Incumbent::Trial {
  bool done = false;
  RunResult result;
  std::uint32_t sturdiness = 0;  // counted only where it was asked for
  std::uint64_t runs = 0;
  std::optional<std::string> error;
};

Incumbent::Incumbent(const Case& start, const MinimizeOptions& options) : options_(options) {
  start_ = now();
  if (options_.runs != 0) {
    // What is left then tells how sturdy the result is.
    limit_ = options_.runs > kShakes ? options_.runs - kShakes : 0;
  }
  result_.before.what = start;
  result_.before.result = run(start);
  result_.after = result_.before;
  result_.runs = 1;
  signature_ = result_.before.result.signature();
}

MinimizeResult Incumbent::finish() {
  if (result_.before.result.failed()) {
    result_.minimal = !over_;
    result_.interrupted = result_.interrupted && over_;
    if (options_.runs == 0 || result_.runs + kShakes <= options_.runs) {
      result_.sturdiness = search::sturdiness(result_.after.what, signature_);
      result_.runs += kShakes;
      result_.shakes = kShakes;
    }
  }
  result_.seconds = now() - start_;
  return std::move(result_);
}

// Halves, then quarters, down to single ones.
bool Incumbent::make_most(std::size_t count, Demand demand, const With& with) {
  std::vector<bool> made(count, false);
  bool any = false;
  for (std::size_t size = count; size > 0 && !over_; size = size == 1 ? 0 : (size + 1) / 2) {
    std::vector<std::vector<std::size_t>> pieces = pieces_of(made, size);
    std::size_t from = 0;
    while (from < pieces.size() && !over_) {
      const auto taken = take_first(
          pieces.size() - from,
          [&](std::size_t which) {
            std::vector<std::size_t> edits;
            const std::vector<std::size_t>& piece = pieces[from + which];
            for (std::size_t i = 0; i < count; ++i) {
              if (made[i] || std::find(piece.begin(), piece.end(), i) != piece.end()) {
                edits.push_back(i);
              }
            }
            return with(edits);
          },
          demand);
      if (!taken) {
        break;
      }
      any = true;
      for (const std::size_t edit : pieces[from + *taken]) {
        made[edit] = true;
      }
      from += *taken + 1;
    }
  }
  return any;
}

bool Incumbent::keep_few(std::size_t count, const With& with) {
  struct Choice {
    std::vector<std::size_t> edits;
    std::uint64_t seed;
  };
  std::vector<Choice> choices;
  for (std::size_t size = 1; size <= kFew && size < count; ++size) {
    std::vector<std::size_t> kept;
    std::vector<std::vector<std::size_t>> subsets;
    choose(count, size, 0, kept, subsets);
    for (std::uint64_t seed = 0; seed <= kOtherSeeds; ++seed) {
      for (const auto& subset : subsets) {
        choices.push_back({subset, seed == 0 ? best().seed : seed});
      }
    }
  }
  return take_first(std::min(choices.size(), kMostSubsets),
                    [&](std::size_t which) {
                      Case candidate = with(choices[which].edits);
                      candidate.seed = choices[which].seed;
                      return candidate;
                    })
      .has_value();
}

std::optional<std::size_t> Incumbent::take_first(std::size_t count, const Make& make,
                                                 Demand demand) {
  const bool sturdy = demand == Demand::kAsSturdy;
  std::vector<Trial> trials(count);
  const auto works = [&](std::size_t i) {
    return same(trials[i]) && (!sturdy || trials[i].sturdiness >= result_.sturdiness);
  };
  try_all(trials, make, sturdy, works);
  for (std::size_t i = 0; i < count && account(make, trials[i], i); ++i) {
    if (works(i)) {
      accept(make(i), trials[i], sturdy);
      return i;
    }
  }
  return std::nullopt;
}

bool Incumbent::take_sturdiest(const std::vector<Case>& candidates, std::uint32_t least) {
  std::vector<Trial> trials(candidates.size());
  const Make make = [&](std::size_t which) { return candidates[which]; };
  try_all(trials, make, true, {});
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (!account(make, trials[i], i)) {
      return false;
    }
    const bool sturdier =
        chosen ? trials[i].sturdiness > trials[*chosen].sturdiness : trials[i].sturdiness >= least;
    if (same(trials[i]) && sturdier) {
      chosen = i;
    }
  }
  if (chosen) {
    accept(make(*chosen), trials[*chosen], true);
  }
  return chosen.has_value();
}

bool Incumbent::take_best(std::size_t count, std::size_t rank, const Make& make) {
  std::vector<Trial> trials(count);
  try_all(trials, make, true, {});
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) {
    if (!account(make, trials[i], i)) {
      return false;
    }
    const std::uint32_t sturdy = trials[i].sturdiness;
    const std::uint32_t known = chosen ? trials[*chosen].sturdiness : result_.sturdiness;
    const bool rounder = !chosen && i < rank;
    if (same(trials[i]) && (sturdy > known || (sturdy == known && rounder))) {
      chosen = i;
    }
  }
  if (!chosen) {
    return false;
  }
  accept(make(*chosen), trials[*chosen], true);
  return true;
}

bool Incumbent::same(const Trial& trial) const {
  return trial.done && !trial.error && trial.result.failed() &&
         trial.result.signature() == signature_;
}

void Incumbent::try_all(std::vector<Trial>& trials, const Make& make, bool measured,
                        const std::function<bool(std::size_t)>& enough) {
  std::size_t count = trials.size();
  const std::uint64_t left = limit_ > result_.runs ? limit_ - result_.runs : 0;
  const std::uint64_t most = left / (measured ? 1 + kShakes : 1);  // whatever each turns out to be
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, most));
  const TrialOptions options{options_.jobs, [this] { return goes_on(); }};
  for_each_trial(
      count, options,
      [&](std::size_t i) {
        Trial trial;
        trial.done = true;
        try {
          const Case candidate = make(i);
          trial.result = run(candidate);
          trial.runs = 1;
          if (measured && same(trial)) {
            trial.sturdiness = search::sturdiness(candidate, signature_);
            trial.runs += kShakes;
          }
        } catch (const std::exception& error) {
          trial.error = error.what();
        }
        trials[i] = std::move(trial);
      },
      enough);
}

bool Incumbent::account(const Make& make, const Trial& trial, std::size_t which) {
  if (!trial.done || !affords(trial.runs)) {
    end();
    return false;
  }
  result_.runs += trial.runs;
  if (trial.error && !result_.internal_error) {
    result_.internal_error = trial.error;
  }
  if (!trial.error && trial.result.failed() && !same(trial)) {
    keep_other(make(which), trial.result);
  }
  return true;
}

void Incumbent::end() {
  result_.out_of_budget = !result_.interrupted;
  over_ = true;
}

void Incumbent::keep_other(Case what, const RunResult& result) {
  const std::string signature = result.signature();
  for (Found& known : result_.others) {
    if (known.result.signature() == signature) {
      if (size_of(what) < size_of(known.what)) {
        known = {std::move(what), result};
      }
      return;
    }
  }
  result_.others.push_back({std::move(what), result});
}

void Incumbent::accept(Case what, const Trial& trial, bool measured) {
  result_.after = {std::move(what), trial.result};
  if (measured) {
    result_.sturdiness = trial.sturdiness;
  }
}

bool Incumbent::goes_on() {
  const double seconds = now() - start_;
  if (options_.stop != nullptr && options_.stop->load()) {
    result_.interrupted = true;
  } else if (!(options_.seconds > 0 && options_.seconds_now && seconds >= options_.seconds)) {
    report(seconds);
    return true;
  }
  return false;
}

void Incumbent::report(double seconds) {
  if (options_.progress && seconds - reported_ >= kReportInterval) {
    reported_ = seconds;
    options_.progress({result_.runs, options_.runs, best().plan.size(), best().setup->counts(),
                       pass_, seconds, options_.seconds});
  }
}

void Incumbent::measure() {
  if (!affords(kShakes)) {
    end();
    return;
  }
  result_.sturdiness = search::sturdiness(best(), signature_);
  result_.runs += kShakes;
}

std::optional<Told> Incumbent::record(const Case& what) {
  if (!affords(1)) {
    end();
    return std::nullopt;
  }
  ++result_.runs;
  return tell(what);
}

}  // namespace sagasim::search
