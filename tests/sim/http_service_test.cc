#include "sim/http_service.h"

#include <gtest/gtest.h>

#include "tests/sim/strike_one.h"
#include "tests/sim/toy.h"

namespace sagasim::sim {
namespace {

using toy::Note;
using toy::Toy;

constexpr Subject kAbout('c', 1);

struct Answers {
  std::vector<HttpStatus> statuses;
  std::vector<std::int64_t> values;
};

// A toy whose scripts also write down what the service answered.
struct Paying : Toy {
  explicit Paying(const toy::ToyOptions& options = {}) : Toy(toy::no_script, options) {}
  ~Paying() override { world.shut_down(); }
  void undo(std::uint64_t, const Payload&) override { ++undone; }
  Answers answers;
  int undone = 0;
};

Task<> pay_with(Toy* toy, Context context, std::uint64_t key, std::int64_t value) {
  auto request = toy->gateway.request(context, toy->payment(key, kAbout, value));
  const HttpReply reply = co_await request;
  Answers& answers = static_cast<Paying*>(toy)->answers;
  answers.statuses.push_back(reply.status);
  answers.values.push_back(reply.body.empty() ? 0 : reply.body.as<Note>().value);
}

Task<> pay_five(Toy* toy, Context context) {
  auto pay = pay_with(toy, context, 7, 5);
  co_await std::move(pay);
}

Task<> pay_six(Toy* toy, Context context) {
  auto pay = pay_with(toy, context, 7, 6);
  co_await std::move(pay);
}

Task<> pay_without_a_key(Toy* toy, Context context) {
  auto pay = pay_with(toy, context, 0, 5);
  co_await std::move(pay);
}

void run(Paying& toy, toy::Script script, std::uint32_t number) {
  toy.start(script, Subject('t', number));
  EXPECT_TRUE(toy.run());
}

TEST(HttpService, AnswersTheSameKeyAndBodyFromWhatItStored) {
  Paying toy;
  toy.run();
  run(toy, pay_five, 1);
  run(toy, pay_five, 2);
  EXPECT_EQ(toy.charged, 1);
  EXPECT_EQ(toy.answers.values, (std::vector<std::int64_t>{5, 5}));
}

TEST(HttpService, RefusesTheSameKeyWithAnotherBody) {
  Paying toy;
  toy.run();
  run(toy, pay_five, 1);
  run(toy, pay_six, 2);
  EXPECT_EQ(toy.charged, 1);
  EXPECT_EQ(toy.answers.statuses[1], HttpStatus::kMismatch);
}

TEST(HttpService, SaysSoWhileTheFirstRequestIsInProgress) {
  Paying toy;
  toy.run();
  toy.start(pay_five, Subject('t', 1));
  toy.start(pay_five, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.charged, 1);
  EXPECT_EQ(toy.answers.statuses[0], HttpStatus::kInProgress);
  EXPECT_EQ(toy.answers.statuses[1], HttpStatus::kDone);
}

TEST(HttpService, DoesEveryRequestWithoutAKey) {
  Paying toy;
  toy.run();
  run(toy, pay_without_a_key, 1);
  run(toy, pay_without_a_key, 2);
  EXPECT_EQ(toy.charged, 2);
}

TEST(HttpService, RemembersItsAnswersThroughACrashAndFreesTheKeyOfWhatItHadNotDecided) {
  Paying toy;
  toy.run();
  run(toy, pay_five, 1);
  toy.bank.crash(seconds(1), 0);
  toy.run();
  run(toy, pay_five, 2);
  EXPECT_EQ(toy.charged, 1);

  // One that dies over a request leaves nothing of it: the key is not in use for ever.
  Paying dying({.bank = {.processing = {seconds(2), seconds(3)}}});
  dying.run(Duration{});
  dying.start(pay_five, Subject('t', 1));
  dying.run(seconds(1));
  dying.bank.crash(seconds(1), 0);
  dying.run();
  EXPECT_EQ(dying.charged, 0);
  run(dying, pay_five, 2);
  EXPECT_EQ(dying.charged, 1);
  EXPECT_EQ(dying.answers.statuses.back(), HttpStatus::kDone);
}

TEST(HttpService, ForgetsAKeyWhenItsTimeIsOverAndNotBefore) {
  Paying toy({.bank = {.key_lifetime = seconds(60)}});
  toy.run(Duration{});
  const std::int64_t asked_at[] = {0, 59, 61};  // in seconds
  const int charged[] = {1, 1, 2};
  for (std::uint32_t i = 0; i < 3; ++i) {
    toy.world.schedule_fault(kStart + seconds(asked_at[i]), i + 1,
                             [&toy, i] { toy.start(pay_five, Subject('t', i + 1)); });
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.charged, charged[i]);
  }
}

Task<> about_key(Toy* toy, Context context, HttpRequest::Kind kind) {
  HttpRequest asking = toy->payment(7, kAbout);
  asking.kind = kind;
  auto request = toy->gateway.request(context, std::move(asking));
  const HttpReply reply = co_await request;
  Answers& answers = static_cast<Paying*>(toy)->answers;
  answers.statuses.push_back(reply.status);
  answers.values.push_back(reply.body.empty() ? 0 : reply.body.as<Note>().value);
}

Task<> ask(Toy* toy, Context context) { return about_key(toy, context, HttpRequest::Kind::kAsk); }
Task<> make_void(Toy* toy, Context context) {
  return about_key(toy, context, HttpRequest::Kind::kVoid);
}

using Statuses = std::vector<HttpStatus>;

TEST(HttpService, TellsWhoAsksWhatBecameOfAKeyAndDoesNothing) {
  Paying toy;
  toy.run();
  run(toy, ask, 1);
  run(toy, pay_five, 2);
  run(toy, ask, 3);
  EXPECT_EQ(toy.answers.statuses,
            (Statuses{HttpStatus::kNotFound, HttpStatus::kDone, HttpStatus::kDone}));
  EXPECT_EQ(toy.answers.values.back(), 5);
  EXPECT_EQ(toy.charged, 1);
}

TEST(HttpService, UndoesWhatIsVoidedOnce) {
  Paying toy;
  toy.run();
  run(toy, pay_five, 1);
  run(toy, make_void, 2);
  run(toy, make_void, 3);
  run(toy, pay_five, 4);
  EXPECT_EQ(toy.charged, 1);
  EXPECT_EQ(toy.undone, 1);
  EXPECT_EQ(toy.answers.statuses, (Statuses{HttpStatus::kDone, HttpStatus::kVoided,
                                            HttpStatus::kVoided, HttpStatus::kVoided}));
}

// The request is given up, voided, and arrives afterwards.
TEST(HttpService, DoesNotDoWhatArrivesAfterItWasVoided) {
  StrikeOne late(OperationKind::kRequest, "pay",
                 {.kind = Effect::Kind::kLate, .duration = seconds(10)});
  Paying toy;
  toy.world.set_interceptor(&late);
  toy.run(Duration{});
  toy.start(pay_five, Subject('t', 1));
  toy.run(seconds(11));
  EXPECT_TRUE(late.struck());
  toy.start(make_void, Subject('t', 2));
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.charged, 0);
  EXPECT_EQ(toy.undone, 0);
}

