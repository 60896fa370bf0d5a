// Focus: where a swarm has narrowed a kind to.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "faults/injector.h"

namespace sagasim::faults {
namespace {

using sim::Subject;

const std::vector<std::string> kRoleNames = {"balance", "order", "payment"};

sim::Operation commit_of(const sim::Invocation& invocation) {
  sim::Operation operation;
  operation.invocation = invocation;
  operation.kind = sim::OperationKind::kCommit;
  return operation;
}

sim::Invocation handling(std::uint32_t customer) {
  return {.role = "order",
          .scope = "order",
          .trigger = "PaymentPaid",
          .subject = Subject('c', customer),
          .attempt = 1};
}

// How many of 256 names that differ in one thing alone are accepted.
int accepted(const Focus& focus, const std::function<sim::Invocation(std::uint32_t)>& name) {
  int count = 0;
  for (std::uint32_t i = 0; i < 256; ++i) {
    count += focus.accepts(commit_of(name(i))) ? 1 : 0;
  }
  return count;
}

int among_attempts(const Focus& focus) {
  return accepted(focus, [](std::uint32_t i) {
    sim::Invocation name = handling(1);
    name.attempt = i + 1;
    return name;
  });
}

int among_keys(const Focus& focus) { return accepted(focus, handling); }

int among_topics(const Focus& focus) {
  static std::vector<std::string> topics;
  for (std::size_t i = topics.size(); i < 256; ++i) {
    topics.push_back("topic" + std::to_string(i));
  }
  return accepted(focus, [](std::uint32_t i) {
    sim::Invocation name = handling(1);
    name.trigger = sim::Name(topics[i].c_str());
    return name;
  });
}

int among_roles(const Focus& focus) {
  return accepted(focus, [](std::uint32_t i) {
    sim::Invocation name = handling(1);
    name.role = sim::Name(kRoleNames[i % 3].c_str());
    return name;
  });
}

bool is_share(int count) { return count > 0 && count < 256; }

std::string sort_of(const Focus& focus) {
  if (is_share(among_attempts(focus))) return "bursts";
  if (is_share(among_keys(focus))) return "keys";
  if (is_share(among_topics(focus))) return "topics";
  if (is_share(among_roles(focus))) return "a role";
  return focus.factor() == 1 ? "everywhere" : "nowhere that is known here";
}

TEST(Focus, OfEachSortOccurs) {
  std::map<std::string, int> sorts;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    ++sorts[sort_of(Focus(sim::Random(seed), Kind::kDrop, kRoleNames))];
  }
  EXPECT_EQ(sorts.size(), 5u);
  EXPECT_GT(sorts["everywhere"], 150);
  for (const char* narrow : {"a role", "keys", "topics", "bursts"}) {
    EXPECT_GT(sorts[narrow], 20) << narrow;
  }
}

TEST(Focus, StrikesAboutAsMuchInAll) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Focus focus(sim::Random(seed), Kind::kDrop, kRoleNames);
    const std::string sort = sort_of(focus);
    const int count = sort == "bursts" ? among_attempts(focus)
                      : sort == "keys" ? among_keys(focus)
                                       : among_topics(focus);
    if (sort != "a role") {  // those have very different amounts of work
      EXPECT_GT(count * static_cast<int>(focus.factor()), 256 / 2) << sort;
      EXPECT_LT(count * static_cast<int>(focus.factor()), 256 * 2) << sort;
    }
  }
}

TEST(Focus, IsAFunctionOfTheName) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Focus focus(sim::Random(seed), Kind::kDrop, kRoleNames);
    const Focus again(sim::Random(seed), Kind::kDrop, kRoleNames);
    for (std::uint32_t customer = 0; customer < 64; ++customer) {
      sim::Operation operation = commit_of(handling(customer));
      const bool accepts = focus.accepts(operation);
      operation.at = sim::kStart + sim::seconds(customer);
      operation.id = customer;
      operation.cause = customer;
      EXPECT_EQ(again.accepts(operation), accepts);
    }
  }
}

TEST(Focus, OfTwoKindsDiffers) {
  int different = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const sim::Random random(seed);
    const bool same = sort_of(Focus(random, Kind::kDrop, kRoleNames)) ==
                      sort_of(Focus(random, Kind::kDelay, kRoleNames));
    different += same ? 0 : 1;
  }
  EXPECT_GT(different, 40);
}

TEST(Focus, ByDefaultIsEverywhere) {
  EXPECT_EQ(Focus().factor(), 1u);
  EXPECT_EQ(among_keys(Focus()), 256);
}

}  // namespace
}  // namespace sagasim::faults
