#include "search/tree_walk.h"

#include <algorithm>
#include <utility>

#include "sim/check.h"
#include "sim/node.h"

namespace sagasim::search {
namespace {

// Tells one node of a universe from another, in any universe of the same system.
std::uint64_t number_of(const sim::Node* node) {
  return node == nullptr ? 0 : std::uint64_t{node->index()} + 1;
}

bool is_crash(const sim::Effect& effect, sim::Phase phase) {
  return effect.crashes(sim::Side::kInitiator, phase);
}

// Whatever is allocated while it lives belongs to a universe.
class Inside {
 public:
  explicit Inside(Memory* memory) : memory_(memory) {
    if (memory_ != nullptr) {
      memory_->enter();
    }
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() {
    if (memory_ != nullptr) {
      memory_->leave();
    }
  }

 private:
  Memory* memory_;
};

}  // namespace

// --- what is tried ---

TreeMenu::TreeMenu(const scenarios::System& system, const CertifyOptions& options) {
  std::vector<sim::Duration> patience;
  for (const scenarios::Patience& each : system.patience()) {
    patience.push_back(each.time);
  }
  const faults::MenuOptions durations = faults::menu_options(patience);
  for (int kind = 0; kind < sim::kOperationKinds; ++kind) {
    const auto operation = static_cast<sim::OperationKind>(kind);
    faults[kind] = faults::menu_of(operation, durations);
    std::erase_if(faults[kind], [&](const sim::Effect& effect) {
      return options.tries && !options.tries(operation, faults::kind_of(effect));
    });
  }
  hold = durations.lasting;
  if (options.max_postponements == 0) {
    return;
  }
  for (const sim::Duration time : patience) {
    delays.push_back(time + durations.at_once);
  }
  if (delays.empty()) {
    delays.push_back(durations.lasting);
  }
  std::stable_sort(delays.begin(), delays.end());
  delays.erase(std::unique(delays.begin(), delays.end()), delays.end());
}

std::optional<std::size_t> same_crash(const std::vector<ListedOperation>& list, std::size_t next) {
  const ListedOperation& issued = list[next];
  const auto learnt = std::find_if(
      list.begin(), list.begin() + static_cast<std::ptrdiff_t>(next),
      [&](const ListedOperation& each) { return each.operation.id == issued.operation.cause; });
  const auto end = list.begin() + static_cast<std::ptrdiff_t>(next);
  if (learnt == end || issued.operation.duplicate != 0 || learnt->operation.duplicate != 0 ||
      learnt->initiator != issued.initiator || learnt->ended_in != issued.step ||
      learnt->operation.invocation.id() != issued.operation.invocation.id() ||
      !faults::can_strike(faults::Kind::kCrashSeen, learnt->operation.kind)) {
    return std::nullopt;
  }
  // Nothing else may have left the process, or come to its knowledge, in that step.
  for (auto each = list.begin(); each != end; ++each) {
    const bool left = each->step == issued.step && each->initiator == issued.initiator;
    const bool came =
        each != learnt && each->ended_in == issued.step && each->initiator == issued.initiator;
    if (left || came) {
      return std::nullopt;
    }
  }
  return static_cast<std::size_t>(learnt - list.begin());
}

// --- FaultSet ---

void FaultSet::listen(const scenarios::Universe& universe,
                      const std::vector<ListedOperation>& known, std::uint64_t step) {
  list_.clear();
  for (const ListedOperation& each : known) {
    if (each.step < step) {
      ListedOperation& listed = list_.emplace_back(each);
      if (listed.ended_in >= step) {
        listed.ended_in = ListedOperation{}.ended_in;  // here it may end otherwise
      }
    }
  }
  universe_ = &universe;
}

sim::Effect FaultSet::decide(const sim::Operation& operation) {
  if (universe_ != nullptr && list_.size() < kListMax) [[unlikely]] {
    ListedOperation& listed = list_.emplace_back();
    listed.operation = operation;
    listed.operation.initiator = nullptr;
    listed.operation.receiver = nullptr;
    listed.initiator = number_of(operation.initiator);
    listed.step = universe_->steps();
  }
  for (const Fault& fault : faults_) {
    if (fault.identity == operation.id && operation.duplicate == 0) {
      return fault.effect;
    }
  }
  return {};
}

void FaultSet::on_complete(const sim::Operation& operation, sim::Outcome, std::uint64_t,
                           sim::Instant) {
  if (universe_ == nullptr) {
    return;
  }
  for (auto each = list_.rbegin(); each != list_.rend(); ++each) {
    if (each->operation.id == operation.id) {
      each->ended_in = universe_->steps();
      return;
    }
  }
}

// --- TreeWalk ---

TreeWalk::TreeWalk(const scenarios::System& system, const CertifyOptions& options,
                   const TreeMenu& menu, std::function<bool(std::uint64_t)> goes_on)
    : system_(system),
      options_(options),
      menu_(menu),
      goes_on_(std::move(goes_on)),
      memory_(options.memory && !options.brute_force ? options.memory() : nullptr),
      levels_(std::size_t{options.max_faults} + options.max_postponements + 1) {}

// A universe in memory ends with it, and nobody hears of it.
TreeWalk::~TreeWalk() = default;

bool TreeWalk::begin() {
  if (memory_ && universe_ != nullptr) {
    return true;
  }
  owned_.reset();
  const Inside inside(memory_.get());
  std::unique_ptr<scenarios::Universe> universe = system_.universe(options_.seed, faults_);
  if (memory_) {
    universe_ = universe.release();
  } else {
    owned_ = std::move(universe);
    universe_ = owned_.get();
  }
  return universe_ != nullptr;
}

void TreeWalk::restore(const std::vector<std::byte>& snapshot) {
  if (memory_) {
    memory_->restore(snapshot);
  } else {
    begin();
  }
}

// Without memory there is nothing to be gained by stopping on the way.
void TreeWalk::live_to(std::uint64_t steps) {
  if (memory_) {
    const Inside inside(memory_.get());
    universe_->live(steps);
  }
}

scenarios::Judgement TreeWalk::live_to_the_end() {
  scenarios::Judgement inner;
  {
    const Inside inside(memory_.get());
    universe_->live(UINT64_MAX);
    faults_.end_listening();
    inner = universe_->judge(faults_.size());
  }
  scenarios::Judgement judgement = inner;  // its text is allocated out here
  {
    const Inside inside(memory_.get());
    inner = {};
  }
  return judgement;
}

std::optional<scenarios::Judgement> TreeWalk::live_without_faults() {
  if (memory_) {
    // What a program makes once, when it first needs it, stays for all universes to come: the first
    // of them is lived outside.
    if (const auto first = system_.universe(options_.seed, faults_)) {
      first->live(UINT64_MAX);
      first->judge(0);
    }
  }
  if (!begin()) {
    return std::nullopt;
  }
  if (memory_) {
    memory_->save(unborn_);
  }
  faults_.listen(*universe_);
  universe_->set_tracer(&faults_);
  const scenarios::Judgement judgement = live_to_the_end();
  levels_[0].list = faults_.list();
  if (memory_) {
    check_memory(judgement);
  }
  return judgement;
}

// A universe that keeps anything outside its memory is not put back to what it was, and whatever is
// told of it from then on is wrong. So one is put back, to its beginning and to its middle, and has
// to do all that it did.
void TreeWalk::check_memory(const scenarios::Judgement& expected) {
  const std::vector<ListedOperation>& whole = levels_[0].list;
  const auto check = [&](std::size_t begun) {
    faults_.listen(*universe_);
    universe_->set_tracer(&faults_);
    const bool same =
        live_to_the_end() == expected && faults_.list().size() == whole.size() - begun;
    SAGASIM_CHECK(same, "a universe that was put back is another: part of it is not in its memory");
  };
  restore(unborn_);
  check(0);
  const std::uint64_t half = whole.empty() ? 0 : whole[whole.size() / 2].step;
  restore(unborn_);
  live_to(half);
  std::vector<std::byte> middle;
  memory_->save(middle);
  live_to_the_end();
  restore(middle);
  check(static_cast<std::size_t>(
      std::count_if(whole.begin(), whole.end(),
                    [half](const ListedOperation& each) { return each.step <= half; })));
}

// A universe that is taken up in its middle has the operations before that in common with the run
// without the last fault, whose list is there.
void TreeWalk::list_operations(std::size_t depth) {
  Level& level = levels_[depth];
  restore(level.start);
  faults_.listen(*universe_, levels_[depth - 1].list, level.start_step);
  universe_->set_tracer(&faults_);
  {
    const Inside inside(memory_.get());
    universe_->live(UINT64_MAX);
  }
  faults_.end_listening();
  SAGASIM_CHECK(faults_.list().size() < FaultSet::kListMax, "a run with too many operations");
  level.list.clear();
  level.list = faults_.list();
}

std::vector<Pick> TreeWalk::picks_at(const std::vector<ListedOperation>& list, std::size_t place,
                                     std::size_t first) const {
  const sim::Operation& operation = list[place].operation;
  std::vector<Pick> picks;
  if (operation.duplicate != 0) {
    return picks;  // the copy that a fault makes is struck no further
  }
  std::uint32_t faults = 0;
  for (const Pick& pick : path_) {
    faults += pick.postpones ? 0 : 1;
  }
  const bool prunes = !options_.brute_force;
  if (faults < options_.max_faults) {
    const auto learnt = prunes ? options_.same(list, place) : std::nullopt;
    const bool is_same = learnt && *learnt >= first;
    std::optional<std::size_t> next;  // before which a crash is the same as one after this
    const std::uint64_t ended = list[place].ended_in;
    for (std::size_t i = place + 1; prunes && !next && ended != UINT64_MAX && i < list.size();
         ++i) {
      if (list[i].step > ended) {
        break;
      }
      if (options_.same(list, i) == place) {
        next = i;
      }
    }
    for (const sim::Effect& effect : menu_.faults[static_cast<unsigned>(operation.kind)]) {
      if (is_same && is_crash(effect, sim::Phase::kBefore)) {
        continue;
      }
      Pick& pick = picks.emplace_back(Pick{place, operation, effect, false, {}, {}});
      if (is_crash(effect, sim::Phase::kSeen)) {
        pick.stands_for = next;
      }
    }
  }
  if (path_.size() - faults < options_.max_postponements) {
    for (const sim::Duration delay : menu_.delays) {
      const sim::Effect effect{.kind = sim::Effect::Kind::kDelay, .duration = delay};
      picks.push_back(Pick{place, operation, effect, true, {}, {}});
    }
    if (faults::can_strike(faults::Kind::kHold, operation.kind)) {
      for (std::size_t i = place + 1; i < list.size(); ++i) {
        const sim::Operation& until = list[i].operation;
        if (until.duplicate == 0 && list[i].ended_in != UINT64_MAX) {
          const sim::Effect effect{
              .kind = sim::Effect::Kind::kHold, .duration = menu_.hold, .until = until.id};
          picks.push_back(Pick{place, operation, effect, true, until, {}});
        }
      }
    }
  }
  return picks;
}

std::vector<Pick> TreeWalk::branches() {
  std::vector<Pick> all;
  for (std::size_t place = 0; place < levels_[0].list.size(); ++place) {
    const std::vector<Pick> picks = picks_at(levels_[0].list, place, 0);
    all.insert(all.end(), picks.begin(), picks.end());
  }
  return all;
}

Branch TreeWalk::walk(const Pick& first, std::uint32_t size) {
  branch_ = {};
  branch_.finished = true;
  path_ = {first};
  faults_.push(first);
  restore(unborn_);
  if (size == 1) {
    run_leaf();
  } else {
    levels_[1].start = unborn_;
    levels_[1].start_step = 0;
    expand(1, size);
  }
  faults_.pop();
  path_.clear();
  return std::move(branch_);
}

// Goes through what can be added to the set of that depth.
void TreeWalk::expand(std::size_t depth, std::uint32_t size) {
  Level& level = levels_[depth];
  list_operations(depth);
  const std::size_t first = path_.back().place + 1;
  restore(level.start);
  bool dirty = false;
  level.cursor_step = UINT64_MAX;
  for (std::size_t place = first; place < level.list.size(); ++place) {
    const std::vector<Pick> picks = picks_at(level.list, place, first);
    if (picks.empty()) {
      continue;
    }
    if (const std::uint64_t step = level.list[place].step; step != level.cursor_step) {
      if (dirty) {
        restore(level.cursor);
        dirty = false;
      }
      if (step > 0) {
        live_to(step - 1);
      }
      if (memory_) {
        memory_->save(level.cursor);
      }
      level.cursor_step = step;
    }
    for (const Pick& pick : picks) {
      if (!strike(depth, size, pick, dirty)) {
        return;
      }
    }
  }
}

// One set more. Returns false iff the branch ends with it.
bool TreeWalk::strike(std::size_t depth, std::uint32_t size, const Pick& pick, bool& dirty) {
  path_.push_back(pick);
  faults_.push(pick);
  if (depth + 1 == size) {
    if (dirty || !memory_) {
      restore(levels_[depth].cursor);
    }
    run_leaf();
  } else {
    levels_[depth + 1].start = levels_[depth].cursor;
    levels_[depth + 1].start_step = memory_ ? levels_[depth].cursor_step : 0;
    expand(depth + 1, size);
  }
  dirty = true;
  faults_.pop();
  path_.pop_back();
  return branch_.finished && (options_.all || !branch_.counterexample);
}

// The other crash comes later than the one that stands for it. So what is struck next may still
// come before it, and it may come after what the faults before it stand for, though this one does
// not.
std::uint64_t TreeWalk::sets(std::size_t depth, std::size_t next) const {
  if (depth == 0) {
    return 1;
  }
  const Pick& last = path_[depth - 1];
  std::uint64_t sum = sets(depth - 1, last.place);
  if (last.stands_for && *last.stands_for <= next) {
    sum += sets(depth - 1, *last.stands_for);
  }
  return sum;
}

// Requires: the universe stands before the last fault of the path, or at its beginning.
bool TreeWalk::run_leaf() {
  const std::uint64_t weight = sets(path_.size(), SIZE_MAX);
  if (!goes_on_(weight)) {
    branch_.finished = false;
    return false;
  }
  scenarios::Judgement judgement = live_to_the_end();
  CertifyCounts& counts = branch_.counts;
  ++counts.runs;
  counts.combinations += weight;
  counts.pruned += weight - 1;
  counts.outcomes[judgement.signature] += weight;
  counts.operations_max = std::max(counts.operations_max, judgement.operations);
  const bool is_undecided = judgement.verdict == scenarios::Verdict::kInconclusive;
  counts.inconclusive += is_undecided ? weight : 0;
  std::optional<FaultyCombination>& kept =
      is_undecided ? branch_.undecided : branch_.counterexample;
  if ((is_undecided || judgement.failed()) && !kept) {
    kept = FaultyCombination{plan(), std::move(judgement)};
  }
  return true;
}

faults::Plan TreeWalk::plan() const {
  faults::Plan plan;
  for (const Pick& pick : path_) {
    const bool is_hold = pick.effect.kind == sim::Effect::Kind::kHold;
    plan.operations.push_back({sim::to_text(pick.operation), pick.operation.id, pick.effect,
                               is_hold ? sim::to_text(pick.until) : ""});
  }
  return plan;
}

}  // namespace sagasim::search
