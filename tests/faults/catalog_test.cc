#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

#include "faults/plan.h"
#include "tests/sim/bustle.h"

namespace sagasim::faults {
namespace {

constexpr int kOperationFaults = kOperationKindsOfFault;

TEST(Catalog, ListsEveryKindOnceInOrder) {
  std::set<std::string> ids;
  for (int i = 0; i < kKinds; ++i) {
    EXPECT_EQ(static_cast<int>(kCatalog[i].kind), i);
    EXPECT_EQ(find_kind(kCatalog[i].id), &kCatalog[i]);
    ids.insert(kCatalog[i].id);
  }
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(kKinds));
  EXPECT_EQ(find_kind("no such kind"), nullptr);
}

TEST(Catalog, EffectAndKindAreInverse) {
  for (int i = 0; i < kOperationFaults; ++i) {
    const auto kind = static_cast<Kind>(i);
    const sim::Effect effect = effect_of(kind, sim::seconds(1));
    EXPECT_EQ(kind_of(effect), kind);
    EXPECT_EQ(effect.duration, kCatalog[i].timed ? sim::seconds(1) : sim::Duration{});
  }
}

TEST(Catalog, WindowKindsStrikeNoOperation) {
  for (const KindInfo& info : kCatalog) {
    bool strikes = false;
    for (int operation = 0; operation < sim::kOperationKinds; ++operation) {
      strikes = strikes || can_strike(info.kind, static_cast<sim::OperationKind>(operation));
    }
    EXPECT_NE(strikes, info.window) << info.id;
  }
}

// Lets one effect strike the first operation of one kind, whether that makes sense or not.
class StrikeFirst final : public sim::Interceptor {
 public:
  StrikeFirst(sim::OperationKind operation, const sim::Effect& effect)
      : operation_(operation), effect_(effect) {}
  sim::Effect decide(const sim::Operation& operation) override {
    if (struck_ || operation.kind != operation_ || operation.duplicate != 0) {
      return {};
    }
    struck_ = true;
    return effect_;
  }
  bool struck() const { return struck_; }

