// What each policy is worth: one flow, one fault by name, and the same fault again under the policy
// that stands up to it.
#include "domain/policy.h"

#include <gtest/gtest.h>

#include "sagasim/testing.h"

namespace sagasim::domain {
namespace {

using faults::Kind;
using sim::milliseconds;
using sim::seconds;

constexpr const char* kCommit = "balance/balance:OrderCreated(c1.1,1)/commit(c1.1)";
constexpr const char* kSecondCommit = "balance/balance:OrderCreated(c1.1,1)/commit(c1.1)#2";
constexpr const char* kAppend = "balance/balance:OrderCreated(c1.1,1)/append:BalanceUsed(c1.1)";
constexpr const char* kRelay = "balance/relay:BalanceUsed(c1.1,1)/append:BalanceUsed(c1.1)";
constexpr const char* kDelivery = "balance/balance:OrderCreated(c1.1,1)/delivery(c1.1)";

// One order over 2,000 by u1, who has 10,000; what strikes it strikes at Balance.
class PolicyTest : public Story {
 protected:
  PolicyTest() { order("c1.1").of("p1", 2); }

  void expect_sound() {
    EXPECT_EQ(broken(), Ids{}) << complaints();
    EXPECT_EQ(status("c1.1"), "COMPLETED");
    EXPECT_EQ(balance("u1"), 8'000);
  }
  void expect_broken(std::initializer_list<const char*> wanted) {
    const Ids found = broken();
    for (const char* id : wanted) {
      EXPECT_TRUE(found.contains(id)) << id << " is not among\n" << complaints();
    }
  }
};

// --- publish ---

TEST_F(PolicyTest, TheOutboxKeepsTheEventOfAProcessThatDiesUponItsCommit) {
  fault(Kind::kCrashUnseen, kCommit, seconds(1));
  run();
  expect_sound();
}

TEST_F(PolicyTest, TheOutboxTriesAgainWhenTheBrokerDoesNotHear) {
  fault(Kind::kNotDone, kRelay);
  run();
  expect_sound();
}

// The relay has sent the event, and dies before it has removed the row.
TEST_F(PolicyTest, TheOutboxSendsAgainWhatItsRelayHadNotMarkedWhenItDied) {
  fault(Kind::kCrashSeen, kRelay, seconds(1));
  run();
  EXPECT_EQ(events(EventType::kBalanceUsed), 2u);
  expect_sound();
}

TEST_F(PolicyTest, TheOutboxSendsAgainAndAConsumerWithoutAnyGuardActsTwice) {
  policy.consume = Consume::kNone;
  policy.natural_keys = Switch::kOff;
  fault(Kind::kCrashSeen, "order/relay:OrderCreated(c1.1,1)/append:OrderCreated(c1.1)", seconds(1));
  run();
  EXPECT_EQ(events(EventType::kOrderCreated), 2u);
  EXPECT_FALSE(broken().empty());
}

TEST_F(PolicyTest, EveryInstanceThatRelaysSendsEverythingOnceMore) {
  policy.relay = Relay::kEveryInstance;
  options.instances = 3;
  options.relay_interval = sim::milliseconds(1);  // all have seen the row before one removes it
  run();
  EXPECT_EQ(events(EventType::kBalanceUsed), 3u);
  EXPECT_EQ(events(EventType::kOrderCreated), 3u);
  expect_sound();  // the inbox sees to that
}

TEST_F(PolicyTest, OneInstanceRelaysWhatItIsResponsibleFor) {
  options.instances = 3;
  options.relay_interval = sim::milliseconds(1);
  run();
  EXPECT_EQ(events(EventType::kBalanceUsed), 1u);
  expect_sound();
}

TEST_F(PolicyTest, PublishedAfterTheCommitAnEventIsLostIfItsProcessDiesBeforeItKnows) {
  policy.publish = Publish::kAfterCommit;
  fault(Kind::kCrashUnseen, kCommit, seconds(1));
  run();
  EXPECT_EQ(status("c1.1"), "CREATED");
  EXPECT_EQ(balance("u1"), 8'000);
  EXPECT_EQ(events(EventType::kBalanceUsed), 0u);
  expect_broken({"EVT-2", "LIV-1"});
}

TEST_F(PolicyTest, PublishedAfterTheCommitAnEventIsLostIfItsProcessDiesOnceItKnows) {
  policy.publish = Publish::kAfterCommit;
  fault(Kind::kCrashSeen, kCommit, seconds(1));
  run();
  EXPECT_EQ(events(EventType::kBalanceUsed), 0u);
  expect_broken({"EVT-2", "LIV-1"});
}

TEST_F(PolicyTest, PublishedAfterTheCommitAnEventIsLostIfTheBrokerDoesNotHear) {
  policy.publish = Publish::kAfterCommit;
  fault(Kind::kNotDone, kAppend);
  run();
  EXPECT_EQ(events(EventType::kBalanceUsed), 0u);
  expect_broken({"EVT-2", "LIV-1"});
}

TEST_F(PolicyTest, PublishedAfterTheCommitNothingUncommittedIsTold) {
  policy.publish = Publish::kAfterCommit;
  fault(Kind::kFail, kCommit);
  run();
  expect_sound();
}

TEST_F(PolicyTest, PublishedBeforeTheCommitAnEventIsAheadOfItsTruthEvenWithoutAFault) {
  policy.publish = Publish::kBeforeCommit;
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(broken(), Ids({"EVT-1"})) << complaints();
}

TEST_F(PolicyTest, PublishedBeforeTheCommitAnEventTellsOfWhatIsNotSo) {
  policy.publish = Publish::kBeforeCommit;
  fault(Kind::kFail, kCommit);
  run();
  EXPECT_EQ(events(EventType::kBalanceUsed), 2u);
  expect_broken({"EVT-1"});
}

TEST_F(PolicyTest, PublishedBeforeTheCommitAnEventThatTheBrokerDoesNotHearKeepsTheCommitBack) {
  policy.publish = Publish::kBeforeCommit;
  fault(Kind::kNotDone, kAppend);
  run();
  EXPECT_EQ(status("c1.1"), "COMPLETED");
  EXPECT_EQ(balance("u1"), 8'000);
  EXPECT_EQ(broken(), Ids({"EVT-1"})) << complaints();
}

TEST_F(PolicyTest, PublishedInTheMiddleAnEventOutlivesItsTransaction) {
  policy.publish = Publish::kDirect;
  fault(Kind::kFail, kCommit);
  run();
  EXPECT_EQ(events(EventType::kBalanceUsed), 2u);
  expect_broken({"EVT-1"});
}

TEST_F(PolicyTest, PublishedInTheMiddleAnEventIsLostIfTheBrokerDoesNotHear) {
  policy.publish = Publish::kDirect;
  fault(Kind::kNotDone, kAppend);
  run();
  EXPECT_EQ(events(EventType::kBalanceUsed), 0u);
  expect_broken({"EVT-2", "LIV-1"});
}

// --- consume and natural keys ---

TEST_F(PolicyTest, WithoutAnyGuardADuplicateDeductsTwice) {
  policy.consume = Consume::kNone;
  policy.natural_keys = Switch::kOff;
  policy.tombstones = Switch::kOff;
  fault(Kind::kDuplicate, kDelivery, seconds(1));
  run();
  EXPECT_EQ(balance("u1"), 6'000);
  expect_broken({"IDM-1", "MON-5", "MON-4"});
}

TEST_F(PolicyTest, TheInboxAloneKeepsADuplicateAway) {
  policy.natural_keys = Switch::kOff;
  policy.tombstones = Switch::kOff;
  fault(Kind::kDuplicate, kDelivery, seconds(1));
  run();
  expect_sound();
}

TEST_F(PolicyTest, NaturalKeysAloneKeepADuplicateAway) {
  policy.consume = Consume::kNone;
  fault(Kind::kDuplicate, kDelivery, seconds(1));
  run();
  expect_sound();
}

TEST_F(PolicyTest, AnInboxOutsideForgetsWhatItsProcessDidBeforeItDied) {
  policy.consume = Consume::kInboxOutside;
  policy.natural_keys = Switch::kOff;
  policy.tombstones = Switch::kOff;
  fault(Kind::kCrashUnseen, kCommit, seconds(1));
  run();
  EXPECT_EQ(balance("u1"), 6'000);
  expect_broken({"IDM-1", "MON-5"});
}

TEST_F(PolicyTest, AnInboxInsideForgetsNothingWhenItsProcessDies) {
  policy.natural_keys = Switch::kOff;
  policy.tombstones = Switch::kOff;
  fault(Kind::kCrashUnseen, kCommit, seconds(1));
  run();
  expect_sound();
}

TEST_F(PolicyTest, NaturalKeysMakeUpForAnInboxOutside) {
  policy.consume = Consume::kInboxOutside;
  fault(Kind::kCrashUnseen, kCommit, seconds(1));
  run();
  expect_sound();
}

TEST_F(PolicyTest, MarkedFirstAnEventIsTakenForDoneThoughItsProcessDiedBeforeItActed) {
  policy.consume = Consume::kMarkedFirst;
  fault(Kind::kCrashSeen, kCommit, seconds(1));
  run();
  EXPECT_EQ(status("c1.1"), "CREATED");
  EXPECT_EQ(balance("u1"), 10'000);
  expect_broken({"LIV-1"});
}

TEST_F(PolicyTest, MarkedFirstAnEventIsTakenForDoneThoughItsEffectWasRefused) {
  policy.consume = Consume::kMarkedFirst;
  fault(Kind::kFail, kSecondCommit);
  run();
  EXPECT_EQ(balance("u1"), 10'000);
  expect_broken({"LIV-1"});
}

// --- tombstones ---

TEST_F(PolicyTest, ATombstoneStopsAnOrderThatItsFailureOvertook) {
  fault(Kind::kDelay, kDelivery, seconds(3));
  cancel("c1.2", "c1.1").at(milliseconds(60));
  run();
  EXPECT_EQ(status("c1.1"), "CANCELED");
  EXPECT_EQ(balance("u1"), 10'000);
  EXPECT_EQ(events(EventType::kBalanceUseFailed), 1u);
  EXPECT_EQ(broken(), Ids{}) << complaints();
}

TEST_F(PolicyTest, WithoutTombstonesAnOrderIsTakenThoughItsFailureOvertookIt) {
  policy.tombstones = Switch::kOff;
  fault(Kind::kDelay, kDelivery, seconds(3));
  cancel("c1.2", "c1.1").at(milliseconds(60));
  run();
  EXPECT_EQ(status("c1.1"), "CANCELED");
  EXPECT_EQ(balance("u1"), 8'000);
  expect_broken({"CMP-2", "CMP-1", "MON-4"});
}

TEST_F(PolicyTest, ATombstoneNeedsNoNaturalKeys) {
  policy.natural_keys = Switch::kOff;
  fault(Kind::kDelay, kDelivery, seconds(3));
  cancel("c1.2", "c1.1").at(milliseconds(60));
  run();
  EXPECT_EQ(balance("u1"), 10'000);
  EXPECT_EQ(broken(), Ids{}) << complaints();
}

// --- the saga's timeout ---

TEST_F(PolicyTest, TheTimeoutEndsAnOrderThatWaitsForALostEvent) {
  policy.publish = Publish::kAfterCommit;
  policy.saga_timeout = seconds(30);
  fault(Kind::kCrashUnseen, kCommit, seconds(1));
  run();
  EXPECT_EQ(status("c1.1"), "CANCELED");
  EXPECT_EQ(reason("c1.1"), Reason::kTimeout);
  EXPECT_EQ(balance("u1"), 10'000);
  EXPECT_EQ(broken(), Ids({"EVT-2"})) << complaints();
}

}  // namespace
}  // namespace sagasim::domain
