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
    chain_ = chain_of(telling());
    result_.chain = chain_.steps;
    find_parting();
    find_remedies();
    return std::move(result_);
  }

 private:
  const scenarios::Violation& violation() const { return result_.result.violations.front(); }
  Telling telling() const {
    return {result_.recording, sentences_, result_.result, what_.plan, result_.faults, victim_};
  }
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
    const Telling known = telling();
    std::optional<std::size_t> chosen;
    int chosen_weight = 0;
    for (std::size_t i = 0; i < operations().size(); ++i) {
      const RecordedOperation& each = operations()[i];
      const auto fault = known.fault_on(each.operation.id);
      const int weight = fault ? 3 : !sentences_[i].empty() && known.about_victim(each) ? 2 : 1;
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

  // The earliest sentence about the work of the story that only one of the runs has before it is
  // violated.
  void find_noticed(const Recording& other, Parting& parting) const {
    const std::vector<std::string> others = what_.setup->tell(happenings_of(other));
    std::optional<sim::Instant> earliest;
    const auto look = [&](const Recording& in, const std::vector<std::string>& said,
                          const Recording& against, const std::vector<std::string>& answers,
                          bool with_fault) {
      const std::set<std::string> heard = said_in_time(against, answers);
      for (std::size_t i = 0; i < in.operations().size(); ++i) {
        const sim::Operation& operation = in.operations()[i].operation;
        if (!tells(operation, said[i]) || heard.contains(said[i]) ||
            (earliest && operation.at >= *earliest)) {
          continue;
        }
        const auto place = against.find(operation.id);
        const bool in_time = place && against.operations()[*place].operation.at <= violation().at;
        const std::string answer = in_time ? answers[*place] : "";
        earliest = operation.at;
        parting.at = operation.at;
        parting.with = with_fault ? said[i] : answer;
        parting.without = with_fault ? answer : said[i];
      }
    };
    look(result_.recording, sentences_, other, others, true);
    look(other, others, result_.recording, sentences_, false);
  }

  // Whether that is a sentence of the story's work, and in time.
  bool tells(const sim::Operation& operation, const std::string& sentence) const {
    return !sentence.empty() && operation.at <= violation().at &&
           std::find(chain_.subjects.begin(), chain_.subjects.end(),
                     operation.invocation.subject) != chain_.subjects.end();
  }

  std::set<std::string> said_in_time(const Recording& recording,
                                     const std::vector<std::string>& sentences) const {
    std::set<std::string> said;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      if (recording.operations()[i].operation.at <= violation().at) {
        said.insert(sentences[i]);
      }
    }
    return said;
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
  Chain chain_;
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
