#include "search/explain.h"

#include <algorithm>
#include <set>
#include <utility>

#include "search/trials.h"
#include "sim/hash.h"

namespace sagasim::search {
namespace {

using scenarios::RunRequest;
using scenarios::RunResult;

// Guards in one remedy at most, and remedies at most.
constexpr std::size_t kGuardsMost = 3;
constexpr std::size_t kRemediesMost = 8;

// A story with more steps than this is told of the victim and the work that was struck alone.
constexpr std::size_t kStepsMost = 24;

constexpr sim::Duration kInstantLater = sim::nanoseconds(1);

class Explainer {
 public:
  Explainer(const Case& what, const ExplainOptions& options) : what_(what), options_(options) {
    result_.result = record(what_, result_.recording);
    result_.signature = result_.result.signature();
    sentences_ = what_.setup->tell(happenings_of(result_.recording));
    victim_ = story_subject(result_.recording, violation());
  }

  Explanation explain() {
    find_roles();
    find_no_return();
    find_chain();
    find_parting();
    find_remedies();
    return std::move(result_);
  }

 private:
  const scenarios::Violation& violation() const { return result_.result.violations.front(); }
  const std::vector<RecordedOperation>& operations() const {
    return result_.recording.operations();
  }

  RunResult record(const Case& what, Recording& recording) {
    RunRequest request;
    request.seed = what.seed;
    request.plan = &what.plan;
    request.tracer = &recording;
    ++result_.runs;
    return what.setup->system()->run(request);
  }

  // Runs `count` things and counts them. `progress` is how far the whole explanation is.
  void for_each(std::size_t count, const char* what, double progress,
                const std::function<void(std::size_t)>& work,
                const std::function<bool(std::size_t)>& enough = {}) {
    const TrialOptions trials{options_.jobs, [&] {
                                if (options_.progress) {
                                  options_.progress(what, progress);
                                }
                                return !stopped();
                              }};
    for_each_trial(count, trials, work, enough);
  }
  bool stopped() {
    result_.interrupted =
        result_.interrupted || (options_.stop != nullptr && options_.stop->load());
    return result_.interrupted;
  }

  // --- which faults ---

  static Case without(const Case& what, std::size_t fault) {
    Case other = what;
    auto& struck = other.plan.operations;
    auto& windows = other.plan.windows;
    if (fault < struck.size()) {
      struck.erase(struck.begin() + static_cast<std::ptrdiff_t>(fault));
    } else {
      windows.erase(windows.begin() + static_cast<std::ptrdiff_t>(fault - struck.size()));
    }
    return other;
  }

  void find_roles() {
    const faults::Plan& plan = what_.plan;
    std::vector<FaultRole> roles(plan.size());
    for_each(roles.size(), "leaving out one fault at a time", 0, [&](std::size_t i) {
      const RunResult other = run(without(what_, i));
      roles[i].necessary = !shows(other, result_.signature);
      roles[i].without = other.signature();
    });
    if (stopped()) {
      return;
    }
    result_.runs += roles.size();
    const auto& idle = result_.result.not_applied;
    for (std::size_t i = 0; i < roles.size(); ++i) {
      roles[i].index = i;
      if (std::find(idle.begin(), idle.end(), i) != idle.end()) {
        continue;
      }
      if (i >= plan.operations.size()) {
        const faults::WindowFault& window = plan.windows[i - plan.operations.size()];
        const auto anchor = result_.recording.find(sim::identity_of(window.after).value_or(0));
        roles[i].at = window.after.empty() || !anchor
                          ? window.from
                          : operations()[*anchor].end + (window.from - sim::kStart);
      } else if (const auto place = result_.recording.find(plan.operations[i].identity)) {
        roles[i].at = operations()[*place].operation.at;
      }
    }
    result_.faults = std::move(roles);
  }

  // --- when it was too late ---

  // The faults that began by then.
  Case past_of(sim::Instant until) const {
    Case past{what_.setup, what_.seed, {}};
    for (const FaultRole& role : result_.faults) {
      if (!role.at || *role.at > until) {
        continue;
      }
      const std::size_t count = what_.plan.operations.size();
      if (role.index < count) {
        past.plan.operations.push_back(what_.plan.operations[role.index]);
      } else {
        past.plan.windows.push_back(what_.plan.windows[role.index - count]);
      }
    }
    return past;
  }

