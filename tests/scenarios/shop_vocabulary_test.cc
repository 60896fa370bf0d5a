// The words of plans are those of runs: whatever a run can record can be read back.

#include "scenarios/shop_vocabulary.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "domain/policy_catalog.h"
#include "scenarios/architecture.h"
#include "scenarios/library.h"
#include "scenarios/shop_system.h"

namespace sagasim::scenarios {
namespace {

// Every word of every operation, without the subjects and the numbers.
class Names final : public sim::Tracer {
 public:
  void on_begin(const sim::Operation& operation, const sim::Effect&) override {
    const sim::Invocation& work = operation.invocation;
    const std::uint64_t words =
        sim::combine(sim::combine(work.role.hash(), work.scope.hash() + work.trigger.hash()),
                     operation.detail.hash() + static_cast<std::uint64_t>(operation.kind));
    if (seen_.insert(words).second) {
      names_.push_back(sim::to_text(operation));
    }
  }
  void on_complete(const sim::Operation&, sim::Outcome, std::uint64_t, sim::Instant) override {}
  void on_cause(std::uint64_t, std::uint64_t) override {}
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::set<std::uint64_t> seen_;
  std::vector<std::string> names_;
};

void expect_known(const Names& names) {
  for (const std::string& name : names.names()) {
    const auto unknown = faults::unknown_word(shop_vocabulary(), name);
    EXPECT_FALSE(unknown.has_value())
        << name << ": the vocabulary of the shop lacks " << unknown->what << " " << unknown->word;
  }
}

TEST(ShopVocabulary, KnowsEveryWordOfEveryArchitecture) {
  for (int i = 0; i < kPresetCount; ++i) {
    const std::string preset = std::string("architecture=") + kPresets[i].id;
    Names names;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      for (const char* profile : {"faults.profile=everything", "faults.profile=operators"}) {
        make_shop(load("checkout", {preset, profile}))->run({.seed = seed, .tracer = &names});
      }
    }
    const domain::Transport transport = kPresets[i].policy.transport;
    const bool by_events =
        transport == domain::Transport::kBroker || transport == domain::Transport::kInProcess;
    EXPECT_GT(names.names().size(), by_events ? 80u : 30u) << preset << ": a run has many words";
    expect_known(names);
  }
}

TEST(ShopVocabulary, KnowsEveryWordOfEveryScenario) {
  Names names;
  for (const LibraryEntry& entry : library()) {
    make_shop(load(entry.name, {}))->run({.seed = 1, .tracer = &names});
  }
  expect_known(names);
}

TEST(ShopVocabulary, KnowsEveryWordOfEveryPolicy) {
  Names names;
  for (const domain::PolicyEntry& entry : domain::policy_catalog()) {
    for (const domain::PolicyValue& value : entry.values) {
      const std::string policy = std::string("architecture.") + entry.id + "=" + value.id;
      make_shop(load("checkout", {policy}))->run({.seed = 3, .tracer = &names});
    }
  }
  expect_known(names);
}

TEST(ShopVocabulary, KnowsTheRolesGroupsAndTopicsThatThereAre) {
  const faults::Vocabulary& words = shop_vocabulary();
  EXPECT_EQ(words.groups.size(), 7u);
  EXPECT_EQ(words.topics.size(), 14u);
  EXPECT_EQ(words.role_names().size(), 21u);
  using Sort = faults::Vocabulary::Sort;
  EXPECT_EQ(words.role_names(Sort::kDatabase).size(), 7u);
  EXPECT_EQ(words.role_names(Sort::kBroker), std::vector<std::string>{"broker"});
}

}  // namespace
}  // namespace sagasim::scenarios
