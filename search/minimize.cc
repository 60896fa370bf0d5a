#include "search/minimize.h"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

#include "search/anchors.h"
#include "search/trials.h"
#include "sim/operation.h"

namespace sagasim::search {
namespace {

using scenarios::RunResult;
using scenarios::Stage;

constexpr double kProgressInterval = 0.1;  // seconds
// Each round but the last makes the run smaller or rounder, so there is an end; this is in case
// that a system's own edits undo each other.
constexpr int kMostRounds = 50;

// At a local minimum whatever is left is tried with no more than this many parts at once, if that
// is not too many candidates.
constexpr std::size_t kFew = 3;
constexpr std::size_t kMostSubsets = 1000;
constexpr std::size_t kMostTrades = 2000;  // and guesses
// Other seeds under which they are tried too: with an explicit plan and workload a seed is but the
// latencies and the order of what is simultaneous.
constexpr std::uint64_t kOtherSeeds = 8;

// Durations as people say them, in the order of preference.
constexpr sim::Duration kRound[] = {
    sim::seconds(1),        sim::seconds(2),        sim::seconds(5),       sim::seconds(10),
    sim::seconds(20),       sim::seconds(30),       sim::seconds(60),      sim::milliseconds(500),
    sim::milliseconds(200), sim::milliseconds(100), sim::milliseconds(50), sim::milliseconds(20),
    sim::milliseconds(10),  sim::milliseconds(5),   sim::milliseconds(2),  sim::milliseconds(1)};
constexpr std::size_t kRounds = std::size(kRound);

// How far down the list; kRounds if it is none of them.
std::size_t rank_of(sim::Duration duration) {
  return static_cast<std::size_t>(std::find(std::begin(kRound), std::end(kRound), duration) -
                                  std::begin(kRound));
}

bool is_timed(const faults::OperationFault& fault) {
  return !fault.effect.none() &&
         faults::kCatalog[static_cast<std::size_t>(faults::kind_of(fault.effect))].timed;
}

// One candidate, tried.
struct Trial {
  bool done = false;
  RunResult result;
  std::uint32_t sturdiness = 0;  // counted only where it was asked for
  std::uint64_t runs = 0;
  std::optional<std::string> error;
};

using Make = std::function<Case(std::size_t)>;

class Minimizer {
 public:
  Minimizer(const Case& start, const MinimizeOptions& options) : options_(options) {
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

  MinimizeResult minimize() {
    if (result_.before.result.failed()) {
      bool shrank = true;
      for (int round = 0; shrank && !over_ && round < kMostRounds; ++round) {
        shrank = shrink();
      }
      result_.minimal = !over_;
      result_.interrupted = result_.interrupted && over_;
      if (options_.runs == 0 || result_.runs + kShakes <= options_.runs) {
        result_.sturdiness = sturdiness(result_.after.what, signature_);
        result_.runs += kShakes;
        result_.shakes = kShakes;
      }
    }
    result_.seconds = now() - start_;
    return std::move(result_);
  }

 private:
  double now() const { return options_.seconds_now ? options_.seconds_now() : 0.0; }
  const Case& best() const { return result_.after.what; }

  // --- passes ---

  // One round of all passes. Returns true iff something changed.
  bool shrink() {
    bool changed = false;
    // Removals among themselves until they are through: what they leave is quick to run.
    bool again = true;
    for (int round = 0; again && !over_ && round < kMostRounds; ++round) {
      again = remove_faults();
      again = make_edits(Stage::Kind::kRemoval) || again;
      // Parts that only together can go: a jump out of the local minimum.
      again = again || gather_faults();
      keeps_few_ = !again;
      again = again || remove_faults();
      again = again || make_edits(Stage::Kind::kRemoval);
      keeps_few_ = false;
      again = again || trade();
      again = again || guess_one_for_several();
      changed = changed || again;
    }
    changed = (!options_.keep_guards && make_edits(Stage::Kind::kGuard)) || changed;
    measure();
    changed = make_edits(Stage::Kind::kValue) || changed;
    changed = round_faults() || changed;
    changed = round_windows() || changed;
    changed = tell_otherwise() || changed;
    return changed;
  }

  // Faults that say when by what comes to pass; see anchors.h. Each is taken where the run stands
  // as many variations as before.
  bool tell_otherwise() {
    pass_ = "anchors in time";
    bool changed = false;
    const auto windows = [&](const auto& candidates) {
      for (std::size_t i = 0; i < best().plan.windows.size() && !over_; ++i) {
        const std::size_t before = best().plan.windows.size();
        if (const std::optional<Told> told = record(best())) {
          changed = take_sturdiest(candidates(best(), *told, i)) || changed;
        }
        i -= before - best().plan.windows.size();
      }
    };
    const auto operations = [&](const auto& candidates) {
      for (std::size_t i = 0; i < best().plan.operations.size() && !over_; ++i) {
        if (const std::optional<Told> told = record(best())) {
          changed = take_sturdiest(candidates(best(), *told, i)) || changed;
        }
      }
    };
    windows(singled_out);
    changed = guess_one_of_its_own() || changed;
    operations(moved_to_landmarks);
    operations(held);
    windows(anchored);
    return changed;
  }

  bool remove_faults() {
    pass_ = "faults";
    const std::size_t before = best().plan.size();
    // What struck nothing goes first and together.
    const std::vector<std::uint32_t> idle = result_.after.result.not_applied;
    if (!idle.empty()) {
      take_first(1, [&](std::size_t) {
        return without_faults(best(), std::vector<std::size_t>(idle.begin(), idle.end()));
      });
    }
    const Case base = best();
    make_most(base.plan.size(),
              [&](const std::vector<std::size_t>& gone) { return without_faults(base, gone); });
    return best().plan.size() < before;
  }

  // One fault of the work that failed instead of all that there are: the sturdiest, if it stands at
  // least `sturdiness` variations.
  bool guess(sim::Subject subject, std::uint32_t sturdiness) {
    pass_ = "guesses";
    const std::optional<Told> calm = record({best().setup, best().seed, {}});
    if (!calm) {
      return false;
    }
    std::vector<Case> candidates = guesses(best(), *calm, subject);
    candidates.resize(std::min(candidates.size(), kMostTrades), best());
    result_.sturdiness = sturdiness;
    return take_sturdiest(candidates);
  }

  // Where the failure still seems to need several faults. They have to go, however sturdy it is.
  bool guess_one_for_several() {
    if (over_ || best().plan.size() < 2) {
      return false;
    }
    const std::optional<sim::Subject> subject = victim();
    return subject && guess(*subject, 0);
  }

  // Where what is left is a window, or a fault of other work than that which failed.
  bool guess_one_of_its_own() {
    const faults::Plan& plan = best().plan;
    if (over_ || plan.size() != 1) {
      return false;
    }
    const std::optional<sim::Subject> subject = victim();
    const bool own = plan.windows.empty() && subject_of(plan.operations.front()) == subject;
    return subject && !own && guess(*subject, result_.sturdiness);
  }

  // Nothing: the budget is over.
  std::optional<sim::Subject> victim() {
    const std::optional<Told> told = record(best());
    if (!told) {
      return std::nullopt;
    }
    return story_subject(told->recording, result_.after.result.violations.front());
  }

  // One part goes for a change in the length of one fault: a longer one often does the work of two.
  bool trade() {
    pass_ = "trades";
    const Case base = best();
    std::vector<std::function<Case(const Case&)>> removals;
    for (std::size_t i = 0; i < base.plan.size(); ++i) {
      removals.push_back([i](const Case& from) { return without_faults(from, {i}); });
    }
    const std::vector<Stage> stages = base.setup->stages();
    for (std::size_t stage = 0; stage < stages.size(); ++stage) {
      for (std::size_t edit = 0;
           stages[stage].kind == Stage::Kind::kRemoval && edit < stages[stage].edits.size();
           ++edit) {
        removals.push_back([stage, edit](const Case& from) {
          return Case{from.setup->with(stage, {edit}), from.seed, from.plan};
        });
      }
    }
    struct Trade {
      std::size_t removal;
      std::size_t fault;
      std::size_t rank;
    };
    std::vector<Trade> trades;
    for (std::size_t removal = 0; removal < removals.size(); ++removal) {
      for (std::size_t fault = 0; fault < base.plan.operations.size(); ++fault) {
        for (std::size_t rank = 0;
             fault != removal && is_timed(base.plan.operations[fault]) && rank < kRounds; ++rank) {
          trades.push_back({removal, fault, rank});
        }
      }
    }
    if (trades.size() > kMostTrades) {
      return false;
    }
    return take_first(trades.size(),
                      [&](std::size_t which) {
                        const Trade& chosen = trades[which];
                        Case longer = base;
                        longer.plan.operations[chosen.fault].effect.duration = kRound[chosen.rank];
                        return removals[chosen.removal](longer);
                      })
        .has_value();
  }

  // Faults on the work for one subject become faults on the same work for another, so that nothing
  // but a fault's anchor is left to be removed. Fewer subjects are simpler.
  bool gather_faults() {
    pass_ = "anchors";
    const Case base = best();
    std::vector<sim::Subject> subjects;
    for (const faults::OperationFault& fault : base.plan.operations) {
      const sim::Subject subject = subject_of(fault);
      if (!subject.none() &&
          std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) {
        subjects.push_back(subject);
      }
    }
    const sim::Subject victim = result_.after.result.violations.front().subject;
    std::vector<Case> gathered;
    for (const sim::Subject from : subjects) {
      std::vector<sim::Subject> targets = subjects;
      targets.insert(targets.begin(), victim);
      for (const sim::Subject to : targets) {
        if (from != to && from != victim && from.letter() == to.letter()) {
          if (std::optional<Case> other = moved(base, from, to)) {
            gathered.push_back(std::move(*other));
          }
        }
      }
    }
    return take_first(gathered.size(), [&](std::size_t which) { return gathered[which]; })
        .has_value();
  }

  // What the work is about: the subject of the invocation.
  static sim::Subject subject_of(const faults::OperationFault& fault) {
    const std::size_t open = fault.operation.find('(');
    if (open == std::string::npos) {
      return {};
    }
    const std::size_t end = fault.operation.find_first_of(",)", open);
    const auto text = std::string_view(fault.operation).substr(open + 1, end - open - 1);
    return sim::parse_subject(text).value_or(sim::Subject{});
  }

  // Every fault on work for `from` strikes the work for `to`. Nothing if two then strike one
  // operation.
  static std::optional<Case> moved(const Case& base, sim::Subject from, sim::Subject to) {
    Case other = base;
    std::vector<std::uint64_t> identities;
    for (faults::OperationFault& fault : other.plan.operations) {
      if (subject_of(fault) == from) {
        std::string name = fault.operation;
        for (const char* end : {",", ")"}) {
          const std::string old_text = "(" + sim::to_text(from) + end;
          const std::string new_text = "(" + sim::to_text(to) + end;
          for (std::size_t at = name.find(old_text); at != std::string::npos;
               at = name.find(old_text, at + new_text.size())) {
            name.replace(at, old_text.size(), new_text);
          }
        }
        const auto identity = sim::identity_of(name);
        if (!identity) {
          return std::nullopt;
        }
        fault.operation = name;
        fault.identity = *identity;
      }
      if (std::find(identities.begin(), identities.end(), fault.identity) != identities.end()) {
        return std::nullopt;
      }
      identities.push_back(fault.identity);
    }
    return other;
  }

  // By index into the operations, or their number plus the index into the windows.
  static Case without_faults(const Case& base, const std::vector<std::size_t>& gone) {
    Case smaller{base.setup, base.seed, {}};
    const auto stays = [&](std::size_t index) {
      return std::find(gone.begin(), gone.end(), index) == gone.end();
    };
    const faults::Plan& plan = base.plan;
    for (std::size_t i = 0; i < plan.operations.size(); ++i) {
      if (stays(i)) {
        smaller.plan.operations.push_back(plan.operations[i]);
      }
    }
    for (std::size_t i = 0; i < plan.windows.size(); ++i) {
      if (stays(plan.operations.size() + i)) {
        smaller.plan.windows.push_back(plan.windows[i]);
      }
    }
    return smaller;
  }

  bool make_edits(Stage::Kind kind) {
    bool changed = false;
    const std::size_t stages = best().setup->stages().size();
    for (std::size_t i = 0; i < stages && !over_; ++i) {
      const Case base = best();
      const Stage stage = base.setup->stages()[i];
      if (stage.kind != kind) {
        continue;
      }
      pass_ = stage.id;
      keeps_sturdy_ = kind == Stage::Kind::kValue;
      const bool made = make_most(stage.edits.size(), [&](const std::vector<std::size_t>& edits) {
        return Case{base.setup->with(i, edits), base.seed, base.plan};
      });
      keeps_sturdy_ = false;
      changed = changed || made;
    }
    return changed;
  }

  // The lengths of faults: the length that stands most variations of latencies, of those the
  // roundest.
  bool round_faults() {
    pass_ = "durations";
    bool changed = false;
    for (std::size_t i = 0; i < best().plan.operations.size() && !over_; ++i) {
      if (!is_timed(best().plan.operations[i])) {
        continue;
      }
      const Case base = best();
      changed = take_best(rank_of(base.plan.operations[i].effect.duration),
                          [&](std::size_t rank) {
                            Case other = base;
                            other.plan.operations[i].effect.duration = kRound[rank];
                            return other;
                          }) ||
                changed;
    }
    return changed;
  }

  // The beginnings and the lengths of windows.
  bool round_windows() {
    pass_ = "windows";
    bool changed = false;
    for (std::size_t i = 0; i < best().plan.windows.size() && !over_; ++i) {
      changed = round_beginning(i) || changed;
      const Case base = best();
      const faults::WindowFault& window = base.plan.windows[i];
      if (faults::info_of(window.kind).moment) {
        continue;  // it has no length
      }
      changed = take_best(rank_of(window.until - window.from),
                          [&](std::size_t rank) {
                            Case other = base;
                            other.plan.windows[i].until = window.from + kRound[rank];
                            return other;
                          }) ||
                changed;
    }
    return changed;
  }

  // Its end stays, so it is longer for it; the length comes next.
  bool round_beginning(std::size_t i) {
    const Case base = best();
    const sim::Duration from = base.plan.windows[i].from - sim::kStart;
    std::vector<sim::Duration> rounder;
    for (const sim::Duration unit :
         {sim::seconds(10), sim::seconds(1), sim::milliseconds(100), sim::milliseconds(10)}) {
      if (from % unit == sim::Duration{}) {
        break;
      }
      rounder.push_back(from / unit * unit);
    }
    keeps_sturdy_ = true;
    const bool changed = take_first(rounder.size(), [&](std::size_t which) {
                           Case other = base;
                           other.plan.windows[i].from = sim::kStart + rounder[which];
                           return other;
                         }).has_value();
    keeps_sturdy_ = false;
    return changed;
  }

  // --- ways to choose ---

  // Makes as many of `count` edits together as can be made. Halves, then quarters, down to single
  // ones. Returns true iff some were made.
  bool make_most(std::size_t count,
                 const std::function<Case(const std::vector<std::size_t>&)>& with) {
    if (keeps_few_) {
      return keep_few(count, with);
    }
    std::vector<bool> made(count, false);
    bool any = false;
    for (std::size_t size = count; size > 0 && !over_; size = size == 1 ? 0 : (size + 1) / 2) {
      std::vector<std::vector<std::size_t>> pieces = pieces_of(made, size);
      std::size_t from = 0;
      while (from < pieces.size() && !over_) {
        const auto taken = take_first(pieces.size() - from, [&](std::size_t which) {
          std::vector<std::size_t> edits;
          const std::vector<std::size_t>& piece = pieces[from + which];
          for (std::size_t i = 0; i < count; ++i) {
            if (made[i] || std::find(piece.begin(), piece.end(), i) != piece.end()) {
              edits.push_back(i);
            }
          }
          return with(edits);
        });
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

  static std::vector<std::vector<std::size_t>> pieces_of(const std::vector<bool>& made,
                                                         std::size_t size) {
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

  // Makes all of `count` edits but one, two or three, if that can be, under some seed. All but none
  // was tried.
  bool keep_few(std::size_t count,
                const std::function<Case(const std::vector<std::size_t>&)>& with) {
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

  // Appends everything but `size` of `count`, in the order of what is kept.
  static void choose(std::size_t count, std::size_t size, std::size_t from,
                     std::vector<std::size_t>& kept,
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

  // Takes the first candidate that works, by its index, or none.
  std::optional<std::size_t> take_first(std::size_t count, const Make& make) {
    std::vector<Trial> trials(count);
    const auto works = [&](std::size_t i) {
      return same(trials[i]) && (!keeps_sturdy_ || trials[i].sturdiness >= result_.sturdiness);
    };
    try_all(trials, make, keeps_sturdy_, works);
    for (std::size_t i = 0; i < count && account(make, trials[i], i); ++i) {
      if (works(i)) {
        accept(make(i), trials[i], keeps_sturdy_);
        return i;
      }
    }
    return std::nullopt;
  }

  // Takes the first among the sturdiest, if it is as sturdy as what is there. Returns true iff
  // there is one.
  bool take_sturdiest(const std::vector<Case>& candidates) {
    std::vector<Trial> trials(candidates.size());
    const Make make = [&](std::size_t which) { return candidates[which]; };
    try_all(trials, make, true, {});
    std::optional<std::size_t> chosen;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      if (!account(make, trials[i], i)) {
        return false;
      }
      const bool sturdier = chosen ? trials[i].sturdiness > trials[*chosen].sturdiness
                                   : trials[i].sturdiness >= result_.sturdiness;
      if (same(trials[i]) && sturdier) {
        chosen = i;
      }
    }
    if (chosen) {
      accept(make(*chosen), trials[*chosen], true);
    }
    return chosen.has_value();
  }

  // Of kRounds candidates takes the first among the sturdiest, if it is sturdier than what is there
  // or as sturdy and before `rank`. Returns true iff there is one.
  bool take_best(std::size_t rank, const Make& make) {
    std::vector<Trial> trials(kRounds);
    try_all(trials, make, true, {});
    std::optional<std::size_t> chosen;
    for (std::size_t i = 0; i < kRounds; ++i) {
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

  // --- trials ---

  bool same(const Trial& trial) const {
    return trial.done && !trial.error && trial.result.failed() &&
           trial.result.signature() == signature_;
  }

  void try_all(std::vector<Trial>& trials, const Make& make, bool measured,
               const std::function<bool(std::size_t)>& enough) {
    std::size_t count = trials.size();
    const std::uint64_t left = limit_ > result_.runs ? limit_ - result_.runs : 0;
    const std::uint64_t most =
        left / (measured ? 1 + kShakes : 1);  // whatever each turns out to be
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
              trial.sturdiness = sturdiness(candidate, signature_);
              trial.runs += kShakes;
            }
          } catch (const std::exception& error) {
            trial.error = error.what();
          }
          trials[i] = std::move(trial);
        },
        enough);
  }

  // Takes note of what a trial cost and what else it met, in the order of the candidates. Returns
  // false iff there is no such trial because the budget is over.
  bool account(const Make& make, const Trial& trial, std::size_t which) {
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

  bool affords(std::uint64_t runs) const { return !over_ && result_.runs + runs <= limit_; }

  void end() {
    result_.out_of_budget = !result_.interrupted;
    over_ = true;
  }

  // A run with all that is said of it; nothing if there is none left.
  std::optional<Told> record(const Case& what) {
    if (!affords(1)) {
      end();
      return std::nullopt;
    }
    ++result_.runs;
    return tell(what);
  }

  void keep_other(Case what, const RunResult& result) {
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

  static std::uint64_t size_of(const Case& what) {
    std::uint64_t size = what.plan.size();
    for (const auto& [name, count] : what.setup->counts()) {
      size += count;
    }
    return size;
  }

  void accept(Case what, const Trial& trial, bool measured) {
    result_.after = {std::move(what), trial.result};
    if (measured) {
      result_.sturdiness = trial.sturdiness;
    }
  }

  void measure() {
    if (!affords(kShakes)) {
      end();
      return;
    }
    result_.sturdiness = sturdiness(best(), signature_);
    result_.runs += kShakes;
  }

  // Asked on the caller's thread between runs.
  bool goes_on() {
    const double seconds = now() - start_;
    if (options_.stop != nullptr && options_.stop->load()) {
      result_.interrupted = true;
    } else if (!(options_.seconds > 0 && options_.seconds_now && seconds >= options_.seconds)) {
      report(seconds);
      return true;
    }
    return false;
  }

  void report(double seconds) {
    if (options_.progress && seconds - reported_ >= kProgressInterval) {
      reported_ = seconds;
      options_.progress({result_.runs, options_.runs, best().plan.size(), best().setup->counts(),
                         pass_, seconds, options_.seconds});
    }
  }

  const MinimizeOptions& options_;
  double start_ = 0;
  double reported_ = 0;
  std::uint64_t limit_ = UINT64_MAX;  // of runs, but for the last kShakes
  std::string signature_;
  std::string pass_;
  bool keeps_sturdy_ = false;  // a candidate must not be less sturdy than what is there
  bool keeps_few_ = false;     // all edits of a stage but a few, instead of as many as can be
  bool over_ = false;          // budget or interrupt
  MinimizeResult result_;      // its sturdiness is that of `after` while values are changed
};

}  // namespace

RunResult run(const Case& what) {
  scenarios::RunRequest request;
  request.seed = what.seed;
  request.plan = &what.plan;
  return what.setup->system()->run(request);
}

std::uint32_t sturdiness(const Case& what, const std::string& signature) {
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < kShakes; ++i) {
    scenarios::RunRequest request;
    request.seed = what.seed;
    request.plan = &what.plan;
    request.tie_salt = i + 1;
    const RunResult result = what.setup->shaken(i)->system()->run(request);
    count += result.failed() && result.signature() == signature ? 1u : 0u;
  }
  return count;
}

MinimizeResult minimize(const Case& start, const MinimizeOptions& options) {
  return Minimizer(start, options).minimize();
}

}  // namespace sagasim::search