  scenarios::Reseed future(sim::Instant until, std::size_t number) const {
    return {until + kInstantLater, sim::mix(sim::combine(what_.seed, number + 1))};
  }

  // How many other futures fail like this if the past up to and including `until` stays.
  std::uint32_t failing_futures(sim::Instant until) {
    const Case past = past_of(until);
    const auto system = past.setup->system();
    std::vector<char> fails(options_.continuations, 0);
    for_each(fails.size(), "trying other futures", 0.2, [&](std::size_t i) {
      RunRequest request;
      request.seed = past.seed;
      request.plan = &past.plan;
      request.reseed = future(until, i);
      fails[i] = shows(system->run(request), result_.signature) ? 1 : 0;
    });
    result_.runs += fails.size();
    const auto passing = std::find(fails.begin(), fails.end(), 0);
    if (passing != fails.end() && (!way_out_ || way_out_->at < until + kInstantLater)) {
      way_out_ = future(until, static_cast<std::size_t>(passing - fails.begin()));
    }
    return static_cast<std::uint32_t>(std::count(fails.begin(), fails.end(), 1));
  }

  // By bisection over the moments at which something began: what is certain stays certain, as a
  // rule.
  void find_no_return() {
    std::vector<std::size_t> moments;  // operations, one for each moment
    for (std::size_t i = 0; i < operations().size(); ++i) {
      const sim::Instant at = operations()[i].operation.at;
      if (at <= violation().at &&
          (moments.empty() || operations()[moments.back()].operation.at < at)) {
        moments.push_back(i);
      }
    }
    const std::uint32_t all = options_.continuations;
    if (moments.empty() || all == 0 || stopped()) {
      return;
    }
    const auto at = [&](std::size_t moment) { return operations()[moments[moment]].operation.at; };
    PointOfNoReturn found;
    found.continuations = all;
    found.before = failing_futures(sim::kStart - kInstantLater);
    if (found.before == all && !stopped()) {
      result_.no_return = found;
      return;
    }
    if (failing_futures(at(moments.size() - 1)) < all) {
      return;
    }
    std::size_t low = 0;                    // everything before it is not certain
    std::size_t high = moments.size() - 1;  // certain
    while (low < high && !stopped()) {
      const std::size_t middle = low + (high - low) / 2;
      const std::uint32_t failing = failing_futures(at(middle));
      if (failing == all) {
        high = middle;
      } else {
        found.before = failing;
        low = middle + 1;
      }
    }
    if (!stopped()) {
      name_moment(at(high), found);
      result_.no_return = found;
    }
  }

  // Of everything that began at that instant, what says most: a necessary fault's operation, or
  // one that has words and is about the victim.
  void name_moment(sim::Instant at, PointOfNoReturn& found) const {
    std::optional<std::size_t> chosen;
    int chosen_weight = 0;
    for (std::size_t i = 0; i < operations().size(); ++i) {
      const RecordedOperation& each = operations()[i];
      const auto fault = fault_on(each.operation.id);
      const int weight = fault ? 3 : !sentences_[i].empty() && about_victim(each) ? 2 : 1;
      if (each.operation.at == at && weight > chosen_weight) {
        chosen = i;
        chosen_weight = weight;
        found.fault = fault;
      }
    }
    found.at = at;
    found.operation = sim::to_text(operations()[*chosen].operation);
    found.sentence = sentences_[*chosen];
  }

  // The necessary fault that struck the operation.
  std::optional<std::size_t> fault_on(std::uint64_t identity) const {
    for (const FaultRole& role : result_.faults) {
      if (role.at && role.necessary && role.index < what_.plan.operations.size() &&
          what_.plan.operations[role.index].identity == identity) {
        return role.index;
      }
    }
    return std::nullopt;
  }

  // --- how the one led to the other ---

  bool about_victim(const RecordedOperation& each) const {
    return each.operation.invocation.subject == victim_ || each.operation.subject == victim_;
  }

