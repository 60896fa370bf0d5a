// Recording: every operation of one run, as values that outlive its universe. Traces, pictures and
// the search for the first difference between two runs are made of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "scenarios/system.h"
#include "sim/name.h"
#include "sim/observer.h"
#include "sim/operation.h"
#include "sim/time.h"

namespace sagasim::search {

struct RecordedOperation {
  sim::Operation operation;  // its nodes are gone: initiator and receiver are null
  sim::Name initiator;       // their roles
  sim::Name receiver;
  std::uint32_t initiator_number = 0;  // among those of its role, from 1; 0: the only one
  std::uint32_t receiver_number = 0;
  sim::Effect effect;
  std::optional<sim::Outcome> outcome;  // nothing: it never ended, its initiator died
  std::uint64_t result = 0;
  sim::Instant end{};  // iff `outcome`
};

// A tracer for one run.
class Recording : public sim::Tracer {
 public:
  static constexpr std::size_t kDefaultLimit = 2'000'000;

  // Keeps the first `limit` operations.
  explicit Recording(std::size_t limit = kDefaultLimit) : limit_(limit) {}

  void on_begin(const sim::Operation& operation, const sim::Effect& effect) override;
  void on_complete(const sim::Operation& operation, sim::Outcome outcome, std::uint64_t result,
                   sim::Instant at) override;
  void on_cause(std::uint64_t cause, std::uint64_t effect) override;

  // In the order in which they began.
  const std::vector<RecordedOperation>& operations() const { return operations_; }
  // Index into operations(), or nothing. The last one if an identity came twice.
  std::optional<std::size_t> find(std::uint64_t identity) const;
  // Identities that `effect` follows from, in the order in which that was learnt.
  std::vector<std::uint64_t> causes_of(std::uint64_t effect) const;
  // Operations that did not fit.
  std::uint64_t left_out() const { return left_out_; }

 private:
  std::size_t limit_;
  std::vector<RecordedOperation> operations_;
  std::map<std::uint64_t, std::size_t> index_;
  std::map<std::uint64_t, std::vector<std::uint64_t>> causes_;
  std::uint64_t left_out_ = 0;
};

// What the story of a violation is about: its subject if work was done under that name, and more
// than to look something up; otherwise the work in which it came to light, or that touched it last,
// or that a fault struck last, before it was violated.
sim::Subject story_subject(const Recording& recording, const scenarios::Violation& violation);

// The operations for whoever has words for them. Valid as long as the recording.
std::vector<scenarios::Happening> happenings_of(const Recording& recording);

}  // namespace sagasim::search