 private:
  const sim::OperationKind operation_;
  const sim::Effect effect_;
  bool struck_ = false;
};

// Everything that begins and ends, and when; unlike the fingerprint it does not hold the effects.
class History final : public sim::Tracer {
 public:
  void on_begin(const sim::Operation& operation, const sim::Effect&) override {
    fold(operation.id, 0, operation.at);
  }
  void on_complete(const sim::Operation& operation, sim::Outcome outcome, std::uint64_t,
                   sim::Instant at) override {
    fold(operation.id, static_cast<std::uint64_t>(outcome) + 1, at);
  }
  void on_cause(std::uint64_t, std::uint64_t) override {}
  void fold(std::uint64_t id, std::uint64_t what, sim::Instant at) {
    state_ = sim::combine(state_, sim::combine(id, what) + sim::ticks(at));
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0;
};

std::uint64_t history_under(sim::OperationKind operation, const sim::Effect& effect) {
  StrikeFirst interceptor(operation, effect);
  History history;
  sim::toy::Bustle bustle(1, &interceptor);
  bustle.toy.world.set_tracer(&history);
  EXPECT_TRUE(bustle.run());
  EXPECT_TRUE(interceptor.struck()) << to_text(operation) << " does not occur";
  return history.value();
}

class TableOfStrikes : public testing::TestWithParam<int> {};

TEST_P(TableOfStrikes, ChangesWhatHappensWhereItSaysSo) {
  const auto operation = static_cast<sim::OperationKind>(GetParam());
  const std::uint64_t undisturbed = history_under(operation, {});
  for (int i = 0; i < kOperationFaults; ++i) {
    const auto kind = static_cast<Kind>(i);
    if (can_strike(kind, operation)) {
      EXPECT_NE(history_under(operation, effect_of(kind, sim::seconds(1))), undisturbed)
          << kCatalog[i].id << " on " << to_text(operation);
    }
  }
}

TEST_P(TableOfStrikes, LeavesOutWhatTheKernelIgnores) {
  const auto operation = static_cast<sim::OperationKind>(GetParam());
  const bool delivery = operation == sim::OperationKind::kDelivery;
  const std::uint64_t undisturbed = history_under(operation, {});
  for (int i = 0; i < kOperationFaults; ++i) {
    const auto kind = static_cast<Kind>(i);
    // These would do something, but nothing that another kind does not do, or that could happen.
    const bool left_out_on_purpose = kind == Kind::kDrop || kind == Kind::kLate ||
                                     (delivery && (kind == Kind::kFail || kind == Kind::kNotDone));
    if (!can_strike(kind, operation) && !left_out_on_purpose) {
      EXPECT_EQ(history_under(operation, effect_of(kind, sim::seconds(1))), undisturbed)
          << kCatalog[i].id << " on " << to_text(operation);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Operations, TableOfStrikes, testing::Range(0, sim::kOperationKinds),
                         [](const auto& param) {
                           std::string name = to_text(static_cast<sim::OperationKind>(param.param));
                           std::erase(name, '-');
                           return name;
                         });

TEST(Window, IdentityIsAHashOfAllThatItSays) {
  const WindowFault window{Kind::kPartition, "a", "b", sim::kStart, sim::kStart + sim::seconds(1)};
  std::vector<WindowFault> others(9, window);
  others[1].kind = Kind::kOneWayPartition;
  others[2].target = "c";
  others[3].peer = "c";
  others[4].from += sim::seconds(1);
  others[5].until += sim::seconds(1);
  others[6].by = sim::seconds(1);
  others[7].after = "c";
  others[8].until_after = "c";
  std::set<std::uint64_t> identities;
  for (const WindowFault& other : others) {
    identities.insert(identity_of(other));
  }
  EXPECT_EQ(identities.size(), others.size());
  EXPECT_TRUE(identities.contains(identity_of(window)));
  EXPECT_EQ(identity_of({Kind::kPartition, "b", "a"}), identity_of({Kind::kPartition, "b", "a"}));
  EXPECT_NE(identity_of({Kind::kPartition, "b", "a"}), identity_of({Kind::kPartition, "a", "b"}));
}

// "reply-lost" is shown by the suite ReplyLost.
std::string suite_of(const KindInfo& info) {
  std::string name;
  bool begins = true;
  for (const char* c = info.id; *c != '\0'; ++c) {
    if (*c != '-') {
      name += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(*c))) : *c;
    }
    begins = *c == '-';
  }
  return name;
}

TEST(Catalog, HasATestOfWhatEachKindDoes) {
  std::set<std::string> suites;
  const testing::UnitTest& tests = *testing::UnitTest::GetInstance();
  for (int i = 0; i < tests.total_test_suite_count(); ++i) {
    suites.insert(tests.GetTestSuite(i)->name());
  }
  for (const KindInfo& info : kCatalog) {
    EXPECT_TRUE(suites.contains(suite_of(info))) << info.id << ": " << suite_of(info);
  }
}

TEST(Catalog, SaysWhatEachKindIsAndTakes) {
  for (const KindInfo& info : kCatalog) {
    const std::string description = info.description;
    EXPECT_TRUE(description.ends_with('.')) << info.id;
    EXPECT_EQ(info.window, static_cast<int>(info.kind) >= kOperationFaults) << info.id;
    EXPECT_TRUE(info.window || (!info.moment && !info.breaker && info.by.meaning == nullptr));
    EXPECT_TRUE(!info.timed || !info.window) << info.id;
    const bool among_breakers =
        info.kind >= Kind::kAcks1 && info.kind <= Kind::kLockTimeoutStatement;
    EXPECT_EQ(info.breaker, among_breakers) << info.id;
    if (info.by.meaning != nullptr) {
      EXPECT_GE(info.by.low, sim::milliseconds(1)) << info.id;
      EXPECT_LT(info.by.low, info.by.high) << info.id;
    }
  }
}

}  // namespace
}  // namespace sagasim::faults