  // Everything that `from` follows from, itself among it.
  std::set<std::size_t> past_cone(const std::vector<std::size_t>& from) const {
    std::set<std::size_t> cone(from.begin(), from.end());
    std::vector<std::size_t> open = from;
    while (!open.empty()) {
      const std::size_t place = open.back();
      open.pop_back();
      for (const std::uint64_t cause :
           result_.recording.causes_of(operations()[place].operation.id)) {
        const auto known = result_.recording.find(cause);
        if (known && cone.insert(*known).second) {
          open.push_back(*known);
        }
      }
    }
    return cone;
  }

  // What the story ends with: everything told about the victim that the process did in whose work
  // the violation happened; all of it where the violation is one of the end.
  std::vector<std::size_t> endings() const {
    std::vector<std::size_t> told;
    std::optional<std::size_t> last;
    sim::Instant end{};
    for (std::size_t i = 0; i < operations().size(); ++i) {
      const RecordedOperation& each = operations()[i];
      end = std::max(end, each.outcome ? each.end : each.operation.at);
      if (each.operation.at <= violation().at && about_victim(each) && !sentences_[i].empty()) {
        told.push_back(i);
        const bool running = !each.outcome || each.end >= violation().at;
        last = running || !last ? i : *last;
      }
    }
    if (violation().at >= end || !last) {
      return told;
    }
    const sim::Name who = operations()[*last].initiator;
    std::erase_if(told, [&](std::size_t i) { return operations()[i].initiator != who; });
    return told;
  }

  void find_chain() {
    // The work that a necessary fault struck belongs to the story, that for which it was held back,
    // and what they follow from.
    std::vector<std::size_t> ends = endings();
    std::vector<sim::Subject> subjects = {victim_};
    const auto add = [&](std::size_t place) {
      ends.push_back(place);
      subjects.push_back(operations()[place].operation.invocation.subject);
    };
    for (std::size_t i = 0; i < operations().size(); ++i) {
      if (const auto fault = fault_on(operations()[i].operation.id)) {
        add(i);
        const auto until = result_.recording.find(what_.plan.operations[*fault].effect.until);
        if (until && operations()[*until].operation.at <= violation().at) {
          add(*until);
        }
      }
    }
    const std::set<std::size_t> cone = past_cone(ends);
    std::vector<ChainStep> steps = steps_of(cone);
    if (steps.size() > kStepsMost) {
      steps = steps_of(concerning(cone, subjects));
    }
    add_windows(steps);
    add_redelivery(steps);
    ChainStep end;
    end.kind = ChainStep::Kind::kViolation;
    end.at = violation().at;
    end.sentence = violation().message;
    steps.push_back(std::move(end));
    result_.chain = std::move(steps);
  }

  // Of the cone what is about one of the subjects, and what has words and led there directly from
  // the work for another.
  std::set<std::size_t> concerning(const std::set<std::size_t>& cone,
                                   const std::vector<sim::Subject>& subjects) const {
    std::set<std::size_t> chosen;
    for (const std::size_t i : cone) {
      if (std::find(subjects.begin(), subjects.end(),
                    operations()[i].operation.invocation.subject) != subjects.end()) {
        chosen.insert(i);
      }
    }
    std::vector<std::size_t> open(chosen.begin(), chosen.end());
    std::set<std::size_t> seen = chosen;
    while (!open.empty()) {
      const std::size_t place = open.back();
      open.pop_back();
      for (const std::uint64_t cause :
           result_.recording.causes_of(operations()[place].operation.id)) {
        const auto known = result_.recording.find(cause);
        if (!known || !seen.insert(*known).second) {
          continue;
        }
        if (sentences_[*known].empty()) {
          open.push_back(*known);
        } else {
          chosen.insert(*known);
        }
      }
    }
    return chosen;
  }

  // What has words among these, what was in vain for the victim, and the necessary faults, up to
  // the violation.
  std::vector<ChainStep> steps_of(const std::set<std::size_t>& chosen) const {
    std::vector<ChainStep> steps;
    for (std::size_t i = 0; i < operations().size(); ++i) {
      const RecordedOperation& each = operations()[i];
      if (each.operation.at > violation().at) {
        break;
      }
      const bool in_vain = about_victim(each) && each.outcome != sim::Outcome::kOk;
      if (!sentences_[i].empty() && (chosen.contains(i) || in_vain)) {
        add_event(each.operation, sentences_[i], steps);
      }
      if (const auto fault = fault_on(each.operation.id)) {
        ChainStep step;
        step.kind = ChainStep::Kind::kFault;
        step.at = each.operation.at;
        step.operation = sim::to_text(each.operation);
        step.fault = *fault;
        steps.push_back(std::move(step));
      }
    }
    return steps;
  }

