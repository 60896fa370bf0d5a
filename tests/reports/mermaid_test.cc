#include "reports/mermaid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/reports/samples.h"

namespace sagasim::reports {
namespace {

using fake::Story;

const sim::Subject kThing('t', 1, 2);

scenarios::Violation violation_at(std::int64_t ms, sim::Subject subject = kThing) {
  return {"END-1", "12 went in; 11: came # out", "thing", sim::kStart + sim::milliseconds(ms),
          subject};
}

std::string diagram_of(const search::Recording& recording, const scenarios::Violation* violation) {
  std::ostringstream out;
  write_mermaid(out, recording, kThing, violation);
  return out.str();
}

TEST(Mermaid, DrawsCallsFaultsAndTheViolation) {
  Story story;
  search::Recording recording;
  Story::play(recording, story.call(1, 10));
  Story::play(recording, story.call(2, 20), Story::crash());
  Story::play(recording, story.call(3, 30), {}, sim::Outcome::kRefused);
  const scenarios::Violation violation = violation_at(25);
  EXPECT_EQ(diagram_of(recording, &violation),
            "sequenceDiagram\n"
            "  %% t1.2: 3 steps, 0 left out\n"
            "  participant P1 as front\n"
            "  participant P2 as back-office\n"
            "  P1->>P2: call ask t1.2 (0.010 s)\n"
            "  P1->>P2: call ask t1.2, never answered (0.020 s)\n"
            "  Note over P1: FAULT front crashes before it sees the answer, back after 2 s\n"
            "  Note over P1: VIOLATION END-1 at 0.025 s, 12 went in  11  came   out\n"
            "  P1->>P2: call ask t1.2, refused (0.030 s)\n");
}

TEST(Mermaid, KeepsWhatIsNearFaultsAndTheViolationAndCountsTheRest) {
  Story story;
  search::Recording recording;
  for (std::uint32_t i = 1; i <= 500; ++i) {
    Story::play(recording, story.call(i, i), i == 100 ? Story::crash() : sim::Effect{});
  }
  const scenarios::Violation violation = violation_at(400);
  const std::string text = diagram_of(recording, &violation);
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 75);
  EXPECT_NE(text.find("500 steps, 440 left out"), std::string::npos) << text;
  EXPECT_NE(text.find("FAULT front crashes"), std::string::npos);
  EXPECT_NE(text.find("(0.400 s)"), std::string::npos);
  EXPECT_NE(text.find("VIOLATION END-1"), std::string::npos);
  EXPECT_NE(text.find("steps left out\n"), std::string::npos);
}

TEST(Mermaid, OfNothingIsStillADiagram) {
  const scenarios::Violation violation = violation_at(5);
  const std::string text = diagram_of(search::Recording(), &violation);
  EXPECT_TRUE(text.starts_with("sequenceDiagram\n"));
  EXPECT_NE(text.find("Note over P1: VIOLATION"), std::string::npos) << text;
}

TEST(Mermaid, LabelsLoseWhatEndsThem) {
  EXPECT_EQ(mermaid_label("a;b:c#d<br>%%\n"), "a b c d br    ");
}

TEST(Mermaid, StoryIsOfTheWorkThatTouchedTheSubjectLast) {
  Story story;
  search::Recording recording;
  sim::Operation touching = story.call(1, 10);
  touching.subject = sim::Subject('s', 1);
  touching.id += 1;
  Story::play(recording, touching);
  EXPECT_EQ(story_subject(recording, violation_at(20, sim::Subject('s', 1))), kThing);
  EXPECT_EQ(story_subject(recording, violation_at(20)), kThing);
  // Nothing touched it: what a fault struck last, or else itself.
  EXPECT_EQ(story_subject(recording, violation_at(20, sim::Subject('q', 9))), sim::Subject('q', 9));
  Story::play(recording, story.call(2, 15), Story::crash());
  EXPECT_EQ(story_subject(recording, violation_at(20, sim::Subject('q', 9))), kThing);
}

TEST(Mermaid, StoryIsOfTheWorkInWhichItCameToLightAndNotOfLookUps) {
  Story story;
  search::Recording recording;
  sim::Operation look = story.call(1, 10);
  look.kind = sim::OperationKind::kStatement;
  look.invocation.subject = sim::Subject('s', 1);
  look.id += 1;
  Story::play(recording, look);
  const sim::Operation writing = story.call(2, 15);
  Story::play(recording, writing);
  scenarios::Violation violation = violation_at(20, sim::Subject('s', 1));
  violation.operation = writing.id;
  EXPECT_EQ(story_subject(recording, violation), kThing);
  // Nothing but the look-up: then it is all there is.
  violation.operation = 0;
  EXPECT_EQ(story_subject(recording, violation), sim::Subject('s', 1));
}

}  // namespace
}  // namespace sagasim::reports
