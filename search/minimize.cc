#include "search/minimize.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "search/anchors.h"
#include "search/incumbent.h"
#include "sim/operation.h"

namespace sagasim::search {
namespace {

using scenarios::RunResult;
using scenarios::Stage;

// Each round but the last makes the run smaller or rounder, so there is an end; this is in case
// that a system's own edits undo each other.
constexpr int kMostRounds = 50;

constexpr std::size_t kMostTrades = 2000;  // and guesses
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

// How much of what there is to leave out goes at once.
enum class Amount : std::uint8_t { kMost, kAllButFew };

class Minimizer {
 public:
  Minimizer(const Case& start, const MinimizeOptions& options)
      : keep_guards_(options.keep_guards), incumbent_(start, options) {}

  MinimizeResult minimize() {
    bool shrank = incumbent_.result().failed();
    for (int round = 0; shrank && !incumbent_.over() && round < kMostRounds; ++round) {
      shrank = shrink();
    }
    return incumbent_.finish();
  }

 private:
  // One round of all passes. Returns true iff something changed.
  bool shrink() {
    bool changed = false;
    // Removals among themselves until they are through: what they leave is quick to run.
    bool again = true;
    for (int round = 0; again && !incumbent_.over() && round < kMostRounds; ++round) {
      again = remove_faults(Amount::kMost);
      again = make_edits(Stage::Kind::kRemoval, Amount::kMost) || again;
      // Parts that only together can go: a jump out of the local minimum.
      again = again || gather_faults();
      again = again || remove_faults(Amount::kAllButFew);
      again = again || make_edits(Stage::Kind::kRemoval, Amount::kAllButFew);
      again = again || trade();
      again = again || guess_one_for_several();
      changed = changed || again;
    }
    changed = (!keep_guards_ && make_edits(Stage::Kind::kGuard, Amount::kMost)) || changed;
    incumbent_.measure();
    changed = make_edits(Stage::Kind::kValue, Amount::kMost) || changed;
    changed = round_faults() || changed;
    changed = round_windows() || changed;
    changed = tell_otherwise() || changed;
    return changed;
  }