  // What happens again and again is told once.
  static void add_event(const sim::Operation& operation, const std::string& sentence,
                        std::vector<ChainStep>& steps) {
    for (ChainStep& known : steps) {
      if (known.kind == ChainStep::Kind::kEvent && known.sentence == sentence) {
        ++known.times;
        known.last = operation.at;
        return;
      }
    }
    ChainStep step;
    step.at = operation.at;
    step.last = operation.at;
    step.sentence = sentence;
    step.operation = sim::to_text(operation);
    steps.push_back(std::move(step));
  }

  void add_windows(std::vector<ChainStep>& steps) const {
    for (const FaultRole& role : result_.faults) {
      if (!role.at || !role.necessary || role.index < what_.plan.operations.size() ||
          *role.at > violation().at) {
        continue;
      }
      ChainStep step;
      step.kind = ChainStep::Kind::kFault;
      step.at = *role.at;
      step.fault = role.index;
      const auto later = std::find_if(steps.begin(), steps.end(),
                                      [&](const ChainStep& each) { return each.at > step.at; });
      steps.insert(later, std::move(step));
    }
  }

  // What comes after the run has come to rest is not recorded.
  void add_redelivery(std::vector<ChainStep>& steps) const {
    const std::optional<sim::Instant> rest = result_.result.redelivered;
    if (!rest || violation().at <= *rest) {
      return;
    }
    ChainStep step;
    step.at = *rest;
    step.last = *rest;
    step.sentence = "all has come to rest, and some old messages are delivered once more";
    steps.push_back(std::move(step));
  }

  // --- where it leaves the nearest run that passes ---

  void find_parting() {
    for (const FaultRole& role : result_.faults) {
      if (role.necessary && role.at && !stopped()) {
        Recording other;
        record(without(what_, role.index), other);
        part_from(other, role.index);
      }
    }
    if (!result_.parting && way_out_ && !stopped()) {
      const Case past = past_of(way_out_->at - kInstantLater);
      Recording other;
      RunRequest request;
      request.seed = past.seed;
      request.plan = &past.plan;
      request.reseed = way_out_;
      request.tracer = &other;
      ++result_.runs;
      past.setup->system()->run(request);
      part_from(other, std::nullopt);
    }
  }

  // Keeps it if it goes with the failing run further than what is known.
  void part_from(const Recording& other, std::optional<std::size_t> fault) {
    const auto divergence = first_divergence(result_.recording, other);
    if (!divergence ||
        (result_.parting && divergence->position <= result_.parting->divergence.position)) {
      return;
    }
    Parting parting;
    parting.fault = fault;
    parting.divergence = *divergence;
    find_noticed(other, parting);
    result_.parting = std::move(parting);
  }

  // The earliest sentence that only one of the runs has.
  void find_noticed(const Recording& other, Parting& parting) const {
    const std::vector<std::string> others = what_.setup->tell(happenings_of(other));
    std::optional<sim::Instant> earliest;
    const auto look = [&](const Recording& in, const std::vector<std::string>& said,
                          const Recording& against, const std::vector<std::string>& answers,
                          bool with_fault) {
      for (std::size_t i = 0; i < in.operations().size(); ++i) {
        const sim::Operation& operation = in.operations()[i].operation;
        if (said[i].empty() || (earliest && operation.at >= *earliest)) {
          continue;
        }
        const auto place = against.find(operation.id);
        const std::string answer = place ? answers[*place] : "";
        if (answer != said[i]) {
          earliest = operation.at;
          parting.at = operation.at;
          parting.with = with_fault ? said[i] : answer;
          parting.without = with_fault ? answer : said[i];
        }
      }
    };
    look(result_.recording, sentences_, other, others, true);
    look(other, others, result_.recording, sentences_, false);
  }

  // --- what would have prevented it ---