TEST(HttpService, CallsBackAfterTheAnswerOrBeforeIt) {
  int before = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Paying toy({.seed = seed,
                .bank = {.callback_method = "paid",
                         .callback_delay = {milliseconds(1), milliseconds(60)}}});
    toy.run(Duration{});
    toy.start(pay_five, Subject('t', 1));
    while (toy.answers.statuses.empty()) {
      toy.world.scheduler().step();
    }
    before += toy.served.empty() ? 0 : 1;
    EXPECT_TRUE(toy.run());
    EXPECT_EQ(toy.served.size(), 1u);
  }
  EXPECT_GT(before, 0);
  EXPECT_LT(before, 20);
}

TEST(HttpService, CallsBackAgainIfItDoesNotHearThatItWasHeard) {
  for (const auto kind : {Effect::Kind::kReplyLost, Effect::Kind::kDrop, Effect::Kind::kLate}) {
    StrikeOne unheard(OperationKind::kCall, "paid", {.kind = kind, .duration = seconds(1)});
    Paying toy({.bank = {.callback_method = "paid"}});
    toy.world.set_interceptor(&unheard);
    toy.run(Duration{});
    toy.start(pay_five, Subject('t', 1));
    EXPECT_TRUE(toy.run());
    EXPECT_TRUE(unheard.struck());
    EXPECT_EQ(toy.served.size(), kind == Effect::Kind::kDrop ? 1u : 2u);
  }
}

TEST(HttpService, CallsBackAfterACrashWhatItHadNotToldBefore) {
  Paying toy({.bank = {.callback_method = "paid", .callback_delay = {seconds(1), seconds(2)}}});
  toy.run(Duration{});
  toy.start(pay_five, Subject('t', 1));
  toy.run(milliseconds(900));
  EXPECT_EQ(toy.charged, 1);
  toy.bank.crash(seconds(60), 0);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.served.size(), 1u);
  EXPECT_GT(toy.served.at(0), kStart + seconds(60));
}

// It is back before the call that it made meanwhile is answered, and hears the answer.
TEST(HttpService, CallsBackOnceIfItIsBackInTimeForTheAnswer) {
  StrikeOne slow(OperationKind::kCall, "paid",
                 {.kind = Effect::Kind::kDelay, .duration = seconds(2)});
  Paying toy(
      {.bank = {.callback_method = "paid", .callback_delay = {milliseconds(1), milliseconds(2)}}});
  toy.world.set_interceptor(&slow);
  toy.run(Duration{});
  toy.start(pay_five, Subject('t', 1));
  toy.run(seconds(1));
  EXPECT_TRUE(slow.struck());
  toy.bank.crash(milliseconds(100), 0);
  EXPECT_TRUE(toy.run());
  EXPECT_EQ(toy.served.size(), 1u);
}

}  // namespace
}  // namespace sagasim::sim