  // Faults that say when by what comes to pass; see anchors.h. Each is taken where the run stands
  // as many variations as before.
  bool tell_otherwise() {
    incumbent_.begin_pass("anchors in time");
    bool changed = false;
    const auto windows = [&](const auto& candidates) {
      for (std::size_t i = 0; i < incumbent_.best().plan.windows.size() && !incumbent_.over();
           ++i) {
        const std::size_t before = incumbent_.best().plan.windows.size();
        if (const std::optional<Told> told = incumbent_.record(incumbent_.best())) {
          changed = take_as_sturdy(candidates(incumbent_.best(), *told, i)) || changed;
        }
        i -= before - incumbent_.best().plan.windows.size();
      }
    };
    const auto operations = [&](const auto& candidates) {
      for (std::size_t i = 0; i < incumbent_.best().plan.operations.size() && !incumbent_.over();
           ++i) {
        if (const std::optional<Told> told = incumbent_.record(incumbent_.best())) {
          changed = take_as_sturdy(candidates(incumbent_.best(), *told, i)) || changed;
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

  bool remove_faults(Amount amount) {
    incumbent_.begin_pass("faults");
    const std::size_t before = incumbent_.best().plan.size();
    // What struck nothing goes first and together.
    const std::vector<std::uint32_t> idle = incumbent_.result().not_applied;
    if (!idle.empty()) {
      incumbent_.take_first(1, [&](std::size_t) {
        return without_faults(incumbent_.best(),
                              std::vector<std::size_t>(idle.begin(), idle.end()));
      });
    }
    const Case base = incumbent_.best();
    make(amount, base.plan.size(), Demand::kSameFailure,
         [&](const std::vector<std::size_t>& gone) { return without_faults(base, gone); });
    return incumbent_.best().plan.size() < before;
  }

  // One fault of the work that failed instead of all that there are: the sturdiest, if it stands at
  // least `sturdiness` variations.
  bool guess(sim::Subject subject, std::uint32_t sturdiness) {
    incumbent_.begin_pass("guesses");
    const std::optional<Told> calm =
        incumbent_.record({incumbent_.best().setup, incumbent_.best().seed, {}});
    if (!calm) {
      return false;
    }
    std::vector<Case> candidates = guesses(incumbent_.best(), *calm, subject);
    candidates.resize(std::min(candidates.size(), kMostTrades), incumbent_.best());
    return incumbent_.take_sturdiest(candidates, sturdiness);
  }

  // Where the failure still seems to need several faults. They have to go, however sturdy it is.
  bool guess_one_for_several() {
    if (incumbent_.over() || incumbent_.best().plan.size() < 2) {
      return false;
    }
    const std::optional<sim::Subject> subject = victim();
    return subject && guess(*subject, 0);
  }

  // Where what is left is a window, or a fault of other work than that which failed.
  bool guess_one_of_its_own() {
    const faults::Plan& plan = incumbent_.best().plan;
    if (incumbent_.over() || plan.size() != 1) {
      return false;
    }
    const std::optional<sim::Subject> subject = victim();
    const bool own = plan.windows.empty() && subject_of(plan.operations.front()) == subject;
    return subject && !own && guess(*subject, incumbent_.sturdiness());
  }

  // Nothing: the budget is over.
  std::optional<sim::Subject> victim() {
    const std::optional<Told> told = incumbent_.record(incumbent_.best());
    if (!told) {
      return std::nullopt;
    }
    return story_subject(told->recording, incumbent_.result().violations.front());
  }

  // One part goes for a change in the length of one fault: a longer one often does the work of two.
  bool trade() {
    incumbent_.begin_pass("trades");
    const Case base = incumbent_.best();
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
    return incumbent_
        .take_first(trades.size(),
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
    incumbent_.begin_pass("anchors");
    const Case base = incumbent_.best();
    std::vector<sim::Subject> subjects;
    for (const faults::OperationFault& fault : base.plan.operations) {
      const sim::Subject subject = subject_of(fault);
      if (!subject.none() &&
          std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) {
        subjects.push_back(subject);
      }
    }
    const sim::Subject victim = incumbent_.result().violations.front().subject;
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
    return incumbent_
        .take_first(gathered.size(), [&](std::size_t which) { return gathered[which]; })
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

  bool make_edits(Stage::Kind kind, Amount amount) {
    const Demand demand = kind == Stage::Kind::kValue ? Demand::kAsSturdy : Demand::kSameFailure;
    bool changed = false;
    const std::size_t stages = incumbent_.best().setup->stages().size();
    for (std::size_t i = 0; i < stages && !incumbent_.over(); ++i) {
      const Case base = incumbent_.best();
      const Stage stage = base.setup->stages()[i];
      if (stage.kind != kind) {
        continue;
      }
      incumbent_.begin_pass(stage.id);
      const bool made =
          make(amount, stage.edits.size(), demand, [&](const std::vector<std::size_t>& edits) {
            return Case{base.setup->with(i, edits), base.seed, base.plan};
          });
      changed = changed || made;
    }
    return changed;
  }

  // The lengths of faults: the length that stands most variations of latencies, of those the
  // roundest.
  bool round_faults() {
    incumbent_.begin_pass("durations");
    bool changed = false;
    for (std::size_t i = 0; i < incumbent_.best().plan.operations.size() && !incumbent_.over();
         ++i) {
      if (!is_timed(incumbent_.best().plan.operations[i])) {
        continue;
      }
      const Case base = incumbent_.best();
      changed = incumbent_.take_best(kRounds, rank_of(base.plan.operations[i].effect.duration),
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
    incumbent_.begin_pass("windows");
    bool changed = false;
    for (std::size_t i = 0; i < incumbent_.best().plan.windows.size() && !incumbent_.over(); ++i) {
      changed = round_beginning(i) || changed;
      const Case base = incumbent_.best();
      const faults::WindowFault& window = base.plan.windows[i];
      if (faults::info_of(window.kind).moment) {
        continue;  // it has no length
      }
      changed = incumbent_.take_best(kRounds, rank_of(window.until - window.from),
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
    const Case base = incumbent_.best();
    const sim::Duration from = base.plan.windows[i].from - sim::kStart;
    std::vector<sim::Duration> rounder;
    for (const sim::Duration unit :
         {sim::seconds(10), sim::seconds(1), sim::milliseconds(100), sim::milliseconds(10)}) {
      if (from % unit == sim::Duration{}) {
        break;
      }
      rounder.push_back(from / unit * unit);
    }
    return incumbent_
        .take_first(
            rounder.size(),
            [&](std::size_t which) {
              Case other = base;
              other.plan.windows[i].from = sim::kStart + rounder[which];
              return other;
            },
            Demand::kAsSturdy)
        .has_value();
  }

  bool make(Amount amount, std::size_t count, Demand demand, const Incumbent::With& with) {
    return amount == Amount::kMost ? incumbent_.make_most(count, demand, with)
                                   : incumbent_.keep_few(count, with);
  }

  bool take_as_sturdy(const std::vector<Case>& candidates) {
    return incumbent_.take_sturdiest(candidates, incumbent_.sturdiness());
  }

  bool keep_guards_;
  Incumbent incumbent_;
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
