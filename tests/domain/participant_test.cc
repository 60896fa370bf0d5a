// The decision table of the participants, every cell of it.
#include "domain/participant.h"

#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <string>

namespace sagasim::domain {
namespace {

using State = ParticipantState;
using Action = ParticipantAction;

struct Cell {
  State state;
  EventType trigger;
  Action action;
};

constexpr Cell kTable[] = {
    {State::kNone, EventType::kOrderCreated, Action::kApply},
    {State::kNone, EventType::kOrderFailed, Action::kMark},
    {State::kApplied, EventType::kOrderCreated, Action::kNothing},
    {State::kApplied, EventType::kOrderFailed, Action::kCompensate},
    {State::kRejected, EventType::kOrderCreated, Action::kNothing},
    {State::kRejected, EventType::kOrderFailed, Action::kNothing},
    {State::kCompensated, EventType::kOrderCreated, Action::kNothing},
    {State::kCompensated, EventType::kOrderFailed, Action::kNothing},
    {State::kTombstone, EventType::kOrderCreated, Action::kRejectLate},
    {State::kTombstone, EventType::kOrderFailed, Action::kNothing},
    {State::kRejectedLate, EventType::kOrderCreated, Action::kNothing},
    {State::kRejectedLate, EventType::kOrderFailed, Action::kNothing},
    {State::kSeen, EventType::kOrderCreated, Action::kNothing},
    {State::kSeen, EventType::kOrderFailed, Action::kNothing},
};

TEST(Participant, DecidesByStateAndEventAlone) {
  for (const Cell& cell : kTable) {
    EXPECT_EQ(decide(cell.state, cell.trigger), cell.action)
        << to_text(cell.state) << " and " << to_text(cell.trigger);
  }
}

TEST(Participant, HasAWordForEveryStateOfTheTable) {
  std::set<std::string> words;
  for (const Cell& cell : kTable) {
    words.insert(to_text(cell.state));
  }
  EXPECT_EQ(words.size() * 2, std::size(kTable));
  EXPECT_FALSE(words.contains("?"));
}

// What it does brings it to a state in which neither event makes it do anything more, but for the
// one failure that may still undo what was applied.
TEST(Participant, ActsAtMostOnceInEachDirection) {
  for (const Cell& cell : kTable) {
    const bool done = cell.state != State::kNone && cell.state != State::kApplied &&
                      cell.state != State::kTombstone;
    if (done) {
      EXPECT_EQ(decide(cell.state, cell.trigger), Action::kNothing) << to_text(cell.state);
    }
  }
  EXPECT_EQ(decide(State::kApplied, EventType::kOrderCreated), Action::kNothing);
  EXPECT_EQ(decide(State::kTombstone, EventType::kOrderFailed), Action::kNothing);
}

}  // namespace
}  // namespace sagasim::domain
