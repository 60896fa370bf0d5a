#include "search/chain.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace sagasim::search {
namespace {

// A story with more steps than this is told of the victim and the work that was struck alone.
constexpr std::size_t kStepsMost = 24;

class Teller {
 public:
  explicit Teller(const Telling& telling) : telling_(telling) {}

  Chain tell() const {
    // The work that a necessary fault struck belongs to the story, that for which it was held back,
    // and what they follow from.
    std::set<std::size_t> ends = endings();
    std::set<sim::Subject> subjects = {telling_.victim};
    const auto add = [&](std::size_t place) {
      ends.insert(place);
      subjects.insert(operations()[place].operation.invocation.subject);
    };
    for (std::size_t i = 0; i < operations().size(); ++i) {
      if (const auto fault = telling_.fault_on(operations()[i].operation.id)) {
        add(i);
        const auto until = telling_.recording.find(telling_.plan.operations[*fault].effect.until);
        if (until && operations()[*until].operation.at <= telling_.violation().at) {
          add(*until);
        }
      }
    }
    std::set<std::size_t> past = walk_back(ends, [](std::size_t) { return true; });
    Chain chain;
    chain.steps = steps_of(past);
    if (chain.steps.size() > kStepsMost) {
      past = concerning(past, subjects);
      chain.steps = steps_of(past);
    }
    chain.subjects = subjects_of(past);
    add_windows(chain.steps);
    add_redelivery(chain.steps);
    ChainStep end;
    end.kind = ChainStep::Kind::kViolation;
    end.at = telling_.violation().at;
    end.sentence = telling_.violation().message;
    chain.steps.push_back(std::move(end));
    return chain;
  }

 private:
  const std::vector<RecordedOperation>& operations() const {
    return telling_.recording.operations();
  }
  const std::vector<std::string>& sentences() const { return telling_.sentences; }

  std::vector<sim::Subject> subjects_of(const std::set<std::size_t>& told) const {
    std::set<sim::Subject> subjects = {telling_.victim};
    for (const std::size_t i : told) {
      if (!sentences()[i].empty()) {
        subjects.insert(operations()[i].operation.invocation.subject);
      }
    }
    return {subjects.begin(), subjects.end()};
  }

  // What `from` follows from, itself among it; not what lies behind those where `goes_on` says no.
  std::set<std::size_t> walk_back(const std::set<std::size_t>& from,
                                  const std::function<bool(std::size_t)>& goes_on) const {
    std::set<std::size_t> seen = from;
    std::vector<std::size_t> open(from.begin(), from.end());
    while (!open.empty()) {
      const std::size_t place = open.back();
      open.pop_back();
      for (const std::uint64_t cause :
           telling_.recording.causes_of(operations()[place].operation.id)) {
        const auto known = telling_.recording.find(cause);
        if (known && seen.insert(*known).second && goes_on(*known)) {
          open.push_back(*known);
        }
      }
    }
    return seen;
  }

  // What the story ends with: everything told about the victim that the process did in whose work
  // the violation happened; all of it where the violation is one of the end.
  std::set<std::size_t> endings() const {
    std::set<std::size_t> told;
    std::optional<std::size_t> last;
    sim::Instant end{};
    for (std::size_t i = 0; i < operations().size(); ++i) {
      const RecordedOperation& each = operations()[i];
      end = std::max(end, each.outcome ? each.end : each.operation.at);
      if (each.operation.at <= telling_.violation().at && telling_.about_victim(each) &&
          !sentences()[i].empty()) {
        told.insert(i);
        const bool running = !each.outcome || each.end >= telling_.violation().at;
        last = running || !last ? i : *last;
      }
    }
    if (telling_.violation().at >= end || !last) {
      return told;
    }
    if (const auto revealing = telling_.recording.find(telling_.violation().operation);
        revealing && told.contains(*revealing)) {
      last = revealing;
    }
    const sim::Name who = operations()[*last].initiator;
    std::erase_if(told, [&](std::size_t i) { return operations()[i].initiator != who; });
    return told;
  }

  // Of what led there: what is about one of the subjects, and what has words and led to that
  // directly from the work for another.
  std::set<std::size_t> concerning(const std::set<std::size_t>& past,
                                   const std::set<sim::Subject>& subjects) const {
    std::set<std::size_t> chosen;
    for (const std::size_t i : past) {
      if (subjects.contains(operations()[i].operation.invocation.subject)) {
        chosen.insert(i);
      }
    }
    return walk_back(chosen, [&](std::size_t i) { return sentences()[i].empty(); });
  }

  // What has words among these, what was in vain for the victim, and the necessary faults, up to
  // the violation.
  std::vector<ChainStep> steps_of(const std::set<std::size_t>& chosen) const {
    std::vector<ChainStep> steps;
    for (std::size_t i = 0; i < operations().size(); ++i) {
      const RecordedOperation& each = operations()[i];
      if (each.operation.at > telling_.violation().at) {
        break;
      }
      const bool in_vain = telling_.about_victim(each) && each.outcome != sim::Outcome::kOk;
      if (!sentences()[i].empty() && (chosen.contains(i) || in_vain)) {
        add_event(each.operation, sentences()[i], steps);
      }
      if (const auto fault = telling_.fault_on(each.operation.id)) {
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
    for (const FaultRole& role : telling_.faults) {
      if (!role.at || !role.necessary || role.index < telling_.plan.operations.size() ||
          *role.at > telling_.violation().at) {
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
    const std::optional<sim::Instant> rest = telling_.result.redelivered;
    if (!rest || telling_.violation().at <= *rest) {
      return;
    }
    ChainStep step;
    step.at = *rest;
    step.last = *rest;
    step.sentence = "all has come to rest, and some old messages are delivered once more";
    steps.push_back(std::move(step));
  }

  const Telling& telling_;
};

}  // namespace

bool Telling::about_victim(const RecordedOperation& each) const {
  return each.operation.invocation.subject == victim || each.operation.subject == victim;
}

std::optional<std::size_t> Telling::fault_on(std::uint64_t identity) const {
  for (const FaultRole& role : faults) {
    if (role.at && role.necessary && role.index < plan.operations.size() &&
        plan.operations[role.index].identity == identity) {
      return role.index;
    }
  }
  return std::nullopt;
}

Chain chain_of(const Telling& telling) { return Teller(telling).tell(); }

}  // namespace sagasim::search
