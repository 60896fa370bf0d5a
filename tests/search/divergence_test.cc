#include "search/divergence.h"

#include <gtest/gtest.h>

#include "tests/search/story.h"

namespace sagasim::search {
namespace {

using fake::Story;

TEST(Divergence, EqualRunsHaveNone) {
  Story story;
  Recording first;
  Recording second;
  for (Recording* recording : {&first, &second}) {
    Story::play(*recording, story.call(1, 10));
    Story::play(*recording, story.call(2, 20), Story::crash());
  }
  EXPECT_FALSE(first_divergence(first, second).has_value());
}

TEST(Divergence, NamesTheFirstOperationThatDiffers) {
  Story story;
  Recording first;
  Recording second;
  Story::play(first, story.call(1, 10));
  Story::play(first, story.call(2, 20));
  Story::play(second, story.call(1, 10));
  Story::play(second, story.call(3, 20));
  const auto divergence = first_divergence(first, second);
  ASSERT_TRUE(divergence.has_value());
  EXPECT_EQ(divergence->position, 1u);
  EXPECT_EQ(divergence->what, "operation");
  EXPECT_NE(divergence->first.find("front/desk(t1.2)/call:ask(t1.2)#2"), std::string::npos)
      << divergence->first;
  EXPECT_NE(divergence->second.find("#3"), std::string::npos) << divergence->second;
}

TEST(Divergence, TellsTimeEffectAndOutcomeApart) {
  Story story;
  const auto what = [&](const sim::Operation& a, const sim::Effect& effect_a, sim::Outcome out_a,
                        const sim::Operation& b, const sim::Effect& effect_b, sim::Outcome out_b) {
    Recording first;
    Recording second;
    Story::play(first, a, effect_a, out_a);
    Story::play(second, b, effect_b, out_b);
    const auto divergence = first_divergence(first, second);
    return divergence ? divergence->what : "";
  };
  const auto ok = sim::Outcome::kOk;
  EXPECT_EQ(what(story.call(1, 10), {}, ok, story.call(1, 11), {}, ok), "time");
  EXPECT_EQ(what(story.call(1, 10), {}, ok, story.call(1, 10), Story::crash(), ok), "effect");
  EXPECT_EQ(what(story.call(1, 10), {}, ok, story.call(1, 10), {}, sim::Outcome::kRefused),
            "outcome");
}

TEST(Divergence, OneRunGoesOnWhereTheOtherHadEnded) {
  Story story;
  Recording first;
  Recording second;
  Story::play(first, story.call(1, 10));
  Story::play(second, story.call(1, 10));
  Story::play(second, story.call(2, 20));
  const auto divergence = first_divergence(first, second);
  ASSERT_TRUE(divergence.has_value());
  EXPECT_TRUE(divergence->first.empty());
  EXPECT_FALSE(divergence->second.empty());
}

TEST(Recording, KeepsWhatFitsAndCountsTheRest) {
  Story story;
  Recording recording(2);
  for (std::uint32_t i = 1; i <= 5; ++i) {
    Story::play(recording, story.call(i, 10 * i));
  }
  EXPECT_EQ(recording.operations().size(), 2u);
  EXPECT_EQ(recording.left_out(), 3u);
  EXPECT_FALSE(recording.find(story.call(5, 50).id).has_value());
}

TEST(Recording, KnowsRolesOutcomesAndCauses) {
  Story story;
  Recording recording;
  const sim::Operation first = story.call(1, 10);
  sim::Operation second = story.call(2, 20);
  second.cause = first.id;
  Story::play(recording, first);
  Story::play(recording, second, Story::crash());
  recording.on_cause(99, second.id);
  recording.on_cause(99, second.id);
  const RecordedOperation& recorded = recording.operations()[0];
  EXPECT_STREQ(recorded.initiator.text(), "front");
  EXPECT_STREQ(recorded.receiver.text(), "back-office");
  EXPECT_EQ(recorded.operation.initiator, nullptr);
  EXPECT_EQ(recorded.outcome, sim::Outcome::kOk);
  EXPECT_FALSE(recording.operations()[1].outcome.has_value());
  EXPECT_EQ(recording.causes_of(second.id), (std::vector<std::uint64_t>{first.id, 99}));
}

}  // namespace
}  // namespace sagasim::search
