// CausalTrace: everything that began, ended and caused in one run, by identity; and the comparison
// of two runs by it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/observer.h"

namespace sagasim::scenarios {

class CausalTrace final : public sim::Tracer {
 public:
  struct Entry {
    std::string name;
    sim::Instant at{};
    sim::Effect effect;
    bool ended = false;
    sim::Outcome outcome{};
    std::uint64_t result = 0;
    sim::Instant end{};
    sim::Subject subject;  // of its invocation
    bool by_client = false;
  };

  void on_begin(const sim::Operation& operation, const sim::Effect& effect) override {
    Entry& entry = entries_[operation.id];
    entry.name = sim::to_text(operation);
    entry.at = operation.at;
    entry.effect = effect;
    entry.subject = operation.invocation.subject;
    entry.by_client = operation.invocation.role == sim::Name("client");
  }
  void on_complete(const sim::Operation& operation, sim::Outcome outcome, std::uint64_t result,
                   sim::Instant at) override {
    Entry& entry = entries_[operation.id];
    entry.ended = true;
    entry.outcome = outcome;
    entry.result = result;
    entry.end = at;
  }
  void on_cause(std::uint64_t cause, std::uint64_t effect) override {
    effects_[cause].push_back(effect);
  }

  const std::map<std::uint64_t, Entry>& entries() const { return entries_; }
  const std::map<std::uint64_t, std::vector<std::uint64_t>>& effects() const { return effects_; }

 private:
  std::map<std::uint64_t, Entry> entries_;
  std::map<std::uint64_t, std::vector<std::uint64_t>> effects_;
};

// The union of both runs' causal futures of `change`: the least set that holds the change and, with
// any member, everything that the member caused in either run.
inline std::set<std::uint64_t> causal_future(const CausalTrace& a, const CausalTrace& b,
                                             const std::vector<std::uint64_t>& change) {
  std::set<std::uint64_t> future(change.begin(), change.end());
  std::vector<std::uint64_t> pending(change.begin(), change.end());
  while (!pending.empty()) {
    const std::uint64_t cause = pending.back();
    pending.pop_back();
    for (const CausalTrace* run : {&a, &b}) {
      const auto found = run->effects().find(cause);
      if (found == run->effects().end()) {
        continue;
      }
      for (const std::uint64_t effect : found->second) {
        if (future.insert(effect).second) {
          pending.push_back(effect);
        }
      }
    }
  }
  return future;
}

// What differs between the two runs although the change cannot have caused it; empty: nothing.
inline std::string unexplained(const CausalTrace& a, const CausalTrace& b,
                               const std::set<std::uint64_t>& future) {
  std::string all;
  int count = 0;
  const auto complain = [&](const std::string& what) {
    if (++count <= 5) {
      all += what + "\n";
    }
  };
  for (const auto& [id, one] : a.entries()) {
    if (future.contains(id)) {
      continue;
    }
    const auto found = b.entries().find(id);
    if (found == b.entries().end()) {
      complain(one.name + " is in the first run only");
      continue;
    }
    const CausalTrace::Entry& two = found->second;
    if (one.at != two.at) {
      complain(one.name + " began at " + std::to_string(sim::ticks(one.at)) + " and " +
               std::to_string(sim::ticks(two.at)));
    } else if (one.effect.digest() != two.effect.digest()) {
      complain(one.name + " had another effect");
    } else if (one.ended != two.ended || one.outcome != two.outcome || one.end != two.end ||
               one.result != two.result) {
      complain(one.name + " ended differently");
    }
  }
  for (const auto& [id, two] : b.entries()) {
    if (!future.contains(id) && !a.entries().contains(id)) {
      complain(two.name + " is in the second run only");
    }
  }
  if (count > 5) {
    all += "and " + std::to_string(count - 5) + " more\n";
  }
  return all;
}

}  // namespace sagasim::scenarios
