#include "sim/http_service.h"

#include <gtest/gtest.h>

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
  Answers answers;
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
}

}  // namespace
}  // namespace sagasim::sim