  void find_remedies() {
    const auto stages = what_.setup->stages();
    std::optional<std::size_t> guards;
    for (std::size_t i = 0; i < stages.size(); ++i) {
      if (stages[i].kind == scenarios::Stage::Kind::kGuard) {
        guards = i;
        result_.guards = stages[i].edits;
      }
    }
    if (stopped()) {
      return;
    }
    count_around();
    std::vector<std::vector<std::size_t>> found;
    for (std::size_t size = 1; guards && size <= kGuardsMost; ++size) {
      std::vector<std::vector<std::size_t>> choices;
      choose({}, 0, size, choices);
      for (const std::vector<std::size_t>& choice : choices) {
        const bool needless = std::any_of(found.begin(), found.end(), [&](const auto& smaller) {
          return std::includes(choice.begin(), choice.end(), smaller.begin(), smaller.end());
        });
        if (needless || found.size() >= kRemediesMost || !helps(*guards, choice) || stopped()) {
          continue;
        }
        found.push_back(choice);
        Remedy remedy;
        for (const std::size_t guard : choice) {
          remedy.changes.push_back(result_.guards[guard]);
        }
        result_.remedies.push_back(std::move(remedy));
      }
    }
  }

  // Sets of `size` guards, ascending.
  void choose(std::vector<std::size_t> chosen, std::size_t from, std::size_t size,
              std::vector<std::vector<std::size_t>>& choices) const {
    if (chosen.size() == size) {
      choices.push_back(std::move(chosen));
      return;
    }
    for (std::size_t i = from; i < result_.guards.size(); ++i) {
      std::vector<std::size_t> more = chosen;
      more.push_back(i);
      choose(std::move(more), i + 1, size, choices);
    }
  }

  void count_around() {
    const auto system = what_.setup->around();
    std::vector<char> fails(static_cast<std::size_t>(options_.seeds_around), 0);
    for_each(fails.size(), "running the seeds around", 0.5,
             [&](std::size_t i) { fails[i] = fails_around(*system, i) ? 1 : 0; });
    if (stopped()) {
      return;
    }
    result_.around = fails.size();
    result_.around_failed = static_cast<std::uint64_t>(std::count(fails.begin(), fails.end(), 1));
    result_.runs += fails.size();
  }

  bool fails_around(const scenarios::System& system, std::size_t i) const {
    RunRequest request;
    request.seed = what_.seed + 1 + i;
    return shows(system.run(request), result_.signature);
  }

  // By more than luck: under variations of what should not matter, too.
  bool helps_here(const Case& guarded) {
    ++result_.runs;
    bool helps = !shows(run(guarded), result_.signature);
    for (std::uint32_t i = 0; helps && i < kShakes; ++i) {
      RunRequest request;
      request.seed = guarded.seed;
      request.plan = &guarded.plan;
      request.tie_salt = i + 1;
      ++result_.runs;
      helps = !shows(guarded.setup->shaken(i)->system()->run(request), result_.signature);
    }
    return helps;
  }

  bool helps(std::size_t stage, const std::vector<std::size_t>& guards) {
    const Case guarded{what_.setup->with(stage, guards), what_.seed, what_.plan};
    if (!helps_here(guarded)) {
      return false;
    }
    const auto system = guarded.setup->around();
    std::vector<char> fails(static_cast<std::size_t>(options_.seeds_around), 0);
    for_each(
        fails.size(), "trying remedies", 0.7,
        [&](std::size_t i) { fails[i] = fails_around(*system, i) ? 1 : 0; },
        [&](std::size_t i) { return fails[i] != 0; });
    // As if one after the other, up to the first that fails.
    const auto first = std::find(fails.begin(), fails.end(), 1);
    result_.runs += static_cast<std::uint64_t>(first - fails.begin()) + (first != fails.end());
    return first == fails.end();
  }

  const Case& what_;
  const ExplainOptions& options_;
  Explanation result_;
  std::vector<std::string> sentences_;  // one for each operation of the recording
  // The future without this failure that keeps most of the past, of those that were tried.
  std::optional<scenarios::Reseed> way_out_;
  sim::Subject victim_;
};

}  // namespace

bool shows(const RunResult& result, const std::string& signature) {
  return std::any_of(result.violations.begin(), result.violations.end(),
                     [&](const scenarios::Violation& violation) {
                       return violation.property + "/" + violation.kind == signature;
                     });
}

Explanation explain(const Case& what, const ExplainOptions& options) {
  return Explainer(what, options).explain();
}

}  // namespace sagasim::search
