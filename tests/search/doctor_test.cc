// The doctor against systems that are not deterministic, each by a mistake of another kind, and
// against one that is.

#include "search/doctor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <set>
#include <stdexcept>
#include <unordered_set>
#include <vector>

#include "sim/hash.h"
#include "tests/search/fake_system.h"
#include "tests/search/story.h"

namespace sagasim::search {
namespace {

using Calls = std::vector<std::uint32_t>;

constexpr std::uint32_t kParties = 12;

// Makes one call of each party, in the order that the mistake chooses.
class Mistaken final : public fake::FakeSystem {
 public:
  using Order = Calls (*)(const scenarios::RunRequest& request);
  explicit Mistaken(Order order) : order_(order) {}

  scenarios::RunResult run(const scenarios::RunRequest& request) const override {
    scenarios::RunResult result = FakeSystem::run(request);
    fake::Story story;
    std::int64_t at_ms = 10;
    for (const std::uint32_t party : order_(request)) {
      result.fingerprint = sim::combine(result.fingerprint, party);
      if (request.tracer != nullptr) {
        fake::Story::play(*request.tracer, story.call(party, at_ms));
      }
      at_ms += 10;
    }
    return result;
  }

 private:
  Order order_;
};

Calls in_turn(const scenarios::RunRequest& request) {
  Calls calls;
  for (std::uint32_t i = 0; i < kParties; ++i) {
    calls.push_back(1 + (i + static_cast<std::uint32_t>(request.seed)) % kParties);
  }
  return calls;
}

struct Party {
  std::uint32_t number = 0;
  std::uint32_t purchases[9] = {};  // beyond what an allocator writes into memory that it got back
  std::uint32_t balance = 0;
};

std::vector<std::unique_ptr<Party>> parties() {
  std::vector<std::unique_ptr<Party>> all;
  for (std::uint32_t i = 1; i <= kParties; ++i) {
    all.push_back(std::make_unique<Party>(Party{.number = i}));
  }
  return all;
}

template <class Container>
Calls order_of(const Container& parties) {
  Calls calls;
  for (const Party* party : parties) {
    calls.push_back(party->number);
  }
  return calls;
}

// By the address, as the standard library's hash of a pointer does.
struct AddressHash {
  std::size_t operator()(const Party* party) const {
    return static_cast<std::size_t>(sim::mix(reinterpret_cast<std::uintptr_t>(party)));
  }
};

Calls in_hash_order(const scenarios::RunRequest&) {
  const auto all = parties();
  std::unordered_set<const Party*, AddressHash> waiting;
  for (const auto& party : all) {
    waiting.insert(party.get());
  }
  return order_of(waiting);
}

Calls in_pointer_order(const scenarios::RunRequest&) {
  const auto all = parties();
  std::set<const Party*> waiting;
  for (const auto& party : all) {
    waiting.insert(party.get());
  }
  return order_of(waiting);
}

Calls by_the_wall_clock(const scenarios::RunRequest& request) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  scenarios::RunRequest later = request;
  later.seed = sim::mix(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()));
  return in_turn(later);
}

// Of a record that was allocated and not filled in.
Calls by_an_uninitialised_read(const scenarios::RunRequest& request) {
  volatile auto* record = static_cast<volatile Party*>(std::malloc(sizeof(Party)));
  scenarios::RunRequest other = request;
  other.seed = record->balance;
  std::free(const_cast<Party*>(record));
  return in_turn(other);
}

// All are due at once, and the queue numbers what it gets in one sequence for all runs: who comes
// first depends on what ran before.
Calls in_the_order_of_ties(const scenarios::RunRequest&) {
  static std::atomic<std::uint32_t> sequence{0};
  std::set<std::pair<std::uint32_t, std::uint32_t>> due;
  for (std::uint32_t party = 1; party <= kParties; ++party) {
    due.insert({sequence++ % (kParties + 1), party});
  }
  Calls calls;
  for (const auto& [number, party] : due) {
    calls.push_back(party);
  }
  return calls;
}

// The one that everybody looks for first.
Calls when_somebody_looks(const scenarios::RunRequest& request) {
  Calls calls = in_turn(request);
  if (request.tracer == nullptr) {
    calls.pop_back();
  }
  return calls;
}

// How many of some seeds the doctor finds something in; what it says goes to `last`.
int symptoms(const Mistaken& system, Symptom& last) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    if (auto symptom = examine(system, {.seed = seed}, circumstances(system, 2))) {
      EXPECT_EQ(symptom->seed, seed);
      last = *std::move(symptom);
      ++found;
    }
  }
  return found;
}

TEST(Doctor, FindsNothingWhereThereIsNothing) {
  Symptom none;
  EXPECT_EQ(symptoms(Mistaken(in_turn), none), 0);
}

struct Planted {
  const char* name;
  Mistaken::Order order;
};

class DoctorFinds : public testing::TestWithParam<Planted> {};

// The kind of mistake is chance by nature: most seeds are enough.
TEST_P(DoctorFinds, TheFirstOperationThatDiffers) {
  Symptom symptom;
  EXPECT_GE(symptoms(Mistaken(GetParam().order), symptom), 8);
  EXPECT_NE(symptom.expected, symptom.actual);
  ASSERT_TRUE(symptom.divergence.has_value()) << symptom.circumstance;
  EXPECT_NE(symptom.divergence->first, symptom.divergence->second);
  EXPECT_NE(symptom.divergence->first.find("call:ask(t1.2)"), std::string::npos)
      << symptom.divergence->first;
}

INSTANTIATE_TEST_SUITE_P(Each, DoctorFinds,
                         testing::Values(Planted{"HashOrder", in_hash_order},
                                         Planted{"PointerOrder", in_pointer_order},
                                         Planted{"WallClock", by_the_wall_clock},
                                         Planted{"UninitialisedRead", by_an_uninitialised_read},
                                         Planted{"TieOrder", in_the_order_of_ties}),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(Doctor, KnowsThatRecordingMustNotMatter) {
  Symptom symptom;
  EXPECT_EQ(symptoms(Mistaken(when_somebody_looks), symptom), 10);
  EXPECT_EQ(symptom.circumstance, "unrecorded");
  EXPECT_FALSE(symptom.divergence.has_value());
}

TEST(Doctor, PassesOnWhatARunThrowsAmongOthers) {
  struct Broken final : fake::FakeSystem {
    scenarios::RunResult run(const scenarios::RunRequest& request) const override {
      if (request.tracer != nullptr && ++runs == 5) {
        throw std::runtime_error("out of paper");
      }
      return FakeSystem::run(request);
    }
    mutable std::atomic<int> runs{0};
  };
  const Broken system;
  std::string message;
  try {
    examine(system, {.seed = 1}, circumstances(system, 2));
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  EXPECT_EQ(message, "out of paper");
}

}  // namespace
}  // namespace sagasim::search
