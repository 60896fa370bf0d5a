#include "sim/operation.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/random.h"
#include "tests/sim/bustle.h"

namespace sagasim::sim {
namespace {

Operation operation_of(const Invocation& invocation, OperationKind kind, Name detail,
                       Subject subject, std::uint32_t ordinal, std::uint32_t duplicate) {
  Operation operation;
  operation.invocation = invocation;
  operation.kind = kind;
  operation.detail = detail;
  operation.subject = subject;
  operation.ordinal = ordinal;
  operation.duplicate = duplicate;
  operation.id = operation_identity(
      operation_base(invocation.id(), kind, detail.hash(), subject.bits()), ordinal, duplicate);
  return operation;
}

TEST(OperationName, StandsForItsIdentity) {
  const Name words[] = {"", "order", "get_user", "Order-Created"};
  std::uint64_t state = 1;
  const auto choose = [&](std::uint64_t bound) {
    state = mix(state);
    return static_cast<std::uint32_t>(below(state, bound));
  };
  const auto subject = [&] {
    const std::uint32_t major = choose(40) + 1;
    const std::uint32_t minor = choose(3);
    return choose(5) == 0 ? Subject() : Subject('c', major, minor);
  };
  for (int i = 0; i < 5'000; ++i) {
    Invocation invocation;
    invocation.role = words[1 + choose(3)];
    invocation.scope = words[1 + choose(3)];
    invocation.trigger = words[choose(4)];
    invocation.subject = subject();
    invocation.version = choose(3);
    invocation.copy = choose(3) << 16 | choose(3);
    invocation.attempt = choose(3) + 1;
    const auto kind = static_cast<OperationKind>(choose(kOperationKinds));
    const Name detail = words[choose(4)];
    const std::uint32_t ordinal = choose(3) + 1;
    const Operation operation =
        operation_of(invocation, kind, detail, subject(), ordinal, choose(3));
    ASSERT_EQ(identity_of(to_text(operation)), operation.id) << to_text(operation);
  }
}

TEST(OperationName, ReadsAsRoleScopeTriggerSubjectAndWhatIsDone) {
  Invocation invocation{
      .role = "balance", .scope = "readers", .trigger = "Noted", .subject = Subject('c', 2, 3)};
  invocation.attempt = 2;
  const Operation operation =
      operation_of(invocation, OperationKind::kCommit, "", Subject('c', 2, 3), 1, 0);
  EXPECT_EQ(to_text(operation), "balance/readers:Noted(c2.3)~2/commit(c2.3)");
}

TEST(OperationName, IsRefusedWhereItIsNotOne) {
  for (const char* text :
       {"", "order", "order/", "a/b(c1)", "a/b(c1)/", "a/b(c1)/commit", "a/b(c1)/commit(c1",
        "a/b(c1)/commit(c1)x", "a/b(c1)/no-such-kind(c1)", "a/b(c0)/commit(c1)",
        "a/b(c1,)/commit(c1)", "a/b(c1)~/commit(c1)", "a/b(c1)+/commit(c1)", "a/b(c1)/commit(c1)#",
        "a/b(c1)/commit(c1)+d", "a/b(c1)/commit(c99999999999)"}) {
    EXPECT_FALSE(identity_of(text).has_value()) << text;
  }
}

TEST(Copies, OfWhatWasNeverDuplicatedAreItself) {
  EXPECT_EQ(duplicated(0, Repeated::kNot), 0u);
  EXPECT_EQ(duplicated(resent(0), Repeated::kNot), resent(0));
}

TEST(Copies, OfCopiesHaveNamesOfTheirOwn) {
  std::set<std::uint32_t> copies = {0, resent(0)};
  for (const Repeated how : {Repeated::kAppend, Repeated::kDelivery, Repeated::kCall}) {
    copies.insert(duplicated(0, how));
    copies.insert(duplicated(resent(0), how));
    for (const Repeated again : {Repeated::kAppend, Repeated::kDelivery, Repeated::kCall}) {
      copies.insert(duplicated(duplicated(0, how), again));
    }
  }
  EXPECT_EQ(copies.size(), 2u + 6u + 9u);
}

// Counts how often each identity begins.
class Census final : public Interceptor {
 public:
  explicit Census(Effect effect, std::uint64_t one_in) : effect_(effect), one_in_(one_in) {}
  Effect decide(const Operation& operation) override {
    EXPECT_EQ(++count_[operation.id], 1) << to_text(operation) << " begins twice";
    const bool strikes = operation.duplicate == 0 && operation.kind != OperationKind::kTimer &&
                         below(mix(operation.id), one_in_) == 0;
    return strikes ? effect_ : Effect{};
  }

 private:
  const Effect effect_;
  const std::uint64_t one_in_;
  std::map<std::uint64_t, int> count_;
};

TEST(Identity, IsUniqueInARunWhateverIsDuplicatedRepeatedOrRestarted) {
  using Kind = Effect::Kind;
  for (const Kind kind : {Kind::kNone, Kind::kDuplicate, Kind::kReplyLost, Kind::kCrash}) {
    for (std::uint64_t one_in = 2; one_in < 12; one_in += 3) {
      Census census(Effect{.kind = kind, .phase = Phase::kUnseen, .duration = seconds(1)}, one_in);
      toy::Bustle bustle(one_in, &census);
      bustle.run(seconds(120));
    }
  }
}

Task<> ask_about_one_thing(toy::Toy* toy, Context context) {
  auto call = toy->workers.call(context, "ask", Subject('p', 1), toy->note(Subject('p', 1)));
  const Reply reply = co_await call;
  toy->saw(reply.outcome);
}

TEST(Identity, IsUniqueWhereTwoAskForTheSame) {
  Census census(Effect{}, 1);
  toy::Toy toy;
  toy.world.set_interceptor(&census);
  toy.before_answer = toy::answer_with_a_transaction;
  toy.run();
  toy.start(ask_about_one_thing, Subject('c', 1));
  toy.start(ask_about_one_thing, Subject('c', 2));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.amount(Subject('p', 1)), 2);
}

}  // namespace
}  // namespace sagasim::sim
